"""One limit on steps, wherever they come in."""

from __future__ import annotations

from collections.abc import Callable

import pytest

import scheduled
from scheduled.bounds.closed_forms import constant_optimum, harmonic_number, wsd_upper_bound
from scheduled.bounds.constrained import minimize_exact
from scheduled.bounds.lr_transfer import base_lr_transfer
from scheduled.core.arguments import STEPS_LIMIT
from scheduled.runs.metadata import MOST_ITERATIONS
from scheduled.schedules import FAMILIES

DOORS: dict[str, tuple[Callable[[int], object], str]] = {
    "optimal schedule": (scheduled.optimal_schedule, "T"),
    "minimum": (minimize_exact, "T"),
    "closed form": (constant_optimum, "T"),
    "theorem": (lambda T: wsd_upper_bound(T, 5), "T"),
    "transfer": (base_lr_transfer, "T"),
    "recognised": (lambda T: scheduled.from_values([1.0, 0.5], horizon=T), "horizon"),
}


IDS = ["one more", "10^18", "10^400"]
MANY = r"=\S+( \(about\))? must be at most"


@pytest.mark.parametrize(
    "number", [STEPS_LIMIT + 1, 10**18, 10**400], ids=["one more", "10^18", "10^400"]
)
@pytest.mark.parametrize("kind", FAMILIES)
def test_schedules(kind: str, number: int) -> None:
    with pytest.raises(ValueError, match=rf"^steps{MANY} {STEPS_LIMIT}$"):
        FAMILIES[kind](number)


@pytest.mark.parametrize(
    "number", [STEPS_LIMIT, 10**18, 10**400], ids=["one more", "10^18", "10^400"]
)
@pytest.mark.parametrize("door", DOORS)
def test_horizons(door: str, number: int) -> None:
    call, name = DOORS[door]
    with pytest.raises(ValueError, match=rf"^{name}{MANY} {MOST_ITERATIONS}$"):
        call(number)


def test_integers_of_no_64_bits() -> None:
    with pytest.raises(ValueError, match=r"^n=1e400 \(about\)"):
        harmonic_number(10**400)
    with pytest.raises(ValueError, match=r"^at\[1\]=1e400 \(about\)"):
        scheduled.from_values([1.0, 0.5], [1, 10**400])
