"""Pictures of a trained mixture, for its run in the registry."""

from collections.abc import Callable, Sequence
from itertools import combinations
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from dangol.grades.features import features, numbers
from dangol.grades.scoring import REPEAT, score, with_purchases
from dangol.grades.study import Study

if TYPE_CHECKING:
    from matplotlib.figure import Figure

COLORS = ("#9aa0a6", "#4e79a7", "#f2a541", "#c0392b", "#6b4c9a", "#2a9d8f")
MOST_POINTS = 5000
AXES = ("log(recency + offset)", "log(1 + frequency)", "log(1 + monetary)")


def draw_all(folder: Path, study: Study, names: Sequence[str]) -> None:
    """Writes a PNG per picture; `names`: of the grades by rank from 0."""
    drawings: dict[str, Callable[[Any, Study, Sequence[str]], None]] = {
        "clusters": clusters,
        "candidates": candidates,
        "confidence": confidence,
        "boundaries": boundaries,
    }
    from matplotlib.figure import Figure

    for name, draw in drawings.items():
        figure = Figure(figsize=(12, 4.2), layout="constrained")
        draw(figure, study, names)
        figure.savefig(folder / f"{name}.png", dpi=110)


def repeat_points(study: Study) -> tuple[Any, Any]:
    """Of at most MOST_POINTS repeat customers, their features (n, 3) and their scores."""
    repeat = with_purchases(study.past.customers, REPEAT)
    drawn = repeat.sample(min(len(repeat), MOST_POINTS), random_state=0)
    columns = drawn["recency_days"], drawn["frequency"], drawn["monetary"]
    return features(*columns, study.parameters.recency_offset_days), score(study.parameters, *columns)


def clusters(figure: "Figure", study: Study, names: Sequence[str]) -> None:
    """Repeat customers in each pair of features, with each component's ellipse of two standard deviations."""
    x, scores = repeat_points(study)
    parameters = study.parameters
    scale, center = np.array(parameters.scale), np.array(parameters.center)
    turn = np.linspace(0, 2 * np.pi, 100)
    circle = 2 * np.vstack([np.cos(turn), np.sin(turn)])
    for axes, pair in zip(figure.subplots(1, 3), combinations(range(3), 2), strict=True):
        for rank in range(1, parameters.components + 1):
            own = scores.rank == rank
            chosen = list(pair)
            axes.scatter(*x[own][:, chosen].T, s=6, alpha=0.4, color=COLORS[rank], label=names[rank])
            covariance = np.array(parameters.covariances[rank - 1])[np.ix_(chosen, chosen)]
            outline = np.array(parameters.means[rank - 1])[chosen, np.newaxis] + np.linalg.cholesky(covariance) @ circle
            axes.plot(*(outline * scale[chosen, np.newaxis] + center[chosen, np.newaxis]), color=COLORS[rank])
        axes.set(xlabel=AXES[pair[0]], ylabel=AXES[pair[1]])
    axes.legend(loc="lower right")
    figure.suptitle("Repeat customers by grade; ellipses: two standard deviations of a component")


def candidates(figure: "Figure", study: Study, _names: Sequence[str]) -> None:
    """Information criteria and agreement of refits by the number of components."""
    left, right = figure.subplots(1, 2)
    ks = list(study.candidates)
    for name in ("bic", "icl"):
        left.plot(ks, [getattr(study.candidates[k].criteria, name) for k in ks], marker="o", label=name.upper())
    left.set(xlabel="components", ylabel="lower is better", xticks=ks)
    left.legend()
    right.boxplot([study.candidates[k].agreements for k in ks], positions=ks)
    right.axhline(0.8, color=COLORS[3], linestyle=":", label="the gate on the mean")
    right.set(xlabel="components", ylabel="adjusted Rand index of refits", xticks=ks)
    right.legend()
    figure.suptitle(f"How many components; trained: {study.components}")


def confidence(figure: "Figure", study: Study, names: Sequence[str]) -> None:
    """How surely customers belong to their likeliest grade."""
    _, scores = repeat_points(study)
    axes = figure.subplots()
    bins = np.linspace(0, 1, 41).tolist()
    by_rank = [scores.p_max[scores.rank == rank] for rank in range(1, study.components + 1)]
    axes.hist(by_rank, bins=bins, stacked=True, color=COLORS[1 : len(by_rank) + 1], label=list(names[1:]))
    axes.axvline(0.6, color="black", linestyle=":", label="boundary customers lie left of 0.6")
    axes.set(xlabel="posterior of the likeliest grade", ylabel="customers")
    axes.legend()
    figure.suptitle("Posterior confidence")


def boundaries(figure: "Figure", study: Study, names: Sequence[str]) -> None:
    """Which grade recency and money give, at three frequencies."""
    from matplotlib.colors import ListedColormap
    from matplotlib.patches import Patch

    k = study.components
    repeat = with_purchases(study.past.customers, REPEAT)
    days = np.arange(0, 366)
    least, most = np.quantile(np.maximum(numbers(repeat["monetary"]), 1), [0.01, 0.99])
    money = np.geomspace(least, most, 80)
    grid_days, grid_money = np.meshgrid(days, money)
    colors = ListedColormap(COLORS[1 : k + 1])
    frequencies = np.unique(np.quantile(numbers(repeat["frequency"]), [0.1, 0.6, 0.95], method="nearest"))
    for axes, frequency in zip(figure.subplots(1, len(frequencies), squeeze=False)[0], frequencies, strict=True):
        rank = score(study.parameters, grid_days.ravel(), np.full(grid_days.size, frequency), grid_money.ravel()).rank
        shown = rank.reshape(grid_days.shape)
        axes.pcolormesh(grid_days, grid_money, shown, cmap=colors, vmin=0.5, vmax=k + 0.5, alpha=0.7)
        axes.set(yscale="log", xlabel="recency, days", ylabel="monetary", title=f"{frequency:.0f} purchases")
    axes.legend(handles=[Patch(color=COLORS[rank], alpha=0.7, label=names[rank]) for rank in range(1, k + 1)])
    figure.suptitle("Where the grades meet")
