"""``scheduled project stored``: part of the reproducibility check, in the checkout as it is."""

from pathlib import Path


def run() -> int:
    """Compare this checkout's results with the tables in tests/regression."""
    from scheduled.reproduce.check import local_runs, plan_of
    from scheduled.reproduce.stored import FOLDER, compare_stored

    plan = plan_of(Path(), local_runs(Path()))
    compared, messages = compare_stored(plan, Path("results"), FOLDER)
    if messages:
        print("\n".join(messages))
    else:
        print(f"the same: stored tables ({len(compared)} compared)")
    if missing := len(plan.config.figures) - len(plan.figures):
        print(f"{missing} figures of training runs are missing and were not compared")
    return int(bool(messages))
