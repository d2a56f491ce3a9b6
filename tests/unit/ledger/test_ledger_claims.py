"""Claims: each verdict follows from the tables, and from nothing else."""

from __future__ import annotations

import functools
import itertools
import math
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from claim_tables import COOLDOWNS, LRS, MEASURED, agreeing, cooldown_points, own_runs
from scheduled import ledger
from scheduled.ledger.claim import Claim
from scheduled.ledger.comparison import Comparison
from scheduled.ledger.numbers import Number, Sample
from scheduled.ledger.readers import longest_error
from scheduled.ledger.rule import CONFIRMED, CONSISTENT, CONTRADICTED, CORRECTED, UNDECIDED
from scheduled.numerics.least_loss_error import least_loss_error
from scheduled.numerics.lr_fit import fit_loss_over_lr

Tables = dict[str, pd.DataFrame]
CLAIMS = {claim.id: claim for each in ledger.SETS for claim in each.claims}
# Perturbed tables are nonsense at times: the logarithm of a negative number is no number then.
nonsense = np.errstate(invalid="ignore")
every_claim = pytest.mark.parametrize("claim", CLAIMS.values(), ids=list(CLAIMS))


def verdict(claim: Claim, tables: Tables) -> str:
    return claim.judge(claim.values(tables)).verdict


@functools.cache
def published(name: str) -> dict[Number, Sample | None]:
    """The numbers of a claim where the tables are as published; to be changed as copies only."""
    return CLAIMS[name].values(agreeing())


def deciding(claim: Claim) -> list[str]:
    """The tables of the conditions of the statement as it stands."""
    numbers = [number for condition in claim.conditions for number in condition.numbers]
    return list(dict.fromkeys(name for number in numbers for name in number.tables))


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
def test_where_the_tables_are_as_published_the_claim_is_confirmed(claim: Claim):
    found = claim.judge(published(claim.id))
    assert (found.verdict, found.why) == (CONFIRMED, "")


@every_claim
@nonsense
def test_every_table_that_decides_can_change_the_verdict_and_every_number(claim: Claim):
    tables, values = agreeing(), published(claim.id)
    assert None not in values.values()
    # An error decides nothing by itself.
    worse = {CORRECTED, CONTRADICTED} | {UNDECIDED for each in claim.conditions if each.error}
    for name in claim.tables:
        follow = [number for number in claim.numbers if name in number.tables]
        same, decides = set(follow), name in deciding(claim)
        for other in perturbed(tables[name]):
            asked = follow if decides else same
            found = {number: number.value({**tables, name: other}) for number in asked}
            same -= {number for number in asked if found[number] not in (None, values[number])}
            decides = decides and claim.judge({**values, **found}).verdict not in worse
            if not same and not decides:
                break
        assert not decides, name
        assert not same, name


def sample(number: Number, value: float) -> Sample:
    return Sample((value, value), (1, 2)) if number.by_seed else Sample((value,))


@every_claim
def test_every_condition_counts(claim: Claim):
    values = published(claim.id)
    for condition in claim.conditions:
        broken = [
            {**values, number: sample(number, value)}
            for number in condition.numbers
            for value in (-1e3, 0.0, 0.31, 1e3)
        ]
        failing = [
            claim.judge(other) for other in broken
            if condition.judge(other).verdict == CONTRADICTED
        ]  # fmt: skip
        assert failing, condition.text
        assert {found.verdict for found in failing} <= {CONTRADICTED, CORRECTED}
        assert all(found.why for found in failing)


@every_claim
def test_without_its_tables_a_claim_is_undecided(claim: Claim):
    tables = agreeing()
    for name in deciding(claim):
        rest = {key: table for key, table in tables.items() if key != name}
        values = claim.values(rest)
        found = claim.judge(values, {name: "no network"})
        assert found.verdict == UNDECIDED
        assert name in found.why
        assert "no network" in found.why
        found = claim.judge(values)
        assert found.verdict == UNDECIDED
        assert name in found.why
        assert "configuration" in found.why
        emptied = {**tables, name: tables[name].iloc[:0]}
        follow = [number for number in claim.numbers if name in number.tables]
        empty = {**published(claim.id), **{number: number.value(emptied) for number in follow}}
        assert claim.judge(empty).verdict == UNDECIDED


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
        least = np.where(table["value"] == COOLDOWNS[-1], 2.95 + excess, 2.95)
        return table.assign(loss_at_optimum=np.where(table["value"] == 0.1, 2.97, least))

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


def ranked_by_exact(tables: Tables, tau: float) -> Tables:
    """Kendall's τ of the exact worst case with measured norms; that of Ω is .7."""

    def edit(table: pd.DataFrame) -> pd.DataFrame:
        rows = (table["bound"] == "exact") & (table["norms"] == "measured")
        return table.assign(tau=table["tau"].where(~rows, tau))

    for name in MEASURED:
        tables = change(tables, f"analyses/{name}_measured_worst_case/agreement", edit)
    return tables


def one_seed(tables: Tables, name: str, column: str, value: float, /, **of: object) -> Tables:
    """Another value of a column with the first seed, in the rows with these fields."""

    def edit(table: pd.DataFrame) -> pd.DataFrame:
        rows = table["seed"] == 1
        for field, wanted in of.items():
            rows &= table[field] == wanted
        assert rows.any()
        return table.assign(**{column: table[column].where(~rows, value)})

    return change(tables, f"analyses/stdlib_{name}", edit)


# Claim → what is true with a correction only, and what is not even then.
CORRECTIONS: dict[str, tuple[Callable[[Tables], Tables], Callable[[Tables], Tables]]] = {
    "pep_same_shape": (lambda t: early_omega(t, 5), lambda t: early_omega(t, 10)),
    "optimal_schedule_linear": (lambda t: last_rates(t, 0.09), lambda t: last_rates(t, 0.11)),
    "lr_transfer": (lambda t: spread(t, 0.0), lambda t: spread(t, 0.2)),
    "grad_norm_power": (lambda t: unlogged(t, math.log(10)), lambda t: unlogged(t, 2.0)),
    "practice_matches_theory": (lambda t: swapped(t, 1e-3), lambda t: swapped(t, 2e-2)),
    "exact_ranks_measured": (
        lambda t: ranked_by_exact(t, 0.7),
        lambda t: ranked_by_exact(t, 0.6),
    ),
}


def test_all_corrections_are_tried():
    assert set(CORRECTIONS) == {claim.id for claim in CLAIMS.values() if claim.correction}


@pytest.mark.parametrize("name", CORRECTIONS)
def test_a_correction_is_the_verdict_where_only_it_is_true(name: str):
    corrected, wrong = CORRECTIONS[name]
    assert verdict(CLAIMS[name], corrected(agreeing())) == CORRECTED
    found = CLAIMS[name].judge(CLAIMS[name].values(corrected(agreeing())))
    assert found.why == CLAIMS[name].correction.statement
    assert verdict(CLAIMS[name], wrong(agreeing())) == CONTRADICTED


def test_a_claim_is_decided_by_the_numbers_that_are_there():
    claim, name = CLAIMS["extension_gain"], "analyses/124m_extension_gains/gains"
    tables = {name: agreeing()[name]}
    assert verdict(claim, tables) == UNDECIDED
    assert (
        verdict(claim, change(tables, name, lambda table: table.assign(gain=0.001))) == CONTRADICTED
    )
    # A correction may still be true.
    claim, name = CLAIMS["pep_same_shape"], "tables/lower_bound/sqrt"
    early = early_omega(agreeing(), 5)
    assert verdict(claim, {key: early[key] for key in early if key != name}) == UNDECIDED


def noisier(tables: Tables, factor: float) -> Tables:
    """124M fits that scatter more around the same curves."""

    def edit(table: pd.DataFrame) -> pd.DataFrame:
        return table.assign(rms=table["rms"] * factor)

    return change(tables, "analyses/124m_cooldown_fits/fits", edit)


@pytest.mark.parametrize(
    ("excess", "expected"), [(-1e-2, CONFIRMED), (1e-3, UNDECIDED), (1e-2, CONTRADICTED)]
)
def test_noise_decides_nothing_of_the_best_cooldown(excess: float, expected: str):
    claim = CLAIMS["best_cooldown_124m"]
    tables = best_cooldown(agreeing(), excess)
    assert verdict(claim, tables) == expected
    assert verdict(claim, noisier(tables, 100.0)) == UNDECIDED


def test_intervals_that_hold_anything_decide_nothing():
    claim = CLAIMS["lr_transfer_124m"]

    def wider(table: pd.DataFrame) -> pd.DataFrame:
        return table.assign(low=table["low"] - 0.7, high=table["high"] + 0.7)

    tables = change(agreeing(), "tables/reanalysis/cooldown_length/best_lr", wider)
    assert verdict(claim, tables) == UNDECIDED


def test_the_error_of_an_excess_covers_what_chance_does():
    """95 % of made-up grids without any difference stay within their error."""
    rng = np.random.default_rng(5)
    points = cooldown_points(0.0)
    # Of two cooldowns: picking the best of more than two is no single difference.
    points = points[points["value"].isin((COOLDOWNS[0], COOLDOWNS[-1]))]
    exact = points["loss"].to_numpy()
    inside = 0
    for _ in range(100):
        points = points.assign(loss=exact + 2e-3 * rng.standard_normal(len(points)))
        rows = []
        for cooldown, of in points.groupby("value"):
            fit = fit_loss_over_lr(of["lr"], of["loss"])
            numbers = {name: getattr(fit, name) for name in ("optimum", "loss_at_optimum", "rms")}
            rows.append(
                {"value": cooldown, "status": fit.why_no_optimum or "ok", "points": 5, **numbers}
            )
        two = pd.DataFrame(rows)
        inside += abs(two["loss_at_optimum"].diff().iloc[-1]) <= longest_error(two, points)
    assert 0.9 <= inside / 100 <= 0.99


# Our own runs: seeds.

OWN = {name: claim for name, claim in CLAIMS.items() if isinstance(claim, Comparison)}
every_comparison = pytest.mark.parametrize("claim", OWN.values(), ids=list(OWN))


def test_our_own_claims_are_the_comparisons():
    assert set(OWN) == {name for name in CLAIMS if name.startswith("own_")}
    assert not any(claim.correction for claim in OWN.values())


@pytest.mark.parametrize("seeds", [(1,), (1, 2, 3), (0, 7, 8, 9)])
def test_our_own_claims_are_confirmed_with_any_number_of_seeds(seeds: tuple[int, ...]):
    tables = {**agreeing(), **own_runs(seeds)}
    assert {verdict(claim, tables) for claim in OWN.values()} == {CONFIRMED}


def scattered(claim: Claim, number: Number, shift: float, by: float) -> str:
    """The verdict with one number's mean shifted, and three seeds that far apart."""
    values = published(claim.id)
    value = values[number]
    assert value is not None
    seeds = (value.mean + shift - by, value.mean + shift, value.mean + shift + by)
    return claim.judge({**values, number: Sample(seeds, (1, 2, 3))}).verdict


def own_numbers(claim: Claim) -> list[Number]:
    return [condition.numbers[0] for condition in claim.conditions]


@every_comparison
def test_every_verdict_of_the_rule_is_reached(claim: Claim):
    for number, condition in zip(own_numbers(claim), claim.conditions, strict=True):
        means = [published(claim.id)[each].mean for each in condition.numbers]
        effect = condition.effect(*means)
        # How far a mean may be off: what it is above its limit, or the tolerance.
        margin = -condition.excess(*means)
        assert margin > 0
        if 2 * margin < effect:
            assert scattered(claim, number, 0.0, 0.9 * margin) == CONFIRMED
        if 2.2 * margin < effect:
            assert scattered(claim, number, 0.0, 1.1 * margin) == CONSISTENT
        assert scattered(claim, number, -3 * margin, 0.0) == CONTRADICTED
        assert scattered(claim, number, 0.0, 0.51 * effect) == UNDECIDED
        assert scattered(claim, number, -3 * margin, 0.51 * effect) == UNDECIDED


@pytest.mark.parametrize("name", ["own_lr_ratio_theory", "own_rank_pairs_runs",
                                  "own_lowered_gain_claim", "own_steps_saved_runs"])  # fmt: skip
@given(
    shift=st.floats(-1.0, 1.0),
    by=st.floats(0.0, 1.0),
    more=st.floats(1.0, 10.0),
)
def test_noisier_seeds_never_better_a_verdict(name: str, shift: float, by: float, more: float):
    claim = OWN[name]
    number = own_numbers(claim)[0]
    before = scattered(claim, number, shift, by)
    after = scattered(claim, number, shift, by * more)
    worse = {
        CONFIRMED: {CONFIRMED, CONSISTENT, UNDECIDED},
        CONSISTENT: {CONSISTENT, UNDECIDED},
        CONTRADICTED: {CONTRADICTED, UNDECIDED},
        UNDECIDED: {UNDECIDED},
    }
    assert after in worse[before]


def test_a_seed_without_a_number_leaves_a_claim_undecided():
    name = "lr_fits_by_seed/fits"
    tables = one_seed(agreeing(), name, "optimum", math.nan, series="wsd")
    assert verdict(OWN["own_lr_ratio_claim"], tables) == UNDECIDED


def test_a_consistent_claim_says_the_range():
    tables = one_seed(agreeing(), "lr_fits_by_seed/fits", "optimum", 4.6e-3, series="cosine")
    claim = OWN["own_lr_ratio_claim"]
    found = claim.judge(claim.values(tables))
    assert found.verdict == CONSISTENT
    assert "2.15" in found.why
    assert "2 to 2.3" in found.why


def test_a_claim_about_many_values_gives_the_worst_one():
    claim = OWN["own_lr_transfer_theory"]
    name = "cooldown_fits_by_seed/fits"
    tables = agreeing()
    for seed in (1, 2):
        rows = tables[f"analyses/stdlib_{name}"]
        for cooldown, factor in ((0.4, 1.2), (0.6, 1.3), (0.8, 1.01)):
            at = (rows["seed"] == seed) & (rows["value"] == cooldown)
            rows = rows.assign(optimum=rows["optimum"].where(~at, rows["optimum"] * factor))
        tables = {**tables, f"analyses/stdlib_{name}": rows}
    found = claim.judge(claim.values(tables))
    assert found.verdict == CONTRADICTED
    assert "c = 0.6" in found.why


def test_without_spare_points_a_difference_has_no_error():
    with pytest.raises(ValueError, match="freedom=0"):
        least_loss_error([np.array(LRS[:3])] * 2, [1e-3, 1e-3], squares=0.0, freedom=0)


def test_parts_of_the_steps_are_told_in_percent_as_the_paper_tells_them():
    claim = CLAIMS["extension_steps_saved"]
    numbers = [number for condition in claim.conditions for number in condition.numbers]
    assert {number.published for number in numbers} == {"about 7 %"}
    assert {number.shown(Sample((0.0652,))) for number in numbers} == {"6.5 %"}
    assert claim.conditions[0].text.endswith("= 7 % ± 0.5 % for each")
    seeds = Sample((0.5, 0.75), (1, 2))
    assert Number("x", "tables/x", len).shown(seeds) == "0.625 (seeds 0.5 to 0.75)"
    assert Number("x", "tables/x", len).shown(None) == "not computed"
