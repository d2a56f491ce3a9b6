"""Inputs a few units in the last place off, as another processor has them: verdicts stay."""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import ArrayLike

from helpers.figures import tabulate
from helpers.made_up_runs import LRS, log_of, lr_grid, no_logs, one_run, settings
from scheduled.analyses import extension_gain
from scheduled.analyses.base import analyse
from scheduled.analyses.logged_bound import logged_bound, schedule_of_log
from scheduled.core.rounding import first_least, tie_groups
from scheduled.figures.kit.axes import limits
from scheduled.figures.kit.tables import best_lr_runs
from scheduled.ledger.numbers import Number, Sample
from scheduled.ledger.readers import outside_interval, value_of_least, where, widest_disagreement
from scheduled.ledger.rule import (
    CONFIRMED,
    CONTRADICTED,
    Condition,
    above,
    agrees,
    at_least,
    at_most,
    decreasing,
    equal,
    near,
    no_larger,
    off_by,
)
from scheduled.ledger.worst_cases import _late_above
from scheduled.numerics.grad_norm_fit import PARAMETERS, fit_grad_norm_curve
from scheduled.numerics.lr_fit import fit_loss_over_lr
from scheduled.numerics.ratio_interval import ratio_interval

ULP = 2.0**-52


def nearby(values: ArrayLike, tries: int = 20) -> Iterator[np.ndarray]:
    """The values, and each of them up to four units in the last place off, some times."""
    numbers = np.asarray(values, dtype=np.float64)
    rng = np.random.default_rng(12)
    yield numbers
    for _ in range(tries):
        yield numbers * (1 + ULP * rng.integers(-4, 5, numbers.shape))


# The helpers.


@given(values=st.lists(st.floats(-1e3, 1e3), max_size=12))
def test_tie_groups_order_values_as_they_are(values):
    groups = tie_groups(values)
    assert sorted(set(groups)) == list(range(len(set(groups))))
    for one, group in zip(values, groups, strict=True):
        for other, another in zip(values, groups, strict=True):
            if group < another:
                assert one < other
            if one == other:
                assert group == another


def test_ties_are_transitive_and_leave_out_what_is_missing():
    step = 1 + 6e-10
    assert tie_groups([step**2, math.nan, 1.0, step, -1.0]).tolist() == pytest.approx(
        [1, math.nan, 1, 1, 0], nan_ok=True
    )
    assert tie_groups([1.0, 1 + 2e-9]).tolist() == [0, 1]


def test_the_first_of_the_least():
    assert first_least([math.nan, 2.0, 1 + 1e-12, 1.0]) == 2
    assert first_least([1 + 2e-9, 1.0]) == 1
    assert first_least([1e-12, 0.0]) == 1
    assert first_least([1e-12, 0.0], scale=1.0) == 0
    with pytest.raises(ValueError, match="values="):
        first_least([math.nan])


# Analyses.

LR = np.array(LRS)


@pytest.mark.parametrize(
    ("losses", "a_is_0", "b_is_0"),
    [(1e-5 / LR + 2.9, False, True), (17 * LR + 2.9, True, False), (0 * LR + 2.9, True, True),
     (0 * LR, True, True), (1e-5 / LR + 17 * LR + 2.9, False, False)],
)  # fmt: skip
def test_a_term_made_by_rounding_is_none(losses, a_is_0, b_is_0):
    for values in nearby(losses):
        fit = fit_loss_over_lr(LRS, values)
        assert (fit.A == 0, fit.B == 0) == (a_is_0, b_is_0)
        assert bool(fit.why_no_optimum) == (a_is_0 or b_is_0)


def test_a_small_term_is_kept():
    # It changes by 1e-7 over the learning rates tried.
    fit = fit_loss_over_lr(LRS, 1e-5 / LR + 1e-7 * LR / 2.9e-3 + 2.9)
    assert pytest.approx(1e-7, rel=1e-5) == fit.B * 2.9e-3
    assert fit.why_no_optimum == ""


@pytest.mark.parametrize("end", [0.5, 4.0])
def test_an_optimum_at_the_end_of_the_learning_rates_is_inside(end):
    lrs = np.array([0.5, 1, 2, 4])
    for values in nearby(end**2 / lrs + lrs + 2, 4):
        metadata = pd.DataFrame(
            [one_run(lr=lr, final_val_loss=loss) for lr, loss in zip(lrs, values, strict=True)]
        )
        data = analyse(settings("loss_over_lr", "lr"), no_logs(), metadata)
        assert "outside" not in data["fits"]["note"].iloc[0]
        assert (tabulate("loss_over_lr", data)["mark"] == "optimum").any()


def test_an_end_of_an_interval_made_by_rounding_is_none():
    for var in nearby([0.1**2, 0.3**2]):
        assert ratio_interval(0.3, 3.0, var[0], 0.0, 0.01, 3.0)[0] == 0
        assert ratio_interval(3.0, 0.9, 0.01, 0.0, var[1], 3.0)[1] == math.inf
    low, high = ratio_interval(0.3, 0.9, 0.1**2 * (1 - 1e-8), 0.0, 0.3**2 * (1 - 1e-8), 3.0)
    assert 0 < low < high < math.inf


def test_a_loss_that_stays_does_not_fall():
    steps = np.arange(0, 100, 10)
    for values in nearby(np.full(10, 3.1)):
        found = extension_gain._slope(pd.Series(values, index=steps))
        assert found["status"] == "the loss does not fall there (slope 0)"
    assert extension_gain._slope(pd.Series(3.1 - 1e-7 * steps, index=steps))["status"] == "ok"


def test_a_learning_rate_made_by_rounding_is_none():
    # The last log is two spacings before the end, and the line through it is 0 one before.
    steps = np.arange(0, 100, 10)
    terms = [
        logged_bound(schedule_of_log(steps, lrs, 110)[:110])
        for lrs in nearby(np.minimum(0.3, 0.03 * (100 - steps) / 7))
    ]
    assert [term.distance for term in terms] == pytest.approx([terms[0].distance] * len(terms))
    assert [term.gradient for term in terms] == pytest.approx([terms[0].gradient] * len(terms))


def test_ranks_of_equal_schedules_are_ties():
    rows = [one_run(series=name, iterations=T, final_val_loss=loss)
            for name, T, loss in [("a", 400, 3.0), ("a", 800, 2.8), ("b", 400, 3.1),
                                  ("b", 800, 2.8)]]  # fmt: skip
    metadata = pd.DataFrame(rows)
    runs = pd.concat([log_of(row, spacing=20) for row in rows])
    expected = analyse(settings("rank_agreement", "iterations"), runs, metadata)
    first = expected["agreement"].iloc[0]
    assert (first["pairs"], first["agreeing"]) == (2, 0)
    assert expected["runs"]["bound_rank"].tolist() == [3.5, 1.5, 3.5, 1.5]
    assert expected["runs"]["loss_rank"].tolist() == [3, 1.5, 4, 1.5]
    for lrs, losses in zip(
        nearby(runs["learning_rate"], 3), nearby([3, 2.8, 3.1, 2.8], 3), strict=True
    ):
        found = analyse(
            settings("rank_agreement", "iterations"),
            runs.assign(learning_rate=lrs),
            metadata.assign(final_val_loss=losses),
        )
        for name, columns in (("runs", ["loss_rank", "bound_rank"]),
                              ("agreement", ["tau", "p_value", "pairs", "agreeing"])):  # fmt: skip
            pd.testing.assert_frame_equal(
                found[name][columns], expected[name][columns], check_exact=True
            )


def test_a_curve_of_gradient_norms_does_not_depend_on_the_start_that_ends_best():
    rng = np.random.default_rng(3)
    times = np.linspace(0.02, 1, 50)
    norms = 0.5 * np.exp(-4 * (2 * times) ** 0.5) + 0.2 * times**2 + 0.01 * rng.random(50) - 0.03
    fits = [fit_grad_norm_curve(np.full(50, 2.0), times, y) for y in nearby(norms, 2)]
    expected = [getattr(fits[0], name) for name in PARAMETERS]
    assert expected[-1] == 0  # c, at the end of its range
    for fit in fits:
        assert [getattr(fit, name) for name in PARAMETERS] == pytest.approx(expected, rel=1e-5)
        assert (fit.starts_agreeing, fit.converged) == (fits[0].starts_agreeing, True)


def test_a_mean_from_a_part_of_the_horizon_that_is_a_whole_step_begins_with_it():
    rows = [one_run(iterations=100, lr=lr) for lr in (1e-3, 2e-3)]
    logs = pd.concat([log_of(row, spacing=1, grad_norm=np.asarray) for row in rows])
    chosen = settings("grad_norm_power", "lr", from_fraction=0.07)
    points = analyse(chosen, logs, pd.DataFrame(rows))["points"]
    assert points["grad_norm"].tolist() == [np.arange(7, 101).mean()] * 2


# Claims.


def verdict(condition: Condition, *values: float) -> str:
    samples = [Sample((value,)) for value in values]
    return condition.judge(dict(zip(condition.numbers, samples, strict=True))).verdict


A, B = (Number(name, "table", lambda table: 0.0) for name in "ab")


@pytest.mark.parametrize(
    ("condition", "at", "past", "met"),
    [
        (at_most(2.25, A), [2.25], [2.26], True),
        (at_least(1.0, A), [1.0], [0.99], True),
        (near(0.5, 0.25, A), [0.75], [0.76], True),
        (near(0.525, 0.0, A), [0.525], [0.526], True),
        (off_by(0.1, A, effect=1.0), [0.1], [0.11], True),
        (agrees(A, B, 0.1), [0.9, 1.0], [0.89, 1.0], True),
        (equal(A, B), [0.3, 0.3], [0.3, 0.31], True),
        (no_larger(A, B), [0.3, 0.3], [0.31, 0.3], True),
        (above(1.0, A, effect=1.0), [1.0], [1.01], False),
        (above(0.0, A, effect=1.0), [4e-16], [1e-6], False),
        (decreasing(A, B), [0.3, 0.3], [0.31, 0.3], False),
    ],
)
def test_a_condition_at_its_limit(condition, at, past, met):
    for values in nearby(at):
        assert verdict(condition, *values) == (CONFIRMED if met else CONTRADICTED)
    assert verdict(condition, *past) == (CONTRADICTED if met else CONFIRMED)


def test_numbers_of_tables():
    for tied in nearby([0.2, 0.2, 0.3]):
        table = pd.DataFrame({"value": [0.1, 0.6, 1.0], "loss": tied})
        assert value_of_least("loss")(table) == 0.1
        assert len(where(table.assign(value=tied), value=0.3)) == 1
    for loss, bound in zip(nearby([2.0, 2.0, 3.0]), nearby([0.4, 0.5, 0.5]), strict=True):
        assert widest_disagreement(pd.DataFrame({"loss": loss, "bound": bound})) == 0
    for ratio in nearby([2.25, 2.25, 2.0]):
        rows = {"step": [1, 2, 3] * 2, "line": ["omega"] * 3 + ["exact"] * 3}
        table = pd.DataFrame({**rows, "bound": [*ratio, 1, 1, 1]})
        assert _late_above(2.25)(table) == 0


def test_an_interval_that_ends_at_theory_holds_it():
    theory = {"panel": "ratio", "line": "theory", "value": [0.2, 1.0], "y": [0.7, 0.0]}
    for low, high in nearby([0.7, 0.7], 6):
        runs = {"panel": "ratio", "line": "runs", "value": 0.2, "y": 0.7}
        rows = [{**runs, "low": low, "high": 1.0}, {**runs, "low": 0.1, "high": high}]
        table = pd.concat([pd.DataFrame(theory), pd.DataFrame(rows)])
        assert outside_interval(table) == 0


def test_seeds_at_the_tolerance_and_at_the_effect():
    own = Number("own", "table", lambda table: 0.0, by_seed=True)
    condition = near(1.0, 0.1, own, without=0.8)
    for values in nearby([0.9, 1.1]):
        assert condition.judge({own: Sample(tuple(values), (0, 1))}).verdict == CONFIRMED


# Tables and figures.


def test_the_matched_scale_stays_before_the_middle_of_the_scan():
    runs = pd.DataFrame(columns=["series", "horizon", "bound", "loss"])
    for matched, low, middle, high in nearby([3.0, 1.0, 3.0, 9.0], 6):
        scales = {"lr_scale": [matched, low, middle, high], "mark": ["matched", *["scan"] * 3]}
        agreed = pd.DataFrame({**scales, "status": "ok", "tau": 0.5, "runs": 9})
        table = tabulate("rank_agreement", {"runs": runs, "agreement": agreed})
        assert table["mark"].tolist() == ["scan", "matched", "scan", "scan"]


def test_of_learning_rates_that_end_alike_the_smallest_is_best():
    metadata = lr_grid({0.2: (1e-5, 0.0, 2.9)})
    for losses in nearby([3.0, 2.9, 2.8, 2.8, 2.85], 6):
        best = best_lr_runs(metadata.assign(final_val_loss=losses), ["lr"])
        assert best["lr"].tolist() == [1e-3]


def test_99_percent_of_the_largest_learning_rate_is_the_main_part():
    problem = pd.DataFrame({"row": ["0", "solution"], "w1": 1.0, "w2": 1.0, "y": 1.0})
    for lrs in nearby(0.7 * np.array([1.0, 0.99, 0.98]), 6):
        iterates = {"schedule": "linear", "step": [1, 2, 3], "w1": [0.0, 1, 2], "w2": [0.0, 1, 2]}
        data = {"path": pd.DataFrame({**iterates, "learning_rate": lrs}), "problem": problem}
        table = tabulate("path", data)
        assert table.loc[table["mark"] == "path", "main"].tolist() == [True, True, False]


def test_a_part_of_the_horizon_that_is_a_whole_step_begins_with_it():
    metadata = pd.DataFrame([one_run(iterations=100)])
    runs = pd.DataFrame({"run": metadata["run"].iloc[0], "step": [6, 7, 8], "val_loss": 3.0})
    chosen = {"loss": "val_loss", "from_fraction": 0.07, "best_lr": False, "vary": ["iterations"]}
    table = tabulate("loss_curves", {"runs": runs, "metadata": metadata}, **chosen)
    assert table["step"].tolist() == [7, 8]


def test_the_axis_around_equal_values():
    for values in nearby([3.0, 3.0, 3.0]):
        assert limits(values) == pytest.approx((2.85, 3.15))
