"""What an experiment is known by: its hash changes with what is computed with, and only then."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scheduled.config.load import load_config, load_settings
from scheduled.core.identity import canonical_json
from scheduled.experiments.base import read_experiment
from scheduled.experiments.bounds import BoundExperiment
from scheduled.pipeline.manifest import write_json
from scheduled.schedules import FAMILIES

REPO = Path(__file__).parents[3]
X = """\
experiments:
  x:
    schedules:
      a: {kind: wsd, cooldown_len: 0.5}
      b: {kind: cosine}
    horizons: [10]
    D: 2
"""
BASE: dict[str, Any] = {
    "schedules": {"a": {"kind": "wsd", "cooldown_len": 0.5}, "b": {"kind": "cosine"}},
    "horizons": [10],
    "D": 2,
}


def hash_of(**changes: Any) -> str:
    return BoundExperiment.model_validate({**BASE, **changes}).hash


def test_the_canonical_form_is_stored():
    # If this fails, every folder of results gets another name: do it knowingly.
    experiment = BoundExperiment.model_validate(BASE)
    assert canonical_json(experiment.resolved()) == (
        '{"D":2.0,"base_lr":"tuned","bound":"refined","curve_points":1000,"grad_norms":1.0,'
        '"horizons":[10],"kind":"bounds","schedules":{'
        '"a":{"cooldown_len":0.5,"decay_type":"linear","final_lr":0.0,"final_lr_absolute":false,'
        '"kind":"wsd","warmup_lr":0.0,"warmup_lr_absolute":false,"warmup_steps":0},'
        '"b":{"cycle_len":1.0,"final_lr":0.0,"final_lr_absolute":false,"kind":"cosine",'
        '"warmup_lr":0.0,"warmup_lr_absolute":false,"warmup_steps":0}},'
        '"sweep":{"high":0.5,"low":0.00390625,"points":57},"tuned_at":null,"vary":null}'
    )
    assert experiment.hash == "395b1f2e13c0"


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("experiments", "# a comment\nexperiments"),
        ("    D: 2\n", "    D: 2.0  # metres\n"),
        ("    D: 2\n", "    D: 2e0\n"),
        ("    D: 2\n", "    D: 2\n    description: Why?\n    labels: {a: A}\n"),
        ("    D: 2\n", "    D: 2\n    grad_norms: 1\n    base_lr: tuned\n    kind: bounds\n"),
        ("    D: 2\n", "    D: 2\n    sweep: {high: 0.5}\n    curve_points: 1000\n"),
        ("{kind: cosine}", "{warmup_steps: 0, cycle_len: 1, kind: cosine}"),
        ("[10]", "\n    - 10"),
        (
            "      a: {kind: wsd, cooldown_len: 0.5}\n      b: {kind: cosine}\n",
            "      b: {kind: cosine}\n      a: {cooldown_len: 5.0e-1, kind: wsd}\n",
        ),
    ],
)
def test_what_does_not_change_the_hash(load, old, new):
    assert X.count(old) == 1
    assert load(X.replace(old, new)).experiments["x"].hash == hash_of()


def test_neither_does_a_figure(load):
    figure = "figures:\n  f: {kind: lr_sweep, experiment: x, title: T, caption: C, width: 3}\n"
    assert load(X + figure).experiments["x"].hash == hash_of()


# One other legal value for each key that is computed with.
CHANGES: dict[str, Any] = {
    "schedules": {**BASE["schedules"], "b": {"kind": "sqrt"}},
    "horizons": [11],
    "bound": "standard",
    "D": 3.0,
    "grad_norms": {"power": 0.0},
    "base_lr": 0.1,
    "vary": {"parameter": "grad_norm_power", "values": [0.0, -0.5]},
    "tuned_at": 0.0,
    "sweep": {"points": 58},
    "curve_points": 999,
}


# What must be there for a change to be legal.
NEEDED: dict[str, dict[str, Any]] = {"tuned_at": {"vary": CHANGES["vary"]}}


def test_another_name_of_a_value_has_the_same_hash():
    def decay(name: str) -> str:
        return hash_of(schedules={"a": {"kind": "wsd", "decay_type": name}})

    assert decay("sqrt") == decay("1-sqrt") != decay("linear")


@pytest.mark.parametrize("key", sorted(CHANGES))
def test_every_key_that_is_computed_with_changes_the_hash(key):
    needed = NEEDED.get(key, {})
    assert hash_of(**needed, **{key: CHANGES[key]}) != hash_of(**needed)


def test_the_label_of_what_is_varied_does_not():
    labelled = {"vary": {**CHANGES["vary"], "label": "α"}}
    assert hash_of(**labelled) == hash_of(vary=CHANGES["vary"])


def test_no_key_was_forgotten_above():
    hashed = set(BoundExperiment.model_fields) - {
        key for key, left_out in BoundExperiment.not_hashed.items() if left_out is True
    }
    assert hashed == {*CHANGES, "kind"}


@pytest.mark.parametrize(
    "changes",
    [
        {"horizons": [10, 20]},
        {"horizons": [20, 10]},
        {"base_lr": {"a": 0.1, "b": 0.1}},
        {"base_lr": {"a": 0.1, "b": 0.2}},
        {"grad_norms": {"power": -0.5}},
        {"grad_norms": {"power": -0.5, "scale": 2}},
        {"sweep": {"low": 0.1}},
        {"sweep": {"high": 0.1}},
        {"vary": {"parameter": "cooldown_len", "values": [0.0, 0.5]}},
        {"vary": {"parameter": "grad_norm_power", "values": [0.0, -1.0]}},
        {"vary": {"parameter": "grad_norm_power", "values": {"low": -1, "high": 0, "points": 3}}},
        {"schedules": {"a": BASE["schedules"]["b"], "b": BASE["schedules"]["a"]}},
        {"schedules": {"A": BASE["schedules"]["a"], "b": BASE["schedules"]["b"]}},
    ],
)
def test_nested_values_change_it_as_well(changes):
    assert hash_of(**changes) not in {hash_of(), hash_of(**{key: CHANGES[key] for key in changes})}


OTHER_ARGUMENTS: dict[str, Any] = {
    "decay_type": "1-sqrt",
    "cycle_len": 2.0,
    "alpha": 2.0,
    "parts": [{"steps": 3, "start": 0.5}, {}],
    "grad_norms": [2.0, 1.0],
    "method": "adam",
}


def other(key: str, default: Any) -> Any:
    """A value that an argument may have and that is not its default."""
    if key in OTHER_ARGUMENTS:
        return OTHER_ARGUMENTS[key]
    if isinstance(default, bool):
        return not default
    return default + 3 if isinstance(default, int) else 0.3 if default == 0.5 else 0.5


@pytest.mark.parametrize("family", [name for name in FAMILIES if name != "piecewise"])
def test_every_argument_of_every_family_changes_it(family):
    def schedule(**arguments: Any) -> str:
        return hash_of(schedules={"a": {"kind": family, **arguments}})

    resolved = BoundExperiment.model_validate(
        {**BASE, "schedules": {"a": {"kind": family}}}
    ).resolved()["schedules"]["a"]
    hashes = {schedule(**{key: other(key, resolved[key])}) for key in resolved if key != "kind"}
    assert len(hashes) == len(resolved) - 1
    assert schedule() not in hashes


@given(
    D=st.floats(min_value=1e-30, max_value=1e29),
    points=st.integers(2, 10_000),
    horizons=st.lists(st.integers(1, 100_000_000), min_size=1, max_size=4, unique=True),
    cooldown_len=st.just(0.0) | st.floats(1e-30, 1),
)
def test_different_values_have_different_hashes_and_equal_ones_the_same(
    D, points, horizons, cooldown_len
):
    def changed(D: float, points: int, horizons: list[int], cooldown_len: float) -> str:
        schedules = {"a": {"kind": "wsd", "cooldown_len": cooldown_len}}
        return hash_of(D=D, sweep={"points": points}, horizons=horizons, schedules=schedules)

    found = changed(D, points, horizons, cooldown_len)
    assert found == changed(D, points, list(horizons), cooldown_len)
    assert found != changed(D * 2, points, horizons, cooldown_len)
    assert found != changed(D, points + 1 if points < 10_000 else 2, horizons, cooldown_len)
    new = next(T for T in (1, 2, 3, 4, 5) if T not in horizons)
    assert found != changed(D, points, [*horizons[:-1], new], cooldown_len)
    assert found != changed(D, points, horizons, (cooldown_len + 0.375) % 1)


@given(
    value=st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False)
        | st.text(),
        lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
        max_leaves=8,
    )
)  # fmt: skip
def test_canonical_json_reads_back(value):
    assert json.loads(canonical_json(value)) == value


@pytest.mark.parametrize("value", [float("nan"), float("inf"), [-float("inf")]])
def test_canonical_json_has_no_nan(value):
    with pytest.raises(ValueError, match="not JSON compliant"):
        canonical_json(value)


def test_every_experiment_of_the_project_round_trips_through_its_config_json(tmp_path: Path):
    config = load_config(load_settings({}), REPO)
    assert config.experiments
    for name, experiment in config.experiments.items():
        path = tmp_path / f"{name}.json"
        write_json(experiment.resolved(), path)
        again = read_experiment(path)
        assert again.hash == experiment.hash, name
        assert again.resolved() == experiment.resolved(), name


def test_every_folder_of_questions_has_a_file_so_that_git_keeps_it():
    for folder in load_settings({}).questions:
        assert any((REPO / folder).iterdir()), folder


def test_an_experiment_cannot_be_changed_after_it_was_hashed():
    experiment = BoundExperiment.model_validate(BASE)
    with pytest.raises(ValueError, match="frozen"):
        experiment.D = 3.0


@pytest.mark.parametrize(("label", "shown"), [({}, "my schedule"), ({"my_schedule": "M"}, "M")])
def test_labels(label, shown):
    experiment = BoundExperiment(
        schedules={"my_schedule": {"kind": "wsd"}}, horizons=[10], labels=label
    )
    assert experiment.label("my_schedule") == shown


def test_warmup_and_milestones_beyond_a_million_steps():
    late = {"kind": "piecewise", "milestones": [4_000_000], "factors": [0.5]}
    experiment = BoundExperiment(
        schedules={"a": {"kind": "wsd", "warmup_steps": 2_000_000}, "b": late},
        horizons=[10_000_000],
    )
    assert experiment.schedules["a"].build(10_000_001).warmup_steps == 2_000_000
