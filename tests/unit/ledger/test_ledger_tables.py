"""The ledger: the rule, its tables and data, and tables as the pipeline has them."""

from __future__ import annotations

import functools
import json
from pathlib import Path

import pandas as pd
import pytest

import claim_tables
from claim_tables import agreeing
from helpers.experiments import result
from helpers.figures import table_of, tabulate
from helpers.made_up_runs import extension_group, log_of, lr_grid, no_logs, ranked_group, settings
from scheduled import ledger
from scheduled.analyses.base import analyse
from scheduled.bounds.closed_forms import wsd_upper_bound
from scheduled.config.load import load_config, load_settings
from scheduled.ledger import own_runs
from scheduled.ledger.claim import Claim, ClaimSet, Correction, Remark
from scheduled.ledger.comparison import A_SIGN, REFERENCES
from scheduled.ledger.numbers import Number, Sample
from scheduled.ledger.readers import cell, largest, value_of_least, where
from scheduled.ledger.rule import (
    CONFIRMED,
    CONSISTENT,
    CONTRADICTED,
    UNDECIDED,
    VERDICTS,
    above,
    agrees,
    at_least,
    at_most,
    decreasing,
    equal,
    near,
    no_larger,
    off_by,
)

ROOT = Path(__file__).parents[3]
PATHS = {name: f"results/{name}.csv" for name in ledger.TABLES}


def number(name: str, grid_point: str = "") -> Number:
    return Number(name, "tables/a", cell("x", line=name), ".5", grid_point)


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
        (above(0, number("a"), effect=1.0), "a > 0", {"a": 0.1}, {"a": 0.0}),
        (off_by(0.1, number("a"), effect=1.0), "a ≤ 0.1", {"a": 0.1}, {"a": 0.11}),
        (
            agrees(number("a"), number("b"), 0.1),
            "a = b ± 0.1",
            {"a": 2.0, "b": 2.1},
            {"a": 2.0, "b": 2.2},
        ),
        (equal(number("a"), number("b")), "a = b", {"a": 2.0, "b": 2.0}, {"a": 2.0, "b": 2.1}),
        (no_larger(number("a"), number("b")), "a ≤ b", {"a": 2.0, "b": 2}, {"a": 2.2, "b": 2.1}),
        (decreasing(number("a"), number("b")), "a > b", {"a": 2.0, "b": 1}, {"a": 2.0, "b": 2.0}),
    ],
)
def test_conditions(condition, text, true, false):
    def verdict(values):
        tables = table(**values)
        return condition.judge({each: each.value(tables) for each in condition.numbers}).verdict

    assert condition.text == text
    assert verdict(true) == CONFIRMED
    assert verdict(false) == CONTRADICTED
    assert verdict({"c": 1.0}) == UNDECIDED


A = Number("a", "tables/a", cell("x"), by_seed=True)
B = Number("b", "tables/b", cell("x"))


@pytest.mark.parametrize(
    ("values", "verdict"),
    [
        ((2.0, 2.0), CONFIRMED),
        ((1.9, 2.1), CONFIRMED),
        ((1.85, 2.15), CONSISTENT),
        ((2.2, 2.2), CONTRADICTED),
        # Half the range over seeds is not forgiven.
        ((2.0, 2.3), CONTRADICTED),
        ((1.4, 2.6), UNDECIDED),
        ((1.0, 9.0), UNDECIDED),
        ((2.0, float("nan")), UNDECIDED),
    ],
)
def test_the_rule_for_seeds(values, verdict):
    tables = {
        "tables/a": pd.DataFrame({"seed": range(len(values)), "x": values}),
        "tables/b": pd.DataFrame({"x": [2.0]}),
    }
    for condition in (near(2.0, 0.1, A, without=1.0), agrees(A, B, 0.1, without=1.0)):
        found = {each: each.value(tables) for each in condition.numbers}
        assert condition.judge(found).verdict == verdict


def test_of_each_by_itself_the_worst_is_given():
    numbers = [number(name) for name in "abc"]
    condition = at_most(1, *numbers)
    found = condition.judge({n: n.value(table(a=1.5, b=3.0, c=0.0)) for n in numbers})
    assert (found.verdict, found.numbers) == (CONTRADICTED, (numbers[1],))
    # What fails settles it, whatever is unknown beside it.
    found = condition.judge({n: n.value(table(a=1.5, c=0.0)) for n in numbers})
    assert (found.verdict, found.numbers) == (CONTRADICTED, (numbers[0],))
    found = condition.judge({n: n.value(table(a=0.5, c=0.0)) for n in numbers})
    assert (found.verdict, found.numbers) == (UNDECIDED, (numbers[1],))


def test_a_tolerance_is_smaller_than_the_effect():
    with pytest.raises(ValueError, match=r"tolerance=0\.5 .* 0\.5"):
        near(2.0, 0.5, A, without=1.5)
    with pytest.raises(ValueError, match=r"tolerance=0\.1 .* 0\.1"):
        off_by(0.1, B, effect=0.1)
    found = agrees(A, B, 0.5, without=1.5).judge({A: Sample((2.0, 2.0), (1, 2)), B: Sample((2.0,))})
    assert found.verdict == UNDECIDED
    assert "0.5" in found.why


def test_a_condition_on_seeds_says_what_effect_it_judges():
    with pytest.raises(ValueError, match=r"'a ≤ 1'"):
        at_most(1, A)


def test_seeds_that_differ_are_not_compared():
    other = Number("b", "tables/b", cell("x"), by_seed=True)
    found = agrees(A, other, 0.1).judge({A: Sample((2.0,), (1,)), other: Sample((2.0,), (2,))})
    assert (found.verdict, "seeds" in found.why) == (UNDECIDED, True)


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
    ids = [claim.id for each in ledger.SETS for claim in each.claims]
    assert len(set(ids)) == len(ids)


# Ledger.


def judged(tables, without_runs=None):
    sets = [ClaimSet("one", (made_up("x"),)), ClaimSet("two", (made_up("y_x"),), "y_")]
    paths = {name: f"results/{name}.csv" for name in tables}
    return ledger.judge(sets, tables, paths, without_runs or {})


def test_a_row_says_what_decided():
    found = judged(table(a=0.25))
    rows, numbers = found.claims(), found.numbers()
    assert rows["set"].tolist() == ["one", "two"]
    row = rows.iloc[0].to_dict()
    assert (row["verdict"], row["why"]) == (CONFIRMED, "")
    assert row["computed"] == "a = 0.25"
    assert row["checks"] == "a ≤ 1: yes"
    assert row["remark"] == "is 0.2"
    assert row["tables"] == "results/tables/a.csv"
    assert numbers["computed"].tolist() == [0.25, 0.25]
    assert numbers["published"].tolist() == [".5", ".5"]
    assert numbers["seeds"].tolist() == [0, 0]
    wrong = judged(table(a=2.0)).claims().iloc[1]
    assert (wrong["verdict"], wrong["checks"]) == (CONTRADICTED, "a ≤ 1: no")
    assert wrong["why"] == "a: 2"


def test_a_row_says_what_is_missing():
    found = judged({}, {"tables/a": "no network"})
    row = found.claims().iloc[0]
    assert (row["verdict"], row["computed"]) == (UNDECIDED, "a = not computed")
    assert (row["checks"], row["remark"]) == ("a ≤ 1: ?", "")
    assert row["tables"] == "tables/a (missing: no network)"
    assert "no network" in row["why"]
    assert found.numbers()["computed"].isna().all()
    assert "configuration" in judged({}).claims()["why"].iloc[0]


def test_the_data_has_what_a_reader_of_the_json_needs():
    a, b = number("a"), number("b", "of b")
    fallback = Correction("It is small.", (at_most(3, a),))
    claim = Claim("x", "s", "p", "w", (at_most(1, a, b),), "why", fallback)
    found = ledger.judge(
        [ClaimSet("one", (claim,))], table(a=2.0, b=0.5), {"tables/a": "results/a.csv"}, {}
    ).data()
    (entry,) = json.loads(json.dumps(found, allow_nan=False))["claims"]
    assert (entry["id"], entry["verdict"], entry["why"]) == ("x", "corrected", "It is small.")
    assert entry["conditions"] == [
        {"text": "a ≤ 1 for each", "part": "stated", "verdict": CONTRADICTED, "worst": ["a"]},
        {"text": "a ≤ 3", "part": "corrected", "verdict": CONFIRMED, "worst": ["a"]},
    ]
    assert entry["numbers"][1] == {
        "quantity": "b", "grid_point": "of b", "published": ".5", "decides": True,
        "computed": 0.5, "shown": "0.5", "seeds": {},
    }  # fmt: skip
    assert entry["tables"] == [{"name": "tables/a", "path": "results/a.csv", "missing": ""}]
    assert found["own_runs"] == []


@functools.cache
def as_published() -> ledger.Ledger:
    return ledger.judge(ledger.SETS, agreeing(), PATHS, {})


def test_the_ledger_is_complete():
    found = as_published()
    rows, numbers = found.claims(), found.numbers()
    assert list(dict.fromkeys(rows["set"])) == ["paper", "own runs", "laws", "predictions"]
    assert set(rows["verdict"]) == {CONFIRMED}
    assert (rows.drop(columns=["why", "remark"]) != "").all(axis=None)
    assert numbers["computed"].notna().all()
    assert not numbers.duplicated(["claim", "quantity"]).any()
    json.dumps(found.data(), allow_nan=False)


def test_without_any_table_everything_is_undecided_and_written():
    found = ledger.judge(ledger.SETS, {}, {}, dict.fromkeys(ledger.TABLES, "no network"))
    assert set(found.claims()["verdict"]) == {UNDECIDED}
    assert found.claims()["why"].str.contains("no network").all()
    assert "no network" in json.dumps(found.data(), allow_nan=False)
    text = ledger.page(found.own_runs())
    assert "undecided" in text
    assert "none could be read" in text


def test_the_theorem_is_that_of_the_cooldown_there_is():
    schedules = "experiments/wsd_detail/schedules"
    (theorem,) = (
        number
        for number in {
            number for each in ledger.SETS for claim in each.claims for number in claim.numbers
        }
        if number.quantity == "largest tuned Ω_T of WSD over the theorem's bound"
    )
    values = []
    for cooldown in (0.2, 0.5):
        tables = {**agreeing(), schedules: claim_tables.wsd_schedules(cooldown)}
        values.append(theorem.value(tables).mean)
    ends = agreeing()["tables/wsd_detail/no_log_terms"].query("line == 'end'")
    for value, part in zip(values, (5, 2), strict=True):
        limits = [wsd_upper_bound(int(T), (n := int(T) + 1) - n // part) for T in ends["step"]]
        assert value == pytest.approx((ends["bound"] / limits).max(), rel=1e-12)


# Our own runs.

OWN_RUNS = [each for each in ledger.SETS if each.name == "own runs"]


def test_own_runs_have_one_row_per_quantity_and_grid_point():
    rows = as_published().own_runs()
    assert not rows.duplicated(["quantity", "grid_point"]).any()
    assert set(rows["seeds"]) == {2}
    for reference in REFERENCES:
        there = rows[f"with {reference}"].notna()
        assert there.any()
        assert (rows[reference].notna() == there).all()
        assert set(rows.loc[there, f"with {reference}"]) == {CONFIRMED}
        assert (rows[f"within {reference}"].notna() == there).all()
    # Every quantity is put to something.
    assert rows[[f"with {reference}" for reference in REFERENCES]].notna().any(axis=1).all()
    of = rows[rows["grid_point"] == "c = 0.2"].iloc[0]
    assert (of["paper's claim"], of["low"]) == (".7", pytest.approx(0.7))
    # One reason for all references, unless one of them is a sign.
    assert (of["within theory"], of["reason"]) == (0.1, own_runs.LR_REASON)
    gain = rows[rows["quantity"].str.startswith("gain of the lowered LR over")].iloc[0]
    assert (gain["within paper's claim"], gain["within paper's runs"]) == (0.0, 0.001)
    assert gain["reason"].endswith(f"; {A_SIGN}")
    assert (rows["reason"] != "").all()


def without_numbers(text: str) -> list[str]:
    """The lines of a page, of its rows what does not depend on the runs."""
    lines = text.splitlines()
    end = lines.index("## In all")
    for at, line in enumerate(lines[:end]):
        if line.startswith("| ") and ": " in line:
            what, _, *others, reason = line.strip("| ").split(" | ")
            allowed = [cell.partition(" ± ")[2].partition(":")[0] for cell in others]
            lines[at] = " | ".join((what, *allowed, reason))
    return lines[:end]


def test_the_page_in_the_documentation_is_the_one_that_is_written():
    # Its numbers, which need all the runs, are compared where the pipeline has run.
    tables = {**agreeing(), **claim_tables.own_runs(seeds=(1, 2, 3))}
    rows = ledger.judge(OWN_RUNS, tables, PATHS, {}).own_runs()
    page = (Path(__file__).parents[3] / "docs" / "own_runs.md").read_text(encoding="utf-8")
    assert without_numbers(page) == without_numbers(ledger.page(rows))


def test_the_page_has_one_row_per_row_and_counts_the_verdicts():
    tables = agreeing()
    name = "analyses/stdlib_lr_fits_by_seed/fits"
    high = (tables[name]["series"] == "cosine") & (tables[name]["seed"] == 1)
    tables[name] = tables[name].assign(optimum=tables[name]["optimum"].where(~high, 4.6e-3))
    rows = ledger.judge(OWN_RUNS, tables, PATHS, {}).own_runs()
    text = ledger.page(rows)
    line = next(line for line in text.splitlines() if line.startswith("| ratio of the best γ"))
    assert "2.15 (2 to 2.3)" in line
    beside = (f"{number} ± 0.2: {CONSISTENT}" for number in ("about 2", "2", "2"))
    assert line.endswith(f"{' | '.join(beside)} | {rows['reason'].iloc[0]} |")
    assert len([line for line in text.splitlines() if line.startswith("| ") and ": " in line]) == (
        len(rows)
    )
    for reference in REFERENCES:
        counts = rows[f"with {reference}"].value_counts()
        assert f"{counts[CONFIRMED]} {CONFIRMED}, 1 {CONSISTENT}" in text
    assert "with 2 seeds" in text
    assert set(counts.index) <= set(VERDICTS)


# The pipeline's tables, those of `make laws` included.
ALL_QUESTIONS = {
    "questions": ["config/experiments", "config/runs", "config/figures", "config/laws"]
}


def test_every_table_is_one_of_the_configuration():
    config = load_config(load_settings(ALL_QUESTIONS), ROOT)
    for name in ledger.TABLES:
        section, _, rest = name.partition("/")
        if section == "tables":
            assert rest in config.figures
        else:
            entry, output = rest.split("/")
            assert output in getattr(config, section)[entry].outputs


@functools.cache
def analysed(kind: str) -> dict[str, pd.DataFrame]:
    """Results of a kind of analysis, of made-up runs."""
    runs, metadata = no_logs(), lr_grid({0.2: (1e-5, 10.0, 3.0)})
    changes, vary = {}, ["cooldown", "lr"]
    if kind == "extension_gain":
        (runs, metadata), vary = extension_group(), ["iterations"]
    elif kind == "rank_agreement":
        (runs, metadata), vary = ranked_group(), ["iterations"]
    elif kind in ("grad_norm_power", "measured_worst_case"):
        vary = ["lr"]
        rows = [row.to_dict() for _, row in metadata.iterrows()]
        runs = pd.concat([log_of(row, grad_norm=lambda t: 1.0) for row in rows])
    return analyse(settings(kind, *vary, **changes), runs, metadata)


def test_made_up_tables_have_the_columns_of_the_pipelines():
    config = load_config(load_settings(ALL_QUESTIONS), ROOT)
    made_up_tables = agreeing()
    assert set(made_up_tables) == set(ledger.TABLES)
    for name, made in made_up_tables.items():
        section, _, rest = name.partition("/")
        if section == "tables":
            kind = config.figures[rest].kind
            varied = kind == "convergence" and "value" in made
            real = tabulate(kind, result("varied")) if varied else table_of(kind)
        elif section == "experiments":
            experiment, output = rest.split("/")
            example = {"bounds": "varied", "horizon_transfer": "factor"}
            real = result(example[config.experiments[experiment].kind])[output]
        else:
            analysis, output = rest.split("/")
            real = analysed(config.analyses[analysis].kind)[output]
            assert ("seed" in made) == config.analyses[analysis].per_seed
            made = made.drop(columns="seed", errors="ignore")
        assert set(made.columns) <= set(real.columns), name
