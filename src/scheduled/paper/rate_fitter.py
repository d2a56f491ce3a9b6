"""`RateFitter` of the paper's package, on top of our law `omega_falling` and its fit."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike

from scheduled.bounds.omega import last_iterate_curve
from scheduled.core.arguments import FloatArray, IntArray, check_iterates
from scheduled.laws.fit import Curve, LawFit, fit_law
from scheduled.laws.omega_noise import last_moves
from scheduled.paper import ArgumentError, argument_errors

if TYPE_CHECKING:
    import pandas as pd

    from scheduled.schedules.base import Schedule

PARAMETERS = ("D", "G_1", "G_2", "A_1", "A_2", "B", "C", "M")
METHODS = ("least-squares", "huber")
COLUMNS = ("id", "t", "lr")


class RateFitter:
    """Losses as y = C + M·Ω_t with gradient norms G_t = G_1·exp(A_1·t) + G_2·t^A_2 + B.

    `predict` takes all eight numbers. Of these, losses do not tell M from D² and the squares of
    G_1, G_2 and B, nor one falling norm from the sum of two and a constant: `fit` looks for C, D,
    G_2 and A_2 <= 0, by `scheduled.laws.fit.fit_law` of the law `omega_falling`, and leaves
    M = 1 and G_1 = A_1 = B = 0. `law_fit` says which of them the losses do tell.

    Parameters
    ----------
    p0 : mapping, optional
        A start there; the fit here has its own ones.

    Attributes
    ----------
    params : dict
        D, G_1, G_2, A_1, A_2, B, C, M; empty before a fit.
    law_fit : LawFit or None
        What was fitted, with its objective, and whether its parameters are identified.

    Examples
    --------
    >>> import pandas as pd
    >>> from scheduled import WSDSchedule
    >>> rows = pd.DataFrame({"id": "wsd", "t": np.arange(40, 401, 40), "lr": 0.01})
    >>> fitter = RateFitter()
    >>> fitter.set_params([0.1, 0.0, 5.0, 0.0, -0.2, 0.0, 3.0, 1.0])
    >>> losses = fitter.predict(rows, {"wsd": WSDSchedule(401)})
    >>> fitter.fit(rows, losses, {"wsd": WSDSchedule(401)}, method="huber")
    >>> {name: round(fitter.params[name], 2) for name in ("C", "D", "G_2", "A_2")}
    {'C': 3.0, 'D': 0.1, 'G_2': 5.0, 'A_2': -0.2}
    """

    def __init__(self, p0: Mapping[str, float | None] | None = None) -> None:
        self.p0 = p0
        self.params: dict[str, float] = {}
        self.law_fit: LawFit | None = None
        self.schedule_map: dict[Any, Schedule] = {}

    @argument_errors
    def fit(
        self,
        inputs: pd.DataFrame,
        targets: ArrayLike,
        id_map: Mapping[Any, Schedule],
        method: str = "least-squares",
        ub: float | None = None,
    ) -> None:
        """Fit to losses > 0.

        Parameters
        ----------
        inputs : DataFrame
            Columns ``id`` of the schedule, ``t``, the iterate, and ``lr``, the base LR.
        targets : array, shape (number of rows,)
            Losses.
        id_map : mapping
            Id → schedule.
        method : {"least-squares", "huber"}
            Either is a fit by Huber loss of the logarithms, with its corner at 1e-3.
        ub : None
            An upper end of C there. Losses keep C below themselves: Ω >= 0.

        Raises
        ------
        ArgumentError
            If an argument is out of range, or the losses cannot tell the parameters.
        """
        if method not in METHODS:
            raise ArgumentError(f"method={method!r} must be one of {', '.join(METHODS)}")
        if ub is not None:
            raise ArgumentError(f"ub={ub!r} must be None: the fit keeps C below the losses")
        losses = np.asarray(targets, dtype=float)
        if losses.shape != (len(inputs),):
            raise ArgumentError(
                f"targets of shape {losses.shape} must have one loss for each of {len(inputs)} rows"
            )
        self.schedule_map = dict(id_map)
        curves = [Curve.of(rates, at, losses[rows]) for rows, rates, at in self._curves(inputs)]
        self.law_fit = fit_law("omega_falling", curves)
        found = self.law_fit.parameters
        D, G = np.sqrt([found["A"], found["B"]]).tolist()
        self.set_params([D, 0.0, G, 0.0, -found["kappa"], 0.0, found["L0"], 1.0])

    @argument_errors
    def predict(
        self, inputs: pd.DataFrame, id_map: Mapping[Any, Schedule] | None = None
    ) -> FloatArray:
        """Return the loss of every row, as `fit` takes them; at η_t = 0 that of the last move.

        Raises
        ------
        ArgumentError
            If there are no parameters, or an argument is out of range.
        """
        if not self.params:
            raise ArgumentError("params: none yet; call fit or set_params")
        if id_map is not None:
            self.schedule_map = dict(id_map)
        D, G_1, G_2, A_1, A_2, B, C, M = self.params.values()
        values = np.empty(len(inputs))
        for rows, rates, at in self._curves(inputs):
            t = np.arange(1.0, rates.size + 1)
            norms = G_1 * np.exp(A_1 * t) + G_2 * t**A_2 + B
            values[rows] = C + M * last_iterate_curve(rates, norms, D, last_moves(rates)[at - 1])
        return values

    @argument_errors
    def set_params(self, params: Sequence[float]) -> None:
        """Take D, G_1, G_2, A_1, A_2, B, C, M, in this order."""
        if len(params) != len(PARAMETERS):
            raise ArgumentError(f"params={params!r} must be the {', '.join(PARAMETERS)}")
        self.params = dict(zip(PARAMETERS, map(float, params), strict=True))

    def _curves(self, inputs: pd.DataFrame) -> Iterator[tuple[IntArray, FloatArray, IntArray]]:
        """The rows of each schedule and base LR, the learning rates of its steps, its iterates."""
        missing = [name for name in COLUMNS if name not in inputs]
        if missing:
            raise ArgumentError(f"inputs without {missing} must have the columns {COLUMNS}")
        ids, t, lrs = (inputs[name].to_numpy() for name in COLUMNS)
        if t.dtype.kind == "f" and (t == np.floor(t)).all():
            t = t.astype(np.int64)  # an iterate may be 50.0 there
        for name, lr in dict.fromkeys(zip(ids.tolist(), lrs.tolist(), strict=True)):
            if name not in self.schedule_map:
                raise ArgumentError(f"id={name!r} must be one of {list(self.schedule_map)}")
            rates = self.schedule_map[name].with_base_lr(lr).schedule
            rows = np.flatnonzero((ids == name) & (lrs == lr))
            yield rows, rates, check_iterates(t[rows], rates.size)
