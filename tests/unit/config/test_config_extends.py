"""Experiments that extend others."""

from __future__ import annotations

import pytest

X = """\
experiments:
  x:
    schedules: {a: {kind: wsd, cooldown_len: 0.4, warmup_steps: 2}}
    labels: {a: A}
    horizons: [10, 20]
    bound: standard
"""


def test_mappings_are_merged_and_all_else_is_replaced(load):
    text = "  y:\n    extends: x\n    schedules: {a: {cooldown_len: 0.5}}\n    horizons: [30]\n"
    y = load(X + text).experiments["y"]
    assert y.schedules["a"].model_dump()["cooldown_len"] == 0.5
    assert y.schedules["a"].model_dump()["warmup_steps"] == 2
    assert y.horizons == [30]
    assert y.bound == "standard"
    assert y.labels == {"a": "A"}


def test_null_takes_a_key_away(load):
    text = "  y:\n    extends: x\n    bound: null\n    labels: null\n"
    text += "    schedules: {a: null, b: {kind: sqrt}}\n"
    y = load(X + text).experiments["y"]
    assert y.bound == "refined"
    assert y.labels == {}
    assert list(y.schedules) == ["b"]


def test_nothing_changed_is_the_same_experiment(load):
    experiments = load(X + "  y: {extends: x}\n").experiments
    assert experiments["y"].hash == experiments["x"].hash


def test_the_parent_stays_as_it_is(load):
    alone = load(X).experiments["x"]
    text = "  y:\n    extends: x\n    schedules: {a: {cooldown_len: 0.5}, b: {kind: sqrt}}\n"
    assert load(X + text).experiments["x"] == alone


def test_a_chain_in_any_order_and_across_files(load):
    config = load(
        "experiments:\n  z: {extends: y, D: 2}\n",
        b="experiments:\n  y: {extends: x, horizons: [5]}\n",
        c=X,
    )
    z = config.experiments["z"]
    assert (z.D, z.horizons, z.bound) == (2.0, [5], "standard")


@pytest.mark.parametrize(
    ("name", "parent", "message"),
    [
        ("y", "y", "y extends itself: ['y', 'y']"),
        ("y", "nobody", "y.extends='nobody': no such experiment; there are: x, y"),
        ("yes", "yess", "yes.extends='yess': no such experiment (did you mean 'yes'?)"),
        ("y", "[x]", "y.extends=['x']: no such experiment; there are: x, y"),
        ("y", "null", "y.extends=None: no such experiment; there are: x, y"),
    ],
)
def test_a_parent_that_is_none(problem, name, parent, message):
    text = problem(X, b=f"experiments:\n  {name}:\n    extends: {parent}\n")
    assert text.startswith(f"b.yaml:2: {message}")


def test_a_cycle_over_two_files(problem):
    text = problem("experiments:\n  x: {extends: y}\n", b="experiments:\n  y: {extends: x}\n")
    assert text == "b.yaml:2: y extends itself: ['x', 'y', 'x']"


def test_a_mistake_is_found_in_the_file_that_makes_it(problem):
    y = "experiments:\n  y:\n    extends: x\n    horizons: [0]\n"
    assert problem(X, b=y).startswith("b.yaml:4: experiments.y.horizons[0]: 0: input should")


def test_a_mistake_taken_over_names_the_heir_too(problem):
    text = problem(X.replace("[10, 20]", "[0]"), b="experiments:\n  y: {extends: x}\n")
    assert [line.split(": input")[0] for line in text.splitlines()] == [
        "a.yaml:5: experiments.x.horizons[0]: 0",
        "b.yaml:2: experiments.y.horizons[0]: 0",
    ]


def test_keys_of_a_kind_that_was_replaced(problem):
    y = "experiments:\n  y:\n    extends: x\n    schedules: {a: {kind: cosine}}\n"
    assert "b.yaml:4: experiments.y.schedules.a.cooldown_len: unknown key" in problem(X, b=y)
