"""Learns the weights of dangol/answers/intent_weights.npz from labelled questions: a linear support vector machine.

    python rag/learn_intents.py                       # from every file that is there to learn from
    python rag/learn_intents.py --without seen2.jsonl --output /tmp/weights.npz   # to judge what generalises
"""

import json
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Annotated, Any

import numpy as np
import typer
from scipy.sparse import csr_matrix
from sklearn.svm import LinearSVC

from dangol.answers.intent_model import BUCKETS, WEIGHTS
from dangol.answers.intents import GradeNames
from dangol.answers.parsing import features_of
from dangol.settings import load_settings

QUESTIONS = Path(__file__).parent / "questions"
TODAY = date(2011, 12, 10)
PENALTY = 2.0
LEVELS = 127
"""Weights are kept as whole numbers from -LEVELS to LEVELS: a quarter of the size, and no question is read otherwise."""


def main(
    without: Annotated[list[str] | None, typer.Option(help="Leave out the files of this name.")] = None,
    output: Annotated[Path, typer.Option(help="Where the weights go.")] = WEIGHTS,
) -> None:
    """Learns from seen*.jsonl and examples*.jsonl in rag/questions."""
    settings = load_settings()
    files = sorted(path for kind in ("seen", "examples") for path in QUESTIONS.glob(f"{kind}*.jsonl"))
    questions = [line for path in files if path.name not in (without or ()) for line in lines(path)]
    learned = learn(questions, settings.grades.names[settings.grades.components])
    np.savez_compressed(output, **learned)
    print(f"{output.name}: {len(questions)} questions, {output.stat().st_size:,} bytes")


def lines(path: Path) -> list[dict[str, Any]]:
    """The questions whose intent their words tell: whether an id exists they do not."""
    told = [json.loads(line) for line in path.read_text("utf-8").splitlines()]
    return [line for line in told if line["intent"] != "not_found"]


def learn(questions: Sequence[dict[str, Any]], names: GradeNames) -> dict[str, Any]:
    rows = [features_of(line["question"], names, TODAY, line.get("before") or ()) for line in questions]
    places = np.concatenate([np.fromiter(row, np.int64) for row in rows])
    values = np.concatenate([np.fromiter(row.values(), np.float64) for row in rows])
    ends = np.cumsum([0, *map(len, rows)])
    machine = LinearSVC(C=PENALTY, random_state=0).fit(
        csr_matrix((values, places, ends), (len(rows), BUCKETS)), [line["intent"] for line in questions]
    )
    weights = machine.coef_.T
    scale = np.abs(weights).max() / LEVELS
    return {
        "intents": np.array(machine.classes_.tolist()),
        "weights": np.round(weights / scale).astype(np.int8),
        "scale": np.float32(scale),
        "bias": machine.intercept_.astype(np.float32),
    }


if __name__ == "__main__":
    typer.run(main)
