"""Why a customer has a grade, and what would change it: what the scorer itself says of other numbers."""

from dataclasses import dataclass
from itertools import combinations

import numpy as np

from dangol.grades.features import Floats
from dangol.grades.parameters import MixtureParameters
from dangol.grades.scoring import Scores, score

CENT = 0.01
LEAST_AMOUNT, MOST_AMOUNT = CENT, 1e9
STEPS = 4000
"""Amounts that are tried, at equal ratios: 0.6 % apart. A grade that begins and ends between two of them is not held
at twice the amount either, so it would not do."""

MOST_ORDERS = 50
"""More orders than that on one day are no advice."""

NAMES = ("recency", "frequency", "monetary")


@dataclass(frozen=True)
class Rfm:
    """A customer as of one moment: whole days, purchases in the window, net money in the window."""

    recency_days: float
    frequency: int
    monetary: float


@dataclass(frozen=True)
class WhatIf:
    """The next step to a grade, as of now: one order of at least `amount`, or `orders` of the usual worth."""

    reached: bool
    """whether the customer has the grade, or a higher one, already"""
    amount: float | None
    """the least worth of one order today that reaches the grade, and keeps it up to twice that worth"""
    orders: int | None
    """how many orders today, each worth what the customer's orders are on average, reach it"""

    @property
    def reachable(self) -> bool:
        return self.reached or self.amount is not None or self.orders is not None


def why(parameters: MixtureParameters, before: Rfm, now: Rfm) -> tuple[str, ...] | None:
    """The fewest of recency, frequency and monetary whose values of `before` would bring the rank of `before` back, or
    more; of several sets as small, the one that makes it likeliest. None when the rank has not fallen.

    A customer without a grade counts as below every rank.
    """
    wanted = rank_of(parameters, before)
    if rank_of(parameters, now) >= wanted:
        return None
    for size in range(1, len(NAMES) + 1):
        brought = [
            (probability(parameters, restored, int(wanted)), names)
            for names in combinations(NAMES, size)
            if rank_of(parameters, restored := restore(before, now, names)) >= wanted
        ]
        if brought:
            return max(brought, key=lambda found: found[0])[1]
    raise AssertionError("all three restored are the row before")


def restore(before: Rfm, now: Rfm, names: tuple[str, ...]) -> Rfm:
    """`now` with the named values of `before`."""
    return Rfm(
        before.recency_days if "recency" in names else now.recency_days,
        before.frequency if "frequency" in names else now.frequency,
        before.monetary if "monetary" in names else now.monetary,
    )


def what_if(parameters: MixtureParameters, now: Rfm, monetary_gross: float, rank: int) -> WhatIf:
    """What would bring a customer to `rank` today, if nothing leaves the window meanwhile."""
    if rank_of(parameters, now) >= rank:
        return WhatIf(True, None, None)
    amount = least_amount(parameters, now, rank)
    usual = monetary_gross / now.frequency if now.frequency else 0.0
    return WhatIf(False, amount, fewest_orders(parameters, now, usual, rank) if usual > 0 else None)


def least_amount(parameters: MixtureParameters, now: Rfm, rank: int) -> float | None:
    """The least worth, in whole cents, of one order today that gives the rank or more and so does every worth up to
    twice as much; None when there is none up to MOST_AMOUNT."""
    amounts = np.geomspace(LEAST_AMOUNT, 2 * MOST_AMOUNT, STEPS)
    holds = reaches(parameters, now, amounts, rank)
    begins = np.flatnonzero(holds & ~np.concatenate([[False], holds[:-1]]))
    ends = np.flatnonzero(holds & ~np.concatenate([holds[1:], [False]]))
    for start, end in zip(begins, ends, strict=True):
        below = amounts[start - 1] if start else 0.0
        least = first_cent(parameters, now, below, amounts[start], rank)
        if least <= MOST_AMOUNT and (end == STEPS - 1 or amounts[end] >= 2 * least):
            return least
    return None


def first_cent(parameters: MixtureParameters, now: Rfm, below: float, reached: float, rank: int) -> float:
    """By bisection between an amount that does not reach the rank and one that does, the least whole cents that do."""
    low, high = int(np.floor(below / CENT)), int(np.ceil(reached / CENT))
    while high - low > 1:
        middle = (low + high) // 2
        if reaches(parameters, now, np.array([middle * CENT]), rank)[0]:
            high = middle
        else:
            low = middle
    return round(high * CENT, 2)


def reaches(parameters: MixtureParameters, now: Rfm, amounts: Floats, rank: int) -> np.ndarray:
    """(n,): whether one order today of each amount (n,) gives the rank or more."""
    count = len(amounts)
    money = np.round(now.monetary + amounts, 4)  # as the tables hold it
    after = score(parameters, np.zeros(count), np.full(count, now.frequency + 1), money).rank
    return np.asarray(after >= rank)


def fewest_orders(parameters: MixtureParameters, now: Rfm, worth: float, rank: int) -> int | None:
    """The fewest orders today of that worth each that give the rank or more; None when MOST_ORDERS do not."""
    orders = np.arange(1, MOST_ORDERS + 1)
    after = score(parameters, np.zeros(len(orders)), now.frequency + orders, now.monetary + orders * worth).rank
    enough = np.flatnonzero(after >= rank)
    return int(orders[enough[0]]) if len(enough) else None


def rank_of(parameters: MixtureParameters, customer: Rfm) -> float:
    """The rank of one customer; -1 without a grade."""
    rank = scores(parameters, customer).rank[0]
    return -1.0 if np.isnan(rank) else float(rank)


def probability(parameters: MixtureParameters, customer: Rfm, rank: int) -> float:
    """P(rank or more) of one customer; 1 or 0 where no mixture decides."""
    found = scores(parameters, customer)
    if np.isnan(found.posterior[0]).any():
        return float(rank_of(parameters, customer) >= rank)
    return float(found.posterior[0, max(rank, 1) - 1 :].sum())


def scores(parameters: MixtureParameters, customer: Rfm) -> Scores:
    return score(parameters, [customer.recency_days], [customer.frequency], [customer.monetary])
