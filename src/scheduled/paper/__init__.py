"""The interface of the package published with arXiv:2501.18965, so that its scripts run on ours.

Nothing else here knows of it. What that package has as well as we do, names above all, is simply
ours; the rest is put on top of our classes when `scheduled` is imported: the order of positional
arguments, ``warmup_kwargs`` and ``cooldown_kwargs``, `get_base_lr`, ``ScheduleBase``, the modules
``scheduled.utils``, ``scheduled.fit`` and ``scheduled.schedules.poly``, and errors of the types
that it raises.
``docs/paper_interface.md`` has every name beside ours, and what differs on purpose.
"""

from __future__ import annotations

import functools
import importlib
import sys
from abc import abstractmethod
from collections.abc import Callable, Mapping, Sequence
from types import ModuleType
from typing import Any, TypeVar

import numpy as np

import scheduled.schedules.base as base
from scheduled.bounds.closed_forms import harmonic_number
from scheduled.bounds.tuning import compute_optimal_base
from scheduled.core.arguments import FloatArray, check_schedule, check_steps
from scheduled.schedules.backward_polynomial import BackwardPolynomialSchedule
from scheduled.schedules.base import Schedule
from scheduled.schedules.constant import ConstantSchedule
from scheduled.schedules.cooldown import CooldownSchedule
from scheduled.schedules.cosine import CosineSchedule
from scheduled.schedules.join import JoinedSchedule
from scheduled.schedules.piecewise import PiecewiseConstantSchedule
from scheduled.schedules.polynomial import PolynomialSchedule
from scheduled.schedules.refined import RefinedSchedule
from scheduled.schedules.sqrt import SqrtSchedule
from scheduled.schedules.wsd import WSDSchedule

COOLDOWN = "cooldown_len decay_type final_lr_absolute warmup_kwargs"
ORDER: dict[type[Schedule], list[str]] = {
    WSDSchedule: f"final_lr steps base_lr {COOLDOWN}".split(),
    CosineSchedule: ["final_lr", "steps", "base_lr", "final_lr_absolute", "warmup_kwargs"],
    ConstantSchedule: ["steps", "base_lr"],
    SqrtSchedule: f"final_lr steps base_lr {COOLDOWN}".split(),
    PiecewiseConstantSchedule: (
        ["steps", "base_lr", "milestones", "factors", "cooldown_kwargs", "warmup_kwargs"]
    ),
    PolynomialSchedule: f"alpha final_lr steps base_lr {COOLDOWN}".split(),
    BackwardPolynomialSchedule: ["steps", "base_lr", "alpha", "final_lr", "warmup_kwargs"],
    JoinedSchedule: ["steps"],
    RefinedSchedule: ["steps"],
}
"""Their positional arguments, in their order."""

WARMUP_KWARGS = {"steps": 0, "warmup_lr": 1e-10, "warmup_lr_absolute": False}
COOLDOWN_KWARGS = {"steps": 0, "type": "linear", "final_lr": 1e-10, "final_lr_absolute": False}

Function = TypeVar("Function", bound=Callable[..., Any])


class ArgumentError(ValueError, AssertionError, KeyError):
    """A wrong argument: a ValueError, as everywhere here, and what that package raises."""

    __str__ = Exception.__str__  # a KeyError would show its message in quotes


def argument_errors(function: Function) -> Function:
    """Raise an `ArgumentError` for every ValueError of a function."""

    @functools.wraps(function)
    def wrapped(*args: Any, **kwargs: Any) -> Any:
        try:
            return function(*args, **kwargs)
        except ValueError as error:
            if type(error) is not ValueError:
                raise
            raise ArgumentError(str(error)) from None

    return wrapped  # type: ignore[return-value]


def our_arguments(
    cls: type[Schedule], args: Sequence[Any], kwargs: Mapping[str, Any]
) -> dict[str, Any]:
    """The arguments of a family, from ours or theirs.

    A single positional argument that is an integer >= 1 is ours, the steps; otherwise the order is
    theirs.

    Examples
    --------
    >>> our_arguments(WSDSchedule, (0.0, 101, 0.5), {"cooldown_len": 0.4})
    {'final_lr': 0.0, 'steps': 101, 'base_lr': 0.5, 'cooldown_len': 0.4}
    """
    order = ORDER[cls]
    if len(args) == 1 and isinstance(args[0], int | np.integer) and args[0] >= 1:
        order = ["steps"]
    if len(args) > len(order):
        raise TypeError(f"{cls.__name__} takes {len(order)} positional arguments: {order}")
    found = dict(zip(order, args, strict=False))
    for name, value in kwargs.items():
        if name in found:
            raise TypeError(f"{cls.__name__} got two values of {name}")
        found[name] = value
    if cls is ConstantSchedule:
        # A WSD schedule there, whose cooldown has no steps.
        for name in ("final_lr", "decay_type", "final_lr_absolute"):
            found.pop(name, None)
    steps = found.get("steps", 100)
    found |= _sorted_milestones(found)
    theirs = _warmup(found.pop("warmup_kwargs", None))
    theirs |= _cooldown(found.pop("cooldown_kwargs", None), steps)
    for name in theirs:
        if name in found:
            raise TypeError(f"{cls.__name__} got two values of {name}")
    return theirs | found


def _sorted_milestones(found: Mapping[str, Any]) -> dict[str, Any]:
    """Milestones in any order, as increasing ones."""
    given = {name: found[name] for name in ("milestones", "factors") if name in found}
    try:
        milestones, factors = given["milestones"], given["factors"]
        if len(milestones) == len(factors):
            pairs = sorted(zip(milestones, factors, strict=True), key=lambda pair: pair[0])
            given = {"milestones": [m for m, _ in pairs], "factors": [f for _, f in pairs]}
    except (KeyError, TypeError):
        pass  # what is wrong about them the family says
    return given


def _warmup(kwargs: Mapping[str, Any] | None) -> dict[str, Any]:
    if kwargs is None:
        return {}
    merged = WARMUP_KWARGS | _known("warmup_kwargs", kwargs, WARMUP_KWARGS)
    return {"warmup_steps" if name == "steps" else name: v for name, v in merged.items()}


def _cooldown(kwargs: Mapping[str, Any] | None, steps: int) -> dict[str, Any]:
    if kwargs is None:
        return {}
    merged = COOLDOWN_KWARGS | _known("cooldown_kwargs", kwargs, COOLDOWN_KWARGS)
    count = check_steps("cooldown_kwargs['steps']", merged["steps"], low=0)
    return {
        "cooldown_len": count / check_steps("steps", steps),
        "decay_type": merged["type"],
        "final_lr": merged["final_lr"],
        "final_lr_absolute": merged["final_lr_absolute"],
    }


def _known(name: str, kwargs: Mapping[str, Any], allowed: Mapping[str, Any]) -> dict[str, Any]:
    if not isinstance(kwargs, Mapping):
        raise ArgumentError(f"{name}={kwargs!r} must be a mapping")
    for key in kwargs:
        if key not in allowed:
            raise ArgumentError(f"{name} has the key {key!r}; allowed: {', '.join(allowed)}")
    return dict(kwargs)


class ScheduleBase(CooldownSchedule):
    """Base of schedules written for that package.

    A subclass has the method `_construct_main_schedule`, which returns the relative learning rates
    between warm-up and cooldown.

    Parameters
    ----------
    steps : int
        N >= 1.
    base_lr : float
        γ > 0.
    warmup_kwargs : dict, optional
        ``steps`` (0), ``warmup_lr`` (1e-10), ``warmup_lr_absolute`` (False).
    cooldown_kwargs : dict, optional
        ``steps`` (0), ``type`` ("linear"), ``final_lr`` (1e-10), ``final_lr_absolute`` (False).

    Examples
    --------
    >>> class Harmonic(ScheduleBase):
    ...     def _construct_main_schedule(self):
    ...         return 1 / np.arange(1, self._main_steps + 1)
    >>> Harmonic(5, 0.5, cooldown_kwargs={"steps": 2, "final_lr": 0.0}).schedule
    array([0.5       , 0.25      , 0.16666667, 0.08333333, 0.        ])
    """

    def __init__(
        self,
        steps: int,
        base_lr: float = 1.0,
        warmup_kwargs: Mapping[str, Any] | None = None,
        cooldown_kwargs: Mapping[str, Any] | None = None,
    ) -> None:
        ours = _warmup(warmup_kwargs) | argument_errors(_cooldown)(cooldown_kwargs, steps)
        argument_errors(super().__init__)(steps, base_lr=base_lr, **ours)

    # Fields do not tell two of a subclass apart, which has arguments of its own.
    __eq__ = object.__eq__
    __hash__ = object.__hash__

    @abstractmethod
    def _construct_main_schedule(self) -> FloatArray:
        """Return the relative LRs between warm-up and cooldown."""

    @property
    def _main_steps(self) -> int:
        return self.steps - self.warmup_steps - self.cooldown_steps

    def main_lrs(self, count: int) -> FloatArray:
        lrs = check_schedule(self._construct_main_schedule(), "main schedule")
        if lrs.size != count:
            raise ArgumentError(
                f"main schedule of {lrs.size} steps must have {count}: steps={self.steps} without "
                f"warm-up ({self.warmup_steps}) and cooldown ({self.cooldown_steps})"
            )
        return lrs


def set_plot_aesthetics() -> None:
    """Draw all following figures in the style of this project."""
    # Only a plot needs matplotlib, by name as in `scheduled.schedules.view`.
    style = importlib.import_module("scheduled.figures.kit.style")
    importlib.import_module("matplotlib").rcParams.update(style.RC)


def do_fancy_legend(ax: Any, labels: Sequence[str], **legend: Any) -> Any:
    """Draw a legend of the lines with these labels, in their order; further arguments go to it."""
    handles = dict(zip(*reversed(ax.get_legend_handles_labels()), strict=True))
    missing = [label for label in labels if label not in handles]
    if missing:
        raise ArgumentError(f"labels={missing} must be labels of lines: {', '.join(handles)}")
    return ax.legend([handles[label] for label in labels], list(labels), **legend)


UTILS = {
    "harmonic_number": harmonic_number,
    "set_plot_aesthetics": set_plot_aesthetics,
    "do_fancy_legend": do_fancy_legend,
    "FIGSIZE11": (4, 3),
    "FIGSIZE12": (8, 3),
}
POLY = {
    "PolynomialCooldownSchedule": PolynomialSchedule,
    "PolynomialBackwardSchedule": BackwardPolynomialSchedule,
}
BASE = {"ScheduleBase": ScheduleBase, "compute_optimal_base": compute_optimal_base}


def _compute_rate(ours: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(ours)
    def compute_rate(self: Any, *args: Any, eps: float = 0.0, **kwargs: Any) -> Any:
        if eps != 0:
            raise ArgumentError(f"eps={eps!r} must be 0: no division here needs it")
        return ours(self, *args, **kwargs)

    return argument_errors(compute_rate)


def _init(cls: type[Schedule]) -> Callable[..., None]:
    ours = cls.__init__

    @functools.wraps(ours)
    def __init__(self: Schedule, *args: Any, **kwargs: Any) -> None:
        ours(self, **our_arguments(cls, args, kwargs))

    return argument_errors(__init__)


def _field(schedule: Schedule, name: str) -> Any:
    return getattr(schedule, name, 0)


def _install() -> None:
    for cls in ORDER:
        # A subclass of a family has an __init__ of its own, which takes what it says.
        setattr(cls, "__init__", _init(cls))  # noqa: B010
        # By kind and number of steps: equal ones have the same, whatever their base LR becomes.
        setattr(cls, "__hash__", lambda self: hash((self.kind, self.steps)))  # noqa: B010
    Schedule.set_base_lr = argument_errors(Schedule.set_base_lr)  # type: ignore[method-assign]
    setattr(base.BoundMethods, "compute_rate", _compute_rate(base.BoundMethods.compute_rate))  # noqa: B010
    Schedule.get_base_lr = lambda self: self.base_lr  # type: ignore[attr-defined]
    for name in ("steps", "warmup_steps", "cooldown_steps", "base_lr"):
        setattr(Schedule, f"_{name}", property(functools.partial(_field, name=name)))
    vars(base).update(BASE)
    # Only here are the names of this module, which it needs, complete.
    fit = {"RateFitter": importlib.import_module("scheduled.paper.rate_fitter").RateFitter}
    for module, names in (
        ("scheduled.utils", UTILS),
        ("scheduled.fit", fit),
        ("scheduled.schedules.poly", POLY),
    ):
        made = ModuleType(module, "See scheduled.paper.")
        vars(made).update(names)
        package, _, name = module.rpartition(".")
        setattr(sys.modules[package], name, made)
        sys.modules[module] = made


_install()
