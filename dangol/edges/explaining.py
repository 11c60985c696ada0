"""What the tables and the champion say of grades, without a JVM: boundary, why, what-if, the grades of a past day."""

from collections.abc import Mapping
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import duckdb
import pyarrow as pa
from deltalake import DeltaTable
from deltalake.exceptions import DeltaError

from dangol.answers.evidence import MINOR_DIGITS, Evidence
from dangol.answers.intents import Request, Scope
from dangol.answers.queries import BOUNDARY, CUSTOMER_NOW, Query, Read, Scan
from dangol.answers.scope import midnight, who
from dangol.edges import registry
from dangol.edges.lake import CLOSED, Lake, dictionaries, opened
from dangol.errors import ModelError, SettingsError, StoreError
from dangol.grades import explain
from dangol.grades.explain import Rfm
from dangol.grades.parameters import MixtureParameters
from dangol.settings import Settings
from dangol.tables import CUSTOMER_HISTORY

HIGHER = Query(
    "last_higher",
    ("customer_history",),
    """
    select recency_days, frequency, monetary, grade, as_of, generation, batch_id from customer_history
    where customer_id = :customer_id and coalesce(grade_rank, -1) > :rank
    order by generation desc, batch_id desc
    limit 1
    """,
    {
        "ko": "지금보다 높은 등급이던 마지막 행입니다.",
        "en": "The last row with a higher grade than now.",
    },
    {"customer_history": Scan("customer_id = :customer_id")},
)
READS: tuple[Read, ...] = ("customers_live", "customer_history")
WHY = Query(
    "why",
    READS,
    "",
    {
        "ko": "등급이 더 높던 때의 최근성, 빈도, 금액 가운데 지금도 같다면 등급이 돌아올 가장 적은 값을 모델에 물은 "
        "것입니다.",
        "en": "Asked of the model: the fewest of recency, frequency and money whose values of when the grade was "
        "higher "
        "would bring it back.",
    },
)
WHAT_IF = Query(
    "what_if",
    READS[:1],
    "",
    {
        "ko": "오늘 주문한다면 등급이 어떻게 될지 모델에 물은 것입니다. 그 사이 집계 기간을 벗어나는 구매는 없다고 "
        "봅니다.",
        "en": "Asked of the model: what the grade would be with orders of today, if nothing leaves the window "
        "meanwhile.",
    },
)
"""What is not a query but the champion's word on a row; without a text, it is computed by Explainer."""

MOST_ROWS = 1_000_000
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
    scope = Scope(grades=(english(settings, grade)[1],) if grade else ())
    whom = who(Request("en", "boundary", scope), buyers=False)
    evidence = Lake(settings.store.path).run(BOUNDARY, whom | {"boundary_below": below, "leaning": "-", "n": MOST_ROWS})
    return [dict(row) for row in evidence.rows]


def why(settings: Settings, customer: str) -> dict[str, Any]:
    """The row of Explainer.why, as JSON has it. Raises as Explainer."""
    return told(Explainer(Lake(settings.store.path), settings).why(customer))


def what_if(settings: Settings, customer: str, grade: str) -> dict[str, Any]:
    """The row of Explainer.what_if, as JSON has it. Raises as Explainer."""
    return told(Explainer(Lake(settings.store.path), settings).what_if(customer, grade))


def told(evidence: Evidence) -> dict[str, Any]:
    row = {name: value for name, value in evidence.rows[0].items() if name != "as_of"}
    return {name: float(value) if isinstance(value, Decimal) else value for name, value in row.items()}


class Explainer:
    """What the champion says of customers at other numbers; see dangol.answers.tools.Explainer.

    Every method raises StoreError without such a customer or tables, ModelError without a champion.
    """

    def __init__(self, lake: Lake, settings: Settings) -> None:
        self.lake = lake
        self.settings = settings
        self._champion: tuple[str, MixtureParameters] | None = None

    def why(self, customer_id: str) -> Evidence:
        """One row: {customer_id, grade, fell_from, then, now, restore, as_of}: `fell_from` is null without a higher
        grade; `then` and `now` are {recency, frequency, monetary}; `restore` names the fewest of them that would bring
        it back.

        Both rows are judged by the model that grades now.
        """
        found = self.newest(customer_id)
        row, parameters = found.rows[0], self.champion(found)
        rank = -1 if row["grade_rank"] is None else row["grade_rank"]
        higher = self.lake.run(HIGHER, {"customer_id": customer_id, "rank": rank})
        answer: dict[str, Any] = {"customer_id": customer_id, "grade": row["grade"], "fell_from": None, "then": None}
        answer |= {"now": values(row), "restore": None, "as_of": row["as_of"]}
        if higher.rows:
            then = higher.rows[0]
            restored = explain.why(parameters, rfm(then), rfm(row))
            answer |= {"fell_from": then["grade"], "then": values(then) | {"as_of": then["as_of"].isoformat()}}
            answer |= {"restore": list(restored) if restored else None}
        sources = (found.source, *higher.sources)
        return Evidence(WHY, {"customer_id": customer_id}, (answer,), sources, found.as_of)

    def what_if(self, customer_id: str, grade: str) -> Evidence:
        """One row: {customer_id, grade, wanted, reached, amount, orders, usual_amount, reachable}; see explain.WhatIf.
        Amount and orders are null where they do not lead there. Raises SettingsError for a grade that is none."""
        found = self.newest(customer_id)
        row = found.rows[0]
        rank, name = english(self.settings, grade)
        gross = float(row["monetary_gross"] or 0)
        step = explain.what_if(self.champion(found), rfm(row), gross, rank)
        answer = {
            "customer_id": customer_id,
            "grade": row["grade"],
            "wanted": name,
            "reached": step.reached,
            "amount": cents(step.amount),
            "orders": step.orders,
            "usual_amount": self.usual(row),
            "reachable": step.reachable,
        }
        return Evidence(WHAT_IF, {"customer_id": customer_id, "grade": grade}, (answer,), found.sources, found.as_of)

    def after(self, customer_id: str, amount: str | None, orders: int) -> Evidence:
        """One row: {customer_id, grade, orders, amount, grade_after}: with so many more orders today, together worth
        `amount`; null: each of the customer's usual worth."""
        found = self.newest(customer_id)
        row = found.rows[0]
        worth = (self.usual(row) or Decimal(0)) * orders if amount is None else Decimal(amount)
        later = Rfm(0.0, row["frequency"] + orders, float((row["monetary"] or Decimal(0)) + worth))
        rank = explain.rank_of(self.champion(found), later)
        names = self.settings.grades.names[self.settings.grades.components]["en"]
        answer = {
            "customer_id": customer_id,
            "grade": row["grade"],
            "orders": orders,
            "amount": worth,
            "grade_after": None if rank < 0 else names[int(rank)],
        }
        asked = {"customer_id": customer_id, "amount": amount, "orders": orders}
        return Evidence(WHAT_IF, asked, (answer,), found.sources, found.as_of)

    def newest(self, customer_id: str) -> Evidence:
        """The newest row of a customer. Raises StoreError when there is none."""
        found = self.lake.run(CUSTOMER_NOW, {"customer_id": customer_id})
        if not found.rows:
            raise StoreError(f"there is no customer {customer_id!r} under {self.settings.store.path}; check the id")
        return found

    def usual(self, row: Mapping[str, Any]) -> Decimal | None:
        """What a customer's orders are worth on average, in the currency's digits; null without one."""
        if not row["frequency"]:
            return None
        smallest = Decimal(1).scaleb(-MINOR_DIGITS.get(self.settings.shop.currency, 2))
        return (Decimal(row["monetary_gross"] or 0) / int(row["frequency"])).quantize(smallest)

    def champion(self, found: Evidence) -> MixtureParameters:
        """The champion's parameters; read again when a row was graded by another version than the one that is known."""
        version = found.rows[0]["model_version"]
        if self._champion is None or self._champion[0] != version:
            self._champion = registry.champion_parameters(self.settings.registry_uri, self.settings.registry.model)
        if self._champion is None:
            raise ModelError(
                f"{self.settings.registry.model} has no champion yet; run dangol train, then dangol promote"
            )
        return self._champion[1]


def grades_on(settings: Settings, day: date | None) -> dict[str, int]:
    """Customers by grade now, or at the end of a past day of the shop: of each customer the newest row by then.

    Raises StoreError when the tables cannot be read. Days without ticks show the grades of the last row before.
    """
    predicate = None
    if day:
        end = midnight(day + timedelta(days=1), settings.shop.zone)
        predicate = f"as_of < '{end.isoformat()}'"
    rows = history(settings, GRADES_ON, (), predicate)
    return {row["grade"]: row["customers"] for row in rows}


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


def rfm(row: Mapping[str, Any]) -> Rfm:
    recency = float("nan") if row["recency_days"] is None else float(row["recency_days"])
    return Rfm(recency, row["frequency"], float(row["monetary"] or 0))


def values(row: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "recency": row["recency_days"],
        "frequency": row["frequency"],
        "monetary": None if row["monetary"] is None else str(row["monetary"]),
    }


def cents(amount: float | None) -> Decimal | None:
    return None if amount is None else Decimal(repr(amount)).quantize(Decimal("0.01"))
