"""The ledger: a row a claim, and a row a number."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import pandas as pd

from scheduled.claims.check import CORRECTED, Claim, ClaimSet
from scheduled.claims.conditions import Condition, Values

MARKS = {True: "yes", False: "no", None: "?"}


def tables_of(sets: Iterable[ClaimSet]) -> tuple[str, ...]:
    """Names of the tables that decide or explain the claims of these sets."""
    numbers = [number for each in sets for claim in each.claims for number in claim.numbers]
    return tuple(dict.fromkeys(number.table for number in numbers))


def claims_table(
    sets: Iterable[ClaimSet],
    tables: Mapping[str, pd.DataFrame],
    paths: Mapping[str, str],
    without_runs: Mapping[str, str],
) -> pd.DataFrame:
    """Judge every claim.

    Parameters
    ----------
    sets : iterable of ClaimSet
    tables : mapping of DataFrame
        Name of a table → the table, as far as there is one.
    paths : mapping of str
        Name of a table → its file.
    without_runs : mapping of str
        Name of a table whose training runs cannot be had → why.

    Returns
    -------
    DataFrame
        Columns set, claim, verdict, statement, published, where, computed (every number of the
        conditions), checks (every condition, and whether it is met), correction (what holds
        instead, where that is the verdict), tolerance, remark, tables.
    """
    rows = []
    for each in sets:
        for claim in each.claims:
            values = claim.values(tables)
            verdict = claim.verdict(values, without_runs)
            rows.append(
                {
                    "set": each.name,
                    "claim": claim.id,
                    "verdict": verdict,
                    "statement": claim.statement,
                    "published": claim.published,
                    "where": claim.where,
                    "computed": _computed(claim, values),
                    "checks": _checks(claim, values),
                    "correction": _correction(claim, verdict),
                    "tolerance": claim.tolerance,
                    "remark": claim.remark.written(values),
                    "tables": "; ".join(_files(claim, paths, without_runs)),
                }
            )
    return pd.DataFrame(rows)


def numbers_table(
    sets: Iterable[ClaimSet],
    tables: Mapping[str, pd.DataFrame],
    paths: Mapping[str, str],
    without_runs: Mapping[str, str],
) -> pd.DataFrame:
    """Every number of the claims, as published and as computed.

    Parameters
    ----------
    sets, tables, paths, without_runs
        As of `claims_table`.

    Returns
    -------
    DataFrame
        Columns set, claim, quantity, published, computed (empty where it cannot be), table.
    """
    rows: list[dict[str, Any]] = []
    for each in sets:
        for claim in each.claims:
            for number, value in claim.values(tables).items():
                rows.append(
                    {
                        "set": each.name,
                        "claim": claim.id,
                        "quantity": number.name,
                        "published": number.published,
                        "computed": value,
                        "table": _file(number.table, paths, without_runs),
                    }
                )
    return pd.DataFrame(rows)


def _computed(claim: Claim, values: Values) -> str:
    conditions = (*claim.conditions, *claim.corrected)
    numbers = dict.fromkeys(number for each in conditions for number in each.numbers)
    shown: dict[str, list[str]] = {}
    for number in numbers:
        value = values[number]
        text = "not computed" if value is None else f"{value:.6g}"
        shown.setdefault(number.quantity, []).append(
            f"{text} ({number.case})" if number.case else text
        )
    return "; ".join(f"{quantity} = {', '.join(texts)}" for quantity, texts in shown.items())


def _checks(claim: Claim, values: Values) -> str:
    def shown(conditions: tuple[Condition, ...]) -> str:
        return "; ".join(f"{each.text}: {MARKS[each.holds(values)]}" for each in conditions)

    stated = shown(claim.conditions)
    return f"{stated}; corrected: {shown(claim.corrected)}" if claim.corrected else stated


def _correction(claim: Claim, verdict: str) -> str:
    return claim.correction.statement if claim.correction and verdict == CORRECTED else ""


def _files(claim: Claim, paths: Mapping[str, str], without_runs: Mapping[str, str]) -> list[str]:
    tables = dict.fromkeys(number.table for number in claim.numbers)
    return [_file(table, paths, without_runs) for table in tables]


def _file(table: str, paths: Mapping[str, str], without_runs: Mapping[str, str]) -> str:
    if table in without_runs:
        return f"{table} (missing: {without_runs[table]})"
    return paths.get(table, f"{table} (not in this configuration)")
