"""The ledger of claims, made alone, follows the configuration."""

from __future__ import annotations

import pytest

from scheduled.core.tabular import read_table

from .conftest import Project, jobs

pytestmark = pytest.mark.workflow

LAWS = """\
experiments:
  laws:
    schedules:
      wsd: {kind: wsd, cooldown_len: 0.2}
      cosine: {kind: cosine}
    horizons: [200, 300, 400, 500, 600]
figures:
  multiple_horizon/gamma_star_fit: {kind: gamma_star_fit, experiment: laws}
"""


def verdicts(project: Project) -> dict[str, str]:
    table = read_table(project.folder / "results" / "claims.csv")
    return dict(zip(table["claim"], table["verdict"], strict=True))


def test_the_ledger_is_made_alone_and_follows_the_configuration(project: Project) -> None:
    project.write("config/experiments/laws.yaml", LAWS)
    made = jobs(project.run("claims"))
    assert made["draw_experiments_laws"] == 1
    assert "draw_experiments_tiny" not in made
    found = verdicts(project)
    assert found.pop("gamma_star_cosine") == "confirmed"
    assert found.pop("gamma_star_wsd") == "confirmed"
    assert found.pop("cosine_wsd_ratio") == "confirmed"
    assert set(found.values()) == {"undecided"}
    assert jobs(project.run("claims")) == {}

    project.edit("config/experiments/laws.yaml", "cooldown_len: 0.2", "cooldown_len: 0.4")
    project.run("claims")
    found = verdicts(project)
    assert found["gamma_star_cosine"] == "confirmed"
    assert found["gamma_star_wsd"] == "contradicted"


def test_a_configuration_without_any_of_the_tables_decides_nothing(made: Project) -> None:
    assert "claims.csv" not in made.results()
    made.run("claims")
    assert set(verdicts(made).values()) == {"undecided"}
