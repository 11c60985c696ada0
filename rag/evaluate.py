"""How well labelled questions are understood: logged to MLflow, held against a baseline.

python rag/evaluate.py rag/questions/seen.jsonl            # prints, logs, compares with rag/questions/baseline.json
python rag/evaluate.py rag/questions/seen.jsonl --misses   # and every question that was misunderstood
"""

import json
from collections import Counter, defaultdict
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Annotated, Any

import numpy as np
import pandas as pd
import typer

from dangol.answers.intent_model import WEIGHTS, IntentModel, intent_model
from dangol.answers.intents import GradeNames, Period, Request
from dangol.answers.parsing import parse
from dangol.settings import load_settings

QUESTIONS = Path(__file__).parent / "questions"
BASELINE = QUESTIONS / "baseline.json"
TODAY = date(2011, 12, 10)
"""When the questions are asked."""
RESAMPLES = 1000
UNANSWERED = {"clarify", "not_found", "refused"}
TOLERANCE = 0.005
"""So far may a figure fall below the baseline: one question of two hundred."""


@dataclass(frozen=True)
class Judged:
    """A labelled question and what was made of it."""

    label: dict[str, Any]
    intent: str
    status: str
    request: Request

    @property
    def entities_are_exact(self) -> bool:
        scope = self.request.scope
        return set(scope.customer_ids) == set(self.label["customer_ids"]) and set(scope.grades) == set(
            self.label["grades"]
        )

    @property
    def period_is_right(self) -> bool:
        period, wanted = self.request.scope.period, self.label["period"]
        told = None if period == Period() else {"from": iso(period.start), "to": iso(period.end)}
        return told == wanted

    @property
    def details_are_right(self) -> bool:
        """Measure and length of list, where the label has them."""
        wanted, request = self.label, self.request
        return all(wanted[name] in (None, getattr(request, name)) for name in ("measure", "n"))


def iso(day: date | None) -> str | None:
    return day.isoformat() if day else None


def judge(
    questions: list[dict[str, Any]], known: frozenset[str], names: GradeNames, model: IntentModel
) -> list[Judged]:
    """What is made of each question; an id that nobody has is not found, as in an answer."""
    return [judged(question, known, names, model) for question in questions]


def judged(question: dict[str, Any], known: frozenset[str], names: GradeNames, model: IntentModel) -> Judged:
    before = None
    for earlier in question.get("before") or ():
        before = parse(earlier, names, TODAY, before, model)
    request = parse(question["question"], names, TODAY, before, model)
    ids = request.scope.customer_ids
    asks = request.intent not in ("clarify", "out_of_scope", "help", "data_health")
    if ids and asks and not known.intersection(ids):
        return Judged(question, "not_found", "not_found", request)
    status = {"clarify": "clarify", "out_of_scope": "refused"}.get(request.intent, "answered")
    return Judged(question, request.intent, status, request)


def macro_f1(found: list[Judged]) -> float:
    """The mean over the labelled intents of 2 true / (2 true + false positives + false negatives)."""
    right, wrong, missed = Counter[str](), Counter[str](), Counter[str]()
    for one in found:
        if one.intent == one.label["intent"]:
            right[one.intent] += 1
        else:
            wrong[one.intent] += 1
            missed[one.label["intent"]] += 1
    labels = {one.label["intent"] for one in found}
    return float(np.mean([2 * right[name] / (2 * right[name] + wrong[name] + missed[name]) for name in labels]))


def interval(found: list[Judged], seed: int = 0) -> tuple[float, float]:
    """95 % of macro_f1 by a stratified bootstrap over the intents."""
    chance, strata = np.random.default_rng(seed), defaultdict[str, list[Judged]](list)
    for one in found:
        strata[one.label["intent"]].append(one)
    scores = [
        macro_f1([group[place] for group in strata.values() for place in chance.integers(len(group), size=len(group))])
        for _ in range(RESAMPLES)
    ]
    low, high = np.quantile(scores, [0.025, 0.975])
    return float(low), float(high)


def figures(found: list[Judged]) -> dict[str, float]:
    """{intent_f1_ko, intent_f1_en, ..._low, ..._high, entities, periods, answerable, details}: shares of questions.
    Without a question in a language, it has no figures."""
    told: dict[str, float] = {}
    for language in ("ko", "en"):
        of_language = [one for one in found if one.label["language"] == language]
        if not of_language:
            continue
        low, high = interval(of_language)
        told |= {f"intent_f1_{language}": macro_f1(of_language)}
        told |= {f"intent_f1_{language}_low": low, f"intent_f1_{language}_high": high}
    stated = [one for one in found if one.label["period"]]
    told["entities"] = share(one.entities_are_exact for one in found)
    told["periods"] = share(one.period_is_right for one in found)
    told["periods_stated"] = share(one.period_is_right for one in stated)
    told["answerable"] = share((one.status in UNANSWERED) == (one.label["status"] in UNANSWERED) for one in found)
    told["details"] = share(one.details_are_right for one in found)
    return {name: round(value, 4) for name, value in told.items()}


def share(held: Any) -> float:
    return float(np.mean(list(held)))


def known_customers(data: Path) -> frozenset[str]:
    return frozenset(str(customer) for customer in pd.read_parquet(data, columns=["CustomerID"])["CustomerID"])


def main(
    questions: Annotated[Path, typer.Argument(help="Labelled questions, a JSON object a line.")],
    customers: Annotated[Path, typer.Option(help="A parquet file with the ids that exist, in CustomerID.")],
    misses: Annotated[bool, typer.Option("--misses", help="Print each question that was misunderstood.")] = False,
    weights: Annotated[
        Path, typer.Option(help="Of rag/learn_intents.py: without this file, for honest intents.")
    ] = WEIGHTS,
    log: Annotated[bool, typer.Option(help="Log to MLflow, at registry.uri or beside the store.")] = True,
    keep: Annotated[bool, typer.Option("--keep", help="Make the figures the baseline.")] = False,
) -> None:
    """Judges the parser. Exit code 1 when a figure is below the committed baseline."""
    settings = load_settings()
    lines = questions.read_text("utf-8").splitlines()
    found = judge(
        [json.loads(line) for line in lines],
        known_customers(customers),
        settings.grades.names[settings.grades.components],
        intent_model(weights),
    )
    told = figures(found)
    print(json.dumps(told, indent=2))
    for one in found if misses else ():
        if one.intent != one.label["intent"] or not (
            one.entities_are_exact and one.period_is_right and one.details_are_right
        ):
            print(one.label["id"], one.label.get("before") or "", one.label["question"], "\n   ", miss(one))
    if log:
        log_figures(settings.registry_uri, questions.stem, told)
    compare(questions.stem, told, keep=keep)


def miss(one: Judged) -> str:
    scope, label = one.request.scope, one.label
    pairs = {
        "intent": (label["intent"], one.intent),
        "ids": (label["customer_ids"], list(scope.customer_ids)),
        "grades": (label["grades"], list(scope.grades)),
        "period": (label["period"], None if one.period_is_right else (iso(scope.period.start), iso(scope.period.end))),
        "measure": (label["measure"], one.request.measure if label["measure"] else None),
        "n": (label["n"], one.request.n if label["n"] else None),
    }
    if one.period_is_right:
        del pairs["period"]
    if one.entities_are_exact:
        del pairs["ids"], pairs["grades"]
    return "; ".join(f"{name}: {wanted} -> {got}" for name, (wanted, got) in pairs.items() if wanted != got)


def log_figures(uri: str, name: str, told: dict[str, float]) -> None:
    import mlflow

    mlflow.set_tracking_uri(uri)
    mlflow.set_experiment("dangol-questions")
    with mlflow.start_run(run_name=name):
        mlflow.log_metrics(told)


def compare(name: str, told: dict[str, float], *, keep: bool) -> None:
    baselines = json.loads(BASELINE.read_text("utf-8")) if BASELINE.exists() else {}
    if keep:
        BASELINE.write_text(json.dumps(baselines | {name: told}, indent=2) + "\n", "utf-8")
        return
    for figure, value in baselines.get(name, {}).items():
        if value - told[figure] > TOLERANCE and not figure.endswith(("_low", "_high")):
            print(f"{figure} is {told[figure]}, and was {value} in the baseline")
            raise typer.Exit(1)


if __name__ == "__main__":
    typer.run(main)
