"""Results beside what is stored of them: tables, and checksums of what is read from logs."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from scheduled.config.load import EXPERIMENTS, FIGURES
from scheduled.core.promise import CURVE_FIT, DIRECT, EXACT, LAW_FIT
from scheduled.reproduce.kept import computed_rows, exact_sha256, kept_rows
from scheduled.reproduce.promise import promised
from scheduled.reproduce.stored import (
    compare_stored,
    read_checksums,
    read_rows,
    write_run_figures,
)

STORED = "schedule,horizon,base_lr\nwsd,10,0.5\ncosine,10,0.25\n"
SWEEP = """\
schedule,horizon,mark,lr,loss,low,high
wsd,10,point,0.1,2.5,2.5,2.5
wsd,10,curve,0.1,2.4,,
wsd,10,optimum,0.3,2.2,,
"""


@dataclass
class FakePlan:
    """As much of a plan as the comparison looks at."""

    others: bool = True
    experiments: dict[str, str] = field(default_factory=lambda: {"tiny": "0123456789ab"})
    figures: tuple[str, ...] = ("runs/sweep", "tiny/sweep")
    config: Any = field(
        default_factory=lambda: SimpleNamespace(
            experiments={"tiny": SimpleNamespace(kind="bounds", headline="tuning")},
            figures={
                "runs/sweep": SimpleNamespace(kind="loss_over_lr", sources={"analysis": "toy"}),
                "tiny/sweep": SimpleNamespace(kind="lr_sweep", sources={"experiment": "tiny"}),
            },
        )
    )

    def published(self, figure: str) -> bool:
        return self.others


@pytest.fixture
def folders(tmp_path: Path) -> tuple[Path, Path]:
    """Results, and what is stored of them."""
    results, stored = tmp_path / "results", tmp_path / "stored"
    tuning = results / "experiments" / "tiny" / "0123456789ab" / "tuning.csv"
    sweep = results / "tables" / "runs" / "sweep.csv"
    for path in (tuning, sweep, stored / "tiny.tuning.csv"):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(STORED)
    sweep.write_text(SWEEP)
    write_run_figures(FakePlan(), results, stored)  # type: ignore[arg-type]
    return results, stored


def compare(folders: tuple[Path, Path]) -> list[str]:
    return compare_stored(FakePlan(), *folders)[1]  # type: ignore[arg-type]


def edit(path: Path, old: str, new: str) -> None:
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new))


def test_what_agrees(folders: tuple[Path, Path]) -> None:
    assert compare_stored(FakePlan(), *folders) == (["tiny", "runs/sweep"], [])  # type: ignore[arg-type]


def test_a_number_that_is_another(folders: tuple[Path, Path]) -> None:
    edit(folders[1] / "tiny.tuning.csv", "0.25", "0.2500001")
    (message,) = compare(folders)
    assert message == (
        "experiment tiny: tiny.tuning.csv: 1 of 2 rows differ, by up to 4e-07 (relative)\n"
        "    line 3, column base_lr: 0.2500001 → 0.25"
    )


def test_rounding_is_no_difference_of_what_is_computed(folders: tuple[Path, Path]) -> None:
    edit(folders[1] / "tiny.tuning.csv", "0.25", "0.25000000000000006")
    edit(folders[0] / "tables/runs/sweep.csv", "0.3,2.2,", "0.30000000001,2.2000000000000006,")
    assert compare(folders) == []


def test_a_computed_number_of_runs_that_is_another(folders: tuple[Path, Path]) -> None:
    edit(folders[0] / "tables/runs/sweep.csv", "0.3,2.2,", "0.3,2.20001,")
    (message,) = compare(folders)
    assert message.startswith("figure runs/sweep: run_figures/runs/sweep.csv: 1 of 2 rows")
    assert "column loss: 2.2 → 2.20001" in message


def test_a_point_of_a_log_is_exact_and_not_stored(folders: tuple[Path, Path]) -> None:
    assert read_rows(folders[1] / "run_figures/runs/sweep.csv")[1:] == [
        ["wsd", "10", "curve", "0.1", "2.4", "", ""],
        ["wsd", "10", "optimum", "0.3", "2.2", "", ""],
    ]
    assert read_checksums(folders[1]).keys() == {"runs/sweep"}
    edit(folders[0] / "tables/runs/sweep.csv", "0.1,2.5,", "0.1,2.5000000000000004,")
    (message,) = compare(folders)
    assert message.startswith("figure runs/sweep: tables/runs/sweep.csv: what it reads from logs")


def test_of_our_own_runs_means_are_stored(folders: tuple[Path, Path]) -> None:
    plan: Any = FakePlan(others=False)
    write_run_figures(plan, *folders)
    assert ["wsd", "10", "point", "0.1", "2.5", "2.5", "2.5"] in read_rows(
        folders[1] / "run_figures/runs/sweep.csv"
    )
    edit(folders[0] / "tables/runs/sweep.csv", "0.1,2.5,", "0.1,2.5000000000000004,")
    assert compare_stored(plan, *folders)[1] == []


def test_runs_that_are_away_are_not_compared(folders: tuple[Path, Path]) -> None:
    (folders[0] / "tables/runs/sweep.csv").unlink()
    assert compare(folders) == []


def test_what_is_not_stored_yet(folders: tuple[Path, Path]) -> None:
    (folders[1] / "run_figures.sha256").unlink()
    (folders[1] / "tiny.tuning.csv").unlink()
    assert [message.split(":")[0] for message in compare(folders)] == [
        "experiment tiny",
        "figure runs/sweep",
    ]


def test_rows_that_are_stored_no_more(folders: tuple[Path, Path]) -> None:
    (folders[1] / "run_figures/runs/sweep.csv").unlink()
    (message,) = compare(folders)
    assert "0 rows → 2 rows" in message


@pytest.mark.parametrize(
    ("kind", "row", "column", "expected"),
    [
        ("loss_curves", {}, "loss", EXACT),
        ("loss_curves", {}, "step", None),
        ("logged_curves", {"panel": "relative_lr"}, "y", EXACT),
        ("logged_curves", {"panel": "train_loss"}, "y", DIRECT),
        ("theory_and_practice", {"panel": "loss"}, "y", EXACT),
        ("theory_and_practice", {"panel": "bound"}, "y", DIRECT),
        ("rank_agreement", {"panel": "runs"}, "y", EXACT),
        ("rank_agreement", {"panel": "runs"}, "x", DIRECT),
        ("rank_agreement", {"panel": "scan"}, "y", DIRECT),
        ("grad_norm_curve", {"line": "measured"}, "grad_norm", EXACT),
        ("grad_norm_curve", {"line": "alone"}, "grad_norm", CURVE_FIT),
    ],
)
def test_what_is_promised(kind: str, row: dict[str, str], column: str, expected: object) -> None:
    assert promised(kind, row, column, published=True) == expected


def test_of_a_line_over_steps_the_last_of_each_quarter_is_stored() -> None:
    names = ["panel", "run", "step", "y"]
    rows = [names, *(["train_loss", "a", str(step), "1"] for step in range(1, 101))]
    assert [row[2] for row in computed_rows("logged_curves", rows, True)[1:]] == [
        "25",
        "50",
        "75",
        "100",
    ]


def test_the_checksum_is_of_all_points_and_of_what_tells_them_apart() -> None:
    rows = [["run", "step", "loss"], *(["a", str(step), "1.5"] for step in range(100))]
    sums = {exact_sha256("loss_curves", rows, True)}
    for cell in range(3):
        other = [*rows[:30], [*rows[30]], *rows[31:]]
        other[30][cell] = "7"
        sums.add(exact_sha256("loss_curves", other, True))
    assert len(sums) == 4


def test_the_tolerances_that_are_promised() -> None:
    assert (EXACT, DIRECT, CURVE_FIT) == ((0.0, 0.0), (1e-9, 1e-12), (1e-4, 1e-12))


E, D, F, L = EXACT, DIRECT, CURVE_FIT, LAW_FIT
# Kind of figure, columns, rows → promised of published runs, and of runs of several seeds.
PROMISES: list[tuple[str, str, dict[str, str], object, object]] = [
    ("loss_curves", "loss low high", {}, E, D),
    ("logged_curves", "y low high", {"panel": "learning_rate"}, E, D),
    ("logged_curves", "y low high", {"panel": "relative_lr"}, E, D),
    ("logged_curves", "y low high", {"panel": "grad_norm"}, D, D),
    ("grad_norm_scatter", "travelled grad_norm time", {}, D, D),
    ("theory_and_practice", "y low high", {"panel": "loss"}, E, D),
    ("theory_and_practice", "y low high", {"panel": "bound"}, D, D),
    ("loss_over_lr", "loss low high", {"mark": "point"}, E, D),
    ("loss_over_lr", "lr", {"mark": "point"}, None, None),
    ("loss_over_lr", "lr loss low high", {"mark": "curve"}, D, D),
    ("loss_over_lr", "lr loss low high", {"mark": "optimum"}, D, D),
    ("loss_over_value", "loss low high", {}, E, D),
    ("best_lr", "y low high", {}, D, D),
    ("grad_norm_power", "grad_norm low high power power_low power_high", {}, D, D),
    ("grad_norm_curve", "grad_norm", {"line": "measured"}, E, D),
    ("grad_norm_curve", "grad_norm", {"line": "alone"}, F, F),
    ("extension_gain", "y error", {}, D, D),
    ("law_benchmark", "mae rmse r2 relative mae_new last worst", {}, L, L),
    ("law_curves", "loss", {}, E, D),
    ("law_curves", "predicted", {}, L, L),
    ("law_choice", "mae wins behind behind_low behind_high", {}, L, L),
    ("lr_transfer_check", "y right", {"rule": "tissue"}, L, L),
    ("lr_transfer_check", "y", {"rule": "one_optimum"}, D, D),
    ("lr_transfer_check", "y", {"rule": "measured"}, D, D),
    ("predicted_curves", "loss predicted low high", {}, E, D),
    ("measured_worst_case", "y", {}, D, D),
    ("rank_agreement", "y", {"panel": "runs"}, E, D),
    ("rank_agreement", "x ratio", {"panel": "runs"}, D, D),
    ("rank_agreement", "x ratio y low high", {"panel": "scan"}, D, D),
]


@pytest.mark.parametrize(("kind", "columns", "row", "published", "own"), PROMISES)
def test_what_is_promised_of_every_column(
    kind: str, columns: str, row: dict[str, str], published: object, own: object
) -> None:
    for column in columns.split():
        assert promised(kind, row, column, published=True) == published
        assert promised(kind, row, column, published=False) == own
    for column in ("step", "series", "horizon"):
        assert promised(kind, row, column, published=True) is None


def test_what_is_stored_of_predictions_does_not_tell_published_losses() -> None:
    names = ["law", "schedule", "horizon", "lr", "step", "loss", "predicted"]
    rows = [names, *(["own", "wsd", "40", "1e-3", str(at), "2.5", "2.4"] for at in range(1, 41))]
    stored = computed_rows("law_curves", rows, True)
    assert len(stored) > 1
    assert {row[names.index("loss")] for row in stored[1:]} == {""}
    assert {row[names.index("predicted")] for row in stored[1:]} == {"2.4"}


def test_every_figure_of_runs_has_a_promise() -> None:
    of_runs = {
        kind for kind, figure in FIGURES.items() if {"group", "analysis"} & set(figure.reads)
    }
    promises = {kind: figure.promises for kind, figure in FIGURES.items() if figure.promises}
    assert set(promises) == of_runs == {kind for kind, *_ in PROMISES}
    for kind, all_cells in promises.items():
        told = {
            column for name, columns, *_ in PROMISES if name == kind for column in columns.split()
        }
        assert {column for cells in all_cells for column in cells.columns} == told


def test_every_experiment_has_a_table_that_is_stored() -> None:
    for kind in EXPERIMENTS.values():
        assert kind.headline in kind.outputs


def test_of_a_path_every_fortieth_step_is_stored() -> None:
    rows = [["step", "w1"], *([str(step), "1"] for step in range(1, 82))]
    assert kept_rows("subgradient", rows) == [["step", "w1"], ["40", "1"], ["80", "1"]]
    assert kept_rows("bounds", rows) == rows
    assert kept_rows("bounds", []) == []
    # Only the worst case is solved for.
    assert kept_rows("bounds", [["pep"], ["1"]]) == [["pep"], ["1"]]


@pytest.mark.parametrize(("length", "kept"), [(40, 40), (41, 4)])
def test_long_lines_are_stored_in_part(length: int, kept: int) -> None:
    names = ["mark", "lr", "loss", "low", "high"]
    rows = [names, *(["curve", str(lr), "1", "", ""] for lr in range(length))]
    lrs = [int(row[1]) for row in computed_rows("loss_over_lr", rows, True)[1:]]
    assert lrs == (list(range(length)) if kept == 40 else [9, 19, 29, 40])


@pytest.mark.parametrize(
    "column", ["panel", "line", "mark", "schedule", "horizon", "value", "run", "lr"]
)
def test_what_tells_lines_over_steps_apart(column: str) -> None:
    names = [*dict.fromkeys([column, "panel"]), "step", "y"]
    lines = [["grad_norm"] if column == "panel" else [name, "grad_norm"] for name in "ab"]
    if column == "panel":
        lines = [["grad_norm"], ["train_loss"]]
    rows = [names, *([*line, str(step), "1"] for line in lines for step in range(1, 9))]
    steps = [int(row[-2]) for row in computed_rows("logged_curves", rows, True)[1:]]
    assert steps == [2, 4, 6, 8] * 2


def test_of_a_line_of_few_steps_no_row_is_stored_twice() -> None:
    rows = [["panel", "step", "y"], *(["grad_norm", str(step), "1"] for step in (1, 2, 3))]
    assert [row[1] for row in computed_rows("logged_curves", rows, True)[1:]] == ["1", "2", "3"]
    assert [row[1] for row in computed_rows("logged_curves", rows[:2], True)[1:]] == ["1"]
