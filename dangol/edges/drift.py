"""`dangol drift`: how far the customers of now are from those that the champion was trained on, kept in its run."""

from collections.abc import Iterator, Mapping

from dangol.edges import registry
from dangol.edges.lake import CUSTOMERS_RFM, Lake
from dangol.errors import ModelError
from dangol.grades.drift import Reference, drift
from dangol.settings import Settings

WARN, RETRAIN = 0.10, 0.25
PREFIX = "drift_"


def measure_drift(settings: Settings) -> dict[str, float]:
    """PSI of recency_days, frequency, monetary and grades; also logged to the run of the champion, a step per day.

    Raises ModelError without a champion, StoreError without customers.
    """
    uri, name = settings.registry_uri, settings.registry.model
    champion = registry.champion_parameters(uri, name)
    if champion is None:
        raise ModelError(f"{name} has no champion to measure drift against; run dangol train, then dangol promote")
    version, parameters = champion
    then = Reference.from_json(registry.run_file(uri, name, version, registry.REFERENCE_FILE))
    customers = Lake(settings.store.path).frame(CUSTOMERS_RFM)
    found = drift(parameters, then, customers)
    metrics = {f"{PREFIX}{feature}": value for feature, value in found.items()}
    registry.log_metrics(uri, name, version, metrics, step=settings.today.toordinal())
    return found


def drift_of(metrics: Mapping[str, float]) -> dict[str, float]:
    """PSI by feature, of the metrics of a run."""
    return {name.removeprefix(PREFIX): value for name, value in metrics.items() if name.startswith(PREFIX)}


def drift_warnings(found: Mapping[str, float]) -> Iterator[str]:
    for feature, value in found.items():
        if value >= RETRAIN:
            yield f"{feature} has drifted far from the training (PSI {value:.2f}, {RETRAIN} or more); run dangol train"
        elif value >= WARN:
            yield f"{feature} has drifted from the training (PSI {value:.2f}, {WARN} or more); watch it"
