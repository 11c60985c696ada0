import numpy as np
import pandas as pd
import pytest

from dangol.grades.baselines import Foresight, foresight, honest_table, k_means, lorenz_area, quintiles
from dangol.grades.mixture import fit


def test_the_best_order_has_a_gini_of_one_and_the_worst_of_minus_one() -> None:
    spend = np.array([5.0, 1.0, 0.0, 10.0])
    assert foresight(spend, spend, spend, 1) == Foresight(1.0, 10 / 16)
    assert foresight(-spend, -spend, spend, 1).gini == pytest.approx(-1.0)


def test_ties_go_by_past_spend_and_negative_spend_counts_as_none() -> None:
    score, past, spend = np.zeros(3), np.array([3.0, 2.0, 1.0]), np.array([9.0, 1.0, -50.0])
    assert foresight(score, past, spend, 2) == Foresight(1.0, 1.0)


def test_nobody_spends() -> None:
    assert foresight(np.ones(3), np.ones(3), np.zeros(3), 1) == Foresight(0.0, 0.0)
    assert lorenz_area(np.array([2.0, 2.0])) == 0


def test_quintiles_add_up_from_3_to_15() -> None:
    customers = pd.DataFrame(
        {"recency_days": [50, 40, 30, 20, 10], "frequency": [1, 2, 3, 4, 5], "monetary": [1.0, 2.0, 3.0, 4.0, 5.0]}
    )
    assert quintiles(customers).tolist() == [3, 6, 9, 12, 15]


@pytest.fixture
def shop() -> pd.DataFrame:
    rng = np.random.default_rng(1)
    frequency = rng.geometric(0.3, 400)
    return pd.DataFrame(
        {
            "customer_id": [f"c{number:03}" for number in range(400)],
            "recency_days": (rng.exponential(200, 400) / frequency).astype(int),
            "frequency": frequency,
            "monetary": frequency * rng.lognormal(4, 0.5, 400),
        }
    )


def test_k_means_numbers_its_clusters_by_value(shop: pd.DataFrame) -> None:
    found = k_means(shop, 3, 7.0)
    assert set(found) == {0, 1, 2, 3}
    assert (found[shop["frequency"] == 1] == 0).all()
    assert shop["monetary"].groupby(found).median().loc[1:].is_monotonic_increasing


def test_the_honest_table_has_every_method(shop: pd.DataFrame) -> None:
    spend = shop["monetary"].to_numpy() * 0.2
    table = honest_table(shop, spend, fit(shop))
    assert set(table) == {"mixture", "past spend", "RFM quintiles", "K-Means"}
    assert table["past spend"].gini == pytest.approx(1.0)
    assert all(0 < found.gini <= 1 for found in table.values())
