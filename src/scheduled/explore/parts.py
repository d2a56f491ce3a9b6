"""What the explorer's page is made of: a SPEC from sliders, pictures, numbers and tables."""

from __future__ import annotations

import base64
import tempfile
import threading
from collections.abc import Mapping, Sequence
from html import escape
from pathlib import Path
from typing import Any

from scheduled.answers.page import Table
from scheduled.answers.picture import Curve
from scheduled.answers.spec import INLINE

__all__ = ["numbers", "picture", "spec_line", "table"]

YOURS, OTHER = "#D55E00", "#5C5C5C"
LINES: dict[str, dict[str, Any]] = {
    "yours": {"color": YOURS, "linestyle": "solid", "linewidth": 1.8},
    "yours, at γ*": {"color": YOURS, "linestyle": (0, (1.5, 1.2))},
    "γ*": {"color": YOURS, "markerfacecolor": "white", "markersize": 6},
    "your γ": {"color": YOURS, "markersize": 6},
    "declared": {"color": OTHER, "linestyle": (0, (4, 1.3))},
    "logged": {"color": "#0072B2", "markersize": 2.5},
    "recognised": {"color": YOURS},
    "training loss": {"color": "#0072B2", "linewidth": 0.8},
    "validation loss": {"color": OTHER, "linestyle": (0, (3, 1.2, 1.2, 1.2, 1.2, 1.2))},
    "scaled bound Ωₜ": {"color": YOURS, "linewidth": 1.8},
}
"""How a line is drawn, by its label; another one is grey and dashed."""
_DRAWING = threading.Lock()
"""Each open page has a thread, and matplotlib's style is one for all of them."""


def spec_line(kind: str, values: Mapping[str, object]) -> str:
    """The SPEC in one line of a kind of schedule, with those of the values that it has.

    Examples
    --------
    >>> spec_line("cosine", {"steps": 400, "warmup": 0.1, "cooldown": 0.2, "final": 0.0})
    'cosine:steps=400,warmup=0.1,final=0.0'
    """
    keys = ("steps", *INLINE[kind].split(", "), "lr")
    return f"{kind}:{','.join(f'{key}={values[key]}' for key in keys if key in values)}"


def picture(
    curves: Sequence[Curve],
    alt: str,
    across: str,
    up: str,
    *,
    log_across: bool = False,
    log_up: bool = False,
) -> str:
    """Curves in the style of all figures, as an HTML image that needs no file.

    Parameters
    ----------
    curves : sequence of Curve
        Their labels choose their style (`LINES`).
    alt : str
        What is seen, for who does not.
    across, up : str
        Labels of the axes.
    log_across, log_up : bool
        Whether these axes are logarithmic.

    Examples
    --------
    >>> import numpy as np
    >>> curve = Curve("yours", np.arange(3.0), np.ones(3))
    >>> picture([curve], "A line.", "step", "learning rate")[:50]
    '<img alt="A line." src="data:image/svg+xml;base64,'
    """
    from matplotlib.figure import Figure

    from scheduled.figures.kit.axes import plain_log_axis
    from scheduled.figures.kit.save import save
    from scheduled.figures.kit.style import SINGLE, PlainTicks, style

    with _DRAWING, style(), tempfile.TemporaryDirectory() as folder:
        figure = Figure(figsize=SINGLE, layout="constrained")
        axes = figure.subplots()
        for curve in curves:
            how: dict[str, Any] = LINES.get(
                curve.label, {"color": OTHER, "linestyle": (0, (4, 1.3))}
            )
            if curve.points:
                how = how | {"linestyle": "none", "marker": "o"}
            axes.plot(curve.x, curve.y, label=curve.label, **how)
        axes.set(xlabel=across, ylabel=up)
        for logarithmic, set_scale, axis in (
            (log_across, axes.set_xscale, axes.xaxis),
            (log_up, axes.set_yscale, axes.yaxis),
        ):
            if logarithmic:
                set_scale("log")
                plain_log_axis(axis)
            else:
                axis.set_major_formatter(PlainTicks())
        figure.legend(loc="outside upper left", ncols=2)
        path = Path(folder, "picture.svg")
        save(figure, [path])
        data = base64.b64encode(path.read_bytes()).decode("ascii")
    return f'<img alt="{escape(alt)}" src="data:image/svg+xml;base64,{data}">'


def numbers(found: Sequence[tuple[str, str, str, str]]) -> str:
    """Large numbers with what they are: id, name, value, and a few words each.

    Examples
    --------
    >>> numbers([("best", "γ*", "0.026", "least Ω_T")])
    '<dl><div><dt>γ*</dt><dd id="best">0.026</dd><dd>least Ω_T</dd></div></dl>'
    """
    cells = "".join(
        f'<div><dt>{escape(name)}</dt><dd id="{key}">{escape(value)}</dd>'
        f"<dd>{escape(words)}</dd></div>"
        for key, name, value, words in found
    )
    return f"<dl>{cells}</dl>"


def table(found: Table) -> str:
    """A table as HTML; whatever a log says in it is text.

    Examples
    --------
    >>> table(Table(("fact", "value"), (("steps", "<1>"),)))
    '<table><tr><th>fact</th><th>value</th></tr><tr><td>steps</td><td>&lt;1&gt;</td></tr></table>'
    """
    head = "".join(f"<th>{escape(name)}</th>" for name in found.columns)
    rows = "".join(
        f"<tr>{''.join(f'<td>{escape(cell)}</td>' for cell in row)}</tr>" for row in found.rows
    )
    return f"<table><tr>{head}</tr>{rows}</table>"
