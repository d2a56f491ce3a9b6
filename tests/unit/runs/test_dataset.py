"""Datasets: found by name, a folder of one's own read to the end, everything that is wrong said."""

from __future__ import annotations

import json
import math
import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from scheduled.core.yaml_files import read_document
from scheduled.runs import RunError, required_files, select
from scheduled.runs.dataset import Dataset, load_dataset
from scheduled.runs.fetch import RunSource
from scheduled.runs.formats.json import PaperFormat
from scheduled.runs.group import RunGroup, collect_group
from scheduled.runs.registry import build_registry, dump_registry
from synthetic_logs import (
    DESCRIPTION,
    ORIGIN,
    RUN_LIST,
    Log,
    make_csv_log,
    make_log,
    write_dataset,
)

from .conftest import ROOT

Tables = tuple[pd.DataFrame, pd.DataFrame]


def planned(dataset: Dataset, criteria: Any) -> dict[str, Any]:
    """What a plan stores of a group of one series, after its way through a JSON file."""
    entries = select(dataset.registry, criteria)
    identity = dataset.identity(required_files(dataset.registry, entries))
    group = {"runs": {"all": [entry.path for entry in entries]}, **identity}
    resolved: dict[str, Any] = json.loads(json.dumps(group))
    return resolved


def collected(dataset: Dataset, group: dict[str, Any]) -> Tables:
    assert dataset.files_at is not None
    files = {path: str(dataset.files_at / path) for path in group["sha256"]}
    return collect_group(group, dataset.registry, files)


def refusal(root: Path, name: str = "toys") -> str:
    with pytest.raises(RunError) as caught:
        load_dataset(name, root)
    return str(caught.value)


def test_a_folder(tmp_path: Path) -> None:
    folder = write_dataset(tmp_path)
    (folder / "not-listed.csv").write_text("nonsense", encoding="utf-8")
    dataset = load_dataset("toys", tmp_path)
    assert dataset.name == "toys"
    assert dataset.files_at == folder
    assert dataset.description_files == (folder / "dataset.yaml", folder / "runs.csv")
    assert dataset.formats["cosine.csv"].reader == {
        "format": "csv",
        "columns": {
            "step": "step",
            "learning_rate": "lr",
            "train_loss": "train_loss",
            "val_loss": "val_loss",
            "grad_norm": "grad_norm",
        },
    }
    assert [(entry.run, entry.path) for entry in dataset.registry] == [
        ("10M-toydata-wsd-lr0.001-T400-c0.5", "branch.csv"),
        ("10M-toydata-cos-lr0.001-T400", "cosine.csv"),
        ("10M-toydata-wsd-lr0.001-T400-c0", "trunk.csv"),
    ]
    assert [entry.metadata.has_grad_norm for entry in dataset.registry] == [False, True, False]
    assert dataset.registry.origin.licence == "none"
    source = RunSource(dataset.registry, (), folder)
    assert source.missing(["cosine.csv"]) == []


def test_its_tables(tmp_path: Path) -> None:
    write_dataset(tmp_path)
    dataset = load_dataset("toys", tmp_path)
    runs, metadata = collected(dataset, planned(dataset, [{"scheduler": "cos"}, {"cooldown": 0.5}]))
    branch = runs[runs["run"] == "10M-toydata-wsd-lr0.001-T400-c0.5"].set_index("step")
    assert branch.index.tolist() == list(range(50, 401, 50))
    assert branch["val_loss"].dropna().to_dict() == {50: 5.05, 250: 4.85}
    about = metadata.set_index("run").loc["10M-toydata-wsd-lr0.001-T400-c0.5"]
    assert about["files"] == "trunk.csv;branch.csv"
    assert (about["final_val_loss"], about["last_val_loss"]) == (4.8, 4.85)
    assert (about["size"], about["seed"], about["resumed_step"]) == ("10M", 0, 200)
    assert math.isnan(about["final_train_loss"])
    assert metadata[["warmup_steps", "n_layer", "parameters", "model"]].isna().all(axis=None)
    assert metadata["series"].tolist() == ["all", "all"]


def test_a_published_dataset_goes_the_same_way(
    write_logs: Callable[[dict[str, Log]], Path], tmp_path: Path
) -> None:
    logs = write_logs({"a.json": make_log(), "b.json": make_log(lr=0.1)})
    registry = build_registry(logs, ORIGIN)
    target = tmp_path / "data" / "registry" / "toys.csv"
    target.parent.mkdir(parents=True)
    target.write_text(dump_registry(registry), encoding="utf-8")
    dataset = load_dataset("toys", tmp_path)
    assert dataset == Dataset(
        "toys", registry, dict.fromkeys(["a.json", "b.json"], PaperFormat()), None, (target,)
    )
    assert dataset.identity(["a.json"]) == {
        "reader": {"format": "json"},
        "sha256": {"a.json": registry.at("a.json").sha256},
    }


def test_logs_in_the_papers_format_and_in_another_folder(
    write_logs: Callable[[dict[str, Log]], Path], tmp_path: Path
) -> None:
    logs = write_logs({"sub/a.json": make_log(grad_norm=True), "b.json": make_log(lr=0.1)})
    text = "title: t\nsource: s\nlicence: l\nformat: json\nfolder: {}\n"
    for folder in ("../../../logs", str(logs)):
        write_dataset(
            tmp_path,
            description=text.format(folder),
            runs="file\nsub/a.json\nb.json\n",
            logs={},
        )
        dataset = load_dataset("toys", tmp_path)
        registered = build_registry(logs, ORIGIN)
        assert dataset.registry.entries == registered.entries
        group = planned(dataset, {})
        assert "facts" not in group
        files = {path: str(logs / path) for path in group["sha256"]}
        for one, other in zip(
            collected(dataset, group), collect_group(group, registered, files), strict=True
        ):
            pd.testing.assert_frame_equal(one, other)


def test_a_log_that_changes_makes_another_result(tmp_path: Path) -> None:
    folder = write_dataset(tmp_path)
    before = load_dataset("toys", tmp_path)
    group = planned(before, {"scheduler": "cos"})
    (folder / "cosine.csv").write_text(make_csv_log(lr=0.002), encoding="utf-8")
    after = load_dataset("toys", tmp_path)
    assert planned(after, {"scheduler": "cos"})["sha256"] != group["sha256"]
    with pytest.raises(RunError, match=r"cosine.csv: changed since the workflow was planned"):
        collected(after, group)
    with pytest.raises(RunError, match=r"cosine.csv: changed while it was in use: it has \d+ byt"):
        collected(before, group)


def test_a_fact_that_changes_makes_another_result(tmp_path: Path) -> None:
    write_dataset(tmp_path)
    group = planned(load_dataset("toys", tmp_path), {"scheduler": "cos"})
    write_dataset(tmp_path, runs=RUN_LIST.replace(",4.9", ",4.95"))
    after = load_dataset("toys", tmp_path)
    assert planned(after, {"scheduler": "cos"}) != group
    with pytest.raises(
        RunError, match=r"cosine.csv: the list of runs changed .* final_val_loss was"
    ):
        collected(after, group)


def test_any_word_is_a_scheduler_and_a_constant_run_is_a_trunk(tmp_path: Path) -> None:
    runs = (
        "file,scheduler,lr,iterations,cooldown,decay_type,resumed_from,resumed_step\n"
        "a.csv,my-own,0.001,400,0.3,cubic,,\n"
        "b.csv,constant,0.001,400,,,,\n"
        "c.csv,wsd,0.001,400,0.5,mirror,b.csv,200\n"
    )
    logs = {"a.csv": make_csv_log(), "b.csv": make_csv_log(), "c.csv": make_csv_log(200)}
    write_dataset(tmp_path, runs=runs, logs=logs)
    dataset = load_dataset("toys", tmp_path)
    assert len(select(dataset.registry, {"scheduler": "my-own", "decay_type": "cubic"})) == 1
    [branch] = select(dataset.registry, {"scheduler": "wsd"})
    assert required_files(dataset.registry, [branch]) == ["b.csv", "c.csv"]


def test_defaults_that_are_not_in_force_are_left_out(tmp_path: Path) -> None:
    shared = "defaults: {size: 10M, cooldown: 0.5, decay_type: linear, twostage_factor: 0.5}"
    text = DESCRIPTION.replace("defaults: {dataset: toydata, size: 10M, seed: 0}", shared)
    write_dataset(tmp_path, description=text)
    registry = load_dataset("toys", tmp_path).registry
    facts = {entry.path: (entry.metadata.cooldown, entry.metadata.decay_type) for entry in registry}
    assert facts == {
        "branch.csv": (0.5, "linear"),
        "cosine.csv": (0.0, None),
        "trunk.csv": (0.0, None),
    }
    assert {entry.metadata.twostage_factor for entry in registry} == {None}
    assert {entry.metadata.seed for entry in registry} == {None}


def test_columns_by_other_names(tmp_path: Path) -> None:
    """A column that was given to one of ours is no other's by default."""
    logs = {"cosine.csv": "it,train_loss\n200,3\n400,2\n"}
    text = DESCRIPTION.replace("{learning_rate: lr}", "{step: it, val_loss: train_loss}")
    write_dataset(tmp_path, description=text, runs="\n".join(RUN_LIST.splitlines()[:2]), logs=logs)
    dataset = load_dataset("toys", tmp_path)
    assert "train_loss" not in dataset.formats["cosine.csv"].columns
    runs, metadata = collected(dataset, planned(dataset, {}))
    assert runs["val_loss"].tolist() == [3.0, 2.0]
    assert runs["train_loss"].isna().all()
    assert metadata["last_val_loss"].tolist() == [2.0]


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("title: Toy runs\n", "", "dataset.yaml: title: is missing and has no default"),
        ("licence: none", "license: none", "dataset.yaml:3: license: unknown key (did you mean 'l"),
        ("licence: none", "source: twice", "dataset.yaml:3: key 'source' appears twice"),
        (
            "licence: none",
            "licence: none\nformat: xml",
            "dataset.yaml:4: format: 'xml' is unknown; allowed: csv,",
        ),
        ("learning_rate: lr", "lr: lr", "dataset.yaml:4: columns.lr: unknown key"),
        ("learning_rate: lr", "learning_rate: rate", "columns.learning_rate: 'rate' is in none of"),
        (
            "learning_rate: lr",
            "learning_rate: val_los",
            "(did you mean 'val_loss'?); their columns",
        ),
        ("learning_rate: lr", "step: lr, val_loss: lr", "columns: 'lr' is given for two columns"),
        ("learning_rate: lr", "train_loss: step", "'step' is given for another column, so step mu"),
        ("seed: 0", "sed: 0", "dataset.yaml:5: defaults.sed: unknown key (did you mean 'seed'?)"),
        ("seed: 0", "seed: a", "dataset.yaml:5: defaults.seed: 'a': input should be a valid int"),
        ("size: 10M", "size: 10", "defaults.size: 10: input should be a valid string"),
        ("seed: 0", "seed: -1", "runs.csv, line 2: seed: -1, expected a whole number, 0 or more"),
        ("size: 10M", "size: a/b", "runs.csv, line 2: size: 'a/b', expected letters, digits"),
        ("licence: none", "licence: none\nruns: all.csv", "there is no file "),
        ("licence: none", "licence: none\nruns: ../x.csv", "'../x.csv': expected the name of a fi"),
        ("licence: none", "licence: none\nfolder: logs", "folder: 'logs': there is no folder "),
        ("licence: none", "licence: none\nformat: json", "columns: logs of the format 'json' name"),
        (
            "columns: {learning_rate: lr}",
            "format: json",
            "defaults: logs of the format 'json'",
        ),
    ],
)
def test_wrong_descriptions(tmp_path: Path, old: str, new: str, message: str) -> None:
    assert old in DESCRIPTION
    write_dataset(tmp_path, description=DESCRIPTION.replace(old, new))
    found = refusal(tmp_path)
    assert found.startswith(str(tmp_path / "data" / "runs" / "toys"))
    assert message in found


COSINE = "cosine.csv,cos,0.001,400,,,,4.9"
TRUNK = "trunk.csv,wsd,0.001,400,0,,,"


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("file,", "log,", "line 1: column 'log' is unknown. Allowed are file, inside, size,"),
        ("lr,", "lrs,", "line 1: column 'lrs' is unknown (did you mean 'lr'?)."),
        ("cooldown,", "has_grad_norm,", "line 1: column 'has_grad_norm' is unknown"),
        ("cooldown,", "lr,", "line 1: column 'lr' is there 2 times, expected once"),
        ("file,", "prefix,", "line 1: no column 'file', expected one that names the log of each"),
        ("cosine.csv", "", "line 2: file: '', expected a path relative to the folder of the logs"),
        ("cosine.csv", "../cosine.csv", "line 2: file: '../cosine.csv', expected a path relative"),
        ("cosine.csv", "/cosine.csv", "line 2: file: '/cosine.csv', expected a path relative"),
        ("cosine.csv", "./cosine.csv", "line 2: file: './cosine.csv', expected a path relative"),
        ("cosine.csv", "a\\cosine.csv", "line 2: file: 'a\\\\cosine.csv', expected a path"),
        ("cosine.csv", "gone.csv", "line 2: file: 'gone.csv': there is no file "),
        ("trunk.csv", "cosine.csv", "line 3: file: 'cosine.csv' is in line 2 already"),
        (COSINE, COSINE.replace("400", "1e12"), "line 2: iterations: 1000000000000, expected at "),
        (COSINE, COSINE.replace("400", "4e2.5"), "line 2: iterations: '4e2.5', expected a whole n"),
        (COSINE, COSINE.replace("0.001", "nan"), "line 2: lr: 'nan', expected a finite number"),
        (COSINE, COSINE.replace("0.001", "-1"), "line 2: lr: -1.0, expected a positive number"),
        (COSINE, COSINE.replace(",cos", ",COS"), "line 2: scheduler: 'COS', expected 'cos'"),
        (COSINE, COSINE.replace(",cos", ",a/b"), "line 2: scheduler: 'a/b', expected letters"),
        (COSINE, COSINE.replace("400,", "400,0.2"), "line 2: cooldown: 0.2, expected an empty cel"),
        (COSINE, COSINE.replace("4.9", "4.9,1"), "line 2: 9 cells ('cosine.csv', 'cos'"),
        (COSINE, COSINE.replace("cos,", "wsd,"), "line 2: cooldown: missing, expected for a 'wsd'"),
        (TRUNK, TRUNK.replace("wsd", "wsd_twostage"), "line 3: twostage_factor: missing, expected"),
        (TRUNK, TRUNK.replace(",0,", ",2,"), "line 3: cooldown: 2.0, expected a fraction between"),
        ("trunk,200", "trunk,", "line 4: resumed_step: None, expected a step, 0 or more, exactly"),
        ("branch.csv,wsd,0.001,400,0.5,trunk,200", "branch.csv,cos,.001,400,,,", "describe the sa"),
    ],
)
def test_wrong_lists_of_runs(tmp_path: Path, old: str, new: str, message: str) -> None:
    assert old in RUN_LIST
    folder = write_dataset(tmp_path, runs=RUN_LIST.replace(old, new, 1))
    found = refusal(tmp_path)
    assert found.startswith(f"{folder / 'runs.csv'}")
    assert message in found


def test_a_given_decay_type_needs_a_cooldown(tmp_path: Path) -> None:
    runs = "file,scheduler,lr,iterations,cooldown,decay_type\ntrunk.csv,wsd,0.001,400,0,linear\n"
    write_dataset(tmp_path, runs=runs)
    assert "decay_type: 'linear', expected an empty cell for a 'wsd' run without" in refusal(
        tmp_path
    )


def test_a_list_for_logs_that_say_all_themselves(tmp_path: Path) -> None:
    text = "title: t\nsource: s\nlicence: l\nformat: json\n"
    write_dataset(tmp_path, description=text, runs="file,lr\na.json,1\n")
    assert "column 'lr' is unknown: the logs state all their facts. Allow" in refusal(tmp_path)
    write_dataset(tmp_path, description=text, runs="file\na.json\n", logs={"a.json": "{}"})
    assert "a.json: history: missing, expected an object" in refusal(tmp_path)


def test_a_log_without_steps_is_refused_at_once(tmp_path: Path) -> None:
    folder = write_dataset(tmp_path)
    (folder / "cosine.csv").write_text("when,lr\n1,2\n", encoding="utf-8")
    assert refusal(tmp_path).startswith(f"{folder / 'cosine.csv'}, line 1: its columns are 'when'")


def test_a_branch_without_its_trunk(tmp_path: Path) -> None:
    write_dataset(tmp_path, runs=RUN_LIST.replace(",trunk,", ",gone,"))
    registry = load_dataset("toys", tmp_path).registry
    with pytest.raises(RunError, match=r"branch.csv: a branch resumed from 'gone' at step 200, wh"):
        required_files(registry, registry)


@pytest.mark.parametrize("what", ["cosine.csv", "runs.csv"])
def test_a_link_out_of_the_folder_is_refused(tmp_path: Path, what: str) -> None:
    folder = write_dataset(tmp_path)
    (folder / what).rename(tmp_path / "outside")
    (folder / what).symlink_to(tmp_path / "outside")
    assert f"{folder / what} is a link that leads out of {folder}" in refusal(tmp_path)
    (folder / what).unlink()
    (folder / "inside").write_bytes((tmp_path / "outside").read_bytes())
    (folder / what).symlink_to("inside")
    assert len(load_dataset("toys", tmp_path).registry) == 3


def test_a_link_to_a_folder_outside_and_a_circle(tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "cosine.csv").write_text(make_csv_log(), encoding="utf-8")
    folder = write_dataset(tmp_path, runs=RUN_LIST.replace("cosine.csv", "sub/cosine.csv"))
    (folder / "sub").symlink_to(outside)
    assert "is a link that leads out of" in refusal(tmp_path)
    (folder / "sub").unlink()
    (folder / "sub").symlink_to("sub")
    assert "runs.csv, line 2: file: 'sub/cosine.csv'" in refusal(tmp_path)


def test_names_of_datasets(tmp_path: Path) -> None:
    folder = write_dataset(tmp_path)
    registry = tmp_path / "data" / "registry" / "toys.csv"
    found = refusal(tmp_path, "toy")
    assert found.startswith(f"'toy': there is neither {registry.with_stem('toy')} nor ")
    assert found.endswith("(did you mean 'toys'?). The datasets are toys.")
    assert "'../toys': not the name of a dataset" in refusal(tmp_path, "../toys")
    registry.parent.mkdir()
    registry.write_text("", encoding="utf-8")
    both = f"'toys': there are both {registry} and {folder / 'dataset.yaml'}. Rename one."
    assert refusal(tmp_path) == both


def test_planning_loads_no_network_library(tmp_path: Path) -> None:
    write_dataset(tmp_path)
    program = (
        "import sys; from pathlib import Path; from scheduled.runs import load_registry\n"
        "from scheduled.runs.dataset import load_dataset\n"
        "load_dataset('toys', Path())\n"
        "print([m for m in ('pooch', 'requests', 'matplotlib') if m in sys.modules])"
    )
    result = subprocess.run(
        [sys.executable, "-c", program],
        cwd=tmp_path,
        env=os.environ | {"PYTHONPATH": str(ROOT / "src")},
        capture_output=True,
        text=True,
        check=True,
    )
    assert result.stdout.strip() == "[]"


def test_the_documented_example(tmp_path: Path) -> None:
    """What data/README.md shows is a dataset, but for the two logs that it leaves out."""
    text = (ROOT / "data" / "README.md").read_text(encoding="utf-8")
    examples = dict(re.findall(r"<!-- example: (\S+) -->\n```\w+\n(.*?)```", text, re.DOTALL))
    assert sorted(examples) == ["dataset.yaml", "group", "runs.csv", "wsd-500.csv"]
    whole = "step,loss,val_loss\n" + "".join(
        f"{step},{5 - step / 1000},4\n" for step in range(20, 1001, 20)
    )
    write_dataset(
        tmp_path,
        "NAME",
        description=examples["dataset.yaml"],
        runs=examples["runs.csv"],
        logs={"cos.csv": whole, "trunk.csv": whole, "wsd-500.csv": examples["wsd-500.csv"]},
    )
    (tmp_path / "group.yaml").write_text(examples["group"], encoding="utf-8")
    document = read_document(tmp_path / "group.yaml").data
    group = RunGroup.model_validate(document["groups"]["own_runs"])
    dataset = load_dataset(group.dataset, tmp_path)
    chosen = {name: select(dataset.registry, one.select) for name, one in group.series.items()}
    assert {name: [entry.path for entry in found] for name, found in chosen.items()} == {
        "cosine": ["cos.csv"],
        "wsd": ["wsd-500.csv"],
    }
    runs, metadata = collected(dataset, planned(dataset, {}))
    about = metadata.set_index("files")
    assert about["final_val_loss"].to_dict() == {
        "cos.csv": 3.71,
        "trunk.csv": pytest.approx(math.nan, nan_ok=True),
        "trunk.csv;wsd-500.csv": 3.84,
    }
    assert about.loc["trunk.csv;wsd-500.csv", "last_val_loss"] == 3.90
    branch = runs[runs["run"] == about.loc["trunk.csv;wsd-500.csv", "run"]]
    assert branch["step"].tolist() == list(range(20, 501, 20))
