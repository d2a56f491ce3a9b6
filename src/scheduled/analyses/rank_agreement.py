"""The kind ``rank_agreement``: whether the bound ranks training runs as their losses do.

The unit of theory's learning rates, D/G, is not known: the bound of a run's logged rates is
Ω_T(κ) = 𝒯₁/κ + κ𝒯₂ with an unknown number κ. One κ for all runs is chosen by what is known of the
best base LR, never by how well the ranks agree; a scan shows how much depends on it.
"""

from __future__ import annotations

import math
from itertools import combinations
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike
from scipy.stats import kendalltau

from scheduled.analyses import loss_over_lr
from scheduled.analyses.cases import OK, average_seeds, case_keys, describe_runs, steps_of
from scheduled.analyses.logged_bound import BoundTerms, logged_bound
from scheduled.core.rounding import tie_groups

FEWEST_RUNS = 3
SCAN_FACTOR = 8.0
SCAN_POINTS = 25
_AGREEMENT = ("lr_scale", "mark", "tau", "p_value", "runs", "pairs", "agreeing", "status")


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


def tables(
    settings: dict[str, Any], runs: pd.DataFrame, metadata: pd.DataFrame
) -> dict[str, pd.DataFrame]:
    """Rank runs by loss and by bound, for one κ and over a scan of it.

    Parameters
    ----------
    settings : dict
        ``loss``; ``lr_scale``: κ, or ``matched``: on geometric average over the runs, theory's best
        base LR equals the run's own or, where lr varies, the fitted one (`loss_over_lr`) of its
        case; ``D`` and ``G`` of the bound; ``vary`` and ``value_field``.
    runs, metadata : DataFrame
        Of a group of runs; those that differ by seed are averaged.

    Returns
    -------
    dict of DataFrame
        - ``runs``: series, horizon, value (if one varies), lr, loss, bound (at the κ of the first
          row of ``agreement``; missing where learning rates are), loss_rank, bound_rank;
        - ``agreement``: lr_scale (κ), mark (``given`` or ``matched``; ``scan``: κ matched/8 to
          matched·8), tau (Kendall's τ-b) and its p_value, runs (how many), pairs (of one horizon),
          agreeing (pairs ranked alike), status.
    """
    keys = [*case_keys(settings), "lr"]
    about = describe_runs(metadata, settings)
    terms, reasons = _terms(runs, about, settings)
    about["distance"] = about["run"].map({run: term.distance for run, term in terms.items()})
    about["gradient"] = about["run"].map({run: term.gradient for run, term in terms.items()})
    table = average_seeds(about, keys, "loss")[[*keys, "loss"]]
    means = about.groupby(keys, dropna=False)[["distance", "gradient"]].mean().reset_index()
    table = table.merge(means, on=keys, how="left")
    ranked = table.dropna(subset=["distance"])
    if len(ranked) < FEWEST_RUNS:
        return _nothing(table, f"{len(ranked)} runs with a bound, and ranks need 3", reasons)
    matched, why = _matched(ranked, settings, runs, metadata)
    given = settings["lr_scale"]
    scales = [] if given == "matched" else [("given", float(given))]
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
    runs: pd.DataFrame, about: pd.DataFrame, settings: dict[str, Any]
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
                rows["step"], rows["learning_rate"], int(horizon), settings["D"], settings["G"]
            )
        except ValueError as error:
            reasons.append(f"{run}: {error}")
    return terms, reasons


def _matched(
    ranked: pd.DataFrame, settings: dict[str, Any], runs: pd.DataFrame, metadata: pd.DataFrame
) -> tuple[float | None, str]:
    """The matched κ; or None, and why there is none."""
    best = ranked.assign(best=ranked["lr"])
    if "lr" in settings["vary"]:
        keys = case_keys(settings)
        fits = loss_over_lr.tables(settings, runs, metadata)["fits"]
        found = fits.loc[fits["status"] == OK, [*keys, "optimum"]]
        best = ranked.merge(found.rename(columns={"optimum": "best"}), on=keys)
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
