import json
from dataclasses import replace

import pytest

from dangol.errors import ModelError
from dangol.grades.parameters import MixtureParameters


def test_json_reads_back_to_the_same_bits(parameters: MixtureParameters) -> None:
    odd = replace(parameters, weights=(0.1 + 0.2, 1 / 3, 1 - (0.1 + 0.2) - 1 / 3))
    assert MixtureParameters.from_json(odd.to_json()) == odd


def test_whole_numbers_in_json_are_read(parameters: MixtureParameters) -> None:
    read = MixtureParameters.from_json(parameters.to_json().replace("7.0,", "7,").replace("7.0\n", "7\n"))
    assert read == parameters


@pytest.mark.parametrize("text", ["", "null", "[]", "{}", "{", '{"format": "dangol-mixture-2"}'])
def test_other_text_is_refused(text: str) -> None:
    with pytest.raises(ModelError, match="the model's parameters are not"):
        MixtureParameters.from_json(text)


@pytest.mark.parametrize(
    ("field", "value", "complaint"),
    [
        ("weights", [1.0], "weights must be two or more numbers"),
        ("weights", 1.0, "weights must be two or more numbers"),
        ("weights", [0.5, 0.5], "means must be finite numbers of shape"),
        ("weights", [0.5, 0.4, 0.2], "weights must be positive and add up to 1"),
        ("weights", [1.2, -0.1, -0.1], "weights must be positive and add up to 1"),
        ("weights", ["0.3", "0.3", "0.4"], "weights must be finite numbers"),
        ("weights", [True, False, False], "weights must be finite numbers"),
        ("means", [[0.0, 0.0, 0.0], [0.0, 0.0], [0.0, 0.0, 1.0]], "means must be finite numbers"),
        ("means", [[0.0, 0.0, 0.0], [0.0, 0.0, float("nan")], [0.0, 0.0, 1.0]], "means must be finite numbers"),
        ("means", [[0.0, 0.0, 2.0], [0.0, 0.0, 1.0], [0.0, 0.0, 3.0]], "ordered by their mean of money"),
        ("covariances", [[[1.0, 2.0, 0.0], [2.0, 1.0, 0.0], [0.0, 0.0, 1.0]]] * 3, "positive definite"),
        ("covariances", [[[1.0, 0.5, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]]] * 3, "symmetric"),
        ("scale", [1.0, 0.0, 1.0], "must be positive"),
        ("center", None, "center must be finite numbers"),
        ("recency_offset_days", 0.0, "must be positive"),
        ("recency_offset_days", float("inf"), "recency_offset_days must be finite numbers"),
    ],
)
def test_numbers_that_no_mixture_has_are_refused(
    parameters: MixtureParameters, field: str, value: object, complaint: str
) -> None:
    text = json.dumps(json.loads(parameters.to_json()) | {field: value})
    with pytest.raises(ModelError, match=complaint):
        MixtureParameters.from_json(text)
