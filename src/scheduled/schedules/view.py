"""What every schedule offers to look at it: single steps, a copy at another base LR, a plot."""

from __future__ import annotations

import copy
import html
import importlib
from abc import ABC, abstractmethod
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, Self

import numpy as np
from numpy.typing import ArrayLike, DTypeLike

from scheduled.core.arguments import FloatArray, check_integer, check_iterates

if TYPE_CHECKING:
    from matplotlib.axes import Axes

SVG_WIDTH, SVG_HEIGHT = 300, 100


class ScheduleView(ABC):
    """Views of whatever has a `schedule` and a base LR; a part of all schedules.

    Examples
    --------
    >>> from scheduled import WSDSchedule
    >>> S = WSDSchedule(5, cooldown_len=0.4, base_lr=0.5)
    >>> len(S), S(4), S[3], S[-2:]
    (5, 0.25, 0.25, array([0.25, 0.  ]))
    >>> S.with_base_lr(2.0).schedule, S.base_lr
    (array([2., 2., 2., 1., 0.]), 0.5)
    """

    @property
    @abstractmethod
    def schedule(self) -> FloatArray:
        """The learning rates, base LR multiplied in, shape (N,)."""

    @abstractmethod
    def set_base_lr(self, base_lr: float) -> None:
        """Set the base LR."""

    def __len__(self) -> int:
        return self.schedule.size

    def __iter__(self) -> Iterator[float]:
        return iter(self.schedule.tolist())

    def __getitem__(self, index: Any) -> Any:
        """Return the LR at an index from 0, or the LRs of a slice, as `schedule` has them."""
        found = self.schedule[index]
        return float(found) if np.ndim(found) == 0 else found

    def __call__(self, t: ArrayLike) -> Any:
        """Return the LR γηₜ of step t = 1…N, or of each step in an array."""
        lrs = self.schedule
        if np.ndim(t) == 0:
            return float(lrs[check_integer("t", np.asarray(t)[()], low=1, high=lrs.size) - 1])
        steps = np.asarray(t)
        return lrs[check_iterates(steps.ravel(), lrs.size).reshape(steps.shape) - 1]

    def __array__(
        self, dtype: DTypeLike | None = None, copy: bool | None = None
    ) -> np.ndarray[Any, Any]:
        # So every function of an array of learning rates takes a schedule, too.
        if copy is False:
            raise ValueError("copy=False: the learning rates of a schedule are a new array")
        return self.schedule.astype(dtype or np.float64)

    def with_base_lr(self, base_lr: float) -> Self:
        """Return the same schedule at another base LR."""
        other = copy.copy(self)
        other.set_base_lr(base_lr)
        return other

    def plot(self, ax: Axes | None = None, **line: Any) -> Axes:
        """Draw the learning rate over the steps 1…N.

        Parameters
        ----------
        ax : Axes, optional
            New ones if none are given.
        **line
            Arguments of the line: ``label``, ``color`` and so on.
        """
        ax = axes_or_new(ax)
        lrs = self.schedule
        ax.plot(np.arange(1, lrs.size + 1), lrs, **line)
        ax.set(xlabel="step t", ylabel="learning rate γηₜ")
        return ax

    def _repr_svg_(self) -> str:
        """Return a small picture, which notebooks show."""
        lrs = self.schedule
        # The least and the largest LR of each column of pixels: no spike is lost.
        bins = np.array_split(np.arange(lrs.size), min(lrs.size, SVG_WIDTH))
        shown = np.unique([f(lrs[b]) + b[0] for b in bins for f in (np.argmin, np.argmax)])
        x = (shown + 0.5) / lrs.size * SVG_WIDTH
        y = SVG_HEIGHT - 4 - (SVG_HEIGHT - 8) * lrs[shown] / (lrs.max() or 1.0)
        points = " ".join(f"{a:.1f},{b:.1f}" for a, b in zip(x, y, strict=True))
        return (
            f'<svg xmlns="http://www.w3.org/2000/svg" width="{SVG_WIDTH}" height="{SVG_HEIGHT}">'
            f'<polyline points="{points}" fill="none" stroke="currentColor" stroke-width="1.5"/>'
            "</svg>"
        )

    def _repr_html_(self) -> str:
        """Return the picture above the arguments, which notebooks show."""
        return f"{self._repr_svg_()}<br/><code>{html.escape(repr(self))}</code>"


def axes_or_new(ax: Axes | None) -> Axes:
    """Return the axes given, or new ones."""
    if ax is None:
        # Only a plot needs matplotlib, and its import takes longer than all else here. By name,
        # because no other version of it changes what is computed (`scheduled.plan.made_by`).
        _, ax = importlib.import_module("matplotlib.pyplot").subplots()
    return ax
