"""Small experiments of every kind, and their tables, for the tests of what is made of them."""

from __future__ import annotations

from typing import Any

import pandas as pd
from pydantic import TypeAdapter

from scheduled.config.load import AnyExperiment

WSD: dict[str, Any] = {"kind": "wsd", "cooldown_len": 0.2}
SWEEP = {"low": 0.02, "high": 0.4, "points": 7}
TINY: dict[str, dict[str, Any]] = {
    # At five times the horizon no cooldown is long enough.
    "cooldown_len": {
        "kind": "horizon_transfer", "schedule": WSD, "adapt": "cooldown_len", "horizon": 200,
        "multiples": [2, 1, 5], "sweep": SWEEP, "curve_points": 40,
    },
    "factor": {
        "kind": "horizon_transfer", "schedule": WSD, "adapt": "factor", "horizon": 200,
        "multiples": [1, 2], "sweep": SWEEP, "curve_points": 40,
    },
    "lr_transfer": {"kind": "lr_transfer", "horizons": [100, 50], "points": 8, "degree": 3},
    "worst_case": {
        "kind": "worst_case", "schedules": {"wsd": WSD, "cosine": {"kind": "cosine"}},
        "horizon": 8, "pep_at": [3], "D": 2.0, "G": 0.5,
    },
    "subgradient": {
        "kind": "subgradient", "horizon": 30,
        "schedules": {"wsd": WSD, "constant": {"kind": "constant"}},
        "base_lr": {"wsd": 0.2, "constant": 0.1},
    },
    "optimal_schedule": {"kind": "optimal_schedule", "horizon": 20, "snapshots": 5},
    "bounds": {"schedules": {"wsd": WSD}, "horizons": [40, 20], "sweep": {"points": 5}},
    "varied": {
        "schedules": {"wsd": {"kind": "wsd"}}, "horizons": [20], "sweep": {"points": 5},
        "vary": {"parameter": "cooldown_len", "values": [1.0, 0.5, 0.2], "label": "fraction"},
    },
}  # fmt: skip


_ADAPTER: TypeAdapter[Any] = TypeAdapter(AnyExperiment)


def tiny(name: str, **changes: Any) -> Any:
    """One of these experiments."""
    return _ADAPTER.validate_python({**TINY[name], **changes})


def result(name: str) -> dict[str, pd.DataFrame]:
    """Its tables; nobody may change them."""
    return results_of(tiny(name))


_RESULTS: dict[str, dict[str, pd.DataFrame]] = {}


def results_of(experiment: Any) -> dict[str, pd.DataFrame]:
    """The tables of any experiment, of equal ones the same; nobody may change them."""
    key = experiment.model_dump_json()
    if key not in _RESULTS:
        if experiment.kind != "bounds":
            _RESULTS[key] = experiment.tables()
        else:
            schedules = experiment.schedule_table()
            _RESULTS[key] = {"schedules": schedules, **experiment.tables(schedules)}
    return _RESULTS[key]
