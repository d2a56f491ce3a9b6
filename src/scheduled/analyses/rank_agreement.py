"""The kind ``rank_agreement``: whether the bound ranks training runs as their losses do.

The bound of a run's logged learning rates depends on their unit κ (`logged_bound`). One κ for all
runs is chosen by what is known of the best base LR, never by how well the ranks agree; a scan shows
how much depends on it.
"""

from __future__ import annotations

import math
from itertools import combinations
from typing import Any, ClassVar, Literal

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from scheduled.analyses.base import Analysis, Loss, Tables
from scheduled.analyses.grid import OK, GroupTables, average_seeds, steps_of
from scheduled.analyses.logged_bound import BoundTerms, logged_bound, matched_scale
from scheduled.analyses.logged_rates import rates_of_run
from scheduled.analyses.loss_over_lr import LossOverLr
from scheduled.core.model import PositiveFloat
from scheduled.core.rounding import tie_groups
from scheduled.numerics.kendall import kendall_tau

FEWEST_RUNS = 3
SCAN_FACTOR = 8.0
SCAN_POINTS = 25
_AGREEMENT = ("lr_scale", "mark", "tau", "p_value", "runs", "pairs", "agreeing", "status")


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
    """Theory's LR over the logged LR. `matched`: the value at which the best base LRs of the runs
    are, on average, theory's."""
    D: PositiveFloat = 1.0
    """Distance ‖x₁ − x*‖."""
    G: PositiveFloat = 1.0
    """Bound on all gradient norms."""

    outputs: ClassVar[tuple[str, ...]] = ("runs", "agreement")
    judged: ClassVar[tuple[str, ...]] = ("agreement",)

    def tables(self, data: GroupTables) -> Tables:
        """Rank runs by loss and by bound, for one κ and over a scan of it.

        With the matched κ, theory's best base LR equals, on geometric average over the runs, the
        run's own or, where lr varies, the fitted one (`loss_over_lr`) of its grid point.

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
        facts = dict(zip(about["run"], about.to_dict("records"), strict=True))
        terms, reasons = {}, []
        for run, horizon in about[["run", "horizon"]].itertuples(index=False):
            if run not in logged:
                reasons.append(f"{run}: no learning rates were logged")
                continue
            rows, T = logged[run], int(horizon)
            try:
                rates = rates_of_run(rows["step"], rows["learning_rate"], facts[run], T)
                terms[run] = logged_bound(rates[:T], self.D, self.G)
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
            why = "no grid point has a fitted best learning rate, which lr_scale: matched asks for"
            return None, why
        terms = list(map(BoundTerms, best["distance"], best["gradient"]))
        return matched_scale(terms, best["lr"], best["best"]), ""


def _bounds(table: pd.DataFrame, scale: float) -> pd.Series:
    bounds: pd.Series = table["distance"] / scale + scale * table["gradient"]
    return bounds


def _agreement(ranked: pd.DataFrame, mark: str, scale: float) -> dict[str, Any]:
    bounds = _bounds(ranked, scale)
    found: dict[str, Any] = {"lr_scale": scale, "mark": mark, "runs": len(ranked)}
    return {**found, **rank_numbers(ranked["loss"], bounds, ranked["horizon"])}


def rank_numbers(losses: pd.Series, bounds: pd.Series, horizons: pd.Series) -> dict[str, Any]:
    """Kendall's τ of losses and bounds, its p-value, pairs, agreeing pairs, and a status."""
    # Series of one schedule have bounds that differ by rounding: ties, as equal ones are.
    loss_groups, bound_groups = tie_groups(losses), tie_groups(bounds)
    if loss_groups.max() == 0 or bound_groups.max() == 0:
        return {"status": "all losses or all bounds are equal, which no rank tells apart"}
    tau, p_value = kendall_tau(loss_groups, bound_groups)
    pairs, agreeing = pairs_in_agreement(losses, bounds, horizons)
    numbers = {"tau": tau, "p_value": p_value}
    return {**numbers, "pairs": pairs, "agreeing": agreeing, "status": OK}


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
