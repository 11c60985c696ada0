import numpy as np
import pandas as pd
import pytest
from sklearn.cluster import KMeans
from sklearn.metrics import adjusted_rand_score
from sklearn.mixture import GaussianMixture
from sklearn.mixture._gaussian_mixture import _compute_precision_cholesky

from dangol.grades.mixture import fit, gaussian_mixture, repeat_customers, training_features
from dangol.grades.selection import criteria, stability


def test_the_criteria_are_those_of_scikit_learn(online_retail: pd.DataFrame) -> None:
    parameters = fit(online_retail)
    reference = GaussianMixture(3)
    reference.weights_, reference.means_ = np.array(parameters.weights), np.array(parameters.means)
    reference.covariances_ = np.array(parameters.covariances)
    reference.precisions_cholesky_ = _compute_precision_cholesky(reference.covariances_, "full")
    x = (training_features(repeat_customers(online_retail), 7.0) - parameters.center) / parameters.scale
    posterior = reference.predict_proba(x)
    entropy = -(posterior * np.log(np.maximum(posterior, 1e-300))).sum()
    found = criteria(parameters, online_retail)
    assert found.bic == pytest.approx(reference.bic(x), rel=1e-9)
    assert found.icl == pytest.approx(reference.bic(x) + 2 * entropy, rel=1e-9)


def test_refits_of_real_customers_agree_and_those_of_noise_do_not(online_retail: pd.DataFrame) -> None:
    real = list(stability(online_retail, fit(online_retail), refits=4))
    assert len(real) == 4
    assert np.mean(real) >= 0.8
    rng = np.random.default_rng(0)
    noise = pd.DataFrame(
        {
            "customer_id": [f"c{number}" for number in range(600)],
            "recency_days": rng.integers(0, 300, 600),
            "frequency": rng.integers(2, 30, 600),
            "monetary": rng.uniform(10, 3000, 600),
        }
    )
    assert np.mean(list(stability(noise, fit(noise), refits=4))) < np.mean(real)


def drawn(covariances: list[np.ndarray], means: list[list[float]], each: int) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(4)
    points = [rng.multivariate_normal(mean, cov, each) for mean, cov in zip(means, covariances, strict=True)]
    return np.vstack(points), np.repeat(np.arange(len(means)), each)


def agreement(x: np.ndarray, truth: np.ndarray, k: int) -> tuple[float, float]:
    """Adjusted Rand index with the truth: of the mixture, of K-Means."""
    mixture = gaussian_mixture(x, components=k, reg_covar=1e-6, seed=0).predict(x)
    return adjusted_rand_score(truth, mixture), adjusted_rand_score(
        truth, KMeans(k, n_init=10, random_state=0).fit_predict(x)
    )


def test_on_long_clusters_the_mixture_is_nearer_to_the_truth_than_k_means() -> None:
    long = np.array([[4.0, 3.9, 0.0], [3.9, 4.0, 0.0], [0.0, 0.0, 0.1]])
    mixture, k_means = agreement(*drawn([long] * 3, [[0, 0, 0], [2, -2, 0], [-2, 2, 0]], 500), 3)
    assert mixture >= k_means + 0.15


def test_on_round_clusters_the_mixture_is_no_worse_than_k_means() -> None:
    mixture, k_means = agreement(*drawn([np.eye(3)] * 3, [[0, 0, 0], [4, 0, 0], [0, 4, 0]], 500), 3)
    assert mixture >= k_means - 0.02
