"""Question files written into a temporary folder, and what loading them gives or says."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from scheduled.config.load import Config, load_config, load_settings
from scheduled.core.errors import ConfigError

Load = Callable[..., Config]
Problem = Callable[..., str]


@pytest.fixture
def load(tmp_path: Path) -> Load:
    """Load the configuration whose question files have these texts."""

    def load(text: str, **more: str) -> Config:
        (tmp_path / "questions").mkdir(exist_ok=True)
        for name, content in {"a": text, **more}.items():
            (tmp_path / "questions" / f"{name}.yaml").write_text(content, encoding="utf-8")
        return load_config(load_settings({"questions": ["questions"]}), tmp_path)

    return load


@pytest.fixture
def problem(load: Load, tmp_path: Path) -> Problem:
    """What loading such files is refused with, the temporary folder left out."""

    def problem(text: str, **more: str) -> str:
        with pytest.raises(ConfigError) as caught:
            load(text, **more)
        return str(caught.value).replace(f"{tmp_path / 'questions'}/", "")

    return problem
