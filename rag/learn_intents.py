"""Learns the weights of dangol/answers/intent_weights.npz from labelled questions: linear support vector machines.

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

from dangol.answers.follow_ups import wanted_before
from dangol.answers.intent_model import BUCKETS, WEIGHTS, IntentModel, model_of, with_flags
from dangol.answers.intents import GradeNames, Intent
from dangol.answers.parsing import features_of, flags_of, parse
from dangol.settings import load_settings

QUESTIONS = Path(__file__).parent / "questions"
TODAY = date(2011, 12, 10)
PENALTY = 2.0
LEVELS = 127
"""Weights are kept as whole numbers from -LEVELS to LEVELS: a quarter of the size, and the figures stay."""
Line = dict[str, Any]
Row = dict[int, float]


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


def lines(path: Path) -> list[Line]:
    """The questions whose intent their words tell: whether an id exists they do not."""
    told = [json.loads(line) for line in path.read_text("utf-8").splitlines()]
    return [line for line in told if line["intent"] != "not_found"]


def learn(questions: Sequence[Line], names: GradeNames) -> dict[str, Any]:
    """The file's arrays. What earlier questions ask for is read with a model of the questions without any."""
    rows = [features_of(line["question"], names, TODAY) for line in questions]
    alone = [place for place, line in enumerate(questions) if not line.get("before")]
    first = model_of(weighed([questions[place] for place in alone], [rows[place] for place in alone], None))
    earlier = [with_flags(row, flags_of(before(line, names, first))) for line, row in zip(questions, rows, strict=True)]
    return weighed(questions, earlier, rows)


def before(line: Line, names: GradeNames, model: IntentModel) -> Intent | None:
    """What the questions before one in its conversation ask for at last."""
    request = None
    for question in line.get("before") or ():
        request = parse(question, names, TODAY, request, model)
    return wanted_before(request)


def weighed(questions: Sequence[Line], rows: Sequence[Row], alone: Sequence[Row] | None) -> dict[str, Any]:
    """Weights of a machine for the intents by their rows, and of one for going back by the rows `alone`."""
    intents = LinearSVC(C=PENALTY, random_state=0).fit(matrix(rows), [line["intent"] for line in questions])
    coefficients, bias = [intents.coef_], [intents.intercept_]
    if alone:
        back = LinearSVC(C=PENALTY, class_weight="balanced", random_state=0).fit(
            matrix(alone), [goes_back(line) for line in questions]
        )
        coefficients, bias = [*coefficients, back.coef_], [*bias, back.intercept_]
    else:
        coefficients, bias = [*coefficients, np.zeros((1, BUCKETS))], [*bias, np.zeros(1)]
    weights = np.vstack(coefficients).T
    scale = np.abs(weights).max() / LEVELS
    return {
        "intents": np.array(intents.classes_.tolist()),
        "weights": np.round(weights / scale).astype(np.int8),
        "scale": np.float32(scale),
        "bias": np.concatenate(bias).astype(np.float32),
    }


def goes_back(line: Line) -> bool:
    """Whether a question depends on the ones before: all that have some, but those that say they do not."""
    return bool(line.get("before") and line.get("depends", True)) or line["intent"] == "clarify"


def matrix(rows: Sequence[Row]) -> csr_matrix:
    places = np.concatenate([np.fromiter(row, np.int64) for row in rows])
    values = np.concatenate([np.fromiter(row.values(), np.float64) for row in rows])
    return csr_matrix((values, places, np.cumsum([0, *map(len, rows)])), (len(rows), BUCKETS))


if __name__ == "__main__":
    typer.run(main)
