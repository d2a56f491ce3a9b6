"""The kind ``rank_agreement``: whether the bound ranks training runs as their losses do.

The unit of theory's learning rates, D/G, is not known: the bound of a run's logged rates is
Ω_T(κ) = 𝒯₁/κ + κ𝒯₂ with an unknown number κ. One κ for all runs is chosen by what is known of the
best base LR, never by how well the ranks agree; a scan shows how much depends on it.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import combinations
from typing import Any, ClassVar, Literal

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from scheduled.analyses.base import Analysis, Loss, Tables
from scheduled.analyses.cases import OK, GroupTables, average_seeds, steps_of
from scheduled.analyses.loss_over_lr import LossOverLr
from scheduled.bounds.omega import last_iterate_bound
from scheduled.core.arguments import FloatArray, check_integer
from scheduled.core.model import PositiveFloat
from scheduled.core.rounding import tie_groups

FEWEST_RUNS = 3
SCAN_FACTOR = 8.0
SCAN_POINTS = 25
# Of two learning rates, a line to 0 is known to some 1e-15 of them. What is closer to 0 than this
# part of the largest is 0: else a learning rate that rounding made would be the last, and Ω huge.
# It is less than `ROUNDING` because true ones are as small: a cosine of 50,000 steps ends at 1e-9.
ZERO_LR = 1e-13
# With its bound, 0.5 GB and some seconds a run: an array of all steps, however few were logged.
MOST_STEPS = 10_000_000
_AGREEMENT = ("lr_scale", "mark", "tau", "p_value", "runs", "pairs", "agreeing", "status")


@dataclass(frozen=True)
class BoundTerms:
    """The two terms of Ω_T(κ) = 𝒯₁/κ + κ𝒯₂, every learning rate times κ (arXiv:2501.18965).

    Attributes
    ----------
    distance, gradient : float
        𝒯₁ and 𝒯₂, both > 0.
    """

    distance: float
    gradient: float

    def __call__(self, scale: float) -> float:
        """Ω_T with every learning rate times `scale`."""
        return self.distance / scale + scale * self.gradient

    @property
    def best_scale(self) -> float:
        """√(𝒯₁/𝒯₂), where Ω_T is least."""
        return math.sqrt(self.distance / self.gradient)


def schedule_of_log(steps: ArrayLike, learning_rates: ArrayLike, horizon: int) -> FloatArray:
    """Return the learning rates of all steps of a run from those that it logged.

    A log at iteration k is written when k steps are done and holds the learning rate of the next,
    η_{k+1} with steps from 1 on. So a cooldown to 0, whose log at iteration T is 0, has
    η_{T+1} = 0: the package's convention. Between logs, and before the first and after the last,
    it goes on linearly.

    Parameters
    ----------
    steps : array, shape (K,)
        Iterations of the logs, K >= 2, increasing.
    learning_rates : array, shape (K,)
        What was logged.
    horizon : int
        T.

    Returns
    -------
    array, shape (T+1,)
        Index t−1 is step t.

    Raises
    ------
    ValueError
        If the logs begin or end further from the run's ends than twice their usual distance, or T
        is above `MOST_STEPS`.

    Examples
    --------
    >>> schedule_of_log([2, 4, 6], [1.0, 1.0, 0.0], horizon=6)
    array([1. , 1. , 1. , 1. , 1. , 0.5, 0. ])
    """
    at, lrs = np.asarray(steps, dtype=np.float64), np.asarray(learning_rates, dtype=np.float64)
    horizon = check_integer("horizon", horizon, low=1)
    if horizon > MOST_STEPS:
        raise ValueError(
            f"its {horizon} steps are more than the {MOST_STEPS} that a bound of logged learning "
            "rates is computed for"
        )
    if at.size < 2:
        raise ValueError(f"{at.size} learning rates were logged, and a schedule needs 2")
    reach = 2 * float(np.median(np.diff(at)))
    if at[0] > reach or at[-1] < horizon - reach:
        raise ValueError(
            f"learning rates were logged from {at[0]:g} to {at[-1]:g}, not from 0 to {horizon}"
        )
    wanted = np.arange(horizon + 1.0)
    values = np.interp(wanted, at, lrs)
    for outside, (i, j) in ((wanted < at[0], (0, 1)), (wanted > at[-1], (-2, -1))):
        slope = (lrs[j] - lrs[i]) / (at[j] - at[i])
        line = lrs[i] + slope * (wanted[outside] - at[i])
        values[outside] = np.where(np.abs(line) <= ZERO_LR * lrs.max(), 0.0, line)
    schedule: FloatArray = np.maximum(values, 0.0)
    return schedule


def logged_bound(
    steps: ArrayLike, learning_rates: ArrayLike, horizon: int, D: float = 1.0, G: float = 1.0
) -> BoundTerms:
    """Return Ω_T of a run's logged learning rates, as a function of their unit.

    Parameters
    ----------
    steps, learning_rates, horizon
        As in `schedule_of_log`.
    D, G : float
        Distance ‖x_1 − x*‖ and bound on all gradient norms, both > 0.

    Returns
    -------
    BoundTerms
        At T, or at the last step before it with a positive learning rate.

    Raises
    ------
    ValueError
        As in `schedule_of_log`; and if no learning rate is positive.

    Examples
    --------
    >>> logged_bound([0, 1, 2], [0.5, 0.5, 0.5], horizon=2)
    BoundTerms(distance=0.5, gradient=0.5)
    """
    schedule = schedule_of_log(steps, learning_rates, horizon)[:horizon]
    return BoundTerms(last_iterate_bound(schedule, 0.0, D), last_iterate_bound(schedule, G, 0.0))


def matched_scale(terms: list[BoundTerms], lrs: ArrayLike, best_lrs: ArrayLike) -> float:
    """Return the κ at which, on geometric average, theory's best base LR is the given one.

    Theory's best base LR of a run is κ*γ/κ, with κ* = √(𝒯₁/𝒯₂) and γ the run's own.

    Parameters
    ----------
    terms : list of BoundTerms, length K
        𝒯₁ and 𝒯₂ of each run's logged learning rates.
    lrs, best_lrs : array, shape (K,)
        Its base LR, and the best one.

    Examples
    --------
    >>> matched_scale([BoundTerms(4.0, 1.0)], [0.1], [0.2])
    1.0
    """
    own = np.array([term.best_scale for term in terms])
    ratios = own * np.asarray(lrs, dtype=np.float64) / np.asarray(best_lrs, dtype=np.float64)
    return float(np.exp(np.log(ratios).mean()))


def pairs_in_agreement(
    losses: ArrayLike, bounds: ArrayLike, horizons: ArrayLike
) -> tuple[int, int]:
    """Return the number of pairs of runs of one horizon, and of those that both rank alike.

    A longer run has a lower loss and a lower bound, whatever its schedule; pairs of one horizon do
    not profit from that. Two that differ by rounding (`tie_groups`) are not ranked.

    Examples
    --------
    >>> pairs_in_agreement([3.0, 2.0, 1.0], [0.3, 0.4, 0.1], [10, 10, 20])
    (1, 0)
    """
    rows = list(zip(tie_groups(losses), tie_groups(bounds), np.asarray(horizons), strict=True))
    same = [(one, two) for one, two in combinations(rows, 2) if one[2] == two[2]]
    return len(same), sum(bool((one[0] - two[0]) * (one[1] - two[1]) > 0) for one, two in same)


class RankAgreement(Analysis):
    """Whether the bound ranks runs as their losses do: Kendall's τ."""

    kind: Literal["rank_agreement"]
    """Kind of analysis."""
    loss: Loss = "final_val_loss"
    """Loss that runs are ranked by (see the kind `loss_over_lr`)."""
    lr_scale: Literal["matched"] | PositiveFloat = "matched"
    """Theory's base LR for a logged one of 1. `matched`: on average over the runs, the best base LR
    is theory's."""
    D: PositiveFloat = 1.0
    """Distance ‖x₁ − x*‖."""
    G: PositiveFloat = 1.0
    """Bound on all gradient norms."""

    outputs: ClassVar[tuple[str, ...]] = ("runs", "agreement")
    judged: ClassVar[tuple[str, ...]] = ("agreement",)

    def tables(self, data: GroupTables) -> Tables:
        """Rank runs by loss and by bound, for one κ and over a scan of it.

        With the matched κ, theory's best base LR equals, on geometric average over the runs, the
        run's own or, where lr varies, the fitted one (`loss_over_lr`) of its case.

        Parameters
        ----------
        data : GroupTables
            Runs that differ by seed are averaged.

        Returns
        -------
        dict of DataFrame
            - ``runs``: series, horizon, value (if one varies), lr, loss, bound (at the κ of the
              first row of ``agreement``; missing where learning rates are), loss_rank, bound_rank;
            - ``agreement``: lr_scale (κ), mark (``given`` or ``matched``; ``scan``: κ matched/8 to
              matched·8), tau (Kendall's τ-b) and its p_value, runs (how many), pairs (of one
              horizon), agreeing (pairs ranked alike), status.
        """
        keys = [*data.keys, "lr"]
        about = data.describe(self.loss)
        terms, reasons = self._terms(data.runs, about)
        about["distance"] = about["run"].map({run: term.distance for run, term in terms.items()})
        about["gradient"] = about["run"].map({run: term.gradient for run, term in terms.items()})
        table = average_seeds(about, keys, "loss")[[*keys, "loss"]]
        means = about.groupby(keys, dropna=False)[["distance", "gradient"]].mean().reset_index()
        table = table.merge(means, on=keys, how="left")
        ranked = table.dropna(subset=["distance"])
        if len(ranked) < FEWEST_RUNS:
            return _nothing(table, f"{len(ranked)} runs with a bound, and ranks need 3", reasons)
        matched, why = self._matched(ranked, data)
        scales = [] if self.lr_scale == "matched" else [("given", float(self.lr_scale))]
        if matched is not None:
            scan = np.geomspace(matched / SCAN_FACTOR, matched * SCAN_FACTOR, SCAN_POINTS)
            scales += [("matched", matched), *[("scan", scale) for scale in scan.tolist()]]
        if not scales:
            return _nothing(table, why, reasons)
        agreement = [_agreement(ranked, mark, scale) for mark, scale in scales]
        bound = _bounds(table, scales[0][1])
        return {
            "runs": _with_ranks(table.assign(bound=bound)),
            "agreement": pd.DataFrame(agreement, columns=list(_AGREEMENT)),
        }

    def _terms(
        self, runs: pd.DataFrame, about: pd.DataFrame
    ) -> tuple[dict[str, BoundTerms], list[str]]:
        """The terms of each run that has them, and why others have none."""
        logged = dict(iter(steps_of(runs, about, "learning_rate").groupby("run")))
        terms, reasons = {}, []
        for run, horizon in about[["run", "horizon"]].itertuples(index=False):
            if run not in logged:
                reasons.append(f"{run}: no learning rates were logged")
                continue
            rows = logged[run]
            try:
                terms[run] = logged_bound(
                    rows["step"], rows["learning_rate"], int(horizon), self.D, self.G
                )
            except ValueError as error:
                reasons.append(f"{run}: {error}")
        return terms, reasons

    def _matched(self, ranked: pd.DataFrame, data: GroupTables) -> tuple[float | None, str]:
        """The matched κ; or None, and why there is none."""
        best = ranked.assign(best=ranked["lr"])
        if "lr" in data.vary:
            of_loss = LossOverLr(kind="loss_over_lr", group=self.group, loss=self.loss)
            fits = of_loss.tables(data)["fits"]
            found = fits.loc[fits["status"] == OK, [*data.keys, "optimum"]]
            best = ranked.merge(found.rename(columns={"optimum": "best"}), on=data.keys)
        if best.empty:
            return None, "no case has a fitted best learning rate, which lr_scale: matched asks for"
        terms = list(map(BoundTerms, best["distance"], best["gradient"]))
        return matched_scale(terms, best["lr"], best["best"]), ""


def _bounds(table: pd.DataFrame, scale: float) -> pd.Series:
    bounds: pd.Series = table["distance"] / scale + scale * table["gradient"]
    return bounds


def _agreement(ranked: pd.DataFrame, mark: str, scale: float) -> dict[str, Any]:
    bounds = _bounds(ranked, scale)
    found: dict[str, Any] = {"lr_scale": scale, "mark": mark, "runs": len(ranked)}
    # Series of one schedule have bounds that differ by rounding: ties, as equal ones are.
    loss_groups, bound_groups = tie_groups(ranked["loss"]), tie_groups(bounds)
    if loss_groups.max() == 0 or bound_groups.max() == 0:
        return {**found, "status": "all losses or all bounds are equal, which no rank tells apart"}
    from scipy.stats import kendalltau

    tau, p_value = kendalltau(loss_groups, bound_groups)
    pairs, agreeing = pairs_in_agreement(ranked["loss"], bounds, ranked["horizon"])
    numbers = {"tau": float(tau), "p_value": float(p_value)}
    return {**found, **numbers, "pairs": pairs, "agreeing": agreeing, "status": OK}


def _with_ranks(table: pd.DataFrame) -> pd.DataFrame:
    known = table["bound"].notna()
    ranks = {
        f"{name}_rank": pd.Series(tie_groups(table[name].where(known)), table.index).rank()
        for name in ("loss", "bound")
    }
    return table.drop(columns=["distance", "gradient"]).assign(**ranks)


def _nothing(table: pd.DataFrame, why: str, reasons: list[str]) -> dict[str, pd.DataFrame]:
    shown = "; ".join([why, *reasons[:1]])
    more = f" (and {len(reasons) - 1} more)" if len(reasons) > 1 else ""
    row = {"mark": "matched", "runs": int(table["distance"].notna().sum())}
    return {
        "runs": _with_ranks(table.assign(bound=math.nan)),
        "agreement": pd.DataFrame([{**row, "status": shown + more}], columns=list(_AGREEMENT)),
    }
