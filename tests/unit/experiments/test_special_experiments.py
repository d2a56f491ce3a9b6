"""The kinds beside ``bounds``: their tables say what the library says when called directly."""

from __future__ import annotations

import math

import numpy as np
import pytest

from helpers.experiments import TINY, result, tiny
from scheduled import CosineSchedule, WSDSchedule, compute_optimal_base, sweep_base_lr
from scheduled.bounds.descent import minimize_bound
from scheduled.bounds.exact import exact_bound
from scheduled.bounds.horizon_transfer import (
    NoTransfer,
    cooldown_candidates,
    extend_by_cooldown,
    extend_by_lowering,
    factor_candidates,
)
from scheduled.bounds.lr_transfer import base_lr_transfer
from scheduled.bounds.optimal import optimal_schedule
from scheduled.bounds.pep import pep_bound
from scheduled.config.load import EXPERIMENTS
from scheduled.core.registry import load_kind
from scheduled.experiments import worst_case
from scheduled.experiments.base import Experiment
from scheduled.numerics.subgradient import max_norm_regression, run_subgradient_method

EXTEND = {"cooldown_len": extend_by_cooldown, "factor": extend_by_lowering}
CANDIDATES = {"cooldown_len": cooldown_candidates, "factor": factor_candidates}


def wsd(horizon: int, base_lr: float = 1.0) -> WSDSchedule:
    return WSDSchedule(steps=horizon + 1, cooldown_len=0.2, base_lr=base_lr)


@pytest.mark.parametrize("name", TINY)
def test_every_kind_gives_the_tables_that_its_configuration_names(name):
    experiment = tiny(name)
    assert tuple(result(name)) == experiment.outputs
    assert not any(table.empty for table in result(name).values())


@pytest.mark.parametrize("kind", EXPERIMENTS)
def test_every_kind_is_a_module_of_its_name(kind):
    assert load_kind("scheduled.experiments", Experiment, kind) is EXPERIMENTS[kind]


@pytest.mark.parametrize("adapt", EXTEND)
def test_extensions_are_the_librarys(adapt):
    rows = result(adapt)["extensions"].to_dict("records")
    assert [row["multiple"] for row in rows] == sorted(TINY[adapt]["multiples"])
    base_lr, _ = compute_optimal_base(wsd(200), T=200)
    for row in rows:
        T2 = round(200 * row["multiple"])
        assert (row["horizon"], row["base_lr"]) == (T2, base_lr)
        try:
            extension, found = EXTEND[adapt](wsd(200), T2), True
        except NoTransfer as none:
            extension, found = none.closest, False
        assert row["found"] == found
        for key in ("value", "mismatch", "bound", "naive_bound", "linear_bound"):
            assert row[key] == getattr(extension, key), key
        _, linear = compute_optimal_base(WSDSchedule(steps=T2 + 1, cooldown_len=1.0), T=T2)
        assert row["linear_bound"] == pytest.approx(linear, rel=1e-12)
        assert row["linear_bound"] <= row["bound"] * (1 + 1e-12)
        naive = wsd(T2, base_lr)
        assert row["naive_bound"] == pytest.approx(naive.compute_rate(1.0, 1.0, T2), rel=1e-12)
    assert any(not row["found"] for row in rows) == (adapt == "cooldown_len")


@pytest.mark.parametrize("adapt", EXTEND)
def test_the_published_pick_is_a_published_candidate_and_the_best_of_them(adapt):
    base_lr, _ = compute_optimal_base(wsd(200), T=200)
    for row in result(adapt)["extensions"].to_dict("records"):
        candidates = CANDIDATES[adapt](wsd(200), row["horizon"])
        off = {one.value: abs(math.log(one.base_lr / base_lr)) for one in candidates}
        published = row["published_value"]
        if row["multiple"] == 1:
            assert math.isnan(published)
        else:
            assert off[published] == pytest.approx(min(off.values()), rel=1e-9, abs=1e-12)


@pytest.mark.parametrize("adapt", EXTEND)
def test_the_curves_of_extensions_end_at_their_bounds(adapt):
    tables = result(adapt)
    curves = tables["curves"]
    for row in tables["extensions"].to_dict("records"):
        for line, bound in (("adapted", row["bound"]), ("naive", row["naive_bound"])):
            curve = curves[(curves["multiple"] == row["multiple"]) & (curves["line"] == line)]
            assert len(curve) == 40
            assert curve["step"].iloc[[0, -1]].tolist() == [1, row["horizon"]]
            assert curve["bound"].iloc[-1] == pytest.approx(bound, rel=1e-12)
        naive = wsd(row["horizon"], row["base_lr"])
        np.testing.assert_allclose(
            curve["learning_rate"], naive.schedule[curve["step"] - 1], rtol=1e-13, atol=1e-17
        )
        np.testing.assert_allclose(
            curve["bound"], naive.compute_rates(1.0, 1.0)[curve["step"] - 1], rtol=1e-12
        )


@pytest.mark.parametrize("adapt", EXTEND)
def test_every_candidate_is_swept_at_the_multiple_asked_for(adapt):
    table = result(adapt)["candidates"]
    candidates = CANDIDATES[adapt](wsd(200), 400)
    assert table["value"].unique().tolist() == [one.value for one in candidates]
    for one in candidates:
        rows = table[table["value"] == one.value]
        sweep, optimum = rows[rows["mark"] == "sweep"], rows[rows["mark"] == "optimum"]
        assert len(sweep) + len(optimum) == len(rows)
        base_lrs = np.geomspace(0.02, 0.4, 7)
        assert sweep["base_lr"].tolist() == base_lrs.tolist()
        np.testing.assert_allclose(
            sweep["bound"], sweep_base_lr(one.schedule, base_lrs, T=400), rtol=1e-12
        )
        assert optimum[["base_lr", "bound"]].to_numpy().tolist() == [[one.base_lr, one.bound]]
        assert (sweep["bound"] >= one.bound * (1 - 1e-12)).all()


def test_another_multiple_has_other_sweeps():
    changed = tiny("factor", sweep_multiple=4, multiples=[1]).tables()["candidates"]
    assert changed["value"].nunique() == len(factor_candidates(wsd(200), 800))
    assert (changed["bound"] != result("factor")["candidates"]["bound"]).all()


@pytest.mark.parametrize("decay_type", ["linear", "1-sqrt"])
def test_the_move_of_the_best_base_lr_is_the_librarys(decay_type):
    table = tiny("lr_transfer", decay_type=decay_type).tables()["log_ratios"]
    assert table["horizon"].unique().tolist() == [50, 100]
    for horizon, rows in table.groupby("horizon"):
        fractions = np.linspace(0, 1, 8)
        moved = base_lr_transfer(horizon, decay_type, fractions=fractions, degree=3)
        assert rows["fraction"].tolist() == fractions.tolist()
        assert rows["log_ratio"].tolist() == moved.log_ratios.tolist()
        assert rows["fitted"].tolist() == moved.polynomial(fractions).tolist()
        assert set(rows["residual"]) == {moved.residual}
        assert moved.residual == pytest.approx((rows["fitted"] - rows["log_ratio"]).abs().max())
        full, some = (
            compute_optimal_base(
                WSDSchedule(steps=horizon + 1, cooldown_len=c, decay_type=decay_type),
                T=horizon,
            )[0]
            for c in (1.0, fractions[3])
        )
        assert rows["log_ratio"].iloc[3] == pytest.approx(math.log(full / some), rel=1e-9)


def test_worst_cases_are_the_librarys():
    table = result("worst_case")["worst_case"]
    assert list(table.columns) == ["schedule", "step", "learning_rate", "omega", "exact", "pep"]
    assert table["schedule"].unique().tolist() == ["cosine", "wsd"]
    G, D = 0.5, 2.0
    for name, rows in table.groupby("schedule"):
        schedule = CosineSchedule(steps=9) if name == "cosine" else wsd(8)
        base_lr, _ = compute_optimal_base(schedule, G, D, 8)
        schedule.set_base_lr(base_lr)
        assert rows["step"].tolist() == list(range(1, 9))
        np.testing.assert_allclose(rows["learning_rate"], schedule.schedule[:8], rtol=1e-14)
        omega = [schedule.compute_rate(G, D, t) for t in range(1, 9)]
        np.testing.assert_allclose(rows["omega"], omega, rtol=1e-12)
        exact = [exact_bound(schedule.schedule, G, D, t) for t in range(1, 9)]
        np.testing.assert_allclose(rows["exact"], exact, rtol=1e-9)
        assert (rows["exact"] <= rows["omega"] * (1 + 1e-12)).all()
        solved = rows.set_index("step")["pep"].dropna()
        assert solved.index.tolist() == [3]
        assert solved[3] == pytest.approx(pep_bound(schedule.schedule, G, D, 3), rel=1e-6)
        assert solved[3] == pytest.approx(exact[2], rel=1e-4)


def test_worst_cases_with_other_norms():
    tables = tiny("worst_case", pep_at=[], G={"power": 0.5}, curve_points=3).tables()
    norms = np.arange(1.0, 10.0) ** 0.5
    for name, rows in tables["worst_case"].groupby("schedule"):
        assert rows["step"].tolist() == [1, 4, 8]
        schedule = CosineSchedule(steps=9) if name == "cosine" else wsd(8)
        tuned = tables["tuning"].set_index("schedule").loc[name]
        schedule.set_base_lr(tuned["base_lr"])
        exact = [exact_bound(schedule.schedule, norms, 2.0, t) for t in (1, 4, 8)]
        np.testing.assert_allclose(rows["exact"], exact, rtol=1e-12)
        assert tuned["omega"] == pytest.approx(rows["omega"].iloc[-1], rel=1e-12)
        assert tuned["exact"] == exact[-1] >= tuned["exact_tuned"] >= tuned["least"]
        assert tuned["least"] == pytest.approx(2.0 / np.sqrt((1 / np.arange(1, 9)).sum()))


def test_no_semidefinite_program_is_solved_where_none_is_asked_for(monkeypatch):
    monkeypatch.setattr(worst_case, "pep_bound", None)
    table = tiny("worst_case", pep_at=[]).tables()["worst_case"]
    assert table["pep"].isna().all()
    assert table["exact"].tolist() == result("worst_case")["worst_case"]["exact"].tolist()


def test_paths_are_those_of_the_subgradient_method():
    tables = result("subgradient")
    problem = max_norm_regression(seed=0, rows=20, distance=5.0)
    assert tables["path"]["schedule"].unique().tolist() == ["constant", "wsd"]
    for name, rows in tables["path"].groupby("schedule"):
        rates = np.full(30, 0.1) if name == "constant" else wsd(30, 0.2).schedule[:30]
        run = run_subgradient_method(problem, rates)
        assert rows["step"].tolist() == list(range(1, 31))
        assert rows["learning_rate"].tolist() == rates.tolist()
        assert rows[["w1", "w2"]].to_numpy().tolist() == run.iterates[:30].tolist()
        np.testing.assert_allclose(
            rows["objective"], problem.objective(rows[["w1", "w2"]]), rtol=1e-12
        )
        assert rows[["w1", "w2"]].iloc[0].tolist() == [0, 0]
    data = tables["problem"]
    assert data["row"].tolist() == ["solution", *map(str, range(20))]
    assert data[["w1", "w2"]].iloc[0].tolist() == list(problem.solution)
    assert data[["w1", "w2"]].iloc[1:].to_numpy().tolist() == problem.X.tolist()
    assert math.isnan(data["y"].iloc[0])
    np.testing.assert_allclose(data["y"].iloc[1:], problem.X @ problem.solution, rtol=1e-12)


def test_the_descent_is_the_librarys_and_ends_at_the_minimum():
    tables = result("optimal_schedule")
    found = minimize_bound(20, snapshots=5)
    assert tables["bounds"]["iteration"].tolist() == list(range(len(found.bounds)))
    assert tables["bounds"]["bound"].tolist() == found.bounds.tolist()
    references = tables["references"].set_index("name")["value"]
    _, linear = compute_optimal_base(WSDSchedule(steps=21, cooldown_len=1.0), T=20)
    assert references.to_dict() == {
        "linear decay, tuned": linear,
        "least Ω (closed form)": optimal_schedule(20)[1],
        "least exact worst case": optimal_schedule(20, type="exact")[1],
    }
    assert references.tolist() == sorted(references, reverse=True)
    assert tables["bounds"]["bound"].iloc[-1] == pytest.approx(references.iloc[1], rel=1e-6)
    snapshots = tables["snapshots"]
    assert snapshots["iteration"].unique().tolist() == list(found.snapshot_steps)
    for (_, rows), schedule in zip(snapshots.groupby("iteration"), found.snapshots, strict=True):
        assert rows["step"].tolist() == list(range(1, 21))
        assert rows["learning_rate"].tolist() == schedule[:20].tolist()
    first = snapshots[snapshots["iteration"] == 0]["learning_rate"]
    np.testing.assert_allclose(first, first.iloc[0], rtol=1e-12)
