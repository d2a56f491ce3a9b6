"""The ledger: a row a claim, a row a number; sets of claims; tables as the pipeline has them."""

from __future__ import annotations

import importlib
from pathlib import Path

import pandas as pd
import pytest
from scheduled.claims.check import FAILS, HOLDS, NO_NUMBER, NO_RUNS, Claim, ClaimSet, Remark
from scheduled.claims.conditions import (
    Number,
    above,
    at_least,
    at_most,
    decreasing,
    equal,
    near,
    no_larger,
)
from scheduled.claims.read import cell, largest, value_of_least, where

from claim_tables import agreeing
from helpers.experiments import MADE_OF, result, table_of
from helpers.made_up_runs import extension_group, log_of, lr_grid, no_logs, ranked_group, settings
from scheduled import claims
from scheduled.analyses.base import analyse
from scheduled.config.load import load_config, load_settings

ROOT = Path(__file__).parents[3]
PATHS = {name: f"results/{name}.csv" for name in claims.TABLES}


def number(name: str, case: str = "") -> Number:
    return Number(name, "tables/a", cell("x", line=name), ".5", case)


def table(**values: float) -> dict[str, pd.DataFrame]:
    return {"tables/a": pd.DataFrame({"line": list(values), "x": list(values.values())})}


# Conditions.


@pytest.mark.parametrize(
    ("condition", "text", "true", "false"),
    [
        (near(0.5, 0.1, number("a")), "a = 0.5 ± 0.1", {"a": 0.59}, {"a": 0.61}),
        (near(0.5, 0.0, number("a")), "a = 0.5", {"a": 0.5}, {"a": 0.51}),
        (at_most(1, number("a", "b")), "a, b ≤ 1", {"a": 1.0}, {"a": 1.1}),
        (
            at_least(1, number("a"), number("b")),
            "a ≥ 1 for each",
            {"a": 1.0, "b": 2.0},
            {"a": 2.0, "b": 0.9},
        ),
        (above(0, number("a")), "a > 0", {"a": 0.1}, {"a": 0.0}),
        (equal(number("a"), number("b")), "a = b", {"a": 2.0, "b": 2.0}, {"a": 2.0, "b": 2.1}),
        (no_larger(number("a"), number("b")), "a ≤ b", {"a": 2.0, "b": 2}, {"a": 2.2, "b": 2.1}),
        (decreasing(number("a"), number("b")), "a > b", {"a": 2.0, "b": 1}, {"a": 2.0, "b": 2.0}),
    ],
)
def test_conditions(condition, text, true, false):
    def holds(values):
        tables = table(**values)
        return condition.holds({each: each.value(tables) for each in condition.numbers})

    assert condition.text == text
    assert holds(true) is True
    assert holds(false) is False
    assert holds({"b": 1.0}) is None


def test_a_number_that_the_table_does_not_have_is_none():
    assert number("a").value({}) is None
    assert number("a").value(table(b=1.0)) is None
    assert number("a").value(table(a=float("nan"))) is None
    assert number("a").value(table(a=float("inf"))) is None
    twice = pd.concat([table(a=1.0)["tables/a"], table(a=2.0)["tables/a"]])
    assert number("a").value({"tables/a": twice}) is None


def test_readers_refuse_rows_that_are_not_there():
    rows = pd.DataFrame({"line": ["a", "a"], "value": [0.1, 0.9], "bound": [2.0, 1.0]})
    for reader in (cell, largest, value_of_least):
        with pytest.raises(LookupError, match="no row has"):
            reader("value", line="b")(rows)
    with pytest.raises(LookupError, match="2 different values of value"):
        cell("value", line="a")(rows)
    assert where(rows, line="a", value=0.9)["bound"].tolist() == [1.0]


# Sets.


def made_up(id: str) -> Claim:
    a = number("a")
    return Claim(id, "s", "p", "w", (at_most(1, a),), "why", remark=Remark("is {0:.1f}", (a,)))


def test_a_set_keeps_its_ids_apart():
    assert len(ClaimSet("own runs", (made_up("own_a"), made_up("own_b")), "own_").claims) == 2
    with pytest.raises(ValueError, match="'a' of the set 'own runs' must begin with 'own_'"):
        ClaimSet("own runs", (made_up("a"),), "own_")
    with pytest.raises(ValueError, match="'own_a' appears twice"):
        ClaimSet("own runs", (made_up("own_a"), made_up("own_a")), "own_")


def test_ids_are_unique_over_all_sets():
    ids = [claim.id for each in claims.SETS for claim in each.claims]
    assert len(set(ids)) == len(ids)


# Ledger.


def ledger(tables, without_runs=None):
    sets = [ClaimSet("one", (made_up("x"),)), ClaimSet("two", (made_up("y_x"),), "y_")]
    arguments = (sets, tables, {"tables/a": "results/tables/a.csv"}, without_runs or {})
    return claims.claims_table(*arguments), claims.numbers_table(*arguments)


def test_a_row_says_what_decided():
    rows, numbers = ledger(table(a=0.25))
    assert rows["set"].tolist() == ["one", "two"]
    row = rows.iloc[0].to_dict()
    assert row["verdict"] == HOLDS
    assert row["computed"] == "a = 0.25"
    assert row["checks"] == "a ≤ 1: yes"
    assert row["remark"] == "is 0.2"
    assert row["tables"] == "results/tables/a.csv"
    assert numbers["computed"].tolist() == [0.25, 0.25]
    assert numbers["published"].tolist() == [".5", ".5"]
    wrong = ledger(table(a=2.0))[0].iloc[1]
    assert (wrong["verdict"], wrong["checks"]) == (FAILS, "a ≤ 1: no")


def test_a_row_says_what_is_missing():
    rows, numbers = ledger({}, {"tables/a": "no network"})
    row = rows.iloc[0]
    assert (row["verdict"], row["computed"]) == (NO_RUNS, "a = not computed")
    assert (row["checks"], row["remark"]) == ("a ≤ 1: ?", "")
    assert row["tables"] == "tables/a (missing: no network)"
    assert numbers["computed"].isna().all()
    assert ledger({})[0]["verdict"].tolist() == [NO_NUMBER, NO_NUMBER]


def test_the_ledger_is_complete():
    tables = agreeing()
    rows = claims.claims_table(claims.SETS, tables, PATHS, {})
    assert list(dict.fromkeys(rows["set"])) == ["paper", "own runs"]
    assert set(rows["verdict"]) == {HOLDS}
    optional = ["correction", "remark"]
    assert (rows.drop(columns=optional) != "").all(axis=None)
    numbers = claims.numbers_table(claims.SETS, tables, PATHS, {})
    assert numbers["computed"].notna().all()
    assert not numbers.duplicated(["claim", "quantity"]).any()


# The pipeline's tables.


def test_every_table_is_one_of_the_configuration():
    config = load_config(load_settings({}), ROOT)
    for name in claims.TABLES:
        sort, _, rest = name.partition("/")
        if sort == "tables":
            assert rest in config.figures
        else:
            analysis, output = rest.split("/")
            assert output in config.analyses[analysis].outputs


def analysed(kind: str) -> dict[str, pd.DataFrame]:
    """Results of a kind of analysis, of made-up runs."""
    runs, metadata = no_logs(), lr_grid({0.2: (1e-5, 10.0, 3.0)})
    changes, vary = {}, ["cooldown", "lr"]
    if kind == "extension_gain":
        (runs, metadata), vary = extension_group(), ["iterations"]
    elif kind == "rank_agreement":
        (runs, metadata), vary = ranked_group(), ["iterations"]
    elif kind == "grad_norm_power":
        vary = ["lr"]
        rows = [row.to_dict() for _, row in metadata.iterrows()]
        runs = pd.concat([log_of(row, grad_norm=lambda t: 1.0) for row in rows])
    return analyse(settings(kind, *vary, **changes), runs, metadata)


def tabulated(kind: str) -> pd.DataFrame:
    """The table of a kind of figure, of small experiments."""
    if kind in MADE_OF:
        return table_of(kind)
    data = dict(result("varied" if kind == "convergence" else "bounds"))
    if kind == "best_lr":
        data = {**result("lr_transfer"), **analysed("loss_over_lr")}
    module = importlib.import_module(f"scheduled.tables.{kind}")
    found: pd.DataFrame = module.tabulate(data, {"panels": ["schedule", "bound"]})
    return found


def test_made_up_tables_have_the_columns_of_the_pipelines():
    config = load_config(load_settings({}), ROOT)
    made_up_tables = agreeing()
    assert set(made_up_tables) == set(claims.TABLES)
    for name, made in made_up_tables.items():
        sort, _, rest = name.partition("/")
        if sort == "tables":
            real = tabulated(config.figures[rest].kind)
        else:
            analysis, output = rest.split("/")
            real = analysed(config.analyses[analysis].kind)[output]
            assert ("seed" in made) == config.analyses[analysis].per_seed
            made = made.drop(columns="seed", errors="ignore")
        assert set(made.columns) <= set(real.columns), name
