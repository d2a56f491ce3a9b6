"""Claims of the paper: each verdict follows from the tables, and from nothing else."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator

import numpy as np
import pandas as pd
import pytest

from claim_tables import COOLDOWNS, agreeing, cooldown_points
from scheduled import claims
from scheduled.claims.check import CORRECTED, FAILS, HOLDS, NO_NUMBER, NO_RUNS, Claim
from scheduled.claims.cooldown_runs import _EXCESS_ERROR

Tables = dict[str, pd.DataFrame]
CLAIMS = {claim.id: claim for each in claims.SETS for claim in each.claims}
every_claim = pytest.mark.parametrize("claim", CLAIMS.values(), ids=list(CLAIMS))


def verdict(claim: Claim, tables: Tables) -> str:
    return claim.verdict(claim.values(tables))


def deciding(claim: Claim) -> list[str]:
    """The tables of the conditions of the statement as it stands."""
    numbers = [number for condition in claim.conditions for number in condition.numbers]
    return list(dict.fromkeys(number.table for number in numbers))


def perturbed(table: pd.DataFrame) -> Iterator[pd.DataFrame]:
    """Tables with one column of numbers scaled, shifted, reversed, or larger in one row."""
    for name in table.select_dtypes("number"):
        column = table[name].astype("float64")
        for factor in (0.3, 3.0):
            yield table.assign(**{name: column * factor})
        yield table.assign(**{name: column + 1})
        yield table.assign(**{name: column.to_numpy()[::-1]})
        for row in range(0, len(table), 1 + len(table) // 12):
            yield table.assign(**{name: column.where(np.arange(len(table)) != row, column * 1.7)})


@every_claim
def test_where_the_tables_are_as_published_the_claim_holds(claim: Claim):
    assert verdict(claim, agreeing()) == HOLDS


@every_claim
def test_every_table_that_decides_can_change_the_verdict(claim: Claim):
    tables = agreeing()
    for name in deciding(claim):
        changed = ({**tables, name: other} for other in perturbed(tables[name]))
        assert any(verdict(claim, other) in (CORRECTED, FAILS) for other in changed), name


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
def test_every_number_follows_its_table(claim: Claim):
    tables = agreeing()
    for number in claim.numbers:
        value = number.value(tables)
        assert value is not None, number.name
        others = [number.value({number.table: other}) for other in perturbed(tables[number.table])]
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


def best_cooldown(tables: Tables, excess: float) -> Tables:
    """The longest cooldown is worse than the best one."""

    def edit(table: pd.DataFrame) -> pd.DataFrame:
        return table.assign(loss_at_optimum=[2.97, 2.95, 2.95 + excess])

    return change(tables, "analyses/124m_cooldown_fits/fits", edit)


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


# Claim → what is true with a correction only, and what is not even then.
CORRECTIONS: dict[str, tuple[Callable[[Tables], Tables], Callable[[Tables], Tables]]] = {
    "pep_same_shape": (lambda t: early_omega(t, 5), lambda t: early_omega(t, 10)),
    "optimal_schedule_linear": (lambda t: last_rates(t, 0.09), lambda t: last_rates(t, 0.11)),
    "lr_transfer": (lambda t: spread(t, 0.0), lambda t: spread(t, 0.2)),
    "best_cooldown_124m": (lambda t: best_cooldown(t, 1e-3), lambda t: best_cooldown(t, 1e-2)),
    "grad_norm_power": (lambda t: unlogged(t, math.log(10)), lambda t: unlogged(t, 2.0)),
    "practice_matches_theory": (lambda t: swapped(t, 1e-3), lambda t: swapped(t, 2e-2)),
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
