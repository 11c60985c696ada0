"""Which intent a question has: a linear model over its letters, words, entities and what the rules make of it.

Its weights are learned from the labelled questions of rag/questions by rag/learn_intents.py, and shipped: the same
question always gets the same intent, offline, in less than a millisecond. docs/decisions/0008-intents.md has figures.
"""

import re
import zlib
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from math import log, sqrt
from pathlib import Path

import numpy as np
import numpy.typing as npt

from dangol.answers.intents import Intent

BUCKETS = 2**15
"""Features are hashed into so many places: a vocabulary would be larger and know no new words either."""
LONGEST_NGRAM = 5
FLAG_WEIGHT = 0.4
"""What one flag weighs beside the letters and the words of a question, which weigh one each in all."""
WEIGHTS = Path(__file__).with_name("intent_weights.npz")


@dataclass(frozen=True)
class IntentModel:
    """`weights` (BUCKETS, intents + 1) and `bias` (intents + 1): the greatest sum over the features names the intent.

    The last column is above 0 for a question that goes back to the one before it.
    """

    intents: tuple[Intent, ...]
    weights: npt.NDArray[np.float32]
    bias: npt.NDArray[np.float32]

    def intent_of(self, features: Mapping[int, float]) -> tuple[Intent, float]:
        """(intent, margin): by how much it is ahead of the second likeliest."""
        scores = self.scores(features)[:-1]
        second, first = np.sort(scores)[-2:]
        return self.intents[int(scores.argmax())], float(first - second)

    def goes_back(self, features: Mapping[int, float]) -> bool:
        """Whether a question, by its own features, does not stand by itself."""
        return bool(self.scores(features)[-1] > 0)

    def scores(self, features: Mapping[int, float]) -> npt.NDArray[np.float32]:
        places = np.fromiter(features, np.int64, len(features))
        values = np.fromiter(features.values(), np.float32, len(features))
        scores: npt.NDArray[np.float32] = values @ self.weights[places] + self.bias
        return scores


@cache
def intent_model(path: Path = WEIGHTS) -> IntentModel:
    """The model whose weights are in a file: the shipped one."""
    with np.load(path, allow_pickle=False) as file:
        return model_of(dict(file))


def model_of(learned: Mapping[str, npt.NDArray[np.generic]]) -> IntentModel:
    """The model of `intents`, whole-numbered `weights`, their `scale`, and `bias`."""
    intents: tuple[Intent, ...] = tuple(learned["intents"].tolist())
    weights = learned["weights"].astype(np.float32) * learned["scale"].astype(np.float32)
    return IntentModel(intents, weights, learned["bias"].astype(np.float32))


def features(text: str, flags: Iterable[str]) -> dict[int, float]:
    """Bucket -> value of a question's text without its entities, and of flags that say what was found.

    Letters (n-grams inside words) and words (one and two) count with the logarithm of how often they come, scaled to
    length one each.
    """
    plain = re.sub(r"\d", "0", text.lower()).split()
    found = Counter[int]()
    for group in (letters(plain), pairs(plain)):
        counts = {name: 1 + log(count) for name, count in Counter(group).items()}
        length = sqrt(sum(value * value for value in counts.values()))
        for name, value in counts.items():
            found[bucket(name)] += value / length  # type: ignore[assignment]
    return with_flags(found, flags)


def with_flags(features: Mapping[int, float], flags: Iterable[str]) -> dict[int, float]:
    """The features and more flags."""
    found = dict(features)
    for flag in flags:
        place = bucket(f"f{flag}")
        found[place] = found.get(place, 0.0) + FLAG_WEIGHT
    return found


def bucket(name: str) -> int:
    return zlib.crc32(name.encode()) % BUCKETS


def letters(words: Sequence[str]) -> Iterator[str]:
    for word in words:
        padded = f" {word} "
        for size in range(1, LONGEST_NGRAM + 1):
            yield from (f"c{padded[start : start + size]}" for start in range(max(1, len(padded) - size + 1)))


def pairs(words: Sequence[str]) -> Iterator[str]:
    yield from (f"w{word}" for word in words)
    yield from (f"w{first} {second}" for first, second in pairwise(words))
