"""The trainings in the rows of a log: parted, and what of each was not logged or not finite."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pandas as pd

from scheduled.core.errors import RunError
from scheduled.runs.formats.base import ROW_COLUMNS, RunLog
from scheduled.runs.log_warning import LogWarning

__all__ = ["finish", "trainings"]

_SAME = 1e-6
"""Learning rates of one step that differ by more, relative, are of two trainings."""
_FEWEST = 5
"""Rows of two trainings whose steps do not coincide, to be told from rows in disorder."""
_ALIKE = 0.05
"""Losses of one step that differ by more, relative, are not one training's to be averaged."""


def trainings(rows: pd.DataFrame) -> list[tuple[int, int, str | None]]:
    """Part rows where a second training begins: (start, stop, what shows it).

    A step that comes back is a resumption, unless its learning rate is another one, or the log
    begins again where it began, with other losses.

    Examples
    --------
    >>> rows = pd.DataFrame({"step": [1, 2, 1], "learning_rate": [0.1, 0.1, 0.2]})
    >>> trainings(rows.assign(train_loss=3.0))
    [(0, 2, None), (2, 3, 'the learning rate of step 1 is 0.2 after 0.1')]
    """
    names = ["learning_rate", "train_loss"]
    of_training = ~np.logical_and.reduce([np.isnan(rows[name].to_numpy()) for name in names])
    if not of_training.any():
        of_training = np.ones(len(rows), dtype=bool)
        names = ["learning_rate", "val_loss"]
    at = np.flatnonzero(of_training)
    steps = rows["step"].to_numpy()[at]
    back = np.flatnonzero(np.diff(steps) < 0) + 1
    if not len(back):
        return [(0, len(rows), None)]
    lrs, losses = (rows[name].to_numpy()[at] for name in names)
    parts: list[tuple[int, int, str | None]] = []
    start, why = 0, None
    seen: dict[int, int] = {}
    bounds = [0, *back.tolist(), len(at)]
    for low, high in pairwise(bounds):
        shows = _shows_second(steps, lrs, losses, seen, low, high)
        if shows:
            begin = int(at[low])
            parts.append((start, begin, why))
            start, why, seen = begin, shows, {}
        seen.update(zip(steps[low:high].tolist(), range(low, high), strict=True))
    parts.append((start, len(rows), why))
    return parts


def _shows_second(
    steps: np.ndarray,
    lrs: np.ndarray,
    losses: np.ndarray,
    seen: dict[int, int],
    low: int,
    high: int,
) -> str | None:
    """What shows that rows low…high are of another training than those seen; or None."""
    if not seen:
        return None
    again, comes_back = int(steps[low]) == min(seen), False
    for row in range(low, high):
        before = seen.get(int(steps[row]))
        if before is None:
            continue
        comes_back = True
        one, two = float(lrs[before]), float(lrs[row])
        if abs(one - two) > _SAME * max(abs(one), abs(two)):
            return f"the learning rate of step {int(steps[row])} is {two:g} after {one:g}"
        one, two = float(losses[before]), float(losses[row])
        if again and abs(one - two) > _SAME * max(abs(one), abs(two)):
            return f"the loss of step {int(steps[row])} is {two:g} after {one:g}"
    return None if comes_back else _shows_between(steps, lrs, seen, low, high)


def _shows_between(
    steps: np.ndarray, lrs: np.ndarray, seen: dict[int, int], low: int, high: int
) -> str | None:
    """The same of rows none of whose steps was seen, by the rows before and after them."""
    at, new = np.array(list(seen)), steps[low:high]
    if (np.diff(at) < 0).any():
        return None
    inside = low + np.flatnonzero((new > at[0]) & (new < at[-1]))
    if len(inside) < _FEWEST or len(at) < _FEWEST:
        return None
    after = np.searchsorted(at, steps[inside])
    sides = np.stack([lrs[[seen[int(step)] for step in at[after - side]]] for side in (0, 1)])
    slack = _SAME * np.abs(sides).max(axis=0)
    found = lrs[inside]
    # Between two rows of one training there may be its peak, but not most of what is compared.
    outside = (found < sides.min(axis=0) - slack) | (found > sides.max(axis=0) + slack)
    if 2 * outside.sum() > len(inside):
        row = int(np.flatnonzero(outside)[0])
        return (
            f"the learning rate of step {int(steps[inside[row]])} is {found[row]:g}, between steps "
            f"with {sides[1, row]:g} and {sides[0, row]:g}"
        )
    if at[0] < new[0] < at[1] and np.isnan(found).all():
        return f"the log begins again at step {int(new[0])}, after it was at {int(at[-1])}"
    return None


def finish(run: RunLog, nan_is_missing: bool, source: str) -> RunLog:
    """Tell values that were not logged from those of a run that diverged, and look at repeats."""
    rows, warnings, about = run.rows, list(run.warnings), dict(run.about)
    numbers = np.stack([rows[name].to_numpy() for name in ROW_COLUMNS[1:]])
    if np.isinf(numbers).any():
        rows = rows.copy()
        diverged = None if nan_is_missing else _diverged_at(rows)
        if diverged is not None:
            about["diverged_at"] = diverged
            warnings.append(
                LogWarning(
                    "diverged",
                    f"its loss is not finite from step {diverged} to the end: the run diverged. It "
                    "is kept: its learning rate was too high.",
                    diverged,
                )
            )
        for name in ROW_COLUMNS[1:]:
            column = rows[name].to_numpy()
            bad = np.isinf(column)
            if not bad.any():
                continue
            inside = bad if diverged is None else bad & (rows["step"].to_numpy() < diverged)
            if inside.any() and name != "val_loss" and not nan_is_missing:
                first = int(rows["step"].to_numpy()[inside].min())
                warnings.append(
                    LogWarning(
                        "nan-inside",
                        f"{name} is not finite in {int(inside.sum())} rows: taken as not logged.",
                        first,
                        float(inside.sum()),
                    )
                )
            rows[name] = np.where(bad, np.nan, column)
    if not np.isfinite(numbers).any() and "diverged_at" not in about:
        raise RunError(f"{source}: no value in it is finite, expected one at some step")
    warnings += _repeats(rows)
    return RunLog(rows, run.facts, run.columns, run.measured, run.name, about, tuple(warnings))


def _diverged_at(rows: pd.DataFrame) -> int | None:
    """The first step from which no loss is finite again; None if the run went well."""
    ordered = rows.sort_values("step", kind="stable")
    train, val = ordered["train_loss"].to_numpy(), ordered["val_loss"].to_numpy()
    losses = train if not np.isnan(train).all() else val
    # A row that holds another loss, or nothing but this one's "nan", was not about this loss.
    others = val if losses is train else train
    bad = np.isinf(losses) & ~np.isfinite(others)
    if losses is train and (np.isfinite(ordered["learning_rate"]) & np.isfinite(losses)).any():
        bad &= ordered[["learning_rate", "grad_norm"]].notna().any(axis=1).to_numpy()
    finite = np.flatnonzero(np.isfinite(losses))
    last = int(finite[-1]) if len(finite) else -1
    after = np.flatnonzero(bad[last + 1 :])
    if not len(after):
        return None
    first = last + 1 + int(after[0])
    if np.isfinite(others[first:]).any():
        return None
    return int(ordered["step"].iloc[first])


def _repeats(rows: pd.DataFrame) -> list[LogWarning]:
    """Rows of one step that would be averaged and do not agree."""
    found = []
    steps = rows["step"].to_numpy()
    for name, tolerance in (("learning_rate", _SAME), ("train_loss", _ALIKE), ("val_loss", _ALIKE)):
        there = ~np.isnan(rows[name].to_numpy())
        if len(np.unique(steps[there])) == there.sum():
            continue
        part = rows.loc[there, ["step", name]]
        by_step = part.groupby("step")[name]
        low, high = by_step.min(), by_step.max()
        apart = (high - low) > tolerance * np.maximum(low.abs(), high.abs())
        if apart.any():
            step = int(apart.index[apart.to_numpy()][0])
            found.append(
                LogWarning(
                    "repeats-disagree",
                    f"{name} of step {step} is both {low[step]:g} and {high[step]:g}; "
                    f"{int(apart.sum())} steps disagree. Keep the rows of one training.",
                    step,
                    float(high[step] - low[step]),
                )
            )
    return found
