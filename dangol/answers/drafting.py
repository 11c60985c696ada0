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
from dangol.answers.parsing import normalised
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

END = re.compile(r"(?<=[.!?…。！？])\s+|(?<=[.!?…。！？][\"'”’)])\s+|\n+")

LETTERS = re.compile(r"[A-Za-zÀ-ÖØ-öø-ſ가-힣]")
HANGUL = re.compile(r"[가-힣]")
LATIN = re.compile(r"[A-Za-zÀ-ÖØ-öø-ſ]")
SIGNS = frozenset(" .,!?'\"()·:;-–—…‘’“”/~")
BLANKS = frozenset("\u034f\u115f\u1160\u2800\u3164\uffa0")
"""Characters that show nothing although Unicode counts them as letters, marks or symbols."""

QUANTITY_MARK, NAME_MARK = "□", "○"
"""Stand for a slot while the words around it are checked: of a value with digits, and of a name or a customer."""

KOREAN_COUNTER = "명|번|개|건|배|달|가지|사람|차례|살|개월"
KOREAN_COUNTED = (
    f"{KOREAN_COUNTER}|회|분|해|주|날|곳|군데|종류|등급|고객|단골|손님|회원|시간|쌍|점|단계|품목|상품|제품|주문|구매|자리|원|년|일|위"
    "|퍼센트|프로|파운드|달러|유로|그룹|집단"
)
SINO = "일이삼사오육칠팔구"
KOREAN_QUANTITY = re.compile(
    "|".join(
        [
            r"(?<![가-힣])(?:하나(?!요)|둘(?!러)|셋|넷)",
            "다섯|여섯|일곱|여덟|아홉|스물|스무|서른|마흔|예순|일흔|여든|아흔",
            "서너|너댓|네댓|대여섯|예닐곱|(?<![가-힣])(?:한두|두세|두어|댓)",
            rf"(?<![가-힣])(?:열?(?:한|두|세|네)|석|넉|열|쉰|여러)(?:(?:{KOREAN_COUNTER})| (?:{KOREAN_COUNTED}))",
            r"(?<![가-힣])(?:몇|수[십백천만억]|수 ?(?:개월|차례|년))",
            rf"(?<![가-힣])(?!만일)(?=[{SINO}]*[십백천만억])[{SINO}십백천만억]{{2,}}"
            rf" ?여? ?(?:{KOREAN_COUNTED}|(?![가-힣]))",
            rf"(?<![가-힣A-Za-z{NAME_MARK}])[십백천만억](?:여 ?)?(?:명|원|건|번|배|개월| (?:{KOREAN_COUNTED}))",
            rf"(?<![가-힣])[{SINO}](?: ?(?:개월|퍼센트|프로)| (?:회|명|건|원|년|배))",
            r"(?<![가-힣])[삼육칠팔](?:명|회|건|번|년|원)",
            rf"분의 ?[{SINO}십백]",
            r"(?<![가-힣])반(?:은|이|을|도|만|쯤|가량)?(?![가-힣])",
            "절반|과반|반수|반값|대부분|대다수|상당수|다수|소수|일부|전부|모두|모든|전원|아무도|유일|갑절|곱절|퍼센트|백분율|제로",
            r"(?<![가-힣])(?:첫|하루|이틀|사흘|나흘|닷새|엿새|이레(?![가-힣])|여드레|아흐레|열흘|보름|며칠)|번째|첫째|둘째|셋째|일주일",
        ]
    )
)
NUMERAL = (
    "zero|one|two|three|four|five|six|seven|eight|nine|tens?|eleven|twelve|(?:thir|four|fif|six|seven|eigh|nine)teen"
    "|(?:twen|thir|for|fif|six|seven|eigh|nine)t(?:y|ies)|hundreds?|thousands?|[mb]illions?|trillions?|dozens?"
)
ENGLISH_QUANTITY = re.compile(
    r"\b(?:"
    rf"(?:{NUMERAL})+|first|seconds?|(?:third|fourth|fifth|sixth|seventh|eighth|ninth|tenth)s?|hundredths?|thousandths?"
    r"|hal(?:f|ves|ved?|ving)|quarters?|once|twice|thrice|doubl\w+|tripl\w+|quadrupl\w+|\w+fold|per ?cent\w*|nil|nought"
    r"|couple|pair|several|few(?:er)?|many|majority|minority|single|sole|some|all|every(?:one|body)?|none|no-?one|nobody"
    r"|fortnights?|times (?:as|more|less|higher|lower|the)"
    r"|most (?:of|are|have|were|will|buy|bought|customers|people|orders|purchases)"
    r")\b"
)
LINK = re.compile(r"//|\bwww\b|\w\.(?:[a-z]{2,}|한국|닷컴|닷넷)|\b[a-z]{2,}:\S")
LEAVING = re.compile(
    r"churn|attrition|이탈|(?:떠날|떠나갈|끊길|끊어질|끊을|그만둘)[가-힣 ]{0,6}(?:확률|가능성|위험)"
    r"|\b(?:likel|probab|chance|risk|odds)\w*[\w ]{0,40}\b(?:leav|lost|los[ei]|laps|defect|quit|go)"
    r"|\b(?:leav|los[ei]|laps|defect|quit)\w*[\w ]{0,40}\b(?:likel|probab|chance|risk|odds)"
)
SPELT = re.compile(r"(?<![a-z])(?:[a-z][ .,·/'~\-]+){2,}[a-z](?![a-z])")
GLUED = re.compile(
    r"[□○](?!(?:\)?[,;] | · |\)? \(|\) )[□○])[^a-z가-힣]*[□○]|[a-z._~/:'’\-–—][□○]|[□○](?:[a-z_~/:\-–—]|['’](?!s\b))"
)
"""Signs and letters that would make another number or another id of a slot's value: -{f1}, {f1}.{f2}, A{P1}, {f1}k."""
CHANGED = re.compile(
    r"(?<![가-힣])(?:약|대략|거의|무려|최소|최대|고작|불과|마이너스|플러스|영하) ?□"
    r"|\b(?:minus|negative|plus|about|around|approximately|roughly|nearly|almost|over|under|above|below|beyond|than"
    r"|at least|at most|up to|exceed\w*) □"
    r"|□ ?(?:십|백|천|만|억|조|배|여|할|푼|분의|프로)"
    r"|□[가-힣]{0,2} ?(?:이상|이하|미만|초과|넘|쯤|정도|가량|남짓|안팎|내외|이내|가까)"
    r"|□ (?:or (?:more|less|fewer|so)|plus|and (?:more|counting))\b"
)
"""Words that make more or less of a slot's value than the fact says."""

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
    """

    intent: Intent
    language: Language
    question: str
    facts: tuple[tuple[str, str, str], ...]
    rows: tuple[str, ...]
    definition: str
    customer_ids: tuple[str, ...] = ()
    group_size: int | None = None


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
        | {pseudonym: customer_id for customer_id, pseudonym in pseudonyms(brief.customer_ids).items()},
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


def checked(sentence: str, slots: Mapping[str, str], language: Language) -> str:
    """The sentence with its slots filled.

    Raises DraftRejectedError, which names the rule and repeats nothing of the sentence, when it holds anything but
    words in its language: a digit or a quantity word outside a slot, an unknown slot, markup, a link, a sign that does
    not show, a word that changes a slot's value, a guess who will leave.
    """
    text = re.sub(" +", " ", unicodedata.normalize("NFC", sentence)).strip(" ")
    if len(text) > MAX_SENTENCE:
        raise rejected("a sentence without an end")
    refuse_slots(text, slots)
    own = SLOT.sub("", text)
    refuse_signs(own)
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
        unit = re.sub(r".*\d[\d.,:]*\s*", "", slots[name], flags=re.DOTALL)
        if any(character.isdigit() for character in slots[name]) and follows(text[slot.end() :], unit):
            raise rejected("a unit that the slot's value has already")


def follows(text: str, unit: str) -> bool:
    return bool(unit) and text.lstrip().casefold().startswith(unit.casefold())


def refuse_signs(own: str) -> None:
    """Of what a model writes itself, letters and plain punctuation alone pass."""
    for character in own:
        category = unicodedata.category(character)
        if category[0] == "N":
            raise rejected("a digit outside a slot")
        if character in BLANKS or category[0] == "C" or (category[0] == "Z" and character != " "):
            raise rejected("a sign that does not show")
        if not (LETTERS.match(character) or character in SIGNS):
            raise rejected("markup, a sign or a letter that no answer needs")


def marked(text: str, slots: Mapping[str, str]) -> str:
    """The text with a mark for each slot, and the slot's particle as a word."""

    def mark(slot: re.Match[str]) -> str:
        is_name = slot[1].startswith("P") or not any(character.isdigit() for character in slots[slot[1]])
        return (NAME_MARK if is_name else QUANTITY_MARK) + (slot[2].split("/")[0] if slot[2] else "")

    return SLOT.sub(mark, text)


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
    names = {customer_id.casefold(): name for customer_id, name in pseudonyms(customer_ids).items()}
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
