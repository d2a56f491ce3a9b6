"""Schedules on their way to the one that minimises the bound: a figure, and an animation."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, ClassVar, Literal

import pandas as pd

from scheduled.figures.base import ExperimentFigure

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

GIF_DPI = 110
FRAMES_PER_SECOND = 10


class ScheduleDescent(ExperimentFigure):
    """Schedules on their way to the one that minimises the bound; also as an animation (gif)."""

    kind: Literal["schedule_descent"]

    draws: ClassVar[str] = "optimal_schedule"
    reads: ClassVar[dict[str, tuple[str, ...]]] = {"experiment": ("snapshots",)}
    x_and_y: ClassVar[tuple[str, str]] = ("step", "y")
    animated: ClassVar[bool] = True

    def tabulate(self, tables: Mapping[str, pd.DataFrame], look: Mapping[str, Any]) -> pd.DataFrame:
        """Schedules on their way to the best one, scaled by their first learning rate.

        Returns
        -------
        DataFrame
            Columns iteration, step, y.
        """
        rows = tables["snapshots"]
        first = rows.groupby("iteration")["learning_rate"].transform("first")
        return rows.assign(y=rows["learning_rate"] / first).filter(["iteration", "step", "y"])

    def draw(self, table: pd.DataFrame, look: Mapping[str, Any]) -> Figure:
        from matplotlib.cm import ScalarMappable
        from matplotlib.colors import Normalize

        from scheduled.figures.kit.lines import VALUE_COLORS, value_color
        from scheduled.figures.kit.style import new_figure

        figure, (axes,) = new_figure(self)
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

    def animate(self, table: pd.DataFrame, look: Mapping[str, Any], path: str) -> None:
        """Write the animation, one schedule a frame, as a GIF."""
        from matplotlib.animation import FuncAnimation, PillowWriter

        from scheduled.figures.kit.style import new_figure

        figure, (axes,) = new_figure(self)
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
            if frame == 3:
                # The layout has converged; with an engine, each frame would be drawn twice.
                figure.set_layout_engine(None)
            return (line,)

        FuncAnimation(figure, show, frames=order).save(
            path, writer=PillowWriter(fps=FRAMES_PER_SECOND), dpi=GIF_DPI
        )


def _finish(axes: Axes, table: pd.DataFrame) -> None:
    from scheduled.figures.kit.axes import step_axis

    step_axis(axes, table["step"].max())
    axes.set(ylabel="learning rate ηₜ/η₁", ylim=(0, 1.05 * table["y"].max()))


EXAMPLE: dict[str, Any] = {
    "experiments": {"example": {"kind": "optimal_schedule", "horizon": 20, "snapshots": 5}},
    "figures": {"example": {"kind": "schedule_descent", "experiment": "example"}},
}
