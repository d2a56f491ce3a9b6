"""What all tables share: timing, the machine, and text in columns."""

import os
import platform
import sys
import time
from collections.abc import Callable, Sequence
from importlib.metadata import version
from pathlib import Path

import numpy as np

# A measurement is repeated till it has taken this long, but at least twice and at most so often.
SECONDS = 1.0
REPEATS = 20


def least_time(function: Callable[..., object], *arguments: object) -> float:
    """Return the least time of several calls with these arguments, in seconds."""
    times: list[float] = []
    while len(times) < 2 or (sum(times) < SECONDS and len(times) < REPEATS):
        start = time.perf_counter()
        function(*arguments)
        times.append(time.perf_counter() - start)
    return min(times)


def growth_exponent(sizes: Sequence[int], times: Sequence[float]) -> float:
    """Return p of the least-squares fit time ∝ size^p over the last decade measured."""
    pairs = [(s, t) for s, t in zip(sizes, times, strict=True) if s >= max(sizes) / 10]
    logs = np.log([[s, t] for s, t in pairs])
    return float(np.polyfit(logs[:, 0], logs[:, 1], 1)[0]) if len(pairs) > 1 else float("nan")


def describe_machine(packages: Sequence[str] = ("numpy", "numba", "llvmlite")) -> str:
    """Return processor, system and versions, and how busy the machine is."""
    processor = platform.processor() or platform.machine()
    info = Path("/proc/cpuinfo")
    if info.exists():
        lines = info.read_text(encoding="utf-8").splitlines()
        processor = next((x.split(":")[1].strip() for x in lines if "model name" in x), processor)
    versions = ", ".join(f"{name} {version(name)}" for name in packages)
    load = f", load {os.getloadavg()[0]:.1f}" if hasattr(os, "getloadavg") else ""
    return (
        f"{processor}, {os.cpu_count()} cores{load}; {platform.system()} {platform.release()}; "
        f"Python {platform.python_version()}, {versions}"
    )


def show(title: str, header: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """Print a table, the first column to the left and the others to the right."""
    widths = [max(len(row[i]) for row in (header, *rows)) for i in range(len(header))]
    lines = [title, ""]
    for row in (header, *rows):
        cells = [row[0].ljust(widths[0])]
        cells += [cell.rjust(width) for cell, width in zip(row[1:], widths[1:], strict=True)]
        lines.append("  ".join(cells).rstrip())
    sys.stdout.write("\n".join(lines) + "\n\n")
    sys.stdout.flush()


def as_time(seconds: float | None) -> str:
    """Return a time in three digits, or a dash for what was not measured."""
    return "—" if seconds is None else f"{seconds:.3g} s"
