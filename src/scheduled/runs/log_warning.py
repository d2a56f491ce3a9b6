"""What is odd about a log, as a code that programs and ``allow`` can name."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["SERIOUS", "LogWarning", "cut_line"]

SERIOUS = frozenset(
    {
        "axis-epochs",
        "axis-log-calls",
        "axis-samples",
        "axis-tokens",
        "beyond-horizon",
        "horizon",
        "lr-lag",
        "lr-peak",
        "lr-shape",
        "repeats-disagree",
        "two-trainings",
        "warmup-twice",
    }
)
"""Codes that refuse a run in the pipeline unless its dataset allows them."""


@dataclass(frozen=True)
class LogWarning:
    """One thing that is odd about a run's log.

    Attributes
    ----------
    code : str
        Its name, the same in every log.
    message : str
        What was found and what to do.
    step : int or None
        The first step at which it is so.
    value : float or None
        The number that shows it.
    """

    code: str
    message: str
    step: int | None = None
    value: float | None = None

    @property
    def serious(self) -> bool:
        """Whether results made of such a log would be wrong."""
        return self.code in SERIOUS

    def __str__(self) -> str:
        return f"{self.code}: {self.message}"


def cut_line(number: int, what: str = "line") -> LogWarning:
    """The warning of a file that ends within a line or a record."""
    message = f"{what} {number}, the last, was cut and is left out. Is the run still going?"
    return LogWarning("cut-line", message, None, float(number))
