"""The honest table: what simpler orders of customers say about the spend to come, beside the mixture."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from sklearn.cluster import KMeans
from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]

from dangol.grades.features import Floats, features, numbers
from dangol.grades.mixture import STARTS, repeat_customers
from dangol.grades.parameters import MixtureParameters
from dangol.grades.scoring import REPEAT, ranks

MIXTURE, PAST_SPEND, QUINTILES, K_MEANS = "mixture", "past spend", "RFM quintiles", "K-Means"


@dataclass(frozen=True)
class Foresight:
    """What an order of customers by their past says about their spend to come."""

    gini: float
    """normalised Gini coefficient: 1 when customers are ordered by their spend to come, about 0 by chance"""
    top_share: float
    """the part of all spend to come that the first customers of the order bring"""


def honest_table(
    customers: pd.DataFrame, spend: Floats, parameters: MixtureParameters, seed: int = 0
) -> dict[str, Foresight]:
    """By method, its Foresight over customers with a purchase in the window; all ties go by past net spend.

    `customers`: RFM as of a day that the mixture was fitted at; `spend` (n,): net, in the days that followed. The first
    customers are as many as the mixture has in its top grade.
    """
    bought = np.flatnonzero(numbers(customers["frequency"]) >= 1)
    known, spend = customers.iloc[bought], spend[bought]
    past, grades = numbers(known["monetary"]), ranks(parameters, known)
    top = int((grades == parameters.components).sum())
    scores = {
        MIXTURE: grades,
        PAST_SPEND: past,
        QUINTILES: quintiles(known),
        K_MEANS: k_means(known, parameters.components, parameters.recency_offset_days, seed),
    }
    return {name: foresight(score, past, spend, top) for name, score in scores.items()}


def foresight(score: Floats, past: Floats, spend: Floats, top: int) -> Foresight:
    """Of customers ordered by `score`, then by `past` spend, greatest first; each (n,). Spend below 0 counts as 0."""
    to_come = np.maximum(spend, 0)
    ordered = to_come[np.lexsort((-past, -score))]
    best = lorenz_area(np.sort(to_come)[::-1])
    total = to_come.sum()
    return Foresight(
        gini=float(lorenz_area(ordered) / best) if best > 0 else 0.0,
        top_share=float(ordered[:top].sum() / total) if total > 0 else 0.0,
    )


def lorenz_area(ordered: Floats) -> float:
    """The area between the cumulated share of `ordered` (n,) and the diagonal; 0 when all is alike or nothing."""
    total = ordered.sum()
    if not total > 0:
        return 0.0
    cumulated = np.cumsum(ordered) / total
    return float(cumulated.mean() - (len(ordered) + 1) / (2 * len(ordered)))


def quintiles(customers: pd.DataFrame) -> Floats:
    """(n,): the sum of the quintiles, 1 to 5, of recency (the least is 5), frequency and monetary value."""
    ordered = (-numbers(customers["recency_days"]), numbers(customers["frequency"]), numbers(customers["monetary"]))
    fifths = [np.ceil(pd.Series(column).rank(pct=True).to_numpy() * 5) for column in ordered]
    return np.asarray(np.sum(fifths, axis=0))


def k_means(customers: pd.DataFrame, clusters: int, recency_offset_days: float, seed: int = 0) -> Floats:
    """(n,): K-Means over the mixture's own features of repeat customers, clusters numbered 1..k by mean log money; 0
    with one purchase."""
    repeat = repeat_customers(customers)
    x = features(repeat["recency_days"], repeat["frequency"], repeat["monetary"], recency_offset_days)
    x = (x - x.mean(axis=0)) / x.std(axis=0)
    with threadpool_limits(1):
        fitted = KMeans(clusters, n_init=STARTS, random_state=seed).fit(x)
    by_value = np.argsort(np.argsort(fitted.cluster_centers_[:, 2], kind="stable"), kind="stable") + 1
    found = pd.Series(by_value[fitted.labels_], index=repeat.index, dtype=np.float64)
    few = numbers(customers["frequency"]) < REPEAT
    return np.where(few, 0.0, found.reindex(customers.index).fillna(0).to_numpy())
