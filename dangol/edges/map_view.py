"""The map: sampled customers by two of recency, frequency and money, on logarithmic axes, and the model's ellipses."""

import math
from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np

from dangol.answers.evidence import Evidence
from dangol.answers.summaries import shown_id
from dangol.edges.page_queries import MAP_POINTS
from dangol.edges.panels import View, attribute, escaped, note_html, section_html, source_html
from dangol.errors import StoreError
from dangol.grades.parameters import MixtureParameters

SAMPLE = 1000
AXES = ("recency", "frequency", "monetary")
COLUMNS = ("recency_days", "frequency", "monetary")
DEVIATIONS, STEPS = 2.0, 48
TICKS = (1, 3, 10, 30, 100, 300, 1000, 3000, 10_000, 30_000, 100_000, 300_000, 1_000_000, 10_000_000, 100_000_000)


class Axis(NamedTuple):
    """One feature: `place` is its index; values are shown from `low` to `high`, both in the feature's own units."""

    place: int
    offset: float
    low: float
    high: float

    def at(self, feature: float) -> float:
        """Where a feature lies, in percent of the axis."""
        return 100 * (feature - self.low) / (self.high - self.low)

    def of(self, value: float) -> float:
        """The feature of a value."""
        return math.log(max(value, 0.0) + self.offset)


def map_html(view: View, x: str, y: str, parameters: MixtureParameters | None) -> str:
    """`x`, `y`: two of AXES. Viewers get the ellipses without a customer."""
    try:
        points = view.answerer.lake.run(MAP_POINTS, {"boundary_below": view.answerer.boundary_below, "n": SAMPLE})
    except StoreError:
        return note_html(view.texts["waiting"], "waiting")
    if not points.rows:
        return note_html(view.texts["nothing"])
    across, up = axis(points, x, parameters), axis(points, y, parameters)
    title = view.say("map_title", x=view.texts[x], y=view.texts[y], n=f"{len(points.rows):,}")
    marks = "".join(marks_of(view, points, across, up)) if view.sees_customers else ""
    ellipses = "".join(ellipses_of(view, parameters, across, up)) if parameters else ""
    told = view.texts["map_help"] if view.sees_customers else view.texts["map_viewer"]
    told += "" if parameters else f" {view.texts['no_champion']}"
    names = list(reversed(view.terms.grade_names["en"]))
    legend = "".join(
        f'<li><span class="dot place{view.place(name)}"></span>{escaped(view.grade(name))}</li>' for name in names
    )
    return section_html(
        title,
        f'<p class="hint">{escaped(told)}</p><ul class="legend">{legend}</ul>'
        f'<p class="axis-y">↑ {view.texts[y]}</p><div class="plot"><svg width="100%" height="100%">'
        f"{''.join(grid_of(across, up))}{ellipses}{marks}</svg></div>"
        f'<p class="axis-x">{view.texts[x]} →</p>{source_html(view, points)}',
    )


def axis(points: Evidence, name: str, parameters: MixtureParameters | None) -> Axis:
    """The axis that holds the sample, with a margin."""
    place = AXES.index(name)
    offset = (parameters.recency_offset_days if parameters else 1.0) if name == "recency" else 1.0
    values = [math.log(max(float(row[COLUMNS[place]]), 0.0) + offset) for row in points.rows]
    margin = 0.05 * (max(values) - min(values) or 1.0)
    return Axis(place, offset, min(values) - margin, max(values) + margin)


def grid_of(across: Axis, up: Axis) -> Iterator[str]:
    """Lines and numbers at round values."""
    for tick in TICKS:
        at = across.at(across.of(tick))
        if 2 < at < 96:
            yield f'<line class="grid" x1="{at:.1f}%" x2="{at:.1f}%" y1="0" y2="100%"></line>'
            yield f'<text x="{at:.1f}%" y="99%" text-anchor="middle">{short(tick)}</text>'
        at = 100 - up.at(up.of(tick))
        if 4 < at < 94:
            yield f'<line class="grid" x1="0" x2="100%" y1="{at:.1f}%" y2="{at:.1f}%"></line>'
            yield f'<text x="4" y="{at - 0.8:.1f}%">{short(tick)}</text>'


def short(number: int) -> str:
    for size, sign in ((1_000_000, "M"), (1000, "k")):
        if number >= size:
            return f"{number // size}{sign}"
    return str(number)


def marks_of(view: View, points: Evidence, across: Axis, up: Axis) -> Iterator[str]:
    """A dot for each customer, which leads to the customer."""
    for row in points.rows:
        x, y = at(row, across), 100 - at(row, up)
        ring = " ring" if row["is_boundary"] else ""
        told = f"{shown_id(row['customer_id'])} · {view.grade(row['grade'])}"
        if row["p_max"] is not None:
            told += f" · {100 * min(row['p_max'], 0.999):.1f}%"
        if ring:
            told += f" · {view.texts['boundary']}"
        yield (
            f'<a class="act" tabindex="-1" href="#customer/{attribute(row["customer_id"])}">'
            f'<circle class="place{view.place(row["grade"])}{ring}" cx="{x:.2f}%" cy="{y:.2f}%" r="4">'
            f"<title>{escaped(told)}</title></circle></a>"
        )


def at(row: Mapping[str, Any], where: Axis) -> float:
    return where.at(where.of(float(row[COLUMNS[where.place]])))


def ellipses_of(view: View, parameters: MixtureParameters, across: Axis, up: Axis) -> Iterator[str]:
    """Two standard deviations of each component, as lines: a path cannot be given in percent."""
    chosen = [across.place, up.place]
    scale, center = np.array(parameters.scale)[chosen], np.array(parameters.center)[chosen]
    turn = np.linspace(0, 2 * np.pi, STEPS + 1)
    circle = DEVIATIONS * np.vstack([np.cos(turn), np.sin(turn)])
    names: Sequence[str] = view.terms.grade_names["en"]
    for rank, (mean, covariance) in enumerate(zip(parameters.means, parameters.covariances, strict=True), start=1):
        factor = np.linalg.cholesky(np.array(covariance)[np.ix_(chosen, chosen)])
        outline = (np.array(mean)[chosen, np.newaxis] + factor @ circle) * scale[:, np.newaxis] + center[:, np.newaxis]
        corners = [(across.at(float(x)), 100 - up.at(float(y))) for x, y in outline.T]
        name = names[rank] if rank < len(names) else None
        for (x1, y1), (x2, y2) in pairwise(corners):
            ends = f'x1="{x1:.2f}%" y1="{y1:.2f}%" x2="{x2:.2f}%" y2="{y2:.2f}%"'
            yield f'<line class="edge place{view.place(name)}" {ends}></line>'
