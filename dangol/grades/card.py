"""The model card: what a trained mixture is, what was measured of it, and what it is not for. Markdown."""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta

import numpy as np
import pandas as pd

from dangol.grades.gates import SPEND_DAYS
from dangol.grades.scoring import ranks, with_purchases
from dangol.grades.study import Study

NO_PAST = "The orders do not reach back far enough to judge this."


def card(study: Study, names: Sequence[str]) -> str:
    """Of a study; `names`: of the grades by rank from 0."""
    refused = [gate.name for gate in study.gates if gate.outcome == "refused"]
    verdict = f"**Refused** by {', '.join(refused)}" if refused else "**Accepted** by all gates that could be judged"
    parts = [
        f"## As of {study.past.as_of}\n\n{verdict}.",
        "### Gates\n\n" + gates_table(study),
        "### Grades\n\n" + grades_table(study, names),
        f"### Candidates\n\n{candidates_table(study)}",
        f"### Spend in the {SPEND_DAYS} days after a refit\n\n" + spend_table(study, names),
        "### Changes of grade per day\n\n" + changes_table(study),
    ]
    return "\n\n".join(parts) + "\n"


def table(header: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    lines = [header, ["---"] * len(header), *rows]
    return "\n".join("| " + " | ".join(map(str, line)) + " |" for line in lines)


def gates_table(study: Study) -> str:
    return table(
        ("gate", "value", "expected", "outcome", "meaning"),
        (
            (
                f"`{gate.name}`",
                "-" if gate.value is None else f"{gate.value:.4g}",
                gate.bound,
                gate.outcome,
                gate.meaning,
            )
            for gate in study.gates
        ),
    )


def grades_table(study: Study, names: Sequence[str]) -> str:
    graded = with_purchases(study.past.customers, 1)
    rank = ranks(study.parameters, graded)
    rows = [
        (
            name,
            len(own := graded[rank == number]),
            f"{len(own) / len(graded):.1%}",
            f"{own['recency_days'].median():.0f}",
            f"{own['frequency'].median():.0f}",
            f"{own['monetary'].median():,.2f}",
            f"{own['monetary'].sum() / graded['monetary'].sum():.1%}",
        )
        for number, name in enumerate(names)
    ]
    header = ("grade", "customers", "share", "median recency, days", "median frequency", "median money", "of all money")
    return table(header, rows)


def candidates_table(study: Study) -> str:
    rows = [
        (
            f"**{k}**" if k == study.components else k,
            f"{candidate.criteria.bic:,.0f}",
            f"{candidate.criteria.icl:,.0f}",
            f"{np.mean(candidate.agreements):.3f}",
            f"{np.quantile(candidate.agreements, 0.1):.3f}",
        )
        for k, candidate in study.candidates.items()
    ]
    return table(("components", "BIC", "ICL", "mean agreement of refits", "10th percentile"), rows)


def spend_table(study: Study, names: Sequence[str]) -> str:
    if study.table is None or study.spend_by_rank is None:
        return NO_PAST
    means = table(
        ("grade", "mean net spend"), zip(names, (f"{mean:,.2f}" for mean in study.spend_by_rank), strict=True)
    )
    honest = table(
        ("order of customers", "normalised Gini", "spend that the top brings"),
        ((name, f"{found.gini:.3f}", f"{found.top_share:.1%}") for name, found in study.table.items()),
    )
    return (
        f"{means}\n\nThe honest table. The top is as many customers as the refit has in its top grade; all ties go by "
        f"past net spend.\n\n{honest}"
    )


def changes_table(study: Study) -> str:
    """By month, the mean per day."""
    if len(study.by_day.days) < 2:
        return NO_PAST
    epoch = datetime(1970, 1, 1, tzinfo=UTC)
    daily = pd.DataFrame(
        [{"month": f"{epoch + timedelta(days=day):%Y-%m}", **counts} for day, counts in study.by_day.changes_per_day()]
    )
    months = daily.groupby("month")
    header = ("month", "days", "up by an event", "down by an event", "up by time", "down by time")
    return table(
        header,
        (
            (month, len(days), *(f"{days[name].mean():.1f}" for name in days.columns if name != "month"))
            for month, days in months
        ),
    )
