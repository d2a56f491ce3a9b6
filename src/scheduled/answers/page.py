"""What an answer is made of, whatever it is printed as."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

from scheduled.answers.picture import Picture
from scheduled.core.errors import UserError

if TYPE_CHECKING:
    from scheduled.runs.read import LoggedRun

__all__ = [
    "Basis",
    "NoAnswer",
    "Number",
    "Page",
    "Table",
    "apart",
    "brief",
    "percent",
    "short",
    "unnamed",
]

Basis: TypeAlias = Literal["ranked", "scaled", "forecast", "measured"]


class NoAnswer(UserError):
    """The question is a good one, and this log cannot answer it; the message says what would."""


@dataclass(frozen=True)
class Number:
    """A number and what it rests on.

    Attributes
    ----------
    value : float
    basis : {"ranked", "scaled", "forecast", "measured"}
        ``ranked``: only the order counts, as of a bound. ``scaled``: a ratio, tested on public
        sweeps. ``forecast``: a prediction with an interval from runs that were held out.
        ``measured``: read or fitted from the user's own logs.
    source : str
        Where it comes from.
    """

    value: float
    basis: Basis
    source: str

    def data(self) -> dict[str, Any]:
        """As JSON has it."""
        value = self.value if math.isfinite(self.value) else None
        return {"value": value, "basis": self.basis, "source": self.source}


@dataclass(frozen=True)
class Table:
    """A small table of text, with the heads of its columns."""

    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    title: str = ""


@dataclass(frozen=True)
class Page:
    """An answer, ready to be printed.

    Attributes
    ----------
    title : str
        The question.
    lines : tuple of str
        The answer, one sentence or two each.
    tables : tuple of Table
    limits : tuple of str
        What is known to be wrong or open about it.
    data : mapping
        The same for programs: what ``--json`` prints.
    picture : Picture, optional
        What ``--figure`` draws.
    verbatim : str
        Text to be copied: a SPEC, or a config. It is printed as it is.
    """

    title: str
    lines: tuple[str, ...]
    tables: tuple[Table, ...] = ()
    limits: tuple[str, ...] = ()
    data: Mapping[str, Any] = field(default_factory=dict)
    picture: Picture | None = None
    verbatim: str = ""


def short(value: float, digits: int = 3) -> str:
    """A number in a few digits, as people write it.

    Examples
    --------
    >>> short(0.0005579), short(1234567.0), short(0.1)
    ('5.58e-4', '1.23e+6', '0.1')
    """
    text = f"{value:.{digits}g}"
    if value and abs(value) < 0.01 and "e" not in text:
        text = f"{value:.{digits - 1}e}"
    if "e" in text:
        mantissa, exponent = text.split("e")
        mantissa = mantissa.rstrip("0").rstrip(".") if "." in mantissa else mantissa
        sign = "-" if exponent.startswith("-") else "+"
        text = f"{mantissa}e{sign}{exponent.lstrip('+-').lstrip('0') or '0'}"
    return text


def percent(ratio: float) -> str:
    """How far a ratio is from 1.

    Examples
    --------
    >>> percent(1.2387), percent(0.878)
    ('+23.9 %', '−12.2 %')
    """
    return f"{100 * (ratio - 1):+.1f} %".replace("-", "−")


def apart(names: Sequence[str], width: int = 40) -> list[str]:
    """Names without what all of them begin and end with, where they are too long.

    Examples
    --------
    >>> apart(["a_long_name_lr0.001_seed0_data", "a_long_name_lr0.002_seed0_data"], 12)
    ['…lr0.001…', '…lr0.002…']
    """
    if len(set(names)) < 2 or max(map(len, names)) <= width:
        return [brief(name, width) for name in names]
    words = [re.split(r"(?<=[_\-/ ])", name) for name in names]
    same = [len(set(column)) == 1 for column in zip(*words, strict=False)]
    start = (*same, False).index(False)
    ends = [
        len(set(column)) == 1
        for column in zip(*(reversed(some[start:]) for some in words), strict=False)
    ]
    stop = (*ends, False).index(False)
    kept = ["".join(some[start : len(some) - stop]).rstrip("_-/ ") for some in words]
    return [brief(f"{'…' * (start > 0)}{each}{'…' * (stop > 0)}", width) for each in kept]


def unnamed(message: str, run: LoggedRun | None) -> str:
    """A message about a run, for a page that has named it."""
    return message.removeprefix(f"{run.name}: ") if run else message


def brief(name: str, width: int = 40) -> str:
    """A long name without its middle.

    Examples
    --------
    >>> brief("one_run_of_many_with_a_long_name", 15)
    'one_run…ng_name'
    """
    if len(name) <= width:
        return name
    half = (width - 1) // 2
    return f"{name[: width - 1 - half]}…{name[-half:]}"
