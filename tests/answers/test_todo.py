"""What is to be done today: on real Delta tables, with customers who almost belong to each task beside those who do."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pyarrow as pa
import pytest
from deltalake import write_deltalake
from sources_fixture import CHANGE, SourcesStore
from summaries_fixture import SummariesStore

from dangol.answers.audiences import Audience, parameters, queries
from dangol.answers.evidence import value_of
from dangol.answers.summaries import Terms
from dangol.answers.todo import Decision, Task, audience_of, in_force, newest, tasks
from dangol.edges.lake import Lake
from dangol.tables import CHANGES

NAMES = {"en": ["Bronze", "Silver", "Gold", "VIP"], "ko": ["브론즈", "실버", "골드", "VIP"]}
TERMS = Terms(NAMES, "KRW", ZoneInfo("Asia/Seoul"))
TODAY = date(2011, 12, 10)
SURE: dict[str, Any] = {"grade": "VIP", "grade_rank": 3, "p_max": 0.9, "p_up": 0.0, "p_down": 0.1}
NOT_SURE = SURE | {"p_max": 0.55, "p_down": 0.45}
UP: dict[str, Any] = {"p_max": 0.5, "p_up": 0.45, "p_down": 0.05}
ONCE = {"grade": "Bronze", "grade_rank": 0, "posterior": None, "p_max": None, "p_up": None, "p_down": None}


def change(store: Path, customer_id: str, direction: str, at: str, batch_id: int = 1, **other: Any) -> None:
    row = {
        "customer_id": customer_id,
        "old_grade": "VIP",
        "new_grade": "Gold",
        "direction": direction,
        "cause": "ageing",
        "as_of": datetime.fromisoformat(at),
        "generation": 1,
        "batch_id": batch_id,
    } | other
    write_deltalake(store / CHANGES.name, pa.Table.from_pylist([row], CHANGE), mode="append")


@pytest.fixture
def store(tmp_path: Path) -> SourcesStore:
    found = SourcesStore(tmp_path / "store")
    row = found.row
    found.history(
        1,
        row("100", **NOT_SURE, monetary=Decimal("9000.0000")),
        row("1000", **SURE),
        *(row(customer, monetary=Decimal("3000.0000")) for customer in ("200", "2000", "201", "202", "203")),
        row("300", **SURE),
        row("500", **UP, monetary=Decimal("2800.0000")),
        row("501", **UP, state="cooling"),
        row("502", p_max=0.7, p_up=0.29, p_down=0.01),
        row("600", **ONCE, frequency=1, state="new", monetary=Decimal("150.0000")),
        row("601", **ONCE, frequency=1, state="active"),
        row("700", state="cooling", monetary=Decimal("4500.0000")),
        row("7000", state="cooling"),
        row("701"),
    )
    change(found.path, "200", "down", "2011-12-04T00:00:00+09:00")
    change(found.path, "2000", "down", "2011-12-03T23:59:59+09:00")
    change(found.path, "201", "down", "2011-12-09T00:00:00+09:00", cause="model")
    change(found.path, "202", "down", "2011-12-09T00:00:00+09:00", old_grade="Gold", new_grade="Silver")
    change(found.path, "203", "up", "2011-12-09T00:00:00+09:00")
    change(found.path, "300", "down", "2011-12-08T00:00:00+09:00", 1)
    change(found.path, "300", "up", "2011-12-09T00:00:00+09:00", 2)
    return found


@pytest.fixture
def told(store: SourcesStore) -> SourcesStore:
    """With summaries."""
    texts = SummariesStore(store.path)
    fading = {"signals": ["dormant_high_value", "big_basket"]}
    texts.write(
        texts.customer("700", "Gold", **fading),
        texts.customer("7000", "Gold", signals=["big_basket"]),
        texts.customer("701", "Gold", **fading),
    )
    return store


def found(store: SourcesStore, role: Any = "admin", language: Any = "en") -> list[Task]:
    return tasks(Lake(store.path), TERMS, 0.6, TODAY, language, role)


def ids(store: SourcesStore, task: Task) -> Iterator[str]:
    asked = parameters(task.audience, TERMS, 0.6, TODAY)
    return (row["customer_id"] for row in Lake(store.path).run(queries(task.audience).ids, asked).rows)


def test_tasks_come_by_money_at_risk_per_day_left_to_act(told: SourcesStore) -> None:
    listed = found(told)

    assert [(one.id, one.customers, one.monetary, one.priority) for one in listed] == [
        ("top_slipping", 1, Decimal("9000.0000"), Decimal("1285.71")),
        ("top_fallen", 1, Decimal("3000.0000"), Decimal("428.57")),
        ("near_next", 1, Decimal("2800.0000"), Decimal("200.00")),
        ("valuable_fading", 1, Decimal("4500.0000"), Decimal("50.00")),
        ("second_purchase", 1, Decimal("150.0000"), Decimal("5.00")),
    ]
    assert {one.id: list(ids(told, one)) for one in listed} == {
        "top_slipping": ["100"],
        "top_fallen": ["200"],
        "near_next": ["500"],
        "valuable_fading": ["700"],
        "second_purchase": ["600"],
    }


def test_a_task_says_why_in_both_languages(store: SourcesStore) -> None:
    english, korean = (found(store, language=language)[0] for language in ("en", "ko"))

    assert english.title == "VIP customers about to fall"
    assert english.why == "1 customer on the boundary, still VIP but leaning to a lower grade; they are worth ₩9,000."
    assert korean.title == "흔들리는 VIP 고객"
    assert korean.why == "아직 VIP 등급이지만 아래 등급으로 기운 경계 고객이 1명이고, 구매 금액은 9,000원입니다."


def test_the_facts_of_a_task_are_in_the_evidence_that_they_cite(store: SourcesStore) -> None:
    fallen = next(one for one in found(store) if one.id == "top_fallen")

    assert [source.table for source in fallen.evidence.sources] == ["customer_history", "changes"]
    assert [(fact.name, fact.unit, fact.citation) for fact in fallen.facts] == [
        ("customers", "customers", 1),
        ("monetary", "KRW", 1),
    ]
    for fact in fallen.facts:
        assert value_of(fallen.evidence.rows[fact.row], fact.column, fact.per, fact.unit) == fact.value


def test_a_change_shows_at_once(store: SourcesStore) -> None:
    lake = Lake(store.path, refresh_seconds=0)
    before = {one.id: one.customers for one in tasks(lake, TERMS, 0.6, TODAY, "en", "admin")}
    change(store.path, "1000", "down", "2011-12-10T00:00:00+09:00", 3)
    after = {one.id: one.customers for one in tasks(lake, TERMS, 0.6, TODAY, "en", "admin")}

    assert (before["top_fallen"], after["top_fallen"]) == (1, 2)


def test_a_task_without_its_table_is_left_out(store: SourcesStore) -> None:
    assert [one.id for one in found(store)] == ["top_slipping", "top_fallen", "near_next", "second_purchase"]


def test_viewers_see_no_small_group(store: SourcesStore) -> None:
    many = [store.row(f"9{number}", **NOT_SURE) for number in range(9)]
    store.history(2, *many)

    assert [(one.id, one.customers) for one in found(store, role="viewer")] == [("top_slipping", 10)]


def test_no_task_is_there_without_customers(tmp_path: Path) -> None:
    store = SourcesStore(tmp_path / "store")
    store.history(1, store.row("1"))

    assert found(store) == []


def test_only_tasks_have_an_audience() -> None:
    assert audience_of("top_slipping", NAMES) == Audience(grades=("VIP",), boundary="down")
    assert audience_of("bottom_slipping", NAMES) is None


AT = datetime(2011, 12, 10, 9, tzinfo=UTC)
TEN = [str(number) for number in range(10)]


@pytest.mark.parametrize(
    ("customer_ids", "later", "counts"),
    [
        (TEN, timedelta(0), True),
        (TEN, timedelta(days=7) - timedelta(seconds=1), True),
        (TEN, timedelta(days=7), False),
        (TEN[:8], timedelta(1), True),
        (TEN[:7], timedelta(1), False),
        ([*TEN, "10", "11"], timedelta(1), True),
        ([*TEN, "10", "11", "12"], timedelta(1), False),
        ([*TEN[2:], "10"], timedelta(1), False),
        ([*TEN[1:], "10"], timedelta(1), True),
    ],
)
def test_a_decision_counts_for_seven_days_and_until_a_fifth_has_changed(
    customer_ids: list[str], later: timedelta, counts: bool
) -> None:
    decision = Decision("near_next", "dismiss", "ana", AT, frozenset(TEN))

    assert in_force(decision, customer_ids, AT + later) is counts


def test_of_a_task_the_newest_decision_counts() -> None:
    first = Decision("near_next", "dismiss", "ana", AT, frozenset())
    second = Decision("near_next", "approve", "bo", AT + timedelta(seconds=1), frozenset())
    other = Decision("top_fallen", "dismiss", "ana", AT, frozenset())

    assert newest([second, other, first]) == {"near_next": second, "top_fallen": other}
