"""Claims: each verdict follows from the tables, and from nothing else."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pandas as pd
import pytest

from claim_tables import COOLDOWNS, agreeing, cooldown_points, own_runs
from scheduled import claims
from scheduled.claims.check import CORRECTED, FAILS, HOLDS, NO_NUMBER, NO_RUNS, Claim
from scheduled.claims.cooldown_runs import _EXCESS_ERROR

Tables = dict[str, pd.DataFrame]
CLAIMS = {claim.id: claim for each in claims.SETS for claim in each.claims}
# Perturbed tables are nonsense at times: the logarithm of a negative number is no number then.
nonsense = np.errstate(invalid="ignore")
every_claim = pytest.mark.parametrize("claim", CLAIMS.values(), ids=list(CLAIMS))


def verdict(claim: Claim, tables: Tables) -> str:
    return claim.verdict(claim.values(tables))


def deciding(claim: Claim) -> list[str]:
    """The tables of the conditions of the statement as it stands."""
    numbers = [number for condition in claim.conditions for number in condition.numbers]
    return list(dict.fromkeys(number.table for number in numbers))


def perturbed(table: pd.DataFrame) -> Iterator[pd.DataFrame]:
    """Tables with a column of numbers scaled, negated, shifted, reversed, or larger in one row."""
    rows = range(0, len(table), 1 + len(table) // 12)
    changes: list[Callable[[pd.Series], Any]] = [
        lambda column: column * 0.3,
        lambda column: column * 3.0,
        lambda column: -column,
        lambda column: column + 1,
        lambda column: column.to_numpy()[::-1],
        *(
            lambda column, row=row: column.where(np.arange(len(table)) != row, column * 1.7)
            for row in rows
        ),
    ]
    columns = table.select_dtypes("number").astype("float64")
    # Each column in one way first: which column matters is soon found.
    for change, name in itertools.product(changes, columns):
        yield table.assign(**{name: change(columns[name])})


@every_claim
def test_where_the_tables_are_as_published_the_claim_holds(claim: Claim):
    assert verdict(claim, agreeing()) == HOLDS


@every_claim
@nonsense
def test_every_table_that_decides_can_change_the_verdict(claim: Claim):
    tables = agreeing()
    values = claim.values(tables)
    for name in deciding(claim):
        follow = [number for number in claim.numbers if number.table == name]
        changed = (
            {**values, **{number: number.value({name: other}) for number in follow}}
            for other in perturbed(tables[name])
        )
        assert any(claim.verdict(other) in (CORRECTED, FAILS) for other in changed), name


@every_claim
def test_every_condition_counts(claim: Claim):
    values = claim.values(agreeing())
    for condition in claim.conditions:
        broken = [
            {**values, number: value}
            for number in condition.numbers
            for value in (-1e3, 0.0, 0.31, 1e3)
        ]
        failing = [claim.verdict(other) for other in broken if not condition.holds(other)]
        assert failing, condition.text
        assert not {HOLDS, NO_RUNS, NO_NUMBER} & set(failing)


@every_claim
@nonsense
def test_every_number_follows_its_table(claim: Claim):
    tables = agreeing()
    for number in claim.numbers:
        value = number.value(tables)
        assert value is not None, number.name
        changed = perturbed(tables[number.table])
        others = (number.value({number.table: other}) for other in changed)
        assert any(other is not None and other != value for other in others), number.name


@every_claim
def test_without_its_tables_a_claim_is_not_decided(claim: Claim):
    tables = agreeing()
    for name in deciding(claim):
        rest = {key: table for key, table in tables.items() if key != name}
        assert claim.verdict(claim.values(rest), [name]) == NO_RUNS
        assert claim.verdict(claim.values(rest)) == NO_NUMBER
        empty = claim.values({**tables, name: tables[name].iloc[:0]})
        assert claim.verdict(empty) == NO_NUMBER


def change(tables: Tables, name: str, edit: Callable[[pd.DataFrame], pd.DataFrame]) -> Tables:
    return {**tables, name: edit(tables[name])}


def early_omega(tables: Tables, until: int) -> Tables:
    """Ω larger at the first iterates of WSD."""

    def edit(table: pd.DataFrame) -> pd.DataFrame:
        early = (table["line"] == "omega") & (table["step"] <= until)
        return table.assign(bound=table["bound"].where(~early, 4 * table["bound"]))

    return change(tables, "tables/lower_bound/wsd", edit)


def last_rates(tables: Tables, more: float) -> Tables:
    """A minimising schedule that is larger than linear decay in its last step."""

    def edit(table: pd.DataFrame) -> pd.DataFrame:
        end = (table["iteration"] == 7) & (table["step"] == 100)
        return table.assign(y=table["y"].where(~end, table["y"] + more))

    return change(tables, "tables/optimize_schedule/animated_schedule", edit)


def spread(tables: Tables, fraction: float) -> Tables:
    """One horizon apart from the other at one cooldown fraction."""

    def edit(table: pd.DataFrame) -> pd.DataFrame:
        apart = (table["horizon"] == 400) & np.isclose(table["fraction"], fraction)
        return table.assign(log_ratio=table["log_ratio"] + 0.3 * apart)

    return change(tables, "tables/lr_transfer/linear", edit)


def best_cooldown(tables: Tables, excess: float, name: str = "124m_cooldown_fits") -> Tables:
    """The longest cooldown is worse than the best one."""

    def edit(table: pd.DataFrame) -> pd.DataFrame:
        return table.assign(loss_at_optimum=[2.97, 2.95, 2.95 + excess])

    return change(tables, f"analyses/{name}/fits", edit)


def unlogged(tables: Tables, unit: float) -> Tables:
    """Gradient norms that go with a power of γ by the published β over a unit."""

    def edit(table: pd.DataFrame) -> pd.DataFrame:
        return table.assign(power_unlogged=table["power_unlogged"] / unit)

    return change(tables, "analyses/124m_grad_norm_power/fits", edit)


def swapped(tables: Tables, loss: float) -> Tables:
    """Figure 1 with one pair of one horizon ranked differently, that much apart in loss."""
    runs = tables["analyses/210m_ranks/runs"].copy()
    runs.loc[0, "loss"] = runs.loc[1, "loss"] + loss
    tables = change(tables, "analyses/210m_ranks/agreement", lambda table: table.assign(agreeing=2))
    return {**tables, "analyses/210m_ranks/runs": runs}


def one_seed(tables: Tables, name: str, column: str, value: float, /, **of: object) -> Tables:
    """Another value of a column with the first seed, in the rows with these fields."""

    def edit(table: pd.DataFrame) -> pd.DataFrame:
        rows = table["seed"] == 1
        for field, wanted in of.items():
            rows &= table[field] == wanted
        assert rows.any()
        return table.assign(**{column: table[column].where(~rows, value)})

    return change(tables, f"analyses/stdlib_{name}", edit)


def all_seeds(tables: Tables, name: str, column: str, value: float, /, **of: object) -> Tables:
    """The same with every seed."""
    name = f"analyses/stdlib_{name}"
    kept = tables[name]
    rows = np.logical_and.reduce([kept[field] == wanted for field, wanted in of.items()])
    return {**tables, name: kept.assign(**{column: kept[column].where(~rows, value)})}


def own_ratio(tables: Tables, ratio: float) -> Tables:
    return all_seeds(tables, "lr_fits_by_seed/fits", "optimum", 2e-3 * ratio, series="cosine")


def own_growth(tables: Tables, growth: float) -> Tables:
    best = math.exp(growth)
    return all_seeds(tables, "cooldown_fits_by_seed/fits", "optimum", best, value=COOLDOWNS[-1])


def own_transfer(tables: Tables, widen: float) -> Tables:
    """Runs .15 off theory, with intervals that reach that far to both sides."""

    def edit(table: pd.DataFrame) -> pd.DataFrame:
        runs = (table["line"] == "runs") & table["low"].notna()
        y = table["y"] + 0.15 * runs
        return table.assign(y=y, low=(y - widen).where(runs), high=(y + widen).where(runs))

    return change(tables, "tables/own_runs/best_lr", edit)


def own_best_cooldown(tables: Tables, excess: float) -> Tables:
    """The longest cooldown is worse than the best one, with one seed and in the mean."""
    name, least = "cooldown_fits_by_seed/fits", 2.95 + excess
    tables = one_seed(tables, name, "loss_at_optimum", least + 0.01, value=COOLDOWNS[-1])
    return best_cooldown(tables, excess, "stdlib_cooldown_fits")


def own_power(tables: Tables, power: float) -> Tables:
    name = "grad_norm_power_by_seed/fits"
    return all_seeds(tables, name, "power_unlogged", power, series="wsd")


def own_swapped(tables: Tables, loss: float) -> Tables:
    """One pair of one horizon ranked differently with one seed, that much apart in loss."""
    name = "horizon_ranks_by_seed"
    worse = tables[f"analyses/stdlib_{name}/runs"]["loss"].iloc[1] + loss
    tables = one_seed(tables, f"{name}/agreement", "agreeing", 2)
    return one_seed(tables, f"{name}/runs", "loss", worse, series="wsd", horizon=300)


def own_loss(tables: Tables, horizon: int) -> Tables:
    """A lowered LR that gains nothing at one horizon, with one seed."""
    name = "extension_gains_by_seed/gains"
    return one_seed(tables, name, "gain", 0.0, series="lowered", horizon=horizon)


# Claim → what is true with a correction only, and what is not even then.
CORRECTIONS: dict[str, tuple[Callable[[Tables], Tables], Callable[[Tables], Tables]]] = {
    "pep_same_shape": (lambda t: early_omega(t, 5), lambda t: early_omega(t, 10)),
    "optimal_schedule_linear": (lambda t: last_rates(t, 0.09), lambda t: last_rates(t, 0.11)),
    "lr_transfer": (lambda t: spread(t, 0.0), lambda t: spread(t, 0.2)),
    "best_cooldown_124m": (lambda t: best_cooldown(t, 1e-3), lambda t: best_cooldown(t, 1e-2)),
    "grad_norm_power": (lambda t: unlogged(t, math.log(10)), lambda t: unlogged(t, 2.0)),
    "practice_matches_theory": (lambda t: swapped(t, 1e-3), lambda t: swapped(t, 2e-2)),
    "own_cosine_wsd_ratio": (lambda t: own_ratio(t, 1.7), lambda t: own_ratio(t, 0.9)),
    "own_lr_growth": (lambda t: own_growth(t, 0.6), lambda t: own_growth(t, -0.1)),
    "own_lr_transfer": (lambda t: own_transfer(t, 0.2), lambda t: own_transfer(t, 0.14)),
    "own_best_cooldown": (
        lambda t: own_best_cooldown(t, 1e-3),
        lambda t: own_best_cooldown(t, 0.01),
    ),
    "own_grad_norm_power": (lambda t: own_power(t, -0.6), lambda t: own_power(t, 0.1)),
    "own_practice_matches_theory": (lambda t: own_swapped(t, 1e-3), lambda t: own_swapped(t, 2e-2)),
    "own_extension_gain": (lambda t: own_loss(t, 24000), lambda t: own_loss(t, 12000)),
}


def test_all_corrections_are_tried():
    assert set(CORRECTIONS) == {claim.id for claim in CLAIMS.values() if claim.correction}


@pytest.mark.parametrize("name", CORRECTIONS)
def test_a_correction_is_the_verdict_where_only_it_is_true(name: str):
    corrected, wrong = CORRECTIONS[name]
    assert verdict(CLAIMS[name], corrected(agreeing())) == CORRECTED
    assert verdict(CLAIMS[name], wrong(agreeing())) == FAILS


def test_a_claim_is_decided_by_the_numbers_that_are_there():
    claim, name = CLAIMS["extension_gain"], "analyses/124m_extension_gains/gains"
    tables = {name: agreeing()[name]}
    assert verdict(claim, tables) == NO_NUMBER
    assert verdict(claim, change(tables, name, lambda table: table.assign(gain=0.001))) == FAILS
    # A correction may still be true.
    claim, name = CLAIMS["pep_same_shape"], "tables/lower_bound/sqrt"
    early = early_omega(agreeing(), 5)
    assert verdict(claim, {key: early[key] for key in early if key != name}) == NO_NUMBER


def test_the_error_of_an_excess_covers_what_chance_does():
    """95 % of made-up grids without any difference stay within their error."""
    rng = np.random.default_rng(5)
    inside = 0
    for _ in range(200):
        points = cooldown_points(0.0)
        points["loss"] += 2e-3 * rng.standard_normal(len(points))
        least = {}
        for cooldown in COOLDOWNS:
            rows = points[points["value"] == cooldown]
            columns = np.column_stack([1 / rows["lr"], rows["lr"], np.ones(len(rows))])
            a, b, c = np.linalg.lstsq(columns, rows["loss"], rcond=None)[0]
            least[cooldown] = 2 * math.sqrt(a * b) + c
        # Of two cooldowns: picking the best of more than two is no single difference.
        two = points[points["value"] != COOLDOWNS[1]]
        error = _EXCESS_ERROR.compute(two)
        inside += abs(least[COOLDOWNS[0]] - least[COOLDOWNS[2]]) <= error
    assert 0.9 <= inside / 200 <= 0.99


# Our own runs: seeds.


@pytest.mark.parametrize("seeds", [(1,), (1, 2, 3), (0, 7, 8, 9)])
def test_our_own_claims_hold_with_any_number_of_seeds(seeds: tuple[int, ...]):
    tables = own_runs(seeds)
    own = [claim for name, claim in CLAIMS.items() if name.startswith("own_")]
    assert own
    assert {verdict(claim, tables) for claim in own} == {HOLDS}


def test_the_spread_over_seeds_is_the_error_of_a_number():
    claim, name = CLAIMS["own_cosine_wsd_ratio"], "lr_fits_by_seed/fits"
    off = own_ratio(agreeing(), 2.5)
    assert verdict(claim, off) == CORRECTED
    assert verdict(claim, one_seed(off, name, "optimum", 3.8e-3, series="cosine")) == HOLDS
    assert verdict(claim, one_seed(off, name, "optimum", 4.6e-3, series="cosine")) == CORRECTED


@pytest.mark.parametrize(
    ("name", "table", "column", "of"),
    [
        ("own_extension_order", "extension_gains_by_seed/gains", "gain", {"horizon": 12000}),
        (
            "own_short_cooldown_at_fixed_gamma",
            "cooldown_fits_by_seed/points",
            "loss",
            {"value": COOLDOWNS[-1]},
        ),
    ],
)
def test_an_order_must_be_the_same_with_every_seed(name, table, column, of):
    """One seed whose runs are all alike, or whose longest cooldown is always best."""
    assert verdict(CLAIMS[name], one_seed(agreeing(), table, column, 0.0, **of)) == FAILS


def test_a_seed_without_a_number_leaves_a_claim_undecided():
    claim, name = CLAIMS["own_cosine_wsd_ratio"], "lr_fits_by_seed/fits"
    tables = one_seed(agreeing(), name, "optimum", math.nan, series="wsd")
    assert verdict(claim, tables) == NO_NUMBER
