"""Functions that the rules call for paths and parameters; every decision is made in `scheduled`."""

import atexit
import os
import re
import sys
import time
from contextlib import contextmanager
from pathlib import Path

# The package is used from this checkout, installed or not, also by the jobs' own interpreters.
SRC = Path(workflow.basedir).parent / "src"
sys.path.insert(0, str(SRC))

from scheduled.core.errors import ConfigError
from scheduled.config.load import load_config, read_settings
from scheduled.core.identity import library_versions, source_files
from scheduled.ledger import TABLES as CLAIM_TABLES
from scheduled.pipeline.jobs import failure, use_checkout
from scheduled.plan.plan import make_plan
from scheduled.training.jobs import TrainingJobs

use_checkout(SRC)


@contextmanager
def explained():
    """A user's mistake ends in its message; an exception would add the lines of this file."""
    try:
        yield
    except ConfigError as error:
        raise SystemExit(f"The configuration is wrong:\n{error}") from None


with explained():
    PLAN = make_plan(load_config(read_settings(config)))


def any_of(names):
    """A pattern that matches these names and, without any, nothing."""
    return "|".join(re.escape(name) for name in names) or "(?!)"


def sources(module, without=""):
    """Source files behind a module, so that editing one of them reruns what it computes."""
    return [os.path.relpath(path) for path in source_files(module, SRC, without)]


def figure_sources(package):
    """Source files behind a figure's kind in `scheduled.tables` or `scheduled.figures`."""
    return lambda wildcards: sources(
        f"scheduled.{package}.{PLAN.config.figures[wildcards.figure].kind}"
    )


def resolved_experiment(wildcards):
    """The experiment that a folder belongs to; refused if the folder is not the current one."""
    with explained():
        PLAN.check_current("experiments", wildcards.name, wildcards.hash)
    return PLAN.config.experiments[wildcards.name].resolved()


def experiments_of(kind):
    """Names of the experiments of a kind, as a pattern."""
    return any_of(PLAN.experiments_of(kind))


def resolved_group(wildcards):
    """The group that a folder belongs to; refused if the folder is not the current one."""
    with explained():
        PLAN.check_current("runs", wildcards.name, wildcards.hash)
    return PLAN.groups[wildcards.name].resolved


def group_files(wildcards):
    """The logs of a group, where they are or where they will be downloaded to."""
    with explained():
        PLAN.check_current("runs", wildcards.name, wildcards.hash)
    return sorted(PLAN.groups[wildcards.name].files.values())


def published_datasets():
    """Names of the datasets that can be downloaded, as a pattern; the logs of others are here."""
    return any_of(path.stem for path in sorted(Path("data/registry").glob("*.csv")))


def dataset_files(wildcards):
    """The files that say which runs a group's dataset has, and what each of their logs must be."""
    return list(PLAN.groups[wildcards.name].description_files)


def resolved_analysis(wildcards):
    """The analysis that a folder belongs to; refused if the folder is not the current one."""
    with explained():
        PLAN.check_current("analyses", wildcards.name, wildcards.hash)
    return PLAN.analyses[wildcards.name].resolved


def analysis_sources(kind):
    """Source files behind a kind of analysis."""
    files = {
        *sources("scheduled.analyses.analyse"),
        *sources(f"scheduled.analyses.{kind}"),
    }
    return sorted(files)


def analyses_of(kind):
    """Names of the analyses of a kind, as a pattern."""
    return any_of(PLAN.analyses_of(kind))


def analysed_runs(wildcards):
    """The tidy tables of the group of runs that an analysis is of, by name."""
    return PLAN.analysed_runs(wildcards.name)


def figure_inputs(wildcards):
    """The tables that a figure's own table is made of, by name."""
    return PLAN.figure_inputs(wildcards.figure)


def figure_param(name):
    """A figure's setting for a rule, by the names of `Plan.figure_param`."""
    return lambda wildcards: PLAN.figure_param(wildcards.figure, name)


def figure_files():
    """All figures that can be made now."""
    return PLAN.figure_files()


def table_files():
    """The tables of these figures."""
    return [f"results/tables/{name}.csv" for name in PLAN.figures]


def png_files():
    """All figures as pictures, in the order of the configuration."""
    return [f"results/figures/{name}.png" for name in PLAN.figures]


def claim_tables():
    """Name → path of the tables that claims are judged by, as far as they exist."""
    return PLAN.table_paths(CLAIM_TABLES)


def claims_without_runs():
    """Name → why of the tables that claims are judged by and whose training runs are missing."""
    return PLAN.tables_without_runs(CLAIM_TABLES)


def analysis_files():
    """What every analysis finds, drawn by a figure or not."""
    return PLAN.analysis_files()


def ledger_files(
    names=(
        "claims.csv",
        "claim_numbers.csv",
        "claims.json",
        "own_runs.csv",
        "own_runs.md",
    ),
):
    """The ledger's files, where the configuration has tables for it."""
    return [f"results/{name}" for name in names] if claim_tables() else []


def report_templates():
    """What the report is written from."""
    folder = Path(workflow.basedir) / "report"
    return [
        os.path.relpath(folder / name)
        for name in ("report.html", "style.css", "filter.js")
    ]


def judged_files():
    """The tables of analyses that say of each fit whether it succeeded."""
    return PLAN.analysis_files(judged=True)


def experiment_files():
    """What every experiment computes, drawn by a figure or not."""
    return PLAN.experiment_files()


TRAINING = TrainingJobs(Path("config/training"))


def training_trunk(wildcards):
    """The result of the trunk that a branch begins from."""
    with explained():
        return TRAINING.trunk(wildcards.plan, wildcards.run)


def training_spec(wildcards):
    """All that a training run depends on but text and machine."""
    with explained():
        return TRAINING.spec(wildcards.plan, wildcards.run)


def training_results(wildcards):
    """The results of all training runs; the plans are read for the target `train` only."""
    with explained():
        return TRAINING.results()


# Fixed now: Snakemake may have left the working directory when the last words are said.
LOGS = Path("results/logs").resolve()
STARTED = time.time()


def say_last_words():
    """What failed in this run, and which figures are missing, why, and what to do."""
    for log in sorted(LOGS.rglob("*.log")):
        if log.stat().st_mtime >= STARTED and (reason := failure(log)):
            print(f"\nFailed: {reason}\n(log: {log})", file=sys.stderr)
    if message := PLAN.missing_message():
        print(f"\n{message}", file=sys.stderr)


# Also where there was nothing to do; then Snakemake calls neither onsuccess nor onerror.
if workflow.is_main_process:
    atexit.register(say_last_words)
