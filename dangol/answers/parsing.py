"""Questions in Korean or English to requests: rules alone, offline and deterministic."""

import re
import unicodedata

from dangol.answers.intents import GradeNames, Language, Request, Scope

MAX_CHARACTERS = 500
"""Nobody asks longer; a longer text is not read at all."""

CUSTOMER_ID = re.compile(r"(?<![A-Za-z0-9_.\-])(?=[A-Za-z_.\-]*\d)[A-Za-z0-9]+(?:[_.\-][A-Za-z0-9]+)*")
QUOTED = re.compile(r"[\"'“‘]([^\"'”’]{1,64})[\"'”’]")
QUANTITY = re.compile(
    r"\d+(?:\.\d+)?(?:명|일|주|개월|달|월|년|원|위|회|퍼센트|%)"
    r"|\d+\s*(?:days|weeks|months|years|customers|percent)\b"
    r"|\b(?:top|last|first|next|past)\s+\d+",
    re.IGNORECASE,
)

HELP = re.compile(
    r"도움말|사용법|(?:뭘|뭐를?|무엇을)\s*(?:물어|할\s*수|질문)|^안녕|\bhelp\b|what can (?:i|you)\b|^(?:hi|hello)\b",
    re.IGNORECASE,
)
GRADE = re.compile(r"등급|티어|\b(?:grades?|graded|tier|level|segment)\b", re.IGNORECASE)
PROFILE = re.compile(
    r"특징|특성|특색|프로필|성향|어떤|어때|어떻|어떠|누구|설명|소개|알려|보여|현황|통계|요약|평균|몇\s*명|얼마나"
    r"|\b(?:like|profile|describe|characteri\w+|features?|traits?|typical|look|who|about|show|overview"
    r"|summar\w+|average|mean|how many)\b",
    re.IGNORECASE,
)
OTHER = re.compile(
    r"왜|이유|비교|차이|전략|방법|메시지|문자|메일|전화|주소|이름|지난|작년|어제|저번|이전|예전|떨어|올라|올리|내려|바뀌|변화|추이|이동"
    r"|말고|제외|빼고|아닌|상위|하위|가장|비슷|이탈|예측|삭제|바꿔"
    r"|\b(?:why|reasons?|compar\w+|versus|vs|differ\w*|strateg\w+|messages?|e?-?mails?|phone|address|names?|last|ago"
    r"|yesterday|previous\w*|used to|was|were|moved?|dropp\w+|fell|changed?|trends?"
    r"|except|not|without|other than|most|least|best|worst"
    r"|similar|churn\w*|predict\w*|delete|remove|set|if|should|become)\b",
    re.IGNORECASE,
)
FILLER = re.compile(
    r"고객|손님|회원|아이디|번호|번|님|들|정보|알려|보여|주세요|줄래요?|줘요?|좀|대해서?|에\s|은|는|이|가|의|을|를|요"
    r"|\b(?:customers?|client|id|number|no|tell|show|give|me|us|about|info|information|on|for|of|the|a|please|who|is|what)\b|[^\w가-힣]",
    re.IGNORECASE,
)


def parse(question: str, grade_names: GradeNames) -> Request:
    """The request that a question makes; never fails: what is not understood asks back."""
    if len(question) > MAX_CHARACTERS:
        return Request(language_of(question[:MAX_CHARACTERS]), "clarify", confidence=0.0, missing="anything")
    text = normalised(question)
    language = language_of(text)
    grades, rest = find_grades(text, grade_names)
    ids = find_ids(rest)
    scope = Scope(customer_ids=ids, grades=grades)
    if HELP.search(text) and not (ids or grades):
        return Request(language, "help")
    if OTHER.search(rest) or QUANTITY.search(rest):
        return Request(language, "out_of_scope", scope)
    if ids:
        return customer_request(language, ids, rest, named_grade=bool(grades))
    return grade_request(language, grades, rest)


def customer_request(language: Language, ids: tuple[str, ...], rest: str, *, named_grade: bool) -> Request:
    scope = Scope(customer_ids=ids)
    if len(ids) > 1:
        return Request(language, "clarify", scope, 0.5, missing="one_customer")
    if GRADE.search(rest) or named_grade:
        return Request(language, "grade_lookup", scope)
    if is_bare(rest, ids):
        return Request(language, "grade_lookup", scope, 0.6)
    return Request(language, "clarify", scope, 0.3, missing="aspect")


def grade_request(language: Language, grades: tuple[str, ...], rest: str) -> Request:
    scope = Scope(grades=grades)
    if len(grades) > 1:
        return Request(language, "clarify", scope, 0.5, missing="one_grade")
    if grades and PROFILE.search(rest):
        return Request(language, "segment_profile", scope)
    if grades and is_bare(GRADE.sub("", rest), ()):
        return Request(language, "segment_profile", scope, 0.6)
    if grades:
        return Request(language, "out_of_scope", scope, 0.3)
    if GRADE.search(rest):
        return Request(language, "clarify", scope, 0.5, missing="customer")
    return Request(language, "clarify", scope, 0.0, missing="anything")


def normalised(text: str) -> str:
    """NFKC without invisible characters, with single spaces: look-alike spellings become one."""
    visible = (
        character for character in unicodedata.normalize("NFKC", text) if unicodedata.category(character) != "Cf"
    )
    return " ".join("".join(visible).split())


def language_of(text: str) -> Language:
    return "ko" if re.search(r"[ㄱ-ㆎ가-힣]", unicodedata.normalize("NFC", text)) else "en"


def find_grades(text: str, grade_names: GradeNames) -> tuple[tuple[str, ...], str]:
    """The English names of the grades that a text names, by rank, and the text without them."""
    found = []
    for rank, english in enumerate(grade_names["en"]):
        names = "|".join(re.escape(names_of_language[rank]) for names_of_language in grade_names.values())
        text, times = re.subn(
            rf"(?<![A-Za-z0-9가-힣])(?:{names})(?:s(?![A-Za-z]))?(?![A-Za-z0-9])", " ", text, flags=re.IGNORECASE
        )
        if times:
            found.append(english)
    return tuple(found), text


def find_ids(text: str) -> tuple[str, ...]:
    """Customer ids in order, each once: words with a digit, else what stands in quotation marks."""
    without_quantities = QUANTITY.sub(" ", text)
    found = CUSTOMER_ID.findall(without_quantities) or [quote.strip() for quote in QUOTED.findall(text)]
    return tuple(dict.fromkeys(found))


def is_bare(text: str, ids: tuple[str, ...]) -> bool:
    """Nothing but names and polite words: whom, but not what."""
    for customer_id in ids:
        text = text.replace(customer_id, " ")
    return not FILLER.sub("", text)
