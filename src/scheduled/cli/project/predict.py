"""``scheduled project predict``."""

from pathlib import Path
from typing import Annotated

import typer


def run(
    plan: Annotated[Path, typer.Argument(help="The plan of predictions.")] = Path(
        "config/predictions/stdlib.yaml"
    ),
    to: Annotated[Path, typer.Option("--to", metavar="FOLDER")] = Path("data/predictions"),
) -> int:
    """Predict the loss curves of runs before they are trained."""
    from scheduled.core.tabular import write_table
    from scheduled.predictions.plan import read_prediction_plan
    from scheduled.predictions.predict import predict_runs

    path = to / f"{plan.stem}.csv"
    if path.exists():
        # Predictions that could be made again after the runs would prove nothing.
        print(f"{path}: it exists already, and predictions are never changed. Name another --to.")
        return 1
    table = predict_runs(read_prediction_plan(plan))
    to.mkdir(parents=True, exist_ok=True)
    write_table(table, path)
    print(f"{path}: {len(table)} predictions of {table['run'].nunique()} runs")
    return 0
