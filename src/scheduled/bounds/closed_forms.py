"""Closed forms of the last-iterate bound for the constant and the WSD schedule.

They serve as references, in tests, claims and figures: no bound is computed from them.

References
----------
.. [1] F. Schaipp et al., arXiv:2501.18965, the results on the constant and the wsd schedule.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import ArrayLike

from scheduled.bounds.problem import in_range
from scheduled.core.arguments import (
    STEPS_LIMIT,
    FloatArray,
    check_integer,
    check_number,
    check_steps,
    refuse_mask,
    shown,
)
from scheduled.core.wide import Wide


def harmonic_number(n: ArrayLike) -> FloatArray:
    """Return the harmonic numbers H_n = 1 + 1/2 + … + 1/n, with H_0 = 0.

    Parameters
    ----------
    n : int or array of int
        Numbers >= 0.

    Returns
    -------
    array, shape of `n`

    Raises
    ------
    ValueError
        If an entry is not an integer >= 0.

    Examples
    --------
    >>> harmonic_number([0, 1, 2, 4])
    array([0.        , 1.        , 1.5       , 2.08333333])
    """
    # `import scheduled` is to cost no more than numpy; scipy only where it is used.
    from scipy.special import digamma

    refuse_mask("n", n)
    array = np.asarray(n)
    if array.dtype.kind not in "iu" or (array < 0).any():
        raise ValueError(f"n={shown(n)} must hold integers >= 0 and below 2**63")
    return np.where(array == 0, 0.0, digamma(array + 1.0) + np.euler_gamma)


def constant_terms(
    T: int, base_lr: float = 1.0, G: float = 1.0, D: float = 1.0
) -> tuple[float, float, float]:
    """Return the three terms of Ω_T for the constant schedule.

    They are D²/(2γT), γG²/2 and γG² H_{T−1}/2: the logarithm in the last one is the price that
    the last iterate pays for a constant learning rate.

    Parameters
    ----------
    T : int
        The iterate, >= 1.
    base_lr : float
        Base learning rate γ > 0.
    G, D : float
        Gradient norm and distance ‖x_1 − x*‖, both >= 0.

    Returns
    -------
    distance, noise, tail : float
        As in `scheduled.bounds.omega.last_iterate_terms`.

    Raises
    ------
    ValueError
        If an argument is out of range.

    References
    ----------
    arXiv:2501.18965, the constant schedule.

    Examples
    --------
    >>> constant_terms(2, base_lr=0.5)
    (0.5, 0.25, 0.25)
    """
    T = check_steps("T", T, high=STEPS_LIMIT - 1)
    base_lr = check_number("base_lr", base_lr, above=True)
    G, D = check_number("G", G), check_number("D", D)
    half = Wide(base_lr) * G * G / 2
    terms = Wide(D) * D / (2 * Wide(base_lr) * T), half, half * harmonic_number(T - 1)
    distance, noise, tail = (float(term.value()) for term in terms)
    return distance, noise, tail


def constant_optimum(T: int, G: float = 1.0, D: float = 1.0) -> tuple[float, float]:
    """Return the best base LR of the constant schedule and its bound Ω_T.

    They are γ* = D / (G √(T (1 + H_{T−1}))) and Ω_T(γ*) = D G/√T · √(1 + H_{T−1}).

    Parameters
    ----------
    T : int
        The iterate, >= 1.
    G, D : float
        Gradient norm and distance ‖x_1 − x*‖, both > 0.

    Returns
    -------
    base_lr, bound : float

    Raises
    ------
    ValueError
        If an argument is out of range.

    References
    ----------
    arXiv:2501.18965, the constant schedule.

    Examples
    --------
    >>> constant_optimum(1, G=2.0, D=3.0)
    (1.5, 6.0)
    """
    T = check_steps("T", T, high=STEPS_LIMIT - 1)
    G, D = check_number("G", G, above=True), check_number("D", D, above=True)
    root = math.sqrt((1 + float(harmonic_number(T - 1))) / T)
    base_lr, bound = D / (Wide(G) * T * root), Wide(D) * G * root
    return in_range("γ*", base_lr, D=D, G=G), in_range("bound", bound, D=D, G=G)


def wsd_upper_bound(T: int, cooldown_start: int, G: float = 1.0, D: float = 1.0) -> float:
    """Return the upper bound on the tuned Ω_T of WSD with a linear cooldown to 0.

    With T0 the cooldown start, it is D G times the root of

        4/(T+T0) · [ 2/3 + (T+2T0)/(3(T+T0)) + H_{T+T0−2} − H_{T−T0+1}
                     − (T−T0)(T0−1)/(3(T−T0+2)(T+T0)) + 1/(T−T0)² + H_{T−T0−1}/(T−T0+1) ].

    For T0 proportional to T no term grows with T: the cooldown removes the logarithm that the
    constant schedule has.

    Parameters
    ----------
    T : int
        The iterate, >= 3; the schedule has N = T + 1 steps, the last of them 0.
    cooldown_start : int
        T0 in [2, T−1]: with n cooldown steps, T0 = N − n, the last step with the full LR. At
        T0 = 1 (linear decay) the formula is no upper bound: H_{T+T0−2} − H_{T−T0+1} stands for a
        sum over the steps before T0, of which there are none, but is −1/T; for T >= 4 it falls
        short of the tuned Ω_T, by up to 1.2 %.
    G, D : float
        Gradient norm and distance ‖x_1 − x*‖, both >= 0.

    Returns
    -------
    float
        In units of the function value.

    Raises
    ------
    ValueError
        If an argument is out of range.

    References
    ----------
    arXiv:2501.18965, the theorem on the wsd schedule.

    Examples
    --------
    >>> round(wsd_upper_bound(400, cooldown_start=320), 6)
    0.134204
    """
    T = check_steps("T", T, low=3, high=STEPS_LIMIT - 1)
    T0 = check_integer("cooldown_start", cooldown_start, low=2, high=T - 1)
    G, D = check_number("G", G), check_number("D", D)
    total, length = T + T0, T - T0
    H = harmonic_number([total - 2, length + 1, length - 1])
    bracket = (
        2 / 3
        + (T + 2 * T0) / (3 * total)
        + (H[0] - H[1])
        - length * (T0 - 1) / (3 * (length + 2) * total)
        + 1 / length**2
        + H[2] / (length + 1)
    )
    bound = Wide(D) * G * math.sqrt(4 / total * float(bracket))
    return in_range("bound", bound, D=D, G=G)
