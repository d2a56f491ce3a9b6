"""A claim as a check, and the rule for its verdict."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

import pandas as pd

from scheduled.claims.conditions import Condition, Number, Values, all_hold

HOLDS = "holds"
CORRECTED = "holds with a correction"
FAILS = "does not hold"
NO_RUNS = "not decidable without the runs"
NO_NUMBER = "not decidable from this configuration"
VERDICTS = (HOLDS, CORRECTED, FAILS, NO_RUNS, NO_NUMBER)


@dataclass(frozen=True)
class Correction:
    """What is true instead, where a claim as it is stated is not."""

    statement: str
    conditions: tuple[Condition, ...]


@dataclass(frozen=True)
class Remark:
    """A sentence with places for numbers, as of `str.format`."""

    text: str = ""
    numbers: tuple[Number, ...] = ()

    def written(self, values: Values) -> str:
        """The sentence with its numbers; empty if one is missing."""
        given = [values[number] for number in self.numbers]
        return "" if None in given else self.text.format(*given)


@dataclass(frozen=True)
class Claim:
    """A published statement, and what decides whether it is true.

    Attributes
    ----------
    id : str
    statement, published, where : str
        What is claimed, the number or statement as published, and where.
    conditions : tuple of Condition
        The statement holds if all are true.
    tolerance : str
        Why the conditions are as tight as they are.
    correction : Correction, optional
        What to fall back on.
    remark : Remark
        What a reader should know beside the verdict.
    """

    id: str
    statement: str
    published: str
    where: str
    conditions: tuple[Condition, ...]
    tolerance: str
    correction: Correction | None = None
    remark: Remark = Remark()

    @property
    def corrected(self) -> tuple[Condition, ...]:
        """The conditions of the correction."""
        return self.correction.conditions if self.correction else ()

    @property
    def numbers(self) -> tuple[Number, ...]:
        """All numbers, those of the conditions first."""
        conditions = (*self.conditions, *self.corrected)
        named = [number for condition in conditions for number in condition.numbers]
        return tuple(dict.fromkeys([*named, *self.remark.numbers]))

    def values(self, tables: Mapping[str, pd.DataFrame]) -> dict[Number, float | None]:
        """All numbers as the tables have them."""
        return {number: number.value(tables) for number in self.numbers}

    def verdict(self, values: Values, without_runs: Collection[str] = ()) -> str:
        """What follows from the numbers.

        Parameters
        ----------
        values : mapping
            As `values` returns it.
        without_runs : collection of str
            Tables that are missing because their training runs are.

        Returns
        -------
        str
            One of `VERDICTS`. A claim is decided as soon as the numbers that are there decide it.
        """
        stated = all_hold(self.conditions, values)
        if stated:
            return HOLDS
        corrected = all_hold(self.corrected, values) if self.corrected else False
        if stated is False and corrected is not None:
            return CORRECTED if corrected else FAILS
        missing = {number.table for number, value in values.items() if value is None}
        return NO_RUNS if missing & set(without_runs) else NO_NUMBER


@dataclass(frozen=True)
class ClaimSet:
    """Claims of one source.

    Attributes
    ----------
    name : str
        Of the set; a column of the ledger.
    claims : tuple of Claim
    prefix : str
        What the ids of the set begin with, so that no two sets share one.

    Raises
    ------
    ValueError
        If an id has another beginning, or appears twice.
    """

    name: str
    claims: tuple[Claim, ...]
    prefix: str = ""

    def __post_init__(self) -> None:
        ids = [claim.id for claim in self.claims]
        for id in ids:
            if not id.startswith(self.prefix):
                raise ValueError(
                    f"claim {id!r} of the set {self.name!r} must begin with {self.prefix!r}"
                )
            if ids.count(id) > 1:
                raise ValueError(f"claim {id!r} appears twice in the set {self.name!r}")
