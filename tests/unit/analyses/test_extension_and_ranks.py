"""What extensions gain, and whether the bound ranks runs as their losses do."""

from __future__ import annotations

import math

import hypothesis
import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from helpers.made_up_runs import (
    extension_group,
    log_of,
    lr_grid,
    no_logs,
    one_run,
    ranked_group,
    settings,
)
from scheduled.analyses.base import analyse
from scheduled.analyses.logged_bound import (
    BoundTerms,
    logged_bound,
    matched_scale,
    schedule_of_log,
)
from scheduled.analyses.logged_rates import rates_of_run
from scheduled.analyses.rank_agreement import pairs_in_agreement
from scheduled.bounds import compute_optimal_base
from scheduled.numerics.line_fit import fit_slope
from scheduled.schedules import CosineSchedule, WSDSchedule

# Extensions.


def test_a_slope_agrees_with_a_regression():
    x, y = np.arange(10.0), np.array([3, 2.8, 2.9, 2.5, 2.4, 2.6, 2.2, 2.1, 2.2, 2.0])
    fit = fit_slope(x, y)
    line, covariance = np.polyfit(x, y, 1, cov=True)
    assert [fit.slope, fit.error] == pytest.approx([line[0], covariance[0, 0] ** 0.5])
    with pytest.raises(ValueError, match="3 points"):
        fit_slope([1, 2], [1, 2])


def extension(**changes):
    runs, metadata = extension_group()
    resolved = settings("extension_gain", "iterations", **changes)
    return analyse(resolved, runs, metadata)


def test_gains_of_known_losses():
    result = extension()
    slopes = result["slopes"].set_index(["horizon", "part"])
    assert slopes.loc[(1000, "constant"), "slope"] == pytest.approx(-1e-5)
    assert slopes.loc[(1000, "constant"), "steps_per_01"] == pytest.approx(1000)
    gains = result["gains"].set_index(["series", "horizon"])
    assert gains.index.tolist() == [("longer", 1000), ("lowered", 1000), ("lowered", 2000)]
    assert gains["gain"].tolist() == pytest.approx([0.02, 0.01, 0.02])
    assert gains["steps_saved"].tolist() == pytest.approx([2000, 1000, 2000])
    assert gains["fraction_saved"].tolist() == pytest.approx([2, 1, 1])
    assert (gains["status"] == "ok").all()


def test_the_error_of_the_steps_saved_is_that_of_the_slope_relatively():
    runs, metadata = extension_group()
    noise = 1e-4 * np.random.default_rng(0).standard_normal(len(runs))
    found = analyse(settings("extension_gain"), runs.assign(val_loss=runs["val_loss"] + noise),
                    metadata)  # fmt: skip
    slopes = found["slopes"].set_index(["horizon", "part"])
    for gain in found["gains"].to_dict("records"):
        for part, prefix in (("constant", ""), ("window", "window_")):
            of = slopes.loc[(gain["horizon"], part)]
            saved = gain[f"{prefix}steps_saved"]
            assert of["slope_error"] > 0
            assert saved == pytest.approx(gain["gain"] / -of["slope"])
            assert gain[f"{prefix}steps_saved_error"] == pytest.approx(
                abs(saved) * of["slope_error"] / abs(of["slope"])
            )


@pytest.mark.parametrize(
    ("horizon", "first", "start", "last"), [(1000, 600, 800, 850), (2000, 1400, 1600, 1700)]
)
def test_a_slope_is_that_of_the_run_to_its_horizon(horizon, first, start, last):
    """The window of the shorter horizon reaches into that run's cooldown, not the longer run's."""
    result = extension()
    slopes = result["slopes"].set_index(["horizon", "part"])
    inside, whole = slopes.loc[(horizon, "constant")], slopes.loc[(horizon, "window")]
    assert f"iterations{horizon}-" in inside["run"]
    assert inside["run"] == whole["run"]
    assert (inside["first"], inside["last"]) == (first, start)
    assert (whole["first"], whole["last"]) == (first, last)
    assert inside["slope"] == pytest.approx(-1e-5)
    steps = np.arange(first, last + 1, 50)
    loss = 4 - 1e-5 * steps - 4e-4 * np.maximum(steps - start, 0)
    assert whole["slope"] == pytest.approx(np.polyfit(steps, loss, 1)[0])
    assert whole["slope"] < -5e-5
    gains = result["gains"].set_index(["series", "horizon"]).loc[("lowered", horizon)]
    assert gains["window_steps_saved"] == pytest.approx(gains["gain"] / -whole["slope"])
    assert gains["window_steps_saved"] < gains["steps_saved"]


def test_a_window_of_a_horizon_without_an_unchanged_run_has_no_slope():
    runs, metadata = extension_group()
    metadata = metadata[(metadata["series"] != "same") | (metadata["iterations"] != 1000)]
    found = analyse(settings("extension_gain"), runs, metadata)
    slopes = found["slopes"].set_index(["horizon", "part"])["status"]
    assert set(slopes[1000]) == {"same has no run to 1000 steps"}
    assert set(slopes[2000]) == {"ok"}
    assert found["gains"].set_index(["series", "horizon"])["status"].to_dict() == {
        ("longer", 1000): "same has no loss at the horizon 1000",
        ("lowered", 1000): "same has no loss at the horizon 1000",
        ("lowered", 2000): "ok",
    }


def test_without_a_slope_the_gain_is_still_known():
    result = extension(slope_windows={"1000": [610, 640]})
    assert "0 validation losses there" in result["slopes"]["status"].iloc[0]
    gains = result["gains"]
    assert gains["gain"].tolist() == pytest.approx([0.02, 0.01, 0.02])
    assert gains["steps_saved"].isna().all()
    assert gains["status"].str.contains("no slope for the horizon").all()


def test_a_loss_that_does_not_fall_is_no_slope():
    runs, metadata = extension_group()
    runs["val_loss"] = 3.0 + 1e-6 * runs["step"]
    slopes = analyse(settings("extension_gain"), runs, metadata)["slopes"]
    assert slopes["status"].str.contains("does not fall").all()
    assert slopes["steps_per_01"].isna().all()


def test_learning_rates_and_losses_that_are_missing():
    runs, metadata = extension_group()
    resolved = settings("extension_gain")
    blind = analyse(resolved, runs.assign(learning_rate=math.nan), metadata)
    parts = blind["slopes"].set_index(["horizon", "part"])["status"]
    assert parts[(1000, "window")] == "ok"
    assert "0 validation losses" in parts[(1000, "constant")]
    metadata.loc[metadata["series"] == "longer", "final_val_loss"] = math.nan
    gains = analyse(resolved, runs, metadata)["gains"].set_index("series")
    assert gains.loc["longer", "status"] == "longer has no loss at the horizon 1000"
    assert math.isnan(gains.loc["longer", "gain"])


EXTENSION_GROUP = extension_group()
GAINS = extension()["gains"]


@hypothesis.settings(max_examples=8)
@given(shift=st.floats(-1, 3))
def test_gains_do_not_depend_on_the_level_of_the_losses(shift):
    runs, metadata = EXTENSION_GROUP
    resolved = settings("extension_gain")
    moved = analyse(
        resolved,
        runs.assign(val_loss=runs["val_loss"] + shift),
        metadata.assign(final_val_loss=metadata["final_val_loss"] + shift),
    )["gains"]
    for name in ("gain", "steps_saved", "window_steps_saved"):
        assert moved[name].to_numpy() == pytest.approx(GAINS[name].to_numpy(), rel=1e-6)


# Bounds of logs.


@pytest.mark.parametrize("schedule", [WSDSchedule(1001, cooldown_len=0.2), CosineSchedule(1001)])
def test_the_bound_of_a_log_is_that_of_the_schedule(schedule):
    steps = np.arange(10, 1001, 10)
    logged = 3e-3 * schedule.schedule[steps]
    terms = logged_bound(rates_of_run(steps, logged, {}, 1000)[:1000])
    best, least = compute_optimal_base(schedule, T=1000)
    assert 3e-3 * terms.best_scale == pytest.approx(best, rel=1e-12)
    assert terms(terms.best_scale) == pytest.approx(least, rel=1e-12)


def test_a_cooldown_that_is_linear_is_read_exactly():
    schedule = WSDSchedule(101, cooldown_len=0.4, warmup_steps=20).schedule
    # No log where the cooldown begins matters only if it falls between two.
    steps = np.setdiff1d(np.arange(5, 98, 5), [40])
    read = schedule_of_log(steps, schedule[steps], 100)
    assert read[21:] == pytest.approx(schedule[21:], abs=1e-12)
    assert read[0] == pytest.approx(0)


@given(scale=st.floats(0.1, 10), D=st.floats(0.1, 10), G=st.floats(0.1, 10))
def test_bounds_scale_as_they_should(scale, D, G):
    lrs = np.array([1.0, 1.0, 0.2])
    one, other = logged_bound(lrs), logged_bound(scale * lrs, D, G)
    assert other.distance == pytest.approx(D**2 / scale * one.distance)
    assert other.gradient == pytest.approx(G**2 * scale * one.gradient)


@pytest.mark.parametrize(
    ("steps", "message"),
    [([50], "1 learning rates"), ([500, 510, 520], "from 500 to 520, not from 0 to 520"),
     ([0, 10, 20], "from 0 to 20, not from 0 to 520")],
)  # fmt: skip
def test_a_log_of_part_of_a_run_is_refused(steps, message):
    with pytest.raises(ValueError, match=message):
        schedule_of_log(steps, np.ones(len(steps)), 520)


# Ranks.


def test_the_matched_scale_makes_theorys_best_lr_the_given_one():
    terms = [BoundTerms(4.0, 1.0), BoundTerms(1.0, 4.0)]
    scale = matched_scale(terms, [0.1, 0.3], [0.1, 0.3])
    assert scale == pytest.approx(1.0)  # of 2 and 1/2
    assert matched_scale(terms, [0.1, 0.3], [0.2, 0.6]) == pytest.approx(0.5)


def test_pairs_of_one_horizon():
    losses, bounds = [3, 2, 1, 0], [4, 5, 1, 2]
    assert pairs_in_agreement(losses, bounds, [1, 1, 2, 2]) == (2, 0)
    assert pairs_in_agreement(losses, bounds, [1, 1, 1, 1]) == (6, 4)
    assert pairs_in_agreement(losses, losses, [1, 1, 1, 2]) == (3, 3)


def rank(runs, metadata, *vary, **changes):
    return analyse(settings("rank_agreement", *vary, **changes), runs, metadata)


def test_losses_of_the_bound_agree_with_it():
    result = rank(*ranked_group(), "iterations")
    agreement, runs = result["agreement"], result["runs"]
    assert agreement["mark"].tolist() == ["matched", *["scan"] * 25]
    matched = agreement.iloc[0]
    assert matched["tau"] > 0.8
    assert matched["runs"] == 6
    assert matched["pairs"] == 3
    assert (agreement["status"] == "ok").all()
    scan = agreement.loc[agreement["mark"] == "scan", "lr_scale"].to_numpy()
    assert scan[[0, 12, 24]] == pytest.approx(matched["lr_scale"] * np.array([1 / 8, 1, 8]))
    assert sorted(runs["loss_rank"]) == [1, 2, 3, 4, 5, 6]
    by_loss = runs.sort_values("loss")
    assert by_loss["loss_rank"].is_monotonic_increasing
    assert runs.loc[runs["bound"].idxmin(), "bound_rank"] == 1


def test_a_given_scale_is_used_and_marked():
    group = ranked_group()
    result = rank(*group, "iterations", lr_scale=7.0)
    agreement = result["agreement"]
    assert agreement["mark"].tolist()[:2] == ["given", "matched"]
    assert agreement["lr_scale"].iloc[0] == 7
    log = group[0][group[0]["run"] == group[1]["run"].iloc[0]]
    terms = logged_bound(schedule_of_log(log["step"], log["learning_rate"], 400)[:400])
    row = result["runs"].query("series == 'wsd' and horizon == 400").iloc[0]
    assert row["bound"] == pytest.approx(terms(7.0))


def test_with_a_sweep_the_scale_is_of_the_fitted_best_lr():
    metadata = lr_grid({0.2: (1.3e-5, 17.0, 2.93)})
    runs = pd.concat([log_of(row, spacing=20) for row in metadata.to_dict("records")])
    result = rank(runs, metadata, "lr")
    kappa = result["agreement"]["lr_scale"].iloc[0]
    best = math.sqrt(1.3e-5 / 17.0)
    schedule = WSDSchedule(1001, cooldown_len=0.2)
    assert kappa * best == pytest.approx(compute_optimal_base(schedule, T=1000)[0], rel=1e-3)
    # The same form, so all ranks agree.
    assert result["agreement"]["tau"].iloc[0] == pytest.approx(1)


def test_a_sweep_without_a_best_lr_has_no_matched_scale():
    metadata = lr_grid({0.2: (1e-5, 0.0, 2.9)})
    runs = pd.concat([log_of(row, spacing=20) for row in metadata.to_dict("records")])
    result = rank(runs, metadata, "lr")
    assert "no grid point has a fitted best learning rate" in result["agreement"]["status"].iloc[0]
    assert result["runs"]["bound"].isna().all()
    given_scale = rank(runs, metadata, "lr", lr_scale=3.0)
    assert given_scale["agreement"]["mark"].tolist() == ["given"]
    assert given_scale["agreement"]["status"].tolist() == ["ok"]


@pytest.mark.parametrize("logged", [True, False])
def test_missing_learning_rates_are_said(logged):
    runs, metadata = ranked_group(lrs=False)
    result = rank(runs if logged else no_logs(), metadata, "iterations")
    (row,) = result["agreement"].to_dict("records")
    assert "0 runs with a bound" in row["status"]
    assert "no learning rates were logged (and 5 more)" in row["status"]
    assert math.isnan(row["tau"])
    assert len(result["runs"]) == 6


def test_a_run_without_learning_rates_is_left_out_alone():
    runs, metadata = ranked_group()
    runs.loc[runs["run"] == metadata["run"].iloc[0], "learning_rate"] = math.nan
    result = rank(runs, metadata, "iterations")
    assert result["agreement"]["runs"].iloc[0] == 5
    missing = result["runs"][result["runs"]["bound"].isna()]
    assert len(missing) == 1
    assert missing["loss_rank"].isna().all()


def test_equal_losses_have_no_ranks():
    runs, metadata = ranked_group()
    agreement = rank(runs, metadata.assign(final_val_loss=3.0), "iterations")["agreement"]
    assert agreement["status"].str.contains("equal").all()
    assert agreement["tau"].isna().all()


def test_too_few_runs_have_no_ranks():
    row = one_run(final_val_loss=3.0)
    result = rank(log_of(row), pd.DataFrame([row]), "iterations")
    assert "1 runs with a bound, and ranks need 3" in result["agreement"]["status"].iloc[0]


@pytest.mark.parametrize(
    ("steps", "horizon", "known"),
    [
        ([4, 6, 8], 8, True),
        ([5, 7, 9], 9, False),
        ([0, 2, 4], 8, True),
        ([0, 2, 4], 9, False),
        # The usual distance is 2, whatever the others.
        ([4, 6, 8, 18], 18, True),
    ],
)
def test_logs_reach_from_start_to_end_within_twice_their_distance(steps, horizon, known):
    lrs = np.ones(len(steps))
    if known:
        assert schedule_of_log(steps, lrs, horizon).tolist() == [1.0] * (horizon + 1)
    else:
        with pytest.raises(ValueError, match=rf"from {steps[0]} to {steps[-1]}, .*0 to {horizon}"):
            schedule_of_log(steps, lrs, horizon)


def test_two_learning_rates_make_a_schedule_and_one_makes_none():
    assert schedule_of_log([0, 1], [1.0, 0.5], 2).tolist() == [1.0, 0.5, 0.0]
    with pytest.raises(ValueError, match="1 learning rates were logged"):
        schedule_of_log([0], [1.0], 1)


@pytest.mark.parametrize(
    ("largest", "end", "left"),
    [
        # Powers of two, so that the line to the end rounds nothing: 2^-43 > 1e-13 > 2^-44.
        (1.0, 2**-43, 2**-43),
        (1.0, 2**-44, 0.0),
        (0.5, 2**-44, 2**-44),
        (1.0, -(2**-44), 0.0),
        (1.0, -0.125, 0.0),
    ],
)
def test_a_line_that_ends_at_zero_but_for_rounding_ends_at_zero(largest, end, left):
    schedule = schedule_of_log([0, 1, 2], [largest, 0.5 - end, 0.25], 3)
    assert schedule[-1] == left


def test_the_terms_of_a_log_are_of_the_distance_and_norm_that_are_given():
    rates = [1.0, 1.0, 0.5]
    plain, terms = logged_bound(rates), logged_bound(rates, D=3.0, G=2.0)
    assert terms.distance == pytest.approx(9 * plain.distance)
    assert terms.gradient == pytest.approx(4 * plain.gradient)
    assert logged_bound(rates, 3.0, 2.0) == terms


def test_ranks_are_of_the_distance_and_norm_that_are_given():
    plain, given = (rank(*ranked_group(), "iterations", **of) for of in ({}, {"D": 3.0, "G": 2.0}))
    # κ* is proportional to D/G, the bound there to D·G.
    scales = [found["agreement"]["lr_scale"].to_numpy() for found in (plain, given)]
    assert scales[1] == pytest.approx(1.5 * scales[0])
    bounds = [found["runs"]["bound"].to_numpy() for found in (plain, given)]
    assert bounds[1] == pytest.approx(6 * bounds[0])


@pytest.mark.parametrize("runs", [2, 3])
def test_ranks_need_three_runs(runs):
    logs, metadata = ranked_group()
    status = rank(logs, metadata.iloc[:runs], "iterations")["agreement"]["status"].iloc[0]
    assert status == ("ok" if runs == 3 else "2 runs with a bound, and ranks need 3")


@pytest.mark.parametrize(
    ("losses", "bounds", "horizons", "expected"),
    [
        ([1, 2, 3], [1, 2, 3], [5, 5, 5], (3, 3)),
        ([1, 2, 3], [3, 2, 1], [5, 5, 5], (3, 0)),
        ([1, 1, 2], [1, 2, 2], [5, 5, 5], (3, 1)),
        ([1, 2, 3], [1, 2, 3], [5, 6, 7], (0, 0)),
    ],
)
def test_pairs_that_are_ranked_alike(losses, bounds, horizons, expected):
    assert pairs_in_agreement(losses, bounds, horizons) == expected


def test_the_matched_scale_is_a_geometric_mean():
    terms = [BoundTerms(4.0, 1.0), BoundTerms(1.0, 4.0)]
    assert terms[0].best_scale == 2.0
    assert terms[0](2.0) == 4.0
    assert matched_scale(terms, [0.1, 0.4], [0.2, 0.1]) == pytest.approx(math.sqrt(1.0 * 2.0))


def test_no_array_is_made_of_more_steps_than_a_run_has() -> None:
    """A log of three rows that says it is of 10¹² steps: 7 TiB, were it taken at its word."""
    horizon = 10**12
    with pytest.raises(ValueError, match="its 1000000000000 steps are more than the 10000000 that"):
        schedule_of_log([0, horizon // 2, horizon], [1.0, 1.0, 0.0], horizon)
