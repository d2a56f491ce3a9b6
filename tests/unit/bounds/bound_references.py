"""The bounds written a second time, from their definitions, and cases to try them on."""

import mpmath
import numpy as np

from scheduled import (
    BackwardPolynomialSchedule,
    ConstantSchedule,
    CosineSchedule,
    PiecewiseConstantSchedule,
    PolynomialSchedule,
    SqrtSchedule,
    WSDSchedule,
)


def double_sum_terms(schedule, grad_norms, D, T):
    """Return the three terms of Ω_T in extended precision, by the original double sum."""
    eta = np.asarray(schedule, dtype=np.longdouble)[:T]
    norms = np.broadcast_to(np.asarray(grad_norms, dtype=np.longdouble), np.shape(schedule))[:T]
    lr_tail = np.cumsum(eta[::-1])[::-1]  # Σ_{t=k}^{T} η_t
    square_tail = np.cumsum((eta**2 * norms**2)[::-1])[::-1]
    double = (eta[:-1] / lr_tail[1:] * square_tail[:-1] / lr_tail[:-1]).sum()
    return np.longdouble(D) ** 2 / (2 * lr_tail[0]), square_tail[0] / (2 * lr_tail[0]), double / 2


def exact_terms(schedule, grad_norms, D, T):
    """Return the three terms of Ω_T in 60 digits, with every sum written out."""
    with mpmath.workdps(60):
        eta = [mpmath.mpf(float(x)) for x in schedule]
        norms = [mpmath.mpf(float(x)) for x in np.broadcast_to(grad_norms, len(eta))]

        def lrs(k):
            return mpmath.fsum(eta[t - 1] for t in range(k, T + 1))

        def squares(k):
            return mpmath.fsum((eta[t - 1] * norms[t - 1]) ** 2 for t in range(k, T + 1))

        double = mpmath.fsum(
            eta[k - 1] / lrs(k + 1) * squares(k) / lrs(k) for k in range(1, T) if eta[k - 1] > 0
        )
        return mpmath.mpf(D) ** 2 / (2 * lrs(1)), squares(1) / (2 * lrs(1)), double / 2


def relative_error(value, reference):
    """Return the largest relative error of a value, or of several."""
    value, reference = np.asarray(value), np.asarray(reference)
    return max(
        (abs(float((v - r) / r)) for v, r in zip(value.flat, reference.flat, strict=True)),
        default=0.0,
    )


def all_families(steps):
    """Return one schedule of each family, and of each variant that changes its character."""
    return {
        "constant": ConstantSchedule(steps, base_lr=0.3),
        "constant_warmup": ConstantSchedule(steps, warmup_steps=steps // 10),
        "wsd": WSDSchedule(steps, base_lr=0.02),
        "linear": WSDSchedule(steps, cooldown_len=1.0),
        "wsd_1-sqrt": WSDSchedule(steps, decay_type="1-sqrt", warmup_steps=steps // 20),
        "cosine": CosineSchedule(steps, base_lr=0.05, warmup_steps=steps // 20),
        "cosine_cycle": CosineSchedule(steps, final_lr=0.1, cycle_len=1.5),
        "sqrt": SqrtSchedule(steps, cooldown_len=0.3),
        "polynomial": PolynomialSchedule(steps, alpha=1.7, cooldown_len=0.1),
        "backward_polynomial": BackwardPolynomialSchedule(steps, alpha=3.0),
        "piecewise": PiecewiseConstantSchedule(
            steps,
            milestones=(steps // 3, steps // 2),
            factors=(0.5, 1e-3),
            cooldown_len=0.2,
        ),
    }


def all_grad_norms(steps):
    """Return gradient norms of several kinds: a scalar, a power law, nine orders of magnitude."""
    rng = np.random.default_rng(1)
    return {
        "scalar": 1.7,
        "decaying": np.arange(1.0, steps + 1) ** -1.0,
        "wild": 10.0 ** rng.uniform(-6, 3, steps),
        "some_zero": rng.integers(0, 2, steps).astype(float),
    }


FAMILY_NAMES = tuple(all_families(10))
GRAD_NORM_NAMES = tuple(all_grad_norms(10))
