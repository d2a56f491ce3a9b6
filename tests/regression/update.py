"""Write the stored tables anew; a commit that runs this says why."""

import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
REPO = HERE.parents[1]
sys.path[:0] = [str(REPO / "src"), str(REPO / "tests")]

from regression.headline import HEADLINES, headline  # noqa: E402
from scheduled.config.load import load_config, load_settings  # noqa: E402
from scheduled.tabular import write_table  # noqa: E402

if __name__ == "__main__":
    for old in HERE.glob("*.csv"):
        old.unlink()
    for name, experiment in load_config(load_settings({}), REPO).experiments.items():
        write_table(headline(experiment), HERE / f"{name}.{HEADLINES[experiment.kind]}.csv")
