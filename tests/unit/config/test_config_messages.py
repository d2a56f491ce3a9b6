"""A mistake in a question file is refused, naming file, line, key, value and what is allowed."""

from __future__ import annotations

from pathlib import Path

import pytest

from scheduled.config.load import load_config, load_settings
from scheduled.core.errors import ConfigError
from scheduled.schedules import FAMILIES

X = """\
experiments:
  x:
    schedules: {a: {kind: wsd}}
    horizons: [10]
"""
SCHEDULES = ", ".join(FAMILIES)
OUT_OF_NAME = "only letters, digits and . _ - are allowed, a letter or digit first"


def schedule(text: str) -> str:
    return X.replace("{kind: wsd}", text)


def test_the_smallest_file_is_right(load):
    config = load(X)
    assert list(config.experiments) == ["x"]
    assert load("# nothing yet\n").experiments == {}
    assert load("experiments:\n").experiments == {}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        # Keys.
        (
            X.replace("horizons", "horizon"),
            "a.yaml:4: experiments.x.horizon: unknown key (did you mean 'horizons'?); allowed: "
            "kind, description, labels, schedules, horizons, vary, bound, D, grad_norms, base_lr, "
            "tuned_at, sweep, curve_points",
        ),
        (
            schedule("{kind: cosine, cycle_length: 2}"),
            "a.yaml:3: experiments.x.schedules.a.cycle_length: unknown key (did you mean "
            "'cycle_len'?); allowed: kind, warmup_steps, warmup_lr, warmup_lr_absolute, final_lr, "
            "final_lr_absolute, cycle_len",
        ),
        (
            schedule("{kind: wsd, steps: 3}"),
            "a.yaml:3: experiments.x.schedules.a.steps: unknown key; allowed: ",
        ),
        (X + "    grad_norms: {powr: 1}\n", "a.yaml:5: experiments.x.grad_norms.powr: unknown key"),
        (
            X.replace("experiments", "experiment"),
            "a.yaml:1: experiment: unknown key (did you mean 'experiments'?); allowed: "
            "experiments, groups, analyses, figures",
        ),
        (X.replace("    horizons: [10]\n", ""), "experiments.x.horizons: is missing and has no"),
        ("experiments: [1]\n", "a.yaml:1: experiments: must be a mapping of names to entries"),
        ("experiments: {x: }\n", "a.yaml:1: experiments.x: None: input should be a mapping of "),
        # Schedules.
        (
            schedule("{kind: wsdd}"),
            "a.yaml:3: experiments.x.schedules.a.kind: 'wsdd' is unknown (did you mean 'wsd'?); "
            f"allowed: {SCHEDULES}",
        ),
        (
            schedule("{kind: 3}"),
            f"experiments.x.schedules.a.kind: 3 is unknown; allowed: {SCHEDULES}",
        ),
        (schedule("{}"), "a.yaml:3: experiments.x.schedules.a.kind: is missing and has no default"),
        (schedule("wsd"), "experiments.x.schedules.a: 'wsd': input should be a mapping of keys"),
        (
            schedule("{kind: wsd, cooldown_len: 1.5}"),
            "a.yaml:3: experiments.x.schedules.a: cooldown_len=1.5 must lie in [0, 1]",
        ),
        (
            schedule("{kind: join, parts: [{steps: 3}]}"),
            "parts of [3] steps have 3 together and must have 11",
        ),
        (
            schedule("{kind: join, parts: [{step: 3}]}"),
            "experiments.x.schedules.a.parts[0].step: unknown key (did you mean 'steps'?)",
        ),
        (schedule("{kind: join, parts: [{}, {steps: -1}]}"), "parts[1]: steps=-1 must be an int"),
        (
            schedule("{kind: join, parts: [{steps: 2.5}]}"),
            "experiments.x.schedules.a.parts[0].steps: 2.5: input should be",
        ),
        (
            schedule("{kind: wsd, decay_type: step}"),
            "decay_type: 'step': input should be 'linear', '1-sqrt', 'cosine', 'ha",
        ),
        # What a key of an earlier version is called now.
        (
            schedule("{kind: wsd, cooldown_type: 1-sqrt}"),
            "a.yaml:3: experiments.x.schedules.a.cooldown_type: unknown key "
            "(cooldown_type is now decay_type); allowed: kind, ",
        ),
        (
            schedule("{kind: cosine, cooldown_type: 1-sqrt}"),
            "a.yaml:3: experiments.x.schedules.a.cooldown_type: unknown key; allowed: kind, ",
        ),
        (
            schedule("{kind: wsd, warmup_steps: 20}"),
            "a.yaml:2: experiments.x: schedule 'a' at horizon 10 (11 steps): warmup_steps=20 must "
            "be an integer in [0, 10]",
        ),
        (
            schedule("{kind: piecewise, milestones: [1, 2], factors: [1]}"),
            "factors=(1.0,) must have one factor for each of milestones=(1, 2)",
        ),
        (
            schedule("{kind: wsd, final_lr: 0.5, final_lr_absolute: true}") + "    base_lr: 0.1\n",
            "a.yaml:2: experiments.x: schedule 'a' at horizon 10 (11 steps): final_lr=0.5 is "
            "absolute and must lie in [0, base_lr=0.1]",
        ),
        (X.replace("{a: {kind: wsd}}", "{}"), "experiments.x.schedules: a dict: dictionary should"),
        # Types.
        (
            schedule("{kind: wsd, cooldown_len: '0.2'}"),
            "cooldown_len: '0.2': input should be a valid number, without quotes",
        ),
        (schedule("{kind: wsd, cooldown_len: true}"), "cooldown_len: True: input should be a vali"),
        (schedule("{kind: wsd, cooldown_len: null}"), "cooldown_len: None: input should be a vali"),
        (schedule("{kind: wsd, cooldown_len: [1]}"), "cooldown_len: a list: input should be a val"),
        (schedule("{kind: wsd, cooldown_len: .nan}"), "cooldown_len: nan: input should be a finit"),
        (schedule("{kind: wsd, cooldown_len: -.inf}"), "cooldown_len: -inf: input should be a fin"),
        (schedule("{kind: wsd, warmup_steps: 1.0}"), "warmup_steps: 1.0: input should be a valid "),
        (
            schedule("{kind: wsd, warmup_steps: true}"),
            "warmup_steps: True: input should be a valid",
        ),
        (schedule("{kind: wsd, final_lr_absolute: 1}"), "final_lr_absolute: 1: input should be a "),
        (
            schedule("{kind: piecewise, milestones: [1.5], factors: [x]}"),
            "a.yaml:3: experiments.x.schedules.a.milestones[0]: 1.5: input should be a valid "
            "integer\na.yaml:3: experiments.x.schedules.a.factors[0]: 'x': input should be a",
        ),
        (
            X + "    description: 3\n",
            "a.yaml:5: experiments.x.description: 3: input should be a valid string, such as '3'",
        ),
        # Numbers out of range.
        (X + "    D: 0\n", "a.yaml:5: experiments.x.D: 0: input should be greater than 0"),
        (X + "    D: .inf\n", "a.yaml:5: experiments.x.D: inf: input should be a finite number"),
        (
            X + "    curve_points: 1\n",
            "curve_points: 1: input should be greater than or equal to 2",
        ),
        (X + "    sweep: {low: 1, high: 0.1}\n", "sweep: low=1.0 must be below high=0.1"),
        (X + "    bound: fancy\n", "bound: 'fancy': input should be 'refined' or 'standard'"),
        (X + "    grad_norms: 0\n", "grad_norms: 0: input should be greater than 0 or a mapping"),
        (
            X + "    grad_norms: {power: 11}\n",
            "grad_norms.power: 11: input should be less than or ",
        ),
        # Horizons.
        (X.replace("[10]", "[10, 20, 10]"), "horizons: [10, 20, 10] names 10 twice"),
        (X.replace("[10]", "[]"), "a.yaml:4: experiments.x.horizons: a list: list should have at"),
        (
            X.replace("[10]", "10"),
            "a.yaml:4: experiments.x.horizons: 10: input should be a valid list, such as [10]",
        ),
        (X.replace("[10]", "[1, 0]"), "experiments.x.horizons[1]: 0: input should be greater than"),
        (
            X.replace("[10]", "[10.0]"),
            "experiments.x.horizons[0]: 10.0: input should be a valid integer, such as 10",
        ),
        (X.replace("[10]", "[true]"), "experiments.x.horizons[0]: True: input should be a valid i"),
        # Names of schedules elsewhere.
        (X + "    labels: {b: B}\n", "experiments.x: labels names ['b']; the schedules are ['a']"),
        (
            X + "    base_lr: {b: 1}\n",
            "experiments.x: base_lr names ['b']; the schedules are ['a']",
        ),
        (
            X + "    base_lr: {}\n",
            "base_lr gives nothing for ['a']: name every schedule or one num",
        ),
        (
            X + "    base_lr: fixed\n",
            "a.yaml:5: experiments.x.base_lr: 'fixed': input should be 'tuned' or a valid number "
            "or a mapping of keys",
        ),
        (
            X + "    base_lr: {a: 0}\n",
            "a.yaml:5: experiments.x.base_lr.a: 0: input should be great",
        ),
    ],
)
def test_an_experiment_that_is_wrong(problem, text, message):
    assert message in problem(text)


def test_every_problem_is_listed_not_only_the_first(problem):
    lines = problem(X + "    D: 0\n    bound: fancy\n", b=X.replace("  x:", "  y:\n    E: 1"))
    places = sorted(line.split(": ")[0] for line in lines.splitlines())
    assert places == ["a.yaml:5", "a.yaml:6", "b.yaml:3"]


@pytest.mark.parametrize(
    "entries",
    [
        "experiments:\n  {}: {{schedules: {{a: {{kind: wsd}}}}, horizons: [10]}}\n",
        "groups:\n  {}: {{series: {{a: {{select: {{lr: 1}}}}}}}}\n",
        "analyses:\n  {}: {{kind: loss_over_lr, group: g}}\n",
        "figures:\n  {}: {{kind: lr_sweep, experiment: x}}\n",
    ],
)
def test_names_that_differ_in_case_only(problem, entries):
    section = entries.partition(":")[0]
    text = problem(entries.format("aName"), b="# first\n" + entries.format("Aname"))
    assert text == f"b.yaml:3: {section}.Aname differs from aName in case only; see a.yaml:2"


@pytest.mark.parametrize(
    ("text", "key"),
    [
        (X + "    labels: {a: DRAWN}\n", "a.yaml:5: experiments.x.labels.a: "),
        (
            X + "    vary: {parameter: cooldown_len, values: [0.1], label: DRAWN}\n",
            "a.yaml:5: experiments.x.vary.label: ",
        ),
        (
            X + "figures:\n  f: {kind: lr_sweep, experiment: x, title: DRAWN}\n",
            "a.yaml:6: figures.f.title: ",
        ),
        (
            "groups:\n  g: {series: {s: {label: DRAWN, select: {lr: 1}}}}\n",
            "a.yaml:2: groups.g.series.s.label: ",
        ),
    ],
)
@pytest.mark.parametrize(
    ("drawn", "words"),
    [
        (r"'$\foo{$'", r"'$\\foo{$' cannot be drawn: Unknown symbol: \foo"),
        ("'5$'", "'5$' cannot be drawn: Expected end of text"),
        ("'a: $x^{2$'", "'a: $x^{2$' cannot be drawn: Expected end_group"),
        (r'"a\tb"', r"'a\tb': a tab cannot be drawn"),
        (r'"a\eb"', r"'a\x1bb': the control character U+001B"),
        (r'"a\u202eb"', r"'a\u202eb': the control character U+202E"),
    ],
)
def test_a_text_that_cannot_be_drawn(problem, text, key, drawn, words):
    assert f"{key}{words}" in problem(text.replace("DRAWN", drawn))


@pytest.mark.parametrize("drawn", [r"'$\gamma^*$ of\n$T$'", r"'5 \$'", "'WSD: a, b'"])
def test_a_text_that_can_be_drawn(load, drawn):
    load(X + f"    labels: {{a: {drawn}}}\n")


@pytest.mark.parametrize("name", ["../x", "/x", "a/b", ".x", "..", "a b", "a\\b", "é", "-x", "''"])
def test_a_name_that_is_no_plain_file_name(problem, name):
    assert OUT_OF_NAME in problem(X.replace("  x:", f"  {name}:"))
    assert OUT_OF_NAME in problem(schedule("{kind: wsd}").replace("{a:", f"{{{name}:"))
    group = "groups:\n  {}: {{dataset: {}, series: {{{}: {{select: {{lr: 1}}}}}}}}\n"
    for names in (name, "d", "s"), ("g", name, "s"), ("g", "d", name):
        assert OUT_OF_NAME in problem(group.format(*names))


@pytest.mark.parametrize("name", ["../f", "/f", "f//g", "f/", "f/../g", "f.g", "f g"])
def test_a_figure_id_that_leaves_its_folder(problem, name):
    assert OUT_OF_NAME in problem(X + f"figures:\n  {name}: {{kind: lr_sweep, experiment: x}}\n")


def test_a_long_name(problem):
    assert "string should have at most 80" in problem(X.replace("  x:", f"  {'x' * 81}:"))


@pytest.mark.parametrize(
    ("figure", "message"),
    [
        (
            "{kind: lr_sweep, experiment: xx}",
            "a.yaml:6: figures.f.experiment='xx': no such experiment (did you mean 'x'?); there "
            "are: x",
        ),
        ("{kind: loss_curves, group: g}", "figures.f.group='g': no such group; there are: none"),
        ("{kind: lr_swep, experiment: x}", "figures.f.kind: 'lr_swep' is unknown (did you mean "),
        ("{experiment: x}", "a.yaml:6: figures.f.kind: is missing and has no default"),
        ("{kind: lr_sweep}", "a.yaml:6: figures.f.experiment: is missing and has no default"),
        ("{kind: lr_sweep, group: x}", "figures.f.group: unknown key; allowed: kind, title, capt"),
        ("{kind: lr_sweep, experiment: x, width: 0}", "figures.f.width: 0: input should be great"),
        ("{kind: convergence, experiment: x, panels: [bnd]}", "figures.f.panels[0]: 'bnd': input"),
        ("{kind: convergence, experiment: x, panels: []}", "figures.f.panels: a list: list should"),
        (
            "{kind: convergence, experiment: x, panels: [bound, bound]}",
            "figures.f.panels: ['bound', 'bound'] names 'bound' twice",
        ),
        (
            "{kind: gamma_star_fit, experiment: x}",
            "figures.f.experiment='x': a power law needs at least two horizons, and there is only "
            "[10]",
        ),
        (
            "{kind: theory_and_practice, experiment: x, group: g}",
            "figures.f.group='g': no such group; there are: none",
        ),
        (
            "{kind: lr_sweep, experiment: x, reproduces: ../p}",
            f"figures.f.reproduces: '../p': {OUT_OF_NAME}",
        ),
    ],
)
def test_a_figure_that_is_wrong(problem, figure, message):
    text = problem(X + f"figures:\n  f: {figure}\n")
    assert message in text
    assert text.startswith("a.yaml:6: ")


def test_two_figures_that_reproduce_the_same(problem):
    figure = "    kind: lr_sweep\n    experiment: x\n    reproduces: p/q\n"
    text = problem(f"{X}figures:\n  f:\n{figure}", b=f"figures:\n  g:\n{figure}")
    assert text == "b.yaml:5: figures.g.reproduces='p/q': f already reproduces it"


@pytest.mark.parametrize(
    ("group", "message"),
    [
        ("{series: {}}", "groups.g.series: a dict: dictionary should have at least 1 item"),
        (
            "{seriez: {}}",
            "groups.g.seriez: unknown key (did you mean 'series'?); allowed: descript",
        ),
        ("{series: {a: {}}}", "groups.g.series.a.select: is missing and has no default"),
        ("{series: {a: {select: {}}}}", "groups.g.series.a.select: a dict: dictionary should have"),
        ("{series: {a: {select: {lr: {b: 1}}}}}", "groups.g.series.a.select.lr: a dict: input sh"),
        ("{series: {a: {select: {lr: .nan}}}}", "groups.g.series.a.select.lr: nan: input should "),
        ("{extends: h, series: {a: {select: {lr: 1}}}}", "groups.g.extends: unknown key; allowed"),
    ],
)
def test_a_group_that_is_wrong(problem, group, message):
    text = problem(f"groups:\n  g: {group}\n")
    assert message in text
    assert text.startswith("a.yaml:2: ")


# What YAML itself allows and the configuration does not.


def test_a_key_twice_in_one_file(problem):
    assert problem(X + X).startswith("a.yaml:5: key 'experiments' appears twice")
    assert problem(schedule("{kind: wsd, kind: sqrt}")).startswith(
        "a.yaml:3: key 'kind' appears twice"
    )


def test_a_key_as_number_and_as_text(problem, load):
    schedules = '{1: {kind: wsd}, "1": {kind: sqrt}}'
    text = problem(X.replace("{a: {kind: wsd}}", schedules))
    assert text == "a.yaml:3: key '1' appears twice"
    config = load(X.replace("{a: {kind: wsd}}", "{1: {kind: wsd}}"))
    assert list(config.experiments["x"].schedules) == ["1"]


@pytest.mark.parametrize("section", ["experiments", "groups", "figures"])
def test_a_name_in_two_files(problem, section):
    entry = {
        "experiments": "{schedules: {a: {kind: wsd}}, horizons: [10]}",
        "groups": "{series: {a: {select: {lr: 1}}}}",
        "figures": "{kind: lr_sweep, experiment: x}",
    }[section]
    text = problem(f"{section}:\n  n: {entry}\n", b=f"# first line\n{section}:\n  n: {entry}\n")
    assert text == f"b.yaml:3: {section}.n is declared a second time; see a.yaml:2"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (schedule("{kind: wsd, cooldown_len: !foo 3}"), "a.yaml:3: experiments.x.schedules.a.cool"),
        (schedule("!foo {kind: wsd}"), "a.yaml:3: experiments.x.schedules.a: the tag !foo is "),
        ("!foo\nexperiments: {}\n", "a.yaml:1: the tag !foo is not allowed"),
        (
            "experiments: !!python/object/apply:os.getcwd []\n",
            "a.yaml:1: experiments: the tag !!python/object/apply:os.getcwd is not allowed",
        ),
        (
            "experiments: !!python/name:os.getcwd\n",
            "a.yaml:1: experiments: the tag !!python/name:os.getcwd is not allowed",
        ),
        ("experiments: !!set {a, b}\n", "a.yaml:1: experiments: the tag !!set is not allowed"),
        ("experiments: !!binary aGVsbG8=\n", "a.yaml:1: experiments: the tag !!binary is not al"),
        ("experiments: !!omap [a: 1]\n", "a.yaml:1: experiments: the tag !!omap is not allowed"),
        (
            X.replace("[10]", "[2020-01-01]"),
            "a.yaml:4: experiments.x.horizons[0]: 2020-01-01 is read as a timestamp: put it",
        ),
        (schedule("{kind: wsd, true: 1}"), "a.yaml:3: key true is not allowed; use a plain name"),
        (schedule("{kind: wsd, 1.5: 1}"), "a.yaml:3: key 1.5 is not allowed; use a plain name"),
        (
            schedule("{kind: wsd, ? [1] : 2}"),
            "a.yaml:3: a key is a list or a mapping; use a plain name",
        ),
        ("experiments: *a\n", "a.yaml:1: no anchor of this name before it"),
        ("- a\n", "a.yaml: the top level must be a mapping of keys to values"),
        ("a\n", "a.yaml: the top level must be a mapping of keys to values"),
        (X + "---\n" + X, "a.yaml:5: a second document"),
        ("experiments: [\n", "a.yaml:2: a value is missing, or a bracket"),
        ("experiments:\n\tx: 1\n", "a.yaml:2: a tab: indent with spaces"),
    ],
)
def test_yaml_that_is_not_plain(problem, text, message):
    assert message in problem(text)


def test_aliases_that_explode(problem):
    levels = ["  l0: &l0 [1, 1, 1, 1, 1, 1, 1, 1, 1, 1]\n"]
    levels += [f"  l{i}: &l{i} [{', '.join(10 * [f'*l{i - 1}'])}]\n" for i in range(1, 12)]
    text = problem("experiments:\n" + "".join(levels))
    assert text == "a.yaml: more than 50000 values, counting aliases"


def test_a_list_within_itself(problem):
    text = problem("experiments:\n  x: &x\n    schedules: [*x]\n")
    assert "experiments" in text
    assert text.startswith("a.yaml")


def test_nesting_without_end(problem):
    assert "nested too deeply, or into itself" in problem(f"experiments: {30 * '['}{30 * ']'}\n")


def test_aliases_and_anchors_are_what_they_stand_for(load):
    aliased = load(
        X.replace("{kind: wsd}", "{kind: wsd, final_lr: &n 0.5, final_lr_absolute: &b true}")
        + "  y: {schedules: {a: {kind: wsd, final_lr: *n, final_lr_absolute: *b}}, horizons: [10]}"
    ).experiments
    assert aliased["x"].hash == aliased["y"].hash
    assert aliased["x"].schedules["a"].final_lr_absolute is True


# Files and folders.


@pytest.mark.parametrize(
    ("content", "message"),
    [(b"a: \xff\n", ":1: byte 0xff is not UTF-8"), (None, ": Is a directory")],
)
def test_a_file_that_cannot_be_read(tmp_path: Path, content, message):
    path = tmp_path / "q" / "a.yaml"
    path.parent.mkdir()
    path.mkdir() if content is None else path.write_bytes(content)
    with pytest.raises(ConfigError) as caught:
        load_config(load_settings({"questions": ["q"]}), tmp_path)
    assert str(caught.value).startswith(f"{path}{message}")


def test_the_file_ending_yml(tmp_path: Path):
    (tmp_path / "q").mkdir()
    (tmp_path / "q" / "a.yml").write_text(X, encoding="utf-8")
    with pytest.raises(ConfigError) as caught:
        load_config(load_settings({"questions": ["q"]}), tmp_path)
    assert str(caught.value) == (
        f"{tmp_path / 'q' / 'a.yml'}: would not be read; question files end in .yaml"
    )


def test_a_missing_folder(tmp_path: Path):
    with pytest.raises(ConfigError) as caught:
        load_config(load_settings({"questions": ["nowhere"]}), tmp_path)
    assert str(caught.value) == ("config/config.yaml (or --config): questions: no folder 'nowhere'")


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"runs": "on"}, "runs: 'on': input should be 'optional', 'required' or 'off'"),
        ({"runs": True}, "runs: True: input should be 'optional', 'required' or 'off'"),
        ({"run": "off"}, "run: unknown key (did you mean 'runs'?); allowed: questions, runs, "),
        ({"runs_folder": 3}, "runs_folder: 3: input should be a valid string"),
        ({"style": "poster"}, "style: 'poster': input should be 'paper' or 'slides'"),
        ({"prune": "all"}, "prune: 'all': input should be 'list' or 'remove'"),
        ({"questions": []}, "questions: a list: list should have at least 1 item"),
        ({"questions": "q"}, "questions: 'q': input should be a valid list"),
        ({"questions": [3]}, "questions[0]: 3: input should be a valid string"),
    ],
)
def test_settings_that_are_wrong(values, message):
    with pytest.raises(ConfigError) as caught:
        load_settings(values)
    assert str(caught.value).startswith(f"config/config.yaml (or --config): {message}")


def test_a_bare_off_in_config_yaml():
    # Snakemake reads the file as YAML 1.1, in which it is a boolean.
    assert load_settings({"runs": False}).runs == "off"
    assert load_settings({"runs": "off"}).runs == "off"
    assert load_settings({}).runs == "optional"
