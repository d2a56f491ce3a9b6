"""What every job of the pipeline does around its one call: its log, its record, errors in words."""

from __future__ import annotations

import gc
import os
import sys
import traceback
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from scheduled.core.errors import UserError
from scheduled.core.extras import MissingExtra
from scheduled.pipeline.records import write_record

FAILED = "failed: "
# Objects made until garbage is looked for. Imports and figures make many that stay: with Python's
# own 700, a tenth of a job's time goes into looking.
GARBAGE = 50_000


@contextmanager
def job(snakemake: Any) -> Iterator[None]:
    """Write a job's warnings and failure to its log, and the checksums of what it made.

    What went wrong stands on a line of its own, after the warnings; the run repeats it in its last
    lines (`failure`). A user's mistake has no traceback, anything else has one in the log.

    Parameters
    ----------
    snakemake : object
        What Snakemake gives to a script; its ``log`` and ``output`` are used.
    """
    gc.set_threshold(GARBAGE)
    log, said = Path(snakemake.log[0]), ""
    try:
        log.parent.mkdir(parents=True, exist_ok=True)
        with open(log, "w", encoding="utf-8") as file, warnings.catch_warnings():
            warnings.simplefilter("always")
            warnings.showwarning = lambda message, category, *_: print(
                f"{category.__name__}: {message}", file=file
            )
            try:
                yield
                write_record(log, snakemake.output)
            except (UserError, MissingExtra) as error:
                said = f"{FAILED}{error}\n"
                file.write(said)
                raise SystemExit(1) from None
            except Exception as error:
                said = f"{FAILED}{type(error).__name__}: {error}\n"
                file.write(said)
                traceback.print_exc(file=file)
                raise SystemExit(1) from None
    except OSError as error:
        # Of the log itself, on a full disk: the reason is not lost with it.
        sys.stderr.write(f"{said}{FAILED}{log}: cannot write it: {error}\n")
        raise SystemExit(1) from None
    # Python looks for garbage once more when it ends: a fifth of a short job's time.
    gc.freeze()


def use_checkout(source: Path) -> None:
    """Let every process started from here import the package from ``source`` first."""
    inherited = os.environ.get("PYTHONPATH")
    os.environ["PYTHONPATH"] = os.pathsep.join(filter(None, [str(source), inherited]))


def failure(log: Path) -> str | None:
    """What a job's log says of its failure, after any warnings; None if it did not fail."""
    _, failed, text = f"\n{log.read_text(encoding='utf-8')}".partition(f"\n{FAILED}")
    return text.split("\nTraceback (most recent call last):")[0].strip() if failed else None
