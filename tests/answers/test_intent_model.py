"""The linear model of intents: what it sees, and that the shipped weights know the intents."""

import numpy as np
import pytest

from dangol.answers.intent_model import BUCKETS, FLAG_WEIGHT, IntentModel, bucket, features, intent_model, model_of
from dangol.answers.intents import INTENTS


def test_features_are_scaled_to_length_one_each_beside_the_flags() -> None:
    found = features("a", ["en"])
    # of one letter: " ", "a", " a", "a ", " a " as letters, the last two places of them once more, and the word
    assert found[bucket("wa")] == pytest.approx(1.0)
    assert found[bucket("fen")] == pytest.approx(FLAG_WEIGHT)
    assert sum(
        value**2 for place, value in found.items() if place not in (bucket("wa"), bucket("fen"))
    ) == pytest.approx(1)


def test_digits_and_capitals_make_no_difference() -> None:
    assert features("Top 5", ()) == features("top 7", ())


def test_no_words_have_no_features_but_the_flags() -> None:
    assert features("", ["ko"]) == {bucket("fko"): FLAG_WEIGHT}


def model() -> IntentModel:
    weights = np.zeros((BUCKETS, 3), np.int8)
    weights[bucket("wcount")] = [100, 0, 0]
    weights[bucket("wsum")] = [0, 100, 50]
    return model_of(
        {
            "intents": np.array(["count", "sum"]),
            "weights": weights,
            "scale": np.float32(0.01),
            "bias": np.array([0.0, 0.25, -0.4], np.float32),
        }
    )


def test_the_greatest_sum_names_the_intent_by_its_margin() -> None:
    assert model().intent_of({bucket("wcount"): 1.0}) == ("count", pytest.approx(0.75))
    assert model().intent_of({}) == ("sum", pytest.approx(0.25))


def test_the_last_column_tells_whether_a_question_goes_back() -> None:
    assert not model().goes_back({bucket("wcount"): 1.0})
    assert model().goes_back({bucket("wsum"): 1.0})


def test_the_shipped_weights_know_every_intent_that_words_tell() -> None:
    shipped = intent_model()
    assert set(shipped.intents) == set(INTENTS) - {"not_found"}
    assert shipped.weights.shape == (BUCKETS, len(shipped.intents) + 1)
