"""Write the stored tables anew; a commit that runs this says why.

Tables of experiments are computed. Of figures of training runs the checksums are taken of the
results of `make figures`, where the runs are at hand (SCHEDULED_RUNS); else they stay as they are.
"""

import json
import os
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
REPO = HERE.parents[1]
sys.path[:0] = [str(REPO / "src"), str(REPO / "tests")]

from regression.headline import HEADLINES, headline  # noqa: E402
from scheduled.core.identity import file_sha256  # noqa: E402
from scheduled.core.tabular import write_table  # noqa: E402
from scheduled.plan.plan import Plan  # noqa: E402
from scheduled.reproduce.check import plan_of  # noqa: E402
from scheduled.reproduce.stored import run_checksums, run_figures, write_checksums  # noqa: E402


def current(plan: Plan) -> bool:
    """Whether the results are those of the configuration, and all of them."""
    path = REPO / "results" / "manifest.json"
    if not path.is_file():
        return False
    manifest = json.loads(path.read_text(encoding="utf-8"))
    tables = [f"results/tables/{name}.csv" for name in run_figures(plan)]
    return manifest["figures"] == plan.summary()["figures"] and all(
        file_sha256(REPO / table) == manifest["sha256"].get(table) for table in tables
    )


def main() -> None:
    """Write all that can be written."""
    runs = os.environ.get("SCHEDULED_RUNS")
    plan = plan_of(REPO, Path(runs) if runs else None)
    for old in HERE.glob("*.csv"):
        old.unlink()
    for name, experiment in plan.config.experiments.items():
        write_table(headline(experiment), HERE / f"{name}.{HEADLINES[experiment.kind]}.csv")
    if plan.unavailable or not current(plan):
        sys.exit(
            "The checksums of figures of training runs stay as they are: set SCHEDULED_RUNS, run "
            "`make figures`, then this."
        )
    write_checksums(run_checksums(plan, REPO / "results"), HERE)


if __name__ == "__main__":
    main()
