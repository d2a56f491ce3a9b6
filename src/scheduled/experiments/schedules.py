"""First stage of the kind ``bounds``: the schedules of a grid of schedules × horizons.

Schedules leave as arrays: the step at base LR γ is γ·relative + offset, where the offset is zero
but for absolute warm-up or final LRs (`scheduled.schedules.tabulated.affine`).
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pandas as pd

from scheduled.config.experiments import BoundExperiment
from scheduled.schedules.tabulated import affine


def schedule_table(experiment: BoundExperiment) -> pd.DataFrame:
    """Every schedule at every horizon.

    Returns
    -------
    DataFrame
        Columns schedule, horizon, step (1…N), relative, offset; sorted by the first three.
    """
    parts = []
    for name, horizon in cases(experiment):
        spec = experiment.schedules[name]
        schedule = spec.build(horizon + 1, experiment.fixed_base_lr(name))
        relative, offset = affine(schedule)
        parts.append(
            pd.DataFrame(
                {
                    "schedule": name,
                    "horizon": horizon,
                    "step": np.arange(1, horizon + 2),
                    "relative": relative,
                    "offset": offset,
                }
            )
        )
    return pd.concat(parts, ignore_index=True)


def cases(experiment: BoundExperiment) -> Iterator[tuple[str, int]]:
    """Schedule and horizon of each case, in the order of all tables."""
    # Sorted: the order in which the YAML names them is no part of the hash.
    for name in sorted(experiment.schedules):
        for horizon in sorted(experiment.horizons):
            yield name, horizon
