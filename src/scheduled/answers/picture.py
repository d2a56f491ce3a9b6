"""The figure of an answer: learning rates above, losses below, and the line "now"."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from scheduled.core.arguments import FloatArray

__all__ = ["Band", "Curve", "Picture", "draw"]


MANY = 150
"""Losses from which on a line is thin."""
MOST_INSIDE = 5
"""Curves of a panel whose legend stands in it."""


@dataclass(frozen=True)
class Curve:
    """A line of a figure, or points: x and y, both of shape (K,)."""

    label: str
    x: FloatArray
    y: FloatArray
    points: bool = False


@dataclass(frozen=True)
class Band:
    """An area around the last curve of the lower panel: x, and y from low to high."""

    label: str
    x: FloatArray
    low: FloatArray
    high: FloatArray


@dataclass(frozen=True)
class Picture:
    """What a figure shows.

    Attributes
    ----------
    rates : tuple of Curve
        Learning rates over steps.
    losses : tuple of Curve
        Below them; the panel is left out where there are none.
    now : int, optional
        The step at which the run is.
    below, across : str
        Labels of the lower panel's axis, and of the axis that both share.
    log_below, log_across : bool
        Whether these axes are logarithmic.
    bands : tuple of Band
    """

    rates: tuple[Curve, ...]
    losses: tuple[Curve, ...] = ()
    now: int | None = None
    below: str = "loss"
    across: str = "step"
    log_below: bool = False
    log_across: bool = False
    bands: tuple[Band, ...] = ()


def draw(picture: Picture, path: Path) -> None:
    """Write a figure, in the format of the path's ending (pdf, svg or png).

    Raises
    ------
    ValueError
        For another ending.
    """
    from matplotlib.figure import Figure

    from scheduled.figures.kit.save import save
    from scheduled.figures.kit.style import SPARE_DASHES, style

    panels = [
        p for p in (("learning rate", picture.rates), (picture.below, picture.losses)) if p[1]
    ]
    with style():
        figure = Figure(figsize=(6.4, 2.4 * len(panels)), layout="constrained")
        rows = figure.subplots(len(panels), 1, squeeze=False, sharex=True)[:, 0]
        for axes, (label, curves) in zip(rows, panels, strict=True):
            for i, curve in enumerate(curves):
                dash = ("-", *SPARE_DASHES)[i % (len(SPARE_DASHES) + 1)]
                form = {"linestyle": "none", "marker": "o"} if curve.points else {"linestyle": dash}
                # So many losses are mostly noise, and hide the others.
                if curves is picture.losses and curve.x.size > MANY:
                    form |= {"linewidth": 0.5}
                axes.plot(curve.x, curve.y, label=curve.label, **form)
            for band in picture.bands if curves is picture.losses else ():
                colour = axes.lines[-1].get_color()  # of the curve that it belongs to
                area = axes.fill_between(band.x, band.low, band.high, color=colour, alpha=0.25)
                area.set(label=band.label, linewidth=0)
            axes.set_ylabel(label)
            if picture.now is not None:
                axes.axvline(picture.now, color="#444444", linewidth=0.8)
                axes.annotate("now", (picture.now, 1), xycoords=("data", "axes fraction"))
            # A long legend has no room among the curves.
            beside = len(curves) > MOST_INSIDE
            axes.legend(**({"loc": "upper left", "bbox_to_anchor": (1, 1)} if beside else {}))
        rows[-1].set_xlabel(picture.across)
        if picture.log_across:
            rows[-1].set_xscale("log")
        if picture.log_below:
            rows[-1].set_yscale("log")
        save(figure, [path])
