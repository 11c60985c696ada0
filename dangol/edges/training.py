"""`dangol train`: the customers of now from `events`, a mixture, a registered model."""

import pandas as pd
from delta.tables import DeltaTable
from pyspark.sql import functions as F

from dangol.edges import registry
from dangol.edges.store import TableStore
from dangol.errors import StoreError
from dangol.grades.mixture import fit
from dangol.grades.scoring import REPEAT
from dangol.orders.facts import facts
from dangol.orders.rfm import rfm
from dangol.settings import Settings
from dangol.tables import EVENTS


def train(store: TableStore, settings: Settings) -> str:
    """Fits the mixture on every customer's RFM as of now and registers it; the new version. No alias moves.

    Raises StoreError when there are no events; ModelError when the customers do not carry a mixture.
    """
    path = store.path(EVENTS)
    if not path.exists():
        raise StoreError(f"{store.root} has no events to train on; run dangol stream --store {store.root} first")
    version = DeltaTable.forPath(store.spark, str(path)).history(1).first()["version"]  # type: ignore[index]
    customers = customers_of(store, settings, version)
    parameters = fit(
        customers,
        components=settings.grades.components,
        recency_offset_days=settings.grades.recency_offset_days,
    )
    return registry.log_and_register(
        parameters,
        settings.registry_uri,
        settings.registry.model,
        metrics={
            "customers": len(customers),
            "repeat_customers": int((customers["frequency"] >= REPEAT).sum()),
            **{f"weight_{rank}": weight for rank, weight in enumerate(parameters.weights, start=1)},
        },
        params={"components": settings.grades.components, "window_days": settings.rfm.window_days},
        tags={"events_version": str(version), "as_of": settings.today.isoformat()},
    )


def customers_of(store: TableStore, settings: Settings, version: int) -> pd.DataFrame:
    """RFM of every customer today, from one version of `events` by the stream's own functions."""
    events = store.spark.read.format("delta").option("versionAsOf", version).load(str(store.path(EVENTS)))
    known = facts(events, settings.shop.timezone, settings.ingest.ignored_customers)
    today = F.unix_date(F.lit(settings.today))
    rows = known.select("customer_id", today.alias("today"), "fact.*")
    return rfm(rows, settings.rfm.window_days).toPandas()
