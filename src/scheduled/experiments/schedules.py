"""First stage of the kind ``bounds``: the schedules of every case.

Schedules leave as arrays: the step at base LR γ is γ·relative + offset, where the offset is zero
but for absolute warm-up or final LRs (`scheduled.schedules.tabulated.affine`).
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from scheduled.experiments.bounds_settings import BoundExperiment
from scheduled.schedules.tabulated import affine


def schedule_table(experiment: BoundExperiment) -> pd.DataFrame:
    """Every schedule at every horizon, and at every value of a varied quantity.

    Returns
    -------
    DataFrame
        Columns schedule, horizon, value (if a quantity is varied), step (1…N), relative, offset;
        case by case, in the order of `BoundExperiment.cases`.
    """
    parts = []
    for case in experiment.cases():
        relative, offset = affine(experiment.build(case))
        steps = np.arange(1, len(relative) + 1)
        arrays = {"step": steps, "relative": relative, "offset": offset}
        parts.append(pd.DataFrame({**case.columns(), **arrays}))
    return pd.concat(parts, ignore_index=True)
