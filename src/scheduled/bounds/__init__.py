"""Convergence bounds of the subgradient method under a learning-rate schedule."""

from scheduled.bounds.closed_forms import (
    constant_optimum,
    constant_terms,
    harmonic_number,
    wsd_upper_bound,
)
from scheduled.bounds.constrained import ConstrainedSchedule, minimize_exact
from scheduled.bounds.descent import OptimizedSchedule, minimize_bound
from scheduled.bounds.dispatch import BOUNDS, BoundType, get_bound
from scheduled.bounds.exact import (
    ExactWorstCase,
    WorstFunction,
    exact_bound,
    exact_curve,
    exact_optimal_base,
    exact_worst_case,
)
from scheduled.bounds.gradient import last_iterate_gradient
from scheduled.bounds.horizon_transfer import (
    PUBLISHED_COOLDOWNS,
    PUBLISHED_FACTORS,
    PUBLISHED_SQRT_COOLDOWNS,
    Candidate,
    Extension,
    NoTransfer,
    closest_candidate,
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
from scheduled.bounds.optimal import optimal_schedule, optimal_schedule_for
from scheduled.bounds.pep import pep_bound
from scheduled.bounds.standard import standard_bound, standard_curve, standard_terms
from scheduled.bounds.tuning import (
    base_lr_terms,
    compute_optimal_base,
    sweep_base_lr,
)

__all__ = [
    "BOUNDS",
    "PUBLISHED_COOLDOWNS",
    "PUBLISHED_FACTORS",
    "PUBLISHED_SQRT_COOLDOWNS",
    "BaseLRTransfer",
    "BoundType",
    "Candidate",
    "ConstrainedSchedule",
    "ExactWorstCase",
    "Extension",
    "NoTransfer",
    "OptimizedSchedule",
    "WorstFunction",
    "base_lr_terms",
    "base_lr_transfer",
    "closest_candidate",
    "compute_optimal_base",
    "constant_optimum",
    "constant_terms",
    "cooldown_candidates",
    "exact_bound",
    "exact_curve",
    "exact_optimal_base",
    "exact_worst_case",
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
    "minimize_exact",
    "optimal_schedule",
    "optimal_schedule_for",
    "pep_bound",
    "standard_bound",
    "standard_curve",
    "standard_terms",
    "sweep_base_lr",
    "wsd_upper_bound",
]
