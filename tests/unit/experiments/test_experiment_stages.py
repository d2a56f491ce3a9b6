"""The stages of an experiment: their tables say what the library says when called directly."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

from scheduled import compute_optimal_base, sweep_base_lr
from scheduled.experiments.base import PowerLaw, evenly_spaced
from scheduled.experiments.bounds import BoundExperiment, gradient_norms
from scheduled.schedules import FAMILIES

SCHEDULES: dict[str, dict[str, Any]] = {
    # Every family, the following with other arguments than its defaults.
    **{kind: {"kind": kind} for kind in FAMILIES},
    "constant": {"kind": "constant", "warmup_steps": 3},
    "wsd": {"kind": "wsd", "cooldown_len": 0.3},
    "cosine": {"kind": "cosine", "final_lr": 0.1},
    "sqrt": {"kind": "sqrt", "cooldown_len": 0.2, "decay_type": "1-sqrt"},
    "polynomial": {"kind": "polynomial", "alpha": 0.3},
    "backward_polynomial": {"kind": "backward_polynomial", "alpha": 2.0},
    "piecewise": {"kind": "piecewise", "milestones": [4, 8], "factors": [0.5, 0.5]},
    "cosine_absolute": {"kind": "cosine", "final_lr": 0.02, "final_lr_absolute": True},
    # Half a period over twice the steps: it stops above its final LR, below which γ must not go.
    "cosine_long": {"kind": "cosine", "cycle_len": 2.0, "final_lr": 0.4, "final_lr_absolute": True},
    "wsd_absolute": {
        "kind": "wsd",
        "warmup_steps": 3,
        "warmup_lr": 0.01,
        "warmup_lr_absolute": True,
        "final_lr": 0.05,
        "final_lr_absolute": True,
    },
}
HORIZONS = [12, 40]
# One that scales with its base LR, and one with absolute LRs: all that the bounds know of a family.
SOME = {name: SCHEDULES[name] for name in ("sqrt", "wsd_absolute")}


def experiment(**changes: Any) -> BoundExperiment:
    values = {"schedules": SCHEDULES, "horizons": HORIZONS, "sweep": {"points": 9}}
    return BoundExperiment.model_validate({**values, **changes})


def one(table: pd.DataFrame, schedule: str, horizon: int) -> pd.DataFrame:
    return table[(table["schedule"] == schedule) & (table["horizon"] == horizon)]


def test_schedules_are_the_librarys_at_any_base_lr():
    spec = experiment()
    table = spec.schedule_table()
    names = ["schedule", "horizon", "step", "relative", "offset", "min_base_lr"]
    assert list(table.columns) == names
    for name, horizon, _ in spec.grid():
        rows = one(table, name, horizon)
        assert rows["step"].tolist() == list(range(1, horizon + 2))
        least = spec.schedules[name].build(horizon + 1).min_base_lr
        assert set(rows["min_base_lr"]) == {least}
        for base_lr in (0.4, 0.7, 3.0):
            direct = spec.schedules[name].build(horizon + 1, base_lr).schedule
            found = base_lr * rows["relative"] + rows["offset"]
            np.testing.assert_allclose(found, direct, rtol=1e-13, atol=1e-17)


@pytest.mark.parametrize(
    ("changes", "grad_norms"),
    [
        ({"schedules": SCHEDULES}, 1.0),
        ({"bound": "standard", "D": 3.0}, 1.0),
        ({"grad_norms": 0.5}, 0.5),
        ({"grad_norms": {"power": -0.5, "scale": 2.0}}, lambda t: 2 / np.sqrt(t)),
        ({"base_lr": 0.4}, 1.0),
        ({"base_lr": {name: 0.4 + i / 50 for i, name in enumerate(SOME)}}, 1.0),
    ],
    ids=["default", "standard", "scalar norms", "power law", "one base LR", "base LR each"],
)
def test_bounds_are_the_librarys(changes, grad_norms):
    spec = experiment(**{"schedules": SOME, **changes})
    found = spec.tables()
    for point in spec.grid():
        name, horizon, value = point
        assert value is None
        G = grad_norms(np.arange(1.0, horizon + 2)) if callable(grad_norms) else grad_norms
        arguments = (G, spec.D, horizon, spec.bound)
        schedule = spec.schedules[name].build(horizon + 1)

        best, best_bound = compute_optimal_base(schedule, *arguments)
        (tuning,) = one(found["tuning"], name, horizon).to_dict("records")
        # With absolute LRs the minimum is found numerically.
        assert tuning["optimal_base_lr"] == pytest.approx(best, rel=1e-6)
        assert tuning["optimal_bound"] == pytest.approx(best_bound, rel=1e-12)

        base_lr = spec.fixed_base_lr(point) or tuning["optimal_base_lr"]
        schedule.set_base_lr(base_lr)
        assert tuning["base_lr"] == base_lr
        assert tuning["bound"] == pytest.approx(
            schedule.compute_rate(G, spec.D, horizon, spec.bound), rel=1e-12
        )

        sweep = one(found["sweep"], name, horizon)
        legal = [lr for lr in np.geomspace(2.0**-8, 0.5, 9) if lr >= schedule.min_base_lr]
        assert sweep["base_lr"].tolist() == legal
        np.testing.assert_allclose(
            sweep["bound"], sweep_base_lr(schedule, legal, *arguments), rtol=1e-12
        )

        curve = one(found["curve"], name, horizon)
        assert curve["step"].tolist() == list(range(1, horizon + 1))
        np.testing.assert_allclose(
            curve["learning_rate"], schedule.schedule[:horizon], rtol=1e-13, atol=1e-17
        )
        np.testing.assert_allclose(
            curve["bound"], schedule.compute_rates(G, spec.D, spec.bound)[:horizon], rtol=1e-11
        )


def test_the_curve_ends_at_the_bound_of_the_tuning():
    found = experiment(schedules=SOME, base_lr=0.4, curve_points=5).tables()
    for row in found["tuning"].to_dict("records"):
        curve = one(found["curve"], row["schedule"], row["horizon"])
        assert len(curve) == 5
        assert curve["step"].iloc[-1] == row["horizon"]
        assert curve["bound"].iloc[-1] == pytest.approx(row["bound"], rel=1e-12)


def test_tuned_is_the_best_of_the_sweep():
    found = experiment(sweep={"low": 0.05, "high": 5.0, "points": 50}).tables()
    best = found["sweep"].groupby(["schedule", "horizon"])["bound"].min()
    optimal = found["tuning"].set_index(["schedule", "horizon"])["optimal_bound"]
    assert (optimal <= best.loc[optimal.index] * (1 + 1e-12)).all()


def test_the_order_of_the_yaml_is_no_part_of_the_tables():
    first = experiment(schedules=SOME)
    second = experiment(schedules=dict(reversed(SOME.items())), horizons=HORIZONS[::-1])
    pd.testing.assert_frame_equal(first.schedule_table(), second.schedule_table())
    found, again = first.tables(), second.tables()
    for name in ("tuning", "sweep", "curve"):
        pd.testing.assert_frame_equal(found[name], again[name], check_exact=True)


def test_a_sweep_that_is_all_below_an_absolute_lr():
    high = {"kind": "wsd", "final_lr": 0.6, "final_lr_absolute": True}
    found = experiment(schedules={"high": high}).tables()
    assert list(found["sweep"].columns) == ["schedule", "horizon", "base_lr", "bound"]
    assert found["sweep"].empty
    assert (found["tuning"]["optimal_base_lr"] >= 0.6).all()


@pytest.mark.parametrize("kind", sorted(FAMILIES))
def test_a_horizon_of_one_step(kind):
    found = experiment(schedules={"a": {"kind": kind}}, horizons=[1]).tables()
    # One step of length 1, G = D = 1: Ω_1(γ) = 1/(2γ) + γ/2.
    assert found["tuning"]["optimal_base_lr"].tolist() == pytest.approx([1.0])
    assert found["tuning"]["optimal_bound"].tolist() == pytest.approx([1.0])
    assert found["curve"]["step"].tolist() == [1]


@pytest.mark.parametrize("horizon", [1, 2, 3, 10, 999, 1000, 1001, 44_000])
@pytest.mark.parametrize("points", [2, 3, 10, 1000])
def test_evenly_spaced(horizon, points):
    at = evenly_spaced(horizon, points)
    assert at[0] == 1
    assert at[-1] == horizon
    assert len(at) == min(points, horizon)
    gaps = np.diff(at)
    assert at.dtype.kind == "i"
    assert gaps.size == 0 or gaps.max() - gaps.min() <= 1


def test_gradient_norms():
    assert gradient_norms(0.5, 3) == 0.5
    np.testing.assert_allclose(gradient_norms(PowerLaw(power=2, scale=3), 3), [3, 12, 27])
    np.testing.assert_allclose(gradient_norms(PowerLaw(power=0, scale=3), 2), [3, 3])


def test_the_curve_is_the_sum_of_its_terms():
    # Absolute LRs too: the parts are of the step sizes, whatever they are made of.
    schedules = {**SOME, "constant": SCHEDULES["constant"]}
    norms = {"power": -0.5, "scale": 2.0}
    found = experiment(schedules=schedules, grad_norms=norms, D=3.0).tables()
    curve = found["curve"]
    assert curve["bound"].tolist() == (curve["distance_term"] + curve["gradient_term"]).tolist()
    np.testing.assert_allclose(curve["grad_norm"], 2 / np.sqrt(curve["step"]), rtol=1e-14)
    sums = curve.groupby(["schedule", "horizon"])["learning_rate"].cumsum()
    positive = sums > 0
    np.testing.assert_allclose(
        curve["distance_term"][positive], 9 / (2 * sums[positive]), rtol=1e-12
    )
    tuning = found["tuning"].set_index(["schedule", "horizon"])
    absolute = tuning.index.get_level_values("schedule") == "wsd_absolute"
    assert tuning["distance_term"].isna().tolist() == absolute.tolist()
    assert tuning["gradient_term"].isna().tolist() == absolute.tolist()
    scaling = tuning[~absolute]
    np.testing.assert_allclose(
        scaling["distance_term"] / scaling["base_lr"]
        + scaling["gradient_term"] * scaling["base_lr"],
        scaling["bound"],
        rtol=1e-12,
    )
    np.testing.assert_allclose(
        np.sqrt(scaling["distance_term"] / scaling["gradient_term"]),
        scaling["optimal_base_lr"],
        rtol=1e-12,
    )


# The first stage's table is all that the second one knows of the schedules.


def test_the_order_of_the_schedules_rows_does_not_matter():
    vary = {"parameter": "cooldown_len", "values": [0.1, 0.4]}
    spec = experiment(schedules=SOME, vary=vary)
    schedules = spec.schedule_table()
    found = spec.tables(schedules.sample(frac=1, random_state=1))
    for name, table in spec.tables(schedules).items():
        pd.testing.assert_frame_equal(found[name], table, check_exact=True)


def test_the_bounds_are_of_the_schedules_that_are_given():
    # Half the learning rates at twice the base LR are the same steps.
    spec = experiment(schedules={"wsd": SCHEDULES["wsd"]})
    schedules = spec.schedule_table()
    halved = spec.tables(schedules.assign(relative=schedules["relative"] / 2))["tuning"]
    whole = spec.tables(schedules)["tuning"]
    assert halved["optimal_base_lr"].tolist() == pytest.approx(2 * whole["optimal_base_lr"])
    least = spec.tables(schedules.assign(min_base_lr=0.3))["sweep"]
    assert least["base_lr"].min() >= 0.3


@pytest.mark.parametrize(
    ("damaged", "message"),
    [
        (lambda rows: rows[rows["horizon"] != 40], "schedule='wsd', horizon=40"),
        (lambda rows: rows[rows["step"] != 7], "steps 1 to 13 of schedule='wsd', horizon=12"),
        (lambda rows: pd.concat([rows, rows.iloc[[3]]]), "has 14 rows"),
        (lambda rows: rows.assign(min_base_lr=rows["step"]), "one min_base_lr"),
    ],
    ids=["a schedule is missing", "a step is missing", "a step is twice", "two least base LRs"],
)
def test_schedules_that_are_not_whole_are_refused(damaged, message):
    spec = experiment(schedules={"wsd": SCHEDULES["wsd"]})
    with pytest.raises(ValueError, match=message):
        spec.tables(damaged(spec.schedule_table()))


# Something varied.

TWO: dict[str, Any] = {
    "schedules": {"wsd": {"kind": "wsd", "cooldown_len": 0.3}, "cosine": {"kind": "cosine"}},
    "horizons": [12, 40],
}


def test_a_varied_argument_is_that_of_the_schedules_that_have_it():
    spec = experiment(**TWO, vary={"parameter": "cooldown_len", "values": [0.6, 0.1]})
    table, found = spec.schedule_table(), spec.tables()
    assert table["value"].unique().tolist() == [0.1, 0.6]
    for name, horizon, value in spec.grid():
        changed = {"cooldown_len": value} if name == "wsd" else {}
        spec_alone = {**TWO["schedules"][name], **changed}
        alone = experiment(schedules={name: spec_alone}, horizons=[horizon])
        rows = one(table, name, horizon)
        rows = rows[rows["value"] == value].drop(columns="value").reset_index(drop=True)
        pd.testing.assert_frame_equal(rows, alone.schedule_table(), check_exact=True)
        direct = alone.tables()
        for key in ("tuning", "sweep", "curve"):
            rows = one(found[key], name, horizon)
            rows = rows[rows["value"] == value].drop(columns="value").reset_index(drop=True)
            pd.testing.assert_frame_equal(rows, direct[key], check_exact=True)


@pytest.mark.parametrize(("grad_norms", "scale"), [(1.0, 1.0), ({"power": 3.0, "scale": 2.0}, 2.0)])
def test_varied_gradient_norms(grad_norms, scale):
    vary = {"parameter": "grad_norm_power", "values": [0.0, -0.5]}
    found = experiment(**TWO, grad_norms=grad_norms, vary=vary).tables()
    for value in (-0.5, 0.0):
        direct = experiment(**TWO, grad_norms={"power": value, "scale": scale}).tables()
        for key in ("tuning", "sweep", "curve"):
            table = found[key]
            rows = table[table["value"] == value].drop(columns="value").reset_index(drop=True)
            pd.testing.assert_frame_equal(rows, direct[key], check_exact=True)
        curve = found["curve"][found["curve"]["value"] == value]
        np.testing.assert_allclose(curve["grad_norm"], scale * curve["step"] ** value, rtol=1e-14)


@pytest.mark.parametrize("base_lr", [0.2, {"wsd": 0.2, "cosine": 0.3}])
def test_a_varied_factor_of_the_base_lr(base_lr):
    vary = {"parameter": "base_lr_factor", "values": [2.0, 0.5]}
    found = experiment(**TWO, base_lr=base_lr, vary=vary).tables()
    given = base_lr if isinstance(base_lr, dict) else dict.fromkeys(TWO["schedules"], base_lr)
    for value in (0.5, 2.0):
        times = {name: lr * value for name, lr in given.items()}
        direct = experiment(**TWO, base_lr=times).tables()
        for key in ("tuning", "sweep", "curve"):
            table = found[key]
            rows = table[table["value"] == value].drop(columns="value").reset_index(drop=True)
            pd.testing.assert_frame_equal(rows, direct[key], check_exact=True)


def test_a_base_lr_that_is_tuned_at_one_value():
    vary = {"parameter": "cycle_len", "values": [1.0, 2.0, 4.0]}
    spec = experiment(**TWO, vary=vary, tuned_at=2.0)
    found, each = spec.tables(), experiment(**TWO, vary=vary).tables()
    pd.testing.assert_frame_equal(found["sweep"], each["sweep"], check_exact=True)
    optima = each["tuning"].set_index(["schedule", "horizon", "value"])["optimal_base_lr"]
    for row in found["tuning"].to_dict("records"):
        case = (row["schedule"], row["horizon"])
        assert row["base_lr"] == optima[(*case, 2.0)]
        assert row["optimal_base_lr"] == optima[(*case, row["value"])]
        assert (row["bound"] > row["optimal_bound"]) == (
            row["schedule"] == "cosine" and row["value"] != 2.0
        )
        curve = one(found["curve"], *case)
        curve = curve[curve["value"] == row["value"]]
        assert curve["bound"].iloc[-1] == pytest.approx(row["bound"], rel=1e-12)
        assert curve["learning_rate"].max() == pytest.approx(row["base_lr"])


def test_tuned_at_is_a_value_of_an_even_grid_but_for_rounding():
    values = {"low": 0.1, "high": 1.0, "points": 10}
    exact = np.linspace(0.1, 1.0, 10)[2]
    assert exact != 0.3
    found, other = (
        experiment(
            schedules=TWO["schedules"],
            horizons=[12],
            vary={"parameter": "cooldown_len", "values": values},
            tuned_at=at,
        ).tables()
        for at in (0.3, float(exact))
    )
    pd.testing.assert_frame_equal(found["tuning"], other["tuning"], check_exact=True)


def test_a_base_lr_tuned_where_the_absolute_lr_is_not_largest_is_refused():
    wsd = {"kind": "wsd", "cooldown_len": 0.2, "final_lr_absolute": True}
    spec = {
        "schedules": {"wsd": wsd},
        "horizons": [20],
        "vary": {"parameter": "final_lr", "values": [0.01, 0.02]},
    }
    assert len(experiment(**spec, tuned_at=0.02).tables()["tuning"]) == 2
    with pytest.raises(ValueError, match=r"tuned_at=0\.01 .*'wsd'.* final_lr=0\.02"):
        experiment(**spec, tuned_at=0.01)


def test_evenly_spaced_values_are_those_of_the_list():
    spaced = {"parameter": "cooldown_len", "values": {"low": 0.2, "high": 0.6, "points": 3}}
    listed = {"parameter": "cooldown_len", "values": np.linspace(0.2, 0.6, 3).tolist()}
    assert list(experiment(**TWO, vary=spaced).grid()) == list(
        experiment(**TWO, vary=listed).grid()
    )
