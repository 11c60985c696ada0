import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dangol.grades.explain import Rfm, WhatIf, rank_of, restore, what_if, why
from dangol.grades.parameters import MixtureParameters
from dangol.grades.scoring import score

customers = st.builds(
    Rfm,
    recency_days=st.integers(0, 400).map(float),
    frequency=st.integers(0, 40),
    monetary=st.integers(-5_000, 2_000_000).map(lambda cents: cents / 100),
)


def ranks(parameters: MixtureParameters, frequency: int, money: np.ndarray) -> np.ndarray:
    return score(parameters, np.zeros(len(money)), np.full(len(money), frequency), np.round(money, 4)).rank


@settings(max_examples=60, deadline=None)
@given(customers, st.integers(1, 3))
def test_the_amount_is_the_least_that_holds_up_to_twice_itself(
    parameters: MixtureParameters, now: Rfm, rank: int
) -> None:
    """Against every amount of a fine grid, tried one by one."""
    found = what_if(parameters, now, 100.0 * now.frequency, rank)
    if found.reached:
        assert rank_of(parameters, now) >= rank
        return
    grid = np.unique(np.round(np.geomspace(0.01, 4e6, 20_000), 2))
    holds = ranks(parameters, now.frequency + 1, now.monetary + grid) >= rank
    if found.amount is None:
        last = np.searchsorted(grid, grid * 2, side="right") - 1
        kept = np.concatenate([[0], np.cumsum(~holds)])
        lasting = holds & (kept[last + 1] == kept[: len(grid)]) & (grid < 1e6)
        assert not lasting.any()
        return
    up_to_twice = np.linspace(found.amount, 2 * found.amount, 400)
    assert (ranks(parameters, now.frequency + 1, now.monetary + up_to_twice) >= rank).all()
    if found.amount > 0.01:
        a_cent_less = np.array([found.amount - 0.01])
        assert ranks(parameters, now.frequency + 1, now.monetary + a_cent_less)[0] < rank


@settings(max_examples=60, deadline=None)
@given(customers, st.integers(1, 3), st.integers(1, 500))
def test_the_orders_are_the_fewest(parameters: MixtureParameters, now: Rfm, rank: int, worth: int) -> None:
    found = what_if(parameters, now, float(worth * now.frequency), rank)
    if found.reached or not now.frequency:
        return
    reached = [
        rank_of(parameters, Rfm(0.0, now.frequency + orders, now.monetary + orders * worth)) >= rank
        for orders in range(1, 51)
    ]
    assert found.orders == (reached.index(True) + 1 if any(reached) else None)


def test_what_is_reached_and_what_cannot_be(parameters: MixtureParameters) -> None:
    vip = Rfm(1.0, 30, 90_000.0)
    assert what_if(parameters, vip, 90_000.0, 3) == WhatIf(reached=True, amount=None, orders=None)
    nobody = Rfm(float("nan"), 0, 0.0)
    assert what_if(parameters, nobody, 0.0, 3) == WhatIf(reached=False, amount=None, orders=None)
    assert not what_if(parameters, nobody, 0.0, 3).reachable
    assert what_if(parameters, nobody, 0.0, 0).amount == 0.01


@settings(max_examples=100, deadline=None)
@given(customers, customers)
def test_why_is_the_smallest_set_that_brings_the_grade_back(
    parameters: MixtureParameters, before: Rfm, now: Rfm
) -> None:
    found = why(parameters, before, now)
    wanted = rank_of(parameters, before)
    if found is None:
        assert rank_of(parameters, now) >= wanted
        return
    names = ("recency", "frequency", "monetary")
    sets = [tuple(name for place, name in enumerate(names) if bits >> place & 1) for bits in range(8)]
    enough = [chosen for chosen in sets if rank_of(parameters, restore(before, now, chosen)) >= wanted]
    assert found in enough
    assert len(found) == min(map(len, enough))


def test_a_silent_vip_fell_by_recency(parameters: MixtureParameters) -> None:
    assert why(parameters, Rfm(3.0, 12, 8_000.0), Rfm(200.0, 12, 8_000.0)) == ("recency",)
    assert why(parameters, Rfm(3.0, 12, 8_000.0), Rfm(2.0, 13, 8_500.0)) is None


@pytest.mark.parametrize("frequency", [0, 1])
def test_why_of_who_left_the_mixture(parameters: MixtureParameters, frequency: int) -> None:
    assert why(parameters, Rfm(3.0, 12, 8_000.0), Rfm(3.0, frequency, 8_000.0)) == ("frequency",)
