"""Where a run is trained, and in which precision."""

from __future__ import annotations

import os
from contextlib import AbstractContextManager, nullcontext
from typing import Literal

import torch

__all__ = ["choose_device", "precision", "set_up"]


def choose_device(asked: Literal["cpu", "auto"]) -> torch.device:
    """Return the processor, or with ``auto`` the graphics card where PyTorch sees one.

    `CUDA_VISIBLE_DEVICES` chooses among several cards; several runs may share one.

    Examples
    --------
    >>> choose_device("cpu")
    device(type='cpu')
    """
    return torch.device("cuda" if asked == "auto" and torch.cuda.is_available() else "cpu")


def set_up(device: torch.device) -> None:
    """Make PyTorch add numbers in one order only: one thread, deterministic algorithms.

    On a card, an operation that has no such algorithm gives a warning rather than an error: only a
    processor's bytes are promised.
    """
    on_card = device.type != "cpu"
    if on_card:
        # cuBLAS reads it when it is first used; without, its sums may come in any order.
        os.environ.setdefault("CUBLAS_WORKSPACE_CONFIG", ":4096:8")
    torch.set_num_threads(1)
    torch.use_deterministic_algorithms(True, warn_only=on_card)
    # Nothing here reads memory before it is written; filling it costs a few per cent.
    torch.utils.deterministic.fill_uninitialized_memory = False


def precision(device: torch.device) -> AbstractContextManager[object]:
    """Inside, products of matrices are computed in bfloat16, on a card that has it.

    Parameters, gradients and the optimiser stay in single precision; on a processor, all does.
    """
    if device.type == "cpu" or not torch.cuda.is_bf16_supported(including_emulation=False):
        return nullcontext()
    scope: AbstractContextManager[object] = torch.autocast(device.type, torch.bfloat16)
    return scope
