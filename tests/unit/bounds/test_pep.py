import numpy as np
import pytest

import scheduled.bounds.pep as pep
from scheduled import (
    ConstantSchedule,
    CosineSchedule,
    SqrtSchedule,
    WSDSchedule,
    compute_optimal_base,
    exact_bound,
    exact_optimal_base,
    pep_bound,
)

# An order of magnitude above what the solver promises.
TOLERANCE = 1e-7


def five_schedules(T):
    return {
        "wsd": WSDSchedule(T + 1, cooldown_len=0.2),
        "cosine": CosineSchedule(T + 1),
        "linear": WSDSchedule(T + 1, cooldown_len=1.0),
        "sqrt": SqrtSchedule(T + 1),
        "constant": ConstantSchedule(T + 1),
    }


@pytest.mark.parametrize("T", [6, pytest.param(12, marks=pytest.mark.robustness)])
@pytest.mark.parametrize("name", five_schedules(3))
def test_exact_bound_is_the_worst_case_of_the_five_schedules(name, T):
    S = five_schedules(T)[name]
    S.set_base_lr(compute_optimal_base(S, G=3.0, D=2.0, T=T)[0])
    worst = pep_bound(S.schedule, 3.0, 2.0, T)
    assert exact_bound(S.schedule, 3.0, 2.0, T) == pytest.approx(worst, rel=TOLERANCE)


def test_exact_bound_is_the_worst_case_of_random_steps():
    rng = np.random.default_rng(1)
    for _ in range(6):
        T = int(rng.integers(1, 7))
        lrs = rng.uniform(0, 1, T) * rng.integers(0, 4, T).clip(0, 1) * 10 ** rng.uniform(-1, 1)
        D, G = 10 ** rng.uniform(-1, 1, 2)
        worst = pep_bound(lrs, G, D * G, T)
        assert exact_bound(lrs, G, D * G, T) == pytest.approx(worst, rel=TOLERANCE)


def test_exact_bound_is_the_worst_case_if_norms_vary():
    rng = np.random.default_rng(2)
    for i in range(8):
        T = int(rng.integers(2, 7))
        # Every other time over four orders of magnitude.
        lrs = 10 ** rng.uniform(-2, 2, T) if i % 2 else rng.uniform(0, 1, T)
        norms = 10 ** rng.uniform(-0.5, 0.5, T)
        worst = pep_bound(lrs, norms, 1.0, T)
        assert exact_bound(lrs, norms, 1.0, T) == pytest.approx(worst, rel=TOLERANCE)


def test_minimax_value_of_linear_decay():
    base_lr, _ = exact_optimal_base(WSDSchedule(9, cooldown_len=1.0), T=9)
    S = WSDSchedule(9, cooldown_len=1.0, base_lr=base_lr)
    assert pep_bound(S.schedule, 1.0, 1.0, T=9) == pytest.approx(1 / 3, rel=TOLERANCE)


def test_edges():
    assert pep_bound([1.0, 1.0], [2.0, 5.0], 3.0, T=1) == pytest.approx(6.0, rel=TOLERANCE)
    assert pep_bound([0.0, 0.0], [2.0, 5.0], 3.0, T=2) == pytest.approx(15.0, rel=TOLERANCE)
    # Starting at the minimiser, steps lead away from it.
    assert pep_bound([0.5, 0.5, 0.5], 2.0, 0.0) == pytest.approx(
        exact_bound([0.5, 0.5, 0.5], 2.0, 0.0), rel=TOLERANCE
    )
    assert pep_bound([1.0, 1.0], [1.0, 0.0], 1.0) == 0.0
    assert pep_bound([1.0], 1.0, 0.0) == 0.0


def test_every_step_but_the_last_is_used_and_norms_are_squared():
    lrs = [0.7, 0.1, 0.4, 0.2]
    worst = pep_bound(lrs, 2.0, 1.0)
    assert pep_bound([*lrs[:3], 5.0], 2.0, 1.0) == worst
    assert abs(pep_bound([0.6, *lrs[1:]], 2.0, 1.0) / worst - 1) > 1e-3
    # f → 2f with the steps halved.
    assert pep_bound(2 * np.array(lrs), 1.0, 1.0) == pytest.approx(worst / 2, rel=TOLERANCE)


def test_equal_calls_give_equal_bits():
    lrs = np.linspace(1.0, 0.1, 6)
    assert pep_bound(lrs, 1.0, 1.0) == pep_bound(lrs, 1.0, 1.0)


def test_output(capsys):
    pep_bound([1.0, 1.0], 1.0, 1.0)
    assert capsys.readouterr().out == ""
    pep_bound([1.0, 1.0], 1.0, 1.0, verbose=1)
    assert "(PEPit)" in capsys.readouterr().out


def test_failure_of_the_solver_is_named(monkeypatch):
    monkeypatch.setattr(pep, "TOLERANCES", {"max_iter": 1})
    with pytest.raises(RuntimeError, match=r"CLARABEL found no optimum .* with 3 iterates: \w+"):
        pep_bound([1.0, 1.0, 1.0], 1.0, 1.0)


BAD_ARGUMENTS = [
    (([1.0, -1.0], 1.0, 1.0), {}, r"schedule\[1\]=-1\.0 must be a finite number >= 0"),
    (([1.0, 1.0], [1.0], 1.0), {}, r"grad_norms of shape \(1,\) must be a scalar or have shape"),
    (([1.0, 1.0], 1.0, -1.0), {}, r"D=-1\.0 must be a finite number >= 0"),
    (([1.0, 1.0], 1.0, 1.0), {"T": 3}, r"T=3 must be an integer in \[1, 2\]"),
    (([1.0, 1.0], 1.0, 1.0), {"verbose": 3}, r"verbose=3 must be an integer in \[0, 2\]"),
]


@pytest.mark.parametrize(("arguments", "options", "message"), BAD_ARGUMENTS)
def test_wrong_arguments(arguments, options, message):
    with pytest.raises(ValueError, match=message):
        pep_bound(*arguments, **options)
