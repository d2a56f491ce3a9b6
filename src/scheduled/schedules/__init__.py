"""Learning-rate schedules, one module per family."""

from collections.abc import Mapping

from scheduled.core.registry import find_kinds
from scheduled.schedules.backward_polynomial import BackwardPolynomialSchedule
from scheduled.schedules.base import Schedule
from scheduled.schedules.constant import ConstantSchedule
from scheduled.schedules.cooldown import CooldownSchedule, FinalLRSchedule
from scheduled.schedules.cosine import CosineSchedule
from scheduled.schedules.join import JoinedSchedule, Part
from scheduled.schedules.piecewise import PiecewiseConstantSchedule
from scheduled.schedules.polynomial import PolynomialSchedule
from scheduled.schedules.sqrt import SqrtSchedule
from scheduled.schedules.wsd import WSDSchedule

FAMILIES: Mapping[str, type[Schedule]] = find_kinds(__name__, Schedule)
"""The families by the name that they have in a config file: a new one is a new module."""

__all__ = [
    "FAMILIES",
    "BackwardPolynomialSchedule",
    "ConstantSchedule",
    "CooldownSchedule",
    "CosineSchedule",
    "FinalLRSchedule",
    "JoinedSchedule",
    "Part",
    "PiecewiseConstantSchedule",
    "PolynomialSchedule",
    "Schedule",
    "SqrtSchedule",
    "WSDSchedule",
]
