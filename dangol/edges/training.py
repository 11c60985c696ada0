"""`dangol train`: the customers as of a day from `events`, a mixture, its gates, a registered model."""

import json
import tempfile
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date, timedelta
from pathlib import Path

import pandas as pd
from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from dangol.edges import figures, registry
from dangol.edges.store import TableStore
from dangol.edges.terminal import counted, step
from dangol.errors import ModelError, SettingsError, StoreError
from dangol.grades import gates as gate
from dangol.grades.card import card
from dangol.grades.drift import reference
from dangol.grades.gates import KEPT_DAYS, PROMOTION_DAYS, SPEND_DAYS, Gate
from dangol.grades.parameters import MixtureParameters
from dangol.grades.scoring import REPEAT
from dangol.grades.selection import COMPONENTS, REFITS
from dangol.grades.study import Past, Study, study
from dangol.orders.facts import facts
from dangol.orders.rfm import rfm_on
from dangol.settings import Settings
from dangol.tables import EVENTS

MOST_FOLLOWED = 10_000
"""Customers whose grade is followed day by day; of more, so many are drawn by their id."""

MONEY = ("monetary", "monetary_gross")


@dataclass(frozen=True)
class Trained:
    version: str
    study: Study

    @property
    def refused(self) -> list[Gate]:
        return [found for found in self.study.gates if found.outcome == "refused"]


def train(store: TableStore, settings: Settings, as_of: date | None = None, refits: int = REFITS) -> Trained:
    """Fits the mixture to the customers at the start of a day of the shop (today, unless `as_of` is given), judges it
    and registers it with all that was measured. No alias moves.

    Raises StoreError when there are no events; ModelError when the customers do not carry a mixture.
    """
    if not store.path(EVENTS).exists():
        raise StoreError(f"{store.root} has no events to train on; run dangol stream --store {store.root} first")
    if settings.grades.components not in settings.grades.names:
        raise SettingsError(
            f"grades.components is {settings.grades.components} and grades.names has no names for so many grades; "
            "add them"
        )
    version, day = store.version(EVENTS), as_of or settings.today
    with step(f"customers as of {day}"):
        past = read_past(store.at(EVENTS, version), settings, day)
    with counted("refits", refits * len({*COMPONENTS, settings.grades.components})) as advance:
        found = study(
            past,
            components=settings.grades.components,
            recency_offset_days=settings.grades.recency_offset_days,
            champion=champion(settings),
            refits=refits,
            advance=advance,
        )
    with step("the run and its pictures in the registry"):
        return Trained(register(found, settings, version), found)


def read_past(events: DataFrame, settings: Settings, day: date) -> Past:
    """What judges a mixture as of a day, by the stream's own functions; never from a fact of that day or after it."""
    zone, window = settings.shop.timezone, settings.rfm.window_days
    before = facts(events, zone, settings.ingest.ignored_customers).where(F.col("fact.day") < F.unix_date(F.lit(day)))
    known = before.persist()
    try:
        earlier = day - timedelta(days=SPEND_DAYS)
        # a window of the days from `earlier` to yesterday: today, which it counts, is empty
        spend = rfm_on(known, [day], SPEND_DAYS + 1).selectExpr("customer_id", "cast(monetary as double) as spend")
        days = [day - timedelta(days=back) for back in range(PROMOTION_DAYS + KEPT_DAYS, -1, -1)]
        followed = follow(known)
        return Past(
            as_of=day,
            customers=rows(rfm_on(known, [day], window)),
            earlier=rows(rfm_on(known, [earlier], window).join(spend, "customer_id")),
            daily=rows(rfm_on(followed, days, window)),
            acts=acts(followed, days).toPandas(),
        )
    finally:
        known.unpersist()


def follow(known: DataFrame) -> DataFrame:
    """The facts of at most about MOST_FOLLOWED customers."""
    count = known.select("customer_id").distinct().count()
    return known.where(F.pmod(F.xxhash64("customer_id"), F.lit(-(-count // MOST_FOLLOWED) or 1)) == 0)


def acts(known: DataFrame, days: Sequence[date]) -> DataFrame:
    """Facts -> (customer_id, day, returned) of the given days, one row per customer and day."""
    first = F.unix_date(F.lit(days[0]))
    return (
        known.where(F.col("fact.day") >= first)
        .groupBy("customer_id", F.col("fact.day").alias("day"))
        .agg(F.max(F.col("fact.return_key").isNotNull()).alias("returned"))
    )


def rows(rfm: DataFrame) -> pd.DataFrame:
    """RFM in memory, money as double: the mixture's own type."""
    return rfm.withColumns({name: F.col(name).cast("double") for name in MONEY}).toPandas()


def champion(settings: Settings) -> MixtureParameters | None:
    """The parameters that grade now; None without a champion, or with one that cannot be read."""
    try:
        found = registry.champion_parameters(settings.registry_uri, settings.registry.model)
    except ModelError:
        return None
    return found[1] if found else None


def register(found: Study, settings: Settings, events_version: int) -> str:
    """Logs a study as a run with its model, and registers the model; the new version."""
    names = settings.grades.names[found.components]["en"]
    with tempfile.TemporaryDirectory() as folder:
        write_files(Path(folder), found, names)
        version = registry.log_and_register(
            found.parameters,
            settings.registry_uri,
            settings.registry.model,
            metrics=metrics(found),
            params={
                "components": found.components,
                "recency_offset_days": settings.grades.recency_offset_days,
                "window_days": settings.rfm.window_days,
                "timezone": settings.shop.timezone,
            },
            tags={
                "events_version": str(events_version),
                "as_of": found.past.as_of.isoformat(),
                **{f"gate.{judged.name}": judged.sentence[:500] for judged in found.gates},
            },
            files=Path(folder),
        )
    registry.challenge(settings.registry_uri, settings.registry.model, version)
    return version


def write_files(folder: Path, found: Study, names: Sequence[str]) -> None:
    (folder / registry.GATES_FILE).write_text(gate.to_json(found.gates), "utf-8")
    (folder / registry.REFERENCE_FILE).write_text(reference(found.parameters, found.past.customers).to_json(), "utf-8")
    (folder / "card.md").write_text(card(found, names), "utf-8")
    table = {name: asdict(foresight) for name, foresight in (found.table or {}).items()}
    (folder / "honest_table.json").write_text(json.dumps(table, indent=1), "utf-8")
    figures.draw_all(folder, found, names)


def metrics(found: Study) -> dict[str, float]:
    """By name, every number that MLflow can compare between runs."""
    customers = found.past.customers
    by_k = {
        f"{name}_k{k}": value
        for k, candidate in found.candidates.items()
        for name, value in (
            ("bic", candidate.criteria.bic),
            ("icl", candidate.criteria.icl),
            ("stability", sum(candidate.agreements) / max(len(candidate.agreements), 1)),
        )
    }
    return {
        "customers": len(customers),
        "repeat_customers": int((customers["frequency"] >= REPEAT).sum()),
        **{f"weight_{rank}": weight for rank, weight in enumerate(found.parameters.weights, start=1)},
        **{f"gate_{judged.name}": judged.value for judged in found.gates if judged.value is not None},
        **{
            f"spend_{SPEND_DAYS}_days_rank_{rank}": mean
            for rank, mean in enumerate(found.spend_by_rank or [])
            if mean == mean  # noqa: PLR0124 - NaN: nobody has the rank
        },
        **by_k,
    }
