"""What the tables and the champion say of grades, without a JVM: boundary, why, what-if, the grades of a past day."""

from datetime import date, datetime, time, timedelta
from typing import Any

import duckdb
import pyarrow as pa
from deltalake import DeltaTable
from deltalake.exceptions import DeltaError

from dangol.answers.queries import Query
from dangol.edges import registry
from dangol.edges.lake import CLOSED, Lake, dictionaries, opened
from dangol.errors import ModelError, SettingsError, StoreError
from dangol.grades import explain
from dangol.grades.explain import Rfm
from dangol.grades.parameters import MixtureParameters
from dangol.settings import Settings
from dangol.tables import CUSTOMER_HISTORY

BOUNDARY = Query(
    "boundary",
    """
    select customer_id, grade, grade_rank, p_max, margin, p_up, p_down, recency_days, frequency, monetary, state,
           model_version, as_of, generation, batch_id
    from customers_live
    where p_max < ? and (cast(? as varchar) is null or grade = ?)
    order by p_max, customer_id
    """,
    ("below", "grade", "grade"),
    {
        "ko": "가장 가능성이 높은 등급의 소속 확률이 기준보다 낮은 고객입니다.",
        "en": "Customers whose likeliest grade has a membership probability below the limit.",
    },
)

CUSTOMER_RFM = Query(
    "customer_rfm",
    """
    select customer_id, grade, grade_rank, recency_days, frequency, monetary, monetary_gross, model_version, as_of,
           generation, batch_id
    from customers_live
    where customer_id = ?
    """,
    ("customer_id",),
    {"ko": "고객의 가장 최근 행입니다.", "en": "The customer's newest row."},
)

LAST_HIGHER = """
select recency_days, frequency, monetary, grade, as_of from history
where coalesce(grade_rank, -1) > ? order by generation desc, batch_id desc limit 1
"""

GRADES_ON = """
select grade, grade_rank, count(*) as customers from (
    select grade, grade_rank,
           row_number() over (partition by customer_id order by generation desc, batch_id desc) as newest
    from history
) as numbered
where newest = 1 and grade is not null
group by grade, grade_rank
order by grade_rank
"""


def boundary(settings: Settings, grade: str | None, below: float) -> list[dict[str, Any]]:
    """The customers with p_max below a limit, of one grade or of all, the least sure first.

    Raises SettingsError for a grade that is none; StoreError when the tables cannot be read.
    """
    name = None if grade is None else english(settings, grade)[1]
    return [dict(row) for row in Lake(settings.store.path).run(BOUNDARY, (below, name, name)).rows]


def why(settings: Settings, customer: str) -> dict[str, Any]:
    """{customer_id, grade, fell_from, then, now, restore}: the newest row with a higher grade, that of now, and the
    fewest values of then that would bring the grade back; fell_from is null when there was no higher grade.

    Both rows are judged by the model that grades now. Raises StoreError without such a customer, ModelError without a
    champion.
    """
    row, parameters = newest(settings, customer), champion(settings)
    rank = -1 if row["grade_rank"] is None else row["grade_rank"]
    higher = history(settings, LAST_HIGHER, (rank,), f"customer_id = {quoted(customer)}")
    found = {"customer_id": customer, "grade": row["grade"], "fell_from": None, "then": None, "now": values(row)}
    if not higher:
        return found | {"restore": None}
    restored = explain.why(parameters, rfm(higher[0]), rfm(row))
    then = values(higher[0]) | {"as_of": higher[0]["as_of"].isoformat()}
    return found | {"fell_from": higher[0]["grade"], "then": then, "restore": list(restored) if restored else None}


def what_if(settings: Settings, customer: str, grade: str) -> dict[str, Any]:
    """{customer_id, grade, wanted, reached, amount, orders, usual_amount}; see explain.WhatIf. Amount and orders are
    null where they do not lead there.

    Raises StoreError without such a customer, SettingsError for a grade that is none, ModelError without a champion.
    """
    row, parameters = newest(settings, customer), champion(settings)
    rank, name = english(settings, grade)
    gross = float(row["monetary_gross"] or 0)
    found = explain.what_if(parameters, rfm(row), gross, rank)
    return {
        "customer_id": customer,
        "grade": row["grade"],
        "wanted": name,
        "reached": found.reached,
        "amount": found.amount,
        "orders": found.orders,
        "usual_amount": round(gross / row["frequency"], 4) if row["frequency"] else None,
        "reachable": found.reachable,
    }


def grades_on(settings: Settings, day: date | None) -> dict[str, int]:
    """Customers by grade now, or at the end of a past day of the shop: of each customer the newest row by then.

    Raises StoreError when the tables cannot be read. Days without ticks show the grades of the last row before.
    """
    predicate = None
    if day:
        end = datetime.combine(day + timedelta(days=1), time.min, settings.shop.zone)
        predicate = f"as_of < '{end.isoformat()}'"
    rows = history(settings, GRADES_ON, (), predicate)
    return {row["grade"]: row["customers"] for row in rows}


def newest(settings: Settings, customer: str) -> dict[str, Any]:
    """The newest row of a customer. Raises StoreError when there is none."""
    rows = Lake(settings.store.path).run(CUSTOMER_RFM, (customer,)).rows
    if not rows:
        raise StoreError(f"there is no customer {customer!r} under {settings.store.path}; check the id")
    return dict(rows[0])


def champion(settings: Settings) -> MixtureParameters:
    found = registry.champion_parameters(settings.registry_uri, settings.registry.model)
    if found is None:
        raise ModelError(f"{settings.registry.model} has no champion yet; run dangol train, then dangol promote")
    return found[1]


def history(
    settings: Settings, sql: str, parameters: tuple[object, ...], predicate: str | None
) -> list[dict[str, Any]]:
    """The rows of a query over the rows of customer_history that a predicate keeps, as table `history`."""
    table = opened(settings.store.path / CUSTOMER_HISTORY.name)
    if table is None:
        raise StoreError(
            f"there is no table {CUSTOMER_HISTORY.name} under {settings.store.path}; "
            "run dangol stream on this store first"
        )
    try:
        with duckdb.connect(config=CLOSED) as database:
            database.register("history", read(table, predicate))
            return dictionaries(database.execute(sql, list(parameters)))
    except (DeltaError, pa.ArrowException, OSError, duckdb.Error) as error:
        raise StoreError(
            f"the tables under {settings.store.path} cannot be read ({error}); check them with `dangol status`"
        ) from error


def read(table: DeltaTable, predicate: str | None) -> pa.Table:
    columns = ["customer_id", "grade", "grade_rank", "recency_days", "frequency", "monetary", "as_of"]
    return pa.table(table.scan(columns=[*columns, "generation", "batch_id"], predicate=predicate))


def english(settings: Settings, grade: str) -> tuple[int, str]:
    """(rank, English name) of a grade given by its name in either language, in any case."""
    names = settings.grades.names[settings.grades.components]
    for language in names.values():
        for rank, name in enumerate(language):
            if name.casefold() == grade.casefold():
                return rank, names["en"][rank]
    known = ", ".join(f"{english} ({korean})" for english, korean in zip(names["en"], names["ko"], strict=True))
    raise SettingsError(f"there is no grade {grade!r}; choose one of {known}")


def rfm(row: dict[str, Any]) -> Rfm:
    recency = float("nan") if row["recency_days"] is None else float(row["recency_days"])
    return Rfm(recency, row["frequency"], float(row["monetary"] or 0))


def values(row: dict[str, Any]) -> dict[str, Any]:
    return {
        "recency": row["recency_days"],
        "frequency": row["frequency"],
        "monetary": None if row["monetary"] is None else str(row["monetary"]),
    }


def quoted(text: str) -> str:
    """A text as an SQL literal."""
    return "'" + text.replace("'", "''") + "'"
