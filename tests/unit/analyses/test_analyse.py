"""An analysis of all seeds together, or of each by itself; every kind is found by its name."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import Any

import numpy as np
import pandas as pd
import pytest
from pydantic import ValidationError

from helpers.made_up_runs import SETTINGS, lr_grid, no_logs, settings
from scheduled.analyses.base import Analysis, analyse
from scheduled.config.load import ANALYSES
from scheduled.core.errors import RunError
from scheduled.core.registry import load_kind
from scheduled.runs.group import RunGroup

TRUTH = {0.2: (1.3e-5, 17.0, 2.93)}
METADATA = lr_grid(TRUTH, 1e-3, seeds=2, rng=np.random.default_rng(1))


def found(metadata: pd.DataFrame = METADATA, **changes: Any) -> dict[str, pd.DataFrame]:
    return analyse(settings("loss_over_lr", "lr", **changes), no_logs(), metadata)


def test_together():
    points = found()["points"]
    assert "seed" not in points
    assert points["seeds"].tolist() == [2] * 5


def test_each_seed_by_itself():
    each = found(per_seed=True)
    assert set(each) == {"points", "fits"}
    for name, table in each.items():
        assert table.columns[0] == "seed"
        assert table["seed"].unique().tolist() == [0, 1]
        for seed, rows in table.groupby("seed"):
            alone = found(METADATA[METADATA["seed"] == seed])[name]
            rows = rows.drop(columns="seed").reset_index(drop=True)
            pd.testing.assert_frame_equal(rows, alone, check_exact=True)


def test_a_run_without_a_seed():
    seeds = pd.array([0, None, *METADATA["seed"].iloc[2:]], dtype="Int64")
    nameless = METADATA.assign(seed=seeds)
    with pytest.raises(RunError, match=f"the run {METADATA['run'].iloc[1]} has no seed"):
        found(nameless, per_seed=True)


@pytest.mark.parametrize("kind", ANALYSES)
def test_every_kind_is_a_module_of_its_name(kind):
    assert load_kind("scheduled.analyses", Analysis, kind) is ANALYSES[kind]


@pytest.mark.parametrize("kind", ANALYSES)
def test_every_kind_gives_the_tables_that_it_names_and_says_why_there_is_nothing(kind):
    assert kind in SETTINGS
    vary = ("cooldown", "lr") if kind == "lr_transfer_check" else ("lr",)
    tables = analyse(settings(kind, *vary), no_logs(), METADATA.assign(final_val_loss=np.nan))
    assert tuple(tables) == ANALYSES[kind].outputs
    for name in ANALYSES[kind].judged:
        assert "ok" not in set(tables[name]["status"])


@pytest.mark.parametrize(
    ("fraction", "legal"), [(0.0, True), (0.999, True), (-1e-9, False), (1.0, False)]
)
def test_a_fraction_of_a_run_is_from_0_and_below_1(fraction: float, legal: bool):
    kind, given = ANALYSES["grad_norm_power"], {"kind": "grad_norm_power", "group": "a"}
    if legal:
        assert kind(**given, from_fraction=fraction).from_fraction == fraction
    else:
        with pytest.raises(ValidationError, match="from_fraction"):
            kind(**given, from_fraction=fraction)


def test_one_field_may_vary_beside_horizon_and_base_lr():
    analysis = ANALYSES["loss_over_lr"](kind="loss_over_lr", group="a")
    series = {"wsd": {"label": "WSD", "select": {"schedule": "wsd"}}}
    one, two = (
        RunGroup.model_validate({"vary": ["lr", "iterations", *more], "series": series})
        for more in (["cooldown"], ["cooldown", "warmup_steps"])
    )
    assert analysis.why_not(one) == ""
    assert "it varies ['cooldown', 'warmup_steps']" in analysis.why_not(two)


def test_finding_the_kinds_imports_no_library_that_takes_long():
    # Planning does so at every start.
    script = """
import sys
from scheduled.analyses.base import Analysis
from scheduled.core.registry import find_kinds
from scheduled.experiments.base import Experiment
found = find_kinds("scheduled.experiments", Experiment), find_kinds("scheduled.analyses", Analysis)
assert all(found)
print(*({"scipy", "numba", "matplotlib", "seaborn", "cvxpy", "PEPit"} & set(sys.modules)))
"""
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    command = [sys.executable, "-c", script]
    assert subprocess.check_output(command, env=environment, text=True).strip() == ""
