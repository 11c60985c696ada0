"""What a question names: customers, grades, numbers, bounds. Each reader takes what it finds out of the text."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from decimal import Decimal
from itertools import pairwise
from typing import Literal

from dangol.answers import lexicon as cue
from dangol.answers.intents import MONEY_STEP, Bounds, GradeNames

MAX_LISTED = 100
"""A longer list is an audience, not an answer."""
LEAST_DIGITS = 4
"""A number of so many digits is a customer's unless its surroundings say otherwise; a shorter one where they say so."""

ENGLISH_NUMBERS = {
    "one": 1,
    "two": 2,
    "three": 3,
    "four": 4,
    "five": 5,
    "six": 6,
    "seven": 7,
    "eight": 8,
    "nine": 9,
    "ten": 10,
    "eleven": 11,
    "twelve": 12,
    "thirteen": 13,
    "fourteen": 14,
    "fifteen": 15,
    "sixteen": 16,
    "seventeen": 17,
    "eighteen": 18,
    "nineteen": 19,
    "twenty": 20,
    "thirty": 30,
    "forty": 40,
    "fifty": 50,
    "hundred": 100,
    "a hundred": 100,
    "half a dozen": 6,
    "a dozen": 12,
    "dozen": 12,
    "once": 1,
    "twice": 2,
    "a couple": 2,
}
KOREAN_UNITS = {
    "한": 1,
    "하나": 1,
    "두": 2,
    "둘": 2,
    "세": 3,
    "셋": 3,
    "네": 4,
    "넷": 4,
    "다섯": 5,
    "여섯": 6,
    "일곱": 7,
    "여덟": 8,
    "아홉": 9,
}
KOREAN_TENS = {"열": 10, "스물": 20, "서른": 30, "마흔": 40, "쉰": 50}
KOREAN_NUMBERS = {
    **{tens + unit: ten + one for tens, ten in KOREAN_TENS.items() for unit, one in KOREAN_UNITS.items()},
    **KOREAN_UNITS,
    **KOREAN_TENS,
    "스무": 20,
    "십": 10,
    "십오": 15,
    "이십": 20,
    "삼십": 30,
    "오십": 50,
    "백": 100,
    "오": 5,
    "텐": 10,
    "파이브": 5,
    "쓰리": 3,
}
NUMBER_WORDS = ENGLISH_NUMBERS | KOREAN_NUMBERS


def one_of(words: dict[str, int]) -> str:
    return "|".join(sorted((re.escape(word).replace(r"\ ", r"\s+") for word in words), key=len, reverse=True))


EN_NUMBER, KO_NUMBER = one_of(ENGLISH_NUMBERS), one_of(KOREAN_NUMBERS)


def number_of(word: str) -> int:
    return int(word) if word.isdigit() else NUMBER_WORDS[re.sub(r"\s+", " ", word.lower())]


# How many a list shall have

SMALL = rf"\d{{1,3}}(?![\d,.]*\d)|{EN_NUMBER}"
NOT_UNITS = (
    r"(?!\s*(?:days?|weeks?|months?|years?|quarters?|periods?|grades?|tiers?|levels?|orders?|purchases?|times|more\b"
    r"|(?:top|highest|best|higher|upper|bottom|lowest|worst|lower)\s+(?:grades|tiers|levels)"
    r"|halves|half|hours?|minutes?|percent|pounds?|quid|words?|characters?|sentences?|lines?\s+(?:message|text)|%"
    r"|등급|티어|일|주|개월|달|분기|년|월|시|퍼센트|프로|번(?!째)|회|건(?!만)|차례|파운드|원))"
)
KINDS = (
    r"customers?|people|names?|vips?|golds?|silvers?|bronzes?|buyers?|spenders?|shoppers?|rows?|entries|results?"
    r"|records?|clients?|accounts?|folks?|persons?|members?|returners?|of\s+(?:them|those|these)"
)
SORTS = (
    r"most|least|best|worst|biggest|top|highest|lowest|oldest|newest|longest|latest|smallest|largest|similar|nearest"
    r"|closest|heaviest|keenest|greatest|fewest"
)
LISTED = re.compile(
    rf"(?:상위|하위|톱|탑|(?<![A-Za-z])top|\bbottom|\bfirst|\bbest|\bworst|\bhighest|\blowest|\bbiggest|\blargest|\bsmallest"
    rf"|\blimit(?:\s+to)?|\bn\s*=|그중|중에서?)[\s\-(]*(?:the\s+)?(?P<top>{SMALL}|(?:{KO_NUMBER})(?![가-힣]{{2}}))"
    rf"(?![A-Za-z]){NOT_UNITS}"
    r"|\d+\s*(?:위|등)?\s*(?:~|-|–|부터|에서)\s*(?P<span>\d{1,3})\s*(?:위|등(?!급))"
    r"|(?<!\d)(?P<rank>\d{1,3})\s*(?:위|등|번째)\s*까지"
    r"|(?<!등급 )(?<!등급)"
    rf"(?:(?<![A-Za-z0-9_.,\-])(?P<ko>\d{{1,3}})|(?<![가-힣])(?P<native>(?!한(?!\s*명))(?:{KO_NUMBER})))"
    r"\s*(?:명|분(?!기|류|석|들|포|위|의|\s*(?:전|동안))|위(?!기|해|험)|등(?!급)|인(?!\s*당)|사람|손님"
    r"|고객|개(?!월|요|별)|줄|행(?!동))"
    r"(?!\s*(?:당\b|당(?=\s|[가-힣])|이상|이하|미만|넘|초과|별))"
    r"|(?<!\d)(?P<cut>\d{1,2})(?:으로|로|개만|건만)\s*(?:줄|추려|해|보여|뽑|잘라)"
    r"|(?<![가-힣])(?P<only>둘|셋|넷|다섯|여섯|일곱|여덟|아홉|열)\s*만(?![가-힣])"
    r"|\b(?:give\s+me|show\s+me|list|show|name|only|me|just|find|need|want|see|get|any|us|pick|say|the"
    r"|make\s+it|make\s+that"
    r"|limit\s+to|cut\s+to|down\s+to|keep|which|what|our)\s+(?:the\s+|us\s+|me\s+)?(?:top\s+|other\s+"
    r"|just\s+|about\s+)?"
    rf"(?P<en>\d{{1,2}}|(?!one\b|once\b|twice\b)(?:{EN_NUMBER}))\b(?!\s+of\s+the\b){NOT_UNITS}(?!\s*£)(?!')"
    rf"|(?<![\w.\-])(?P<kind>\d{{1,3}}|(?!one\b|once\b|twice\b)(?:{EN_NUMBER}))\s+(?!or\s"
    rf"|and\s){NOT_UNITS}(?:\w+[\s-]+){{0,2}}?(?:{KINDS}|{SORTS})\b"
    rf"|(?:^|[,(:;]\s*)(?:say\s+)?(?P<tail>\d{{1,2}}|(?!one\b|once\b|twice\b)(?:{EN_NUMBER}))"
    r"(?=\s*(?:please|pls|plz|max|only|will\s+do|is\s+(?:fine|enough)|would\s+do|ones?)?[.?!)]*$)",
    re.IGNORECASE,
)


def find_n(text: str) -> tuple[int | None, str]:
    """How many a list shall have, and the text without it."""
    for found in LISTED.finditer(text):
        name = str(found.lastgroup)
        value = number_of(found[name])
        is_id = name in ("en", "kind", "cut", "tail") and NAMED_BEFORE.search(text[: found.start(name)])
        if 1 <= value <= MAX_LISTED and not is_id:
            return value, f"{text[: found.start(name)]} {text[found.end(name) :]}"
    return None, text


# Money

MONEY_UNIT = (
    r"(?:파운드|원(?!인|래|하|칙)|달러|유로|pounds?\b|quid\b|gbp\b|krw\b|usd\b|eur\b|won\b|dollars?\b|euros?\b)"
)
SIGN = r"[£$€₩]"
NUMBER = r"\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?"
MAYBE_ORDERS = r"(?:\s+\w+)?\s*(?:orders?|purchases?|times|buys|customers?|people|days?|weeks?|months?)\b"
AMOUNT = re.compile(
    rf"{SIGN}\s*({NUMBER})\s*(k\b|만|천)?"
    rf"|(?<![\d.,])({NUMBER})\s*(k|만|천)?\s*(?:{MONEY_UNIT}|어치)"
    rf"|\b(?:spen[dt]s?|spending)\s+(?:another\s+|an?\s+extra\s+|over\s+|about\s+)?"
    rf"(\d{{1,4}}(?:\.\d+)?|\d{{1,3}}(?:,\d{{3}})+|\d{{3,4}}00)(k)?\b(?!{MAYBE_ORDERS})"
    r"|\b(?:was|were|is)\s+(\d{2,4})(k)?(?=\s+instead\b)"
    r"|\b(?:purchase|order|basket),?\s+(?:of\s+)?(?:say|about|around)\s+(\d{2,6})(k)?\b"
    rf"|\b(?:another|extra|adds?|adding|pays?|plus|by)\s+(\d{{2,4}}(?:\.\d+)?"
    rf"|\d{{1,3}}(?:,\d{{3}})+)(k)?\b(?!{MAYBE_ORDERS})"
    rf"|\+(?:\s*(?=\d{{2,4}}(?!\d)))?(\d{{2,6}})(k)?(?!\d)(?!{MAYBE_ORDERS})(?!\s*(?:건|번|회))"
    rf"|(?<![\d.,])(\d{{3,4}}|\d{{1,3}}(?:,\d{{3}})+)(k)?\s*(?:more\b(?!{MAYBE_ORDERS})|extra\b|어치)"
    r"|(?<![\d.,])(\d{1,4})(k|만|천)?\s*(?:을|를)?\s*더\s*(?:사|산|쓰|쓴|썼|써|구매|결제|주문|지출|내|긁)",
    re.IGNORECASE,
)
OTHER_SUMS = re.compile(r"(?<![\d.,-])(?:\d{1,3}0\s*(?:,|·|/|이?나|또는|\bor\b|\band\b)\s*)+$", re.IGNORECASE)
"""Before a sum others of the same unit: 500, 1000, 2000 pounds."""
UNIT_LEFT = re.compile(rf"^\s*{MONEY_UNIT}", re.IGNORECASE)
MULTIPLES = {"k": 1000, "천": 1000, "만": 10_000}


def find_amount(text: str) -> tuple[Decimal | None, str]:
    """A sum of money, as of an order, and the text without it."""
    found = AMOUNT.search(text)
    if not found:
        return None, text
    number, *multiple = (value for value in found.groups() if value)
    value = money(number, multiple[0] if multiple else "")
    before = text[: found.start()]
    others = OTHER_SUMS.search(before)
    if others and not NAMED_BEFORE.search(before[: others.start()]):
        before = before[: others.start()]
    return value, f"{before} {UNIT_LEFT.sub('', text[found.end() :])}"


def money(number: str, multiple: str | None) -> Decimal:
    return Decimal(number.replace(",", "")) * MULTIPLES.get((multiple or "").lower(), 1)


# Bounds

TIMES = r"(?:번|회|차례|건|times|purchases|orders|purchase|order)"
COUNTED = rf"\d{{1,4}}|{EN_NUMBER}|{KO_NUMBER}"
THE_ABOVE = r"이상(?=\s*(?:두|세|네|다섯|여섯|\d)\s*(?:고객|명|분|사람|손님|회원|계정))"
"""After a list of customers: the above three."""
AT_LEAST = rf"(?!{THE_ABOVE})이상|or more|and more|and over|or over|or above|plus"
MORE_THAN = r"초과|넘게|넘는|넘은|넘어"
AT_MOST = r"이하|or less|or fewer|or under"
LESS_THAN = r"미만|안\s*되|도\s*안"
SIDE = rf"(?P<side>{AT_LEAST}|{MORE_THAN}|{AT_MOST}|{LESS_THAN})"
LEAD = (
    r"(?P<lead>at least|no fewer than|no less than|minimum(?: of)?|more than|over|above|exceeding|fewer than|less than"
    r"|under|below|at most|no more than|up to)"
)
FREQUENCY_BOUND = re.compile(
    rf"(?<![\d가-힣])(?P<first>{COUNTED})\s*{TIMES}\s*(?:을|를|도|보다)?\s*(?:구매|주문)?\s*{SIDE}"
    rf"|\b{LEAD}\s+(?P<second>{COUNTED})\b\s*(?:{TIMES}\b|(?<=once)|(?<=twice))"
    rf"|(?<!\d)(?P<third>{COUNTED})\s*(?P<more>or more|or fewer|or less|\+)\s*{TIMES}"
    rf"|\b(?:bought|ordered|purchased)\s+(?P<fourth>once|twice|\w+\s+times)\s+(?P<other>or more|or less)",
    re.IGNORECASE,
)
EXACTLY_ONE = re.compile(
    r"(?<!에 )(?<!마다 )한\s*(?:번|차례|회)(?:만)?\s*"
    r"(?:산|샀|(?:구매|주문)(?!\s*(?:하면|할|하는\s*데|하려|시|당|때|액|금액)))"
    r"|(?:bought|ordered|purchased)\s+(?:only\s+|just\s+"
    r"|exactly\s+)?once(?!\s+or)"
    r"|one[\s-]time (?:buyers?|customers?)|single purchase|(?:only|just|exactly) one (?:purchase|order)"
    r"|1\s*(?:번|회)만\s*(?:산|구매|주문)|단\s*한\s*번",
    re.IGNORECASE,
)
MONEY_RANGE = re.compile(
    rf"(?:\bbetween\s+)?{SIGN}\s*(?P<low>{NUMBER})\s*(?:and|to|-|~"
    rf"|–)\s*{SIGN}?\s*(?P<high>{NUMBER})(?!['’]s)(?:\s*{MONEY_UNIT})?"
    rf"|(?<![\d.,])(?P<least>{NUMBER})\s*(?:{MONEY_UNIT})?\s*(?:~|-|–|에서|부터|to"
    rf"|and)\s*(?P<most>{NUMBER})\s*{MONEY_UNIT}"
    r"\s*(?:사이)?",
    re.IGNORECASE,
)
MONEY_BOUND = re.compile(
    rf"(?:{SIGN}\s*)?(?<![\d.,])(?P<first>{NUMBER})\s*(?P<ten>k|만|천)?\s*(?:{MONEY_UNIT})?\s*(?:을|를|보다)?\s*"
    rf"(?:사|쓰|쓴|구매|지출)?\s*{SIDE}"
    rf"|\b{LEAD}\s+(?:{SIGN}\s*)?(?P<second>{NUMBER})(?P<thousand>k)?(?![.\d%])(?!\s*(?:percent|days?"
    rf"|weeks?|months?|years?))"
    rf"(?!{MAYBE_ORDERS})(?:\s*{MONEY_UNIT})?",
    re.IGNORECASE,
)
RECENCY_UNIT = {
    "일": 1,
    "주": 7,
    "주일": 7,
    "개월": 30,
    "달": 30,
    "년": 365,
    "day": 1,
    "week": 7,
    "month": 30,
    "year": 365,
}
RECENCY_BOUND = re.compile(
    rf"(?P<ko>\d+|{KO_NUMBER})\s*(?P<unit>일|주일|주|개월|달|년)\s*(?:간|동안|내내)?\s*(?:이상|넘게|넘도록"
    rf"|째)?\s*(?:아무것도\s*)?"
    r"(?:구매|주문|방문|소식)?\s*(?:가|을|를|이)?\s*(?:안\s*(?:산|샀|사|온|왔|한|하)|없|하지\s*않|않은)"
    r"|(?:\bnot|n't|\bno|\bwithout|\binactive|\bquiet|\bsilent)\s+(?:\w+\s+){0,4}?(?:for|in|over|within)\s+(?:the\s+)?"
    r"(?:last\s+|past\s+|more\s+than\s+|over\s+|at\s+least\s+)?"
    rf"(?P<en>\d+|a|{EN_NUMBER})\s+(?P<enunit>day|week|month|year)s?\b",
    re.IGNORECASE,
)


def frequency_bound(text: str) -> tuple[Bounds, str]:
    """Bounds on the number of purchases, and the text without them."""
    found = FREQUENCY_BOUND.search(text)
    if found:
        word = found["first"] or found["second"] or found["third"] or found["fourth"]
        if (number := number_or_none(word.split()[0])) is not None:
            return sided(found, Decimal(number), Decimal(1)), f"{text[: found.start()]} {text[found.end() :]}"
    if EXACTLY_ONE.search(text):
        return Bounds(Decimal(1), Decimal(1)), EXACTLY_ONE.sub(" ", text)
    return Bounds(), text


def number_or_none(word: str) -> int | None:
    return number_of(word) if word.isdigit() or word.lower() in NUMBER_WORDS else None


def money_bound(text: str) -> tuple[Bounds, str]:
    """Bounds on what was spent, and the text without them."""
    if found := MONEY_RANGE.search(text):
        low, high = money(found["low"] or found["least"], None), money(found["high"] or found["most"], None)
        if low <= high:
            return Bounds(low, high), f"{text[: found.start()]} {text[found.end() :]}"
    for found in MONEY_BOUND.finditer(text):
        number, multiple = found["first"] or found["second"], found["ten"] or found["thousand"]
        value = money(number, multiple)
        if value >= 10 or re.search(SIGN, found[0]):
            return sided(found, value, MONEY_STEP), f"{text[: found.start()]} {text[found.end() :]}"
    return Bounds(), text


def sided(found: re.Match[str], number: Decimal, step: Decimal) -> Bounds:
    """The bounds on one side of a number that a match names: without it when the words leave it out."""
    groups = found.groupdict()
    side = next((groups[name] for name in ("side", "lead", "more", "other") if groups.get(name)), "").lower()
    if re.fullmatch(rf"{MORE_THAN}|more than|over|above|exceeding", side):
        return Bounds(least=number + step)
    if re.fullmatch(rf"{LESS_THAN}|fewer than|less than|under|below", side):
        return Bounds(most=number - step)
    if re.fullmatch(rf"{AT_MOST}|at most|no more than|up to", side):
        return Bounds(most=number)
    return Bounds(least=number)


def recency_bound(text: str) -> tuple[Bounds, str]:
    """Bounds on the days since a purchase, and the text without them."""
    found = RECENCY_BOUND.search(text)
    if not found:
        return Bounds(), text
    word, unit = found["ko"] or found["en"], (found["unit"] or found["enunit"]).lower()
    days = (1 if word.lower() == "a" else number_of(word)) * RECENCY_UNIT[unit]
    return Bounds(least=Decimal(days)), f"{text[: found.start()]} {text[found.end() :]}"


# Products


def find_product(text: str) -> tuple[str | None, str]:
    """The name of a product in quotes, whatever it says, and the text without it."""
    found = cue.PRODUCT_NAMED.search(text)
    if not found:
        return None, text
    group = str(found.lastgroup)
    return found[group], f"{text[: found.start(group) - 1]} {text[found.end(group) + 1 :]}"


# Customers

TOKEN = re.compile(r"(?<![A-Za-z0-9])(?!no\.[A-Za-z]*\d)[A-Za-z0-9]+(?:[_.\-][A-Za-z0-9]+)*", re.IGNORECASE)
GROUPED = re.compile(r"(?<![\d,.])\d{1,3}(?:,\d{3})+(?![\d,])")
QUOTED = re.compile(r"[\"'“‘]([A-Za-z0-9_.\-]{1,64})[\"'”’](?![A-Za-z])")
NAMED_BEFORE = re.compile(
    r"(?:고객|손님|회원|\bcustomer|\bclient|\bshopper|\bbuyer|\bmember|\baccount|\bcust\.?|\bid|아이디|번호|\bno\.|#"
    r"|\bwith\s+(?:the\s+)?number)"
    r"(?:\s*(?:번호|아이디|id\b|number|no\.|가|는|은|:|=|#))*\s*$",
    re.IGNORECASE,
)
NAMED_AFTER = re.compile(r"\s*번\s*(?:고객|손님|회원|님)|\s*(?:님|고객님|손님|회원님)", re.IGNORECASE)
NUMBERED_AFTER = re.compile(r"\s*(?:번(?!\s*(?:이상|이하|넘|산|사|샀|구매|주문|더|째|정도))|고객(?!\s*(?:수|들|이상)))")
OTHER_BEFORE = re.compile(
    r"(?:(?:상품|제품|품목|주문|송장|운송장|우편|배송|전화)\s*(?:코드|번호)|(?<!산 )(?:상품|제품|품목)(?=\s*$)"
    r"|품번|송장|(?<!고객)(?<!고객 )(?<!회원)"
    r"(?<!회원 )코드"
    r"|\b(?:order|invoice|product|item|sku|stock\s*code|article|zip|post\s*code|postal\s*code|tracking|parcel)"
    r"(?:\s+(?:slip|form|note))?(?:\s*\(?\s*(?:id|code|no\.?|number|nr\.?|#))?(?:\s+(?:is|was))?)(?:이|가|은|는)?\s*[:=#]?\s*$",
    re.IGNORECASE,
)
"""What else has a number: orders, products, addresses."""
PRODUCT_AFTER = re.compile(r"\s*(?:번\s*)?(?:상품|제품|품목|아이템)")
MONEY_BEFORE = re.compile(
    r"(?:[£$€₩]|\bgbp|\busd|\beur|\bkrw)\s*$|\+$|\b(?:something\s+like|around|roughly|approximately|paid|paying)\s+$",
    re.IGNORECASE,
)
SHORT_UNIT = re.compile(
    r"\s*(?:명|분|건|위|인|등(?!급)|개|주|일|월|년|회(?!원)|시|자|줄|행|%|만|천|번\s*(?:이상|이하|이나|밖에|정도|쯤|넘|산|사"
    r"|구매|주문|더)|days?|weeks?|months?|years?"
    r"|times|orders?|purchases?|percent|points?|pounds?|more\b)",
    re.IGNORECASE,
)
UNIT_OF_FOUR = re.compile(
    r"\s*(?:포인트|마일리지|적립금|명(?!단|세)|건(?!강)|글자|퍼센트|%|people\b|customers\b|points?\b|credits?\b"
    r"|characters?\b|chars?\b"
    r"|words\b|bytes?\b)",
    re.IGNORECASE,
)
"""What four digits may be a number of; after five they are a customer's all the same."""
LONG_UNIT = re.compile(
    rf"\s*(?:{MONEY_UNIT}|[만천]\s*(?:{MONEY_UNIT}|명)|점(?!수|검|심|점)|줄(?!여)|k\b|건(?!강|\s*의|,)|곱하기|더하기|나누기"
    r"|(?:events?|messages?|records?|rows?|lines?|flyers|leaflets|e-?mails|letters|coupons|postcards|catalogu?es)\b|(?:times|plus|minus|divided\s+by|multiplied\s+by|[*×])\s*\d)",
    re.IGNORECASE,
)
LOOK_ALIKE = re.compile(
    r"\d+(?:st|nd|rd|th)|q\d|h\d|\d+[hq]|(?:top|bottom|no|rfm|covid|v|x|mp|a|b2|web|utf|sha|md|f|p|s|k"
    r"|level|step|tier|ver)\d{1,3}[a-z]?"
    r"|\d+(?:k|m|bn|ml|cl|cm|mm|km|kg|g|l|oz|lb|lbs|in|ft|px|h|hr|hrs|min|mins|sec|s|x|pcs?|pt|pts|yr|yrs"
    r"|mo|d|w|y|am|pm"
    r"|days?|weeks?|wks?|months?|mths?|years?|customers?|people|orders?|purchases?|times|pounds?|quid|gbp|usd|eur|won"
    r"|points?|percent|pct|p|f|e|ish|rows?)"
    r"|\d+(?:[./-]\d+)*[a-z]{1,2}|fy\d+|y\d+|w\d+|wk\d+|m\d+|d\d+",
    re.IGNORECASE,
)


def find_ids(text: str) -> tuple[tuple[str, ...], str]:
    """Customer ids in order, each once, and the text without them; where no number is one, what stands in quotes."""
    text = GROUPED.sub(lambda found: ungrouped(found, text), text)
    found = [(token.start(), token.end(), ids) for token in TOKEN.finditer(text) if (ids := ids_of(text, token))]
    if len(found) > 1 and NAMED_AFTER.match(text, found[0][1]):
        found = [one for one in found if not PRODUCT_AFTER.match(text, one[1])]
    if not found:
        quoted = (quote for quote in QUOTED.finditer(text) if NAMED_BEFORE.search(text[: quote.start()]))
        found = [(quote.start(), quote.end(), [quote[1]]) for quote in quoted]
    rest, at = [], 0
    for start, end, _ in found:
        rest.append(text[at:start])
        at = end
    return tuple(dict.fromkeys(one for _, _, ids in found for one in ids)), " ".join([*rest, text[at:]])


def refused(text: str, ids: tuple[str, ...]) -> tuple[str, ...]:
    """The ids that a text leaves out: 15601 아니고 15610, 14911 not 14191."""
    return tuple(one for one in ids if re.search(REFUSED.format(re.escape(one)), text, re.IGNORECASE))


REFUSED = (
    r"(?:\bnot|\bexcept(?:\s+for)?|\bexcluding|\bwithout|\bleav(?:e|ing)\s+out|\bforget(?:\s+about)?|\bdrop|\bremove|\binstead\s+of)\s+"
    r"(?:(?:customer|client|number|no\.?)\s+)?{0}(?![\w-])"
    r"|(?<![\w-]){0}[\s,.–—(-]*(?:no,?\s+wait|wait,?\s+no|sorry|oops|i\s+mean[st]?|i\s+mixed|no\s+i\s+mean|아\s*아니)\b"
    r"|(?<![\w-]){0}\s*(?:번)?\s*(?:고객|님|손님|회원)?(?:님)?\s*(?:은|는|이|가|을|를)?\s*(?:말고|말곤|아니고|아니라|빼고|빼\s*줘|제외)"
)


def ungrouped(found: re.Match[str], text: str) -> str:
    """A number with commas between its thousands is a customer's only where one is named so."""
    before, after = text[: found.start()], text[found.end() :]
    named = NAMED_BEFORE.search(before) or NAMED_AFTER.match(after) or NUMBERED_AFTER.match(after)
    return found[0].replace(",", "" if named else ".")


def ids_of(text: str, token: re.Match[str]) -> list[str]:
    """The customer ids that a word is, mostly none or one."""
    word, before, after = token[0], text[: token.start()], text[token.end() :]
    if not re.search(r"\d", word) or PLACES.fullmatch(word) or MONEY_BEFORE.search(before):
        return []
    if OTHER_BEFORE.search(before) and not NAMED_AFTER.match(after):
        return []
    named = bool(NAMED_BEFORE.search(before) or NAMED_AFTER.match(after))
    if ending := re.fullmatch(rf"(\d{{{LEAST_DIGITS},}}|[a-z]+\d{{3,}})s", word, re.IGNORECASE):
        return [ending[1]]
    if word.isdigit():
        return [word] if is_id(word, after, named=named) else []
    parts = re.split(r"[_.\-]", word)
    if all(part.isdigit() for part in parts):
        first, *others = parts
        suffixed = "." not in word and len(first) >= LEAST_DIGITS > max(map(len, others)) and not is_year(first)
        return [word] if named or suffixed else parts if all(len(part) > LEAST_DIGITS for part in parts) else []
    unlike = not LOOK_ALIKE.fullmatch(word) and (len(re.findall(r"\d", word)) > 1 or CODE.fullmatch(word) is not None)
    return [word] if named or unlike else []


PLACES = re.compile(r"(?:top|bottom|best|worst|first)\d{1,3}", re.IGNORECASE)
"""How many of a list, of whomever: top5 고객님."""
CODE = re.compile(r"(?!(?:TOP|VIP|TIER|LEVEL|STEP|NO|RFM)\b)[A-Z]{2,}-\d")
"""XYZ-9: capitals and a digit, as ids are written."""


def is_year(word: str) -> bool:
    return len(word) == 4 and word.startswith(("199", "200", "201", "202"))


def is_id(word: str, after: str, *, named: bool) -> bool:
    if len(word) < LEAST_DIGITS:
        numbered = len(word) == LEAST_DIGITS - 1 and NUMBERED_AFTER.match(after)
        return bool(named or numbered) and not SHORT_UNIT.match(after)
    if LONG_UNIT.match(after) or (len(word) == LEAST_DIGITS and UNIT_OF_FOUR.match(after)):
        return False
    return named or not is_year(word) or bool(NUMBERED_AFTER.match(after))


# Grades

Role = Literal["from", "to"]


@dataclass
class Mention:
    """A grade where it is named: the ranks that are meant there, whether they are refused, and from or to it."""

    start: int
    end: int
    ranks: range
    refused: bool
    role: Role | None


@dataclass(frozen=True)
class Grades:
    """English names by rank: those that are meant, those that are left out, those that a movement goes from and to, and
    all there are; and in the order of a text those that are meant."""

    meant: tuple[str, ...] = ()
    refused: tuple[str, ...] = ()
    old: tuple[str, ...] = ()
    new: tuple[str, ...] = ()
    all: tuple[str, ...] = ()
    in_order: tuple[str, ...] = ()


def find_grades(text: str, grade_names: GradeNames, *, one_customer: bool = False) -> tuple[Grades, str]:
    """The grades that are meant, and the text without any grade's name.

    "or above" adds the higher ones; of "not Gold" alone the others remain, unless it is said of `one_customer`: why one
    is not in Gold is about Gold, and why in Silver rather than Gold about both.
    """
    english = list(grade_names["en"])
    mentions = sorted(mentioned(text, grade_names, one_customer), key=lambda mention: mention.start)
    if one_customer and (all(one.refused for one in mentions) or cue.WHY.search(text)):
        mentions = [replace(one, refused=False) for one in mentions]
    if len(mentions) == 1 and cue.AND_THE_REST.match(text[mentions[0].end :]):
        mentions[0].ranks = range(len(english))
    mentions += beside(text, mentions, len(english))
    spread(text, mentions)
    meant = bounded([one.ranks for one in mentions if not one.refused], len(english))
    refused = {rank for one in mentions if one.refused for rank in one.ranks}
    if refused and not meant - refused:
        meant = set(range(len(english))) - refused
    rest = list(text)
    for one in mentions:
        rest[one.start : one.end] = " " * (one.end - one.start)

    def named(ranks: set[int]) -> tuple[str, ...]:
        return tuple(english[rank] for rank in sorted(ranks))

    roles = {role: {rank for one in mentions if one.role == role for rank in one.ranks} for role in ("from", "to")}
    in_order = dict.fromkeys(english[rank] for one in mentions if not one.refused for rank in one.ranks)
    old, new = named(roles["from"]), named(roles["to"])
    return Grades(named(meant - refused), named(refused), old, new, tuple(english), tuple(in_order)), "".join(rest)


def bounded(ranks: list[range], count: int) -> set[int]:
    """All of the ranks; of "Silver and above" with "below VIP" those that are both."""
    upward = [one for one in ranks if len(one) > 1 and one.stop == count]
    downward = [one for one in ranks if len(one) > 1 and one.start == 0]
    if len(ranks) == 2 and upward and downward:
        both = set(upward[0]) & set(downward[-1])
        if both:
            return both
    return {rank for one in ranks for rank in one}


def mentioned(text: str, grade_names: GradeNames, one_customer: bool) -> Iterator[Mention]:
    count = len(grade_names["en"])
    for rank, pattern in enumerate(grade_patterns(grade_names)):
        for found in pattern.finditer(text):
            before, after = text[: found.start()], text[found.end() :]
            if is_of_product(found[0], before, after) or (cue.NAME_AFTER.match(after) and not text.isupper()):
                continue
            ranks = reached(rank, before, after, count, one_customer=one_customer)
            yield mention(found, ranks, before, after, is_refused=bool(found["not"]))
    for found in (found for pattern in cue.GRADES_BY_PLACE for found in pattern.finditer(text)):
        before, after = text[: found.start()], text[found.end() :]
        ranks = by_place(found, count)
        if len(ranks) == 1:
            ranks = reached(ranks[0], before, after, count, one_customer=one_customer)
        yield mention(found, ranks, before, after)


def mention(found: re.Match[str], ranks: range, before: str, after: str, *, is_refused: bool = False) -> Mention:
    """The mention at a match that stands between two texts."""
    refused = is_refused or bool(cue.NOT_AFTER.match(after) or cue.NOT_BEFORE.search(before))
    if refused and (cue.NO_LONGER_BEFORE.search(before) or cue.NO_LONGER_AFTER.match(after)):
        return Mention(found.start(), found.end(), ranks, False, "from")
    return Mention(found.start(), found.end(), ranks, refused, None if refused else role_of(before, after))


def is_of_product(name: str, before: str, after: str) -> bool:
    """Whether a grade's name is a colour or a metal there: who buys gold ribbon, 실버 목걸이."""
    if cue.OF_ELSE_AFTER.match(after):
        return True
    if cue.METAL.fullmatch(name) and (cue.OF_METAL_AFTER.match(after) or cue.OLD_BEFORE.search(before)):
        return True
    return bool(cue.OF_PRODUCT_BEFORE.search(before) and cue.OF_PRODUCT_AFTER.match(after))


def beside(text: str, mentions: list[Mention], count: int) -> list[Mention]:
    """The grade that is told as the one below, or above, the one that was named last."""
    found = cue.NEXT_TO_IT.search(text)
    last = next((one for one in reversed(mentions) if found and one.end <= found.start()), None)
    if found is None or last is None:
        return []
    rank = last.ranks[0] + (1 if (found["ko"] or found["en"]).lower() in ("위", "above", "over") else -1)
    return [Mention(found.start(), found.end(), range(rank, rank + 1), False, None)] if 0 <= rank < count else []


def by_place(found: re.Match[str], count: int) -> range:
    """The ranks of grades that are told by where they stand among all: top grade, 하위 두 등급."""
    told = {name: value.lower() for name, value in found.groupdict().items() if value}
    if "middle" in told:
        return range(1, count - 1)
    many = cue.MANY_GRADES.get(told.get("many", ""), 1)
    skipped = cue.NTH_GRADES.get(told.get("nth", ""), 1) - 1
    first, last = min(skipped, count - 1), min(skipped + many, count)
    return range(first, last) if cue.FROM_BELOW.search(told["end"]) else range(count - last, count - first)


def spread(text: str, mentions: list[Mention]) -> None:
    """What is said once of grades with "and" between them holds of all: not Gold or VIP, 골드랑 VIP 빼고."""
    pairs = list(pairwise(mentions))
    for one, other in reversed(pairs):
        if cue.JOINED_KO.fullmatch(text[one.end : other.start]):
            one.refused = one.refused or other.refused
            one.role = one.role or other.role
    for one, other in pairs:
        between = text[one.end : other.start]
        if len(mentions) == 2 and between.strip() == "," and cue.INSTEAD_BEFORE.match(text[: one.start]):
            continue
        if cue.JOINED_EN.fullmatch(between):
            other.refused = other.refused or one.refused
            other.role = other.role or one.role
        if is_through(between, text[other.end :]) and other.role is None:
            ends = (*one.ranks, *other.ranks)
            one.ranks = range(min(ends), max(ends) + 1)


def is_through(between: str, after: str) -> bool:
    """Whether two grades are the ends of several: bronze through gold, 브론즈부터 골드까지."""
    return bool(cue.THROUGH.fullmatch(between) or (cue.FROM_KO.fullmatch(between) and cue.UP_TO_KO.match(after)))


def role_of(before: str, after: str) -> Role | None:
    """Whether a movement goes from or to the grade between two texts."""
    after = cue.OR_ABOVE.sub("", cue.OR_BELOW.sub("", after, count=1), count=1)
    if cue.TO_AFTER.match(after):
        return "to"
    left_after = cue.FROM_AFTER.match(after) or cue.FELL_BELOW_AFTER.match(after)
    if left_after or cue.FROM_BEFORE.search(before) or cue.FELL_BELOW_BEFORE.search(before):
        return "from"
    return "to" if cue.TO_BEFORE.search(before) else None


def reached(rank: int, before: str, after: str, count: int, *, one_customer: bool) -> range:
    """The ranks that a grade stands for. Of `one_customer`, "short of Gold" and the like are about Gold itself."""
    alone = range(rank, rank + 1)
    spreads = (
        cue.OR_ABOVE.match(after)
        or cue.OR_BELOW.match(after)
        or cue.AT_LEAST.search(before)
        or cue.GRADE_BESIDE_AFTER.match(after)
    )
    near_before = cue.NEARLY_BEFORE.search(before) or cue.FELL_BELOW_BEFORE.search(before)
    near_after = cue.THRESHOLD_AFTER.match(after) or cue.FELL_BELOW_AFTER.match(after)
    is_near = near_after or (near_before and not cue.NEXT_LOWER_BEFORE.search(before))
    if is_near or (one_customer and not spreads):
        return alone
    spread_to = (
        (cue.NEXT_LOWER_BEFORE, cue.NEXT_LOWER_AFTER, range(max(rank - 1, 0), max(rank, 1))),
        (cue.NEXT_HIGHER_BEFORE, cue.NEXT_HIGHER_AFTER, range(min(rank + 1, count - 1), min(rank + 2, count))),
        (cue.HIGHER_BEFORE, cue.HIGHER_AFTER, range(rank + 1, count)),
        (cue.AT_LEAST, cue.OR_ABOVE, range(rank, count)),
        (cue.LOWER_BEFORE, cue.LOWER_AFTER, range(rank)),
        (cue.AT_MOST, cue.OR_BELOW, range(rank + 1)),
    )
    told = [ranks for is_before, _, ranks in spread_to if is_before.search(before)]
    told += [ranks for _, is_after, ranks in spread_to if is_after.match(after)]
    return told[0] if told else alone


def grade_patterns(grade_names: GradeNames) -> list[re.Pattern[str]]:
    """By rank, how a grade is written: its names, whole, and other writings of those that come with dangol."""
    patterns = []
    for rank, english in enumerate(grade_names["en"]):
        names = [re.escape(names_of_language[rank]) for names_of_language in grade_names.values()]
        written = "|".join([*names, *([cue.GRADE_ALIASES[english]] if english in cue.GRADE_ALIASES else [])])
        patterns.append(
            re.compile(
                rf"(?<![A-Za-z0-9가-힣])(?P<not>비|非|논|non-?\s?)?(?:{written})(?:['’]?s(?![A-Za-z]))?(?![A-Za-z0-9])",
                re.IGNORECASE,
            )
        )
    return patterns
