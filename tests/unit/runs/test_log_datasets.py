"""Datasets of any logs: a description of a few lines, and what is refused."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from scheduled.core.tabular import read_table
from scheduled.runs import RunError, required_files, select
from scheduled.runs.dataset import Dataset, load_dataset
from scheduled.runs.fetch import RunSource
from scheduled.runs.formats import all_formats
from scheduled.runs.group import collect_group
from synthetic_logs import cosine_lr

from .conftest import ROOT

FOUR_LINES = "title: t\nsource: s\nlicence: l\n"
CHART = (
    Path(__file__).parents[2] / "data/log_cases/05-wandb-chart-csv-many-runs/chart.csv"
).read_text()


def write(root: Path, files: dict[str, str], more: str = "") -> Dataset:
    folder = root / "data" / "runs" / "any"
    for name, text in {"dataset.yaml": FOUR_LINES + more, **files}.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return load_dataset("any", root)


def collected(dataset: Dataset) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The tables of all runs, planned and read as the workflow does."""
    registry = dataset.registry
    entries = select(registry, {})
    paths = required_files(registry, entries)
    group = json.loads(
        json.dumps({"runs": {"all": [e.path for e in entries]}, **dataset.identity(paths)})
    )
    assert dataset.files_at is not None
    source = RunSource(registry, (), dataset.files_at)
    files = {path: str(source.where(path)) for path in paths}
    return collect_group(group, registry, files)


def csv_of(lr: float, last: float | str = 2.0, stop: int = 400, cosine: bool = False) -> str:
    """A log to the horizon 400 with the loss 3, and at the end another."""
    rows = []
    for step in range(50, stop + 1, 50):
        rate = cosine_lr(lr, lr / 10, step, 400, 0) if cosine else lr
        loss = last if step == stop else 3.0
        rows.append(f"{step},{rate!r},{loss},{loss}\n")
    return "step,lr,loss,val_loss\n" + "".join(rows)


def test_a_chart_alone_is_a_dataset(tmp_path: Path) -> None:
    dataset = write(tmp_path, {"chart.csv": CHART})
    assert dataset.kinds == ("wandb-chart",)
    assert [(entry.path, entry.file) for entry in dataset.registry] == [
        ("chart.csv#brisk-1", "chart.csv"),
        ("chart.csv#calm-2", "chart.csv"),
    ]
    runs, metadata = collected(dataset)
    assert runs.groupby("run")["train_loss"].count().tolist() == [4, 2]
    assert metadata["lr"].isna().all()
    assert metadata["prefix"].tolist() == ["brisk-1", "calm-2"]
    assert metadata["iterations"].tolist() == [1500, 1500]


def test_a_list_of_runs_says_what_the_chart_does_not(tmp_path: Path) -> None:
    listed = "file,inside,scheduler,lr,iterations\nchart.csv,calm-2,wsd,0.001,1500\n"
    with pytest.raises(RunError, match="cooldown: missing"):
        write(tmp_path, {"chart.csv": CHART, "runs.csv": listed})
    listed = listed.replace("wsd", "constant")
    dataset = write(tmp_path, {"chart.csv": CHART, "runs.csv": listed})
    assert [entry.inside for entry in dataset.registry] == ["calm-2"]
    assert collected(dataset)[0]["train_loss"].tolist() == [1.31, 1.28]
    with pytest.raises(RunError, match=r"inside: no run 'calm'"):
        write(tmp_path, {"chart.csv": CHART, "runs.csv": listed.replace("calm-2", "calm")})


def test_logs_without_a_list(tmp_path: Path) -> None:
    logs = {"a.csv": csv_of(1e-3), "sub/b.csv": csv_of(2e-3), "README.md": "…", "note.txt": "prose"}
    dataset = write(tmp_path, logs)
    facts = [(e.metadata.scheduler, e.metadata.lr, e.metadata.iterations) for e in dataset.registry]
    assert facts == [("constant", 1e-3, 400), ("constant", 2e-3, 400)]
    assert collected(dataset)[1]["last_val_loss"].tolist() == [2.0, 2.0]


@pytest.mark.parametrize(("said", "shift"), [("this step", 1), ("next step", 0), (None, 0)])
def test_whose_learning_rates_they_are(tmp_path: Path, said: str | None, shift: int) -> None:
    """A row at step k has the rate of step k or k + 1; in the table it is that of k + 1."""
    rates = {step: cosine_lr(1e-3, 1e-4, step, 400, 0) for step in range(50, 401, 50)}
    text = "step,lr,loss\n" + "".join(f"{step},{lr!r},3\n" for step, lr in rates.items())
    dataset = write(tmp_path, {"a.csv": text}, f"lr_of: {said}\n" if said else "")
    runs, _ = collected(dataset)
    logged = runs.dropna(subset=["learning_rate"]).set_index("step")["learning_rate"]
    assert logged.to_dict() == {step - shift: lr for step, lr in rates.items()}
    assert runs.dropna(subset=["train_loss"])["step"].tolist() == list(rates)
    assert ("lr_of" in dataset.identity(["a.csv"])["reader"]) == (said is not None)


LLMC = "".join(f"s:{k} trl:3.0 lr:0.002 norm:1.0\n" for k in range(0, 401, 50)) + "s:400 tel:2.5\n"


def test_logs_of_several_formats(tmp_path: Path) -> None:
    """Each is recognised by itself; a column is named for those whose columns have any names."""
    logs = {"a.csv": csv_of(1e-3), "m.out": LLMC}
    dataset = write(tmp_path, logs, "columns: {train_loss: val_loss, val_loss: loss}\n")
    assert dataset.recognised == {"a.csv": "csv", "m.out": "llm.c"}
    assert dataset.kinds == ("csv", "llm.c")
    identity = dataset.identity(["a.csv", "m.out"])
    assert {path: one["format"] for path, one in identity["readers"].items()} == dataset.recognised
    # Runs of one format only are known as before, whatever else the folder has.
    assert dataset.identity(["m.out"])["reader"] == {"format": "llm.c"}
    runs, metadata = collected(dataset)
    assert metadata["lr"].tolist() == [1e-3, 2e-3]
    assert metadata["last_val_loss"].tolist() == [2.0, 2.5]
    assert runs.groupby("run")["train_loss"].count().tolist() == [8, 9]


@pytest.mark.parametrize("named", ["", "format: csv\n"])
def test_a_job_asks_no_format_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, named: str
) -> None:
    """What a plan has recognised stays: a file that comes later is in the next plan."""
    logs = {"a.csv": csv_of(1e-3)} | ({} if named else {"m.out": LLMC})
    planned = write(tmp_path, logs, named)
    assert list(planned.recognised) == list(logs)
    (tmp_path / "data/runs/any/later.csv").write_text(csv_of(3e-3))
    for kind in all_formats().values():
        monkeypatch.setattr(kind, "recognises", pytest.fail)
    assert load_dataset("any", tmp_path, planned.recognised) == planned


def test_logs_of_no_format(tmp_path: Path) -> None:
    with pytest.raises(RunError, match=r"nor a log in a known format in"):
        write(tmp_path, {"note.txt": "prose\n"})
    with pytest.raises(RunError, match=r"columns: .* 'llm\.c' name their own"):
        write(tmp_path / "own", {"m.out": LLMC}, "columns: {train_loss: loss}\n")


def test_any_format_in_the_pipeline(tmp_path: Path) -> None:
    rows = [
        {"step": k, "loss": 3.0, "learning_rate": 2e-4 * (1 - (k - 1) / 40)}
        for k in range(10, 41, 10)
    ] + [{"step": 40, "eval_loss": 2.5}]
    state = json.dumps({"max_steps": 40, "log_history": rows})
    runs, metadata = collected(write(tmp_path, {"trainer_state.json": state}))
    about = metadata.iloc[0]
    assert (about["scheduler"], about["lr"], about["iterations"]) == ("linear", 2e-4, 40)
    # A row holds the rate of its own step; in the table it is that of the step after.
    lrs = runs.set_index("step")["learning_rate"].dropna().to_dict()
    assert list(lrs) == [9, 19, 29, 39]
    assert lrs[9] == pytest.approx(2e-4 * (1 - 9 / 40))
    assert runs.set_index("step")["val_loss"].dropna().to_dict() == {40: 2.5}


LISTED = "file,scheduler,lr,iterations\na.csv,cos,0.001,400\nb.csv,cos,0.003,400\n"


def test_a_run_that_diverged_stays_with_its_status(tmp_path: Path) -> None:
    logs = {"a.csv": csv_of(1e-3, cosine=True), "b.csv": csv_of(3e-3, "nan", cosine=True)}
    _, metadata = collected(write(tmp_path, {**logs, "runs.csv": LISTED}))
    assert metadata["status"].tolist() == ["ok", "diverged"]
    assert metadata["last_val_loss"].tolist() == [2.0, pytest.approx(math.nan, nan_ok=True)]


def test_a_run_that_stops_early_is_unfinished(tmp_path: Path) -> None:
    logs = {"a.csv": csv_of(1e-3, cosine=True), "b.csv": csv_of(3e-3, stop=200, cosine=True)}
    _, metadata = collected(write(tmp_path, {**logs, "runs.csv": LISTED}))
    assert metadata["status"].tolist() == ["ok", "unfinished"]
    good = {"a.csv": csv_of(1e-3, cosine=True), "b.csv": csv_of(3e-3, cosine=True)}
    assert "status" not in collected(write(tmp_path, {**good, "runs.csv": LISTED}))[1]


@pytest.mark.parametrize(
    ("log", "code", "step"),
    [
        (csv_of(1e-3), "lr-shape", 50),
        (csv_of(2e-3, cosine=True), "lr-peak", 50),
        (csv_of(1e-3, cosine=True) + "350,,9,\n", "repeats-disagree", 350),
        (csv_of(1e-3, cosine=True).replace("400,", "600,"), "beyond-horizon", 600),
    ],
)
def test_what_contradicts_itself_is_refused_unless_allowed(
    tmp_path: Path, log: str, code: str, step: int
) -> None:
    files = {"a.csv": log, "runs.csv": "\n".join(LISTED.splitlines()[:2]) + "\n"}
    with pytest.raises(RunError) as caught:
        collected(write(tmp_path, files))
    assert f"a.csv: {code}: " in str(caught.value)
    assert f"step {step}" in str(caught.value)
    assert f"allow: [{code}" in str(caught.value)
    codes = str(caught.value).rpartition("'allow: ")[2].rpartition("'")[0]
    allowed = write(tmp_path, files, f"allow: {codes}\n")
    assert code in allowed.formats["a.csv"].reader["allow"]
    assert len(collected(allowed)[1]) == 1


def test_codes_that_can_be_allowed(tmp_path: Path) -> None:
    with pytest.raises(
        RunError, match=r"allow: 'lr-shap' refuses no run \(did you mean 'lr-shape'"
    ):
        write(tmp_path, {"a.csv": csv_of(1e-3)}, "allow: [lr-shap]\n")


def test_two_trainings_in_a_file(tmp_path: Path) -> None:
    log = csv_of(1e-3) + "".join(f"{step},0.002,2.5,\n" for step in range(50, 401, 50))
    with pytest.raises(RunError, match=r"a\.csv: two-trainings: "):
        collected(write(tmp_path, {"a.csv": log}))
    dataset = write(tmp_path, {"a.csv": log}, "allow: [two-trainings]\n")
    assert [entry.inside for entry in dataset.registry] == ["1", "2"]
    assert sorted(collected(dataset)[1]["lr"]) == [1e-3, 2e-3]


def test_a_log_that_begins_after_its_warmup(tmp_path: Path) -> None:
    """As the curves of the Multi-Power Law do."""
    log = "step,lr,loss\n" + "".join(f"{k},0.0003,3.5\n" for k in range(2176, 24001, 128))
    with pytest.raises(RunError, match=r"begins at step 2176, .*warmup_steps"):
        collected(write(tmp_path, {"a.csv": log}))
    runs, _ = collected(write(tmp_path, {"a.csv": log}, "defaults: {warmup_steps: 2160}\n"))
    lrs = runs.set_index("step")["learning_rate"]
    assert lrs.head(3).to_dict() == {0: 0.0, 2160: 3e-4, 2176: 3e-4}
    assert runs["train_loss"].notna().sum() == 171


def test_epochs_become_steps(tmp_path: Path) -> None:
    log = "epoch,learning_rate,loss,val_loss\n0,0.1,3,nan\n1,0.1,2,2.5\n"
    with pytest.raises(RunError, match=r"axis-epochs: .*steps_per_epoch"):
        collected(write(tmp_path, {"log.csv": log}, "defaults: {iterations: 100}\n"))
    dataset = write(tmp_path, {"log.csv": log}, "steps_per_epoch: 50\n")
    reader: dict[str, Any] = dataset.formats["log.csv"].reader
    assert reader["steps_per_epoch"] == 50
    assert sorted(set(collected(dataset)[0]["step"])) == [49, 50, 99, 100]


@pytest.mark.published
def test_the_curves_of_the_multi_power_law(tmp_path: Path) -> None:
    """The 27 curves of thu-yao-01-luo/MultiPowerLaw, where there is a copy: value for value."""
    curves = ROOT.parent / "shared" / "mpl-curves"
    if not curves.is_dir():
        pytest.skip(f"no copy of the curves in {curves}")
    dataset = write(tmp_path, {}, f"folder: {curves}\ndefaults: {{warmup_steps: 2160}}\n")
    assert len(dataset.registry) == 27
    runs, metadata = collected(dataset)
    for run, path in metadata.set_index("run")["files"].items():
        expected = read_table(curves / path)
        found = runs[(runs["run"] == run) & runs["train_loss"].notna()]
        assert found["step"].tolist() == expected["step"].tolist()
        assert found["train_loss"].tolist() == expected["loss"].tolist()
        assert found["learning_rate"].tolist() == expected["lr"].tolist()
