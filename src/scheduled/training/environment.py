"""What a log depends on beside its plan and text: another machine may give different bits."""

from __future__ import annotations

import platform
from pathlib import Path

from scheduled.core.identity import library_versions

__all__ = ["environment"]


def environment() -> dict[str, str | int]:
    """Return the machine, and the versions of what trains on it."""
    return {
        "python": platform.python_version(),
        **library_versions("numpy", "torch"),
        "machine": platform.machine(),
        "cpu": cpu_model(),
        "threads": 1,
    }


def cpu_model(info: Path = Path("/proc/cpuinfo")) -> str:
    """Return the name of the processor's model, as the kernel knows it."""
    try:
        lines = info.read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.processor() or "unknown"
    names = [line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else "unknown"
