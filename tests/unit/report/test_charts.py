"""A figure's numbers in words, and as lines that a page can draw again."""

from __future__ import annotations

import numpy as np
import pandas as pd

from scheduled.report.charts import chart, describe_columns, describe_lines

LOOK = {"labels": {"wsd": "WSD", "cosine": "Cosine"}, "value_label": "cooldown fraction $c$"}


def test_lines_are_told_one_by_one_by_where_they_turn():
    table = pd.DataFrame(
        {
            "panel": ["loss"] * 5,
            "schedule": ["wsd", "wsd", "wsd", "cosine", "cosine"],
            "step": [1, 2, 30, 1, 20_000],
            "y": [3.0, 1.0, 2.0, -0.5, 1234.5],
        }
    )
    assert describe_lines(table, "step", "y", LOOK) == (
        "Loss against step t from 1 to 20,000. WSD: goes from 3 to 2, lowest 1 at 2. "
        "Cosine: rises from −0.5 to 1,234."
    )


def test_many_lines_are_told_together():
    values = np.arange(8) / 8
    table = pd.DataFrame({"value": np.repeat(values, 2), "step": [1, 9] * 8})
    table["loss"] = table["value"] + 1 / table["step"]
    assert describe_lines(table, "step", "loss", LOOK) == (
        "Loss against step t from 1 to 9. 8 lines, from cooldown fraction c 0 to cooldown fraction "
        "c 0.875: they end between 0.111 (cooldown fraction c 0) and 0.986 (cooldown fraction c "
        "0.875); the lowest value is 0.111 (cooldown fraction c 0, at 9)."
    )


def test_rows_without_numbers_belong_to_no_line_and_marks_have_the_colour_of_their_line():
    table = pd.DataFrame(
        {
            "schedule": ["wsd", "wsd", None, "wsd", "cosine"],
            "mark": ["curve", "curve", "kept", "optimum", "curve"],
            "base_lr": [0.1, 0.2, 0.3, 0.2, 0.1],
            "bound": [1.0, np.inf, np.nan, 0.5, 2.0],
        }
    )
    told = chart(table, "base_lr", "bound", LOOK)
    assert told["rows"] == [[0, 1], [-1, 2], [1, 1], [2, 1]]
    assert [(line["name"], line["color"]) for line in told["lines"]] == [
        ("WSD", 0), ("WSD, optimum", 0), ("Cosine", 1)
    ]  # fmt: skip


def test_what_is_not_of_lines_is_told_by_its_columns():
    table = pd.DataFrame(
        {"run": ["a", "b"], "loss": [2.5, 3.25], "tau": [0.5, np.nan], "n": [1, 2]}
    )
    assert describe_columns(table) == "2 points: loss from 2.5 to 3.25; Kendall’s τ 0.5."
