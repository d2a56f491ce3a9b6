"""Every schedule of docs/frameworks.md against its formula, to 1e-12 of the peak."""

from collections.abc import Callable

import numpy as np
import pytest

from frameworks.configurations import CONFIGURATIONS
from helpers import framework_formulas as f
from scheduled.convert import EXACT, read
from scheduled.convert.line import Line

T = 1000

# Peak, and the learning rates over it.
FORMULAS: dict[str, tuple[float, Callable[[f.Array], f.Array]]] = {
    "hf constant": (3e-4, np.ones_like),
    "hf constant_with_warmup": (3e-4, lambda k: np.minimum(k / 100, 1)),
    "hf linear": (3e-4, lambda k: f.hf_linear(k, 100, T)),
    "hf linear, no warm-up": (3e-4, lambda k: f.hf_linear(k, 0, T)),
    "hf linear, fraction": (3e-4, lambda k: f.hf_linear(k, 34, T)),
    "hf linear, 7 steps": (3e-4, lambda k: f.hf_linear(k, 3, 7)),
    "hf linear, cut": (3e-4, lambda k: f.hf_linear(k, 100, T)),
    "hf linear, beyond": (3e-4, lambda k: f.hf_linear(k, 100, T)),
    "hf cosine": (3e-4, lambda k: f.hf_cosine(k, 100, T)),
    "hf cosine, 0.75 cycles": (3e-4, lambda k: f.hf_cosine(k, 100, T, 0.75)),
    "hf cosine, 2.3 cycles": (3e-4, lambda k: f.hf_cosine(k, 100, T, 2.3)),
    "hf cosine_with_restarts": (3e-4, lambda k: f.hf_restarts(k, 100, T, 3)),
    "hf cosine_with_restarts, 7": (3e-4, lambda k: f.hf_restarts(k, 100, 1009, 7)),
    "hf cosine_with_min_lr, rate": (3e-4, lambda k: f.hf_cosine(k, 100, T, m=0.1)),
    "hf cosine_with_min_lr, absolute": (3e-4, lambda k: f.hf_cosine(k, 100, T, m=1e-5 / 3e-4)),
    "hf cosine_warmup_with_min_lr": (
        3e-4,
        lambda k: f.hf_min_lr_warmup(k, 100, T, 0.1, 0.2),
    ),
    "hf cosine_warmup_with_min_lr, from 1/W": (
        3e-4,
        lambda k: f.hf_min_lr_warmup(k, 100, T, 0.1, None),
    ),
    "hf polynomial": (3e-4, lambda k: f.hf_polynomial(k, 100, T, 1.0, 1e-7 / 3e-4)),
    "hf polynomial 2": (3e-4, lambda k: f.hf_polynomial(k, 100, T, 2.0, 1e-5 / 3e-4)),
    "hf inverse_sqrt": (3e-4, lambda k: f.hf_inverse_sqrt(k, 100, 100)),
    "hf inverse_sqrt, timescale": (3e-4, lambda k: f.hf_inverse_sqrt(k, 100, 250)),
    "hf wsd, default": (3e-4, lambda k: f.hf_wsd(k, 100, 700, 200, "cosine", 0.0, "linear")),
    "hf wsd linear": (3e-4, lambda k: f.hf_wsd(k, 100, 700, 200, "linear", 0.1, "linear")),
    "hf wsd 1-sqrt": (3e-4, lambda k: f.hf_wsd(k, 100, 700, 200, "1-sqrt", 0.0, "linear")),
    "hf wsd, cosine warm-up": (
        3e-4,
        lambda k: f.hf_wsd(k, 100, 750, 150, "cosine", 0.05, "cosine"),
    ),
    "hf wsd, 1-sqrt warm-up": (
        3e-4,
        lambda k: f.hf_wsd(k, 100, 750, 150, "cosine", 0.0, "1-sqrt"),
    ),
    "hf wsd, held at the floor": (
        3e-4,
        lambda k: f.hf_wsd(k, 100, 500, 200, "linear", 0.1, "linear"),
    ),
    "torch CosineAnnealingLR": (0.1, lambda k: 0.01 + 0.99 * f.half_cosine(k / T)),
    "torch CosineAnnealingLR, rising": (0.1, lambda k: f.half_cosine(k / 400)),
    "torch CosineAnnealingWarmRestarts": (0.1, lambda k: f.torch_restarts(k, 100, 2, 0.01)),
    "torch OneCycleLR": (0.2, lambda k: f.torch_one_cycle(k, T, 0.3, 25.0, 1e4, True)),
    "torch OneCycleLR, linear": (
        0.2,
        lambda k: f.torch_one_cycle(k, T, 0.1234, 10.0, 1e4, False),
    ),
    "torch MultiStepLR": (0.1, lambda k: 0.1 ** ((k >= 300) * 1.0 + (k >= 800))),
    "torch StepLR": (0.1, lambda k: 0.5 ** (k // 300)),
    "torch ExponentialLR": (0.1, lambda k: 0.995**k),
    "torch PolynomialLR": (0.1, lambda k: np.maximum(1 - k / 900, 0) ** 1.5),
    "torch LinearLR": (0.1, lambda k: 0.1 + 0.9 * np.minimum(k / 250, 1)),
    "torch ConstantLR": (0.1, lambda k: np.where(k < 40, 0.5, 1)),
    "torch SequentialLR": (
        0.1,
        lambda k: np.where(k < 100, 0.01 + 0.99 * k / 100, f.half_cosine((k - 100) / 900)),
    ),
    "torch LambdaLR": (
        1e-3,
        lambda k: np.where(k < 100, (k + 1) / 100, np.maximum(0.1, 1 - (k - 100) / 900)),
    ),
    "optax warmup_cosine": (3e-4, lambda k: f.hf_cosine(k, 100, T, m=0.1)),
    "optax warmup_cosine, exponent": (
        3e-4,
        lambda k: np.where(
            k < 100,
            1 / 30 + 29 / 30 * k / 100,
            0.1 + 0.9 * f.half_cosine(np.minimum((k - 100) / 800, 1)) ** 1.5,
        ),
    ),
    "optax linear": (3e-4, lambda k: 1 - np.clip((k - 50) / 900, 0, 1)),
    "optax exponential": (3e-4, lambda k: np.maximum(0.5 ** (np.maximum(k - 100, 0) / 200), 1 / 6)),
    "optax exponential, staircase": (3e-4, lambda k: 0.5 ** (k // 200)),
    "optax piecewise_constant": (
        3e-4,
        lambda k: np.where(k < 300, 1, 0.1) * np.where(k < 700, 1, 0.5),
    ),
    "optax join, WSD": (3e-4, lambda k: f.held(k, 100, 800, 200, "linear", 0.0)),
    "torchtitan linear": (8e-4, lambda k: f.titan(k, 100, 900, T, "linear", 0.0)),
    "torchtitan WSD": (8e-4, lambda k: f.titan(k, 100, 200, T, "linear", 0.0)),
    "torchtitan WSD sqrt": (8e-4, lambda k: f.titan(k, 100, 200, T, "1-sqrt", 0.1)),
    "torchtitan cosine": (8e-4, lambda k: f.titan(k, 100, 900, T, "cosine", 0.1)),
    "torchtitan, decay cut by the warm-up": (
        8e-4,
        lambda k: f.titan(k, 900, 100, T, "linear", 0.0),
    ),
    "megatron constant": (6e-4, lambda k: np.minimum(k / 100, 1)),
    "megatron linear": (6e-4, lambda k: f.megatron(k, 100, 100, 900, "linear", 0.1)),
    "megatron cosine": (6e-4, lambda k: f.megatron(k, 100, 100, 900, "cosine", 0.1)),
    "megatron cosine, held": (6e-4, lambda k: f.megatron(k, 100, 100, 700, "cosine", 0.1)),
    "megatron inverse-square-root": (6e-4, lambda k: f.megatron_inverse(k, 100, 2.5 / 6)),
    "megatron WSD linear": (6e-4, lambda k: f.megatron(k, 100, 800, 200, "linear", 0.1)),
    "megatron WSD cosine": (6e-4, lambda k: f.megatron(k, 100, 800, 200, "cosine", 0.1)),
    "megatron WSD exponential": (6e-4, lambda k: f.megatron(k, 100, 800, 200, "exponential", 0.1)),
    "megatron WSD minus_sqrt": (6e-4, lambda k: f.megatron(k, 100, 800, 200, "1-sqrt", 0.1)),
    "nanotron linear": (3e-3, lambda k: f.megatron(k, 100, 100, 900, "linear", 0.1)),
    "nanotron cosine": (3e-3, lambda k: f.megatron(k, 100, 100, 900, "cosine", 0.0)),
    "nanotron WSD": (3e-3, lambda k: f.megatron(k, 100, 800, 150, "linear", 0.1)),
    "nanotron, warm-up twice": (3e-3, lambda k: f.megatron(k, 100, 500, 400, "cosine", 0.0)),
    "nanotron, constant warm-up": (3e-3, lambda k: f.held(k, 0, 100, 900, "cosine", 0.1)),
    "olmo WSD": (4e-4, lambda k: f.olmo_wsd(k, 100, 200, T, 0.0)),
    "olmo WSD, floor": (4e-4, lambda k: f.olmo_wsd(k, 100, 200, T, 0.1)),
    "olmo CosWithWarmup": (4e-4, lambda k: f.olmo_cosine(k, 100, T, 0.1)),
    "olmo CosWithWarmup, t_max": (4e-4, lambda k: f.olmo_cosine(k, 100, 800, 0.1)),
    "olmo PowerLR": (4e-4, lambda k: f.olmo_power(k, 100, 100, T, -0.51)),
    "olmo WSDS": (4e-4, lambda k: f.olmo_wsds(k, 50, [400, 300, 300], 0.1)),
    "levanter cosine": (6e-4, lambda k: f.hf_cosine(k, 100, T, m=0.1)),
    "levanter WSD": (6e-4, lambda k: f.held(k, 50, 800, 200, "linear", 0.0)),
    "levanter inv_sqrt": (6e-4, lambda k: f.levanter_inverse(k, 50, 100, 0.4)),
    "levanter inv": (6e-4, lambda k: f.levanter_inv(k, 50, T, 0.1)),
    "levanter cycles": (6e-4, lambda k: f.levanter_cycles(k, [333, 666, T], 50, 20, 0.1)),
    "axolotl cosine, held": (2e-5, lambda k: f.axolotl_held(k, 100, T, 0.1, 0.8)),
    "axolotl quadratic warm-up": (
        2e-5,
        lambda k: np.where(k < 100, (k / 100) ** 2, f.half_cosine((k - 100) / 900)),
    ),
    "axolotl rex": (2e-5, lambda k: f.axolotl_rex(k, 100, T, 0.1)),
    "timm cosine, prefix": (5e-2, lambda k: f.hf_cosine(k, 100, T, m=0.002)),
    "timm cosine, no prefix": (5e-2, lambda k: f.timm_no_prefix(k, 100, T, 2e-4, 0.002)),
    "timm WSD": (5e-2, lambda k: f.held(k, 50, 800, 200, "1-sqrt", 0.0)),
}


# Those without a configuration of their own; parts are (upto, start, end, shape, begin, span).
LINES: dict[str, tuple[list[tuple[float, ...]], Callable[[f.Array], f.Array]]] = {
    "nanochat": (
        [
            (100, 0, 1, "linear", -1, 100),
            (801, 1, 1, "constant", 0, 1),
            (1001, 1, 0.1, "linear", 800, 200),
        ],
        lambda k: f.nanochat(k, 100, T, 200, 0.1),
    ),
    "nanoGPT": (
        [(100, 0, 1, "linear", -1, 101), (1001, 1, 0.1, "cosine", 100, 900)],
        lambda k: f.nanogpt(k, 100, T, 0.1),
    ),
    "llm.c": (
        [(100, 0, 1, "linear", -1, 100), (1001, 1, 0.1, "cosine", 100, 900)],
        lambda k: f.nanogpt(k, 100, T, 0.1, ahead=0),
    ),
    "modded-nanogpt": (
        [(601, 1, 1, "constant", 0, 1), (1001, 1, 0, "linear", 600, 400)],
        lambda k: f.modded(k, T, 0.4),
    ),
    **{
        f"the paper's trainer, {shape}": (
            [
                (100, 0.01, 1, "linear", 0, 100),
                (801, 1, 1, "constant", 0, 1),
                (1001, 1, 0, shape, 800, 200),
            ],
            lambda k, shape=shape: f.epfml(k, 100, T, 200, shape),
        )
        for shape in ("linear", "1-sqrt", "cosine")
    },
}


def test_there_are_sixty_formulas():
    assert len(FORMULAS) >= 60


@pytest.mark.parametrize("name", FORMULAS)
def test_read_has_the_learning_rates_of_the_formula(name):
    framework, text, steps = CONFIGURATIONS[name]
    peak, formula = FORMULAS[name]
    k = np.arange(steps, dtype=float)
    lrs = read(text, framework, steps=steps).schedule
    assert np.abs(lrs[:steps] / peak - formula(k)).max() <= EXACT
    # OLMo-core uses the last of its learning rates.
    assert lrs.size == (steps if framework == "olmo" else steps + 1)


@pytest.mark.parametrize("name", LINES)
def test_parts_have_the_learning_rates_of_the_formula(name):
    parts, formula = LINES[name]
    line = Line(1.0, T + 1)
    for upto, start, end, shape, begin, span in parts:
        line.go(upto, start, end, shape, begin=begin, span=span)
    k = np.arange(T, dtype=float)
    assert np.abs(line.schedule().schedule[:T] - formula(k)).max() <= EXACT


def test_code_of_nanogpt_is_read():
    text = """
import math
steps = 1000
warmup_iters = 100
lr_decay_iters = 1000
min_lr = 6e-5
learning_rate = 6e-4
def get_lr(it):
    if it < warmup_iters:
        return learning_rate * (it + 1) / (warmup_iters + 1)
    if it > lr_decay_iters:
        return min_lr
    decay_ratio = (it - warmup_iters) / (lr_decay_iters - warmup_iters)
    coeff = 0.5 * (1.0 + math.cos(math.pi * decay_ratio))
    return min_lr + coeff * (learning_rate - min_lr)
scheduler = LambdaLR(optimizer, lr_lambda=get_lr)
"""
    lrs = read(text).schedule[:T]
    k = np.arange(T, dtype=float)
    assert np.abs(lrs / 6e-4 - f.nanogpt(k, 100, T, 0.1)).max() <= EXACT
