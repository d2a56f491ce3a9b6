"""Learning-rate schedules, their convergence bounds, and the experiments around them.

Examples
--------
>>> from scheduled import CosineSchedule, WSDSchedule, compute_optimal_base
>>> S = WSDSchedule(final_lr=0.0, steps=401, cooldown_len=0.2, base_lr=1.0)
>>> base_lr, bound = compute_optimal_base(S, G=1.0, D=1.0, T=400)
>>> S.set_base_lr(base_lr)
>>> abs(S.compute_rate(grad_norms=1.0, D=1.0, T=400) - bound) < 1e-15
True
"""

from scheduled.bounds import (
    NoTransfer,
    base_lr_terms,
    compute_optimal_base,
    constant_optimum,
    constant_terms,
    exact_bound,
    exact_curve,
    exact_optimal_base,
    extend_by_cooldown,
    extend_by_lowering,
    harmonic_number,
    last_iterate_bound,
    last_iterate_curve,
    last_iterate_gradient,
    last_iterate_terms,
    minimize_bound,
    optimal_schedule,
    pep_bound,
    standard_bound,
    standard_curve,
    standard_terms,
    sweep_base_lr,
    wsd_upper_bound,
)
from scheduled.bounds.lr_transfer import base_lr_transfer
from scheduled.schedules import (
    FAMILIES,
    BackwardPolynomialSchedule,
    ConstantSchedule,
    CooldownSchedule,
    CosineSchedule,
    FinalLRSchedule,
    JoinedSchedule,
    Part,
    PiecewiseConstantSchedule,
    PolynomialSchedule,
    Schedule,
    SqrtSchedule,
    WSDSchedule,
)
from scheduled.schedules.recognise import Recognised, from_values
from scheduled.schedules.refined import refined_schedule
from scheduled.schedules.tabulated import TabulatedSchedule

# On top of the classes above, whose names are taken from here on.
from scheduled import paper as paper  # isort: skip

__version__ = "0.1.0"

__all__ = [
    "FAMILIES",
    "BackwardPolynomialSchedule",
    "ConstantSchedule",
    "CooldownSchedule",
    "CosineSchedule",
    "FinalLRSchedule",
    "JoinedSchedule",
    "NoTransfer",
    "Part",
    "PiecewiseConstantSchedule",
    "PolynomialSchedule",
    "Recognised",
    "Schedule",
    "SqrtSchedule",
    "TabulatedSchedule",
    "WSDSchedule",
    "__version__",
    "base_lr_terms",
    "base_lr_transfer",
    "compute_optimal_base",
    "constant_optimum",
    "constant_terms",
    "exact_bound",
    "exact_curve",
    "exact_optimal_base",
    "extend_by_cooldown",
    "extend_by_lowering",
    "from_values",
    "harmonic_number",
    "last_iterate_bound",
    "last_iterate_curve",
    "last_iterate_gradient",
    "last_iterate_terms",
    "minimize_bound",
    "optimal_schedule",
    "pep_bound",
    "refined_schedule",
    "standard_bound",
    "standard_curve",
    "standard_terms",
    "sweep_base_lr",
    "wsd_upper_bound",
]
