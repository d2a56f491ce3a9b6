"""JSON schemas of the YAML files, generated from the models, so that editors complete and check."""

from __future__ import annotations

import ast
import functools
import inspect
import itertools
import json
import sys
import textwrap
from pathlib import Path
from typing import Any

from pydantic.json_schema import GenerateJsonSchema, JsonSchemaValue
from pydantic_core.core_schema import ModelSchema

from scheduled.config.load import EXPERIMENTS, QuestionFile
from scheduled.config.settings import Settings
from scheduled.core.model import Model
from scheduled.predictions.plan import PredictionPlan
from scheduled.training.plan import TrainingPlan

FILES: dict[str, type[Model]] = {
    "predictions.schema.json": PredictionPlan,
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
    schema = model.model_json_schema(schema_generator=_Described)
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
        "description": "Experiment whose keys are inherited; null removes a key.",
    }
    return {
        "type": "object",
        "properties": properties,
        "required": ["extends"],
        "additionalProperties": False,
    }


class _Described(GenerateJsonSchema):
    """A schema whose properties have the docstrings below the models' fields.

    pydantic would read them from the source at every start of the pipeline, which takes longer
    than all else that it does with the models.
    """

    def model_schema(self, schema: ModelSchema) -> JsonSchemaValue:
        found = super().model_schema(schema)
        for name, text in _field_docstrings(schema["cls"]).items():
            if name in found.get("properties", {}):
                found["properties"][name].setdefault("description", text)
        return found


def _field_docstrings(model: type) -> dict[str, str]:
    """Field → the string that stands below it, in the model or in one that it derives from."""
    texts: dict[str, str] = {}
    for cls in reversed(model.__mro__):
        if issubclass(cls, Model):
            texts |= _own_docstrings(cls)
    return texts


@functools.cache
def _own_docstrings(model: type[Model]) -> dict[str, str]:
    """The same of the fields that stand in the model itself."""
    # Models that are made from a family's dataclass have no source, and descriptions already.
    if model.__module__ not in sys.modules:
        return {}
    try:
        source = inspect.getsource(model)
    except (OSError, TypeError):
        return {}
    (definition,) = ast.parse(textwrap.dedent(source)).body
    assert isinstance(definition, ast.ClassDef)
    return {
        field.target.id: inspect.cleandoc(below.value.value)
        for field, below in itertools.pairwise(definition.body)
        if isinstance(field, ast.AnnAssign)
        and isinstance(field.target, ast.Name)
        and isinstance(below, ast.Expr)
        and isinstance(below.value, ast.Constant)
        and isinstance(below.value.value, str)
    }
