"""A confidence interval for the ratio of two coefficients of a linear regression."""

from __future__ import annotations

import math

from scheduled.core.rounding import ROUNDING


def ratio_interval(
    a: float, b: float, var_a: float, cov_ab: float, var_b: float, quantile: float
) -> tuple[float, float]:
    """Return the confidence interval of a positive ratio a/b by Fieller's theorem.

    a − ρb is normal with mean 0 at the true ratio ρ, so the ratios that are not rejected are those
    with

        (a − ρb)² <= q² (var_a − 2ρ cov_ab + ρ² var_b),

    a quadratic inequality. For normal errors its coverage is exact, however few the points, which
    that of a delta method is not. The price: where b is not told apart from 0, no large ratio can
    be excluded, and the interval has no upper end; nor a lower one where a is not. An end that
    rounding alone would make, from b² and q² var_b or a² and q² var_a that agree to `ROUNDING`, is
    none.

    Parameters
    ----------
    a, b : float
        The estimates, both > 0.
    var_a, cov_ab, var_b : float
        Their variances and covariance.
    quantile : float
        q, of the t distribution with the degrees of freedom of the variances.

    Returns
    -------
    low, high : float
        0 and infinity stand for no lower and no upper end. Should the set be all but a gap in the
        middle, it is given as (0, inf), which holds it.

    References
    ----------
    E. C. Fieller, Some problems in interval estimation, J. R. Stat. Soc. B 16 (1954).

    Examples
    --------
    >>> low, high = ratio_interval(2.0, 1.0, 0.01, 0.0, 0.01, quantile=2.0)
    >>> round(low, 3), round(high, 3)
    (1.619, 2.547)
    >>> ratio_interval(2.0, 1.0, 0.01, 0.0, 1.0, quantile=2.0)[1]
    inf
    """
    square = b * b - quantile**2 * var_b
    half = a * b - quantile**2 * cov_ab
    rest = a * a - quantile**2 * var_a
    root = math.sqrt(max(half * half - square * rest, 0.0))
    # The set holds a/b > 0, so the ends have one sign, or one of them is below 0. Of the two forms
    # of a root, each time the one without cancellation.
    low, high = 0.0, math.inf
    if rest > ROUNDING * a * a:
        low = rest / (half + root) if half > 0 else (half - root) / square
    if square > ROUNDING * b * b:
        high = (half + root) / square if half > 0 else rest / (half - root)
    return low, high
