"""A store of the real customers of Online Retail as of 2011-12-10, with a past, written without a JVM: what answers
are tried on. Its tables follow docs/tables.md; the grades come from a mixture fitted to these customers, in a real
registry."""

import shutil
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from deltalake import write_deltalake
from sources_fixture import CHANGE, EVENT, TYPES
from store_fixture import SCHEMA

from dangol.edges import registry, simulate
from dangol.edges.asking import Asker, asker
from dangol.edges.summarize import run_summarize
from dangol.grades.drift import reference
from dangol.grades.mixture import fit
from dangol.grades.scoring import score
from dangol.settings import Settings, load_settings
from dangol.tables import CHANGES, CUSTOMER_DAYS, CUSTOMER_HISTORY, CUSTOMERS, EVENTS

ZONE = ZoneInfo("Europe/London")
NOW = datetime(2011, 12, 10, tzinfo=ZONE)
PAST = tuple(date(2011, month, day) for month, day in ((6, 9), (9, 9), (10, 31), (11, 20), (11, 30), (12, 5)))
"""Days at whose end the customers were graded, before now."""
NAMES = ["Bronze", "Silver", "Gold", "VIP"]
DAY_SCHEMA = pa.schema([(c.name, TYPES[c.type]) for c in CUSTOMER_DAYS.columns if not c.type.startswith("array<")])
CENTS = Decimal("0.0001")


@dataclass(frozen=True)
class RealStore:
    """`settings` of the store, and its customers of now by id (pandas)."""

    settings: Settings
    customers: pd.DataFrame

    def asker(self) -> Asker:
        return asker(self.settings)


@pytest.fixture(scope="session")
def real_store(tmp_path_factory: pytest.TempPathFactory) -> RealStore:
    return build(tmp_path_factory.mktemp("real"))


def build(home: Path) -> RealStore:
    settings = load_settings(
        overrides={
            "store.path": home / "store",
            "shop.timezone": "Europe/London",
            "shop.currency": "GBP",
            "clock.now": NOW.isoformat(),
            "message.sender": "단골상점 02-123-4567",
            "message.opt_out": "무료수신거부 080-123-4567",
        }
    )
    told = list(simulate.orders(simulate.real_orders(), shift_to_now=False, zone=ZONE))
    facts = facts_of(told)
    now = at(facts, date(2011, 12, 9))
    parameters = fit(now.reset_index())
    version = register(settings, parameters, now, home / "files")
    grade_all(settings, facts, parameters, version)
    write_events(settings, told)
    write_days(settings, facts)
    run_summarize(settings, available_now=True)
    return RealStore(settings, now)


def facts_of(told: list[Any]) -> pd.DataFrame:
    """(customer_id, order_id, day, placed, returned): what customers bought and gave back, money in units of CENTS."""
    rows = [
        (
            event["customer_id"],
            event["order_id"],
            datetime.fromisoformat(event["event_time"]).astimezone(ZONE).date(),
            int(Decimal(event["amount"]) / CENTS),
            event["type"] == "placed",
        )
        for event in told
        if event.get("customer_id")
    ]
    frame = pd.DataFrame(rows, columns=["customer_id", "order_id", "day", "units", "is_placed"])
    frame["placed"] = frame["units"].where(frame["is_placed"], 0)
    frame["returned"] = frame["units"].where(~frame["is_placed"], 0)
    return frame


def at(facts: pd.DataFrame, day: date) -> pd.DataFrame:
    """Customers at the end of a day: recency_days (from that day), frequency, monetary, monetary_gross ... by id."""
    known = facts[facts["day"] <= day]
    inside = known[known["day"] > day - timedelta(365)]
    placed = inside[inside["is_placed"]].groupby("customer_id")
    last = known[known["is_placed"]].groupby("customer_id")["day"].max()
    rows = pd.DataFrame(index=known["customer_id"].unique())
    rows["frequency"] = placed["order_id"].nunique().reindex(rows.index).fillna(0).astype(int)
    rows["gross_units"] = placed["placed"].sum().reindex(rows.index).fillna(0).astype("int64")
    returned = inside.groupby("customer_id")["returned"].sum().reindex(rows.index).fillna(0).astype("int64")
    rows["net_units"] = rows["gross_units"] - returned
    rows["last"] = last.reindex(rows.index)
    rows["recency_days"] = [None if pd.isna(one) else (day + timedelta(1) - one).days for one in rows["last"]]
    rows["monetary"] = rows["net_units"] / 10_000
    rows.index.name = "customer_id"
    return rows


def register(settings: Settings, parameters: Any, now: pd.DataFrame, files: Path) -> str:
    files.mkdir(parents=True)
    (files / registry.GATES_FILE).write_text("[]", "utf-8")
    (files / registry.REFERENCE_FILE).write_text(reference(parameters, now.reset_index()).to_json(), "utf-8")
    uri, name = settings.registry_uri, settings.registry.model
    version = registry.log_and_register(parameters, uri, name, metrics={}, params={}, tags={}, files=files)
    registry.promote(uri, name, version)
    return version


def grade_all(settings: Settings, facts: pd.DataFrame, parameters: Any, version: str) -> None:
    """customer_history with a batch for each of PAST and for now, the snapshot, and the changes between them."""
    before: dict[str, dict[str, Any]] = {}
    for batch_id, day in enumerate([*PAST, date(2011, 12, 9)], start=1):
        as_of = datetime.combine(day + timedelta(1), time.min, ZONE) - timedelta(microseconds=1 if day in PAST else 0)
        rows = {row["customer_id"]: row for row in graded(at(facts, day), parameters, version, as_of, batch_id)}
        append(settings, CUSTOMER_HISTORY.name, rows.values(), SCHEMA)
        append(settings, CHANGES.name, moves(before, rows), CHANGE)
        before = rows
    write_deltalake(
        settings.store.path / CUSTOMERS.name, pa.Table.from_pylist(list(before.values()), SCHEMA), mode="overwrite"
    )


def graded(
    customers: pd.DataFrame, parameters: Any, version: str, as_of: datetime, batch_id: int
) -> list[dict[str, Any]]:
    recency = customers["recency_days"].astype(float)
    scores = score(parameters, recency, customers["frequency"], customers["monetary"])
    return [
        {
            "customer_id": customer_id,
            "recency_days": None if np.isnan(days) else int(days),
            "frequency": int(row["frequency"]),
            "monetary": (Decimal(int(row["net_units"])) * CENTS).quantize(CENTS),
            "monetary_gross": (Decimal(int(row["gross_units"])) * CENTS).quantize(CENTS),
            "last_purchase_date": None if pd.isna(row["last"]) else row["last"],
            "mean_gap_days": None,
            "grade": None if np.isnan(rank) else NAMES[int(rank)],
            "grade_rank": None if np.isnan(rank) else int(rank),
            "posterior": None if np.isnan(p_max) else [float(p) for p in posterior],
            "p_max": none(p_max),
            "margin": none(margin),
            "p_up": none(p_up),
            "p_down": none(p_down),
            "state": state(int(row["frequency"]), days),
            "model_version": version,
            "as_of": as_of,
            "cause": "tick",
            "enqueued_time": as_of,
            "generation": 1,
            "batch_id": batch_id,
        }
        for (customer_id, row), days, rank, posterior, p_max, margin, p_up, p_down in zip(
            customers.iterrows(),
            recency,
            scores.rank,
            scores.posterior,
            scores.p_max,
            scores.margin,
            scores.p_up,
            scores.p_down,
            strict=True,
        )
    ]


def none(value: float) -> float | None:
    return None if np.isnan(value) else float(value)


def state(frequency: int, days: float) -> str | None:
    if np.isnan(days):
        return None
    if frequency == 0:
        return "dormant"
    if frequency == 1 and days <= 30:
        return "new"
    return "cooling" if days > 90 else "active"


def moves(before: dict[str, dict[str, Any]], rows: dict[str, dict[str, Any]]) -> list[dict[str, Any]]:
    found = []
    for customer_id, row in rows.items():
        old = before.get(customer_id)
        old_rank, new_rank = old["grade_rank"] if old else None, row["grade_rank"]
        if old_rank == new_rank:
            continue
        direction = "in" if old_rank is None else "out" if new_rank is None else "up" if new_rank > old_rank else "down"
        bought = old is None or row["frequency"] > old["frequency"]
        sides = {
            f"{side}_{name}": None if one is None else one[name]
            for side, one in (("old", old), ("new", row))
            for name in ("grade", "grade_rank", "recency_days", "frequency", "monetary", "model_version")
        }
        found.append(
            sides
            | {name: row[name] for name in ("customer_id", "p_max", "margin", "as_of", "enqueued_time", "batch_id")}
            | {"change_id": f"{row['batch_id']}-{customer_id}", "direction": direction, "generation": 1}
            | {"cause": "order" if bought else "ageing"}
        )
    return found


def write_events(settings: Settings, told: list[Any]) -> None:
    rows = [
        {
            "event_id": event["event_id"],
            "type": event["type"],
            "order_id": event["order_id"],
            "customer_id": event.get("customer_id"),
            "event_time": datetime.fromisoformat(event["event_time"]).astimezone(UTC),
            "amount": Decimal(event["amount"]),
            "version": 0,
            "items": [item | {"unit_price": Decimal(str(item["unit_price"]))} for item in event["items"]],
            "rejections": [],
            "generation": 1,
            "batch_id": 1,
        }
        for event in told
        if event.get("customer_id")
    ]
    append(settings, EVENTS.name, rows, EVENT)


def write_days(settings: Settings, facts: pd.DataFrame) -> None:
    by_day = facts.groupby(["customer_id", "day"], as_index=False).agg(
        orders=("is_placed", "sum"), gross=("placed", "sum"), returned=("returned", "sum")
    )
    rows = [
        {
            "customer_id": customer_id,
            "day": day,
            "orders": int(orders),
            "gross": (Decimal(int(gross)) * CENTS).quantize(CENTS),
            "returned": (Decimal(int(returned)) * CENTS).quantize(CENTS),
            "generation": 1,
            "batch_id": 1,
        }
        for customer_id, day, orders, gross, returned in by_day.itertuples(index=False)
        if day < date(2011, 12, 9)  # the day before now is not closed yet
    ]
    append(settings, CUSTOMER_DAYS.name, rows, DAY_SCHEMA)


def append(settings: Settings, name: str, rows: Any, schema: pa.Schema) -> None:
    write_deltalake(settings.store.path / name, pa.Table.from_pylist(list(rows), schema), mode="append")


if __name__ == "__main__":
    import sys

    home = Path(sys.argv[1])
    shutil.rmtree(home, ignore_errors=True)
    print(build(home).settings.store.path)
