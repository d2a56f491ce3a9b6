"""What is varied, the special kinds of experiments, and which figure draws which kind."""

from __future__ import annotations

import json
from typing import Any

import pytest

from helpers.experiments import TINY, tiny
from scheduled.config.load import EXPERIMENTS, load_config, load_settings
from scheduled.experiments.base import read_experiment
from scheduled.experiments.bounds import BoundExperiment

KIND_NAMES = ", ".join(EXPERIMENTS)
X = """\
experiments:
  x:
    schedules: {a: {kind: wsd}, b: {kind: cosine}}
    horizons: [10, 20]
"""
GRID: dict[str, Any] = {
    "schedules": {"a": {"kind": "wsd"}, "b": {"kind": "cosine"}},
    "horizons": [20, 10],
}


def vary(text: str, more: str = "") -> str:
    return f"{X}    vary: {text}\n{more}"


# What is varied.


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            vary("{parameter: cooldown_length, values: [0.1]}"),
            "a.yaml:2: experiments.x: vary.parameter='cooldown_length' is unknown (did you mean "
            "'cooldown_len'?); allowed: base_lr_factor, cooldown_len, cycle_len, final_lr, "
            "grad_norm_power, warmup_lr",
        ),
        # No schedule has it.
        (vary("{parameter: alpha, values: [0.1]}"), "vary.parameter='alpha' is unknown; allowed:"),
        # Not a number, or not any number.
        (
            vary("{parameter: warmup_steps, values: [1]}"),
            "vary.parameter='warmup_steps' is unknown",
        ),
        (vary("{parameter: final_lr_absolute, values: [1]}"), "'final_lr_absolute' is unknown"),
        (
            vary("{parameter: cooldown_len, values: [0.5, 0.2, 0.5]}"),
            "a.yaml:5: experiments.x.vary: [0.2, 0.5, 0.5] names 0.5 twice",
        ),
        (
            vary("{parameter: cooldown_len, values: {low: 0.5, high: 0.5, points: 2}}"),
            "a.yaml:5: experiments.x.vary: [0.5, 0.5] names 0.5 twice",
        ),
        (
            vary("{parameter: cooldown_len, values: {low: 0.5, high: 0.6, points: 1}}"),
            "experiments.x.vary.values.points: 1: input should be greater than or equal to 2",
        ),
        (
            vary("{parameter: cooldown_len, values: {low: 0.5, hi: 0.6, points: 3}}"),
            "experiments.x.vary.values.hi: unknown key",
        ),
        (vary("{parameter: cooldown_len, values: []}"), "experiments.x.vary.values: a list: list"),
        (
            vary("{parameter: cooldown_len, values: 0.5}"),
            "experiments.x.vary.values: 0.5: input should be a valid list or a mapping of keys",
        ),
        (vary("{parameter: cooldown_len, values: ['0.5']}"), "values[0]: '0.5': input should be a"),
        (vary("{parameter: cooldown_len, values: [.nan]}"), "values[0]: nan: input should be a fi"),
        (vary("{parameter: cooldown_len}"), "experiments.x.vary.values: is missing and has no"),
        (vary("{values: [0.5]}"), "experiments.x.vary.parameter: is missing and has no default"),
        (
            vary("{parameter: cooldown_len, values: [0.5, 1.5]}"),
            "a.yaml:2: experiments.x: schedule 'a' at horizon 10 (11 steps) and cooldown_len=1.5: "
            "cooldown_len=1.5 must lie in [0, 1]",
        ),
        (
            vary("{parameter: cycle_len, values: [1, -1]}"),
            "experiments.x: schedule 'b' at horizon 10 (11 steps) and cycle_len=-1.0: cycle_len",
        ),
        (
            vary("{parameter: grad_norm_power, values: [0, 11]}"),
            "experiments.x: schedule 'a' at horizon 10 (11 steps) and grad_norm_power=11.0: ",
        ),
        (
            vary("{parameter: cycle_len, values: [1, 2]}", "    tuned_at: 1.5\n"),
            "experiments.x: tuned_at=1.5 must be one of the values of vary, [1.0, 2.0], and "
            "base_lr must be tuned",
        ),
        (X + "    tuned_at: 1.5\n", "tuned_at=1.5 must be one of the values of vary, [], and base"),
        (
            vary("{parameter: cycle_len, values: [1, 2]}", "    tuned_at: 2\n    base_lr: 0.1\n"),
            "tuned_at=2.0 must be one of the values of vary, [1.0, 2.0], and base_lr must be tuned",
        ),
        (
            vary("{parameter: base_lr_factor, values: [1, 2]}"),
            "vary.parameter='base_lr_factor' needs a base_lr, and factors > 0",
        ),
        (
            vary("{parameter: base_lr_factor, values: [1, 0]}", "    base_lr: 0.1\n"),
            "vary.parameter='base_lr_factor' needs a base_lr, and factors > 0",
        ),
    ],
)
def test_a_variation_that_is_wrong(problem, text, message):
    assert message in problem(text)


def test_the_grid_comes_in_the_order_of_all_tables():
    values = {"parameter": "cooldown_len", "values": [0.5, 0.25]}
    varied = BoundExperiment.model_validate({**GRID, "vary": values})
    assert list(varied.grid()) == [
        (name, horizon, value) for name in "ab" for horizon in (10, 20) for value in (0.25, 0.5)
    ]
    plain = BoundExperiment.model_validate(GRID)
    assert list(plain.grid()) == [(name, T, None) for name in "ab" for T in (10, 20)]
    assert next(plain.grid()).columns() == {"schedule": "a", "horizon": 10}
    assert next(varied.grid()).columns() == {"schedule": "a", "horizon": 10, "value": 0.25}


def test_evenly_spaced_values_have_both_ends():
    values = {"low": 0.0025, "high": 400 / 401, "points": 10}
    experiment = BoundExperiment.model_validate(
        {**GRID, "vary": {"parameter": "cooldown_len", "values": values}}
    )
    assert experiment.vary
    each = experiment.vary.each()
    assert (len(each), each[0], each[-1]) == (10, 0.0025, 400 / 401)
    assert all(type(value) is float for value in each)


@pytest.mark.parametrize(
    ("label", "shown"), [("", "grad norm power"), ("α", "α")], ids=["none", "own"]
)
def test_what_legends_call_the_quantity(label, shown):
    values = {"parameter": "grad_norm_power", "values": [0.0], "label": label}
    assert BoundExperiment.model_validate({**GRID, "vary": values}).look()["vary_label"] == shown
    assert "vary_label" not in BoundExperiment.model_validate(GRID).look()


# The special kinds.


def entry(text: str) -> str:
    return f"experiments:\n  x: {{{text}}}\n"


WSD = "schedule: {kind: wsd, cooldown_len: 0.2}"
TRANSFER = "kind: horizon_transfer, adapt: cooldown_len"
ONE = "schedules: {a: {kind: wsd}}"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            entry("kind: worst_cas"),
            "a.yaml:2: experiments.x.kind: 'worst_cas' is unknown (did you mean 'worst_case'?); "
            f"allowed: {KIND_NAMES}",
        ),
        (entry("kind: 3"), f"experiments.x.kind: 3 is unknown; allowed: {KIND_NAMES}"),
        (entry("kind: null"), f"experiments.x.kind: None is unknown; allowed: {KIND_NAMES}"),
        # Horizon transfer.
        (entry(TRANSFER), "a.yaml:2: experiments.x.schedule: is missing and has no default"),
        (entry(f"kind: horizon_transfer, {WSD}"), "experiments.x.adapt: is missing and has no"),
        (
            entry(f"kind: horizon_transfer, {WSD}, adapt: rho"),
            "experiments.x.adapt: 'rho': input should be 'cooldown_len' or 'factor'",
        ),
        (
            entry(f"{TRANSFER}, schedule: {{kind: cosine}}"),
            "a.yaml:2: experiments.x: schedule of the kind 'cosine' must have a cooldown_len > 0",
        ),
        (
            entry(f"{TRANSFER}, schedule: {{kind: wsd, cooldown_len: 0}}"),
            "experiments.x: schedule of the kind 'wsd' must have a cooldown_len > 0",
        ),
        (
            entry(
                "kind: horizon_transfer, adapt: factor, schedule: {kind: sqrt, cooldown_len: 0.2}"
            ),
            "experiments.x: adapt='factor' needs a schedule of the kind 'wsd', not 'sqrt'",
        ),
        (
            entry(f"{TRANSFER}, schedule: {{kind: wsd, final_lr: 0.1, final_lr_absolute: true}}"),
            "experiments.x: schedule has the absolute final_lr=0.1, and must scale with the base",
        ),
        (
            entry(f"{TRANSFER}, {WSD}, multiples: [0.5]"),
            "experiments.x.multiples[0]: 0.5: input should be greater than or equal to 1",
        ),
        (
            entry(f"{TRANSFER}, {WSD}, multiples: [1, 2, 1.0]"),
            "experiments.x.multiples: [1.0, 2.0, 1.0] names 1.0 twice",
        ),
        (
            entry(f"{TRANSFER}, horizon: 10, schedule: {{kind: wsd, warmup_steps: 11}}"),
            "experiments.x: warmup_steps=11 must be an integer in [0, 10]",
        ),
        (entry(f"{TRANSFER}, {WSD}, horizons: [10]"), "horizons: unknown key (did you mean 'horiz"),
        # LR transfer.
        (entry("kind: lr_transfer, points: 7"), "points: 7: input should be greater than or equal"),
        (
            entry("kind: lr_transfer, decay_type: step"),
            "experiments.x.decay_type: 'step': input should be 'linear', '1-sqrt', 'cosine', 'ha",
        ),
        (
            entry("kind: lr_transfer, cooldown_type: linear"),
            "a.yaml:2: experiments.x.cooldown_type: unknown key (cooldown_type is now decay_type)",
        ),
        (
            entry("kind: lr_transfer, horizons: [10, 20, 10]"),
            "experiments.x.horizons: [10, 20, 10] names 10 twice",
        ),
        (entry("kind: lr_transfer, degree: 0"), "degree: 0: input should be greater than or equal"),
        # Worst case.
        (
            entry(f"kind: worst_case, {ONE}, horizon: 10, pep_at: [2, 11]"),
            "a.yaml:2: experiments.x: pep_at=[2, 11] must not go beyond the horizon 10",
        ),
        (
            entry(f"kind: worst_case, {ONE}, pep_at: [0]"),
            "pep_at[0]: 0: input should be greater than or equal to 1",
        ),
        (
            entry(f"kind: worst_case, {ONE}, labels: {{b: B}}"),
            "experiments.x: labels names ['b']; the schedules are ['a']",
        ),
        (
            entry("kind: worst_case, schedules: {a: {kind: wsd, warmup_steps: 80}}"),
            "experiments.x: warmup_steps=80 must be an integer in [0, 60]",
        ),
        (
            entry("kind: worst_case, schedules: {a: {kind: wsdd}}"),
            "a.yaml:2: experiments.x.schedules.a.kind: 'wsdd' is unknown (did you mean 'wsd'?)",
        ),
        (entry("kind: worst_case"), "experiments.x.schedules: is missing and has no default"),
        (entry(f"kind: worst_case, {ONE}, G: 0"), "experiments.x.G: 0: input should be greater t"),
        # Subgradient method.
        (
            entry(f"kind: subgradient, {ONE}"),
            "experiments.x.base_lr: is missing and has no default",
        ),
        (
            entry(f"kind: subgradient, {ONE}, base_lr: {{b: 1}}"),
            "a.yaml:2: experiments.x: base_lr names ['b'], must name ['a']",
        ),
        (
            entry(f"kind: subgradient, {ONE}, base_lr: {{a: 1}}, labels: {{b: B}}"),
            "experiments.x: labels names ['b']; the schedules are ['a']",
        ),
        (
            entry(f"kind: subgradient, {ONE}, base_lr: {{a: 1}}, rows: 1"),
            "experiments.x.rows: 1: input should be greater than or equal to 2",
        ),
        # Optimal schedule.
        (entry("kind: optimal_schedule, horizon: 1"), "horizon: 1: input should be greater than"),
        (entry("kind: optimal_schedule, schedules: {}"), "experiments.x.schedules: unknown key; a"),
    ],
)
def test_a_special_experiment_that_is_wrong(problem, text, message):
    found = problem(text)
    assert message in found
    assert found.startswith("a.yaml:2: ")


def test_an_entry_of_the_wrong_kind_is_extended_with_a_message(problem):
    heir = "  y: {extends: x, kind: lr_transfer}\n"
    assert "a.yaml:5: experiments.y.schedules: unknown key" in problem(X + heir)


@pytest.mark.parametrize("name", TINY)
def test_every_kind_round_trips_through_its_config_json(tmp_path, name):
    experiment = tiny(name)
    path = tmp_path / "config.json"
    path.write_text(json.dumps(experiment.resolved()), encoding="utf-8")
    again = read_experiment(path)
    assert type(again) is EXPERIMENTS[experiment.kind]
    assert again.hash == experiment.hash
    assert again.resolved() == experiment.resolved()


@pytest.mark.parametrize("name", TINY)
def test_words_are_not_hashed_and_all_else_is(name):
    experiment = tiny(name)
    assert tiny(name, description="Why?").hash == experiment.hash
    if "schedules" in TINY[name]:
        assert tiny(name, labels={"wsd": "W"}).hash == experiment.hash
    hashed = set(type(experiment).model_fields) - {"description", "labels"}
    assert set(experiment.resolved()) == hashed


@pytest.mark.parametrize(
    ("name", "changes"),
    [
        ("cooldown_len", {"multiples": [1, 2]}),
        ("cooldown_len", {"sweep_multiple": 3.0}),
        ("lr_transfer", {"decay_type": "1-sqrt"}),
        ("worst_case", {"pep_at": [2]}),
        ("subgradient", {"seed": 1}),
        ("optimal_schedule", {"snapshots": 6}),
    ],
)
def test_another_value_is_another_hash(name, changes):
    assert tiny(name, **changes).hash != tiny(name).hash


def test_labels_of_legends():
    assert tiny("worst_case", labels={"wsd": "WSD"}).look() == {
        "labels": {"wsd": "WSD", "cosine": "cosine"}
    }
    assert tiny("factor").look() == {"labels": {}, "horizon": 200, "adapt_label": "factor ρ"}
    assert tiny("lr_transfer").look() == {"labels": {}}


# Which figure draws what.

SOURCES = """\
experiments:
  grid: {schedules: {a: {kind: wsd}}, horizons: [10, 20]}
  two: {schedules: {a: {kind: wsd}, b: {kind: cosine}}, horizons: [10, 20]}
  varied: {extends: grid, horizons: [10], vary: {parameter: cooldown_len, values: [0.1, 0.2]}}
  varied_two: {extends: varied, schedules: {b: {kind: sqrt}}}
  varied_horizons: {extends: varied, horizons: [10, 20]}
  standard: {extends: grid, bound: standard}
  absolute: {schedules: {a: {kind: wsd, final_lr: 1e-5, final_lr_absolute: true}}, horizons: [10]}
  varied_absolute: {extends: absolute, vary: {parameter: final_lr, values: [0, 1e-5]}}
  fixed: {extends: grid, base_lr: 0.1}
  transfer: {kind: horizon_transfer, schedule: {kind: wsd, cooldown_len: 0.2}, adapt: factor}
  moved: {kind: lr_transfer}
  worst: {kind: worst_case, schedules: {a: {kind: wsd}, b: {kind: cosine}}}
  convex: {kind: subgradient, schedules: {a: {kind: wsd}}, base_lr: {a: 0.1}}
  best: {kind: optimal_schedule}
groups:
  g: {series: {a: {select: {lr: 1}}}}
figures:
"""
DRAWS = {
    "lr_sweep": "grid",
    "convergence": "grid",
    "gamma_star_fit": "grid",
    "bound_over_value": "varied",
    "no_log_terms": "grid",
    "bound_terms": "grid",
    "worst_case": "worst",
    "worst_case_ratio": "worst",
    "extensions": "transfer",
    "candidate_sweep": "transfer",
    "extension_values": "transfer",
    "lr_transfer": "moved",
    "objective": "convex",
    "path": "convex",
    "descent": "best",
    "schedule_descent": "best",
    "theory_and_practice": "grid",
}
NEEDED = {
    "bound_over_value": ", base_lrs: [0.1]",
    "bound_terms": ", horizon: 10",
    "worst_case": ", schedule: a",
    "theory_and_practice": ", group: g",
}
SAMPLE = {
    "bounds": "grid",
    "horizon_transfer": "transfer",
    "lr_transfer": "moved",
    "worst_case": "worst",
    "subgradient": "convex",
    "optimal_schedule": "best",
}


def drawn(name: str, kind: str, experiment: str, more: str | None = None) -> str:
    more = NEEDED.get(kind, "") if more is None else more
    return f"  {name}: {{kind: {kind}, experiment: {experiment}{more}}}\n"


def figure(kind: str, experiment: str, more: str | None = None) -> str:
    return SOURCES + drawn("f", kind, experiment, more)


def test_a_figure_draws_its_own_kind_of_experiment_and_no_other(load, problem):
    config = load(SOURCES + "".join(drawn(kind, kind, own) for kind, own in DRAWS.items()))
    assert list(config.figures) == list(DRAWS)
    wrong, said = [], []
    for kind, own in DRAWS.items():
        right = config.experiments[own].kind
        for other, name in SAMPLE.items():
            if other != right:
                f = f"{kind}_of_{name}"
                wrong.append(drawn(f, kind, name))
                said.append(
                    f"a.yaml:{18 + len(wrong)}: figures.{f}.experiment='{name}': it is of the kind "
                    f"'{other}', and a figure of the kind '{kind}' draws experiments of the kind "
                    f"'{right}'"
                )
    assert problem(SOURCES + "".join(wrong)).splitlines() == said


ONE_LINE = "it varies cooldown_len over the horizons [10, 20], and lines can show only one of the"
NO_LOG = "it must have one schedule, D = G = 1, the refined bound, and vary nothing"
ABSOLUTE = "schedule 'a' has the absolute final_lr=1e-05, with which its bound at base LR γ is not"
OVER = "it must vary a quantity, for one schedule and one horizon"


@pytest.mark.parametrize(
    ("kind", "experiment", "more", "message"),
    [
        ("lr_sweep", "varied_horizons", "", ONE_LINE),
        ("convergence", "varied_horizons", "", ONE_LINE),
        ("gamma_star_fit", "varied", "", "it varies a quantity, and a power law is fitted to one"),
        ("gamma_star_fit", "varied_horizons", "", "it varies a quantity, and a power law is fitt"),
        ("bound_over_value", "grid", None, OVER),
        ("bound_over_value", "varied_two", None, OVER),
        ("bound_over_value", "varied_horizons", None, OVER),
        ("bound_over_value", "varied_absolute", None, ABSOLUTE),
        ("bound_terms", "absolute", None, ABSOLUTE),
        ("no_log_terms", "fixed", "", "base_lr=0.1 must be tuned"),
        ("no_log_terms", "two", "", NO_LOG),
        ("no_log_terms", "varied", "", NO_LOG),
        ("no_log_terms", "standard", "", NO_LOG),
        ("bound_terms", "grid", ", horizon: 30", "horizon=30 is none of its horizons [10, 20]"),
        ("bound_terms", "two", None, "it must have one schedule, and vary nothing"),
        ("bound_terms", "varied", None, "it must have one schedule, and vary nothing"),
        ("worst_case", "worst", ", schedule: c", "schedule='c' is none of ['a', 'b']"),
        ("theory_and_practice", "varied", None, "it varies a quantity, and one line for each"),
    ],
)
def test_an_experiment_that_does_not_fit_its_figure(problem, kind, experiment, more, message):
    found = problem(figure(kind, experiment, more))
    assert found.startswith(f"a.yaml:19: figures.f.experiment='{experiment}': {message}")


def test_an_absolute_lr_of_zero_leaves_the_bound_its_two_terms(load):
    zero = "final_lr: 0, final_lr_absolute: true, warmup_lr: 1, warmup_lr_absolute: true"
    text = figure("bound_terms", "absolute").replace(
        "final_lr: 1e-5, final_lr_absolute: true", zero
    )
    assert list(load(text).figures) == ["f"]


@pytest.mark.parametrize("kind", ["lr_sweep", "convergence"])
@pytest.mark.parametrize("experiment", ["varied", "varied_two"])
def test_lines_of_one_horizon_may_be_of_several_values(load, kind, experiment):
    assert list(load(figure(kind, experiment)).figures) == ["f"]


@pytest.mark.parametrize(
    ("kind", "more", "message"),
    [
        ("bound_over_value", "", "figures.f.base_lrs: is missing and has no default"),
        (
            "bound_over_value",
            ", base_lrs: [0]",
            "figures.f.base_lrs[0]: 0: input should be greater",
        ),
        ("bound_terms", "", "figures.f.horizon: is missing and has no default"),
        ("worst_case", "", "figures.f.schedule: is missing and has no default"),
        ("convergence", ", y_scale: sqrt", "y_scale: 'sqrt': input should be 'linear' or 'log'"),
        ("convergence", ", panels: [bound, schedule, grad_norm]", "panels: a list: list should ha"),
        ("extensions", ", y_max: 0", "figures.f.y_max: 0: input should be greater than 0"),
    ],
)
def test_a_figures_own_settings(problem, kind, more, message):
    assert message in problem(figure(kind, DRAWS[kind], more))


# What the project itself declares.

HORIZON = ("lr_sweep", "convergence_multiple_horizon", "fit_gamma_star")
COOLDOWN = ("lr_sweep", "convergence_multiple_cooldown", "cooldown_range_multiple_lr")
SIMULATIONS = [
    *(f"multiple_horizon/{name}" for name in HORIZON),
    *(f"multiple_horizon/ablation/{name}" for name in HORIZON),
    "multiple_horizon/only_convergence",
    "multiple_horizon/multiple_base_lr",
    *(f"cooldown_length/{name}" for name in COOLDOWN),
    *(f"cooldown_length/ablation/{name}" for name in COOLDOWN),
    *(f"cooldown_length/sqrt/{name}" for name in COOLDOWN),
    "cosine_cycle/lr_sweep",
    "cosine_cycle/convergence_multiple_cycle",
    "cosine_cycle/ablation/lr_sweep",
    "cosine_cycle/ablation/convergence_multiple_cycle",
    "grad_norm_shape/lr_sweep",
    "grad_norm_shape/convergence_multiple_alpha",
    "grad_norm_shape/ablation/lr_sweep",
    "grad_norm_shape/ablation/convergence_multiple_alpha",
    "schedule_comparison/lr_sweep",
    "schedule_comparison/convergence",
    "schedule_comparison/ablation/lr_sweep",
    "schedule_comparison/ablation/convergence",
    "horizon_transfer/extended_wsd_linear",
    "horizon_transfer/extended_wssd_linear",
    "horizon_transfer/extended_sqrt_linear",
    "horizon_transfer/transfer_cooldown_wsd_linear",
    "horizon_transfer/transfer_cooldown_wssd_linear",
    "horizon_transfer/transfer_cooldown_sqrt_linear",
    "horizon_transfer/lr_ratios_wssd_linear",
    "lr_transfer/cooldown_fit_gamma_star_linear",
    "lr_transfer/cooldown_fit_gamma_star_sqrt",
    "wsd_detail/no_log_terms",
    "wsd_detail/single_terms",
    "lower_bound/wsd",
    "lower_bound/cosine",
    "lower_bound/linear",
    "lower_bound/sqrt",
    "lower_bound/constant",
    "convex_example/obj",
    "convex_example/path",
    "optimize_schedule/minimize_bound",
    "optimize_schedule/animated_schedule",
]


def test_every_simulated_figure_of_the_paper_is_reproduced_once(repo):
    figures = load_config(load_settings({}), repo).figures.values()
    reproduced = [figure.reproduces for figure in figures if figure.reproduces]
    assert len(SIMULATIONS) == len(set(SIMULATIONS)) == 49
    simulations = [name for name in reproduced if not name.startswith("reanalysis/")]
    assert sorted(simulations) == sorted(SIMULATIONS)
    assert all(
        list(one.sources) == ["experiment"] for one in figures if one.reproduces in SIMULATIONS
    )
    assert len(reproduced) == len(set(reproduced))


COOLDOWN_RUNS = ("convergence_cooldown_length", "cooldown_range_multiple_lr", "lr_sweep", "best_lr")
GRAD_NORM_RUNS = (
    "log_grad_norm",
    "log_train_loss",
    "grad_norm_scaling",
    "grad_norm_fit",
    "grad_norm_scatter",
)
REANALYSES = [
    "loss_curves_210m/210m_horizons",
    *(f"loss_curves_owt/{size}" for size in ("60m", "93m", "166m")),
    *(f"analysis_cooldown_length/{name}" for name in COOLDOWN_RUNS),
    *(f"grad_norm/{name}" for name in GRAD_NORM_RUNS),
    *(
        f"horizon_transfer/{size}_{name}"
        for size in ("124m", "210m")
        for name in ("horizon_transfer", "extended_schedule", "horizon_cooldown")
    ),
]


def test_every_figure_of_the_papers_runs_is_reproduced_once(repo):
    figures = load_config(load_settings({}), repo).figures.values()
    reproduced = [figure.reproduces for figure in figures if figure.reproduces]
    runs = [name for name in reproduced if name.startswith("reanalysis/")]
    assert len(REANALYSES) == 19
    assert sorted(runs) == sorted(f"reanalysis/{name}" for name in REANALYSES)


def test_only_the_animated_figure_of_the_paper_is_animated(repo):
    figures = load_config(load_settings({}), repo).figures.values()
    assert [one.reproduces for one in figures if one.animated] == [
        "optimize_schedule/animated_schedule"
    ]
