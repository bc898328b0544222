"""How time grows: with bytes, with images, with turns; both axes logarithmic."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from importlib import import_module
from pathlib import Path
from typing import Any

import attrs

from contenders import Direction, Field
from payloads import Shape
from results import OURS, Row, rows_of
from works import GROWTH, work_of

_MEASURES: Mapping[str, Callable[[Shape, Row], int]] = {
    "bytes": lambda _, row: row.size,
    "images": lambda shape, _: shape.pictures,
    "turns": lambda shape, _: shape.turns,
}


@attrs.frozen
class Panel:
    """Time against one thing that grows, in one direction."""

    direction: Direction
    grows: str

    @property
    def title(self) -> str:
        """What the panel shows."""
        kind, source, target = self.direction
        return f"{kind} {source} -> {target}"

    def lines(self, field: Field, seconds: float) -> dict[str, list[tuple[float, float]]]:
        """The points of each contender."""
        found: dict[str, list[tuple[float, float]]] = {}
        for shape in GROWTH[self.grows]:
            for row in rows_of(work_of(self.direction, shape), field, seconds):
                x = _MEASURES[self.grows](shape, row)
                found.setdefault(row.contender, []).append((x, row.median))
        return found


PANELS = [
    Panel(("request", "chat", "gemini"), "bytes"),
    Panel(("response", "gemini", "chat"), "bytes"),
    Panel(("response", "gemini", "images"), "bytes"),
    Panel(("request", "chat", "gemini"), "turns"),
    Panel(("response", "gemini", "chat"), "images"),
    Panel(("response", "gemini", "images"), "images"),
]


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
    figure, grid = pyplot.subplots(2, 3, figsize=(16, 9), sharey=True)
    colours = {name: f"C{number}" for number, name in enumerate([*OURS, *field.translators])}
    shown: dict[str, Any] = {}
    for axes, panel in zip(grid.flat, PANELS, strict=True):
        for name, points in panel.lines(field, seconds).items():
            style = {"color": colours[name], "linewidth": 2.5 if name in OURS else 1}
            (shown[name],) = axes.loglog(*zip(*points, strict=True), ".-", **style)
        axes.set(title=panel.title, xlabel=panel.grows, ylabel="seconds")
        axes.grid(visible=True, alpha=0.3)
    figure.legend(shown.values(), shown.keys(), loc="lower center", ncols=len(shown))
    figure.tight_layout(rect=(0, 0.05, 1, 1))
    figure.savefig(path)
