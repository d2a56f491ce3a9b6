"""A library that is not installed: what to type is said, or the same result comes without it."""

import math
import subprocess
import sys

import pytest

from scheduled import minimize_exact, pep_bound
from scheduled.cli.main import main
from scheduled.core.extras import MissingExtra, extra


@pytest.mark.parametrize(
    ("module", "ask"),
    [
        ("PEPit", lambda: pep_bound([0.5, 0.0], grad_norms=1.0, D=1.0, T=2)),
        ("cvxpy", lambda: minimize_exact(10)),
    ],
)
def test_what_is_missing_and_what_to_type(monkeypatch: pytest.MonkeyPatch, module, ask):
    monkeypatch.setitem(sys.modules, module, None)
    with pytest.raises(MissingExtra) as caught:
        ask()
    assert module in str(caught.value)
    assert "'lr-scheduling[pep]'" in str(caught.value)
    assert caught.value.name == module


def test_a_command_says_it_too(monkeypatch: pytest.MonkeyPatch, capsys):
    monkeypatch.setitem(sys.modules, "transformers.optimization", None)
    monkeypatch.setitem(sys.modules, "transformers", None)
    assert main(["convert", "cosine:steps=100,warmup=5,lr=1e-3", "--to", "hf", "--verify"]) == 1
    said = capsys.readouterr().err
    assert "transformers" in said
    assert "'lr-scheduling[frameworks]'" in said


def test_a_module_that_no_extra_brings_is_named_as_it_is():
    with pytest.raises(ModuleNotFoundError, match="no_such_module") as caught, extra("this"):
        import no_such_module  # noqa: F401
    assert type(caught.value) is ModuleNotFoundError


def test_without_numba_the_bits_are_the_same(capsys):
    code = """if True:
        import numpy as np
        from scheduled import WSDSchedule, exact_bound, exact_optimal_base, exact_worst_case
        S = WSDSchedule(final_lr=0.0, steps=61, cooldown_len=0.3, base_lr=0.1)
        for scale in (1.0, 1e-30, 1e30):
            norms = scale * (1 + 0.9 * np.sin(np.arange(61)))
            case = exact_worst_case(S.schedule, norms, 1.0, 60)
            print(exact_bound(S.schedule, norms, 1.0, 60).hex(), case.certified)
            print(*(x.hex() for x in exact_optimal_base(S, norms, 1.0, 60)))
        long = np.linspace(1.0, 0.0, 100_002)
        print(exact_bound(long, 1.0, 1.0, 100_001).hex())
    """
    exec(code, {})
    found = capsys.readouterr().out
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", "import sys; sys.modules['numba'] = None\n" + code],
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout == found
    assert "False" not in found
    assert math.isfinite(float.fromhex(found.split()[0]))
