"""Results beside what is stored of them in ``tests/regression``.

- ``<experiment>.<table>.csv``: a small table of each experiment;
- ``run_figures.sha256``: of each figure of training runs, a checksum of what is read from logs;
- ``run_figures/<figure>.csv``: of what such a figure computes from that, some rows.

`scheduled.reproduce.kept` says which part that is, `scheduled.reproduce.promise` how far it agrees.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

from scheduled.core.promise import DIRECT, EXACT, Tolerance
from scheduled.plan.plan import Plan
from scheduled.reproduce.compare import compare_rows
from scheduled.reproduce.kept import computed_rows, exact_sha256, kept_rows
from scheduled.reproduce.promise import promised

FOLDER = Path("tests/regression")
CHECKSUMS = "run_figures.sha256"
COMPUTED = "run_figures"

Rows = list[list[str]]


def run_figures(plan: Plan) -> Iterator[str]:
    """Available figures whose numbers are from training runs."""
    for figure in plan.figures:
        if plan.config.figures[figure].sources.keys() & {"group", "analysis"}:
            yield figure


def run_tables(plan: Plan, results: Path) -> dict[str, Rows]:
    """Figure of training runs → its table, if it was made."""
    tables = {name: results / "tables" / f"{name}.csv" for name in run_figures(plan)}
    return {name: read_rows(path) for name, path in sorted(tables.items()) if path.is_file()}


def read_rows(path: Path) -> Rows:
    """The cells of a CSV file, as texts."""
    return list(csv.reader(io.StringIO(path.read_text(encoding="utf-8"), newline="")))


def write_run_figures(plan: Plan, results: Path, folder: Path) -> None:
    """Store what is kept of the figures of training runs: checksums and rows."""
    checksums = {}
    for name, rows in run_tables(plan, results).items():
        kind, published = plan.config.figures[name].kind, plan.published(name)
        checksums[name] = exact_sha256(kind, rows, published)
        computed = computed_rows(kind, rows, published)
        if len(computed) > 1:
            path = computed_file(folder, name)
            path.parent.mkdir(parents=True, exist_ok=True)
            with path.open("w", encoding="utf-8", newline="") as file:
                csv.writer(file, lineterminator="\n").writerows(computed)
    text = "".join(f"{sha256}  {name}\n" for name, sha256 in sorted(checksums.items()))
    (folder / CHECKSUMS).write_text(text, encoding="utf-8")


def computed_file(folder: Path, figure: str) -> Path:
    """Where the rows of a figure are stored."""
    return folder / COMPUTED / f"{figure}.csv"


def read_checksums(folder: Path) -> dict[str, str]:
    """The stored checksums: figure → checksum; none where the file is not there."""
    path = folder / CHECKSUMS
    lines = path.read_text(encoding="utf-8").splitlines() if path.is_file() else []
    pairs = (line.split("  ", 1) for line in lines)
    return {name: sha256 for sha256, name in pairs}


def compare_stored(plan: Plan, results: Path, folder: Path) -> tuple[list[str], list[str]]:
    """Compare results with what is stored.

    Parameters
    ----------
    plan : Plan
        What was made.
    results : Path
        The folder of results.
    folder : Path
        The folder of stored tables.

    Returns
    -------
    compared : list of str
        What was found to agree or not, for counting.
    messages : list of str
        One for each table that does not.
    """
    compared, messages = [], []
    for name, experiment in plan.config.experiments.items():
        table = experiment.headline
        stored = folder / f"{name}.{table}.csv"
        found = results / "experiments" / name / plan.experiments[name] / f"{table}.csv"
        compared.append(name)
        problem = _compare_kept(experiment.kind, stored, found)
        if problem:
            messages.append(f"experiment {name}: {stored.name}: {problem}")
    figures, of_figures = compare_run_figures(plan, results, folder)
    return [*compared, *figures], [*messages, *of_figures]


def compare_run_figures(plan: Plan, results: Path, folder: Path) -> tuple[list[str], list[str]]:
    """As `compare_stored`, of the figures of training runs alone."""
    known, compared, messages = read_checksums(folder), [], []
    for name, rows in run_tables(plan, results).items():
        compared.append(name)
        kind, published = plan.config.figures[name].kind, plan.published(name)
        if name not in known:
            messages.append(f"figure {name}: nothing is stored of it")
            continue
        if known[name] != exact_sha256(kind, rows, published):
            messages.append(
                f"figure {name}: tables/{name}.csv: what it reads from logs has another checksum "
                f"than the one in {CHECKSUMS}"
            )
        path = computed_file(folder, name)
        new = computed_rows(kind, rows, published)
        old = read_rows(path) if path.is_file() else new[:1]
        problem = compare_rows(old, new, _tolerances(kind, published))
        if problem:
            messages.append(f"figure {name}: {COMPUTED}/{name}.csv: {problem}")
    return compared, messages


def _tolerances(kind: str, published: bool) -> Callable[[Mapping[str, str], str], Tolerance]:
    return lambda row, column: promised(kind, row, column, published) or EXACT


def _compare_kept(kind: str, stored: Path, found: Path) -> str:
    for path in (stored, found):
        if not path.is_file():
            return f"there is no {path}"
    return compare_rows(read_rows(stored), kept_rows(kind, read_rows(found)), lambda *_: DIRECT)
