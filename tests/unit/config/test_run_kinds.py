"""Groups of training runs, analyses of them, and which figure draws which."""

from __future__ import annotations

import pytest

SOURCES = """\
experiments:
  moved: {kind: lr_transfer}
  grid: {schedules: {a: {kind: wsd}}, horizons: [10]}
groups:
  horizons: {series: {a: {select: {scheduler: wsd}}, b: {select: [{scheduler: cos}, {lr: 1}]}}}
  lrs: {vary: [lr], series: {a: {select: {lr: [1, 2]}}}}
  both: {vary: [cooldown, lr], series: {a: {select: {lr: [1, 2]}}}}
  sized: {vary: [batch_size, lr], series: {a: {select: {lr: [1, 2]}}}}
  long: {vary: [iterations, lr], series: {a: {select: {lr: [1, 2]}}}}
  full: {vary: [iterations, cooldown, lr], series: {a: {select: {lr: [1, 2]}}}}
  many: {vary: [cooldown, lr, seed, size], series: {a: {select: {lr: [1, 2]}}}}
  three: {series: {a: {select: {lr: 1}}, b: {select: {lr: 2}}, c: {select: {lr: 3}}}}
analyses:
  fits: {kind: loss_over_lr, group: both}
  plain_fits: {kind: loss_over_lr, group: lrs}
  sized_fits: {kind: loss_over_lr, group: sized}
  long_fits: {kind: loss_over_lr, group: long}
  full_fits: {kind: loss_over_lr, group: full}
  full_power: {kind: grad_norm_power, group: full}
  power: {kind: grad_norm_power, group: lrs}
  curve: {kind: grad_norm_curve, group: lrs}
  gains: {kind: extension_gain, group: horizons, baseline: a, slope_windows: {100: [10, 20]}}
  ranks: {kind: rank_agreement, group: horizons}
  worst: {kind: measured_worst_case, group: lrs}
"""
LAST = SOURCES.count("\n")
# Kind of figure → the analysis it draws, and what else it needs.
DRAWS = {
    "loss_over_lr": ("fits", ""),
    "loss_over_value": ("fits", ", lrs: [1]"),
    "best_lr": ("fits", ", experiment: moved"),
    "grad_norm_power": ("power", ""),
    "grad_norm_curve": ("curve", ""),
    "extension_gain": ("gains", ""),
    "rank_agreement": ("ranks", ""),
    "measured_worst_case": ("worst", ""),
}


def analysis(text: str) -> str:
    return f"{SOURCES}  x: {{{text}}}\n"


def figure(text: str) -> str:
    return figures({"f": text})


def figures(texts: dict[str, str]) -> str:
    return f"{SOURCES}figures:\n" + "".join(f"  {f}: {{{text}}}\n" for f, text in texts.items())


def test_a_figure_draws_its_own_kind_of_analysis_and_no_other(load, problem):
    config = load(
        figures(
            {kind: f"kind: {kind}, analysis: {own}{more}" for kind, (own, more) in DRAWS.items()}
        )
    )
    wrong, said = {}, []
    for kind, (right, more) in DRAWS.items():
        assert config.figures[kind].sources["analysis"] == right
        own = config.analyses[right].kind
        for name, other in config.analyses.items():
            if other.kind != own:
                f = f"{kind}_of_{name}"
                wrong[f] = f"kind: {kind}, analysis: {name}{more}"
                said.append(
                    f"a.yaml:{LAST + 1 + len(wrong)}: figures.{f}.analysis='{name}': it is of the "
                    f"kind '{other.kind}', and a figure of the kind '{kind}' draws analyses of "
                    f"the kind '{own}'"
                )
    assert problem(figures(wrong)).splitlines() == said


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("kind: loss_over_lrs, group: lrs", "kind: 'loss_over_lrs' is unknown (did you mean"),
        ("kind: loss_over_lr", "analyses.x.group: is missing and has no default"),
        (
            "kind: loss_over_lr, group: lr",
            "analyses.x.group='lr': no such group (did you mean 'lrs'?); there are: both, ",
        ),
        ("kind: loss_over_lr, group: horizons", "needs 'lr' among them"),
        ("kind: loss_over_lr, group: many", "it varies ['cooldown', 'seed', 'size'] beside lr"),
        ("kind: loss_over_lr, group: lrs, loss: val_loss", "loss: 'val_loss': input should be"),
        ("kind: grad_norm_power, group: horizons", "needs 'lr' among them"),
        ("kind: grad_norm_power, group: lrs, from_fraction: 1", "from_fraction: 1: input should"),
        ("kind: grad_norm_curve, group: lrs, points: 1", "points: 1: input should be greater"),
        (
            "kind: extension_gain, group: horizons, baseline: c, slope_windows: {100: [1, 2]}",
            "baseline='c' is none of its series ['a', 'b']",
        ),
        (
            "kind: extension_gain, group: lrs, baseline: a, slope_windows: {100: [1, 2]}",
            "it varies ['lr']; extensions are compared by horizon and series",
        ),
        (
            "kind: extension_gain, group: horizons, baseline: a, slope_windows: {100: [2, 1]}",
            "slope_windows[100]=[2, 1] must be increasing",
        ),
        (
            "kind: extension_gain, group: horizons, baseline: a, slope_windows: {100: [1, 101]}",
            "slope_windows[100]=[1, 101] must be increasing, from 0 on and up to 100",
        ),
        (
            "kind: extension_gain, group: horizons, baseline: a, slope_windows: {end: [1, 2]}",
            "slope_windows names 'end', which is not a horizon",
        ),
        ("kind: rank_agreement, group: horizons, lr_scale: tuned", "lr_scale: 'tuned': input"),
        ("kind: rank_agreement, group: horizons, lr_scale: 0", "lr_scale: 0: input should be"),
    ],
)
def test_an_analysis_that_is_wrong(problem, text, message):
    found = problem(analysis(text))
    assert found.startswith(f"a.yaml:{LAST + 1}: analyses.x")
    assert message in found


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("kind: loss_curves, group: long", "it varies ['iterations', 'lr'], and lines can show on"),
        ("kind: loss_curves, group: both", "it varies ['cooldown', 'lr'], and lines can show only"),
        ("kind: loss_curves, group: horizons, best_lr: true", "best_lr chooses among base LRs"),
        ("kind: loss_curves, group: lrs, ends: [1, 2, 3]", "ends: a list: list should have at mo"),
        ("kind: logged_curves, group: lrs", "figures.f.panels: is missing and has no default"),
        ("kind: logged_curves, group: lrs, panels: [lr]", "panels[0]: 'lr': input should be"),
        (
            "kind: logged_curves, group: lrs, panels: [grad_norm, grad_norm]",
            "panels: ['grad_norm', 'grad_norm'] names 'grad_norm' twice",
        ),
        ("kind: logged_curves, group: both, panels: [grad_norm]", "it varies ['cooldown', 'lr']"),
        ("kind: grad_norm_scatter, group: three", "and there are two sides: the first goes to th"),
        (
            "kind: theory_and_practice, experiment: grid, group: lrs",
            "it varies ['lr'], and one line for each series and horizon is drawn",
        ),
        (
            "kind: loss_over_value, analysis: plain_fits, lrs: [1]",
            "its runs vary [] beside lr, and",
        ),
        ("kind: best_lr, analysis: plain_fits, experiment: moved", "its runs vary [] beside lr, a"),
        ("kind: best_lr, analysis: long_fits, experiment: moved", "its runs vary ['iterations'] b"),
        (
            "kind: best_lr, analysis: sized_fits, experiment: moved",
            "its runs vary ['batch_size'] beside lr, and theory is of cooldown fractions",
        ),
        ("kind: loss_over_lr, analysis: full_fits", "its runs vary ['iterations', 'cooldown'] be"),
        ("kind: grad_norm_power, analysis: full_power", "its runs vary ['iterations', 'cooldown']"),
        ("kind: best_lr, analysis: fits, experiment: grid", "experiment='grid': it is of the kind"),
        ("kind: best_lr, analysis: fit, experiment: moved", "no such analysis (did you mean 'fits"),
    ],
)
def test_a_figure_that_does_not_fit_its_source(problem, text, message):
    found = problem(figure(text))
    assert found.startswith(f"a.yaml:{LAST + 2}: figures.f")
    assert message in found


def test_the_best_of_several_base_lrs_leaves_one_field_for_lines(load):
    text = "kind: loss_curves, group: both, best_lr: true"
    assert list(load(figure(text)).figures) == ["f"]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("vary: [], series: {a: {select: {lr: 1}}}", "vary: a list: list should have at least 1"),
        (
            "vary: [lr, lr], series: {a: {select: {lr: 1}}}",
            "groups.x.vary: ['lr', 'lr'] names 'lr' twice",
        ),
        ("series: {a: {select: {}}}", "groups.x.series.a.select"),
        ("series: {a: {select: []}}", "groups.x.series.a.select"),
        ("series: {}", "groups.x.series: a dict: dictionary should have at least 1"),
    ],
)
def test_a_group_that_is_wrong(problem, text, message):
    assert message in problem(f"groups:\n  x: {{{text}}}\n")


def test_a_selection_is_one_mapping_or_several(load):
    groups = load(SOURCES).groups
    assert groups["horizons"].series["a"].criteria == [{"scheduler": "wsd"}]
    assert groups["horizons"].series["b"].criteria == [{"scheduler": "cos"}, {"lr": 1}]
