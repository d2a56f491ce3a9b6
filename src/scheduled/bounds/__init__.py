"""Convergence bounds of the subgradient method under a learning-rate schedule."""

from scheduled.bounds.closed_forms import (
    constant_optimum,
    constant_terms,
    harmonic_number,
    wsd_upper_bound,
)
from scheduled.bounds.dispatch import BOUNDS, BoundType, get_bound
from scheduled.bounds.exact import exact_bound, exact_curve, exact_optimal_base
from scheduled.bounds.gradient import last_iterate_gradient
from scheduled.bounds.horizon_transfer import (
    PUBLISHED_CANDIDATES,
    Candidate,
    Extension,
    NoTransfer,
    cooldown_candidates,
    extend_by_cooldown,
    extend_by_lowering,
    factor_candidates,
)
from scheduled.bounds.lr_transfer import BaseLRTransfer, base_lr_transfer
from scheduled.bounds.methods import BoundMethods as BoundMethods
from scheduled.bounds.omega import (
    last_iterate_bound,
    last_iterate_curve,
    last_iterate_terms,
)
from scheduled.bounds.optimal import OptimizedSchedule, minimize_bound, optimal_schedule
from scheduled.bounds.pep import pep_bound
from scheduled.bounds.standard import standard_bound, standard_curve, standard_terms
from scheduled.bounds.tuning import (
    base_lr_terms,
    compute_optimal_base,
    sweep_base_lr,
)

__all__ = [
    "BOUNDS",
    "PUBLISHED_CANDIDATES",
    "BaseLRTransfer",
    "BoundType",
    "Candidate",
    "Extension",
    "NoTransfer",
    "OptimizedSchedule",
    "base_lr_terms",
    "base_lr_transfer",
    "compute_optimal_base",
    "constant_optimum",
    "constant_terms",
    "cooldown_candidates",
    "exact_bound",
    "exact_curve",
    "exact_optimal_base",
    "extend_by_cooldown",
    "extend_by_lowering",
    "factor_candidates",
    "get_bound",
    "harmonic_number",
    "last_iterate_bound",
    "last_iterate_curve",
    "last_iterate_gradient",
    "last_iterate_terms",
    "minimize_bound",
    "optimal_schedule",
    "pep_bound",
    "standard_bound",
    "standard_curve",
    "standard_terms",
    "sweep_base_lr",
    "wsd_upper_bound",
]
