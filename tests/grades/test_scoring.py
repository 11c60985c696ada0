from dataclasses import astuple

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dangol.errors import ModelError
from dangol.grades.parameters import MixtureParameters
from dangol.grades.scoring import LONGEST_RECENCY_DAYS, monotone, posterior, score, score_frame

DAYS = np.arange(401.0)
PURCHASES = st.integers(2, 400)
MONEY = st.floats(-1e5, 1e9)
SHOP = st.lists(st.tuples(st.integers(0, 400), PURCHASES, MONEY), min_size=1, max_size=8).map(np.array)


def test_who_never_or_once_bought_is_graded_by_rule(parameters: MixtureParameters) -> None:
    frequency = [None, 0, 1, 1, 2, 2]
    scores = score(parameters, [None, 900, 5, None, None, 5], frequency, [0, -3, 80, None, 80, None])
    np.testing.assert_array_equal(scores.rank, [np.nan, np.nan, 0, 0, np.nan, np.nan])
    assert np.isnan(scores.posterior).all()
    for column in astuple(scores)[2:]:
        assert np.isnan(column).all()


def test_repeat_customers_are_ranked_by_the_mixture(parameters: MixtureParameters) -> None:
    scores = score(parameters, [200, 20, 2], [2, 5, 30], [300, 1500, 20000])
    np.testing.assert_array_equal(scores.rank, [1, 2, 3])
    np.testing.assert_array_equal(scores.p_max, scores.posterior.max(axis=1))
    np.testing.assert_allclose(scores.p_down, [0, scores.posterior[1, 0], scores.posterior[2, :2].sum()], atol=1e-15)
    np.testing.assert_allclose(scores.p_up, [scores.posterior[0, 1:].sum(), scores.posterior[1, 2], 0], atol=1e-15)
    second = np.sort(scores.posterior, axis=1)[:, 1]
    np.testing.assert_array_equal(scores.margin, scores.p_max - second)


def test_posterior_is_bayes_rule_over_normal_densities(parameters: MixtureParameters) -> None:
    x = (np.log([41 + 7, 1 + 5, 1 + 1500.0]) - parameters.center) / np.array(parameters.scale)
    joint = []
    for weight, mean, covariance in zip(parameters.weights, parameters.means, parameters.covariances, strict=True):
        distance = (x - mean) @ np.linalg.inv(covariance) @ (x - mean)
        joint.append(weight * np.exp(-distance / 2) / np.sqrt(np.linalg.det(covariance)))
    np.testing.assert_allclose(posterior(parameters, [41], [5], [1500]), [np.array(joint) / sum(joint)], atol=1e-12)


def test_monotone_is_the_least_over_all_days(parameters: MixtureParameters) -> None:
    """At 3 purchases worth 3,000 the mixture itself gives P(rank >= 2) a dip, so that the rule has something to do."""
    frequency, monetary = np.full(401, 3.0), np.full(401, 3000.0)
    raw = posterior(parameters, DAYS, frequency, monetary)
    raw_at_least = np.cumsum(raw[:, ::-1], axis=1)[:, ::-1]
    assert (np.diff(raw_at_least, axis=0) > 0).any()
    np.testing.assert_allclose(
        monotone(parameters, DAYS, frequency, monetary)[:-1].T, np.minimum.accumulate(raw_at_least), atol=1e-12
    )


@settings(max_examples=25, deadline=None)
@given(frequency=PURCHASES, monetary=MONEY, order=st.randoms(use_true_random=False))
def test_grade_never_rises_with_recency(
    parameters: MixtureParameters, frequency: int, monetary: float, order: object
) -> None:
    days = DAYS.copy()
    order.shuffle(days)
    at_least = monotone(parameters, days, np.full(401, float(frequency)), np.full(401, monetary))
    by_day = at_least[:, np.argsort(days)]
    assert (np.diff(by_day, axis=1) <= 0).all()
    ranks = score(parameters, DAYS, np.full(401, frequency), np.full(401, monetary)).rank
    assert (np.diff(ranks) <= 0).all()


@settings(max_examples=25, deadline=None)
@given(shop=SHOP)
def test_posteriors_add_up_to_one(parameters: MixtureParameters, shop: np.ndarray) -> None:
    for found in (posterior(parameters, *shop.T), score(parameters, *shop.T).posterior):
        assert (found >= 0).all()
        np.testing.assert_allclose(found.sum(axis=1), 1, rtol=0, atol=1e-12)


@settings(max_examples=25, deadline=None)
@given(shop=SHOP)
def test_a_customers_score_depends_on_no_other(parameters: MixtureParameters, shop: np.ndarray) -> None:
    together = score_frame(parameters, *shop.T)
    one_by_one = pd.concat([score_frame(parameters, *row[:, None]) for row in shop], ignore_index=True)
    pd.testing.assert_frame_equal(together, one_by_one, check_exact=True)


@settings(max_examples=25, deadline=None)
@given(shop=SHOP)
def test_parameters_read_from_json_score_the_same(parameters: MixtureParameters, shop: np.ndarray) -> None:
    read = MixtureParameters.from_json(parameters.to_json())
    pd.testing.assert_frame_equal(score_frame(read, *shop.T), score_frame(parameters, *shop.T), check_exact=True)


def test_blocks_do_not_matter(parameters: MixtureParameters, monkeypatch: pytest.MonkeyPatch) -> None:
    days, frequency, monetary = DAYS, np.resize([2.0, 3.0, 50.0], 401), np.resize([10.0, 900.0], 401)
    whole = monotone(parameters, days, frequency, monetary)
    monkeypatch.setattr("dangol.grades.scoring.BLOCK", 7)
    np.testing.assert_array_equal(monotone(parameters, days, frequency, monetary), whole)


def test_recency_is_bounded_on_both_sides(parameters: MixtureParameters) -> None:
    days = [-1, 0, LONGEST_RECENCY_DAYS, 10**9]
    found = score(parameters, days, [6] * 4, [2500] * 4).posterior
    np.testing.assert_array_equal(found[0], found[1])
    np.testing.assert_array_equal(found[2], found[3])


def test_the_frame_of_a_pandas_udf(parameters: MixtureParameters) -> None:
    frame = score_frame(parameters, pd.Series([3, None]), pd.Series([12, 0]), pd.Series([4310.0, 0.0]))
    assert list(frame.columns) == ["grade_rank", "p_1", "p_2", "p_3", "p_max", "margin", "p_up", "p_down"]
    assert set(frame.dtypes) == {np.dtype("float64")}
    assert frame.loc[0, "grade_rank"] == 3
    assert frame.loc[1].isna().all()


def test_no_customers(parameters: MixtureParameters) -> None:
    assert score_frame(parameters, [], [], []).shape == (0, 8)


def test_text_is_refused(parameters: MixtureParameters) -> None:
    with pytest.raises(ModelError, match="must be numbers"):
        score(parameters, ["soon"], [2], [3])


def test_no_grade_of_ten_thousand_customers_rises_within_400_days(parameters: MixtureParameters) -> None:
    rng = np.random.default_rng(10)
    frequency, monetary = rng.geometric(0.2, 10_000) + 1, np.round(rng.lognormal(6.5, 1.5, 10_000), 2)
    before = np.full(10_000, np.inf)
    for day in range(400):
        now = score(parameters, np.full(10_000, day), frequency, monetary).rank
        assert (now <= before).all()
        before = now
