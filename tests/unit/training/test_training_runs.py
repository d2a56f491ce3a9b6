"""Training for real, on a tiny model: bytes that repeat, resuming, branching, the dataset."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from scheduled.core.errors import RunError  # noqa: E402
from scheduled.runs.curve import collect  # noqa: E402
from scheduled.runs.dataset import load_folder  # noqa: E402
from scheduled.training.batches import as_tensor, draw_windows, fixed_windows, seeded  # noqa: E402
from scheduled.training.expand import expand  # noqa: E402
from scheduled.training.files import RunFiles, outputs  # noqa: E402
from scheduled.training.log import COLUMNS, LogRow, single  # noqa: E402
from scheduled.training.loop import train_run  # noqa: E402
from scheduled.training.model import forward, init_parameters, loss, parameter_count  # noqa: E402
from scheduled.training.plan import ModelShape, TrainingPlan  # noqa: E402
from scheduled.training.progress import Progress  # noqa: E402
from scheduled.training.spec import RunSpec  # noqa: E402
from scheduled.training.text import Corpus  # noqa: E402
from scheduled.training.write import write_dataset  # noqa: E402

Make = Callable[..., TrainingPlan]
SHAPE = ModelShape(n_layer=2, n_head=2, n_embd=4)


class Killed(BaseException):
    """Ends a run in the middle, as nothing that it could catch."""


def kill_at(step: int) -> Callable[[RunSpec, LogRow], None]:
    def report(spec: RunSpec, row: LogRow) -> None:
        if row.step == step:
            raise Killed

    return report


def train_all(specs: list[RunSpec], corpus: Corpus, folder: Path) -> dict[str, bytes]:
    """Train, and return the bytes of every log and result."""
    for spec in specs:
        train_run(spec, corpus, folder)
    files = [path for spec in specs for path in outputs(spec, folder)[:2]]
    return {path.name: path.read_bytes() for path in files}


def rows(folder: Path, spec: RunSpec) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(RunFiles(folder, spec.stem).log.read_text())))


def test_training_twice_gives_the_same_bytes(plan: Make, corpus: Corpus, tmp_path: Path) -> None:
    specs = expand(plan())
    first = train_all(specs, corpus, tmp_path / "first")
    assert first == train_all(specs, corpus, tmp_path / "second")
    other = train_all(expand(plan(seeds=[2])), corpus, tmp_path / "other")
    assert not set(first.values()) & set(other.values())


@pytest.mark.parametrize("log_means", [True, False])
def test_a_killed_run_resumes_to_the_same_bytes(
    plan: Make, corpus: Corpus, tmp_path: Path, log_means: bool
) -> None:
    _, cosine, *_ = expand(plan(settings={"log_means": log_means}))
    whole = train_all([cosine], corpus, tmp_path / "whole")
    folder = tmp_path / "killed"
    # Before the first checkpoint, between two rows of the log after one, at the last row.
    for step in (4, 12, 20):
        with pytest.raises(Killed):
            train_run(cosine, corpus, folder, kill_at(step))
        assert not RunFiles(folder, cosine.stem).result.exists()
    steps: list[int] = []
    train_run(cosine, corpus, folder, lambda spec, row: steps.append(row.step))
    assert steps == [16, 18, 20]  # it went on from step 15
    assert train_all([], corpus, folder) == {}
    assert {name: (folder / name).read_bytes() for name in whole} == whole
    assert not RunFiles(folder, cosine.stem).state.exists()


def test_killed_trunks_and_branches_give_the_same_bytes(
    plan: Make, corpus: Corpus, tmp_path: Path
) -> None:
    trunk, _, short, _ = expand(plan())
    whole = train_all([trunk, short], corpus, tmp_path / "whole")
    for spec, step in ((trunk, 12), (short, 18)):
        with pytest.raises(Killed):
            train_run(spec, corpus, tmp_path, kill_at(step))
        train_run(spec, corpus, tmp_path)
    assert {name: (tmp_path / name).read_bytes() for name in whole} == whole


@pytest.mark.parametrize("cooldown", ["0.2", "0.5"])
def test_a_branch_is_the_end_of_the_unbroken_run(
    plan: Make, corpus: Corpus, tmp_path: Path, cooldown: str
) -> None:
    trunk, _, *branches = expand(plan())
    (branch,) = [spec for spec in branches if f"c{cooldown}-" in spec.stem]
    unbroken = branch.model_copy(
        update={"stem": "unbroken", "resumed_from": None, "resumed_step": None}
    )
    train_all([trunk, branch, unbroken], corpus, tmp_path)
    count = len(rows(tmp_path, branch))
    assert rows(tmp_path, branch) == rows(tmp_path, unbroken)[-count:]
    before = [row for row in rows(tmp_path, trunk) if int(row["step"]) <= branch.first_step]
    assert before == rows(tmp_path, unbroken)[:-count]
    results = [
        json.loads(RunFiles(tmp_path, s.stem).result.read_text()) for s in (branch, unbroken)
    ]
    assert results[0]["final_val_loss"] == results[1]["final_val_loss"]


def test_the_log_says_what_was_done(plan: Make, corpus: Corpus, tmp_path: Path) -> None:
    trunk, cosine, short, _ = expand(plan())
    train_all([trunk, cosine, short], corpus, tmp_path)
    log = rows(tmp_path, cosine)
    assert tuple(log[0]) == COLUMNS
    assert [int(row["step"]) for row in log] == list(range(2, 21, 2))
    assert [float(row["lr"]) for row in log] == list(cosine.lrs[1::2])
    assert [int(row["step"]) for row in log if row["val_loss"]] == [4, 8, 12, 16, 20]
    assert all(single(float(row["grad_norm"])) == float(row["grad_norm"]) > 0 for row in log)
    assert float(log[0]["train_loss"]) == pytest.approx(np.log(256), abs=0.1)
    assert float(log[-1]["train_loss"]) < float(log[0]["train_loss"])
    # A branch's log begins after the checkpoint.
    assert [int(row["step"]) for row in rows(tmp_path, short)] == [18, 20]


def test_rows_hold_means_or_the_step_itself(plan: Make, corpus: Corpus, tmp_path: Path) -> None:
    (every,) = expand(plan(_cosine(), settings={"log_every": 1, "val_every": 4}))
    (means,) = expand(plan(_cosine()))
    (steps,) = expand(plan(_cosine(), settings={"log_means": False}))
    logs = []
    for number, spec in enumerate((every, means, steps)):
        train_run(spec, corpus, tmp_path / str(number))
        logs.append([float(row["train_loss"]) for row in rows(tmp_path / str(number), spec)])
    assert logs[2] == logs[0][1::2]
    np.testing.assert_allclose(logs[1], np.reshape(logs[0], (-1, 2)).mean(axis=1), rtol=1e-6)


def _cosine() -> dict[str, object]:
    return {"a": {"horizons": [20], "lrs": [0.01], "schedules": [{"kind": "cos"}]}}


def test_a_branch_needs_its_trunk(plan: Make, corpus: Corpus, tmp_path: Path) -> None:
    _, _, short, _ = expand(plan())
    with pytest.raises(RunError, match=r"16\.pt: no such checkpoint\. Train the run that writes"):
        train_run(short, corpus, tmp_path)


def test_a_checkpoint_of_another_training_is_refused(
    plan: Make, corpus: Corpus, tmp_path: Path
) -> None:
    trunk, cosine, short, _ = expand(plan())
    train_run(trunk, corpus, tmp_path)
    _, _, other, _ = expand(plan(settings={"batch_size": 3}))
    with pytest.raises(RunError, match=r"its trajectory is .*, not .*: it belongs"):
        train_run(other, corpus, tmp_path)
    changed = Corpus(corpus.files[1:], corpus.train, corpus.validation, corpus.python)
    with pytest.raises(RunError, match=r"its text is"):
        train_run(short, changed, tmp_path)
    with pytest.raises(Killed):
        train_run(cosine, corpus, tmp_path, kill_at(10))
    with pytest.raises(RunError, match=r"state\.pt: its run is"):
        train_run(cosine.model_copy(update={"lr": 0.02}), corpus, tmp_path)
    RunFiles(tmp_path, cosine.stem).state.write_bytes(b"half a file")
    with pytest.raises(RunError, match=r"state\.pt: not a checkpoint"):
        train_run(cosine, corpus, tmp_path)


def test_a_run_that_diverges_says_so(plan: Make, corpus: Corpus, tmp_path: Path) -> None:
    parts = {"a": {"horizons": [20], "lrs": [1e30], "schedules": [{"kind": "cos"}]}}
    (spec,) = expand(plan(parts))
    with pytest.raises(RunError, match=r"the loss is nan at step \d+: with this LR training div"):
        train_run(spec, corpus, tmp_path)


def test_a_text_shorter_than_a_window_is_refused(plan: Make, tmp_path: Path) -> None:
    _, cosine, *_ = expand(plan())
    with pytest.raises(
        RunError, match=r"the validation text has 6 bytes, needs more than context=6"
    ):
        train_run(cosine, Corpus((), b"long enough", b"short!", "3"), tmp_path)


def test_the_model_is_causal_and_begins_at_the_loss_of_chance() -> None:
    parameters = init_parameters(SHAPE, 8, seed=1)
    tokens = torch.arange(16).view(2, 8)
    before = forward(parameters, tokens, SHAPE)
    changed = tokens.clone()
    changed[:, 5] = 99
    after = forward(parameters, changed, SHAPE)
    assert torch.equal(before[:, :5], after[:, :5])
    assert not torch.equal(before[:, 5:], after[:, 5:])
    assert loss(parameters, tokens, SHAPE).item() == pytest.approx(np.log(256), abs=0.01)
    # Two embeddings, the head, two scales and 12·width² a layer, the last scale.
    assert parameter_count(parameters) == 2 * 256 * 4 + 8 * 4 + 2 * (2 * 4 + 12 * 16) + 4


def test_parameters_and_order_are_drawn_apart() -> None:
    assert seeded(1, "order") != seeded(1, "parameters") != seeded(2, "parameters")
    text = as_tensor(bytes(range(100)))
    draws = [draw_windows(text, 4, 10, torch.Generator().manual_seed(s)) for s in (1, 1, 2)]
    assert torch.equal(draws[0], draws[1])
    assert not torch.equal(draws[0], draws[2])
    assert torch.equal(draws[0][:, 1:], draws[0][:, :-1] + 1)


def test_validation_windows_span_the_text() -> None:
    windows = fixed_windows(as_tensor(bytes(range(100))), 5, 10)
    assert windows[0, 0] == 0
    assert windows[-1, -1] == 99
    assert fixed_windows(as_tensor(bytes(range(100))), 1, 10).shape == (1, 11)


def test_progress_is_shown(plan: Make) -> None:
    _, cosine, *_ = expand(plan())
    stream = io.StringIO()
    report = Progress(stream=stream)
    for step in range(2, 21, 2):
        report(cosine, LogRow(step, 0.1, 1.5, None, 2.0))
    lines = stream.getvalue().splitlines()
    assert len(lines) == 10
    assert lines[-1].startswith(f"{cosine.stem}: 20/20, loss 1.500, ")


def test_the_dataset_of_a_plan(plan: Make, corpus: Corpus, tmp_path: Path) -> None:
    made = plan()
    specs = expand(made)
    work, target = tmp_path / "work", tmp_path / "data"
    with pytest.raises(RunError, match="4 of 4 runs are not trained yet: trunk-1K"):
        write_dataset(made, corpus, work, target)
    train_all(specs, corpus, work)
    (target / "logs").mkdir(parents=True)
    (target / "logs" / "of-an-older-plan.csv").touch()
    files = write_dataset(made, corpus, work, target)
    assert sorted(path for path in target.rglob("*") if path.is_file()) == sorted(files)
    before = {path: path.read_bytes() for path in files}
    assert write_dataset(made, corpus, work, target) == files
    assert {path: path.read_bytes() for path in files} == before

    runs = list(csv.DictReader(io.StringIO((target / "runs.csv").read_text())))
    assert [row["file"] for row in runs] == [f"{spec.stem}.csv" for spec in specs]
    assert [row["resumed_step"] for row in runs] == ["", "", "16", "10"]
    assert {row["resumed_from"] for row in runs} == {"", specs[0].stem}
    assert all(float(row["final_val_loss"]) > 0 for row in runs)
    provenance = json.loads((target / "provenance.json").read_text())
    assert provenance["text"]["sha256_of_list"] == corpus.sha256
    assert provenance["trained_on"][0]["threads"] == 1
    assert len(json.loads((target / "text.json").read_text())) == len(corpus.files)

    with pytest.raises(RunError, match="it belongs to another spec"):
        write_dataset(plan(settings={"batch_size": 3}), corpus, work, target)


def test_the_dataset_joins_branches_to_trunks(plan: Make, corpus: Corpus, tmp_path: Path) -> None:
    lowered = {"kind": "wsd_twostage", "cooldowns": [0.2], "lowered_at": 16, "factor": 0.5}
    schedules = [{"kind": "wsd", "cooldowns": [0.2, 0.5]}]
    parts = {
        "a": {"horizons": [20], "lrs": [0.01, 0.02], "schedules": schedules},
        "b": {"horizons": [40], "lrs": [0.01], "schedules": [lowered, {"kind": "cos"}]},
    }
    made = plan(parts)
    train_all(expand(made), corpus, tmp_path / "work")
    target = tmp_path / "data"
    write_dataset(made, corpus, tmp_path / "work", target)
    dataset = load_folder(target / "dataset.yaml")
    entries = list(dataset.registry)
    runs, metadata = collect(
        dataset.registry, entries, lambda path: dataset.files_at / path, dataset.formats
    )
    for _, curve in runs.groupby("run"):
        # A row's learning rate is of its own step: in the table, of the step after the one before.
        steps = list(range(2, curve["step"].max() + 1, 2))
        assert curve["step"][curve["learning_rate"].notna()].tolist() == [k - 1 for k in steps]
        of_step = curve[curve["train_loss"].notna()]
        assert of_step["step"].tolist() == steps
        assert of_step["grad_norm"].notna().all()
    assert len(metadata) == len(expand(made)) == 8
    assert set(metadata["iterations"]) == {16, 20, 40}
    assert metadata["has_grad_norm"].all()
    assert metadata["final_val_loss"].notna().all()


def test_the_dataset_of_given_schedules_is_read_as_it_was_trained(
    plan: Make, corpus: Corpus, tmp_path: Path
) -> None:
    drop = {"kind": "join", "parts": [{"steps": 8}, {"start": 0.5}]}
    rise = {"kind": "join", "parts": [{"end": 4}]}
    schedules = [
        {"kind": "schedule", "name": "drop", "schedule": drop},
        {"kind": "schedule", "name": "rise", "schedule": rise},
    ]
    made = plan({"a": {"horizons": [20], "lrs": [0.01], "schedules": schedules}})
    specs = expand(made)
    train_all(specs, corpus, tmp_path / "work")
    write_dataset(made, corpus, tmp_path / "work", tmp_path / "data")
    dataset = load_folder(tmp_path / "data" / "dataset.yaml")
    runs, metadata = collect(
        dataset.registry,
        list(dataset.registry),
        lambda path: dataset.files_at / path,
        dataset.log_format,
    )
    curves = metadata.set_index("scheduler")["run"]
    for spec in specs[1:]:
        curve = runs[runs["run"] == curves[spec.scheduler]]
        assert curve["step"].tolist() == list(range(2, 21, 2))
        assert curve["learning_rate"].tolist() == spec.lrs[1::2].tolist()
