"""Rewrite the stored tables; a commit that runs this says why.

Without the published logs (SCHEDULED_RUNS), what is stored of their figures stays as it is, and
nothing of any figure of training runs is written.
"""

import os
import shutil
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).resolve().parent
REPO = HERE.parents[1]
sys.path[:0] = [str(REPO / "src"), str(REPO / "tests")]

from regression.headline import headline  # noqa: E402
from regression.run_tables import write_run_tables  # noqa: E402
from scheduled.core.tabular import write_table  # noqa: E402
from scheduled.reproduce.check import plan_of  # noqa: E402
from scheduled.reproduce.stored import COMPUTED, write_run_figures  # noqa: E402


def main() -> None:
    """Write all that can be written."""
    runs = os.environ.get("SCHEDULED_RUNS")
    plan = plan_of(REPO, Path(runs) if runs else None)
    for old in HERE.glob("*.csv"):
        old.unlink()
    for name, experiment in plan.config.experiments.items():
        write_table(headline(experiment), HERE / f"{name}.{experiment.headline}.csv")
    if plan.unavailable:
        sys.exit("What is stored of figures of training runs stays as it is: set SCHEDULED_RUNS.")
    shutil.rmtree(HERE / COMPUTED, ignore_errors=True)
    with tempfile.TemporaryDirectory() as folder:
        write_run_tables(plan, REPO, Path(folder))
        write_run_figures(plan, Path(folder), HERE)


if __name__ == "__main__":
    main()
