"""Which model grades: a version is promoted when its gates have passed, and can be taken back."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pandas as pd

from dangol.edges import registry
from dangol.edges.lake import CUSTOMERS_RFM, Lake
from dangol.errors import ModelError
from dangol.grades.gates import Gate, agreement_gate, churn, from_json
from dangol.settings import Settings

ACCEPTED_CHURN = "accepted_churn"


@dataclass(frozen=True)
class Churn:
    """What a promotion changes for the customers of now."""

    gate: Gate
    """the agreement with the champion so far"""
    table: pd.DataFrame | None
    """customers by rank now (rows) and with the new version (columns); None without a champion"""


def churn_of(settings: Settings, version: str) -> Churn:
    """What the customers of now would have instead of their grades. Raises ModelError if the version cannot be read."""
    uri, name = settings.registry_uri, settings.registry.model
    parameters, current = registry.load_parameters(uri, name, version), registry.champion_parameters(uri, name)
    if current is None:
        return Churn(agreement_gate(None, parameters, pd.DataFrame()), None)
    _, champion = current
    customers = Lake(settings.store.path).frame(CUSTOMERS_RFM)
    return Churn(agreement_gate(champion, parameters, customers), churn(champion, parameters, customers))


def promote(
    settings: Settings,
    version: str,
    accept_churn: str | None = None,
    show: Callable[[Churn], None] = lambda churn: None,
) -> Churn:
    """Makes a version the champion, and the champion so far the previous one. `show` sees what that changes before it
    is decided.

    Raises ModelError, and moves nothing, when a gate has refused the version, grades.names has no names for it, or
    fewer customers than the gate `agreement` allows keep their grade and `accept_churn` does not say why that is meant.
    """
    uri, name = settings.registry_uri, settings.registry.model
    refused = refusals(settings, version)
    if refused:
        raise ModelError(f"version {version} may not grade: " + "; ".join(refused))
    found = churn_of(settings, version)
    show(found)
    if found.gate.outcome == "refused" and not accept_churn:
        raise ModelError(f"version {version} is not promoted: {found.gate.sentence}")
    if accept_churn:
        registry.tag(uri, name, version, ACCEPTED_CHURN, accept_churn)
    registry.promote(uri, name, version)
    return found


def refusals(settings: Settings, version: str) -> list[str]:
    """Why a version may not grade, whoever the customers are now; [] when it may."""
    uri, name = settings.registry_uri, settings.registry.model
    components = registry.load_parameters(uri, name, version).components
    gates = from_json(registry.run_file(uri, name, version, registry.GATES_FILE))
    # how many keep their grade is asked again of the customers of now
    refused = [gate.sentence for gate in gates if gate.outcome == "refused" and gate.name != "agreement"]
    if components not in settings.grades.names:
        refused.append(f"grades.names has no names for {components} components; add them")
    return refused


def rollback(settings: Settings) -> str:
    """Makes the previous champion the champion again; its version. Its gates and its churn were seen before."""
    return registry.rollback(settings.registry_uri, settings.registry.model)


def models(settings: Settings) -> dict[str, Any]:
    """By version, the newest first: its aliases, the day it was trained as of, and the gates that refused it."""
    found = registry.versions(settings.registry_uri, settings.registry.model)
    return {version.pop("version"): version for version in found}
