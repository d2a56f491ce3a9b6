"""Schedules on their way to the one that minimises the bound: a figure, and an animation."""

from __future__ import annotations

from typing import Any

import pandas as pd
from matplotlib.animation import FuncAnimation, PillowWriter
from matplotlib.axes import Axes
from matplotlib.cm import ScalarMappable
from matplotlib.colors import Normalize
from matplotlib.figure import Figure

from scheduled.figures.kit.lines import VALUE_COLORS, value_color
from scheduled.figures.kit.style import new_figure, step_axis

GIF_DPI = 110
FRAMES_PER_SECOND = 10


def draw(table: pd.DataFrame, ink: dict[str, Any]) -> Figure:
    """Draw the table of `scheduled.tables.schedule_descent`, all schedules at once.

    Parameters
    ----------
    table : DataFrame
        Columns iteration, step, y (learning rate over that of the first step).
    ink : dict
        Sizes and title.
    """
    figure, (axes,) = new_figure(ink)
    iterations = sorted(table["iteration"].unique())
    for iteration in iterations:
        rows = table[table["iteration"] == iteration]
        axes.plot(rows["step"], rows["y"], color=value_color(iteration, iterations), lw=1.0)
    _finish(axes, table)
    colors = ScalarMappable(Normalize(iterations[0], iterations[-1]), VALUE_COLORS)
    bar = figure.colorbar(colors, ax=axes, pad=0.02, aspect=30)
    bar.set_label("step of the minimisation")
    bar.outline.set_visible(False)
    return figure


def animate(table: pd.DataFrame, ink: dict[str, Any], path: str) -> None:
    """Write the animation, one schedule a frame, as a GIF."""
    figure, (axes,) = new_figure(ink)
    iterations = sorted(table["iteration"].unique())
    frames = [table[table["iteration"] == iteration] for iteration in iterations]
    last = frames[-1]
    axes.plot(last["step"], last["y"], color="#BBBBBB", ls=(0, (5, 1.5)))
    (line,) = axes.plot([], [], color="#D55E00")
    _finish(axes, table)
    # The last frame stays for a second.
    order = [*range(len(frames)), *[len(frames) - 1] * FRAMES_PER_SECOND]

    def show(frame: int) -> tuple[Any, ...]:
        line.set_data(frames[frame]["step"], frames[frame]["y"])
        axes.set_title(f"step {iterations[frame]} of the minimisation")
        return (line,)

    FuncAnimation(figure, show, frames=order).save(
        path, writer=PillowWriter(fps=FRAMES_PER_SECOND), dpi=GIF_DPI
    )


def _finish(axes: Axes, table: pd.DataFrame) -> None:
    step_axis(axes, table["step"].max())
    axes.set(ylabel="learning rate ηₜ/η₁", ylim=(0, 1.05 * table["y"].max()))
