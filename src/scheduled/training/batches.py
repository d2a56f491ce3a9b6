"""Windows of the text: drawn at random for training, fixed ones for validation."""

from __future__ import annotations

import hashlib

import torch
from torch import Tensor

__all__ = ["as_tensor", "draw_windows", "fixed_windows", "seeded"]


def seeded(seed: int, purpose: str) -> int:
    """Return the seed of one generator of a run, unlike that of its other ones.

    Examples
    --------
    >>> seeded(1, "parameters") == seeded(1, "order")
    False
    """
    return int.from_bytes(hashlib.sha256(f"{seed} {purpose}".encode()).digest()[:4], "big")


def as_tensor(text: bytes) -> Tensor:
    """Return a text as a tensor of bytes, shape (len(text),)."""
    return torch.frombuffer(bytearray(text), dtype=torch.uint8)


def draw_windows(text: Tensor, count: int, context: int, generator: torch.Generator) -> Tensor:
    """Draw windows with starts uniform over the text.

    Parameters
    ----------
    text : Tensor of uint8, shape (n,)
        The text.
    count, context : int
        Number of windows, and of bytes to predict in each.
    generator : torch.Generator
        Advanced by `count` draws.

    Returns
    -------
    Tensor of int64, shape (count, context + 1)
    """
    starts = torch.randint(text.numel() - context, (count,), generator=generator)
    return _windows(text, starts, context)


def fixed_windows(text: Tensor, count: int, context: int) -> Tensor:
    """Return windows with starts evenly spaced over the text, the same ones in every run.

    Parameters
    ----------
    text, count, context
        As in `draw_windows`.

    Returns
    -------
    Tensor of int64, shape (count, context + 1)

    Examples
    --------
    >>> fixed_windows(as_tensor(b"abcdef"), 2, 2)
    tensor([[ 97,  98,  99],
            [100, 101, 102]])
    """
    last = text.numel() - context - 1
    starts = torch.arange(count) * last // max(count - 1, 1)
    return _windows(text, starts, context)


def _windows(text: Tensor, starts: Tensor, context: int) -> Tensor:
    return text[starts[:, None] + torch.arange(context + 1)].long()
