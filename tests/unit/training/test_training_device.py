"""The device of a run: what a choice of it changes, and that none is as before there was one."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path

import pytest

torch = pytest.importorskip("torch")

from scheduled.core.errors import RunError  # noqa: E402
from scheduled.training import loop  # noqa: E402
from scheduled.training.expand import expand  # noqa: E402
from scheduled.training.files import RunFiles  # noqa: E402
from scheduled.training.log import LogRow  # noqa: E402
from scheduled.training.plan import TrainingPlan  # noqa: E402
from scheduled.training.spec import RunSpec  # noqa: E402
from scheduled.training.text import Corpus  # noqa: E402

Make = Callable[..., TrainingPlan]


def first_run(plan: TrainingPlan) -> RunSpec:
    """The cosine run of the tiny plan."""
    return next(spec for spec in expand(plan) if spec.scheduler == "cos")


def test_the_usual_device_is_in_no_name_and_no_file(plan: Make) -> None:
    given = plan().model_dump(mode="json")["settings"]
    assert "device" not in given
    auto = plan(settings={"device": "auto"})
    assert auto.model_dump(mode="json")["settings"] == {**given, "device": "auto"}
    assert TrainingPlan.model_validate(auto.model_dump(mode="json")) == auto
    assert first_run(auto).hash != first_run(plan()).hash


def test_auto_without_a_card_is_the_processor(
    plan: Make, corpus: Corpus, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    logs = []
    for device in ("cpu", "auto"):
        spec = first_run(plan(settings={"device": device}))
        loop.train_run(spec, corpus, tmp_path / device)
        logs.append(RunFiles(tmp_path / device, spec.stem).log.read_bytes())
    assert logs[0] == logs[1]


def test_a_run_does_not_change_its_device(
    plan: Make, corpus: Corpus, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    spec = first_run(plan(settings={"device": "auto"}))

    def stop(spec: RunSpec, row: LogRow) -> None:
        if row.step > spec.settings.save_every:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        loop.train_run(spec, corpus, tmp_path, stop)
    state = RunFiles(tmp_path, spec.stem).state
    content = torch.load(state, weights_only=True)
    content["identity"]["device"] = "cuda"
    torch.save(content, state)
    with pytest.raises(RunError, match="device is 'cuda', not 'cpu'"):
        loop.train_run(spec, corpus, tmp_path)


def test_products_in_bfloat16_train_about_the_same_run(
    plan: Make, corpus: Corpus, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # As on a card, but for where it is computed.
    spec = first_run(plan())
    loop.train_run(spec, corpus, tmp_path / "single")

    def halved(device: torch.device) -> AbstractContextManager[object]:
        return torch.autocast(device.type, torch.bfloat16)

    monkeypatch.setattr(loop, "precision", halved)
    loop.train_run(spec, corpus, tmp_path / "half")
    single, half = (RunFiles(tmp_path / name, spec.stem).log for name in ("single", "half"))
    assert single.read_bytes() != half.read_bytes()
    for one, other in zip(*(path.read_text().split() for path in (single, half)), strict=True):
        step, lr, loss, *_ = one.split(",")
        if step != "step":
            assert other.split(",")[:2] == [step, lr]
            assert float(other.split(",")[2]) == pytest.approx(float(loss), rel=0.01)
