"""The methods of a schedule that give its convergence bounds."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, Any, Literal, overload

import numpy as np
from numpy.typing import ArrayLike

import scheduled.schedules.base as base
from scheduled.bounds.dispatch import BoundType, get_bound
from scheduled.core.arguments import FloatArray
from scheduled.schedules.view import axes_or_new

if TYPE_CHECKING:
    from matplotlib.axes import Axes


class BoundMethods(ABC):
    """Bounds of whatever has the property `schedule`; a part of the class `Schedule`."""

    @property
    @abstractmethod
    def schedule(self) -> FloatArray:
        """The learning rates, base LR multiplied in, shape (N,)."""

    @overload
    def compute_rate(
        self,
        grad_norms: ArrayLike,
        D: float,
        T: int | None = None,
        type: BoundType = "refined",
        return_split: Literal[False] = False,
    ) -> float: ...
    @overload
    def compute_rate(
        self,
        grad_norms: ArrayLike,
        D: float,
        T: int | None = None,
        type: BoundType = "refined",
        *,
        return_split: Literal[True],
    ) -> tuple[float, ...]: ...
    def compute_rate(
        self,
        grad_norms: ArrayLike,
        D: float,
        T: int | None = None,
        type: BoundType = "refined",
        return_split: bool = False,
    ) -> float | tuple[float, ...]:
        """Return the bound at iterate T, a function of the steps 1…T only.

        Parameters
        ----------
        grad_norms : float or array, shape (N,)
            Bounds G_t >= 0 on the (expected) subgradient norms.
        D : float
            Distance ‖x_1 − x*‖ >= 0.
        T : int, optional
            The iterate, in [1, N]; by default the last one with a positive LR.
        type : {"refined", "standard"}
            The last-iterate bound Ω_T, or the standard one for the best or average iterate.
        return_split : bool
            Whether to return the terms of the bound (three, or two) rather than their sum.

        Raises
        ------
        ValueError
            If an argument is out of range or the bound is not finite at T: for the refined one,
            if step T has an LR of 0 (zeros before T, as in a warm-up from 0, are harmless; see
            `scheduled.bounds.omega`).

        References
        ----------
        arXiv:2310.07831, Theorem 10; arXiv:2501.18965.

        Examples
        --------
        >>> from scheduled import WSDSchedule
        >>> S = WSDSchedule(steps=5, cooldown_len=0.4, base_lr=1.0)
        >>> S.schedule
        array([1. , 1. , 1. , 0.5, 0. ])
        >>> round(S.compute_rate(grad_norms=1.0, D=1.0, T=4), 6)
        1.92619
        """
        bound = get_bound(type)
        function = bound.terms if return_split else bound.value
        return function(self.schedule, grad_norms, D, T)

    def compute_rates(
        self,
        grad_norms: ArrayLike,
        D: float,
        type: BoundType = "refined",
        at: ArrayLike | None = None,
    ) -> FloatArray:
        """Return the bound at every iterate, or at those in `at`; inf where it is not finite.

        Parameters
        ----------
        grad_norms, D, type
            As in `compute_rate`.
        at : array of int, shape (K,), optional
            Iterates in [1, N].

        Returns
        -------
        array, shape (N,) or (K,)
            Entry t-1 is the bound at iterate t, or entry i that at iterate at[i].

        Raises
        ------
        ValueError
            If an argument is out of range.

        Examples
        --------
        >>> from scheduled import ConstantSchedule
        >>> ConstantSchedule(4, warmup_steps=1).compute_rates(grad_norms=1.0, D=1.0)
        array([       inf, 1.        , 1.25      , 1.41666667])
        """
        return get_bound(type).curve(self.schedule, grad_norms, D, at)

    def plot_bound(
        self,
        grad_norms: ArrayLike = 1.0,
        D: float = 1.0,
        type: BoundType = "refined",
        ax: Axes | None = None,
        **line: Any,
    ) -> Axes:
        """Draw the bound over the iterates; where it is not finite, the line has a gap.

        Parameters
        ----------
        grad_norms, D, type
            As in `compute_rate`.
        ax : Axes, optional
            New ones if none are given.
        **line
            Arguments of the line: ``label``, ``color`` and so on.
        """
        ax = axes_or_new(ax)
        rates = self.compute_rates(grad_norms, D, type)
        ax.plot(np.arange(1, rates.size + 1), np.where(np.isinf(rates), np.nan, rates), **line)
        ax.set(xlabel="iterate t", ylabel="bound Ωₜ" if type == "refined" else "standard bound")
        return ax


# The class that schedules have as a base is empty until now (`scheduled.schedules.base`).
for _name in ("compute_rate", "compute_rates", "plot_bound"):
    setattr(base.BoundMethods, _name, vars(BoundMethods)[_name])
