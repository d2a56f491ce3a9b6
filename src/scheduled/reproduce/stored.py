"""Results beside the stored tables of ``tests/regression``.

A few small tables of experiments are stored as they are. A table of a figure of training runs holds
points of somebody's logs, so that only a checksum of it is stored: of its numbers to nine digits.
"""

from __future__ import annotations

import csv
import hashlib
import io
from collections.abc import Iterator
from pathlib import Path

from scheduled.plan.plan import Plan
from scheduled.reproduce.compare import compare_rows
from scheduled.reproduce.kept import HEADLINES, kept_rows

FOLDER = Path("tests/regression")
CHECKSUMS = "run_figures.sha256"

# As in tests/regression: some values are 0 but for rounding.
RTOL, ATOL = 1e-9, 1e-12
DIGITS = 9


def rounded_sha256(table: str) -> str:
    """SHA-256 of a CSV text with its numbers to nine significant digits.

    Examples
    --------
    >>> rounded_sha256("a\\n0.1\\n") == rounded_sha256("a\\n0.10000000000000002\\n")
    True
    """
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    for row in csv.reader(io.StringIO(table, newline="")):
        writer.writerow([_rounded(cell) for cell in row])
    return hashlib.sha256(text.getvalue().encode()).hexdigest()


def _rounded(cell: str) -> str:
    try:
        value = float(cell)
    except ValueError:
        return cell
    return "0" if abs(value) < ATOL else f"{value:.{DIGITS}g}"


def run_figures(plan: Plan) -> Iterator[str]:
    """Figures at hand whose numbers are from training runs."""
    for figure in plan.figures:
        if plan.config.figures[figure].sources.keys() & {"group", "analysis"}:
            yield figure


def run_checksums(plan: Plan, results: Path) -> dict[str, str]:
    """Figure of training runs → checksum of its table, as far as there is one."""
    tables = {name: results / "tables" / f"{name}.csv" for name in run_figures(plan)}
    return {
        name: rounded_sha256(path.read_text(encoding="utf-8"))
        for name, path in sorted(tables.items())
        if path.is_file()
    }


def write_checksums(checksums: dict[str, str], folder: Path) -> None:
    """Store checksums, a line each: checksum and figure."""
    text = "".join(f"{sha256}  {name}\n" for name, sha256 in sorted(checksums.items()))
    (folder / CHECKSUMS).write_text(text, encoding="utf-8")


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
        table = HEADLINES[experiment.kind]
        stored = folder / f"{name}.{table}.csv"
        found = results / "experiments" / name / plan.experiments[name] / f"{table}.csv"
        compared.append(name)
        problem = _compare_kept(experiment.kind, stored, found)
        if problem:
            messages.append(f"experiment {name}: {stored.name}: {problem}")
    known = read_checksums(folder)
    for name, sha256 in run_checksums(plan, results).items():
        compared.append(name)
        if name not in known:
            messages.append(f"figure {name}: no checksum is stored")
        elif known[name] != sha256:
            messages.append(
                f"figure {name}: tables/{name}.csv: other numbers than those whose checksum is "
                "stored (it holds points of training runs, so that no copy is kept)"
            )
    return compared, messages


def _compare_kept(kind: str, stored: Path, found: Path) -> str:
    for path in (stored, found):
        if not path.is_file():
            return f"there is no {path}"
    old = list(csv.reader(stored.read_text(encoding="utf-8").splitlines()))
    new = list(csv.reader(found.read_text(encoding="utf-8").splitlines()))
    return compare_rows(old, kept_rows(kind, new), RTOL, ATOL)
