"""Training: a Gaussian mixture over the customers with two or more purchases."""

import warnings
import zlib
from typing import Any

import numpy as np
import pandas as pd
from sklearn.exceptions import ConvergenceWarning
from sklearn.mixture import GaussianMixture
from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]

from dangol.errors import ModelError
from dangol.grades.features import Floats, features, numbers
from dangol.grades.parameters import MixtureParameters
from dangol.grades.scoring import REPEAT

FEWEST_CUSTOMERS = 50
"""Fewer repeat customers do not carry a mixture of three components over three features."""

REG_COVAR = 0.05
"""Added to each variance, in squared standard deviations: keeps a component from collapsing on a point."""

TOLERANCE = 1e-4
"""EM ends when the mean log likelihood gains less: scikit-learn's 1e-3 leaves grades that depend on the seed."""

STARTS, MOST_ITERATIONS = 10, 1000

FREQUENCY_OFFSETS = np.array([-0.4, -0.2, 0.0, 0.2, 0.4])
"""Added to frequency in training alone: a component would collapse on one of the few whole numbers that most share."""


def fit(
    customers: pd.DataFrame, *, components: int = 3, recency_offset_days: float = 7.0, seed: int = 0
) -> MixtureParameters:
    """The mixture of the repeat customers among `customers`, its components ordered by their mean of log money.

    A row is one customer as of one moment: customer_id (unique), recency_days, frequency, monetary (net); other columns
    and the order of rows do not matter. Raises ModelError if too few are repeat customers, or if these are all alike.
    """
    repeat = repeat_customers(customers)
    refuse_alike(repeat)
    x = training_features(repeat, recency_offset_days)
    center, scale = x.mean(axis=0), x.std(axis=0)
    fitted = gaussian_mixture(
        (x - center) / scale, components=components, reg_covar=REG_COVAR, seed=seed, tolerance=TOLERANCE
    )
    return as_parameters(fitted, center, scale, recency_offset_days)


def as_parameters(
    fitted: GaussianMixture, center: Floats, scale: Floats, recency_offset_days: float
) -> MixtureParameters:
    """A fitted mixture of standardised features as plain numbers, its components ordered by their mean of log money."""
    by_value = np.argsort(fitted.means_[:, 2], kind="stable")
    return MixtureParameters(
        weights=as_tuples(fitted.weights_[by_value]),
        means=as_tuples(fitted.means_[by_value]),
        covariances=as_tuples(fitted.covariances_[by_value]),
        center=as_tuples(center),
        scale=as_tuples(scale),
        recency_offset_days=recency_offset_days,
    )


def training_features(repeat: pd.DataFrame, recency_offset_days: float) -> Floats:
    """(n, 3): the features of repeat customers with the offsets of frequency that training adds."""
    frequency = numbers(repeat["frequency"]) + frequency_offsets(repeat["customer_id"])
    return features(repeat["recency_days"], frequency, repeat["monetary"], recency_offset_days)


def repeat_customers(customers: pd.DataFrame) -> pd.DataFrame:
    """The rows with two or more purchases and neither recency nor money null, sorted by customer_id.

    Raises ModelError if they are fewer than FEWEST_CUSTOMERS, or if a customer has two rows.
    """
    known = ~np.isnan(numbers(customers["recency_days"])) & ~np.isnan(numbers(customers["monetary"]))
    repeat = customers[known & (numbers(customers["frequency"]) >= REPEAT)].sort_values("customer_id")
    if len(repeat) < FEWEST_CUSTOMERS:
        raise ModelError(
            f"{len(repeat)} customers have {REPEAT} or more purchases in the window, and training needs "
            f"{FEWEST_CUSTOMERS}; read more orders or widen rfm.window_days"
        )
    twice = repeat["customer_id"][repeat["customer_id"].duplicated()]
    if len(twice):
        raise ModelError(
            f"customer {twice.iloc[0]} has more than one row, and training takes one row per customer; "
            "pass the customers as of one moment"
        )
    return repeat


def refuse_alike(repeat: pd.DataFrame) -> None:
    """Raises ModelError if all customers have the same recency, frequency or monetary value."""
    for name in ("recency_days", "frequency", "monetary"):
        if len(np.unique(np.maximum(numbers(repeat[name]), 0))) == 1:
            raise ModelError(
                f"all {len(repeat)} repeat customers have the same {name}, and a mixture needs customers who differ; "
                "check the orders and the date that the customers were taken at"
            )


def frequency_offsets(customer_ids: pd.Series) -> Floats:
    """(n,): one of FREQUENCY_OFFSETS per customer. The id alone decides, so that no other customer changes it."""
    return FREQUENCY_OFFSETS[[zlib.crc32(str(customer).encode()) % len(FREQUENCY_OFFSETS) for customer in customer_ids]]


def gaussian_mixture(
    x: Floats, *, components: int, reg_covar: float, seed: int, tolerance: float = 1e-3
) -> GaussianMixture:
    """scikit-learn's mixture with full covariances, fitted to x (n, d): the likeliest of STARTS runs of EM.

    Raises ModelError if EM does not converge or cannot be run on x.
    """
    mixture = GaussianMixture(
        components, reg_covar=reg_covar, n_init=STARTS, random_state=seed, tol=tolerance, max_iter=MOST_ITERATIONS
    )
    # One thread: on a machine with other work several wait for each other, and 0.3 s have become 15 s.
    with threadpool_limits(1), warnings.catch_warnings():
        warnings.simplefilter("error", ConvergenceWarning)
        try:
            return mixture.fit(x)
        except (ConvergenceWarning, ValueError) as error:
            raise ModelError(
                f"a mixture of {components} components cannot be fitted to {len(x)} customers ({error}); "
                "choose fewer components or read more orders"
            ) from None


def as_tuples(array: Floats) -> Any:
    """An array as tuples of floats, nested as deep as the array."""
    return tuple(as_tuples(row) for row in array) if array.ndim else float(array)
