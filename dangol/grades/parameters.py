"""A trained mixture as plain numbers: what the registry stores and the scorer reads."""

import json
from dataclasses import asdict, dataclass, fields
from typing import Any, Self

import numpy as np

from dangol.errors import ModelError

Vector = tuple[float, ...]
Matrix = tuple[Vector, ...]

FORMAT = "dangol-mixture-1"


@dataclass(frozen=True)
class MixtureParameters:
    """A Gaussian mixture over the standardised features of dangol.grades.features; component i is rank i + 1.

    Means and covariances are those of (feature - center) / scale; the features' order is recency, frequency, monetary.
    Raises ModelError if the numbers are no such mixture.
    """

    weights: Vector
    """(k,), positive, adding up to 1"""
    means: Matrix
    """(k, 3), the third column rising: a higher rank has a higher mean of log money"""
    covariances: tuple[Matrix, ...]
    """(k, 3, 3), symmetric and positive definite"""
    center: Vector
    """(3,), the features' means in training"""
    scale: Vector
    """(3,), the features' standard deviations in training"""
    recency_offset_days: float

    def __post_init__(self) -> None:
        found = problem(self)
        if found:
            raise ModelError(f"these are not the parameters of a mixture: {found}; train and register a new model")

    @property
    def components(self) -> int:
        """How many ranks the mixture gives."""
        return len(self.weights)

    def to_json(self) -> str:
        """JSON text whose numbers read back to the same bits."""
        return json.dumps({"format": FORMAT, **asdict(self)}, indent=1)

    @classmethod
    def from_json(cls, text: str) -> Self:
        """The parameters that to_json wrote. Raises ModelError for any other text."""
        try:
            read = json.loads(text)
        except ValueError as error:
            raise ModelError(f"the model's parameters are not JSON ({error}); train and register a new model") from None
        expected = {"format", *(field.name for field in fields(cls))}
        if not isinstance(read, dict) or set(read) != expected or read["format"] != FORMAT:
            raise ModelError(
                f"the model's parameters are not {FORMAT}, a JSON object of {', '.join(sorted(expected))}; "
                "train and register a new model"
            )
        return cls(**{field.name: frozen(read[field.name]) for field in fields(cls)})


def frozen(value: Any) -> Any:
    """Lists as tuples, at any depth."""
    return tuple(frozen(item) for item in value) if isinstance(value, list) else value


def problem(parameters: MixtureParameters) -> str | None:
    """The first thing that is wrong with the numbers, or None."""
    k = len(parameters.weights) if isinstance(parameters.weights, tuple) else 0
    if k <= 1:
        return f"weights must be two or more numbers, not {parameters.weights!r}"
    shapes = {"weights": (k,), "means": (k, 3), "covariances": (k, 3, 3), "center": (3,), "scale": (3,)}
    for name, shape in {**shapes, "recency_offset_days": ()}.items():
        value = real_array(getattr(parameters, name))
        if value is None or value.shape != shape or not np.isfinite(value).all():
            return f"{name} must be finite numbers of shape {shape}"
    return problem_of_values(parameters)


def real_array(value: Any) -> np.ndarray[Any, Any] | None:
    """The value as a float array; None if it is ragged, or holds anything but numbers."""
    try:
        array = np.array(value)
    except ValueError:
        return None
    return array.astype(np.float64) if array.dtype.kind in "if" else None


def problem_of_values(parameters: MixtureParameters) -> str | None:
    """The first number that no mixture can have, or None; shapes and types are right."""
    weights, covariances = np.array(parameters.weights), np.array(parameters.covariances)
    if weights.min() <= 0 or not np.isclose(weights.sum(), 1):
        return f"weights must be positive and add up to 1, not {weights.sum()}"
    if not np.allclose(covariances, covariances.transpose(0, 2, 1)) or np.linalg.eigvalsh(covariances).min() <= 0:
        return "covariances must be symmetric and positive definite"
    if min(*parameters.scale, parameters.recency_offset_days) <= 0:
        return "scale and recency_offset_days must be positive"
    if (np.diff(np.array(parameters.means)[:, 2]) < 0).any():
        return "components must be ordered by their mean of money"
    return None
