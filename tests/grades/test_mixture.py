import numpy as np
import pandas as pd
import pytest
from sklearn.mixture import GaussianMixture
from sklearn.mixture._gaussian_mixture import _compute_precision_cholesky
from sklearn.preprocessing import StandardScaler

from dangol.errors import ModelError
from dangol.grades.features import features
from dangol.grades.mixture import fit, frequency_offsets, gaussian_mixture, repeat_customers
from dangol.grades.parameters import MixtureParameters
from dangol.grades.scoring import posterior, score


@pytest.fixture(scope="module")
def trained(online_retail: pd.DataFrame) -> MixtureParameters:
    return fit(online_retail)


def ranks(parameters: MixtureParameters, customers: pd.DataFrame) -> np.ndarray:
    return score(parameters, customers["recency_days"], customers["frequency"], customers["monetary"]).rank


@pytest.mark.parametrize(
    ("reg_covar", "bic", "sizes"),
    [(0.05, 28_921.62, [1191, 1182, 899, 870, 196]), (1e-6, 3_515.76, None)],
)
def test_reference_fits(online_retail: pd.DataFrame, reg_covar: float, bic: float, sizes: list[int] | None) -> None:
    """Everybody, gross, log1p of all three, no offsets: as others fit this data."""
    columns = online_retail[["recency_days", "frequency", "monetary_gross"]].to_numpy(np.float64)
    x = StandardScaler().fit_transform(np.log1p(columns))
    fitted = gaussian_mixture(x, components=5, reg_covar=reg_covar, seed=42)
    assert fitted.bic(x) == pytest.approx(bic, rel=0.005)
    if sizes:
        assert sorted(np.bincount(fitted.predict(x)), reverse=True) == pytest.approx(sizes, rel=0.03)


def test_grades_of_online_retail_rise_with_value(trained: MixtureParameters, online_retail: pd.DataFrame) -> None:
    graded = online_retail.assign(rank=ranks(trained, online_retail)).groupby("rank")
    assert graded.size().loc[0] == (online_retail["frequency"] == 1).sum() == 1493
    assert graded["monetary"].median().is_monotonic_increasing
    assert graded["frequency"].median().is_monotonic_increasing
    assert graded["recency_days"].median().is_monotonic_decreasing
    assert 0.015 <= graded.size().loc[3] / (online_retail["frequency"] >= 2).sum() <= 0.15


def test_another_seed_and_another_order_of_rows_give_the_same_grades(
    trained: MixtureParameters, online_retail: pd.DataFrame
) -> None:
    expected = ranks(trained, online_retail)
    other_seed = ranks(fit(online_retail, seed=99), online_retail)
    assert (other_seed == expected).mean() >= 0.99
    assert fit(online_retail.sample(frac=1, random_state=3)) == trained


def test_the_monotone_rule_changes_few_raw_grades(trained: MixtureParameters, online_retail: pd.DataFrame) -> None:
    repeat = repeat_customers(online_retail)
    raw = posterior(trained, repeat["recency_days"], repeat["frequency"], repeat["monetary"])
    raw_rank = 1 + (np.cumsum(raw[:, :0:-1], axis=1) >= 0.5).sum(axis=1)
    changed = (raw_rank != ranks(trained, repeat)).mean()
    assert 0 < changed <= 0.01


def test_posterior_equals_scikit_learn(trained: MixtureParameters, online_retail: pd.DataFrame) -> None:
    reference = GaussianMixture(trained.components)
    reference.weights_, reference.means_ = np.array(trained.weights), np.array(trained.means)
    reference.covariances_ = np.array(trained.covariances)
    reference.precisions_cholesky_ = _compute_precision_cholesky(reference.covariances_, "full")
    columns = [online_retail[name] for name in ("recency_days", "frequency", "monetary")]
    x = (features(*columns, trained.recency_offset_days) - trained.center) / trained.scale
    np.testing.assert_allclose(posterior(trained, *columns), reference.predict_proba(x), rtol=0, atol=1e-9)


def test_rows_without_recency_or_money_are_left_out() -> None:
    customers = shop(60).astype({"recency_days": "Int64"})
    customers.loc[3, "recency_days"] = pd.NA
    customers.loc[4, "monetary"] = np.nan
    customers.loc[5, "frequency"] = 1
    kept = repeat_customers(customers)["customer_id"].tolist()
    assert kept == [f"c{number:03}" for number in range(60) if number not in (3, 4, 5)]


def test_an_offset_follows_from_the_id_alone() -> None:
    offsets = frequency_offsets(pd.Series(["17850", "12347", "17850"]))
    assert offsets.tolist() == [0.2, 0.0, 0.2]
    many = frequency_offsets(pd.Series(range(10_000)))
    assert sorted(set(many)) == [-0.4, -0.2, 0.0, 0.2, 0.4]
    assert abs(many.mean()) < 0.01


def shop(customers: int) -> pd.DataFrame:
    numbers = np.arange(customers)
    return pd.DataFrame(
        {
            "customer_id": [f"c{number:03}" for number in numbers],
            "recency_days": numbers * 7 % 300,
            "frequency": 2 + numbers % 9,
            "monetary": 50.0 + numbers * 13 % 900,
        }
    )


def test_too_few_repeat_customers() -> None:
    with pytest.raises(ModelError, match=r"^49 customers have 2 or more purchases .* training needs 50; read more"):
        fit(shop(49))


@pytest.mark.parametrize("name", ["recency_days", "frequency", "monetary"])
def test_customers_who_are_all_alike(name: str) -> None:
    with pytest.raises(ModelError, match=f"^all 60 repeat customers have the same {name}"):
        fit(shop(60).assign(**{name: 5}))


def test_a_customer_with_two_rows() -> None:
    with pytest.raises(ModelError, match=r"^customer c007 has more than one row"):
        fit(pd.concat([shop(60), shop(60).iloc[[7]]]))


def test_more_components_than_customers_carry() -> None:
    with pytest.raises(ModelError, match=r"^a mixture of 61 components cannot be fitted to 60 customers"):
        fit(shop(60), components=61)
