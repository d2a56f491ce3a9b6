"""Convergence bounds of the subgradient method under a learning-rate schedule."""

from scheduled.bounds.closed_forms import (
    constant_optimum,
    constant_terms,
    harmonic,
    wsd_upper_bound,
)
from scheduled.bounds.dispatch import BOUNDS, BoundType, get_bound
from scheduled.bounds.last_iterate import last_iterate_bound, last_iterate_curve, last_iterate_terms
from scheduled.bounds.standard import standard_bound, standard_curve, standard_terms
from scheduled.bounds.tuning import base_lr_terms, compute_optimal_base, sweep_base_lr

__all__ = [
    "BOUNDS",
    "BoundType",
    "base_lr_terms",
    "compute_optimal_base",
    "constant_optimum",
    "constant_terms",
    "get_bound",
    "harmonic",
    "last_iterate_bound",
    "last_iterate_curve",
    "last_iterate_terms",
    "standard_bound",
    "standard_curve",
    "standard_terms",
    "sweep_base_lr",
    "wsd_upper_bound",
]
