"""Drawing the figures of a question: of each, its table and every format."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from scheduled.core.tabular import read_table, write_table
from scheduled.figures.base import read_figure


def draw_question(figures: Mapping[str, Mapping[str, Any]]) -> None:
    """Make the tables of some figures, and draw these.

    Parameters
    ----------
    figures : mapping
        Id of a figure → what `scheduled.plan.plan.Plan.drawing` says of it: its settings, the look
        of its sources, the style, the tables that it reads by name, and the files to write.

    Raises
    ------
    ValueError
        Naming the figure that cannot be drawn from its tables.
    """
    from scheduled.figures.kit.save import save
    from scheduled.figures.kit.style import style, widen_lines

    for name, told in figures.items():
        figure, look = read_figure(told["settings"]), told["look"]
        try:
            tables = {key: read_table(path) for key, path in told["tables"].items()}
            write_table(figure.tabulate(tables, look), told["table"])
        except ValueError as error:
            raise ValueError(f"figures.{name}: {error}") from error
        # What is drawn is what the table says, as anyone reads it.
        table = read_table(told["table"])
        with style(told["style"]):
            drawing = figure.draw(table, look)
            widen_lines(drawing)
            save(drawing, [path for path in told["files"] if path[-3:] != "gif"])
            for path in told["files"]:
                if path.endswith(".gif"):
                    figure.animate(table, look, path)
