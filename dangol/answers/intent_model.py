"""Which intent a question has: a linear model over its letters, words, entities and what the rules make of it.

Its weights are learned from the labelled questions of rag/questions by rag/learn_intents.py, and shipped: the same
question always gets the same intent, offline, in less than a millisecond. docs/decisions/0008-intents.md has the figures.
"""

import re
import zlib
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
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
    """`weights` (BUCKETS, intents) and `bias` (intents): the greatest sum over the features names the intent."""

    intents: tuple[Intent, ...]
    weights: npt.NDArray[np.float32]
    bias: npt.NDArray[np.float32]

    def intent_of(self, features: Mapping[int, float]) -> tuple[Intent, float]:
        """(intent, margin): by how much it is ahead of the second likeliest."""
        places = np.fromiter(features, np.int64, len(features))
        values = np.fromiter(features.values(), np.float32, len(features))
        scores = values @ self.weights[places] + self.bias
        second, first = np.sort(scores)[-2:]
        return self.intents[int(scores.argmax())], float(first - second)


@cache
def intent_model() -> IntentModel:
    """The shipped model."""
    with np.load(WEIGHTS, allow_pickle=False) as file:
        intents: tuple[Intent, ...] = tuple(file["intents"].tolist())
        return IntentModel(intents, file["weights"].astype(np.float32) * file["scale"], file["bias"])


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
    for flag in flags:
        found[bucket(f"f{flag}")] += FLAG_WEIGHT  # type: ignore[assignment]
    return dict(found)


def bucket(name: str) -> int:
    return zlib.crc32(name.encode()) % BUCKETS


def letters(words: Sequence[str]) -> Iterator[str]:
    for word in words:
        padded = f" {word} "
        for size in range(1, LONGEST_NGRAM + 1):
            yield from (f"c{padded[start : start + size]}" for start in range(max(1, len(padded) - size + 1)))


def pairs(words: Sequence[str]) -> Iterator[str]:
    yield from (f"w{word}" for word in words)
    yield from (f"w{first} {second}" for first, second in zip(words, words[1:], strict=False))
