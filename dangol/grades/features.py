"""Recency, frequency and monetary value as the three numbers that the mixture sees."""

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from dangol.errors import ModelError

Floats = NDArray[np.float64]

Values = ArrayLike | pd.Series


def features(recency_days: Values, frequency: Values, monetary: Values, recency_offset_days: float) -> Floats:
    """log(R + offset), log(1 + F), log(1 + M) as float64 of shape (n, 3), not yet standardised.

    Each argument has n values, in days, purchases and money: long, double, Decimal, nullable or object. Negative values
    count as 0; null, NaN and infinity become NaN. Raises ModelError for a value that is no number.
    """
    return np.column_stack(
        [
            np.log(np.maximum(numbers(recency_days), 0.0) + recency_offset_days),
            np.log1p(np.maximum(numbers(frequency), 0.0)),
            np.log1p(np.maximum(numbers(monetary), 0.0)),
        ]
    )


def numbers(values: Values) -> Floats:
    """Any column of numbers as a new float64 array of shape (n,); null, NaN and infinity become NaN.

    Raises ModelError for a value that is no number.
    """
    try:
        array = pd.Series(values).to_numpy(dtype=np.float64, na_value=np.nan, copy=True)
    except (TypeError, ValueError) as error:
        raise ModelError(f"recency, frequency and monetary must be numbers: {error}") from None
    array[~np.isfinite(array)] = np.nan
    return array
