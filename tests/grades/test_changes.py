from datetime import date
from decimal import Decimal
from typing import Any

import duckdb
import pyarrow as pa
import pytest
from store_fixture import SCHEMA, CustomerStore

from dangol.grades.changes import CHANGES, ENDS, KEPT, ROW
from dangol.tables import CHANGES as TABLE

DAY = date(2011, 12, 7)
HYSTERESIS = 0.15

Row = dict[str, Any]


@pytest.fixture
def row(customer_store: CustomerStore) -> Any:
    """A row of history, by its batch."""
    return lambda batch_id, customer_id="kim", **changes: customer_store.row(
        customer_id, generation=1, batch_id=batch_id, **changes
    )


def changes(*rows: Row, after: int = 0) -> list[Row]:
    database = duckdb.connect()
    database.register("history", pa.Table.from_pylist(list(rows), SCHEMA).select(list(ROW)))
    values = {"hysteresis": HYSTERESIS, "after": after}
    found: list[Row] = database.sql(CHANGES.format(rows="history"), params=values).to_arrow_table().to_pylist()
    return found


def moves(*rows: Row) -> list[tuple[Any, ...]]:
    return [(row["batch_id"], row["old_grade"], row["new_grade"], row["direction"]) for row in changes(*rows)]


def last_cause(*rows: Row) -> str:
    return str(changes(*rows)[-1]["cause"])


VIP: Row = {"grade": "VIP", "grade_rank": 3}
SILVER: Row = {"grade": "Silver", "grade_rank": 1}
BY_RULE: Row = {"posterior": None, "p_max": None, "margin": None}
BRONZE: Row = {"grade": "Bronze", "grade_rank": 0, "frequency": 1, **BY_RULE}
NO_GRADE: Row = {"grade": None, "grade_rank": None, **BY_RULE}


def test_a_change_says_all_of_its_two_rows(row) -> None:
    found = changes(
        row(0, recency_days=40, frequency=6, monetary=Decimal("3000.0000"), last_purchase_date=date(2011, 10, 31)),
        row(5, **VIP, p_max=0.9, margin=0.8, model_version="1", recency_days=0),
    )

    assert list(found[1]) == TABLE.names
    assert {**found[1], "as_of": None, "enqueued_time": None} == {
        "change_id": "73fbf8c5dc0581e364ddababf99b5ce8a37005d8e6511b908d403d93d661cabe",
        "customer_id": "kim",
        "old_grade": "Gold",
        "old_grade_rank": 2,
        "new_grade": "VIP",
        "new_grade_rank": 3,
        "direction": "up",
        "cause": "order",
        "old_recency_days": 40,
        "new_recency_days": 0,
        "old_frequency": 6,
        "new_frequency": 7,
        "old_monetary": Decimal("3000.0000"),
        "new_monetary": Decimal("4310.0000"),
        "old_model_version": "1",
        "new_model_version": "1",
        "p_max": 0.9,
        "margin": 0.8,
        "as_of": None,
        "enqueued_time": None,
        "generation": 1,
        "batch_id": 5,
    }


def test_a_new_customer_comes_in_and_a_dormant_one_goes_out(row) -> None:
    assert moves(row(0, **BRONZE), row(1), row(2, **VIP), row(3, **SILVER), row(4, **NO_GRADE)) == [
        (0, None, "Bronze", "in"),
        (1, "Bronze", "Gold", "up"),
        (2, "Gold", "VIP", "up"),
        (3, "VIP", "Silver", "down"),
        (4, "Silver", None, "out"),
    ]


def test_a_grade_that_does_not_settle_changes_nothing(row) -> None:
    """The margin has to be above the hysteresis; a customer who sways on a boundary stays."""
    assert moves(row(0), row(1, **VIP, margin=0.15), row(2, margin=0.05), row(3, **VIP, margin=0.1), row(4)) == [
        (0, None, "Gold", "in")
    ]
    assert moves(row(0), row(1, **VIP, margin=0.1), row(2, **VIP, margin=0.16))[1:] == [(2, "Gold", "VIP", "up")]


def test_the_first_row_settles_whatever_its_margin(row) -> None:
    assert moves(row(0, margin=0.01), row(1, **VIP, margin=0.1), row(2, **VIP, margin=0.2)) == [
        (0, None, "Gold", "in"),
        (2, "Gold", "VIP", "up"),
    ]


def test_without_a_model_nothing_changes(row) -> None:
    ungraded = {**NO_GRADE, "model_version": None}
    assert moves(row(0, **ungraded), row(1, **ungraded)) == []
    assert [found["cause"] for found in changes(row(0, **ungraded), row(1, cause="model"))] == ["model"]


def test_customers_have_nothing_to_do_with_each_other(row) -> None:
    assert moves(row(0, "kim"), row(1, "lee", **VIP), row(2, "kim"), row(3, "lee")) == [
        (0, None, "Gold", "in"),
        (1, None, "VIP", "in"),
        (3, "VIP", "Gold", "down"),
    ]


def test_a_new_generation_is_later_than_every_batch_before(row) -> None:
    later = row(0, **VIP) | {"generation": 2}
    assert [(c["generation"], c["new_grade"]) for c in changes(later, row(900))] == [(1, "Gold"), (2, "VIP")]


def test_equal_ranks_of_two_models_have_no_direction(row) -> None:
    found = changes(row(0), row(1, grade="Regular", grade_rank=2, model_version="2", cause="model"))[-1]
    assert (found["old_grade"], found["new_grade"], found["direction"]) == ("Gold", "Regular", None)


@pytest.mark.parametrize(
    ("cause", "changed"),
    [
        ("order", {"cause": "placed", "last_purchase_date": date(2011, 12, 9), "recency_days": 1, "frequency": 8}),
        # the second of one day
        ("order", {"cause": "placed", "recency_days": 0, "frequency": 8}),
        # a tick in the same batch was enqueued later
        ("order", {"cause": "tick", "last_purchase_date": date(2011, 12, 10), "recency_days": 0, "frequency": 8}),
        ("return", {"cause": "returned", "monetary": Decimal("4000.0000")}),
        ("return", {"cause": "cancelled", "monetary": Decimal("4000.0000"), "frequency": 6}),
        # a late order
        ("repair", {"cause": "placed", "frequency": 8, "monetary": Decimal("5000.0000")}),
        # a corrected one
        ("repair", {"cause": "placed", "monetary": Decimal("4000.0000")}),
        ("repair", {"cause": "rebuild", "monetary": Decimal("4000.0000")}),
        ("repair", {"cause": "rebuild", "last_purchase_date": date(2011, 12, 9), "frequency": 8}),
        ("ageing", {"cause": "rebuild", "recency_days": 4}),
        ("window", {"cause": "tick", "frequency": 6, "recency_days": 4}),
        ("window", {"cause": "tick", "monetary": Decimal("4000.0000")}),
        ("window", {"cause": "model", "monetary": Decimal("4000.0000")}),
        ("ageing", {"cause": "tick", "recency_days": 4}),
        # a repeated message
        ("ageing", {"cause": "placed", "recency_days": 4}),
        ("model", {"cause": "model", "model_version": "2"}),
        ("model", {"cause": "placed", "last_purchase_date": date(2011, 12, 9), "model_version": "2"}),
    ],
)
def test_causes(row, cause: str, changed: Row) -> None:
    assert last_cause(row(0), row(1, **VIP, **changed)) == cause


def test_what_happened_is_told_by_the_row_before(row) -> None:
    """The order came while nothing settled; it is not what made the grade settle."""
    ordered = {"frequency": 8, "last_purchase_date": date(2011, 12, 10)}
    unsettled = row(1, **SILVER, margin=0.1, recency_days=0, **ordered)
    aged = row(2, **SILVER, margin=0.2, recency_days=9, cause="tick", **ordered)
    returned = row(2, **SILVER, margin=0.2, recency_days=0, cause="returned", monetary=Decimal("9.0000"), **ordered)

    assert last_cause(row(0), unsettled, aged) == "ageing"
    assert last_cause(row(0), unsettled, returned) == "return"
    assert changes(row(0), unsettled, aged)[-1]["old_frequency"] == 7


def test_a_model_is_told_by_the_row_that_settled_the_old_grade(row) -> None:
    unsettled = row(1, **VIP, margin=0.1, model_version="2", cause="model")
    assert last_cause(row(0), unsettled, row(2, **VIP, model_version="2", cause="tick")) == "model"


def test_what_is_kept_are_the_newest_row_and_the_one_that_settled(row) -> None:
    rows = [
        *(row(0, "kim"), row(1, "kim", margin=0.3), row(2, "kim", margin=0.1), row(3, "kim", margin=0.05)),
        *(row(0, "lee", margin=0.1), row(1, "lee", margin=0.05)),
        *(row(0, "park"), row(3, "park", **NO_GRADE)),
    ]
    database = duckdb.connect()
    database.register("history", pa.Table.from_pylist(rows, SCHEMA).select(list(ROW)))
    database.execute(f"create table ends as {ENDS.format(rows='history')}", {"hysteresis": HYSTERESIS})
    kept = database.sql(KEPT.format(rows="history", ends="ends")).to_arrow_table()

    assert kept.column_names == list(ROW)
    assert sorted((found["customer_id"], found["batch_id"]) for found in kept.to_pylist()) == [
        *(("kim", 1), ("kim", 3)),
        *(("lee", 0), ("lee", 1)),
        ("park", 3),
    ]
