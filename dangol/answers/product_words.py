"""What a shop sells, in Korean and English: the words of an open description by which products are found.

What customers bought is kept as `words_of` the products' names. A *term* is an English word as product names have it,
in the singular, or a word that is not in the list. Its *fragments* are texts, one of which those words contain if and
only if they match it: SQL and the index ask the same.
"""

import re
import unicodedata
from collections.abc import Iterable, Sequence

from dangol.answers.intents import Language

MOST_TERMS = 8
MOST_WORDS = 200
"""Of all the names of what a customer bought."""
WHOLE_LETTERS = 5
"""English words of up to so many letters match whole or in the plural; longer ones also begin a longer word."""


def listed(*lines: str) -> tuple[str, ...]:
    """The words of lines."""
    return tuple(" ".join(lines).split())


SPELLINGS = {
    "christmas": "xmas 크리스마스 성탄절 성탄 크리스마쓰",
    "decoration": "decor ornament 장식품 장식 데코레이션 데코 오너먼트 꾸미기",
    "candle": "양초 캔들 촛불 향초 초",
    "tealight": "t-light 티라이트 티캔들",
    "light": "조명 라이트 전구 불빛",
    "lantern": "랜턴 등불 초롱",
    "lamp": "lampshade 램프 스탠드등 전등",
    "incense": "인센스",
    "holder": "홀더 받침대",
    "mug": "머그컵 머그잔 머그",
    "cup": "찻잔 커피잔 종이컵 컵",
    "tea": "teatime teapot 홍차 녹차 티타임 티파티 티세트 티팟 찻주전자",
    "coffee": "커피",
    "bag": "handbag 가방 핸드백 에코백 쇼핑백 장바구니 백팩 토트백 쇼퍼백 파우치",
    "purse": "wallet 지갑 동전지갑",
    "luggage": "suitcase 여행가방 캐리어 러기지",
    "travel": "여행",
    "clock": "시계 알람시계 벽시계 탁상시계",
    "lunch": "lunchbox 도시락통 도시락 런치박스",
    "snack": "간식 스낵",
    "box": "상자 박스 보관함",
    "storage": "수납 보관 정리함 수납함",
    "basket": "바구니 바스켓",
    "birthday": "생일",
    "party": "파티",
    "wedding": "결혼식 결혼 웨딩",
    "easter": "부활절 이스터",
    "halloween": "할로윈 핼러윈",
    "valentine": "발렌타인 밸런타인",
    "bunting": "garland 번팅 가랜드 갈란드",
    "balloon": "풍선",
    "gift": "present 선물",
    "wrap": "포장지 포장",
    "ribbon": "리본",
    "card": "카드",
    "sticker": "스티커",
    "paper": "종이",
    "notebook": "공책 노트 수첩",
    "sketchbook": "스케치북",
    "pencil": "연필",
    "pen": "볼펜 만년필",
    "stationery": "문구류 문방구 필기구",
    "calendar": "달력 캘린더",
    "book": "도서",
    "jigsaw": "puzzle 퍼즐 직소",
    "toy": "장난감 완구 토이",
    "doll": "dolly 인형",
    "babushka": "matryoshka 마트료시카 바부시카",
    "game": "보드게임 놀이",
    "children": "child kid boy girl 어린이들 어린이 아이들 아동용 아동 키즈 유아용 유아",
    "baby": "아기 베이비",
    "heart": "하트",
    "star": "별모양 스타",
    "flower": "floral blossom 꽃무늬 꽃병 꽃장식 꽃 플라워",
    "rose": "장미",
    "daisy": "데이지",
    "lavender": "라벤더",
    "leaf": "leaves 나뭇잎 잎사귀",
    "tree": "나무장식 트리",
    "plant": "herb 식물 화분 허브",
    "garden": "gardening 정원 가드닝 원예 가든",
    "watering": "물뿌리개",
    "bird": "birdhouse 버드 새장식",
    "butterfly": "나비",
    "rabbit": "bunny 토끼",
    "dog": "강아지",
    "cat": "고양이",
    "owl": "부엉이",
    "fairy": "요정",
    "spaceboy": "스페이스보이",
    "dinosaur": "공룡",
    "circus": "서커스",
    "cake": "케이크 케익 케잌",
    "cupcake": "컵케이크 컵케익 머핀",
    "baking": "bake 베이킹 제빵",
    "biscuit": "cookie 비스킷 쿠키",
    "chocolate": "초콜릿 초콜렛",
    "candy": "sweet 사탕 캔디",
    "jam": "잼병",
    "kitchen": "cooking cookware 주방 부엌 키친",
    "pantry": "팬트리",
    "dinner": "dining tableware 식탁 식기",
    "cutlery": "fork knife 커트러리 수저 포크 나이프",
    "spoon": "숟가락 스푼 티스푼",
    "plate": "dish 접시",
    "bowl": "그릇 사발 볼그릇",
    "tray": "쟁반 트레이",
    "glass": "유리컵 유리잔 유리",
    "bottle": "물병 보온병",
    "jar": "유리병 단지",
    "tin": "틴케이스 깡통 양철",
    "jug": "물주전자 저그",
    "napkin": "냅킨",
    "coaster": "컵받침 코스터",
    "doily": "doiley 도일리",
    "apron": "앞치마",
    "towel": "수건 타월",
    "oven": "오븐",
    "picnic": "피크닉 소풍",
    "bathroom": "bath 욕실 목욕",
    "soap": "비누",
    "tissue": "티슈 휴지",
    "cushion": "pillow 쿠션 베개 방석",
    "blanket": "throw 담요 블랭킷",
    "warmer": "보온 손난로 핫팩 워머",
    "doormat": "현관매트 발매트 도어매트",
    "doorstop": "문받침",
    "curtain": "커튼",
    "mirror": "거울",
    "frame": "액자 프레임",
    "photo": "picture 사진",
    "wall": "벽걸이 벽장식",
    "art": "그림 미술",
    "sign": "간판 표지판",
    "hook": "고리 후크",
    "hanging": "hanger 걸이 행잉",
    "drawer": "서랍",
    "cabinet": "수납장 장식장 캐비닛",
    "shelf": "선반",
    "rack": "거치대",
    "magnet": "자석 마그넷",
    "key": "열쇠 키링",
    "home": "house 인테리어 홈데코 집꾸미기",
    "umbrella": "parasol 우산 양산",
    "necklace": "목걸이",
    "bracelet": "팔찌",
    "earring": "귀걸이 귀고리",
    "ring": "반지",
    "jewellery": "jewelry jewelled necklace bracelet earring 액세서리 악세서리 장신구 보석함 보석 주얼리",
    "hair": "머리핀 헤어",
    "charm": "참장식",
    "bead": "구슬 비즈",
    "ceramic": "porcelain 도자기 세라믹",
    "wooden": "wood 나무 원목 우드",
    "metal": "철제 메탈",
    "zinc": "아연",
    "enamel": "법랑 에나멜",
    "felt": "feltcraft 펠트",
    "knitted": "knitting wool 뜨개 니트",
    "sewing": "바느질 재봉",
    "craft": "handmade folkart 공예 수공예 핸드메이드",
    "wicker": "라탄 등나무",
    "lace": "레이스",
    "fabric": "cotton cloth 원단 패브릭",
    "vintage": "antique 빈티지 앤티크 엔틱 앤틱",
    "retro": "retrospot 레트로 복고풍 복고",
    "polkadot": "spotty spot 물방울무늬 물방울 땡땡이",
    "jumbo": "점보 대형",
    "mini": "미니",
    "cosy": "cozy 아늑",
    "scented": "scent fragrance 향기 디퓨저 방향제",
    "wreath": "리스장식 화환",
    "bell": "방울 종장식",
    "santa": "산타",
    "snow": "snowflake 눈송이 눈사람",
    "angel": "천사 엔젤",
    "reindeer": "순록 루돌프",
    "school": "학교 학용품",
    "office": "desk 사무용품 사무실",
    "beach": "해변 비치",
    "alphabet": "letter 알파벳",
    "red": "빨간색 빨간 빨강",
    "pink": "분홍색 분홍 핑크색 핑크",
    "blue": "파란색 파란 파랑 블루",
    "green": "초록색 초록 녹색",
    "white": "하얀색 하얀 흰색",
    "black": "검은색 검은 검정",
    "ivory": "아이보리",
    "fashion": "scarf glove hat 스카프 장갑 모자 패션",
}
"""Term: the other words by which it is asked for and sold, in the singular. A Korean word stands for one term alone."""

NO_PRODUCTS = frozenset(
    listed(
        "a about above across after ago all also always am among an and any anybody anyone are around as ask at be",
        "been being below best better between both bought bring bronze brought but buy buyer buying by can category",
        "choose client collect collector could crazy currently customer describe did do does each either",
        "else enjoy enthusiast especially ever everybody everyone everything except excluding fan favorite favour",
        "favourite find folk fond for frequently from get give go going gold good goods grade group had has have he",
        "help her here higher him his how i idea if in interest interested into is it",
        "item judge judging just keen keep keeps kind kinds know lately least like liking line list look looking",
        "lot lots love lover loves loving lower mainly many me member merchandise might more most mostly much my",
        "name need no non not now obsessed of often on one only or order ordered ordering ordinary other our over",
        "passion people person plan planning please prefer preference previous probably product purchase",
        "purchased purchaser purchasing range rather really recently recommend regular regularly related",
        "seem seems segment sell she shop shopped shopper shopping should show silver so some somebody someone",
        "something sort spend spending stuff such suggest supply taste tell tend than thanks that the their",
        "them theme themed themselves there these they thing this those tier to today top type under up us user",
        "usually vip want was we were what when where which who whoever whom whose why will with within without",
        "would you your",
    )
)
"""English words that say nothing of a product, grades and polite words among them."""

KOREAN_NO_PRODUCTS = listed(
    "고객님들 고객님 고객들 고객 손님들 손님 회원 구매자 구매하 구매한 구매 구입하 구입한 구입 주문하 주문한",
    "주문 결제 사람들 사람 단골 사용자 이용자 브론즈 실버 골드 브이아이피 등급 티어 그룹 명단 목록 리스트 상위",
    "하위 이상 이하 미만 초과 제외 말고 아닌 빼고 누구누구 누구 누가 찾아보 찾아 찾는 찾고 알려주 알려 알고",
    "보여주 보여 추려주 추려 뽑아 골라 추천 검색 조회 궁금 부탁 싶어 싶은 싶습니 주세요 주실 주십 줄래 줘요",
    "좋아할 좋아하 좋아해 좋아 즐겨 즐기 선호하 선호 관심 취향 애호가 마니아 팬들 자주 주로 많이 많은 꾸준히",
    "꾸준 종종 가장 제일 최근 요즘 평소 특히 위주 중심 관련된 관련 종류 타입 스타일 느낌 같은 제품 상품 물건",
    "물품 용품 품목 아이템 소품 굿즈 것들 사는 사간 사가 산다 샀던 사나 사시 살만한 사볼 사본 모으 수집 쓰는",
    "담는 어떤 어느 무슨 우리 가게 매장 쇼핑 중에서 중에도 중에 분들 있어 있는 있나 있을 하는 하고 해줘",
    "해주 한테 에게 대해 대한 그리고 또는 혹은 아니면 그런 이런 저런 정도 모두 전부 전체 다들 혹시 제발 한번",
    "여러 각종 다양한 다양 사용 이용",
)
"""Korean words and stems that say nothing of a product."""

NEVER = "a^"
"""A pattern that no row has: in place of terms that were not asked for."""

WORD = re.compile(r"[^\W_]+")
NOISE = re.compile(r"[a-z_.\-]*\d[a-z0-9_.\-]*|['’](?:s|ve|re|ll|d|m|t)\b")
"""Ids, numbers, and what is left of contracted words."""
COMPOUNDS = ((r"\blunch[ -]box(?:es)?\b", "lunchbox"), (r"\bt(?:ea)?[ -]lights?\b", "tealight"))
"""Words written apart that mean something else together."""
PIECES = re.compile(r"[가-힣]+|[^\W\d_가-힣]+")
PARTICLES = re.compile(
    r"(?:에게서|에게|에서|까지|부터|처럼|이랑|으로|이나|인데|이면|이고|하고|을|를|이|가|은|는|의|도|만|들|에|로|와|과|랑|나|류|용|품|요"
    r"|님|별|쪽|분|다|죠|지|한|할)+$"
)
PLURALS = ((r"(?<=[a-z]{2})ies$", "y"), (r"(?<=ss|ch|sh)es$", ""), (r"(?<=[xz])es$", ""), (r"(?<=[^su])s$", ""))


def search_terms(text: str, language: Language) -> tuple[str, ...]:
    """What a description asks for, at most MOST_TERMS terms in its order: no stop words, grades, ids and numbers.

    "크리스마스 장식을 사는 VIP" and "VIPs who buy Christmas decorations": ("christmas", "decoration"). Empty: it says
    nothing of a product. Korean is read with or without spaces.
    """
    plain = NOISE.sub(" ", folded(text))
    for apart, together in COMPOUNDS:
        plain = re.sub(apart, together, plain)
    found = (term for piece in PIECES.findall(plain) for term in terms_of(piece, language))
    return tuple(dict.fromkeys(found))[:MOST_TERMS]


def fragments(term: str) -> tuple[str, ...]:
    """Texts of which `words_of` names contain at least one if they match the term, and none if they do not."""
    return tuple(dict.fromkeys(fragment for spelling in spellings(term) for fragment in fragments_of(spelling)))


def patterns(terms: Sequence[str]) -> tuple[str, ...]:
    """The parameters of queries.FOUND, MOST_TERMS of them, for at most so many terms.

    Fragments hold nothing but letters, digits and spaces: as a pattern, each means itself.
    """
    return (*("|".join(fragments(term)) for term in terms), *[NEVER] * (MOST_TERMS - len(terms)))


def spellings(term: str) -> tuple[str, ...]:
    """All words that a term is sold by, its own name first."""
    return (term, *SPELLINGS.get(term, "").split())


def words_of(names: Iterable[str]) -> str:
    """The words of names, each once, the first MOST_WORDS of them, `padded`; empty without any."""
    words = dict.fromkeys(word for name in names for word in name.lower().split())
    told = padded(" ".join(list(words)[:MOST_WORDS]))
    return told if told.strip() else ""


def padded(words: str) -> str:
    """The words in small letters between single spaces, with one before and after."""
    return f" {' '.join(WORD.findall(folded(words)))} "


def folded(text: str) -> str:
    return unicodedata.normalize("NFKC", text).lower()


def terms_of(piece: str, language: Language) -> list[str]:
    if not is_hangul(piece):
        return english_terms(piece)
    return korean_terms(piece) if language == "ko" else []


def english_terms(word: str) -> list[str]:
    single = singular(word)
    if len(word) < 2 or word in NO_PRODUCTS or single in NO_PRODUCTS:
        return []
    return [TERM_OF.get(word) or TERM_OF.get(single) or single]


def korean_terms(word: str) -> list[str]:
    """The known words inside a Korean one; what is left of it is a word of its own unless it is an ending."""
    bare = PARTICLES.sub("", word)
    if bare in SYLLABLES and not KNOWN_KOREAN.search(word):
        return [TERM_OF[bare]]
    pieces = [piece for piece in KNOWN_KOREAN.split(word) if piece not in KOREAN_NO_PRODUCTS]
    named = (TERM_OF.get(piece) or PARTICLES.sub("", piece) for piece in pieces)
    return [term for term in named if len(term) > 1]


def singular(word: str) -> str:
    """candles: candle, boxes: box, parties: party, glass: glass."""
    for ending, replacement in PLURALS:
        shorter = re.sub(ending, replacement, word)
        if shorter != word:
            return shorter if len(shorter) > 2 else word
    return word


def plural(word: str) -> str:
    if word.endswith("y") and word[-2] not in "aeiou":
        return f"{word[:-1]}ies"
    if word.endswith("s") and not word.endswith("ss"):
        return word
    return f"{word}es" if word.endswith(("ss", "x", "z", "ch", "sh")) else f"{word}s"


def fragments_of(spelling: str) -> tuple[str, ...]:
    """Korean names run words together, so theirs stand anywhere; English ones begin a word."""
    if is_hangul(spelling) and spelling not in SYLLABLES:
        return (spelling,)
    whole = padded(spelling)
    if is_hangul(spelling) or len(spelling) <= WHOLE_LETTERS or spelling.endswith("y"):
        return whole, padded(plural(spelling))
    return (whole.rstrip(),)


def is_hangul(word: str) -> bool:
    return "가" <= word[0] <= "힣"


def by_spelling() -> dict[str, str]:
    """Spelling: its term; a term's own name is always its own."""
    others = {spelling: term for term, spellings in SPELLINGS.items() for spelling in spellings.split()}
    return others | {term: term for term in SPELLINGS}


TERM_OF = by_spelling()
KOREAN = {word for word in (*TERM_OF, *KOREAN_NO_PRODUCTS) if is_hangul(word)}
SYLLABLES = {word for word in KOREAN if len(word) == 1}
"""Words of one syllable stand in too many others to be found inside them."""
KNOWN_KOREAN = re.compile(f"({'|'.join(sorted(KOREAN - SYLLABLES, key=len, reverse=True))})")
