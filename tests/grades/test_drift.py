import numpy as np
import pandas as pd
import pytest

from dangol.errors import ModelError
from dangol.grades.drift import Reference, binned, drift, psi, reference
from dangol.grades.parameters import MixtureParameters


def shop(silence: int = 0, seed: int = 0) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    return pd.DataFrame(
        {
            "customer_id": [f"c{number}" for number in range(2000)],
            "recency_days": rng.integers(0, 200, 2000) + silence,
            "frequency": rng.integers(1, 20, 2000),
            "monetary": rng.lognormal(6, 1, 2000),
        }
    )


def test_the_index_by_hand() -> None:
    then, now = np.array([0.5, 0.5]), np.array([0.75, 0.25])
    assert psi(then, now) == pytest.approx(0.25 * np.log(1.5) + 0.25 * np.log(2))
    assert psi(then, then) == 0
    assert np.isfinite(psi(np.array([1.0, 0.0]), np.array([0.0, 1.0])))


def test_a_value_on_an_edge_lies_in_the_bin_below() -> None:
    assert binned(np.array([1.0, 2.0, 2.5, np.nan]), np.array([2.0])).tolist() == [2 / 3, 1 / 3]


def test_the_same_customers_have_not_drifted_and_others_of_the_same_shop_hardly(parameters: MixtureParameters) -> None:
    then = reference(parameters, shop())
    assert drift(parameters, then, shop()) == dict.fromkeys(("recency_days", "frequency", "monetary", "grades"), 0.0)
    assert max(drift(parameters, then, shop(seed=1)).values()) < 0.10


def test_a_shop_that_fell_silent_has_drifted_in_recency_and_grades_alone(parameters: MixtureParameters) -> None:
    found = drift(parameters, reference(parameters, shop()), shop(silence=150))
    assert found["recency_days"] > 0.25
    assert found["grades"] > 0.10
    assert (found["frequency"], found["monetary"]) == (0, 0)


def test_nobody_is_left(parameters: MixtureParameters) -> None:
    assert drift(parameters, reference(parameters, shop()), shop().head(0)) == {}


def test_a_reference_reads_back(parameters: MixtureParameters) -> None:
    made = reference(parameters, shop())
    assert Reference.from_json(made.to_json()) == made
    with pytest.raises(ModelError, match=r"^the model's reference for drift cannot be read"):
        Reference.from_json("[1]")
