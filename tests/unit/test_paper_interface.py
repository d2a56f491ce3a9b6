"""The interface of the paper's package, formula by formula: docs/paper_interface.md."""

import math

import numpy as np
import pandas as pd
import pytest
from scheduled.fit import RateFitter
from scheduled.schedules.poly import PolynomialBackwardSchedule, PolynomialCooldownSchedule
from scheduled.utils import FIGSIZE11, FIGSIZE12, harmonic_number

import scheduled
from scheduled import (
    ConstantSchedule,
    CosineSchedule,
    PiecewiseConstantSchedule,
    SqrtSchedule,
    WSDSchedule,
    compute_optimal_base,
)
from scheduled.schedules.base import ScheduleBase

WARMUP = {"steps": 10, "warmup_lr": 0.1, "warmup_lr_absolute": False}


def with_warmup_and_cooldown(main, W, start, n, final, shape):
    """Relative LRs: W steps from `start`, the main ones, n steps to `final`."""
    warmup = [start + t / W * (1 - start) for t in range(W)]
    a = main[-1]
    return [*warmup, *main, *[final + (a - final) * shape(t / n) for t in range(1, n + 1)]]


def linear(p):
    return 1 - p


def sqrt(p):
    return 1 - math.sqrt(p)


@pytest.mark.parametrize(("decay_type", "shape"), [("linear", linear), ("sqrt", sqrt)])
def test_wsd_in_their_order(decay_type, shape):
    S = WSDSchedule(0.05, 50, 2.0, 0.4, decay_type, False, WARMUP)
    expected = with_warmup_and_cooldown([1.0] * 20, 10, 0.1, 20, 0.05, shape)
    assert S.schedule == pytest.approx(2.0 * np.array(expected), rel=1e-14)
    assert WSDSchedule(
        final_lr=0.05, steps=50, base_lr=2.0, cooldown_len=0.4, decay_type=decay_type,
        warmup_kwargs=WARMUP,
    ) == S  # fmt: skip


def test_defaults():
    for family in (WSDSchedule, CosineSchedule, ConstantSchedule, SqrtSchedule):
        S = family()
        assert (len(S), S.steps, S.get_base_lr()) == (100, 100, 1.0)
    assert (WSDSchedule().cooldown_len, SqrtSchedule().cooldown_len) == (0.2, 0.0)
    assert WSDSchedule(warmup_kwargs={"steps": 3}).warmup_lr == 1e-10
    assert PiecewiseConstantSchedule(20, cooldown_kwargs={"steps": 3}).final_lr == 1e-10


def test_cosine_in_their_order():
    S = CosineSchedule(0.1, 30, 0.5, False, WARMUP)
    main = [0.1 + 0.9 * (1 + math.cos(math.pi * i / 19)) / 2 for i in range(20)]
    expected = with_warmup_and_cooldown(main, 10, 0.1, 0, 0.0, linear)
    assert S.schedule == pytest.approx(0.5 * np.array(expected), rel=1e-14)


def test_absolute_final_lr():
    S = WSDSchedule(0.01, 50, 0.5, 0.4, "linear", True)
    assert S.schedule[-1] == pytest.approx(0.01, rel=1e-14)
    assert CosineSchedule(0.01, 50, 0.5, True).schedule[-1] == pytest.approx(0.01, rel=1e-14)


def test_constant_takes_the_keywords_of_wsd():
    S = ConstantSchedule(20, 0.5, final_lr=0.3, decay_type="sqrt", warmup_kwargs=WARMUP)
    expected = with_warmup_and_cooldown([1.0] * 10, 10, 0.1, 0, 0.0, linear)
    assert S.schedule == pytest.approx(0.5 * np.array(expected), rel=1e-14)


def test_sqrt_in_their_order():
    S = SqrtSchedule(0.0, 40, 2.0, 0.25, "linear", False, WARMUP)
    main = [1 / math.sqrt(i + 1) for i in range(20)]
    expected = with_warmup_and_cooldown(main, 10, 0.1, 10, 0.0, linear)
    assert S.schedule == pytest.approx(2.0 * np.array(expected), rel=1e-14, abs=1e-16)


def test_polynomial_cooldown_in_their_order():
    S = PolynomialCooldownSchedule(0.7, 0.01, 40, 2.0, 0.25, "sqrt", False, WARMUP)
    main = [(i + 1) ** -0.7 for i in range(20)]
    expected = with_warmup_and_cooldown(main, 10, 0.1, 10, 0.01, sqrt)
    assert S.schedule == pytest.approx(2.0 * np.array(expected), rel=1e-14)


def test_polynomial_backward_in_their_order():
    S = PolynomialBackwardSchedule(40, 2.0, 1.5, 0.1)
    expected = [0.1 + 0.9 * ((40 - t) / 39) ** 1.5 for t in range(1, 41)]
    assert S.schedule == pytest.approx(2.0 * np.array(expected), rel=1e-14)


def test_piecewise_constant_in_their_order_with_milestones_in_any():
    cooldown = {"steps": 5, "type": "sqrt", "final_lr": 0.0}
    S = PiecewiseConstantSchedule(30, 2.0, [20, 12], [0.1, 0.5], cooldown, WARMUP)
    main = [1.0] * 2 + [0.5] * 8 + [0.05] * 5
    expected = with_warmup_and_cooldown(main, 10, 0.1, 5, 0.0, sqrt)
    assert S.schedule == pytest.approx(2.0 * np.array(expected), rel=1e-14, abs=1e-16)
    assert S.milestones == (12, 20)


class Written(ScheduleBase):
    def __init__(self, steps=100, base_lr=1.0, exponent=0.5, **kwargs):
        self._exponent = exponent
        super().__init__(steps=steps, base_lr=base_lr, **kwargs)

    def _construct_main_schedule(self):
        count = self._steps - self._warmup_steps - self._cooldown_steps
        return np.array([(t + 1) ** -self._exponent for t in range(count)])

    @property
    def name(self):
        return "written"


def test_a_schedule_written_for_their_base_class():
    cooldown = {"steps": 5, "type": "linear", "final_lr": 0.0, "final_lr_absolute": False}
    S = Written(30, 0.5, 0.7, warmup_kwargs=WARMUP, cooldown_kwargs=cooldown)
    main = [(t + 1) ** -0.7 for t in range(15)]
    expected = with_warmup_and_cooldown(main, 10, 0.1, 5, 0.0, linear)
    assert S.schedule == pytest.approx(0.5 * np.array(expected), rel=1e-14, abs=1e-16)
    assert (S.name, len(S), S.get_base_lr()) == ("written", 30, 0.5)
    assert compute_optimal_base(S, 1.0, 1.0, 29)[1] > 0
    assert Written(30) != Written(30, exponent=0.9)
    assert len({Written(30), Written(30)}) == 2

    class TooLong(Written):
        def _construct_main_schedule(self):
            return np.ones(self._steps)

    assert TooLong(9).schedule.tolist() == [1.0] * 9
    with pytest.raises(ValueError, match="main schedule of 30 steps must have 20"):
        TooLong(30, warmup_kwargs=WARMUP).schedule  # noqa: B018


def test_names_and_base_lr():
    names = [
        (WSDSchedule, "wsd"),
        (CosineSchedule, "cosine"),
        (ConstantSchedule, "constant"),
        (SqrtSchedule, "sqrt"),
        (PiecewiseConstantSchedule, "piecewise-constant"),
        (PolynomialCooldownSchedule, "polynomial-cooldown"),
        (PolynomialBackwardSchedule, "polynomial-backward"),
    ]
    for family, name in names:
        S = family(steps=20)
        assert S.name == name
        assert hash(S) == hash(family(steps=20))
        S.set_base_lr(0.25)
        assert S.get_base_lr() == S.base_lr == 0.25
        assert len({S, family(steps=20, base_lr=0.25)}) == 1


def test_rates():
    S = WSDSchedule(0.0, 101, 0.1)
    rate = S.compute_rate(2.0, 3.0, 50.0)
    assert rate == S.compute_rate(grad_norms=2.0, D=3.0, T=50, type="refined", eps=0.0)
    eta = S.schedule[:50]
    tails = np.cumsum(eta[::-1])[::-1]
    noise = eta @ eta * 4.0 / (2 * eta.sum())
    squares = np.cumsum(eta[::-1] ** 2)[::-1]
    sums = eta[:-1] / tails[1:] * squares[:-1] / tails[:-1]
    assert rate == pytest.approx(9.0 / (2 * eta.sum()) + noise + 2.0 * sums.sum(), rel=1e-12)
    assert sum(S.compute_rate(2.0, 3.0, 50, return_split=True)) == pytest.approx(rate, rel=1e-14)
    standard = S.compute_rate(2.0, 3.0, 50, "standard")
    assert standard == pytest.approx((9.0 + 4.0 * (eta @ eta)) / (2 * eta.sum()), rel=1e-14)
    base_lr, best = scheduled.schedules.base.compute_optimal_base(S, 2.0, 3.0, T=50.0)
    S.set_base_lr(base_lr)
    assert S.compute_rate(2.0, 3.0, 50) == pytest.approx(best, rel=1e-13)


@pytest.mark.parametrize("error", [ValueError, AssertionError, KeyError])
@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: WSDSchedule(0.0, 20, 1.0, 1.5), r"^cooldown_len=1\.5"),
        (lambda: WSDSchedule(decay_type="step"), r"^decay_type='step'"),
        (lambda: WSDSchedule(0.0, 20, warmup_kwargs={"step": 3}), r"warmup_kwargs .*'step'"),
        (lambda: WSDSchedule(20).set_base_lr(-1.0), r"^base_lr=-1\.0"),
        (lambda: WSDSchedule(20).compute_rate(1.0, 1.0, 5, "best"), r"^type='best'"),
        (lambda: WSDSchedule(20).compute_rate(1.0, 1.0, 5, eps=1e-8), r"^eps=1e-08"),
        (lambda: Written(20, cooldown_kwargs={"steps": 21}), r"^cooldown_len=1\.05"),
        (lambda: Written(20, cooldown_kwargs={"steps": "a"}), r"^cooldown_kwargs.*'a'"),
        (lambda: Written(0, cooldown_kwargs={"steps": 1}), r"^steps=0"),
        (lambda: WSDSchedule(0.0, 20, warmup_kwargs=3), r"^warmup_kwargs=3"),
    ],
)
def test_errors_are_those_of_both(call, message, error):
    with pytest.raises(error, match=message):
        call()


def test_wrong_calls():
    with pytest.raises(TypeError, match="two values of steps"):
        WSDSchedule(0.0, 20, steps=20)
    with pytest.raises(TypeError, match="positional"):
        ConstantSchedule(20, 1.0, 0.0)
    with pytest.raises(TypeError, match="two values of warmup_steps"):
        WSDSchedule(steps=20, warmup_steps=3, warmup_kwargs={"steps": 5})
    with pytest.raises(TypeError, match="final"):
        WSDSchedule(20, final=0.0)


def test_utils():
    assert (FIGSIZE11, FIGSIZE12) == ((4, 3), (8, 3))
    assert harmonic_number(3) == pytest.approx(11 / 6, rel=1e-15)
    matplotlib = pytest.importorskip("matplotlib")
    matplotlib.use("Agg")
    import matplotlib.pyplot as plt
    from scheduled.utils import do_fancy_legend, set_plot_aesthetics

    with matplotlib.rc_context():
        set_plot_aesthetics()
        _, ax = plt.subplots(figsize=FIGSIZE11)
        try:
            for name in ("a", "b", "c"):
                ax.plot([0, 1], label=name)
            legend = do_fancy_legend(ax, ["c", "a"], loc="upper right")
            assert [text.get_text() for text in legend.get_texts()] == ["c", "a"]
            with pytest.raises(KeyError, match=r"labels=\['d'\]"):
                do_fancy_legend(ax, ["d"])
        finally:
            plt.close("all")


IDS = {"wsd": WSDSchedule(0.0, 401), "cos": CosineSchedule(0.1, 301)}
ROWS = pd.DataFrame(
    [(name, t, lr) for lr in (0.01, 0.02) for name in IDS for t in range(20, len(IDS[name]), 80)],
    columns=["id", "t", "lr"],
)
THEIRS = (0.3, 2.0, 3.0, -0.01, -0.3, 0.5, 2.5, 1.7)


def test_rate_fitter_predicts_by_its_formula():
    fitter = RateFitter()
    assert fitter.params == {}
    fitter.set_params(THEIRS)
    assert fitter.params == dict(
        zip(("D", "G_1", "G_2", "A_1", "A_2", "B", "C", "M"), THEIRS, strict=True)
    )
    D, G1, G2, A1, A2, B, C, M = THEIRS
    expected = []
    for name, T, lr in ROWS.itertuples(index=False):
        S = IDS[name].with_base_lr(lr)
        norms = [G1 * math.exp(A1 * t) + G2 * t**A2 + B for t in range(1, len(S) + 1)]
        expected.append(C + M * S.compute_rate(norms, D, T))
    assert fitter.predict(ROWS, IDS) == pytest.approx(expected, rel=1e-12)
    assert np.array_equal(fitter.predict(ROWS.astype({"t": float})), fitter.predict(ROWS))
    assert IDS["wsd"].base_lr == 1.0


def test_rate_fitter_finds_what_losses_tell():
    fitter = RateFitter(p0={"D": 1.0})
    fitter.set_params((0.3, 0.0, 3.0, 0.0, -0.3, 0.0, 2.5, 2.0))
    losses = fitter.predict(ROWS, IDS)
    order = np.random.default_rng(0).permutation(len(ROWS))
    # Both methods are one fit: the class's example has the other one.
    fitter.fit(ROWS.iloc[order], losses[order], IDS, method="least-squares")
    # M·D² and M·G², with M = 1.
    expected = {"D": 0.3 * math.sqrt(2), "G_2": 3.0 * math.sqrt(2), "A_2": -0.3, "C": 2.5}
    rest = {"G_1": 0.0, "A_1": 0.0, "B": 0.0, "M": 1.0}
    assert fitter.params == pytest.approx(expected | rest, rel=1e-3)
    assert fitter.predict(ROWS) == pytest.approx(losses, rel=1e-6)
    assert fitter.law_fit.identified


def test_rate_fitter_after_a_cooldown_to_zero():
    fitter = RateFitter()
    fitter.set_params(THEIRS)
    last = pd.DataFrame({"id": "wsd", "t": [400, 401], "lr": 0.01})
    first, second = fitter.predict(last, IDS)  # x_401 is where the step of x_400 left it
    assert first == second


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"method": "huge"}, r"^method='huge'"),
        ({"ub": 2.0}, r"^ub=2\.0"),
        ({"targets": np.ones(3)}, r"^targets of shape \(3,\)"),
        ({"targets": np.zeros(len(ROWS))}, r"^losses"),
        ({"inputs": ROWS.drop(columns="lr")}, r"\['lr'\]"),
        ({"inputs": ROWS.replace("cos", "sin")}, r"^id='sin'.*\['wsd', 'cos'\]"),
        ({"inputs": ROWS.assign(t=402)}, r"402"),
        ({"inputs": ROWS.assign(lr=-0.1)}, r"^base_lr=-0\.1"),
    ],
)
def test_rate_fitter_refuses(change, message):
    given = {"inputs": ROWS, "targets": np.ones(len(ROWS)), "id_map": IDS}
    with pytest.raises(KeyError, match=message):
        RateFitter().fit(**given | change)


def test_rate_fitter_without_parameters():
    for call in (lambda: RateFitter().predict(ROWS, IDS), lambda: RateFitter().set_params([1.0])):
        with pytest.raises(KeyError, match=r"^params"):
            call()
