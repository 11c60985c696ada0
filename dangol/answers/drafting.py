"""What a language model may see of a question, and what it may say: sentences with slots, each checked before shown.

A slot is `{f3}`, or in Korean `{f3|은/는}` with the particle that follows the value. `{P1}` is a customer: the model
never sees an id. The check knows what is written, not what is meant: it proves that no quantity comes from the model.
"""

import json
import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from dangol.answers.intents import Intent, Language
from dangol.answers.summaries import shown_id
from dangol.answers.words import normalised
from dangol.answers.writing import SLOT, fill
from dangol.errors import DraftRejectedError

MAX_SENTENCE = 600
"""Characters; nobody reads a longer one, and a text without an end is none."""

PARTICLES = frozenset(
    {
        *("은/는", "이/가", "을/를", "과/와", "으로/로", "이나/나", "이며/며", "이고/고"),
        *("이라/라", "이라는/라는", "이어서/여서", "이에요/예요"),
    }
)
PAIRS = {form: pair for pair in ("은/는", "이/가", "을/를", "과/와", "으로/로") for form in pair.split("/")}
PARTICLE = re.compile(rf"\{{(\w+)\}}({'|'.join(PAIRS)})(?![가-힣])")
"""A particle that was left outside its slot, where code could not choose it by the value."""

END = re.compile(r"(?<=[.!?…。！？])\s+|(?<=[.!?…。！？][\"'”’)])\s+|\n+")

LETTERS = re.compile(r"[A-Za-zÀ-ÖØ-öø-ſ가-힣]")
HANGUL = re.compile(r"[가-힣]")
LATIN = re.compile(r"[A-Za-zÀ-ÖØ-öø-ſ]")
SIGNS = frozenset(" .,!?'\"()·:;-–—…‘’“”/~")
BLANKS = frozenset("\u034f\u115f\u1160\u2800\u3164\uffa0")
"""Characters that show nothing although Unicode counts them as letters, marks or symbols."""

NUMBER_MARK, QUANTITY_MARK, CUSTOMER_MARK, WORD_MARK = "■", "□", "○", "◇"
"""Stand for a slot while the words around it are checked, by its value: one that ends with a digit, another one with
digits (its unit follows them), a customer, and a word such as a grade."""
QUANTITY, MARK = "[■□]", "[■□○◇]"
QUOTED_MARK = re.compile(rf"(?<![A-Za-z가-힣])[\"'“‘]({MARK})[\"'”’](?![A-Za-z])")
CURRENCIES = tuple("£$€¥₩")

KOREAN_COUNTER = "명|번|개|건|배|달|가지|사람|차례|살|개월"
KOREAN_COUNTED = (
    f"{KOREAN_COUNTER}|회|분|해|주|날|곳|군데|종류|등급|고객|단골|손님|회원|시간|쌍|점|단계|품목|상품|제품|주문|구매|자리|자릿"
    "|원|년|일|위|퍼센트|프로|파운드|달러|유로|그룹|집단"
)
SINO = "일이삼사오육칠팔구"
COUNTER_ENDS = r"(?![가-힣])|(?=[은는이가을를의에도만씩당과와로쯤간동째]|으로|까지|부터|보다|입니)"
"""A counter alone, or with its particle: 이 명, not 이 명단; 이 회가, not 이 회원."""
NOT_COUNTED = (
    r"(?!(?<=다시 )한 ?번|한 ?(?:명|번|건|회|고객|주문|구매|회원)당|한 (?:고객|명)의 (?:평균|구매 (?:금액|횟수))"
    r"|두 (?:등급|기간|집단|그룹)(?:의|은|간| 사이)"
    r"|(?:(?<=[을를로] )|(?<=(?:많이|자주|처음|함께) ))한 (?:고객|손님|회원|단골|날))"
)
"""한 and 두 that tell no number: once more, per customer, the grades that are compared, customers who did."""
KOREAN_QUANTITY = re.compile(
    "|".join(
        [
            r"(?<![가-힣])(?:하나(?!요)|둘(?!러)|셋|넷|한둘|두엇|서넛)",
            "다섯|여섯|일곱|여덟|아홉|스물|스무|서른|마흔|예순|일흔|여든|아흔",
            "서너|너댓|네댓|대여섯|예닐곱|(?<![가-힣])(?:한두|두세|두어|댓)",
            rf"(?<![가-힣]){NOT_COUNTED}(?:열?(?:한|두|세|네)|석|넉|열|쉰|여러)"
            rf"(?:(?:{KOREAN_COUNTER})| (?:{KOREAN_COUNTED}))",
            r"(?<![가-힣])(?:몇|수많|수[십백천만억]|수 ?(?:개월|차례|년))",
            rf"(?<![가-힣□○◇])(?!만일)(?=[{SINO}]*[십백천만억])[{SINO}십백천만억]{{2,}}"
            rf" ?여? ?(?:{KOREAN_COUNTED}|대|(?![가-힣]))",
            rf"(?<![가-힣A-Za-z□○◇])[십백천만억](?:여 ?)?(?:명|원|건|번|배|개월| (?:{KOREAN_COUNTED}))",
            rf"(?<![가-힣])[{SINO}영](?: ?(?:개월|퍼센트|프로)| (?:회|명|건|원|년|배))(?:{COUNTER_ENDS})",
            rf"(?<![가-힣])[삼육칠팔](?:명|회|건|번|년|원)(?:{COUNTER_ENDS})",
            rf"분의 ?[{SINO}십백]",
            r"(?<![가-힣])반(?:은|이|을|도|만|쯤|가량)?(?![가-힣])",
            "절반|과반|반수|반값|반년|태반|대부분|대다수|상당수|다수|소수|일부(?!러)|전부(?!터)|모두|전원|아무도|유일",
            rf"모든(?! [가-힣{WORD_MARK} ]{{1,12}}의 {QUANTITY})",
            "갑절|곱절|퍼센트|백분율|제로|전무(?!님)|십중팔구|(?<![가-힣])(?:[삼사오육칠팔]할|백이면)",
            r"(?<![가-힣])(?:첫|하루(?! ?(?:되|보내|가 되)))",
            r"(?<![가-힣])(?:이틀|사흘|나흘|닷새|엿새|이레(?![가-힣])|여드레|아흐레|열흘|보름|며칠)",
            "번째|첫째|둘째|셋째|일주일",
        ]
    )
)
NUMERAL = (
    "zero|one|two|three|four|five|six|seven|eight|nine|tens?|eleven|twelve|(?:thir|four|fif|six|seven|eigh|nine)teen"
    "|(?:twen|thir|for|fif|six|seven|eigh|nine)t(?:y|ies)|hundreds?|thousands?|[mb]illions?|trillions?|dozens?"
)
ENGLISH_QUANTITY = re.compile(
    r"\b(?:"
    rf"(?!(?<=the )two (?:grades|periods|groups)\b)(?:{NUMERAL})+|[ivx]{{2,}}|first|seconds?"
    r"|(?:third|fourth|fifth|sixth|seventh|eighth|ninth|tenth)s?|hundredths?|thousandths?"
    r"|hal(?:f|ves|ved?|ving)|quarters?|once(?! again\b)|twice|thrice|doubl\w+|tripl\w+|quadrupl\w+|\w+fold"
    r"|per ?cent\w*|nil|nought|couple|pair|several|few(?:er)?|many(?! thanks\b)|numerous|handful|majority|minority"
    r"|single|sole|some (?:of|customers?|people|orders?|purchases?)|scores? of|none|no-?one|nobody"
    rf"|(?<!{QUANTITY} of )all(?! the best\b)|every(?:one|body)?(?! {QUANTITY})"
    r"|fortnights?|times (?:as|more|less|higher|lower|the)"
    r"|most (?:of|are|have|were|will|buy|bought|customers|people|orders|purchases)"
    r")\b"
)
LINK = re.compile(
    r"//|(?:\bdot|\.) ?(?:com|net|org|kr|io)(?![a-z])|(?<![a-z])www(?![a-z])"
    r"|\w\.(?:[a-z]{2,}|한국|닷컴|닷넷)|\b[a-z]{2,}:\S"
)
LEAVE = r"(?:leav|los[ei]|laps|defect|quit(?!e)|stop\w* (?:buy|shop|order|purchas))"
LEAVING = re.compile(
    r"churn|attrition|이탈(?!리아)|(?:끊길|끊어질|끊을|그만둘|멈출|중단할)[가-힣 ]{0,6}(?:확률|가능성|위험)"
    rf"|\b(?:likel|probab|chance|risk|odds)\w*[\w ]{{0,40}}\b(?:{LEAVE}|lost\b|go(?:es|ing|ne)?\b)"
    rf"|\b{LEAVE}\w*[\w ]{{0,40}}\b(?:likel|probab|chance|risk|odds)|\bat risk\b"
    r"|떠날|떠나갈|돌아오지 않을|발길을 끊|(?:구매|주문|거래)[를을]? ?(?:멈출|중단할|끊을|그만둘)"
    r"|\b(?:will|may|might|could|(?:about|going) to)\b[\w ]{0,20}\b(?:leave\b(?! the window)|quit\b|defect"
    r"|lose (?:an?|the|this|that|these|them)\b(?! grade)|not (?:come back|be back|return)\b)"
)
SPELT = re.compile(r"(?<![a-z'’])(?:[a-z][ .,·/'~\-]+){2,}[a-z](?![a-z])")
GLUED = re.compile(
    rf"{MARK}(?!(?:\)?[,;] | · |\)? ?\(|\) |(?<=[○◇]): ){MARK})[^a-z가-힣]*{MARK}|[a-z._~/:'’\-–—]{MARK}"
    rf"|[■□○][a-z_~/\-–—]|◇(?:[a-z_~/–—]|-(?![a-z]))|{MARK}(?::(?! )|['’](?!s\b))"
)
"""Signs and letters that would make another number or another id of a slot's value: -{f1}, {f1}.{f2}, A{P1}, {f1}k."""
COMPARED = "".join(
    f"(?<!{word} )"
    for word in ("higher", "lower", "larger", "smaller", "greater", "longer", "shorter", "later", "earlier", "better")
)
CHANGED = re.compile(
    r"(?<![가-힣])(?:약|대략|거의|무려|최소한?|최대한?|고작|불과|적어도|많아야|어림잡아|얼추|족히|마이너스|플러스|영하)"
    rf" ?{QUANTITY}"
    r"|\b(?:minus|negative|plus|about|around|approximately|approx\.?|roughly|circa|nearly|almost|over|under|above|below"
    r"|beyond|at least|at most|up to|close to|near|upwards? of|in excess of|in the region of"
    r"|north of|short of|shy of|some|exceed\w*"
    rf"|as (?:many|much|high|low|few|little|long) as) {QUANTITY}"
    rf"|\b{COMPARED}than {QUANTITY}|^[^■□]*\bthan {QUANTITY}"
    rf"|{QUANTITY} ?(?:십|백|천|억|조|배(?!송)|푼|분의|프로)|{QUANTITY}(?:여|할|대(?![가-힣])|대[의에로])"
    r"|■ ?만|□만 ?(?:명|원|건|회|개)"
    rf"|{QUANTITY}[가-힣]{{0,2}} ?(?:이상|이하|미만|초과|넘|쯤|정도|가량|남짓|안팎|내외|이내|가까|웃돌|웃도|밑돌|밑도"
    r"|육박|상회|하회|못 미|훌쩍|언저리)"
    rf"|^[^■□]*{QUANTITY}[가-힣]{{0,2}}보다"
    rf"|{QUANTITY} (?:or (?:more|less|fewer|so|above|over|under|below|higher|lower)|plus|and (?:more|counting|up|above)"
    rf"|at (?:least|most)|squared|(?:per|an?|each|every) (?:day|week|month|year))\b"
    rf"|{QUANTITY},? (?:give or take|or thereabouts)"
    rf"|매(?:일|주|달|월|년) ?{QUANTITY}"
)
"""Words that make more or less of a slot's value than the fact says; a comparison names what is compared before it."""

FORBIDDEN = (
    ("a quantity outside a slot", KOREAN_QUANTITY),
    ("a quantity outside a slot", ENGLISH_QUANTITY),
    ("letters that are spelt out", SPELT),
    ("a link", LINK),
    ("a guess who will leave", LEAVING),
    ("another number or id, joined to a slot", GLUED),
    ("a word that changes a slot's value", CHANGED),
)

EMAIL = re.compile(r"[\w.+%-]+@[\w-]+(?:\.[\w-]+)+")
LONG_NUMBER = re.compile(r"(?<!\d)(?:\d{6}-?[1-8]\d{6}|(?:\d{4}[ -]?){3}\d{4})(?!\d)")
"""Resident registration numbers and payment cards."""
PHONE = re.compile(
    r"\+\d[\d ().-]{7,}\d|(?<![\w.,-])\(?0\d{1,4}\)?[ .-]?\d{3,4}[ .-]?\d{3,4}(?!\d)"
    r"|(?<![\w.,-])1(?:[016789]-\d{3,4}|[568]\d\d)-\d{4}(?!\d)|공[일십]공[공영일이삼사오육칠팔구 -]{6,}"
)
SURNAME = "[김이박최정강조윤장임한오서신권황안송류유홍전고문양손배백허남심노하곽성차주우구민진나지엄채원천방공현함변염]"
TITLED = re.compile(
    rf"(?<![가-힣])(?!고객|주인|주주|방문|선생|사장|부장|과장|차장|원장)(?:{SURNAME}[가-힣]{{1,2}} ?"
    r"(?:씨(?=[은는이가의도께]|에게|[^가-힣]|$)|(?:대표|팀장|과장|부장|사장|선생)?님)"
    rf"|{SURNAME}[가-힣](?![한된던는의위적진간])[가-힣] ?(?:고객|회원|손)님)"
)
INTRODUCED = re.compile(
    r"(?P<before>\b(?:Mr|Mrs|Ms|Miss|Dr|Dear|named|called|name is)\.? +)[A-Z][\w'’-]+(?: +[A-Z][\w'’-]+)*"
    r"|(?P<customer>\b[Cc]ustomer +)[A-Z][a-z'’-]+ +[A-Z][a-z'’-]+|(?P<korean>(?:이름|성함)[은이]? ?)[가-힣]{2,4}"
)


@dataclass(frozen=True)
class Brief:
    """What a model is asked to put into words.

    `facts`: slot id such as "f3", what it is in words, the displayed value. `rows`: texts of `summaries` rows inside
    the scope, untrusted. `definition`: of the query. `customer_ids`: every id that the question, the facts or the rows
    name. `group_size`: customers of the group that is described; null when it is about customers one by one.
    `grade_names`: in both languages; a model may not write one outside a slot.
    """

    intent: Intent
    language: Language
    question: str
    facts: tuple[tuple[str, str, str], ...]
    rows: tuple[str, ...]
    definition: str
    customer_ids: tuple[str, ...] = ()
    group_size: int | None = None
    grade_names: tuple[str, ...] = ()


@dataclass(frozen=True)
class Sheet:
    """A brief as it is sent, without a customer id or personal data: JSON texts. `slots`: the values to fill in."""

    question: str
    facts: str
    rows: str
    definition: str
    slots: Mapping[str, str]


def sheet(brief: Brief) -> Sheet:
    """What a model gets to see of a brief, and the values that it does not write itself."""

    def seen(text: str) -> str:
        return masked(pseudonymised(text, brief.customer_ids))

    facts = [{"slot": f"{{{slot}}}", "what": seen(what), "value": seen(value)} for slot, what, value in brief.facts]
    return Sheet(
        question=as_json(seen(brief.question)),
        facts=as_json(facts),
        rows=as_json([seen(row) for row in brief.rows]),
        definition=as_json(seen(brief.definition)),
        slots={slot: value for slot, _, value in brief.facts}
        | {pseudonym: shown_id(customer_id) for customer_id, pseudonym in pseudonyms(brief.customer_ids).items()},
    )


def as_json(value: object) -> str:
    """Quotes and line ends are escaped: data cannot end where they stand and go on as instructions."""
    return json.dumps(value, ensure_ascii=False)


def sentences(pieces: Iterable[str]) -> Iterator[str]:
    """Whole sentences of a text that arrives in pieces, however it was cut; what remains at the end is one too."""
    rest = ""
    for piece in pieces:
        *whole, rest = END.split(rest + piece)
        yield from filter(None, (sentence.strip() for sentence in whole))
    if rest.strip():
        yield rest.strip()


def checked(sentence: str, slots: Mapping[str, str], language: Language, grade_names: Sequence[str] = ()) -> str:
    """The sentence with its slots filled.

    Raises DraftRejectedError, which names the rule and repeats nothing of the sentence, when it holds anything but
    words in its language: a digit, a quantity word or a grade outside a slot, an unknown slot, markup, a link, a sign
    that does not show, a word that changes a slot's value, a guess who will leave.
    """
    text = re.sub(" +", " ", unicodedata.normalize("NFC", sentence)).strip(" ")
    if len(text) > MAX_SENTENCE:
        raise rejected("a sentence without an end")
    refuse_slots(text, slots)
    text = PARTICLE.sub(lambda found: f"{{{found[1]}|{PAIRS[found[2]]}}}", without_repeated_units(text, slots))
    if re.match(r"[-–—·~/:;,.] ", text):
        raise rejected("the sign of a list")
    own = SLOT.sub("", text)
    refuse_signs(own)
    if any(re.search(rf"(?<![A-Za-z]){re.escape(name)}(?![A-Za-z])", own, re.IGNORECASE) for name in grade_names):
        raise rejected("a grade outside a slot")
    if (language == "en" and HANGUL.search(own)) or (language == "ko" and LATIN.search(own) and not HANGUL.search(own)):
        raise rejected("another language than the question's")
    folded = without_accents(marked(text, slots)).casefold()
    joined = re.sub(r"(?<=[a-z가-힣])[-–—·~'’/](?=[a-z가-힣])", "", folded)
    for what, pattern in FORBIDDEN:
        if pattern.search(folded) or pattern.search(joined):
            raise rejected(what)
    return fill(text, slots)


def refuse_slots(text: str, slots: Mapping[str, str]) -> None:
    for slot in SLOT.finditer(text):
        name, particle = slot[1], slot[2]
        if name not in slots:
            raise rejected("an unknown slot")
        if particle is not None and particle not in PARTICLES:
            raise rejected("an unknown particle in a slot")


def without_repeated_units(text: str, slots: Mapping[str, str]) -> str:
    """Without a unit or a currency's sign beside a slot whose value has it already: {f3}회 for 12회, £{f2} for £5."""
    pieces, rest = [], text
    while slot := SLOT.search(rest):
        value = slots[slot[1]]
        before, after = rest[: slot.start()], rest[slot.end() :]
        if value[:1] in CURRENCIES:
            before = before.removesuffix(value[:1])
        pieces += [before, slot[0]]
        rest = without_unit(after, unit_of(value))
    return "".join([*pieces, rest])


def unit_of(value: str) -> str:
    """What follows the last digit of a value; empty without one."""
    return re.sub(r".*\d[\d.,:]*\s*", "", value, flags=re.DOTALL) if re.search(r"\d", value) else ""


def without_unit(after: str, unit: str) -> str:
    """What follows a slot, without the slot's unit at its beginning, be it one or many."""
    if not unit:
        return after
    whole = rf"(?:{COUNTER_ENDS})" if HANGUL.search(unit) else r"(?![A-Za-z])"
    plural = "s?" if LATIN.search(unit) else ""
    return re.sub(rf"^ ?{re.escape(unit.removesuffix('s') if plural else unit)}{plural}{whole}", "", after)


def refuse_signs(own: str) -> None:
    """Of what a model writes itself, letters and plain punctuation alone pass."""
    for character in own.replace(" & ", " "):
        category = unicodedata.category(character)
        if category[0] == "N":
            raise rejected("a digit outside a slot")
        if character in BLANKS or category[0] == "C" or (category[0] == "Z" and character != " "):
            raise rejected("a sign that does not show")
        if not (LETTERS.match(character) or character in SIGNS):
            raise rejected("markup, a sign or a letter that no answer needs")


def marked(text: str, slots: Mapping[str, str]) -> str:
    """The text with a mark for each slot, and the slot's particle as a word; quotation marks around a slot are gone."""

    def mark(slot: re.Match[str]) -> str:
        return mark_of(slot[1], slots[slot[1]]) + (slot[2].split("/")[0] if slot[2] else "")

    return QUOTED_MARK.sub(r"\1", SLOT.sub(mark, text))


def mark_of(name: str, value: str) -> str:
    if name.startswith("P"):
        return CUSTOMER_MARK
    if not any(character.isdigit() for character in value):
        return WORD_MARK
    return NUMBER_MARK if value[-1].isdigit() else QUANTITY_MARK


def without_accents(text: str) -> str:
    """Latin letters without their accents; Hangul stays whole."""
    return "".join(
        unicodedata.normalize("NFKD", character)[0] if LATIN.match(character) else character for character in text
    )


def rejected(what: str) -> DraftRejectedError:
    return DraftRejectedError(
        f"a draft of the language model holds {what}; it must hold words and known slots alone, and is not shown"
    )


def pseudonyms(customer_ids: Sequence[str]) -> dict[str, str]:
    """P1, P2 ... for the ids in their order."""
    return {customer_id: f"P{number}" for number, customer_id in enumerate(dict.fromkeys(customer_ids), start=1)}


def pseudonymised(text: str, customer_ids: Sequence[str]) -> str:
    """The normalised text with a pseudonym for each whole customer id, whatever its case."""
    text = normalised(text)
    names = {
        form.casefold(): name
        for customer_id, name in pseudonyms(customer_ids).items()
        for form in (normalised(customer_id), normalised(shown_id(customer_id)))
        if form
    }
    if not names:
        return text
    longest_first = "|".join(re.escape(name) for name in sorted(names, key=len, reverse=True))
    whole = re.compile(rf"(?<![A-Za-z0-9])(?:{longest_first})(?![A-Za-z0-9])", re.IGNORECASE)
    return whole.sub(lambda found: names[found[0].casefold()], text)


def masked(text: str) -> str:
    """The normalised text without e-mail addresses, phone and other personal numbers, and names with a form of address.

    A name alone cannot be told from other words.
    """
    text = EMAIL.sub("[email]", normalised(text))
    text = LONG_NUMBER.sub("[number]", text)
    text = PHONE.sub("[phone]", text)
    text = TITLED.sub("[name]", text)
    return INTRODUCED.sub(lambda found: "".join(filter(None, found.groups())) + "[name]", text)
