"""Running a scheduler of PyTorch."""

from __future__ import annotations

import importlib
from typing import Any

import numpy as np

from scheduled.core.arguments import FloatArray

__all__ = ["stepped", "toy_optimizer"]


def toy_optimizer(lr: float) -> Any:
    """An optimizer of PyTorch with nothing to optimise."""
    torch = importlib.import_module("torch")
    return torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], lr=lr)


def stepped(optimizer: Any, scheduler: Any, steps: int) -> FloatArray:
    """The learning rates that a scheduler of PyTorch gives to `steps` steps."""
    found = np.empty(steps)
    for k in range(steps):
        found[k] = optimizer.param_groups[0]["lr"]
        optimizer.step()
        if k + 1 < steps:
            scheduler.step()
    return found
