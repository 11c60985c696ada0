"""How many components: the information criteria and the stability of mixtures of 2 to 5."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd
from joblib import Parallel, delayed
from sklearn.metrics import adjusted_rand_score

from dangol.grades.features import Floats
from dangol.grades.mixture import fit, repeat_customers, training_features
from dangol.grades.parameters import MixtureParameters
from dangol.grades.scoring import ranks

COMPONENTS = (2, 3, 4, 5)
REFITS = 30
SUBSAMPLE = 0.8

MOST_STUDIED = 20_000
"""Repeat customers that stability is studied on; of more, so many are drawn. Agreement of grades over so many is exact
to a thousandth, and a refit over a million would take minutes."""


@dataclass(frozen=True)
class Criteria:
    """What a mixture costs, in log likelihood: lower is better."""

    bic: float
    """-2 log L + parameters * log n (Schwarz 1978)"""
    icl: float
    """BIC + 2 * entropy of the posterior (Biernacki, Celeux, Govaert 2000): components that overlap cost more"""


def criteria(parameters: MixtureParameters, customers: pd.DataFrame) -> Criteria:
    """Of a mixture over the repeat customers among `customers`, with the offsets that it was trained with."""
    repeat = repeat_customers(customers)
    x = (training_features(repeat, parameters.recency_offset_days) - parameters.center) / parameters.scale
    joint = log_joint(parameters, x)
    likelihood = np.logaddexp.reduce(joint, axis=1)
    posterior = np.exp(joint - likelihood[:, np.newaxis])
    entropy = -(posterior * (joint - likelihood[:, np.newaxis])).sum()
    k, d = np.array(parameters.means).shape
    free = (k - 1) + k * d + k * d * (d + 1) // 2
    bic = -2 * likelihood.sum() + free * np.log(len(x))
    return Criteria(float(bic), float(bic + 2 * entropy))


def log_joint(parameters: MixtureParameters, x: Floats) -> Floats:
    """(n, k): log(weight * density) of each component at x (n, 3), in the mixture's units."""
    columns = []
    for weight, mean, covariance in zip(parameters.weights, parameters.means, parameters.covariances, strict=True):
        factor = np.linalg.cholesky(np.array(covariance))
        white = np.linalg.solve(factor, (x - mean).T)
        log_scale = np.log(factor.diagonal()).sum() + len(mean) / 2 * np.log(2 * np.pi)
        columns.append(np.log(weight) - log_scale - (white**2).sum(axis=0) / 2)
    return np.column_stack(columns)


def stability(
    customers: pd.DataFrame, parameters: MixtureParameters, refits: int = REFITS, processes: int = -1
) -> Iterator[float]:
    """Adjusted Rand index between the grades by `parameters` and by each of `refits` mixtures, fitted as they were to
    another 80 % of the repeat customers. In `processes` at once; -1: a process per core."""
    studied = repeat_customers(customers)
    if len(studied) > MOST_STUDIED:
        studied = studied.sample(MOST_STUDIED, random_state=0)
    grades = ranks(parameters, studied)

    def agreement(seed: int) -> float:
        part = studied.sample(frac=SUBSAMPLE, random_state=seed)
        refitted = fit(
            part, components=parameters.components, recency_offset_days=parameters.recency_offset_days, seed=seed
        )
        return float(adjusted_rand_score(grades, ranks(refitted, studied)))

    yield from Parallel(n_jobs=processes, return_as="generator")(delayed(agreement)(seed) for seed in range(refits))
