"""Linear fits of positive numbers with coefficients >= 0, by the Huber loss of their logarithms.

The objective is Σ huber_δ(log y − log X·c), δ = 1e-3: relative errors, of which large ones count
linearly.
"""

from __future__ import annotations

import math

import numpy as np

from scheduled.core.arguments import FloatArray

__all__ = ["DELTA", "fit_coefficients", "huber"]

DELTA = 1e-3
"""δ of the Huber loss: relative errors above it count linearly."""
ROUNDS = 60


def huber(residuals: FloatArray) -> float:
    """Σ of ½ρ² up to |ρ| = δ, and of δ(|ρ| − δ/2) beyond."""
    return _objective(np.abs(residuals))


def _objective(sizes: FloatArray) -> float:
    """The same of |ρ|. Of the smaller of |ρ| and δ, s: s(|ρ| − s/2)."""
    smaller = np.minimum(sizes, DELTA)
    return float(np.add.reduce(smaller * (sizes - 0.5 * smaller)))


def fit_coefficients(features: FloatArray, losses: FloatArray) -> tuple[FloatArray, float]:
    """The coefficients >= 0 with the least objective, and the objective there.

    Newton steps where they lower the objective, else steps of reweighted least squares, which go to
    the same minimum and take several times as many.

    Parameters
    ----------
    features : array, shape (K, M)
        X.
    losses : array, shape (K,)
        y > 0.

    Returns
    -------
    coefficients : array, shape (M,)
    objective : float

    Examples
    --------
    >>> features = np.array([[1.0, 0.0], [1.0, 1.0], [1.0, 2.0]])
    >>> fit_coefficients(features, features @ [2.0, 3.0])[0].round(6)
    array([2., 3.])
    """
    scales = np.abs(features).max(axis=0)
    scales[scales == 0] = 1.0
    columns = features / scales
    # Sums over an orthonormal basis are as good as the columns let them be.
    basis, triangle = np.linalg.qr(columns)
    logs = np.log(losses)
    try:
        point = basis.T @ losses
        predicted, rho, sizes, objective = _residuals(basis, point, logs)
        for _ in range(ROUNDS):
            if not math.isfinite(objective):
                break
            relative = basis / predicted[:, None]
            within = sizes <= DELTA
            pull = relative.T @ np.minimum(np.maximum(rho, -DELTA), DELTA)
            before, moved = point, None
            if np.count_nonzero(within) >= point.size:
                near = relative[within]
                point = before + np.linalg.solve(near.T @ near, pull)
                moved = _residuals(basis, point, logs)
            if moved is None or moved[3] > objective * (1 + 1e-12):
                weights = DELTA / np.maximum(sizes, DELTA)
                point = before + np.linalg.solve(relative.T @ (relative * weights[:, None]), pull)
                moved = _residuals(basis, point, logs)
            predicted, rho, sizes, objective = moved
            if np.abs(point - before).max() <= 1e-10 * np.abs(point).max():
                break
        solution = np.linalg.solve(triangle, point)
    except np.linalg.LinAlgError:  # features that depend on one another
        solution = np.full(scales.size, -1.0)
    if (solution < 0).any() or not math.isfinite(objective):
        solution, objective = _fit_nonnegative(columns, losses)
    return solution / scales, objective


def _residuals(
    basis: FloatArray, point: FloatArray, logs: FloatArray
) -> tuple[FloatArray, FloatArray, FloatArray, float]:
    """Predictions, residuals ρ of their logarithms, |ρ|, and the objective, which may be ∞."""
    predicted = basis @ point
    if not np.minimum.reduce(predicted) > 0:
        return predicted, predicted, predicted, math.inf
    rho = logs - np.log(predicted)
    sizes = np.abs(rho)
    return predicted, rho, sizes, _objective(sizes)


def _fit_nonnegative(columns: FloatArray, losses: FloatArray) -> tuple[FloatArray, float]:
    """The same by reweighted least squares alone, with coefficients kept >= 0."""
    from scipy.optimize import nnls

    predicted, rho, sizes = losses, np.zeros_like(losses), np.zeros_like(losses)
    solution = np.zeros(columns.shape[1])
    logs = np.log(losses)
    for _ in range(ROUNDS):
        weights = np.sqrt(DELTA / np.maximum(sizes, DELTA)) / predicted
        before = solution
        solution = nnls(columns * weights[:, None], predicted * (1 + rho) * weights)[0]
        predicted, rho, sizes, objective = _residuals(columns, solution, logs)
        if not math.isfinite(objective):
            break
        if np.abs(solution - before).max() <= 1e-10 * np.abs(solution).max():
            break
    return solution, objective
