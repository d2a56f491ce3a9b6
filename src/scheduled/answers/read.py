"""What is in a log."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from scheduled.answers.page import Page, Table, apart, brief, short
from scheduled.answers.picture import Curve, Picture
from scheduled.answers.show import sparkline
from scheduled.core.files import write_text
from scheduled.runs.read import LoggedRun

__all__ = ["contents", "curves_of"]

_LONGEST_TABLE = 20


def contents(runs: Sequence[LoggedRun], to: Path | None = None) -> Page:
    """The facts and warnings of some runs.

    Parameters
    ----------
    runs : sequence of LoggedRun
    to : Path, optional
        Where to write the tidy table of all of them, a row a step, as CSV.

    Raises
    ------
    OSError
        If the file cannot be written.
    """
    lines, tables = [], []
    names = apart([run.name for run in runs], 50)
    for run, name in zip(runs[:_LONGEST_TABLE], names, strict=False):
        facts = run.facts
        steps = f"steps {facts['first_step']} to {facts['last_step']}"
        total = f" of {facts['horizon']}" if facts["horizon"] else ""
        lines.append(f"{name}: {run.status}, {steps}{total}.")
        if len(runs) <= 3:
            tables += _tables(run)
        elif run.codes:
            lines.append(f"  {', '.join(run.codes)}")
    if len(runs) > _LONGEST_TABLE:
        lines.append(f"… ({len(runs) - _LONGEST_TABLE} runs more)")
    if to is not None:
        parts = [run.table.assign(run=run.name) if len(runs) > 1 else run.table for run in runs]
        write_text(pd.concat(parts, ignore_index=True).to_csv(index=False), to)
        lines.append(f"{to}: {sum(map(len, parts))} rows.")
    data: dict[str, Any] = {
        "runs": [
            {
                "name": run.name,
                "status": run.status,
                "facts": run.facts,
                "warnings": [vars(each) | {"serious": each.serious} for each in run.warnings],
            }
            for run in runs
        ]
    }
    rates, losses = curves_of(runs)
    return Page("read", tuple(lines), tuple(tables), (), data, Picture(rates, losses))


def curves_of(runs: Sequence[LoggedRun]) -> tuple[tuple[Curve, ...], tuple[Curve, ...]]:
    """Logged learning rates, and losses, for a figure."""
    rates: list[Curve] = []
    losses: list[Curve] = []
    for run, name in zip(runs, apart([run.name for run in runs], 30), strict=True):
        for column, into in (
            ("learning_rate", rates),
            ("train_loss", losses),
            ("val_loss", losses),
        ):
            found = run.table[["step", column]].dropna().to_numpy(float)
            if len(found):
                into.append(Curve(f"{name} {column.replace('_', ' ')}", found[:, 0], found[:, 1]))
    return tuple(rates), tuple(losses)


def _tables(run: LoggedRun) -> list[Table]:
    facts = run.facts
    rows = []
    for name, key in (
        ("peak learning rate", "peak_lr"),
        ("last learning rate", "final_lr"),
        ("warm-up steps", "warmup_steps"),
        ("schedule", "schedule"),
        ("batch", "batch"),
        ("a row's rate is of", "lr_of"),
        ("a row's loss is of", "loss_of"),
    ):
        value = facts.get(key)
        if value is not None:
            text = short(value, 6) if isinstance(value, float) else str(value)
            rows.append((name, text + (" (derived)" if key in facts["derived"] else "")))
    rows.append(("rows", f"{facts['train_rows']} of training, {facts['val_rows']} of validation"))
    for column in ("learning_rate", "train_loss", "val_loss"):
        values = run.table[column].dropna().to_numpy(float)
        if values.size > 1:
            first, last = short(float(values[0]), 4), short(float(values[-1]), 4)
            low = float(values.min())
            drawn = sparkline(values - (low if column != "learning_rate" else 0.0), 30)
            rows.append((column, f"{drawn}  {first} → {last}"))
    tables = [Table(("fact", brief(run.name, 50)), tuple(rows))]
    if run.warnings:
        found = tuple(
            (w.code, "–" if w.step is None else str(w.step), w.message) for w in run.warnings
        )
        tables.append(Table(("warning", "step", "what"), found))
    return tables
