"""The verdicts as tables and as data."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd

from scheduled.ledger.claim import Claim, ClaimSet, Judgement
from scheduled.ledger.comparison import REFERENCES, Comparison
from scheduled.ledger.numbers import Number, Tables
from scheduled.ledger.rule import CONFIRMED, CONSISTENT, CONTRADICTED, UNDECIDED

MARKS = {CONFIRMED: "yes", CONSISTENT: "in the mean", CONTRADICTED: "no", UNDECIDED: "?"}
OUTSIDE = "not in this configuration"
"""Why there is no table: nothing that is configured makes it."""


def is_outside(claims: Iterable[Mapping[str, Any]]) -> bool:
    """Whether nothing that is configured makes a table of these claims, as in ``claims.json``."""
    return all(table["missing"] == OUTSIDE for claim in claims for table in claim["tables"])


@dataclass(frozen=True)
class Ledger:
    """All claims with what the tables say of them.

    Attributes
    ----------
    entries : tuple
        (name of the set, claim, judgement) of each claim.
    paths : mapping of str
        Name of a table → its file.
    without_runs : mapping of str
        Name of a table whose training runs are unavailable → why.
    """

    entries: tuple[tuple[str, Claim, Judgement], ...]
    paths: Mapping[str, str]
    without_runs: Mapping[str, str]

    def claims(self) -> pd.DataFrame:
        """One row per claim, to be read.

        Returns
        -------
        DataFrame
            Columns set, claim, verdict, why (what stands in the way of ``confirmed``), statement,
            published, where, computed (every number of the conditions), checks (every condition,
            and whether it is met), tolerance, remark, tables.
        """
        rows = [
            {
                "set": name,
                "claim": claim.id,
                "verdict": judgement.verdict,
                "why": judgement.why,
                "statement": claim.statement,
                "published": claim.published,
                "where": claim.where,
                "computed": _computed(claim, judgement),
                "checks": _checks(claim, judgement),
                "tolerance": claim.tolerance,
                "remark": claim.remark.written(judgement.values),
                "tables": "; ".join(map(self._file, claim.tables)),
            }
            for name, claim, judgement in self.entries
        ]
        return pd.DataFrame(rows)

    def numbers(self) -> pd.DataFrame:
        """One row per number of a claim.

        Returns
        -------
        DataFrame
            Columns set, claim, quantity, published, computed (of seeds the mean; empty where
            there is none), low, high (of seeds), seeds (how many), table.
        """
        rows = []
        for name, claim, judgement in self.entries:
            for number, sample in judgement.values.items():
                seeds = sample is not None and bool(sample.seeds)
                rows.append(
                    {
                        "set": name,
                        "claim": claim.id,
                        "quantity": number.name,
                        "published": number.published,
                        "computed": sample.mean if sample else None,
                        "low": sample.low if sample and seeds else None,
                        "high": sample.high if sample and seeds else None,
                        "seeds": len(sample.seeds) if sample else 0,
                        "table": "; ".join(map(self._file, number.tables)),
                    }
                )
        return pd.DataFrame(rows)

    def own_runs(self) -> pd.DataFrame:
        """One row per quantity of our own runs and grid point.

        Returns
        -------
        DataFrame
            Columns topic, quantity, grid_point, own (mean over seeds), low, high, seeds (how many);
            of each reference its number (text where it is published), as ``within …`` the
            tolerance (0 where a sign is judged) and as ``with …`` the verdict, all empty where
            there is no such reference; reason (why these tolerances).
        """
        rows: dict[tuple[str, str], dict[str, Any]] = {}
        for _, claim, judgement in self.entries:
            if not isinstance(claim, Comparison):
                continue
            found = zip(
                claim.grid_points.items(), claim.conditions, judgement.findings, strict=True
            )
            for (point, (own, other)), condition, finding in found:
                names = {"topic": claim.topic, "quantity": claim.quantity, "grid_point": point}
                row = rows.setdefault((claim.quantity, point), {**names, "reason": ""})
                row |= _own_number(judgement, own)
                row[claim.reference] = (
                    _mean(judgement, other) if isinstance(other, Number) else other
                )
                row[f"within {claim.reference}"] = condition.tolerance
                row[f"with {claim.reference}"] = finding.verdict
                if claim.tolerance not in row["reason"]:
                    row["reason"] = "; ".join(filter(None, [row["reason"], claim.tolerance]))
        columns = ["topic", "quantity", "grid_point", "own", "low", "high", "seeds"]
        columns += [
            name for each in REFERENCES for name in (each, f"within {each}", f"with {each}")
        ]
        columns.append("reason")
        return pd.DataFrame(list(rows.values()), columns=columns)

    def data(self) -> dict[str, Any]:
        """All of it as data for JSON.

        Returns
        -------
        dict
            ``claims``: a list of claims with their texts, ``conditions`` (text, part, verdict,
            worst), ``numbers`` (computed; as ``shown`` in the claim's unit; each seed's value) and
            ``tables`` (name, path, and why there is none); ``own_runs``: the rows of `own_runs`.
        """
        rows = self.own_runs()
        return {
            "claims": [self._entry(*entry) for entry in self.entries],
            "own_runs": rows.astype(object).where(rows.notna(), None).to_dict("records"),
        }

    def _entry(self, name: str, claim: Claim, judgement: Judgement) -> dict[str, Any]:
        parts = ["stated"] * len(claim.conditions) + ["corrected"] * len(claim.corrected)
        conditions = (*claim.conditions, *claim.corrected)
        return {
            "set": name,
            "id": claim.id,
            "verdict": judgement.verdict,
            "why": judgement.why,
            "statement": claim.statement,
            "published": claim.published,
            "where": claim.where,
            "tolerance": claim.tolerance,
            "remark": claim.remark.written(judgement.values),
            "conditions": [
                {
                    "text": condition.text,
                    "part": part,
                    "verdict": finding.verdict,
                    "worst": [number.name for number in finding.numbers],
                }
                for condition, part, finding in zip(
                    conditions, parts, judgement.findings, strict=True
                )
            ],
            "numbers": [
                {
                    "quantity": number.quantity,
                    "grid_point": number.grid_point,
                    "published": number.published,
                    "decides": number in claim.deciding,
                    "computed": sample.mean if sample else None,
                    "shown": number.shown(sample),
                    "seeds": dict(zip(map(str, sample.seeds), sample.values, strict=False))
                    if sample
                    else {},
                }
                for number, sample in judgement.values.items()
            ],
            "tables": [
                {
                    "name": table,
                    "path": self.paths.get(table),
                    "missing": self._missing(table),
                }
                for table in claim.tables
            ],
        }

    def _missing(self, table: str) -> str:
        """Why there is no such table; empty if there is one."""
        if table in self.paths:
            return ""
        return self.without_runs.get(table, OUTSIDE)

    def _file(self, table: str) -> str:
        return self.paths.get(table) or f"{table} (missing: {self._missing(table)})"


def judge(
    sets: Iterable[ClaimSet],
    tables: Tables,
    paths: Mapping[str, str],
    without_runs: Mapping[str, str],
) -> Ledger:
    """Judge every claim.

    Parameters
    ----------
    sets : iterable of ClaimSet
    tables : mapping of DataFrame
        Name of a table → the table, if it was made.
    paths : mapping of str
        Name of a table → its file.
    without_runs : mapping of str
        Name of a table whose training runs are unavailable → why.

    Returns
    -------
    Ledger
    """
    entries = tuple(
        (each.name, claim, claim.judge(claim.values(tables), without_runs))
        for each in sets
        for claim in each.claims
    )
    return Ledger(entries, paths, without_runs)


def _own_number(judgement: Judgement, number: Number) -> dict[str, Any]:
    sample = judgement.values[number]
    if sample is None:
        return {"own": None, "low": None, "high": None, "seeds": 0}
    return {
        "own": sample.mean, "low": sample.low, "high": sample.high, "seeds": len(sample.seeds)
    }  # fmt: skip


def _mean(judgement: Judgement, number: Number) -> float | None:
    sample = judgement.values[number]
    return sample.mean if sample else None


def _computed(claim: Claim, judgement: Judgement) -> str:
    shown: dict[str, list[str]] = {}
    for number in claim.deciding:
        sample = judgement.values[number]
        text = sample.text if sample else "not computed"
        shown.setdefault(number.quantity, []).append(
            f"{text} ({number.grid_point})" if number.grid_point else text
        )
    return "; ".join(f"{quantity} = {', '.join(texts)}" for quantity, texts in shown.items())


def _checks(claim: Claim, judgement: Judgement) -> str:
    marks = [MARKS[finding.verdict] for finding in judgement.findings]
    conditions = (*claim.conditions, *claim.corrected)
    texts = [f"{each.text}: {mark}" for each, mark in zip(conditions, marks, strict=True)]
    stated = len(claim.conditions)
    if claim.corrected:
        texts[stated] = f"corrected: {texts[stated]}"
    return "; ".join(texts)
