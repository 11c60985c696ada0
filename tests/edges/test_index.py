import json
import math
import shutil
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace

import duckdb
import pyarrow as pa
import pytest
from deltalake import DeltaTable
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dangol.answers.product_words import patterns, search_terms
from dangol.answers.queries import FOUND, PARAMETER, TERMS
from dangol.answers.words import language_of
from dangol.edges import index as index_module
from dangol.edges.index import Freshness, Index, forget_customer
from dangol.edges.lake import MACROS
from dangol.errors import StoreError

pytestmark = pytest.mark.real

ANYBODY = {"customer_ids": None, "grades": None}
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def found(index: Index, text: str, *, n: int = 10, **scope: list[str] | None) -> list[str]:
    return [hit.customer_id for hit in index.search(text, **ANYBODY | scope, n=n)]


def index_of(store, *rows) -> Index:
    store.write(*rows)
    index = Index(store.path)
    index.refresh()
    return index


def files(folder: Path) -> dict[Path, int]:
    return {path: path.stat().st_mtime_ns for path in folder.rglob("*") if path.is_file()}


def holding(folder: Path, text: str) -> list[Path]:
    return [path for path in files(folder) if text.encode() in path.read_bytes()]


def other_process(code: str, *arguments: object) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-c", code, *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)


# refresh


def test_a_refresh_applies_what_has_changed_by_content_hash(summaries_store) -> None:
    customer = summaries_store.customer
    index = index_of(
        summaries_store,
        customer("1", "VIP", "RED MUG"),
        customer("2", "VIP", "RED MUG"),
        customer("3", "Gold", "RED MUG"),
        {"key": "grade/VIP", "kind": "grade", "grade": "VIP", "words": None, "content_hash": "g"},
    )
    assert sorted(found(index, "mugs")) == ["1", "2", "3"]

    summaries_store.write(
        customer("1", "VIP", "RED MUG"), customer("2", "Silver", "BLUE CLOCK"), customer("4", "Gold", "RED MUG")
    )
    assert index.refresh() == {"added": 1, "updated": 1, "deleted": 1, "version": 1}
    assert sorted(found(index, "mugs")) == ["1", "4"]
    assert found(index, "clock") == found(index, "clock", grades=["Silver"]) == ["2"]


def test_a_first_refresh_counts_customers_alone(summaries_store) -> None:
    grade = {"key": "grade/VIP", "kind": "grade", "grade": "VIP", "words": "red mug", "content_hash": "g"}
    summaries_store.write(summaries_store.customer("1", "VIP", "RED MUG"), grade)
    index = Index(summaries_store.path)
    assert index.refresh() == {"added": 1, "updated": 0, "deleted": 0, "version": 0}
    assert found(index, "mug") == ["1"]


def test_there_is_nothing_to_do_when_the_version_was_applied(summaries_store) -> None:
    index = index_of(summaries_store, summaries_store.customer("1", "VIP", "RED MUG"))
    before = files(index.folder)
    assert index.refresh() == {"added": 0, "updated": 0, "deleted": 0, "version": 0}
    assert files(index.folder) == before


def test_a_commit_that_changes_no_content_is_applied_without_a_row(summaries_store) -> None:
    row = summaries_store.customer("1", "VIP", "RED MUG")
    index = index_of(summaries_store, row)
    summaries_store.write(row)
    assert index.refresh() == {"added": 0, "updated": 0, "deleted": 0, "version": 1}
    assert index.search("mug", **ANYBODY, n=1)[0].version == 0


def test_an_index_of_nobody_fills_up_later(summaries_store) -> None:
    index = index_of(summaries_store)
    assert found(index, "mug") == []
    summaries_store.write(summaries_store.customer("1", "VIP", "RED MUG"))
    assert index.refresh() == {"added": 1, "updated": 0, "deleted": 0, "version": 1}
    assert found(index, "mug") == ["1"]


def test_rows_beside_the_full_text_index_are_taken_into_it(summaries_store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(index_module, "MOST_UNINDEXED", 1)
    monkeypatch.setattr(index_module, "ROWS_AT_ONCE", 2)
    rows = [summaries_store.customer(str(number), "VIP", "RED MUG") for number in range(9)]
    index = index_of(summaries_store, *rows[:1])
    summaries_store.write(*rows)
    assert index.refresh()["added"] == 8
    table = index_module.open_table(index.folder)
    assert table.index_stats(table.list_indices()[0].name).num_unindexed_rows == 0
    assert len(found(index, "mug")) == 9


def test_without_summaries_a_refresh_says_what_to_run(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="run `dangol summarize` first"):
        Index(tmp_path / "store").refresh()


def test_a_reader_sees_what_another_process_has_refreshed_at_once(summaries_store) -> None:
    index = index_of(summaries_store, summaries_store.customer("1", "VIP", "RED MUG"))
    assert found(index, "mug") == ["1"]
    summaries_store.write(summaries_store.customer("2", "VIP", "RED MUG"))
    told = other_process(
        "import sys; from dangol.cli import main; main(sys.argv[1:])",
        *["index", "--json", "--store", summaries_store.path],
    )
    assert json.loads(told.stdout) == {"added": 1, "updated": 0, "deleted": 1, "version": 1}
    assert found(index, "mug") == ["2"]


KILLED = """
import os, sys
from pathlib import Path
from dangol.edges import index

index.ROWS_AT_ONCE = 2
done = getattr(index, sys.argv[2])
def once_then_killed(*arguments):
    done(*arguments)
    os._exit(9)
setattr(index, sys.argv[2], once_then_killed)
index.Index(Path(sys.argv[1])).refresh()
"""


@pytest.mark.parametrize(("last_done", "left"), [("create_table", 3), ("index_rows", 0)])
def test_a_refresh_that_was_killed_is_done_again(summaries_store, last_done: str, left: int) -> None:
    summaries_store.write(*(summaries_store.customer(str(number), "VIP", "RED MUG") for number in range(5)))
    assert other_process(KILLED, summaries_store.path, last_done).returncode == 9
    index = Index(summaries_store.path)
    assert index.freshness() is None
    assert index.refresh() == {"added": left, "updated": 0, "deleted": 0, "version": 0}
    assert sorted(found(index, "mug")) == ["0", "1", "2", "3", "4"]


def test_a_refresh_that_was_killed_at_its_first_bytes_is_done_again(summaries_store) -> None:
    index = index_of(summaries_store, summaries_store.customer("1", "VIP", "RED MUG"))
    shutil.rmtree(
        index.folder / "customers.lance" / "_versions"
    )  # the data is written before the version that names it
    assert Index(summaries_store.path).refresh() == {"added": 1, "updated": 0, "deleted": 0, "version": 0}
    assert found(index, "mug") == ["1"]


# search: what for


@pytest.mark.parametrize(
    "text", ["크리스마스 장식", "크리스마스장식을 사는 고객", "Christmas decorations", "who buys xmas ornaments?"]
)
def test_words_of_either_language_find_names_of_either(summaries_store, text: str) -> None:
    customer = summaries_store.customer
    index = index_of(
        summaries_store,
        customer("en", "VIP", "WOODEN CHRISTMAS TREE DECORATION"),
        customer("ko", "VIP", "성탄절장식품 세트"),
        customer("xm", "VIP", "PAPER XMAS STAR", "DECORATIVE ORNAMENT"),
        customer("no", "VIP", "CHRISTENING GIFT", "장난감"),
    )
    assert sorted(found(index, text)) == ["en", "ko", "xm"]


def test_who_bought_more_of_what_is_asked_for_comes_first(summaries_store) -> None:
    customer = summaries_store.customer
    index = index_of(
        summaries_store,
        customer("one", "VIP", "CHRISTMAS TREE", "CHRISTMAS STAR", "CHRISTMAS CARD"),
        customer("both", "VIP", *(f"{color} BOX" for color in ["RED", "BLUE", "GREEN", "PINK"]), "CHRISTMAS CANDLE"),
        customer("none", "VIP", "RED MUG"),
    )
    hits = index.search("christmas candles", **ANYBODY, n=10)
    assert [(hit.customer_id, hit.share) for hit in hits] == [("both", 1.0), ("one", 0.5)]
    assert found(index, "christmas candles", n=1) == ["both"]
    assert hits[0].key == "customer/both"
    assert all(hit.score > 0 for hit in hits)


def test_a_word_of_one_syllable_is_found(summaries_store) -> None:
    customer = summaries_store.customer
    index = index_of(summaries_store, customer("1", "VIP", "생일 초"), customer("2", "VIP", "초콜릿"))
    assert found(index, "초를 사는 고객") == ["1"]


def test_a_text_that_asks_for_no_product_finds_nobody(summaries_store) -> None:
    index = index_of(summaries_store, summaries_store.customer("1", "VIP", "RED MUG"))
    assert found(index, "VIP 고객 목록 보여주세요") == found(index, "") == found(index, "mug", n=0) == []


# search: where


@pytest.fixture
def lookalikes(summaries_store) -> Index:
    customer = summaries_store.customer
    grades = {"1234": "VIP", "12345": "VIP", "123": "Gold", "01234": "VIP ", "1234a": "vip", "x": None}
    return index_of(summaries_store, *(customer(name, grade, "RED MUG") for name, grade in grades.items()))


@pytest.mark.parametrize(
    ("scope", "inside"),
    [
        ({"customer_ids": ["1234"]}, ["1234"]),
        ({"customer_ids": ["1234", "123"]}, ["123", "1234"]),
        ({"customer_ids": ["234"]}, []),
        ({"customer_ids": []}, []),
        ({"grades": ["VIP"]}, ["1234", "12345"]),
        ({"grades": ["VIP", "Gold"]}, ["123", "1234", "12345"]),
        ({"grades": []}, []),
        ({"customer_ids": ["123", "1234"], "grades": ["Gold"]}, ["123"]),
        ({"customer_ids": ["123"], "grades": ["VIP"]}, []),
        ({"customer_ids": [], "grades": ["VIP"]}, []),
        ({"customer_ids": ["x"]}, ["x"]),
        ({}, ["01234", "123", "1234", "12345", "1234a", "x"]),
    ],
)
def test_nobody_outside_the_scope_is_found(lookalikes: Index, scope: dict[str, list[str]], inside: list[str]) -> None:
    assert sorted(found(lookalikes, "mug", **scope)) == inside


HOSTILE = ["' or '1'='1", "100%", "_", "a\"b'c", "x\\", "1' --", "'; drop table customers; --", "null", "가'나", "*"]


def test_ids_and_grades_are_values_and_never_text_of_a_query(summaries_store) -> None:
    rows = [summaries_store.customer(name, f"grade {name}", "RED MUG") for name in [*HOSTILE, "1", "1000"]]
    index = index_of(summaries_store, *rows)
    for name in HOSTILE:
        assert found(index, "mug", customer_ids=[name]) == [name]
        assert found(index, "mug", grades=[f"grade {name}"]) == [name]
        assert found(index, "mug", grades=[name]) == []


@pytest.mark.parametrize("words", ["mug' OR 1=1 --", 'mug" % _', "mug) OR customer_id != ''", "mug AND *", "mug~9 +x"])
def test_what_is_asked_is_never_text_of_a_query(lookalikes: Index, words: str) -> None:
    assert found(lookalikes, words, customer_ids=["1234"]) == ["1234"]


def test_the_best_of_a_small_scope_are_found_behind_many_better_ones_outside_it(summaries_store) -> None:
    customer = summaries_store.customer
    better = [customer(f"b{number}", "VIP", "CHRISTMAS DECORATION") for number in range(200)]
    inside = customer("i", "Gold", *(f"{color} BOX" for color in ["RED", "BLUE", "GREEN", "PINK"]), "CHRISTMAS MUG")
    index = index_of(summaries_store, *better, inside)
    assert found(index, "christmas decorations", grades=["Gold"], n=3) == ["i"]


# the same without the index

WORDS = [
    "christmas",
    "xmas",
    "decoration",
    "mug",
    "cup",
    "cupcake",
    "t-light",
    "light",
    "초",
    "초콜릿",
    "머그컵",
    "트리's",
]
PRODUCTS = st.lists(st.sampled_from(WORDS), min_size=1, max_size=3).map(" ".join)
CUSTOMERS = st.lists(
    st.tuples(st.sampled_from(["VIP", "Gold", None]), st.lists(PRODUCTS, max_size=3)), min_size=1, max_size=12
)
ASKED = ["크리스마스 장식", "mugs or cups", "양초", "초콜릿이랑 머그", "t-lights", "lights", "컵케이크", "나무 트리"]
BY_QUERY = PARAMETER.sub(
    r"$\1",
    f"""
select customer_id from (
    select customer_id, {FOUND} as found
    from summaries
    where kind = 'customer' and (:anyone or array_contains(:ids, customer_id))
      and (:any_grade or array_contains(:grades, grade))
) as counted
where found > 0
""",  # noqa: S608 - a text of this repository
)


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(CUSTOMERS, st.sampled_from([None, ["VIP"], ["VIP", "Gold"], []]), st.sampled_from([None, ["1", "2", "12"], []]))
def test_a_query_finds_the_customers_that_the_index_finds(summaries_store, customers, grades, ids) -> None:
    rows = [summaries_store.customer(str(id_), grade, *names) for id_, (grade, names) in enumerate(customers)]
    index = index_of(summaries_store, *rows)
    database = duckdb.connect()
    database.execute(MACROS)
    database.register("summaries", pa.table(DeltaTable(summaries_store.path / "summaries").scan()))
    for text in ASKED:
        terms = search_terms(text, language_of(text))
        scope = {"anyone": ids is None, "ids": ids or [], "any_grade": grades is None, "grades": grades or []}
        bound = dict(zip(TERMS, patterns(terms), strict=True)) | scope
        by_query = database.execute(BY_QUERY, bound).fetchall()
        assert sorted(found(index, text, grades=grades, customer_ids=ids, n=100)) == sorted(id_ for (id_,) in by_query)


# freshness


def test_an_index_tells_how_far_it_is_behind(summaries_store) -> None:
    index = Index(summaries_store.path)
    summaries_store.write(summaries_store.customer("1", "VIP", "RED MUG"))
    assert index.freshness() is None
    assert index.behind(0, EPOCH) == math.inf
    index.refresh()
    assert index.freshness() == Freshness(version=0, behind_seconds=0.0)

    summaries_store.write(summaries_store.customer("2", "VIP", "RED MUG"))
    behind = index.freshness()
    assert behind is not None
    assert (behind.version, behind.behind_seconds > 0) == (0, True)
    index.refresh()
    assert index.freshness() == Freshness(version=1, behind_seconds=0.0)


def test_it_is_behind_since_the_first_commit_that_it_lacks(summaries_store) -> None:
    index = index_of(summaries_store, summaries_store.customer("1", "VIP", "RED MUG"))
    for customer in ("2", "3"):
        summaries_store.write(summaries_store.customer(customer, "VIP", "RED MUG"))
    since_1970 = datetime.now(UTC).timestamp()
    assert index.behind(1, EPOCH) == pytest.approx(since_1970, abs=60)
    assert index.behind(2, EPOCH) < 60  # the log tells when version 1 was committed
    assert index.behind(0, EPOCH) == 0.0


def test_another_table_of_summaries_makes_an_index_stale_until_it_is_refreshed(summaries_store) -> None:
    index = index_of(summaries_store, summaries_store.customer("1", "VIP", "RED MUG"))
    shutil.rmtree(summaries_store.path / "summaries")
    summaries_store.write(summaries_store.customer("2", "VIP", "RED MUG"))
    assert index.freshness() is None
    assert index.refresh() == {"added": 1, "updated": 0, "deleted": 1, "version": 0}
    assert found(index, "mug") == ["2"]


# forgetting


def test_nothing_of_a_forgotten_customer_is_left_in_any_file(summaries_store) -> None:
    customer = summaries_store.customer
    others = [customer("12345", "VIP", "RED MUG"), customer("7", "Gold", "BLUE CLOCK")]
    index = index_of(summaries_store, customer("c-9988", "VIP", "ZANZIBAR MUG"), *others)
    summaries_store.write(customer("c-9988", "Gold", "ZANZIBAR MUG", "CLOCK"), *others)
    index.refresh()
    home = summaries_store.path.parent
    assert holding(home / "index", "c-9988")
    assert found(index, "mug", customer_ids=["c-9988"]) == ["c-9988"]

    summaries_store.write(*others)
    assert forget_customer(home, "c-9988") == 1
    assert holding(home / "index", "c-9988") == []
    assert holding(home / "index", "zanzi") == []
    assert (found(index, "mug"), found(index, "clock")) == (["12345"], ["7"])
    assert index.refresh() == {"added": 0, "updated": 0, "deleted": 0, "version": 2}


def test_only_the_very_id_is_forgotten(lookalikes: Index) -> None:
    home = lookalikes.store.parent
    assert forget_customer(home, "234") == 0
    assert forget_customer(home, "1234") == 1
    assert sorted(found(lookalikes, "mug")) == ["01234", "123", "12345", "1234a", "x"]


def test_an_index_can_forget_the_last_customer(summaries_store) -> None:
    index = index_of(summaries_store, summaries_store.customer("1", "VIP", "RED MUG"))
    assert forget_customer(summaries_store.path.parent, "1") == 1
    assert found(index, "mug") == []


def test_without_an_index_nobody_is_forgotten(tmp_path: Path) -> None:
    assert forget_customer(tmp_path, "1") == 0


# damage


def test_without_an_index_a_search_says_what_to_run(summaries_store) -> None:
    with pytest.raises(StoreError, match="run `dangol index` first"):
        found(Index(summaries_store.path), "mug")


@pytest.mark.parametrize("folder", ["data", "_indices"])
def test_a_damaged_index_says_what_to_do(summaries_store, folder: str) -> None:
    index = index_of(summaries_store, summaries_store.customer("1", "VIP", "RED MUG"))
    shutil.rmtree(index.folder / "customers.lance" / folder)
    with pytest.raises(StoreError, match="remove the folder, and run `dangol index`"):
        found(Index(summaries_store.path), "mug")
    shutil.rmtree(index.folder)
    assert index.refresh()["added"] == 1
    assert found(index, "mug") == ["1"]


def test_a_search_whose_files_were_cleaned_up_meanwhile_begins_again(
    summaries_store, monkeypatch: pytest.MonkeyPatch
) -> None:
    index = index_of(summaries_store, summaries_store.customer("1", "VIP", "RED MUG"))
    best, faults = index_module.best, [OSError("not found: data/x.lance")]

    def best_after_faults(*arguments):
        if faults:
            raise faults.pop()
        return best(*arguments)

    monkeypatch.setattr(index_module, "best", best_after_faults)
    assert found(index, "mug") == ["1"]
    faults += [OSError("not found: data/x.lance")] * 2
    with pytest.raises(StoreError, match="not found"):
        found(index, "mug")


def test_damaged_notes_of_what_was_applied_are_made_anew(summaries_store) -> None:
    index = index_of(summaries_store, summaries_store.customer("1", "VIP", "RED MUG"))
    (index.folder / "applied.json").write_text('{"version": ')
    assert index.freshness() is None
    assert index.refresh() == {"added": 0, "updated": 0, "deleted": 0, "version": 0}
    assert index.freshness() == Freshness(version=0, behind_seconds=0.0)


# embeddings


def test_embeddings_order_those_whom_the_words_find(summaries_store) -> None:
    def vector(text: str) -> list[float]:
        return [float(text.count("a")), float(text.count("e")), 1.0]

    embeddings = SimpleNamespace(
        fingerprint="letters", embed_documents=lambda texts: [vector(text) for text in texts], embed_query=vector
    )
    customer = summaries_store.customer
    summaries_store.write(
        customer("far", "VIP", "MUG eeeeee"),
        customer("near", "VIP", "MUG aaaaaa"),
        customer("other", "VIP", "CLOCK aaaaaa"),
        customer("gold", "Gold", "MUG aaa"),
        customer("nothing", "VIP"),
    )
    index = Index(summaries_store.path, embeddings)
    assert index.refresh()["added"] == 5
    assert index.folder.name == "letters"
    hits = index.search("mug banana", customer_ids=None, grades=["VIP"], n=9)
    assert [hit.customer_id for hit in hits] == ["near", "far"]
    assert hits[0].score > 0.9 > hits[1].score
    assert found(index, "mug banana", n=1) == ["gold"]
    assert found(index, "mug banana", grades=["VIP"], n=1) == ["near"]
