"""The JSON schemas that editors use: in sync with the models, and right for the files there are."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from scheduled.cli.main import main
from scheduled.config.schema import FILES
from scheduled.core.yaml_files import read_document

REPO = Path(__file__).parents[2]
SCHEMAS = REPO / "workflow" / "schemas"
TRAINING = sorted(REPO.glob("config/training/*.yaml"))
PREDICTIONS = sorted(REPO.glob("config/predictions/*.yaml"))
QUESTIONS = sorted(set(REPO.glob("config/*/*.yaml")) - {*TRAINING, *PREDICTIONS})
X: dict[str, Any] = {"schedules": {"a": {"kind": "wsd"}}, "horizons": [10]}


def schema(name: str) -> dict[str, Any]:
    """A schema as it is stored."""
    text = (SCHEMAS / f"{name}.schema.json").read_text(encoding="utf-8")
    return dict(json.loads(text))


@pytest.fixture(scope="module")
def question() -> Draft202012Validator:
    return Draft202012Validator(schema("question"))


def test_the_files_are_those_that_the_models_give(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    assert {path.name for path in SCHEMAS.iterdir()} == set(FILES)
    assert main(["project", "schema", "--to", str(tmp_path)]) == 0
    paths = [tmp_path / name for name in FILES]
    assert capsys.readouterr().out.split() == list(map(str, paths))
    for path in paths:
        stored = (SCHEMAS / path.name).read_bytes()
        assert path.read_bytes() == stored, f"{path.name} is out of date: run `make schema`"


@pytest.mark.parametrize("name", FILES)
def test_they_are_schemas(name):
    Draft202012Validator.check_schema(schema(name.removesuffix(".schema.json")))


@pytest.mark.parametrize("path", QUESTIONS, ids=lambda path: path.stem)
def test_every_question_file_is_valid(question, path):
    errors = [error.message for error in question.iter_errors(read_document(path).data)]
    assert errors == []


@pytest.mark.parametrize("path", TRAINING, ids=lambda path: path.stem)
def test_every_training_plan_is_valid(path):
    errors = Draft202012Validator(schema("training")).iter_errors(read_document(path).data)
    assert [error.message for error in errors] == []


@pytest.mark.parametrize("path", PREDICTIONS, ids=lambda path: path.stem)
def test_every_plan_of_predictions_is_valid(path):
    errors = Draft202012Validator(schema("predictions")).iter_errors(read_document(path).data)
    assert [error.message for error in errors] == []


def test_config_yaml_is_valid():
    settings = Draft202012Validator(schema("settings"))
    values = read_document(REPO / "config" / "config.yaml").data
    assert [error.message for error in settings.iter_errors(values)] == []
    assert not settings.is_valid({**values, "run": "off"})
    assert not settings.is_valid({**values, "runs": "on"})


@pytest.mark.parametrize(
    "path", [*QUESTIONS, *TRAINING, REPO / "config" / "config.yaml"], ids=lambda p: p.stem
)
def test_every_file_names_its_schema_in_the_first_line(path):
    line = path.read_text(encoding="utf-8").splitlines()[0]
    schema = path.parent / line.removeprefix("# yaml-language-server: $schema=")
    assert schema.resolve().is_file()


@pytest.mark.parametrize(
    "experiment",
    [
        X,
        {"extends": "y"},
        {"extends": "y", "horizons": [20], "labels": None},
        {**X, "extends": "y"},
        {**X, "base_lr": "tuned"},
        {**X, "base_lr": 0.1},
        {**X, "base_lr": {"a": 0.1}},
        {**X, "grad_norms": {"power": -0.5}},
    ],
)
def test_what_is_right_is_valid(question, experiment):
    assert question.is_valid({"experiments": {"x": experiment}})


@pytest.mark.parametrize(
    "experiment",
    [
        {"horizons": [10]},
        {**X, "horizon": [10]},
        # Some kind has each of these keys, but none has both.
        {"extends": "y", "horizon": 10, "horizons": [10]},
        {"extends": "y", "horizonz": [10]},
        {**X, "schedules": {"a": {"kind": "wsdd"}}},
        {**X, "schedules": {"a": {"kind": "wsd", "cycle_len": 2}}},
        {**X, "D": "1"},
        {**X, "base_lr": "fixed"},
        {**X, "horizons": [0]},
    ],
)
def test_what_is_wrong_is_not(question, experiment):
    assert not question.is_valid({"experiments": {"x": experiment}})


def test_every_key_is_described():
    # An editor shows the description next to the key.
    for name, model in schema("question")["$defs"].items():
        for key, value in model.get("properties", {}).items():
            described = "description" in value or "const" in value
            assert described, f"{name}.{key}"
