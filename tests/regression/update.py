"""Write the stored tables anew; a commit that runs this says why."""

import sys
from pathlib import Path

REPO = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(REPO / "src"))

from scheduled.config.load import load_config, load_settings  # noqa: E402
from scheduled.experiments.bounds import bound_tables  # noqa: E402
from scheduled.experiments.schedules import schedule_table  # noqa: E402
from scheduled.tabular import write_table  # noqa: E402

if __name__ == "__main__":
    config = load_config(load_settings({}), REPO)
    for name, experiment in config.experiments.items():
        tables = bound_tables(experiment, schedule_table(experiment))
        write_table(tables.tuning, Path(__file__).parent / f"{name}.tuning.csv")
