"""Drift: how far the customers of now are from those that the model was trained on, by the population stability index.

PSI = sum over bins of (now - then) * log(now / then) (Siddiqi, Credit Risk Scorecards, 2006): below 0.10 little has
changed, above 0.25 much has.
"""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass

import numpy as np
import pandas as pd

from dangol.errors import ModelError
from dangol.grades.features import Floats, numbers
from dangol.grades.parameters import MixtureParameters
from dangol.grades.scoring import REPEAT, ranks, with_purchases

BINS = 10
FEATURES = ("recency_days", "frequency", "monetary")
GRADES = "grades"
FEWEST = 1e-4
"""The least share of a bin: an empty one would make the index infinite."""


@dataclass(frozen=True)
class Reference:
    """The customers of a training: per feature the inner edges of its bins and each bin's share, over repeat customers;
    the share of each rank from 0, over graded customers."""

    edges: dict[str, list[float]]
    shares: dict[str, list[float]]

    def to_json(self) -> str:
        return json.dumps(asdict(self))

    @classmethod
    def from_json(cls, text: str) -> "Reference":
        """What to_json wrote. Raises ModelError for any other text."""
        try:
            return cls(**json.loads(text))
        except (TypeError, ValueError) as error:
            raise ModelError(
                f"the model's reference for drift cannot be read ({error}); train and register it again"
            ) from None


def reference(parameters: MixtureParameters, customers: pd.DataFrame) -> Reference:
    """Of the customers that a mixture was trained on, a row each; bins of about equal size."""
    repeat = with_purchases(customers, REPEAT)
    inner = np.linspace(0, 1, BINS + 1)[1:-1]
    edges = {name: np.unique(np.nanquantile(numbers(repeat[name]), inner)).tolist() for name in FEATURES}
    return Reference(edges, shares(parameters, customers, edges))


def drift(parameters: MixtureParameters, then: Reference, customers: pd.DataFrame) -> dict[str, float]:
    """PSI of recency_days, frequency and monetary of repeat customers, and of the grades; {} without any customer."""
    if with_purchases(customers, REPEAT).empty:
        return {}
    now = shares(parameters, customers, then.edges)
    return {name: psi(np.array(then.shares[name]), np.array(now[name])) for name in (*FEATURES, GRADES)}


def shares(
    parameters: MixtureParameters, customers: pd.DataFrame, edges: Mapping[str, list[float]]
) -> dict[str, list[float]]:
    repeat, graded = with_purchases(customers, REPEAT), with_purchases(customers, 1)
    found = {name: binned(numbers(repeat[name]), np.array(edges[name])) for name in FEATURES}
    by_rank = np.bincount(ranks(parameters, graded).astype(np.intp), minlength=parameters.components + 1)
    return {name: list(map(float, share)) for name, share in {**found, GRADES: by_rank / len(graded)}.items()}


def binned(values: Floats, edges: Floats) -> Floats:
    """(bins,): the share of values in each bin; a value on an edge lies in the bin below."""
    known = values[~np.isnan(values)]
    return np.bincount(np.searchsorted(edges, known), minlength=len(edges) + 1) / max(len(known), 1)


def psi(then: Floats, now: Floats) -> float:
    """The population stability index between two sets of shares, each (bins,)."""
    then, now = np.maximum(then, FEWEST), np.maximum(now, FEWEST)
    return float(((now - then) * np.log(now / then)).sum())
