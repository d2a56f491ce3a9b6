"""What is stored beside the same computed here and now: prints one JSON object.

``compared``: tables; ``messages``: one for each that does not agree; ``largest``: the largest
relative difference there is, agreeing or not, of what is computed directly and of fitted curves.
"""

import json
import os
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).resolve().parent
REPO = HERE.parents[1]
sys.path[:0] = [str(REPO / "src"), str(REPO / "tests")]

from regression.headline import headline  # noqa: E402
from regression.run_tables import write_run_tables  # noqa: E402
from scheduled.core.promise import DIRECT  # noqa: E402
from scheduled.core.tabular import write_table  # noqa: E402
from scheduled.plan.plan import Plan  # noqa: E402
from scheduled.reproduce.check import plan_of  # noqa: E402
from scheduled.reproduce.compare import compare_rows, largest_difference  # noqa: E402
from scheduled.reproduce.kept import computed_rows  # noqa: E402
from scheduled.reproduce.stored import (  # noqa: E402
    compare_run_figures,
    computed_file,
    read_rows,
    run_tables,
)

ITERATED = "grad_norm_curve"
ZERO = 1e-13
"""Numbers no further apart than this may both be 0 but for rounding, which has no relative size."""


def of_experiments(plan: Plan, folder: Path) -> tuple[list[str], list[float]]:
    """Messages, and the largest difference of each table."""
    messages, far = [], []
    for name, experiment in plan.config.experiments.items():
        file = f"{name}.{experiment.headline}.csv"
        write_table(headline(experiment), folder / file)
        old, new = read_rows(HERE / file), read_rows(folder / file)
        far.append(largest_difference(old, new, ZERO))
        if problem := compare_rows(old, new, lambda *_: DIRECT):
            messages.append(f"experiment {name}: {file}: {problem}")
    return messages, far


def main() -> None:
    """Compute and compare all that can be: figures of the paper's runs with SCHEDULED_RUNS."""
    runs = os.environ.get("SCHEDULED_RUNS")
    plan = plan_of(REPO, Path(runs) if runs else None)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        messages, direct = of_experiments(plan, folder)
        write_run_tables(plan, REPO, folder)
        figures, of_figures = compare_run_figures(plan, folder, HERE)
        curves = []
        for figure, rows in run_tables(plan, folder).items():
            kind = plan.config.figures[figure].kind
            if computed_file(HERE, figure).is_file():
                old = read_rows(computed_file(HERE, figure))
                new = computed_rows(kind, rows, plan.published(figure))
                far = largest_difference(old, new, ZERO)
                (curves if kind == ITERATED else direct).append(far)
    found = {
        "compared": len(plan.config.experiments) + len(figures),
        "messages": messages + of_figures,
        "largest": {"direct": max(direct), "curves": max(curves, default=0.0)},
    }
    json.dump(found, sys.stdout, ensure_ascii=False)


if __name__ == "__main__":
    main()
