"""What is compared comes from tables; a changed table changes the verdict."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from scheduled.agreement import OWN_TABLES, QUANTITIES, TABLES, Quantity, Source, agreement, page
from scheduled.config.load import load_config, load_settings

ROOT = Path(__file__).parents[3]
OWN, PAPER = "analyses/own/fits", "analyses/paper/fits"


def first(table: pd.DataFrame) -> float:
    return float(table["x"].iloc[0])


def quantity(theory: Source | float | None = 2.0, tolerance: float = 0.1) -> Quantity:
    paper = Source(PAPER, first)
    return Quantity("topic", "what", Source(OWN, first), theory, paper, tolerance, "why")


def own(*values: float) -> pd.DataFrame:
    return pd.DataFrame({"seed": range(len(values)), "x": values})


@pytest.mark.parametrize(
    ("values", "verdict"),
    [
        ((2.0, 2.0), "agrees"),
        ((2.05, 2.05), "agrees"),
        ((2.2, 2.2), "differs"),
        # Half the range over seeds is forgiven.
        ((2.05, 2.35), "agrees"),
        ((1.0, 1.2), "differs"),
    ],
)
def test_agreement_is_within_the_tolerance_beyond_the_spread(values, verdict):
    row = agreement([quantity()], {OWN: own(*values), PAPER: own(values[0])}).iloc[0]
    assert row["with_theory"] == verdict
    assert row["own"] == pytest.approx(np.mean(values))
    assert (row["low"], row["high"], row["seeds"]) == (min(values), max(values), 2)


def test_numbers_that_are_not_there_are_not_compared():
    row = agreement([quantity(theory=None)], {OWN: own(1.0)}).iloc[0]
    assert (row["with_theory"], row["with_paper"]) == ("", "")
    nothing = agreement([quantity()], {}).iloc[0]
    assert nothing["seeds"] == 0
    assert (nothing["with_theory"], nothing["with_paper"]) == ("", "")
    # A seed whose fit failed has no number.
    row = agreement([quantity()], {OWN: own(2.0, np.nan)}).iloc[0]
    assert (row["seeds"], row["own"]) == (1, 2.0)


def test_the_page_has_a_row_a_quantity_and_counts_what_agrees():
    text = page(agreement([quantity(), quantity(theory=None)], {OWN: own(2.0), PAPER: own(-5.0)}))
    assert "## Topic" in text
    assert "| what | 2 | −5 | 2 (2 to 2) | agrees | differs |" in text
    assert "| what | – | −5 | 2 (2 to 2) | – | differs |" in text
    assert "1 of 1 quantities agree with theory; 0 of 2 quantities agree with the paper" in text


def test_every_table_is_one_of_the_configuration():
    config = load_config(load_settings({}), ROOT)
    assert set(TABLES) > OWN_TABLES
    for table in TABLES:
        sort, name, output = table.split("/")
        entries = {"experiments": config.experiments, "analyses": config.analyses}[sort]
        assert output in entries[name].outputs
    for table in OWN_TABLES:
        assert config.analyses[table.split("/")[1]].per_seed


def computed(topic: str, part: str, table: pd.DataFrame) -> float:
    entry = next(q for q in QUANTITIES if q.topic == topic and part in q.quantity)
    return entry.own.compute(table)


def test_the_numbers_follow_their_tables():
    fits = pd.DataFrame({"series": ["cosine", "wsd"], "optimum": [4e-3, 2e-3]})
    assert computed("best base LR", "cosine over", fits) == pytest.approx(2)
    cooldowns = pd.DataFrame(
        {"value": [0.9, 0.2, 0.4], "optimum": [3e-3, 1e-3, 2e-3], "loss_at_optimum": [1.2, 1.3, 1]}
    )
    assert computed("LR transfer over cooldowns", "ln of", cooldowns) == pytest.approx(np.log(3))
    assert computed("best cooldown", "least loss", cooldowns) == 0.4
    gains = pd.DataFrame(
        {
            "series": ["lowered", "lowered", "longer_cooldown"],
            "horizon": [200, 100, 100],
            "gain": [0.3, 0.1, 0.25],
        }
    )
    assert computed("extensions", "2× the horizon, lowered", gains) == 0.1
    assert computed("extensions", "4× the horizon, lowered", gains) == 0.3
    assert computed("extensions", "over that of the lowered", gains) == 2.5
    ranks = pd.DataFrame(
        {"mark": ["scan", "matched"], "tau": [0, 0.8], "agreeing": [0, 3], "pairs": [4, 4]}
    )
    assert computed("rank agreement", "Kendall's τ", ranks) == 0.8
    assert computed("rank agreement", "pairs", ranks) == 0.75
