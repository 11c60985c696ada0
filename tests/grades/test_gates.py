from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from dangol.errors import ModelError
from dangol.grades.baselines import Foresight
from dangol.grades.features import features
from dangol.grades.gates import (
    Gate,
    RanksByDay,
    agreement_gate,
    churn,
    day_gates,
    foresight_gates,
    from_json,
    ranks_by_day,
    shape_gates,
    stability_gates,
    to_json,
)
from dangol.grades.mixture import as_parameters, as_tuples, fit, gaussian_mixture
from dangol.grades.parameters import MixtureParameters
from dangol.grades.scoring import ranks


@pytest.fixture(scope="module")
def trained(online_retail: pd.DataFrame) -> MixtureParameters:
    return fit(online_retail)


def outcomes(gates: list[Gate]) -> dict[str, str]:
    return {gate.name: gate.outcome for gate in gates}


def refused(gates: list[Gate]) -> set[str]:
    return {gate.name for gate in gates if gate.outcome == "refused"}


def test_the_mixture_of_repeat_customers_has_a_good_shape(
    trained: MixtureParameters, online_retail: pd.DataFrame
) -> None:
    assert outcomes(shape_gates(trained, online_retail)) == dict.fromkeys(
        ("smallest_eigenvalue", "smallest_weight", "one_value_share", "top_share", "next_order_demotes",
         "monotone_changes"), "passed",
    )  # fmt: skip


def default_mixture(online_retail: pd.DataFrame, components: int) -> MixtureParameters:
    """scikit-learn's defaults over everybody, on log1p of all three: what a first notebook does."""
    x = features(online_retail["recency_days"], online_retail["frequency"], online_retail["monetary"], 1.0)
    center, scale = x.mean(axis=0), x.std(axis=0)
    fitted = gaussian_mixture((x - center) / scale, components=components, reg_covar=1e-6, seed=42)
    return as_parameters(fitted, center, scale, 1.0)


@pytest.mark.parametrize("components", [3, 4, 5])
def test_the_default_mixture_over_everybody_is_refused_and_told_what_to_do(
    online_retail: pd.DataFrame, components: int
) -> None:
    gates = shape_gates(default_mixture(online_retail, components), online_retail, reg_covar=1e-6)
    collapsed = next(gate for gate in gates if gate.name == "smallest_eigenvalue")
    assert collapsed.outcome == "refused"
    assert collapsed.sentence.startswith("smallest_eigenvalue refused: the narrowest spread of a component")
    assert "expected at least 0.02; a component has collapsed" in collapsed.sentence
    assert collapsed.sentence.endswith("raise reg_covar, or train on repeat customers alone")


def test_each_fault_of_a_shape_has_its_gate(trained: MixtureParameters, online_retail: pd.DataFrame) -> None:
    narrow = tuple(as_tuples(np.array(covariance) * 0.05) for covariance in trained.covariances)
    assert "smallest_eigenvalue" in refused(shape_gates(replace(trained, covariances=narrow), online_retail))
    small = replace(trained, weights=(0.5, 0.49, 0.01))
    assert "smallest_weight" in refused(shape_gates(small, online_retail))
    twice = online_retail[online_retail["frequency"] <= 2]
    assert {"one_value_share", "top_share"} <= refused(shape_gates(trained, twice))


@pytest.mark.parametrize(
    ("gate", "means"),
    [
        ("monotone_changes", ((-1.0, 0.0, -0.1), (0.0, 0.0, 0.0), (1.0, 0.0, 0.1))),  # the longest silence at the top
        ("next_order_demotes", ((0.0, 1.0, -0.1), (0.0, -1.0, 0.0), (0.0, -2.5, 0.1))),  # the fewest orders at the top
    ],
)
def test_grades_that_do_not_follow_value(
    online_retail: pd.DataFrame, gate: str, means: tuple[tuple[float, ...], ...]
) -> None:
    unit = as_tuples(np.eye(3) * 0.2)
    model = MixtureParameters((0.3, 0.3, 0.4), means, (unit,) * 3, (3.7, 1.6, 7.0), (0.95, 0.55, 1.0), 7.0)
    assert gate in refused(shape_gates(model, online_retail))


def test_stability() -> None:
    assert outcomes(stability_gates([0.9] * 30)) == {"stability_mean": "passed", "stability_low": "passed"}
    assert outcomes(stability_gates([0.82] * 27 + [0.72] * 3)) == {
        "stability_mean": "warned",
        "stability_low": "passed",
    }
    assert outcomes(stability_gates([0.95] * 20 + [0.4] * 10)) == {
        "stability_mean": "refused",
        "stability_low": "refused",
    }


def table(mixture: float, quintiles: float) -> dict[str, Foresight]:
    return {"mixture": Foresight(mixture, 0.5), "RFM quintiles": Foresight(quintiles, 0.5)}


@pytest.mark.parametrize(
    ("means", "honest", "expected"),
    [
        ([1.0, 2.0, 3.0, 9.0], table(0.71, 0.72), ("passed", "passed")),
        ([1.0, 3.0, 2.0, 9.0], table(0.70, 0.73), ("refused", "refused")),
        ([1.0, np.nan, 2.0, 9.0], table(0.8, 0.7), ("refused", "passed")),
        (None, None, ("not judged", "not judged")),
    ],
)
def test_foresight(means: list[float] | None, honest: dict[str, Foresight] | None, expected: tuple[str, str]) -> None:
    assert tuple(outcomes(foresight_gates(means, honest)).values()) == expected


def days(customer: str, *rfm: tuple[int, int, float]) -> pd.DataFrame:
    rows = [(customer, 100 + number, *values) for number, values in enumerate(rfm)]
    return pd.DataFrame(rows, columns=["customer_id", "today", "recency_days", "frequency", "monetary"])


NO_ACTS = pd.DataFrame({"customer_id": [], "day": [], "returned": pd.Series([], dtype=bool)})


def test_promotions_that_last_and_that_do_not(parameters: MixtureParameters) -> None:
    kept = [(9, 2, 300.0)] + [(day, 9, 3000.0) for day in range(1, 18)]
    lost = [(9, 2, 300.0), (1, 9, 3000.0)] + [(day, 2, 300.0) for day in range(2, 18)]
    by_day = ranks_by_day(parameters, pd.concat([days("kept", *kept), days("lost", *lost)]), NO_ACTS)
    assert by_day.promotions_lost() == 0.5
    assert outcomes(day_gates(by_day)) == {"promotions_lost": "refused", "return_promotes": "not judged"}


def test_a_promotion_too_young_to_judge_is_not_counted(parameters: MixtureParameters) -> None:
    young = [(day, 2, 300.0) for day in range(1, 10)] + [(1, 9, 3000.0)]
    assert ranks_by_day(parameters, days("young", *young), NO_ACTS).promotions_lost() is None


def test_a_return_that_promotes() -> None:
    """Of two customers who give back on day 100, the first rises by it; the third orders."""
    nothing = np.full((3, 1), np.nan)
    by_day = RanksByDay(
        days=(100, 101),
        ranks=np.array([[1, 2], [2, 1], [1, 3]], dtype=float),
        aged=np.hstack([nothing, [[1], [2], [1]]]),
        frequency=np.array([[4, 4], [4, 4], [4, 5]], dtype=float),
        returned=np.array([[False, True], [False, True], [False, False]]),
        acted=np.array([[False, True], [False, True], [False, True]]),
    )
    assert by_day.returns_promote() == 0.5
    assert outcomes(day_gates(by_day))["return_promotes"] == "refused"


def test_changes_of_a_day_by_what_customers_did_and_by_time(parameters: MixtureParameters) -> None:
    acts = pd.DataFrame({"customer_id": ["orders", "stranger"], "day": [100, 100], "returned": [False, True]})
    rfm = pd.concat(
        [
            days("orders", (30, 2, 300.0), (1, 9, 3000.0)),
            days("falls silent", (2, 9, 3000.0), (300, 9, 3000.0)),
            days("stays", (30, 2, 300.0), (31, 2, 300.0)),
        ]
    )
    by_day = ranks_by_day(parameters, rfm, acts)
    assert list(by_day.changes_per_day()) == [
        (100, {"up_by_event": 1, "down_by_event": 0, "up_by_time": 0, "down_by_time": 1})
    ]
    assert by_day.aged[:, 1].tolist() == ranks(parameters, days("x", (3, 9, 3e3), (31, 2, 3e2), (31, 2, 3e2))).tolist()


def test_agreement_with_the_champion(parameters: MixtureParameters, online_retail: pd.DataFrame) -> None:
    assert agreement_gate(None, parameters, online_retail).outcome == "not judged"
    same = agreement_gate(parameters, parameters, online_retail)
    assert (same.value, same.outcome) == (1.0, "passed")
    other = agreement_gate(fit(online_retail, components=4), parameters, online_retail)
    assert (other.value, other.outcome) == (0.0, "refused")
    assert "--accept-churn" in other.sentence
    moved = churn(parameters, parameters, online_retail)
    assert moved.to_numpy().sum() == np.trace(moved.to_numpy()) == (online_retail["frequency"] >= 1).sum()


def test_gates_read_back_as_they_were_written(trained: MixtureParameters, online_retail: pd.DataFrame) -> None:
    gates = shape_gates(trained, online_retail)
    assert from_json(to_json(gates)) == gates
    with pytest.raises(ModelError, match=r"^the gates of the model cannot be read"):
        from_json('[{"name": "x"}]')
