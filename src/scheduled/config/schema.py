"""JSON schemas of the YAML files, generated from the models, so that editors complete and check."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from scheduled.config.load import EXPERIMENTS, QuestionFile
from scheduled.config.settings import Settings
from scheduled.core.model import Model
from scheduled.training.plan import TrainingPlan

FILES: dict[str, type[Model]] = {
    "question.schema.json": QuestionFile,
    "settings.schema.json": Settings,
    "training.schema.json": TrainingPlan,
}


def write_schemas(folder: Path) -> list[Path]:
    """Write every schema into a folder and return the paths."""
    paths = []
    for name in FILES:
        path = folder / name
        path.write_text(schema_text(name), encoding="utf-8")
        paths.append(path)
    return paths


def schema_text(name: str) -> str:
    """The text of one schema file."""
    model = FILES[name]
    schema = model.model_json_schema()
    if model is QuestionFile:
        patterns = schema["properties"]["experiments"]["patternProperties"]
        for pattern, full in patterns.items():
            extending = [
                _extending(schema["$defs"][kind.__name__]) for kind in EXPERIMENTS.values()
            ]
            patterns[pattern] = {"anyOf": [*full.get("oneOf", [full]), *extending]}
    schema = {"$schema": "https://json-schema.org/draft/2020-12/schema", **schema}
    return json.dumps(schema, indent=1, sort_keys=True, ensure_ascii=False) + "\n"


def _extending(experiment: dict[str, Any]) -> dict[str, Any]:
    """An experiment that extends another and names only what differs.

    Until it is merged, such an entry may lack any key, or take one away with null; it is the merged
    experiment that the models check.
    """
    properties: dict[str, Any] = {
        key: {"description": value.get("description", "")}
        for key, value in experiment["properties"].items()
    }
    properties["extends"] = {
        "type": "string",
        "description": "Experiment whose keys are taken over; null takes a key away.",
    }
    return {
        "type": "object",
        "properties": properties,
        "required": ["extends"],
        "additionalProperties": False,
    }
