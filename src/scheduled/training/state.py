"""All that changes in a run from step to step, and its checkpoints."""

from __future__ import annotations

import io
from dataclasses import astuple, dataclass, field
from pathlib import Path
from typing import Any

import torch

from scheduled.core.errors import RunError
from scheduled.training.batches import seeded
from scheduled.training.log import LogRow, replace_file
from scheduled.training.model import Parameters, init_parameters
from scheduled.training.spec import RunSpec

__all__ = ["TrainingState", "read_checkpoint", "start", "write_checkpoint"]


@dataclass
class TrainingState:
    """A run after some steps.

    Attributes
    ----------
    parameters : dict of str to Tensor
        The model's.
    optimiser : torch.optim.AdamW
        Its means of gradients belong to the state.
    order : torch.Generator
        Draws the windows of the text.
    step : int
        Steps trained.
    rows : list of LogRow
        The log so far.
    losses, norms : list of float
        Of the steps since the last row.
    """

    parameters: Parameters
    optimiser: torch.optim.AdamW
    order: torch.Generator
    step: int = 0
    rows: list[LogRow] = field(default_factory=list)
    losses: list[float] = field(default_factory=list)
    norms: list[float] = field(default_factory=list)


def start(spec: RunSpec, device: torch.device) -> TrainingState:
    """Return the state at step 0, drawn by the processor: the same for any device."""
    settings = spec.settings
    seed = seeded(spec.seed, "parameters")
    drawn = init_parameters(spec.shape, settings.context, seed)
    parameters = {
        name: tensor.detach().to(device).requires_grad_() for name, tensor in drawn.items()
    }
    matrices = [tensor for tensor in parameters.values() if tensor.ndim > 1]
    scales = [tensor for tensor in parameters.values() if tensor.ndim == 1]
    optimiser = torch.optim.AdamW(
        [
            {"params": matrices, "weight_decay": settings.weight_decay},
            {"params": scales, "weight_decay": 0.0},
        ],
        betas=(settings.beta1, settings.beta2),
        fused=True,
    )
    order = torch.Generator().manual_seed(seeded(spec.seed, "order"))
    return TrainingState(parameters, optimiser, order)


def write_checkpoint(path: Path, state: TrainingState, identity: dict[str, str]) -> None:
    """Write a state, all or nothing.

    Parameters
    ----------
    path : Path
        The file.
    state : TrainingState
        The state.
    identity : dict of str to str
        What has to be the same where training goes on from it.
    """
    content = {
        "identity": identity,
        "parameters": {name: tensor.detach() for name, tensor in state.parameters.items()},
        "optimiser": state.optimiser.state_dict(),
        "order": state.order.get_state(),
        "step": state.step,
        "rows": [astuple(row) for row in state.rows],
        "losses": state.losses,
        "norms": state.norms,
    }
    buffer = io.BytesIO()
    torch.save(content, buffer)
    replace_file(path, buffer.getvalue())


def read_checkpoint(
    path: Path, spec: RunSpec, identity: dict[str, str], device: torch.device
) -> TrainingState:
    """Read a state, and refuse one of another training.

    Parameters
    ----------
    path : Path
        The file.
    spec : RunSpec
        The run that goes on from it.
    identity : dict of str to str
        What its identity must be.
    device : torch.device
        Where training goes on.

    Returns
    -------
    TrainingState

    Raises
    ------
    RunError
        If it is not there, unreadable, or of another training.
    """
    try:
        content: dict[str, Any] = torch.load(path, map_location="cpu", weights_only=True)
        found = content["identity"]
    except FileNotFoundError:
        raise RunError(f"{path}: no such checkpoint. Train the run that writes it first.") from None
    except Exception as error:
        # torch.load raises whatever its unpickler does; the file is useless in any case.
        raise RunError(
            f"{path}: not a checkpoint ({type(error).__name__}). Delete it, and train again."
        ) from None
    for key, value in identity.items():
        if found.get(key) != value:
            raise RunError(
                f"{path}: its {key} is {found.get(key)!r}, not {value!r}: it belongs to another "
                "training. Delete it, and train again."
            )
    state = start(spec, device)
    with torch.no_grad():
        for name, tensor in state.parameters.items():
            tensor.copy_(content["parameters"][name])
    state.optimiser.load_state_dict(content["optimiser"])
    state.order.set_state(content["order"])
    state.step = content["step"]
    state.rows = [LogRow(*row) for row in content["rows"]]
    state.losses, state.norms = content["losses"], content["norms"]
    return state
