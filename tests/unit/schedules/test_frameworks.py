"""docs/schedules.md: the schedules of the frameworks as joins, against their formulas."""

import math
import re
from pathlib import Path

import numpy as np
import pytest
import yaml

from scheduled.experiments.schedule_settings import SPECS

PAGE = (Path(__file__).parents[3] / "docs" / "schedules.md").read_text(encoding="utf-8")
FIRST, *BLOCKS = re.findall(r"```yaml\n(.*?)```", PAGE, flags=re.DOTALL)
PARTS = {k: v for block in BLOCKS for k, v in yaml.safe_load(block).items()}
T, W = 1000, 100


def cosine(p):
    return (1 + math.cos(math.pi * p)) / 2


def warm(k, rest):
    """k/W, then the rest."""
    return k / W if k < W else rest(k)


def stable(k, D, decay, final, end=T):
    """Warm-up and plateau; from `end` − D on a decay, of which the progress is an argument."""
    if k < W:
        return k / W
    if k < end - D:
        return 1.0
    return final + (1 - final) * decay(min((k - end + D) / D, 1.0))


def floor(k, span, final):
    return final + (1 - final) * cosine(min((k - W) / span, 1.0))


def one_cycle(k):
    if k <= 299:
        return 0.04 + 0.96 * (1 - cosine(k / 299))
    return 4e-6 + (1 - 4e-6) * cosine((k - 299) / 700)


def nanochat(k):
    if k < W:
        return (k + 1) / W
    x = min((T - k) / 300, 1.0)
    return x + (1 - x) * 0.05


def torchtitan(k, S, D, decay, final):
    if k < W:
        return (k + 1) / (W + 1)
    if k < W + S:
        return 1.0
    return final + (1 - final) * decay((k + 1 - W - S) / (D + 1))


def olmo_wsds(k):
    s = k + 1
    if s <= W:
        return s / W
    return min((500 if s <= 500 else 1000) - s, 100) / 100


def sqrt(p):
    return 1 - math.sqrt(p)


FORMULAS = {
    "hf_constant_with_warmup": lambda k: warm(k, lambda k: 1.0),
    "hf_linear": lambda k: warm(k, lambda k: (T - k) / (T - W)),
    "hf_cosine": lambda k: warm(k, lambda k: cosine((k - W) / (T - W))),
    "hf_cosine_with_min_lr": lambda k: warm(k, lambda k: 0.1 + 0.9 * cosine((k - W) / (T - W))),
    "hf_cosine_warmup_with_min_lr": lambda k: (
        0.1 + 0.9 * (k / (W - 1) if k < W else cosine((k - W) / (T - W)))
    ),
    "hf_polynomial": lambda k: warm(k, lambda k: 0.01 + 0.99 * (1 - (k - W) / (T - W)) ** 2),
    "hf_inverse_sqrt": lambda k: warm(k, lambda k: 1 / math.sqrt((k + W - W) / W)),
    "hf_cosine_with_restarts": lambda k: warm(k, lambda k: cosine(3 * (k - W) / (T - W) % 1.0)),
    "hf_warmup_stable_decay": lambda k: 0.1 + 0.9 * k / W if k < W else stable(k, 200, cosine, 0.1),
    "hf_warmup_stable_decay_1-sqrt": lambda k: (
        1 - math.sqrt(1 - k / W) if k < W else stable(k, 200, sqrt, 0.0)
    ),
    "torch_one_cycle": one_cycle,
    "torch_multi_step": lambda k: 0.1 ** ((k >= 300) + (k >= 600)),
    "torch_cosine_annealing_beyond": lambda k: cosine(k / 600),
    "torch_exponential": lambda k: 0.999**k,
    "optax_warmup_cosine_exponent": lambda k: warm(k, lambda k: cosine((k - W) / (T - W)) ** 2),
    "torchtitan_sqrt": lambda k: torchtitan(k, T - W - 200, 200, sqrt, 0.1),
    "torchtitan_no_decay_ratio": lambda k: torchtitan(k, 0, T - W, lambda p: 1 - p, 0.0),
    "megatron_wsd_exponential": lambda k: stable(k, 200, lambda r: 2 * 0.5**r - 1, 0.1),
    "megatron_wsd_minus_sqrt": lambda k: stable(k, 200, sqrt, 0.0),
    "megatron_cosine_decay_iters": lambda k: warm(k, lambda k: floor(k, 600, 0.1)),
    "megatron_inverse_square_root": lambda k: warm(k, lambda k: math.sqrt(W / k)),
    "nanotron_1-sqrt": lambda k: stable(k, 200, sqrt, 0.1, end=900),
    "nanochat": nanochat,
    "llm.c": lambda k: (k + 1) / W if k < W else floor(k, T - W, 0.1),
    "nanogpt": lambda k: (k + 1) / (W + 1) if k < W else floor(k, T - W, 0.1),
    "modded_nanogpt": lambda k: min((1 - k / T) / 0.4, 1.0),
    "timm_without_warmup_prefix": lambda k: warm(k, lambda k: 0.01 + 0.99 * cosine(k / T)),
    "axolotl_constant_ratio": lambda k: warm(k, lambda k: floor(k, 0.8 * T - W, 0.1)),
    "epfml": lambda k: k / W + (1 - k / W) / 100 if k < W else stable(k, 200, sqrt, 0.0),
    "olmo_wsd": lambda k: (k + 1) / W if k < W else min(T - k - 1, 200) / 200,
    "olmo_cos_with_warmup": lambda k: (
        (k + 1) / W if k < W else 0.1 + 0.9 * cosine((k + 1 - W) / (T - W))
    ),
    "olmo_wsds": olmo_wsds,
}


def test_every_formula_is_on_the_page():
    assert set(PARTS) == set(FORMULAS)


@pytest.mark.parametrize("name", FORMULAS)
def test_a_join_is_what_the_framework_does(name):
    steps = T if name.startswith("olmo") else T + 1
    spec = {"kind": "join", "parts": PARTS[name]}
    S = SPECS["join"].model_validate(spec).build(steps)
    expected = [FORMULAS[name](k) for k in range(T)]
    np.testing.assert_allclose(S.schedule[:T], expected, rtol=1e-12, atol=1e-15)


def test_the_first_example_works_for_any_horizon():
    spec = yaml.safe_load(FIRST)["schedules"]["mine"]
    for steps in (200, 1001):
        S = SPECS["join"].model_validate(spec).build(steps)
        assert S.schedule[[0, 50, 100, -1]] == pytest.approx([0, 0.5, 1.0, 0.0], abs=1e-15)
