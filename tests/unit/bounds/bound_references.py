"""The bounds written a second time, from their definitions, and cases to try them on."""

import warnings

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
    value, reference = np.atleast_1d(value), np.atleast_1d(reference)
    assert value.shape == reference.shape
    return float(np.abs((value - reference) / reference).max(initial=0))


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


def reference_point_bound(lrs, norms, D, T):
    """The bound of arXiv:2307.11134 for any schedule, min_s B(s): exact for falling norms.

    With S_T = s, v_{T−1} = 1, S_k = S_{k+1} + h_k v_k, v_{k−1} = s/S_k for k = T−1 … 1,
    B(s) = [v_0² D² + Σ_{k<T} h_k² v_k² G_k² + s² G_T²]/(2s). A scan, made closer five times around
    its best point.
    """
    lrs, norms = np.asarray(lrs, float), np.broadcast_to(np.asarray(norms, float), (len(lrs),))
    logs = np.linspace(-60.0, 40.0, 4001) + np.log(max(D, lrs.max()) / norms[T - 1])
    for _ in range(6):
        s = np.exp(logs)
        v, total, squares = np.ones_like(s), s.copy(), np.zeros_like(s)
        for k in range(T - 2, -1, -1):
            squares += (lrs[k] * v * norms[k]) ** 2
            total += lrs[k] * v
            v = s / total
        values = ((v * D) ** 2 + squares + (s * norms[T - 1]) ** 2) / (2 * s)
        best = int(np.argmin(values))
        logs = np.linspace(logs[max(best - 1, 0)], logs[min(best + 1, logs.size - 1)], 101)
    return float(values.min())


def exact_as_cone_program(lrs, norms, D):
    """The upper problem (U) of `scheduled.bounds.exact` by CLARABEL, for x_T after all steps."""
    import cvxpy

    h, g = np.asarray(lrs, float)[:-1], np.asarray(norms, float) ** 2
    A, B = cvxpy.Variable(h.size + 1), cvxpy.Variable(h.size)
    constraints = [
        A[:-1] - A[1:] - h <= B,
        # B A >= h²/4
        cvxpy.SOC(A[1:] + B, cvxpy.vstack([h, A[1:] - B]), axis=0),
    ]
    cost = D * D / 4 * cvxpy.inv_pos(A[0]) + g[:-1] @ B + g[-1] * A[-1]
    problem = cvxpy.Problem(cvxpy.Minimize(cost), constraints)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of the last digits
        return float(problem.solve(solver="CLARABEL", tol_gap_rel=1e-10, tol_feas=1e-10))
