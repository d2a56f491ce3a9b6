"""The plan of this run, and helpers for the rules; every decision is made in `scheduled`."""

import atexit
import gc
import os
import re
import sys
from pathlib import Path

# The package is used from this checkout, installed or not, also by the jobs' own interpreters.
WORKFLOW = Path(workflow.basedir)
SRC = WORKFLOW.parent / "src"
sys.path.insert(0, str(SRC))

# A tenth of a start would go into looking for garbage: what is imported and planned stays.
gc.set_threshold(200_000)

from scheduled.pipeline.console import SHELL_PREFIX, Console

# From here on, Ctrl-C prints a sentence: the imports take a second, and the plan another.
CONSOLE = Console()
if workflow.is_main_process:
    CONSOLE.attach()
# Otherwise a fifth of the start-up time would go into freeing all objects at exit.
atexit.register(gc.freeze)

from snakemake.cli import get_argument_parser

from scheduled.config.load import ANALYSES, EXPERIMENTS, load_config, read_settings
from scheduled.core.errors import ConfigError
from scheduled.ledger import TABLES as LEDGER_TABLES
from scheduled.pipeline.jobs import use_checkout
from scheduled.pipeline.records import find_damage, remove_damaged
from scheduled.plan import summary
from scheduled.plan.imports import load_imports, save_imports
from scheduled.plan.made_by import made_by as made_by_files
from scheduled.plan.plan import make_plan
from scheduled.plan.targets import (
    asks_for_everything,
    missing_required,
    why_no_target,
)
from scheduled.runs.fetch import LOCAL_RUNS_VARIABLE
from scheduled.training.jobs import TrainingJobs

IMPORTS = Path(".snakemake/imports.json").absolute()
load_imports(IMPORTS)
atexit.register(save_imports, IMPORTS)
use_checkout(SRC)
shell.prefix(SHELL_PREFIX)

try:
    PLAN = make_plan(load_config(read_settings(config)))
except ConfigError as error:
    # An exception would add a traceback of this file.
    raise SystemExit(f"The configuration is wrong:\n{error}") from None
except OSError as error:
    raise SystemExit(f"{error.filename}: cannot read it: {error.strerror}") from None
# For jobs: as a parameter, the path of a local folder would rerun them when it changes.
if PLAN.config.settings.runs_folder:
    os.environ[LOCAL_RUNS_VARIABLE] = PLAN.config.settings.runs_folder
# The plans are read for the target `train` only.
TRAINING = TrainingJobs(Path("config/training"))


def made_by(script, *modules, without=""):
    """The code and the libraries of a job: its script, and modules that it imports by name."""
    return made_by_files(WORKFLOW / "scripts" / script, modules, SRC, without)


def any_of(names):
    """A pattern that matches these names; without names, it matches nothing."""
    return "|".join(re.escape(name) for name in names) or "(?!)"


def explained(ask):
    """Wrap a function of a rule: a user's mistake ends the run with its message."""

    def answer(*arguments):
        try:
            return ask(*arguments)
        except ConfigError as error:
            raise SystemExit(str(error)) from None

    return answer


@explained
def current(section, wildcards):
    """The name of an experiment, group (`runs`) or analysis; refuses a hash that is not current."""
    PLAN.check_current(section, wildcards.name, wildcards.hash)
    return wildcards.name


def families(experiment):
    """The modules of the families of an experiment's schedules."""
    return [
        f"scheduled.schedules.{family}"
        for family in PLAN.config.experiments[experiment].families
    ]


def in_folder(section, tables):
    """Name → path, as a pattern, of a folder's config.json and some of its tables."""
    folder = f"results/{section}/{{name}}/{{hash}}"
    return {
        "config": f"{folder}/config.json",
        **{table: f"{folder}/{table}.csv" for table in tables},
    }


LEDGER = PLAN.table_paths(LEDGER_TABLES)
ALL_RESULTS = [
    *PLAN.all_figure_files(),
    *PLAN.figure_tables(),
    *PLAN.experiment_files(),
    *PLAN.analysis_files(),
]
LEDGER_FILES = [
    "claims.csv",
    "claim_numbers.csv",
    "claims.json",
    "claims.md",
    "own_runs.csv",
    "own_runs.md",
]
SUMMARIES = [
    f"results/{name}"
    for name in (
        "figures.csv",
        "failed_fits.csv",
        "manifest.json",
        "report.html",
        "published_figures.md",
        *(LEDGER_FILES if LEDGER else []),
    )
]


# While the Snakefile is read, Snakemake does not yet provide its targets.
ARGUMENTS = get_argument_parser().parse_known_args(sys.argv[1:])[0]
ASKED = ARGUMENTS.targets


def only_looks():
    """Whether this call makes nothing: `-n`, also combined with other letters, `--lint`, …"""
    looks = r"-[A-Za-z]*n[A-Za-z]*|--(dry-?run|lint|unlock|list|summary|detailed|dag|rulegraph).*"
    return any(re.fullmatch(looks, argument) for argument in sys.argv[1:])


def check_results():
    """Name every result that differs from what its job wrote, and let Snakemake remake it."""
    if any(Path(".snakemake/locks").glob("*.lock")):
        # Another run may be writing them now; Snakemake refuses this one.
        return
    damage = find_damage(Path(), [*ALL_RESULTS, *SUMMARIES])
    if not only_looks():
        remove_damaged(Path(), damage)
    for path, reason in (item for each in damage for item in each.reasons.items()):
        print(f"{path}: {reason}; it is made again", file=sys.stderr)


def last_words():
    """Which figures are missing, why, and what to do; where the report is; last, what failed."""
    words = []
    if asks_for_everything(ASKED) and not (ARGUMENTS.until or ARGUMENTS.omit_from):
        if CONSOLE.succeeded:
            words = [f"{len(PLAN.figures)} figures: results/report.html"]
        words = [summary.missing_message(PLAN), *words]
    return [*words, *CONSOLE.last_words()]


def begin_run(*names):
    """Refuse impossible targets, check existing results, and prepare the closing messages.

    Parameters
    ----------
    names : str
        The rules that can be targets.
    """
    problems = [why for name in ASKED if (why := why_no_target(PLAN, name, names))]
    if message := "\n".join(problems) or missing_required(PLAN, ASKED):
        raise SystemExit(message)
    try:
        check_results()
    except OSError as error:
        raise SystemExit(f"{error.filename}: {error.strerror}") from None
    CONSOLE.listen(last_words)
