"""Causal Cauchy sums in extended precision, and steps that are hard on fast ones."""

import math

import numpy as np
from hypothesis import strategies as st


def extended_suffix_sum(values):
    """Return the sums from each entry to the end in extended precision, in blocks of about √n."""
    values = np.asarray(values, dtype=np.longdouble)[::-1]
    width = math.isqrt(values.size) + 1
    padded = np.zeros(-(-values.size // width) * width, dtype=np.longdouble)
    padded[: values.size] = values
    sums = np.cumsum(padded.reshape(-1, width), axis=1)
    sums[1:] += np.cumsum(sums[:-1, -1])[:, None]
    return sums.ravel()[: values.size][::-1]


def extended_cauchy_sum(steps, weights, t):
    """Return Σ_{k<t} q_k / (S_t − S_k), t counted from 1, with every gap a sum of steps."""
    gaps = extended_suffix_sum(steps[1:t])
    return (np.asarray(weights[: t - 1], dtype=np.longdouble) / gaps).sum()


def extended_cauchy_sums(steps, weights):
    """Return the sum of `extended_cauchy_sum` for every t.

    Each gap grows by one step after the other, so that n steps lose n·2⁻⁶⁴ of it at most: far less
    than the errors of doubles that are looked for.
    """
    steps, weights = (np.asarray(values, dtype=np.longdouble) for values in (steps, weights))
    gaps = np.zeros_like(steps)
    sums = np.zeros_like(steps)
    for t in range(1, steps.size):
        gaps[:t] += steps[t]
        sums[t] = (weights[:t] / gaps[:t]).sum()
    return sums


def worst_error(sums, steps, weights, at=None):
    """Return the largest relative error of `sums` at the iterates in `at`, or at all of them."""
    if at is None:
        expected = extended_cauchy_sums(steps, weights)
    else:
        expected = np.array([extended_cauchy_sum(steps, weights, int(t)) for t in at])
        sums = sums[np.asarray(at) - 1]
    errors = np.abs(sums - expected) / np.where(expected, expected, 1)
    return float(errors.max())


def hard_steps(size):
    """Return steps that a tree over the indices, or prefix sums, would have trouble with."""
    rng = np.random.default_rng(size)
    k = np.arange(size)
    return {
        "constant": np.ones(size),
        "linear decay": np.linspace(1.0, 1.0 / size, size),
        "shrinking by 12 orders": np.geomspace(1.0, 1e-12, size),
        "growing by 12 orders": np.geomspace(1e-12, 1.0, size),
        "log-uniform over 12 orders": 10.0 ** rng.uniform(-12, 0, size),
        "rare jumps of 12 orders": np.where(k % 100 == 0, 1.0, 1e-12),
        "sawtooth over 12 orders": 10.0 ** (-12 * (37 * k % 101) / 101),
        "halved to the end": 2.0 ** -(k % 400.0),
        "halved, then tiny": np.where(k < 400, 2.0 ** -np.minimum(k, 400.0), 1e-130),
        "heavy tails": np.minimum(rng.pareto(0.2, size) + 1e-3, 1e30),
        "log-uniform over 200 orders": 10.0 ** rng.uniform(-100, 100, size),
    }


HARD_STEPS = tuple(hard_steps(2))


@st.composite
def hard_problems(draw, orders=75.0, max_runs=12, max_run=160):
    """Draw steps from runs of several kinds, and weights (η_t G_t)² with G_t over 12 orders.

    The steps lie within `orders` orders of magnitude around 1 (75: squares of them and quotients
    by them stay far from the limits of a double).
    """
    exponents = st.floats(-orders, orders)
    runs = []
    for _ in range(draw(st.integers(1, max_runs))):
        kind = draw(st.sampled_from(["constant", "geometric", "random", "jump"]))
        size = 1 if kind == "jump" else draw(st.integers(1, max_run))
        first = draw(exponents)
        if kind == "geometric":
            ratio = draw(st.floats(-1.0, 1.0))
            run = first + ratio * np.arange(size)
        elif kind == "random":
            rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
            run = first + draw(st.floats(0.0, 20.0)) * rng.uniform(-1, 1, size)
        else:
            run = np.full(size, first)
        runs.append(np.clip(run, -orders, orders))
    steps = 10.0 ** np.concatenate(runs)
    norms = np.ones(steps.size)
    if draw(st.booleans()):
        rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
        norms = 10.0 ** rng.uniform(-6, 6, steps.size)
    return steps, (steps * norms) ** 2
