"""What a mixture must show before it may grade customers. Each gate is a number, a bound, and what to do about it.

Where the past does not reach far enough, a gate says so and is not judged.
"""

import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from typing import Literal

import numpy as np
import pandas as pd

from dangol.errors import ModelError
from dangol.grades.baselines import MIXTURE, QUINTILES, Foresight
from dangol.grades.features import Floats, numbers
from dangol.grades.mixture import REG_COVAR
from dangol.grades.parameters import MixtureParameters
from dangol.grades.scoring import REPEAT, posterior, ranks, raw_rank, score, with_purchases

Outcome = Literal["passed", "warned", "refused", "not judged"]

PROMOTION_DAYS, KEPT_DAYS = 90, 14
"""Promotions of so many days are followed for so many days each."""

SPEND_DAYS = 90
"""How long the spend is counted that follows a refit."""


@dataclass(frozen=True)
class Gate:
    """One condition: `value` against `bound`; `advice` is the next step when it is refused."""

    name: str
    value: float | None
    bound: str
    outcome: Outcome
    meaning: str
    advice: str

    @property
    def sentence(self) -> str:
        found = "nothing to judge it by yet" if self.value is None else f"{self.value:.4g}"
        said = f"{self.name} {self.outcome}: {self.meaning}: {found}, expected {self.bound}"
        return f"{said}; {self.advice}" if self.outcome in ("refused", "warned") else said


def at_least(
    name: str, value: float | None, bound: float, meaning: str, advice: str, goal: float | None = None
) -> Gate:
    """Refused below the bound, warned below the goal."""
    outcome: Outcome = "passed"
    if value is None:
        outcome = "not judged"
    elif not value >= bound:
        outcome = "refused"
    elif goal is not None and value < goal:
        outcome = "warned"
    said = f"at least {bound:g}" + (f", better {goal:g}" if goal is not None else "")
    return Gate(name, value, said, outcome, meaning, advice)


def at_most(name: str, value: float | None, bound: float, meaning: str, advice: str) -> Gate:
    """Refused above the bound."""
    outcome: Outcome = "not judged" if value is None else "passed" if value <= bound else "refused"
    return Gate(name, value, f"at most {bound:g}", outcome, meaning, advice)


def shape_gates(parameters: MixtureParameters, customers: pd.DataFrame, reg_covar: float = REG_COVAR) -> list[Gate]:
    """Of the mixture and the customers that it is for, as of the day that it was trained at; a row is one customer."""
    graded = with_purchases(customers, 1)
    repeat = with_purchases(graded, REPEAT)
    top = float((ranks(parameters, graded) == parameters.components).mean())
    return [
        at_least(
            "smallest_eigenvalue",
            float(np.linalg.eigvalsh(np.array(parameters.covariances)).min()),
            max(0.02, 1.5 * reg_covar),
            "the narrowest spread of a component, in squared standard deviations",
            "a component has collapsed on a point or a line: raise reg_covar, or train on repeat customers alone",
        ),
        at_least(
            "smallest_weight",
            min(parameters.weights),
            0.02,
            "the share of the smallest component",
            "a component holds hardly anybody: train with fewer components (grades.components)",
        ),
        at_most(
            "one_value_share",
            one_value_share(parameters, repeat),
            0.97,
            "the share of a component's customers who have the same recency or frequency",
            "a component stands for one value, not for a kind of customer: grade these customers by rule, and train on "
            "the others",
        ),
        Gate(
            "top_share",
            top,
            "0.015 to 0.15",
            "passed" if 0.015 <= top <= 0.15 else "refused",
            "the share of graded customers in the top grade",
            "the top grade is for everybody or for nobody: train with more, or fewer, components (grades.components)",
        ),
        at_most(
            "next_order_demotes",
            next_order_demotes(parameters, graded),
            0.005,
            "the share of customers whom their own typical next order would demote",
            "the grades do not follow value: train on repeat customers alone, or with fewer components",
        ),
        at_most(
            "monotone_changes",
            float((raw_rank(parameters, *rfm_of(repeat)) != ranks(parameters, repeat)).mean()),
            0.01,
            "the share of repeat customers whose grade the monotone rule changes",
            "the components lie along recency, not value: raise grades.recency_offset_days, or train with fewer "
            "components",
        ),
    ]


def rfm_of(customers: pd.DataFrame) -> tuple[pd.Series, pd.Series, pd.Series]:
    return customers["recency_days"], customers["frequency"], customers["monetary"]


def one_value_share(parameters: MixtureParameters, repeat: pd.DataFrame) -> float:
    """The greatest share of one recency or frequency among the customers of a component, by the likeliest component."""
    component = posterior(parameters, *rfm_of(repeat)).argmax(axis=1)
    columns = (numbers(repeat["recency_days"]), numbers(repeat["frequency"]))
    return max(
        float(np.unique(column[component == own], return_counts=True)[1].max() / (component == own).sum())
        for own in np.unique(component)
        for column in columns
    )


def next_order_demotes(parameters: MixtureParameters, graded: pd.DataFrame) -> float:
    """The share of customers whose rank falls with an order of today, worth the mean of their own."""
    purchases, money = numbers(graded["frequency"]), numbers(graded["monetary"])
    mean = numbers(graded["monetary_gross"]) / purchases
    after = score(parameters, np.zeros(len(graded)), purchases + 1, money + mean).rank
    return float((after < ranks(parameters, graded)).mean())


def stability_gates(agreements: Sequence[float]) -> list[Gate]:
    """Of the Adjusted Rand indexes of `selection.stability`."""
    advice = "the grades depend on who happens to be among the customers: train with other components or on more orders"
    return [
        at_least("stability_mean", float(np.mean(agreements)), 0.80, "mean agreement of refits", advice, 0.85),
        at_least("stability_low", float(np.quantile(agreements, 0.1)), 0.70, "10th percentile of refits", advice, 0.75),
    ]


def foresight_gates(spend_by_rank: Sequence[float] | None, table: dict[str, Foresight] | None) -> list[Gate]:
    """Of a refit SPEND_DAYS ago: the mean spend since by rank from 0 (NaN: nobody has it), and the honest table; None
    where the past does not reach."""
    steps = None if spend_by_rank is None else float(np.diff(spend_by_rank).min())
    lead = None if table is None else table[MIXTURE].gini - table[QUINTILES].gini
    return [
        Gate(
            "spend_rises",
            steps,
            "above 0",
            "not judged" if steps is None else "passed" if steps > 0 else "refused",
            f"the smallest step, from a grade to the next, of the mean spend in the {SPEND_DAYS} days after a refit",
            "a higher grade did not spend more: train with fewer components or on more orders",
        ),
        at_least(
            "foresight",
            lead,
            -0.02,
            "normalised Gini of that spend, less that of RFM quintiles",
            "quintiles order the customers better: train with other components",
        ),
    ]


def day_gates(by_day: "RanksByDay") -> list[Gate]:
    """Of the ranks of customers on many days, by the mixture as it is now."""
    return [
        at_most(
            "promotions_lost",
            by_day.promotions_lost(),
            0.25,
            f"the share of promotions of {PROMOTION_DAYS} days that were lost within {KEPT_DAYS} days",
            "grades come and go: raise grades.recency_offset_days, or train with fewer components",
        ),
        at_most(
            "return_promotes",
            by_day.returns_promote(),
            0.001,
            "the share of returns that promoted who gave back",
            "giving back must not pay: train with fewer components",
        ),
    ]


@dataclass(frozen=True)
class RanksByDay:
    """Ranks at the start of consecutive days; NaN without a grade. All arrays are (customers, days)."""

    days: tuple[int, ...]
    """from 1970-01-01"""
    ranks: Floats
    aged: Floats
    """the rank that the day before would have led to, had nothing happened but the passing of a day"""
    frequency: Floats
    returned: np.ndarray[tuple[int, ...], np.dtype[np.bool_]]
    """whether the customer gave something back on the day before"""
    acted: np.ndarray[tuple[int, ...], np.dtype[np.bool_]]
    """whether an order, a return or a cancellation of the customer happened on the day before"""

    def promotions_lost(self) -> float | None:
        """Of the rises from a grade to a higher one, the share that fell below the new one within KEPT_DAYS; None
        where the days are too few or nobody rose."""
        rises, lost = 0, 0
        for day in range(1, len(self.days) - KEPT_DAYS):
            risen = np.flatnonzero(self.ranks[:, day] > self.ranks[:, day - 1])
            later = np.nan_to_num(self.ranks[risen, day + 1 : day + 1 + KEPT_DAYS], nan=-1)
            rises += len(risen)
            lost += int((later.min(axis=1) < self.ranks[risen, day]).sum())
        return lost / rises if rises else None

    def returns_promote(self) -> float | None:
        """Of the days on which a customer gave back and did nothing else that changes frequency, the share that led to
        a higher rank than a quiet day; None without any."""
        same = self.returned[:, 1:] & (self.frequency[:, 1:] == self.frequency[:, :-1])
        judged = same & ~np.isnan(self.ranks[:, 1:]) & ~np.isnan(self.aged[:, 1:])
        if not judged.any():
            return None
        return float((self.ranks[:, 1:] > self.aged[:, 1:])[judged].mean())

    def changes_per_day(self) -> Iterator[tuple[int, dict[str, int]]]:
        """Per day (from 1970-01-01) that ended before the next rank was taken: how many customers rose and fell by
        what they did, and by the passing of time."""
        before, after = np.nan_to_num(self.ranks[:, :-1], nan=-1), np.nan_to_num(self.ranks[:, 1:], nan=-1)
        acted = self.acted[:, 1:]
        for column, day in enumerate(self.days[:-1]):
            up, down, own = after[:, column] > before[:, column], after[:, column] < before[:, column], acted[:, column]
            yield (
                day,
                {
                    "up_by_event": int((up & own).sum()),
                    "down_by_event": int((down & own).sum()),
                    "up_by_time": int((up & ~own).sum()),
                    "down_by_time": int((down & ~own).sum()),
                },
            )


def ranks_by_day(parameters: MixtureParameters, rfm: pd.DataFrame, acts: pd.DataFrame) -> RanksByDay:
    """From RFM at the start of each of consecutive days (customer_id, today, recency_days, frequency, monetary), and
    the acts (customer_id, day, returned): one row per customer and day on which something happened."""
    days = tuple(range(int(rfm["today"].min()), int(rfm["today"].max()) + 1))
    scored = rfm.assign(
        rank=ranks(parameters, rfm),
        aged=score(parameters, numbers(rfm["recency_days"]) + 1, rfm["frequency"], rfm["monetary"]).rank,
    )
    wide = scored.pivot(index="customer_id", columns="today", values=["rank", "aged", "frequency"])

    def matrix(name: str) -> Floats:
        return wide.reindex(columns=[(name, day) for day in days]).to_numpy(np.float64)

    aged = np.roll(matrix("aged"), 1, axis=1)
    aged[:, 0] = np.nan
    acted, returned = (acts_by_day(chosen, wide.index, days) for chosen in (acts, acts[acts["returned"]]))
    return RanksByDay(days, matrix("rank"), aged, matrix("frequency"), returned, acted)


def acts_by_day(
    acts: pd.DataFrame, customers: pd.Index, days: Sequence[int]
) -> np.ndarray[tuple[int, ...], np.dtype[np.bool_]]:
    """(customers, days): whether there is an act on the day before each."""
    found = np.zeros((len(customers), len(days)), dtype=np.bool_)
    rows, columns = customers.get_indexer(pd.Index(acts["customer_id"])), numbers(acts["day"]) + 1 - days[0]
    inside = (rows >= 0) & (columns >= 0) & (columns < len(days))
    found[rows[inside], columns[inside].astype(np.intp)] = True
    return found


def agreement_gate(champion: MixtureParameters | None, parameters: MixtureParameters, customers: pd.DataFrame) -> Gate:
    """How many graded customers keep their grade when `parameters` take the place of `champion`."""
    kept: float | None = None
    if champion is not None:
        graded = with_purchases(customers, 1)
        same = champion.components == parameters.components
        kept = float((ranks(champion, graded) == ranks(parameters, graded)).mean()) if same else 0.0
    return at_least(
        "agreement",
        kept,
        0.80,
        "the share of graded customers who keep their grade; 0 when the number of grades differs",
        'look at the churn table, and promote with --accept-churn "why" if it is meant',
        goal=0.85,
    )


def churn(champion: MixtureParameters, parameters: MixtureParameters, customers: pd.DataFrame) -> pd.DataFrame:
    """Graded customers by rank under the champion (rows) and under `parameters` (columns)."""
    graded = with_purchases(customers, 1)
    before, after = ranks(champion, graded).astype(int), ranks(parameters, graded).astype(int)
    return pd.crosstab(pd.Series(before, name="now"), pd.Series(after, name="new"))


def to_json(gates: Sequence[Gate]) -> str:
    return json.dumps([asdict(gate) for gate in gates], indent=1)


def from_json(text: str) -> list[Gate]:
    """The gates that to_json wrote. Raises ModelError for any other text."""
    try:
        return [Gate(**gate) for gate in json.loads(text)]
    except (TypeError, ValueError) as error:
        raise ModelError(f"the gates of the model cannot be read ({error}); train and register it again") from None
