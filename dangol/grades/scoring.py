"""Posterior and rank of customers. Numpy alone: this runs in every worker.

A rank is a pure function of recency, frequency, monetary and the parameters. For fixed frequency and monetary it never
rises with recency: each P(rank >= j) is its minimum over all days from 0 to the recency, and the rank is the greatest j
for which that minimum is at least one half.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from dangol.grades.features import Floats, Values, features, numbers
from dangol.grades.parameters import MixtureParameters

LONGEST_RECENCY_DAYS = 3650
"""A longer silence is scored as this one: ten years bound the work for any input."""

REPEAT = 2
"""Purchases from which a customer is graded by the mixture; one purchase is rank 0 by rule."""

MAJORITY = 0.5
"""The least P(rank >= j) that gives rank j."""

BLOCK = 4096
"""Customers per pass over the days, so that a pass stays in the processor's cache."""


@dataclass(frozen=True)
class Scores:
    """One row per customer, for a mixture of k components; NaN where dangol/tables.py says null."""

    rank: Floats
    """(n,): 0 with one purchase, 1..k by the mixture with more, NaN without a purchase"""
    posterior: Floats
    """(n, k): probability of ranks 1..k under the monotone rule, adding up to 1"""
    p_max: Floats
    """(n,): the posterior of the likeliest rank"""
    margin: Floats
    """(n,): p_max less the posterior of the second likeliest"""
    p_up: Floats
    """(n,): posterior of all ranks above the rank"""
    p_down: Floats
    """(n,): posterior of all ranks below the rank"""


def score(parameters: MixtureParameters, recency_days: Values, frequency: Values, monetary: Values) -> Scores:
    """Scores of n customers from n recencies (whole days), frequencies (purchases) and monetary values (net).

    A null frequency counts as no purchase; with two or more, a null recency or monetary value leaves the rank null.
    Raises ModelError for a value that is no number.
    """
    days, purchases, money = numbers(recency_days), numbers(frequency), numbers(monetary)
    mixed = (purchases >= REPEAT) & ~np.isnan(days) & ~np.isnan(money)
    at_least = np.full((parameters.components + 1, len(days)), np.nan)
    at_least[:, mixed] = monotone(parameters, days[mixed], purchases[mixed], money[mixed])
    rank = np.where(mixed, rank_of(at_least), np.where((purchases >= 1) & (purchases < REPEAT), 0.0, np.nan))
    row, customer = np.where(mixed, rank, 1).astype(np.intp), np.arange(len(days))
    by_rank = shares(at_least)
    second, first = np.sort(by_rank, axis=0)[-2:]
    return Scores(rank, by_rank.T, first, first - second, at_least[row, customer], 1 - at_least[row - 1, customer])


def ranks(parameters: MixtureParameters, customers: pd.DataFrame) -> Floats:
    """(n,): the rank of each customer; NaN without a purchase."""
    return score(parameters, customers["recency_days"], customers["frequency"], customers["monetary"]).rank


def with_purchases(customers: pd.DataFrame, least: int) -> pd.DataFrame:
    """The rows of customers with at least so many purchases in the window: 1 for all who are graded."""
    return customers[numbers(customers["frequency"]) >= least]


def score_frame(
    parameters: MixtureParameters, recency_days: pd.Series, frequency: pd.Series, monetary: pd.Series
) -> pd.DataFrame:
    """The scores as columns grade_rank, p_1..p_k, p_max, margin, p_up, p_down: all double, NaN for null."""
    scores = score(parameters, recency_days, frequency, monetary)
    by_rank = {f"p_{rank}": column for rank, column in enumerate(scores.posterior.T, start=1)}
    return pd.DataFrame(
        {
            "grade_rank": scores.rank,
            **by_rank,
            "p_max": scores.p_max,
            "margin": scores.margin,
            "p_up": scores.p_up,
            "p_down": scores.p_down,
        }
    )


def raw_rank(parameters: MixtureParameters, recency_days: Values, frequency: Values, monetary: Values) -> Floats:
    """(n,): the rank before the monotone rule; NaN where an argument is null."""
    at_least = bounded(np.cumsum(posterior(parameters, recency_days, frequency, monetary)[:, :0:-1], axis=1)[:, ::-1].T)
    return np.where(np.isnan(at_least).any(axis=0), np.nan, rank_of(at_least))


def posterior(parameters: MixtureParameters, recency_days: Values, frequency: Values, monetary: Values) -> Floats:
    """The mixture's own posterior (n, k), before the monotone rule; NaN where an argument is null.

    Bayes' rule over the components' densities: what scikit-learn's GaussianMixture.predict_proba gives.
    """
    x = standardised(parameters, recency_days, frequency, monetary)
    at_least = bounded(tails(along_recency(parameters, x[:, 1], x[:, 2]), x[:, 0]))
    return shares(at_least).T


def shares(at_least: Floats) -> Floats:
    """(k, n): the probability of each rank, from the P(rank >= j) of j = 1..k+1 in (k + 1, n)."""
    return np.asarray(at_least[:-1] - at_least[1:])


def rank_of(at_least: Floats) -> Floats:
    """(n,): the greatest j with P(rank >= j) >= 1/2, from the P(rank >= j) of j = 1..k+1 in (k + 1, n)."""
    return np.asarray((at_least >= MAJORITY).sum(axis=0), dtype=np.float64)


def monotone(parameters: MixtureParameters, recency_days: Floats, frequency: Floats, monetary: Floats) -> Floats:
    """(k + 1, n): P(rank >= j) of j = 1..k+1, each its minimum over all days from 0 to the recency; no NaN inside.

    Every day is evaluated, by the same operations for every customer, so the result falls with recency to the last bit.
    Customers are taken by falling recency: those who have reached a given day are then the first ones of their block.
    """
    days = np.clip(np.floor(recency_days), 0, LONGEST_RECENCY_DAYS)
    order = np.argsort(-days, kind="stable")
    x = standardised(parameters, days, frequency, monetary)[order]
    days = days[order]
    every_day = np.arange(days.max(initial=0) + 1)
    every_z = standardised(parameters, every_day, every_day, every_day)[:, 0]
    least = np.ones((parameters.components - 1, len(days)))
    for start in range(0, len(days), BLOCK):
        block = slice(start, start + BLOCK)
        curves = along_recency(parameters, x[block, 1], x[block, 2])
        reached = np.searchsorted(-days[block], -every_day[: int(days[start]) + 1], side="right")
        for z, count in zip(every_z, reached, strict=False):
            lowest = least[:, start : start + count]
            np.minimum(lowest, tails(curves.first(count), z), out=lowest)
    result = np.empty_like(least)
    result[:, order] = least
    return bounded(result)


def bounded(tails_from_2: Floats) -> Floats:
    """(k + 1, n): P(rank >= j) of j = 1..k+1 from those of j = 2..k in (k - 1, n); the outer ones are 1 and 0."""
    return np.pad(tails_from_2, ((1, 1), (0, 0)), constant_values=((1, 0), (0, 0)))


def standardised(parameters: MixtureParameters, recency_days: Values, frequency: Values, monetary: Values) -> Floats:
    """(n, 3): the features in the units of the mixture."""
    x = features(recency_days, frequency, monetary, parameters.recency_offset_days)
    return np.asarray((x - np.array(parameters.center)) / np.array(parameters.scale))


@dataclass(frozen=True)
class Curves:
    """The mixture along recency z for n customers with fixed frequency and monetary value.

    log(weight * density) of a component is height - steepness * (z - peak)^2, up to a constant.
    """

    height: Floats
    """(k, n)"""
    peak: Floats
    """(k, n)"""
    steepness: Floats
    """(k, 1)"""

    def first(self, count: int) -> "Curves":
        return Curves(self.height[:, :count], self.peak[:, :count], self.steepness)


def along_recency(parameters: MixtureParameters, frequency: Floats, monetary: Floats) -> Curves:
    """Curves from standardised frequency and monetary value, each (n,): the conditional normal of recency.

    The Cholesky factor L of a covariance in the order frequency, monetary, recency whitens one feature after the other.
    """
    heights, peaks, steepness = [], [], []
    for weight, mean, covariance in zip(parameters.weights, parameters.means, parameters.covariances, strict=True):
        factor = np.linalg.cholesky(np.array(covariance)[np.ix_([1, 2, 0], [1, 2, 0])])
        by_frequency = (frequency - mean[1]) / factor[0, 0]
        by_monetary = (monetary - mean[2] - factor[1, 0] * by_frequency) / factor[1, 1]
        heights.append(np.log(weight / factor.diagonal().prod()) - (by_frequency**2 + by_monetary**2) / 2)
        peaks.append(mean[0] + factor[2, 0] * by_frequency + factor[2, 1] * by_monetary)
        steepness.append([0.5 / factor[2, 2] ** 2])
    return Curves(np.array(heights), np.array(peaks), np.array(steepness))


def tails(curves: Curves, z: Floats | float) -> Floats:
    """(k - 1, n): P(rank >= j) of j = 2..k at standardised recency z, one for all or (n,)."""
    log_density = curves.height - curves.steepness * (z - curves.peak) ** 2
    density = np.exp(log_density - log_density.max(axis=0))
    from_the_top = np.cumsum(density[::-1], axis=0)
    return np.asarray(from_the_top[-2::-1] / from_the_top[-1])
