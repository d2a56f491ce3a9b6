"""A claim as conditions on numbers, and its verdict."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from scheduled.ledger.numbers import Number, Tables, Values
from scheduled.ledger.rule import (
    CONFIRMED,
    CONSISTENT,
    CONTRADICTED,
    CORRECTED,
    UNDECIDED,
    VERDICTS,
    Condition,
    Finding,
    worst,
)


@dataclass(frozen=True)
class Correction:
    """What is true instead, where a claim as stated is not."""

    statement: str
    conditions: tuple[Condition, ...]


@dataclass(frozen=True)
class Remark:
    """A sentence with places for numbers, as of `str.format`.

    Of a number with seeds, ``{0:.2f}`` gives the lowest and the highest: "1.25 to 1.50".
    """

    text: str = ""
    numbers: tuple[Number, ...] = ()

    def written(self, values: Values) -> str:
        """The sentence with its numbers; empty if one is missing."""
        given = [values[number] for number in self.numbers]
        return "" if None in given else self.text.format(*given)


@dataclass(frozen=True)
class Judgement:
    """What the tables say of a claim.

    Attributes
    ----------
    values : mapping
        Number → its `Sample`, or None.
    findings : tuple of Finding
        Of each condition of the statement, then of each of the correction.
    verdict : str
        One of `VERDICTS`.
    why : str
        What stands in the way of ``confirmed``: the worst number, the correction, or what is
        missing; empty where nothing does.
    """

    values: Values
    findings: tuple[Finding, ...]
    verdict: str
    why: str


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
        What to fall back on; only where no number has seeds.
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
    remark: Remark = field(default_factory=Remark)

    @property
    def corrected(self) -> tuple[Condition, ...]:
        """The conditions of the correction."""
        return self.correction.conditions if self.correction else ()

    @property
    def deciding(self) -> tuple[Number, ...]:
        """The numbers of all conditions."""
        conditions = (*self.conditions, *self.corrected)
        return tuple(dict.fromkeys(n for condition in conditions for n in condition.numbers))

    @property
    def numbers(self) -> tuple[Number, ...]:
        """All numbers, those of the conditions first."""
        return tuple(dict.fromkeys([*self.deciding, *self.remark.numbers]))

    @property
    def tables(self) -> tuple[str, ...]:
        """Names of the tables of these numbers."""
        return tuple(dict.fromkeys(name for number in self.numbers for name in number.tables))

    def values(self, tables: Tables) -> Values:
        """All numbers as the tables have them."""
        return {number: number.value(tables) for number in self.numbers}

    def judge(self, values: Values, without_runs: Mapping[str, str] | None = None) -> Judgement:
        """What follows from the numbers.

        Parameters
        ----------
        values : mapping
            As `values` returns it.
        without_runs : mapping of str
            Table that is missing because its training runs are → why these are.

        Returns
        -------
        Judgement
            A claim is decided as soon as the numbers that are there decide it.
        """
        stated = [condition.judge(values) for condition in self.conditions]
        fallback = [condition.judge(values) for condition in self.corrected]
        verdict = worst(finding.verdict for finding in stated)
        considered = stated
        if verdict == CONTRADICTED and fallback:
            instead = worst(finding.verdict for finding in fallback)
            if instead == UNDECIDED:
                verdict, considered = UNDECIDED, fallback
            elif instead == CONFIRMED:
                verdict = CORRECTED
        why = self._why(verdict, considered, values, without_runs or {})
        return Judgement(values, (*stated, *fallback), verdict, why)

    def _why(
        self, verdict: str, findings: list[Finding], values: Values, without_runs: Mapping[str, str]
    ) -> str:
        if verdict == CONFIRMED:
            return ""
        if verdict == CORRECTED and self.correction:
            return self.correction.statement
        alike = [finding for finding in findings if finding.verdict == verdict]
        least = max(alike, key=lambda finding: finding.excess)
        if verdict in (CONSISTENT, CONTRADICTED) or least.why:
            said = "; ".join(f"{number.name}: {_shown(values, number)}" for number in least.numbers)
            return f"{said} — {least.why}" if least.why else said
        missing = [number for number in least.numbers if values[number] is None]
        tables = dict.fromkeys(name for number in missing for name in number.tables)
        for name in tables:
            if name in without_runs:
                return f"its training runs are missing: {name} ({without_runs[name]})"
        return f"not computed in this configuration: {missing[0].name} ({', '.join(tables)})"


def _shown(values: Values, number: Number) -> str:
    sample = values[number]
    if sample is None:
        return "missing"
    return number.shown(sample) if number.percent else sample.text


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


__all__ = ["VERDICTS", "Claim", "ClaimSet", "Correction", "Judgement", "Remark"]
