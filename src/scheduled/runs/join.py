"""Join the log of a branch to the curve that it continues."""

from __future__ import annotations

import pandas as pd

from scheduled.runs.metadata import RunMetadata

__all__ = ["cut_step", "join"]


def cut_step(branch: RunMetadata, first_step: int) -> float:
    """Return the step at which a branch takes over from its trunk.

    Parameters
    ----------
    branch : RunMetadata
        The branch; its cooldown begins at iterations·(1 − cooldown).
    first_step : int
        First step of its training log.

    Returns
    -------
    float
        The earlier of the two.
    """
    return min(branch.cooldown_start, float(first_step))


def join(trunk: pd.DataFrame, branch: pd.DataFrame, cut: float) -> pd.DataFrame:
    """Continue one log of a trunk by the same log of a branch.

    Training and validation logs are joined one by one. A branch's training log begins one
    logging interval after the checkpoint, its validation log at the checkpoint: were they merged
    first, the learning rate at the cooldown's start would go missing. It is there: in the
    trunk's row at the cut, the very state that the branch was resumed from.

    Parameters
    ----------
    trunk, branch : DataFrame
        The same columns, among them `step`, each step once.
    cut : float
        From `cut_step`. The trunk counts up to it and including it; where both logs have a
        step, the branch's row is taken.

    Returns
    -------
    DataFrame
        Sorted by step, each step once, with a fresh index.

    Examples
    --------
    >>> trunk = pd.DataFrame({"step": [100, 200, 300], "train_loss": [4.0, 3.0, 2.9]})
    >>> branch = pd.DataFrame({"step": [250, 300], "train_loss": [2.8, 2.7]})
    >>> join(trunk, branch, cut=200.0).to_dict("list")
    {'step': [100, 200, 250, 300], 'train_loss': [4.0, 3.0, 2.8, 2.7]}
    """
    kept = trunk[(trunk["step"] <= cut) & ~trunk["step"].isin(branch["step"])]
    return pd.concat([kept, branch]).sort_values("step", ignore_index=True)
