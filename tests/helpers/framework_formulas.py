"""The schedules of other frameworks as formulas of the step k = 0, 1, …, written a second time.

Each function returns the learning rates of steps k over the peak. W warm-up steps, D decay steps,
T in total, m the floor over the peak.
"""

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]


def rise(k: Array, W: int) -> Array:
    return k / max(W, 1)


def half_cosine(p: Array) -> Array:
    return (1 + np.cos(np.pi * p)) / 2


def between(p: Array, shape: str) -> Array:
    return {
        "linear": 1 - p,
        "cosine": half_cosine(p),
        "1-sqrt": 1 - np.sqrt(p),
        "exponential": 2 * 0.5**p - 1,
    }[shape]


def held(k: Array, W: int, begin: float, D: float, shape: str, m: float) -> Array:
    """k/W, then 1, then a decay from step `begin` on that holds its floor."""
    p = np.clip((k - begin) / D, 0, 1)
    return np.where(k < W, rise(k, W), m + (1 - m) * between(p, shape))


# Hugging Face


def hf_linear(k: Array, W: int, T: int) -> Array:
    return np.where(k < W, rise(k, W), np.maximum((T - k) / max(T - W, 1), 0))


def hf_cosine(k: Array, W: int, T: int, cycles: float = 0.5, m: float = 0.0) -> Array:
    wave = (1 + np.cos(2 * np.pi * cycles * (k - W) / (T - W))) / 2
    return np.where(k < W, rise(k, W), m + (1 - m) * wave)


def hf_restarts(k: Array, W: int, T: int, n: int) -> Array:
    # In whole numbers: a rounded fraction would put a restart a step too late.
    turn = np.mod(n * (k - W), T - W) / (T - W)
    return np.where(k < W, rise(k, W), half_cosine(turn))


def hf_min_lr_warmup(k: Array, W: int, T: int, m: float, start: float | None) -> Array:
    up = (k + 1) / W if start is None else start + (1 - start) * k / (W - 1)
    return np.where(k < W, up, m + (1 - m) * half_cosine((k - W + 1) / (T - W)))


def hf_polynomial(k: Array, W: int, T: int, power: float, m: float) -> Array:
    left = np.clip(1 - (k - W) / (T - W), 0, 1)
    return np.where(k < W, rise(k, W), m + (1 - m) * left**power)


def hf_inverse_sqrt(k: Array, W: int, scale: float) -> Array:
    return np.where(k < W, rise(k, W), np.sqrt(scale / np.maximum(k + scale - W, 1)))


def hf_wsd(k: Array, W: int, S: int, D: int, decay: str, m: float, warmup: str) -> Array:
    p = np.clip(k / W, 0, 1)
    up = {"linear": p, "cosine": (1 - np.cos(np.pi * p)) / 2, "1-sqrt": 1 - np.sqrt(1 - p)}[warmup]
    after = held(k, 0, W + S, D, decay, m)
    return np.where(k < W, m + (1 - m) * up, after)


# PyTorch


def torch_one_cycle(k: Array, T: int, pct: float, div: float, final: float, cos: bool) -> Array:
    turn = pct * T - 1
    a, b = 1 / div, 1 / div / final
    shape = half_cosine if cos else (lambda p: 1 - p)
    up = 1 + (a - 1) * shape(k / turn)
    down = b + (1 - b) * shape((k - turn) / (T - 1 - turn))
    return np.where(k <= turn, up, down)


def torch_restarts(k: Array, first: int, mult: int, m: float) -> Array:
    begin, span, found = 0, first, np.empty(k.size)
    for i, step in enumerate(k):
        if step >= begin + span:
            begin, span = begin + span, span * mult
        found[i] = m + (1 - m) * (1 + np.cos(np.pi * (step - begin) / span)) / 2
    return found


# torchtitan, Megatron, nanotron


def titan(k: Array, W: int, D: int, T: int, shape: str, m: float) -> Array:
    p = np.clip((k + 1 - (T + 1 - D)) / D, 0, 1)
    return np.where(k < W, (k + 1) / max(W, 1), m + (1 - m) * between(p, shape))


def megatron(k: Array, W: int, begin: int, D: int, shape: str, m: float) -> Array:
    return np.where(k <= W, rise(k, W), held(k, 0, begin, D, shape, m))


def megatron_inverse(k: Array, W: int, m: float) -> Array:
    return np.where(k <= W, rise(k, W), np.maximum(np.sqrt(W / np.maximum(k, 1)), m))


# OLMo-core: s = k + 1


def olmo_wsd(k: Array, W: int, D: int, T: int, m: float) -> Array:
    s = k + 1
    return np.where(s <= W, s / W, m + (1 - m) * np.minimum(T - s, D) / D)


def olmo_cosine(k: Array, W: int, T: int, m: float) -> Array:
    s = k + 1
    return np.where(s < W, s / W, m + (1 - m) * half_cosine(np.minimum((s - W) / (T - W), 1)))


def olmo_power(k: Array, W: int, D: int, T: int, b: float) -> Array:
    s = k + 1
    power = (np.minimum(s, T - D) / W) ** b
    return np.where(s <= W, s / W, power * np.minimum(T - s, D) / D)


def olmo_wsds(k: Array, W: int, lengths: list[int], fraction: float) -> Array:
    s, found = k + 1, np.ones(k.size)
    end = 0
    for length in lengths:
        end += length
        D = round(fraction * length)
        inside = (s > end - D) & (s <= end)
        found[inside] = ((end - s) / D)[inside]
    found[s < W] = (s / W)[s < W]
    return found


# levanter


def levanter_inverse(k: Array, W: int, scale: float, m: float) -> Array:
    return np.where(k < W, rise(k, W), np.clip(np.sqrt(scale / np.maximum(k, 1)), m, 1))


def levanter_inv(k: Array, W: int, T: int, m: float) -> Array:
    p = np.maximum(k - W, 1) / (T - W)
    return np.where(k < W, rise(k, W), 1 / ((1 / m - 1) * p + 1))


def levanter_cycles(k: Array, ends: list[int], W: int, again: int, m: float) -> Array:
    found, begin, level = np.empty(k.size), 0, 0.0
    for end in ends:
        inside = (k >= begin) & (k < end)
        p = (k - begin - W) / (end - begin - W)
        up = level + (1 - level) * (k - begin) / W
        lrs = np.where(k < begin + W, up, m + (1 - m) * half_cosine(p))
        found[inside] = lrs[inside]
        begin, level, W = end, m, again
    return found


# nanochat, nanoGPT, llm.c, modded-nanogpt, the trainer of the paper


def nanochat(k: Array, W: int, T: int, warmdown: int, final: float) -> Array:
    x = np.minimum((T - k) / warmdown, 1)
    return np.where(k < W, (k + 1) / W, x + (1 - x) * final)


def nanogpt(k: Array, W: int, T: int, m: float, ahead: int = 1) -> Array:
    """llm.c without the step ahead."""
    p = (k - W) / (T - W)
    return np.where(k < W, (k + 1) / (W + ahead), m + (1 - m) * half_cosine(p))


def modded(k: Array, T: int, cooldown: float) -> Array:
    return np.where(k < (1 - cooldown) * T, 1, (1 - k / T) / cooldown)


def epfml(k: Array, W: int, T: int, D: int, shape: str) -> Array:
    up = k / W + (1 - k / W) / 100
    return np.where(k < W, up, held(k, 0, T - D, D, shape, 0.0))


# axolotl, timm


def axolotl_held(k: Array, W: int, T: int, m: float, ratio: float) -> Array:
    return held(k, W, W, int(ratio * T) - W, "cosine", m)


def axolotl_rex(k: Array, W: int, T: int, m: float) -> Array:
    s = k + 1
    z = np.maximum(T - s, 0) / (T - W)
    return np.where(s <= W, s / W, m + (1 - m) * z / (0.1 + 0.9 * z))


def timm_no_prefix(k: Array, W: int, T: int, start: float, m: float) -> Array:
    return np.where(k < W, start + (1 - start) * k / W, m + (1 - m) * half_cosine(k / T))
