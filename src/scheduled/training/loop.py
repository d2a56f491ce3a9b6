"""Train one run: from the start, from its trunk's checkpoint, or from where it was killed."""

from __future__ import annotations

import json
from pathlib import Path

import torch
from torch import Tensor

from scheduled.core.arguments import FloatArray
from scheduled.core.errors import RunError
from scheduled.training.batches import as_tensor, draw_windows, fixed_windows
from scheduled.training.device import choose_device, precision, set_up
from scheduled.training.environment import environment
from scheduled.training.files import RunFiles, inputs
from scheduled.training.log import LogRow, replace_file, single, write_log
from scheduled.training.model import loss, parameter_count
from scheduled.training.progress import Report
from scheduled.training.spec import RunSpec
from scheduled.training.state import TrainingState, read_checkpoint, start, write_checkpoint
from scheduled.training.text import Corpus

__all__ = ["train_run"]


def train_run(spec: RunSpec, corpus: Corpus, folder: Path, report: Report | None = None) -> None:
    """Train a run and write its log, its result and, of a trunk, its branches' checkpoints.

    A run that was killed goes on from its last checkpoint. The log has the same bytes however
    often that happens, on one machine, with one version of PyTorch.

    Parameters
    ----------
    spec : RunSpec
        The run.
    corpus : Corpus
        The text.
    folder : Path
        Where its files are written (`RunFiles`), and the checkpoints of its trunk are.
    report : callable, optional
        Shows progress.

    Raises
    ------
    RunError
        If the trunk's checkpoint is missing, a checkpoint is of another training, or the loss is
        not finite any more.
    """
    device = choose_device(spec.settings.device)
    set_up(device)
    files = RunFiles(folder, spec.stem)
    trainer = _Trainer(spec, corpus, device)
    same = {"text": corpus.sha256}
    if spec.settings.device == "auto":
        # A run does not change from a processor to a card, or back.
        same["device"] = device.type
    state = _begin(spec, same, folder, device)
    while state.step < spec.iterations:
        trainer.advance(state)
        if state.step % spec.settings.log_every == 0 or state.step == spec.iterations:
            row = trainer.log(state)
            if report is not None:
                report(spec, row)
        if state.step in spec.checkpoints:
            identity = {"trajectory": spec.trajectory, **same}
            write_checkpoint(files.checkpoint(state.step), state, identity)
        if state.step % spec.settings.save_every == 0 and state.step < spec.iterations:
            write_checkpoint(files.state, state, {"run": spec.hash, **same})
    write_log(state.rows, files.log)
    result = {
        "spec": spec.model_dump(mode="json"),
        "final_val_loss": trainer.final_val_loss(state),
        "final_train_loss": state.rows[-1].train_loss,
        "parameters": parameter_count(state.parameters),
        "text": corpus.sha256,
        "environment": environment() | on_card(device),
    }
    replace_file(files.result, f"{json.dumps(result, indent=1, sort_keys=True)}\n".encode())
    files.state.unlink(missing_ok=True)


def on_card(device: torch.device) -> dict[str, str]:
    """The card and the precision of a run that was trained on one; nothing of a processor's."""
    if device.type == "cpu":
        return {}
    with precision(device):
        products = "bfloat16" if torch.is_autocast_enabled(device.type) else "float32"
    return {"card": torch.cuda.get_device_name(device), "products": products}


def _begin(
    spec: RunSpec, same: dict[str, str], folder: Path, device: torch.device
) -> TrainingState:
    files = RunFiles(folder, spec.stem)
    if files.state.is_file():
        return read_checkpoint(files.state, spec, {"run": spec.hash, **same}, device)
    begins_from = inputs(spec, folder)
    if not begins_from:
        return start(spec, device)
    (path,) = begins_from
    state = read_checkpoint(path, spec, {"trajectory": spec.trajectory, **same}, device)
    # The log of a branch begins after the checkpoint; what is before is in its trunk's.
    state.rows = []
    return state


class _Trainer:
    """The steps of one run: everything about it that does not change."""

    def __init__(self, spec: RunSpec, corpus: Corpus, device: torch.device) -> None:
        settings = spec.settings
        self.spec = spec
        self.device = device
        self.settings = settings
        self.lrs: FloatArray = spec.lrs
        self.text = as_tensor(corpus.train)
        held_out = as_tensor(corpus.validation)
        for name, text in (("training", self.text), ("validation", held_out)):
            if text.numel() <= settings.context:
                raise RunError(
                    f"the {name} text has {text.numel()} bytes, needs more than "
                    f"context={settings.context}"
                )
        self.validation = fixed_windows(held_out, settings.val_windows, settings.context)
        self.final_validation = fixed_windows(
            held_out, settings.final_val_windows, settings.context
        )

    def advance(self, state: TrainingState) -> None:
        """Train one step."""
        settings = self.settings
        for group in state.optimiser.param_groups:
            group["lr"] = float(self.lrs[state.step])
        windows = draw_windows(self.text, settings.batch_size, settings.context, state.order)
        value = self.loss(state, windows)
        value.backward()
        norm = torch.nn.utils.clip_grad_norm_(
            list(state.parameters.values()), settings.grad_clip, foreach=True
        )
        state.optimiser.step()
        state.optimiser.zero_grad(set_to_none=True)
        state.step += 1
        state.losses.append(value.item())
        state.norms.append(norm.item())

    def loss(self, state: TrainingState, windows: Tensor) -> Tensor:
        """The loss of windows, which the processor draws: the same ones on any device."""
        with precision(self.device):
            return loss(state.parameters, windows.to(self.device), self.spec.shape)

    def log(self, state: TrainingState) -> LogRow:
        """Add a row to the log."""
        count = len(state.losses) if self.settings.log_means else 1
        validated = state.step % self.settings.val_every == 0
        row = LogRow(
            step=state.step,
            lr=float(self.lrs[state.step - 1]),
            train_loss=single(sum(state.losses[-count:]) / count),
            val_loss=self.mean_loss(state, self.validation) if validated else None,
            grad_norm=single(sum(state.norms[-count:]) / count),
        )
        # A loss that is not finite at one step never is again.
        if not state.losses[-1] < float("inf"):
            raise RunError(
                f"{self.spec.stem}: the loss is {state.losses[-1]} at step {state.step}: with this "
                "LR training diverges. Take the LR out of the plan."
            )
        state.rows.append(row)
        state.losses, state.norms = [], []
        return row

    def final_val_loss(self, state: TrainingState) -> float:
        """The loss of the large set of held-out windows."""
        return self.mean_loss(state, self.final_validation)

    def mean_loss(self, state: TrainingState, windows: Tensor) -> float:
        """The loss of windows, a batch at a time."""
        total = 0.0
        with torch.no_grad():
            for part in windows.split(self.settings.batch_size * 4):
                total += self.loss(state, part).item() * len(part)
        return single(total / len(windows))
