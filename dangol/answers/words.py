"""A question taken apart: its entities, and what is left of its text."""

import re
import unicodedata
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from dangol.answers import lexicon as cue
from dangol.answers.entities import (
    Grades,
    find_amount,
    find_grades,
    find_ids,
    find_n,
    find_product,
    frequency_bound,
    money_bound,
    recency_bound,
    refused,
)
from dangol.answers.intents import Bounds, GradeNames, Language, Period, Scope, State
from dangol.answers.periods import find_periods, hull, without_refused
from dangol.answers.spelling import corrected

FILLER = re.compile(
    r"고객|손님|회원|아이디|번호|번|님|들|좀|대해서?|그중에?서?|중에서?|한테|한텐|에게|그럼|그러면|별로?|만|도(?![가-힣])|둘|에\s|은|는|이|가|의|을|를|요|지금|현재|부탁|드려"
    r"|드립니다|해주세요|해줘|주세요|줘|주실|있나|그거|저거|이거|것|하나"
    r"|보여|알려|다시|음|아니|네|응"
    r"|\b(?:customers?|client|id|number|no|tell|show|give|me|us|about|on|for|of|the|a|an|please|pls|plz|is"
    r"|what|can|you|could|would|that|this|one|ones|those|it|them|to|and|some|right|now|list|see|do|we|i|my"
    r"|our|want|need|get|find|again|more|just|only|ok|okay|so|well|hmm|um|with|use|make|in|yes|same|thing"
    r"|from|upwards?|limit|narrow|restrict|how|bout|by|per|each|every|plus|too|also|both)\b"
    r"|[^\w가-힣]",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Words:
    """A question taken apart: its entities, and `rest`, the text without them. `text` is the whole, put right."""

    language: Language
    text: str
    rest: str
    scope: Scope
    periods: tuple[Period, ...]
    frequency: Bounds
    monetary: Bounds
    recency: Bounds
    amount: Decimal | None
    n: int | None
    states: tuple[State, ...]
    moved: Grades
    """The grades; of a movement, those that it goes from and to."""
    refused: tuple[str, ...] = ()
    """Customers that are named to be left out."""
    product: str | None = None
    """A product's name in quotes, which stands in neither text."""

    def has(self, *patterns: re.Pattern[str]) -> bool:
        return any(pattern.search(self.rest) for pattern in patterns)

    def says(self, *patterns: re.Pattern[str]) -> bool:
        """As `has`, of the whole text, with its names and numbers."""
        return any(pattern.search(self.text) for pattern in patterns)

    @property
    def ids(self) -> tuple[str, ...]:
        return self.scope.customer_ids

    @property
    def grades(self) -> tuple[str, ...]:
        return self.scope.grades

    @property
    def all_grades(self) -> tuple[str, ...]:
        """The grades, or all that there are when all are meant."""
        return self.grades if len(self.grades) > 1 else self.moved.all

    @property
    def is_bare(self) -> bool:
        """Nothing but names and polite words: whom or when, but not what."""
        left = AFTER_THAT.sub("", BEFORE_THAT.sub("", self.rest))
        return not FILLER.sub("", cue.GRADE.sub("", left)).strip()


def taken_apart(text: str, grade_names: GradeNames, today: date) -> Words:
    language = language_of(text)
    product, text = find_product(text)
    text = spaced(corrected(text))
    recency, rest = recency_bound(text)
    frequency, rest = frequency_bound(rest)
    periods, rest = find_periods(without_refused(rest, today), today)
    monetary, rest = money_bound(rest)
    amount, rest = find_amount(rest)
    n, rest = find_n(rest)
    named, rest = find_ids(rest)
    out = refused(text, named)
    ids = tuple(one for one in named if one not in out) or named
    about_one = bool(ids) and not cue.SIMILAR.search(text)
    grades, rest = find_grades(rest, grade_names, one_customer=about_one)
    states = states_of(rest)
    scope = Scope(ids, grades.meant, hull(periods))
    text, rest = spaced_scripts(text), spaced_scripts(rest)
    bounds = (frequency, monetary, recency)
    return Words(language, text, rest, scope, periods, *bounds, amount, n, states, grades, out, product)


BEFORE_THAT = re.compile(
    r"(?:그|바로|그\s*바로)\s*(?:직전|이전|전)\s*(?P<ko>주|달|해|년|분기)|(?<![가-힣])(?:직전|이전"
    r"|전)\s*(?P<last>주|달|월|해|년|분기)"
    r"|\bthe\s+(?P<en>week|month|year|quarter)\s+before\b(?!\s+last)"
    r"|\b(?:the\s+)?(?:previous|prior|preceding)\s+(?P<previous>week|month|year|quarter)\b"
    r"|\b(?:a|one)\s+(?P<earlier>week|month|year|quarter)\s+(?:earlier|before)\b",
    re.IGNORECASE,
)
YEAR_BEFORE = re.compile(
    r"(?:작년|전년|지난해)\s*(?:의\s*)?(?:같은\s*(?:달|기간|주|분기|시기)|동월|동기)"
    r"|\b(?:the\s+)?same\s+(?:month|week|quarter|period|time)\s+(?:last\s+year|a\s+year\s+(?:ago|before|earlier))"
    r"|\ba\s+year\s+(?:before|earlier)\b",
    re.IGNORECASE,
)
AFTER_THAT = re.compile(
    r"(?:그|바로)\s*다음\s*(주|달|해|년|분기)|\bthe\s+(week|month|year|quarter)\s+after(?:\s+that)?\b"
    r"|\bthe\s+(?:following|next)\s+(week|month|year|quarter)\b",
    re.IGNORECASE,
)


def description(words: Words) -> str | None:
    """What is left to describe when all words of asking are gone."""
    left = [described(word) for word in re.findall(r"[\w'&\-]+", words.rest)]
    told = [word for word in left if len(word) > 1]
    return " ".join([words.product, *told] if words.product else told) or None


def described(word: str) -> str:
    """A word without the endings it carries; empty when it is one of asking."""
    if ASKING.fullmatch(word):
        return ""
    stem = PARTICLE.sub("", word)
    return "" if ASKING.fullmatch(stem) else stem


PARTICLE = re.compile(
    r"(?<=[가-힣A-Za-z]{2})(?:에서|에게|한테|으로|까지|부터|이나|이랑|들은|들이|들을|이라도|라도|들|은|는"
    r"|(?<![걸린양종갱])이|가|을|를|도|만|의|과|와|랑|로)"
    r"(?:요)?$"
)
ASKING = re.compile(
    r"(?:고객|손님|사람|회원|구매자|단골|분들|누구|누가|사용자|애들)\S*|분(?:은|이|들|께|을)?|이?들(?:은"
    r"|이|을|만)?|중(?:에서?|에도|에선)?|에서?는?요?|그중\S*|것|거|걸"
    r"|(?:자주|주로|많이|즐겨|꾸준히|혹시|잘|한|번|번이라도|한번이라도|최근에?|요즘|좀|제일|가장|다|또"
    r"|그럼|그리고|어떤|무슨|등급|쪽(?:은|에도)?|계열|관련|같은|종류|이런|그런)"
    r"|(?:사|구매하|구입하|좋아하|찾|선호하|모으|주문하|쓰|애용하|즐기|담|사가)(?:는|던|나|니|지|냐|고)\S*"
    r"|사는지|좋아할\S*|살(?:\s*만한)?|산|샀\S*"
    r"|(?:구매|구입|주문)(?:한|했|하)?\S*"
    r"|사간|(?:적|이력)(?:이|은)?|취향|관심\S*|만한|있(?:는|어|나|을|던|으)\S*|많(?:은|이)\S*|찾아\S*"
    r"|목록\S*|위주\S*|상위\S*|주십시오|명단\S*|리스트\S*|추천\S*"
    r"|골라\S*|뽑아\S*|추려\S*|싶\S*|알고|알려\S*|보여\S*|부탁\S*"
    r"|줘|주세요|해줘|해|하는|할|될|요|은|는|이|가|을|를|도|의|에게|한테|인|님\S*|명|또는|및"
    r"|(?:who|whose|whom|which|buys?|buying|bought|purchas\w+|likes?|loves?|loving|liking|into|interested"
    r"|interest|fond|keen|collect\w*|order(?:s|ed|ing)?|picks?|goes"
    r"|shop(?:s|ped|ping)?|prefer\w*|enjoy\w*|fans?|people|ppl|those|anyone|anybody|everyone|mainly|mostly"
    r"|often|usually|regularly|always|lots?|are|is|has|have|had|ever|any|all"
    r"|find|would|might|be|been|judging|by|they|they've|ve|what|planning|range|stuff|things?|sort|kind"
    r"|lovers?|buyers?|collectors?|enthusiasts?|grade|tier|segment|shoppers?"
    r"|regulars?|clients?|members?|users?|folks?|with|taste|passion|customers?|client|id|number|no|tell"
    r"|show|give|me|us|about|on|for|of|the|a|an|please|pls|plz|can|you|could|that"
    r"|this|one|ones|it|them|to|and|or|some|right|now|list|see|do|does|did|we|i|my|our|want|need|get|again"
    r"|more|ok|okay|so|well|hmm|um|use|make|in|from|yes|same|thing|among|lot"
    r"|group|crowd|also|too|how|only|just|excl|except|not|but|there|their|at|as|most|much|many|sell|sold"
    r"|went|go|going|takes?|took|under|below|above|over|off|who've)",
    re.IGNORECASE,
)


def states_of(text: str) -> tuple[State, ...]:
    patterns: dict[State, re.Pattern[str]] = {
        "dormant": cue.DORMANT,
        "cooling": cue.COOLING,
        "new": cue.NEW,
        "active": cue.ACTIVE,
    }
    return tuple(state for state, pattern in patterns.items() if pattern.search(text))


def normalised(text: str) -> str:
    """NFKC without invisible characters, with single spaces: look-alike spellings become one."""
    visible = (
        character for character in unicodedata.normalize("NFKC", text) if unicodedata.category(character) != "Cf"
    )
    return " ".join("".join(visible).split())


def language_of(text: str) -> Language:
    return "ko" if re.search(r"[ㄱ-ㆎ가-힣]", unicodedata.normalize("NFC", text)) else "en"


DOTTED_VIP = re.compile(r"\bv\.\s?i\.\s?p\.?(?=\W|s\b|[가-힣]|$)", re.IGNORECASE)
GLUED = re.compile(
    r"(?<=[가-힣0-9])(?=vs\.?[가-힣0-9])|(?<=[가-힣0-9]vs)(?=[가-힣0-9])|(?<=[가-힣0-9]vs\.)(?=[가-힣0-9])"
    r"|\b(?:customer|client|id|no|grade|tier|of)(?=\d{3})|\b(?:vip|gold|silver|bronze)(?=\d+\s*(?:명|위|개))|(?<=\d{4})(?=(?:customer"
    r"|vip|gold|silver|bronze|grade)\b)"
    r"|(?<=\d)(?=VIP)|(?<=\d{4})(?=-(?:like|type|style)\b)"
    rf"|(?:(?<=VIP)|(?<=[가-힣])(?<![비논]){cue.NO_COLOUR})(?=브론즈|실버|골드|브이아이피|VIP)",
    re.IGNORECASE,
)


def spaced(text: str) -> str:
    """With spaces between words that are written together, without dots in V.I.P.: customer12347, 골드vs실버."""
    return GLUED.sub(lambda found: f"{found[0]} ", DOTTED_VIP.sub("VIP", text))


def spaced_scripts(text: str) -> str:
    """With spaces between Latin words and the Korean endings they carry, so that they are whole words."""
    return re.sub(r"(?<=[A-Za-z])(?=[가-힣])|(?<=[가-힣])(?=[A-Za-z])", " ", text)
