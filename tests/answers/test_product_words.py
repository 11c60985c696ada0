import re

import duckdb
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from dangol.answers.intents import Language
from dangol.answers.product_words import MOST_TERMS, SPELLINGS, fragments, patterns, search_terms, words_of
from dangol.answers.products import clean
from dangol.answers.queries import FOUND, MATCHED, PARAMETER, TERMS
from dangol.edges.lake import MACROS


@pytest.mark.parametrize(
    ("text", "language", "terms"),
    [
        ("크리스마스 장식을 사는 VIP", "ko", ("christmas", "decoration")),
        ("크리스마스장식 좋아하는 고객님들 찾아주세요", "ko", ("christmas", "decoration")),
        ("VIPs who buy Christmas decorations", "en", ("christmas", "decoration")),
        ("성탄절 오너먼트 사가는 골드 등급 손님", "ko", ("christmas", "decoration")),
        ("customers who love xmas ornaments and candles", "en", ("christmas", "decoration", "candle")),
        ("머그컵이랑 접시를 자주 사는 분들", "ko", ("mug", "plate")),
        ("도시락통 사는 사람", "ko", ("lunch",)),
        ("who buys lunch boxes?", "en", ("lunch",)),
        ("t-light holders", "en", ("tealight", "holder")),
        ("초를 사는 고객", "ko", ("candle",)),
        ("christmas 카드 사는 고객", "ko", ("christmas", "card")),
        ("비즈 공예 재료", "ko", ("bead", "craft", "재료")),
        ("who collects gnomes", "en", ("gnome",)),
        ("ＣＨＲＩＳＴＭＡＳ cards", "en", ("christmas", "card")),
    ],
)
def test_a_description_is_read_as_words_of_the_shop(text: str, language: Language, terms: tuple[str, ...]) -> None:
    assert search_terms(text, language) == terms


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("VIP 고객 목록 보여주세요", "ko"),
        ("골드 등급 상위 10명", "ko"),
        ("which customers buy the most often?", "en"),
        ("customer 12347 and customer c-99", "en"),
        ("who's shopping here", "en"),
        ("", "ko"),
    ],
)
def test_what_says_nothing_of_a_product_has_no_terms(text: str, language: Language) -> None:
    assert search_terms(text, language) == ()


def test_no_more_terms_are_sought_than_a_query_has_parameters_for() -> None:
    asked = search_terms("mugs plates bowls trays jugs clocks bags candles lamps hooks", "en")
    assert asked == ("mug", "plate", "bowl", "tray", "jug", "clock", "bag", "candle")
    assert len(patterns(asked)) == MOST_TERMS == 8


@pytest.mark.parametrize(
    ("term", "bought"),
    [
        ("christmas", "SET OF 3 CHRISTMAS TREES"),
        ("christmas", "XMAS STAR"),
        ("decoration", "WOODEN HEART DECORATIONS"),
        ("candle", "WHITE CANDLES,BOXED"),
        ("candle", "향초 세트"),
        ("candle", "생일 초"),
        ("cup", "TEA CUPS"),
        ("tealight", "HANGING T-LIGHT HOLDER"),
        ("baby", "BABIES BIB"),
        ("mug", "빈티지머그잔"),
        ("jewellery", "SILVER NECKLACE"),
    ],
)
def test_a_term_finds_products(term: str, bought: str) -> None:
    assert is_found(term, bought)


@pytest.mark.parametrize(
    ("term", "bought"),
    [
        ("cup", "CUPCAKE STAND"),
        ("cat", "CATALOGUE"),
        ("pen", "PENDANT"),
        ("candle", "초콜릿"),
        ("tea", "STEAMER"),
        ("tealight", "TEA TOWEL, NIGHT LIGHT"),
        ("plate", "TEMPLATE"),
    ],
)
def test_a_term_does_not_find_what_only_looks_like_it(term: str, bought: str) -> None:
    assert not is_found(term, bought)


def test_words_are_told_once_in_small_letters_between_spaces() -> None:
    assert words_of(["RED MUG", "Blue mug", "빨간 머그, T-Light"]) == " red mug blue 빨간 머그 t light "
    assert words_of(f"w{number}" for number in range(300)).split()[-1] == "w199"
    assert words_of(["***", ""]) == words_of([]) == ""


def test_every_term_finds_each_of_its_spellings() -> None:
    lost = [
        (term, word)
        for term, others in SPELLINGS.items()
        for word in (term, *others.split())
        if not is_found(term, f"NEW {word.upper()} SET")
    ]
    assert lost == []


def is_found(term: str, bought: str) -> bool:
    return any(fragment in words_of([bought]) for fragment in fragments(term))


def matched(rows: list[str | None], terms: list[str]) -> list[int]:
    return [count for count, _ in found(rows, terms)]


def found(rows: list[str | None], terms: list[str]) -> list[tuple[int, str]]:
    """How many terms each row matches, and by which words."""
    sql = f"select {FOUND}, concat_ws(', ', {MATCHED}) from (select unnest($rows) as words)"  # noqa: S608 - a text of this repository
    bound = dict(zip(TERMS, patterns(terms), strict=True)) | {"rows": rows}
    database = duckdb.connect()
    database.execute(MACROS)
    return database.execute(PARAMETER.sub(r"$\1", sql), bound).fetchall()


PIECES = [word for term, others in list(SPELLINGS.items())[:40] for word in (term, *others.split())]
NAMES = st.lists(
    st.tuples(
        st.sampled_from([*PIECES, "초", "tea", "t", "light", "cups", "babies", "재료", "é", "日本"]),
        st.sampled_from([" ", "", "-", ", ", "'", "’", "–", "%", "_", "\\", "\u00a0", "s ", "1", "·"]),
    ),
    max_size=8,
).map(lambda pairs: "".join(word + gap for word, gap in pairs))


@settings(max_examples=100, deadline=None)
@given(st.lists(NAMES, max_size=4), st.lists(st.sampled_from([*SPELLINGS, "재료", "light"]), min_size=1, max_size=8))
@example(["T-LIGHT HOLDER"], ["tealight"])
@example(["생일·초"], ["candle"])
def test_sql_finds_the_terms_that_fragments_find(names: list[str], terms: list[str]) -> None:
    words = words_of(clean(name) for name in names)
    by_fragments = sum(any(fragment in words for fragment in fragments(term)) for term in terms)
    assert matched([words], terms) == [by_fragments]


def test_the_words_that_are_found_are_told_without_what_stands_around_them() -> None:
    rows = [words_of(["red/candles (tall), 생일·초"]), words_of(["mug"]), words_of(["생일·초!"])]
    assert found(rows, ["candle", "mug"]) == [(1, "candle"), (1, "mug"), (1, "초")]


def test_a_row_without_words_has_no_term() -> None:
    assert matched([None, ""], ["christmas"]) == [0, 0]


def test_patterns_hold_nothing_but_letters_and_spaces() -> None:
    """A quote, a bracket or a dot of a question is no part of any pattern."""
    asked = search_terms(r"""o'brien's (mugs|.*) [a-z]+ \d "cups"; drop table x -- %""", "en")
    bare = [re.sub(r"[ |]", "", pattern) for pattern in patterns(asked)]
    assert all(left.isalpha() for left in bare[: len(asked)])
    assert bare[len(asked) :] == ["a^"] * (MOST_TERMS - len(asked))
