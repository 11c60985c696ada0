"""Everything that is known of a mixture before it may grade: the candidates, the past that judges it, the gates."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

import numpy as np
import pandas as pd

from dangol.errors import ModelError
from dangol.grades.baselines import Foresight, honest_table
from dangol.grades.features import Floats, numbers
from dangol.grades.gates import (
    Gate,
    RanksByDay,
    agreement_gate,
    day_gates,
    foresight_gates,
    ranks_by_day,
    shape_gates,
    stability_gates,
)
from dangol.grades.mixture import fit
from dangol.grades.parameters import MixtureParameters
from dangol.grades.scoring import ranks
from dangol.grades.selection import COMPONENTS, REFITS, Criteria, criteria, stability


@dataclass(frozen=True)
class Past:
    """What the orders say as of a day. RFM is customer_id, recency_days, frequency, monetary and monetary_gross."""

    as_of: date
    customers: pd.DataFrame
    """RFM at the start of as_of"""
    earlier: pd.DataFrame
    """RFM SPEND_DAYS earlier, and `spend`, net, in the days since"""
    daily: pd.DataFrame
    """RFM with `today` (days from 1970-01-01) at the start of each of the last days up to as_of; of some customers"""
    acts: pd.DataFrame
    """(customer_id, day, returned): the days of those customers with an order, a return or a cancellation"""


@dataclass(frozen=True)
class Candidate:
    """A mixture of one number of components."""

    parameters: MixtureParameters
    criteria: Criteria
    agreements: tuple[float, ...]
    """Adjusted Rand index of each refit"""


@dataclass(frozen=True)
class Study:
    """A trained mixture with all that was measured of it."""

    past: Past
    components: int
    candidates: dict[int, Candidate]
    """by number of components; one that could not be fitted is missing"""
    spend_by_rank: list[float] | None
    """mean net spend in the SPEND_DAYS after a refit, by its ranks from 0; None where the past does not reach"""
    table: dict[str, Foresight] | None
    """the honest table of that refit"""
    by_day: RanksByDay
    gates: list[Gate]

    @property
    def parameters(self) -> MixtureParameters:
        return self.candidates[self.components].parameters


def study(
    past: Past,
    *,
    components: int,
    recency_offset_days: float,
    champion: MixtureParameters | None = None,
    refits: int = REFITS,
    advance: Callable[[int], None] = lambda count: None,
) -> Study:
    """Fits and judges. `advance` is told of each refit that is done, of refits * len(COMPONENTS).

    Raises ModelError when the customers do not carry a mixture of `components`.
    """
    candidates = {}
    for k in sorted({*COMPONENTS, components}):
        try:
            candidates[k] = candidate(past.customers, k, recency_offset_days, refits, advance)
        except ModelError:
            if k == components:
                raise
    chosen = candidates[components]
    spend_by_rank, table = foreseen(past.earlier, components, recency_offset_days)
    by_day = ranks_by_day(chosen.parameters, past.daily, past.acts)
    gates = [
        *shape_gates(chosen.parameters, past.customers),
        *stability_gates(chosen.agreements),
        *foresight_gates(spend_by_rank, table),
        *day_gates(by_day),
        agreement_gate(champion, chosen.parameters, past.customers),
    ]
    return Study(past, components, candidates, spend_by_rank, table, by_day, gates)


def candidate(
    customers: pd.DataFrame, components: int, recency_offset_days: float, refits: int, advance: Callable[[int], None]
) -> Candidate:
    parameters = fit(customers, components=components, recency_offset_days=recency_offset_days)
    agreements = []
    for agreement in stability(customers, parameters, refits):
        agreements.append(agreement)
        advance(1)
    return Candidate(parameters, criteria(parameters, customers), tuple(agreements))


def foreseen(
    earlier: pd.DataFrame, components: int, recency_offset_days: float
) -> tuple[list[float] | None, dict[str, Foresight] | None]:
    """Of a refit to the customers of then: the mean spend since by rank, and the honest table; None, None where they
    do not carry a mixture."""
    try:
        parameters = fit(earlier, components=components, recency_offset_days=recency_offset_days)
    except ModelError:
        return None, None
    spend = numbers(earlier["spend"])
    return mean_by_rank(ranks(parameters, earlier), spend, components), honest_table(earlier, spend, parameters)


def mean_by_rank(rank: Floats, spend: Floats, components: int) -> list[float]:
    """The mean of `spend` (n,) by `rank` (n,) from 0 to `components`; NaN for a rank that nobody has."""
    return [float(spend[rank == own].mean()) if (rank == own).any() else np.nan for own in range(components + 1)]
