"""How time grows with what a body has; both axes are logarithmic."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path
from typing import Any

from contenders import Field
from growth import PANELS, Panel
from results import OURS, rows_of

_COLUMNS = 3


def lines_of(panel: Panel, field: Field, seconds: float) -> dict[str, list[tuple[int, float]]]:
    """The points of each contender."""
    found: dict[str, list[tuple[int, float]]] = {}
    for number, work in panel.works():
        for row in rows_of(work, field, seconds):
            found.setdefault(row.contender, []).append((number, row.p10))
    return found


def draw(path: Path, field: Field, seconds: float) -> None:
    """Measure what the panels show, and draw them; skipped where matplotlib is not installed."""
    try:
        matplotlib: Any = import_module("matplotlib")
        matplotlib.use("svg")
        matplotlib.rcParams["svg.fonttype"] = "none"  # letters as letters
        pyplot: Any = import_module("matplotlib.pyplot")
    except ImportError as error:
        print(f"skipped the plot: {error!r}")
        return
    rows = -(-len(PANELS) // _COLUMNS)
    figure, grid = pyplot.subplots(rows, _COLUMNS, figsize=(16, 4.5 * rows), sharey=True)
    colours = {name: f"C{number}" for number, name in enumerate([*OURS, *field.translators])}
    shown: dict[str, Any] = {}
    for axes, panel in zip(grid.flat, PANELS, strict=False):
        for name, points in lines_of(panel, field, seconds).items():
            if name in colours:  # the parts of a body are no contenders
                style = {"color": colours[name], "linewidth": 2.5 if name in OURS else 1}
                (shown[name],) = axes.loglog(*zip(*points, strict=True), ".-", **style)
        axes.set(title=panel.title, xlabel=panel.grows, ylabel="seconds")
        axes.grid(visible=True, alpha=0.3)
    for axes in [*grid.flat][len(PANELS) :]:
        axes.remove()
    figure.legend(shown.values(), shown.keys(), loc="lower center", ncols=len(shown))
    figure.tight_layout(rect=(0, 0.05, 1, 1))
    figure.savefig(path)
