from decimal import Decimal
from math import inf, log, log1p, nan

import numpy as np
import pandas as pd
import pytest

from dangol.errors import ModelError
from dangol.grades.features import features


def test_the_three_features() -> None:
    found = features([0, 93, 374], [1, 4, 209], [77.5, 2054.2665, 280206.02], 7)
    expected = [
        [log(7), log1p(1), log1p(77.5)],
        [log(100), log1p(4), log1p(2054.2665)],
        [log(381), log1p(209), log1p(280206.02)],
    ]
    np.testing.assert_allclose(found, expected, rtol=1e-15)


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        (np.array([3, 0], dtype=np.int64), [3.0, 0.0]),
        (pd.Series([Decimal("3.0000"), Decimal("0E-4")]), [3.0, 0.0]),
        (pd.Series([3, None], dtype="Int64"), [3.0, nan]),
        (pd.Series([Decimal("3"), None], dtype=object), [3.0, nan]),
        (pd.Series([Decimal("3"), pd.NA], dtype=object), [3.0, nan]),
        ([3.0, nan], [3.0, nan]),
        ([inf, -inf], [nan, nan]),
        ([-0.01, -611342.09], [0.0, 0.0]),
        ([], []),
    ],
)
def test_every_kind_of_column_has_a_defined_result(values: object, expected: list[float]) -> None:
    found = features(values, values, values, 7)
    as_floats = np.array(expected)
    np.testing.assert_array_equal(
        found, np.column_stack([np.log(as_floats + 7), np.log1p(as_floats), np.log1p(as_floats)])
    )


def test_the_callers_column_is_left_alone() -> None:
    money = np.array([inf, 5.0])
    features([1, 1], [2, 2], money, 7)
    assert money.tolist() == [inf, 5.0]


def test_text_is_refused() -> None:
    with pytest.raises(ModelError, match="must be numbers"):
        features([1], ["many"], [2], 7)
