import dataclasses
import math
from dataclasses import dataclass, field
from xml.etree import ElementTree

import numpy as np
import pytest

from scheduled import (
    FAMILIES,
    BackwardPolynomialSchedule,
    ConstantSchedule,
    CosineSchedule,
    PolynomialSchedule,
    Schedule,
    TabulatedSchedule,
    WSDSchedule,
    compute_optimal_base,
    last_iterate_curve,
    last_iterate_terms,
    standard_terms,
)
from scheduled import PiecewiseConstantSchedule as Piecewise
from scheduled.core.arguments import check_number

NAN, INF = float("nan"), float("inf")


@dataclass(kw_only=True)
class ExponentialSchedule(Schedule):
    decay: float = field(default=0.99, metadata={"description": "factor a step"})

    def validate(self):
        super().validate()
        self.decay = check_number("decay", self.decay, high=1.0, above=True)

    def main_lrs(self, count):
        return self.decay ** np.arange(count)


def test_a_new_family_is_a_small_subclass():
    S = ExponentialSchedule(10, decay=0.5, base_lr=2.0, warmup_steps=2)
    assert S.schedule[:5].tolist() == [0.0, 1.0, 2.0, 1.0, 0.5]
    assert S.compute_rates(grad_norms=1.0, D=1.0).shape == (10,)
    base_lr, bound = compute_optimal_base(S)
    S.set_base_lr(base_lr)
    assert S.compute_rate(grad_norms=1.0, D=1.0) == pytest.approx(bound, rel=1e-13)
    with pytest.raises(ValueError, match=r"decay=1\.5 must lie in \(0, 1\]"):
        ExponentialSchedule(10, decay=1.5)


def test_a_family_without_main_lrs_cannot_be_made():
    with pytest.raises(TypeError, match="main_lrs"):
        Schedule(5)


def test_families_are_known_by_their_kind():
    for kind, family in FAMILIES.items():
        assert family.kind == kind
        assert family.__module__ == f"scheduled.schedules.{kind}"


@pytest.mark.parametrize("family", FAMILIES.values(), ids=FAMILIES)
def test_every_field_is_described(family):
    for each in dataclasses.fields(family):
        assert each.metadata["description"]
        assert not isinstance(each.type, str)
        assert each.name == "steps" or each.kw_only
        assert each.name == "steps" or each.default is not dataclasses.MISSING


@pytest.mark.parametrize("family", FAMILIES.values(), ids=FAMILIES)
def test_schedule_is_a_new_array_and_scales_with_the_base_lr(family):
    S = family(30, warmup_steps=3)
    first = S.schedule
    first[:] = 7.0
    relative = S.multipliers
    assert np.array_equal(S.schedule, relative)
    assert relative.max() <= 1
    assert S.set_base_lr(0.25) is None
    assert S.base_lr == 0.25
    assert np.array_equal(S.schedule, 0.25 * relative)
    assert S.scales_with_base_lr


def test_equality_and_repr_are_those_of_a_dataclass():
    assert CosineSchedule(5, base_lr=2) == CosineSchedule(steps=5, base_lr=2.0)
    assert CosineSchedule(5) != CosineSchedule(6)
    assert CosineSchedule(5) != WSDSchedule(5)
    S = WSDSchedule(5, final_lr=0.5)
    assert eval(repr(S)) == S


WRONG = [
    (ConstantSchedule, {"steps": 0}, r"steps=0 must be an integer >= 1"),
    (ConstantSchedule, {"steps": 5.0}, r"steps=5\.0 must be an integer >= 1"),
    (ConstantSchedule, {"steps": True}, r"steps=True must be an integer >= 1"),
    (ConstantSchedule, {"steps": "5"}, r"steps='5' must be an integer >= 1"),
    (ConstantSchedule, {"base_lr": 0.0}, r"base_lr=0\.0 must be a finite number > 0"),
    (ConstantSchedule, {"base_lr": -1}, r"base_lr=-1 must be a finite number > 0"),
    (ConstantSchedule, {"base_lr": NAN}, r"base_lr=nan must be a finite number > 0"),
    (ConstantSchedule, {"base_lr": INF}, r"base_lr=inf must be a finite number > 0"),
    (ConstantSchedule, {"base_lr": None}, r"base_lr=None must be a finite number > 0"),
    (ConstantSchedule, {"warmup_steps": 9}, r"warmup_steps=9 must be an integer in \[0, 8\]"),
    (ConstantSchedule, {"warmup_steps": -1}, r"warmup_steps=-1 must be an integer in \[0, 8\]"),
    (ConstantSchedule, {"warmup_steps": 0.1}, r"warmup_steps=0\.1 must be an integer in \[0, 8\]"),
    (ConstantSchedule, {"warmup_lr": 1.5}, r"warmup_lr=1\.5 must lie in \[0, 1\]"),
    (ConstantSchedule, {"warmup_lr": NAN}, r"warmup_lr=nan must lie in \[0, 1\]"),
    (ConstantSchedule, {"warmup_lr_absolute": "no"}, r"warmup_lr_absolute='no' must be True or"),
    (
        ConstantSchedule,
        {"warmup_steps": 2, "warmup_lr": 1.5, "warmup_lr_absolute": True},
        r"warmup_lr=1\.5 is absolute and must lie in \[0, base_lr=1\.0\]",
    ),
    (
        ConstantSchedule,
        {"warmup_lr": INF, "warmup_lr_absolute": True},
        r"warmup_lr=inf must be a finite number >= 0",
    ),
    (CosineSchedule, {"cycle_len": 0.5}, r"cycle_len=0\.5 must be a finite number >= 1"),
    (CosineSchedule, {"cycle_len": INF}, r"cycle_len=inf must be a finite number >= 1"),
    (PolynomialSchedule, {"alpha": -0.5}, r"alpha=-0\.5 must be a finite number >= 0"),
    (BackwardPolynomialSchedule, {"alpha": 0.0}, r"alpha=0\.0 must be a finite number > 0"),
    (
        Piecewise,
        {"milestones": (3, 3), "factors": (0.5, 0.5)},
        r"milestones=\(3, 3\) must be strictly increasing",
    ),
    (
        Piecewise,
        {"milestones": (1, 9), "factors": (0.5, 0.5)},
        r"milestones\[1\]=9 must be an integer in \[0, 8\]",
    ),
    (
        Piecewise,
        {"milestones": (1.5,)},
        r"milestones\[0\]=1\.5 must be an integer in",
    ),
    (Piecewise, {"milestones": 3}, r"milestones=3 must be a sequence of numbers"),
    (
        Piecewise,
        {"factors": (0.0,)},
        r"factors\[0\]=0\.0 must be a finite number > 0",
    ),
    (Piecewise, {"factors": "ab"}, r"factors\[0\]='a' must be a finite number > 0"),
    (
        Piecewise,
        {"milestones": (3,)},
        r"factors=\(\) must have one factor for each of",
    ),
]


@pytest.mark.parametrize(("family", "parameters", "message"), WRONG)
def test_wrong_parameters(family, parameters, message):
    with pytest.raises(ValueError, match=message):
        family(**({"steps": 9} | parameters))


def test_numpy_numbers_become_plain():
    S = ConstantSchedule(np.int64(5), base_lr=np.float32(0.5), warmup_steps=np.int32(2))
    assert [type(x) for x in (S.steps, S.base_lr, S.warmup_steps)] == [int, float, int]
    with pytest.raises(ValueError, match=r"base_lr=-1\.5 must be"):
        S.set_base_lr(np.float64(-1.5))


def test_set_base_lr_checks_and_keeps_the_old_value():
    S = WSDSchedule(9, final_lr=0.1, final_lr_absolute=True)
    with pytest.raises(ValueError, match=r"final_lr=0\.1 is absolute and must .*base_lr=0\.05\]"):
        S.set_base_lr(0.05)
    with pytest.raises(ValueError, match=r"base_lr=nan must be a finite number > 0"):
        S.set_base_lr(NAN)
    assert S.base_lr == 1.0


def test_bounds_are_those_of_the_array():
    S, norms = WSDSchedule(50, base_lr=0.3), np.linspace(1.0, 2.0, 50)
    terms = last_iterate_terms(S.schedule, norms, 3.0, 40)
    assert S.compute_rate(norms, 3.0, T=40, return_split=True) == terms
    assert S.compute_rate(norms, 3.0, T=40) == pytest.approx(sum(terms), rel=1e-14)
    terms = standard_terms(S.schedule, norms, 3.0, 40)
    assert S.compute_rate(norms, 3.0, 40, "standard", return_split=True) == terms
    assert S.compute_rate(norms, 3.0, 40, "standard") == sum(terms)
    rates = S.compute_rates(norms, 3.0)
    assert np.array_equal(rates, last_iterate_curve(S.schedule, norms, 3.0))
    assert S.compute_rates(norms, 3.0, at=[40, 50]) == pytest.approx(rates[[39, 49]], rel=1e-14)
    standard = S.compute_rates(norms, 3.0, type="standard")
    assert standard[39] == pytest.approx(sum(terms), rel=1e-14)


def test_warmup_from_zero_costs_no_finiteness():
    S = CosineSchedule(101, warmup_steps=20)
    rates = S.compute_rates(grad_norms=1.0, D=1.0)
    assert S.schedule[0] == 0
    assert np.flatnonzero(np.isinf(rates)).tolist() == [0, 100]
    without = last_iterate_curve(S.schedule[1:], 1.0, 1.0)
    assert rates[1:] == pytest.approx(without, rel=1e-14)


def test_default_iterate_is_the_last_with_a_positive_lr():
    S = WSDSchedule(50)
    for type in ("refined", "standard"):
        assert S.compute_rate(1.0, 1.0, type=type) == S.compute_rate(1.0, 1.0, T=49, type=type)
    kept = WSDSchedule(50, final_lr=0.1)
    assert kept.compute_rate(1.0, 1.0) == kept.compute_rate(1.0, 1.0, T=50)


def test_wrong_arguments_of_the_bounds():
    S = WSDSchedule(50)
    with pytest.raises(ValueError, match="T=50 is an iterate with η_50 = 0"):
        S.compute_rate(1.0, 1.0, T=50)
    with pytest.raises(ValueError, match=r"T=51 must be an integer in \[1, 50\]"):
        S.compute_rate(1.0, 1.0, T=51)
    with pytest.raises(ValueError, match="type='average' must be one of 'refined', 'standard'"):
        S.compute_rate(1.0, 1.0, type="average")
    with pytest.raises(ValueError, match="type=None must be one of 'refined', 'standard'"):
        S.compute_rates(1.0, 1.0, type=None)


def test_plot_shows_the_schedule():
    matplotlib = pytest.importorskip("matplotlib")
    matplotlib.use("Agg")
    import matplotlib.pyplot as plt

    try:
        ax = WSDSchedule(20).plot()
        for family in FAMILIES.values():
            S = family(20, base_lr=0.1)
            assert S.plot(ax, label=S.name, color="C3") is ax
            line = ax.lines[-1]
            assert (line.get_label(), line.get_color()) == (S.name, "C3")
            x, y = line.get_data()
            assert x.tolist() == list(range(1, 21))
            assert np.array_equal(y, S.schedule)
        assert ax.get_xlabel() == "step t"
        assert ax.get_ylabel() == "learning rate γηₜ"
    finally:
        plt.close("all")


def test_example_of_the_module_in_numbers():
    S = ExponentialSchedule(4, decay=math.exp(-1))
    assert S.schedule == pytest.approx([1.0, math.exp(-1), math.exp(-2), math.exp(-3)])


def test_plot_bound_shows_the_finite_bounds():
    matplotlib = pytest.importorskip("matplotlib")
    matplotlib.use("Agg")
    import matplotlib.pyplot as plt

    S = WSDSchedule(20, base_lr=0.1)
    try:
        ax = S.plot_bound(2.0, 3.0, label="Ω")
        assert S.plot_bound(2.0, 3.0, "standard", ax) is ax
        assert ax.lines[0].get_label() == "Ω"
        for line, type in zip(ax.lines, ("refined", "standard"), strict=True):
            rates = S.compute_rates(2.0, 3.0, type)
            finite = np.isfinite(rates)
            assert line.get_xdata().tolist() == list(range(1, 21))
            assert np.array_equal(line.get_ydata()[finite], rates[finite])
            assert np.isnan(line.get_ydata()[~finite]).all()
    finally:
        plt.close("all")


ANY = [*(family(30, base_lr=0.1) for family in FAMILIES.values()), TabulatedSchedule([1.0, 0.5, 0])]


@pytest.mark.parametrize("S", ANY, ids=lambda S: S.name)
def test_steps_indices_and_arrays(S):
    lrs = S.schedule
    assert len(S) == S.steps == lrs.size
    assert list(S) == lrs.tolist()
    assert [S(t) for t in range(1, len(S) + 1)] == lrs.tolist()
    assert [S[i] for i in range(len(S))] == lrs.tolist()
    assert S[-1] == S(len(S)) == S(np.int64(len(S)))
    assert np.array_equal(S[1:3], lrs[1:3])
    assert np.array_equal(S([[1, 2], [3, 1]]), lrs[[[0, 1], [2, 0]]])
    assert np.array_equal(np.asarray(S), lrs)
    assert last_iterate_terms(S, 1.0, 1.0, 2) == last_iterate_terms(lrs, 1.0, 1.0, 2)
    for wrong in (0, len(S) + 1, 1.5, "1", None, [0], [1.0]):
        with pytest.raises(ValueError, match=r"\bt=|\bat"):
            S(wrong)
    with pytest.raises(IndexError):
        S[len(S)]


@pytest.mark.parametrize("S", ANY, ids=lambda S: S.name)
def test_another_base_lr_leaves_the_first_alone(S):
    before = S.base_lr
    other = S.with_base_lr(3.0)
    assert type(other) is type(S)
    assert (S.base_lr, other.base_lr) == (before, 3.0)
    assert np.array_equal(other.schedule, 3.0 * S.multipliers)
    with pytest.raises(ValueError, match=r"base_lr=-1"):
        S.with_base_lr(-1)


@pytest.mark.parametrize("S", ANY, ids=lambda S: S.name)
def test_notebooks_show_a_picture(S):
    root = ElementTree.fromstring(S._repr_svg_())
    (line,) = root
    assert len(line.attrib["points"].split()) == len(S)
    assert S._repr_html_().startswith(S._repr_svg_())
    assert S._repr_svg_() == S.with_base_lr(7.0)._repr_svg_()


def test_the_picture_keeps_spikes_of_long_schedules():
    lrs = np.ones(100_000)
    lrs[54_321] = 4.0
    points = ElementTree.fromstring(TabulatedSchedule(lrs)._repr_svg_())[0].attrib["points"]
    heights = [float(point.split(",")[1]) for point in points.split()]
    assert len(heights) < 1000
    assert (min(heights), max(heights)) == (4.0, 73.0)


def test_names_are_those_of_the_paper():
    assert {family.name for family in FAMILIES.values()} == {
        *("wsd", "cosine", "constant", "sqrt", "join", "refined"),
        *("piecewise-constant", "polynomial-cooldown", "polynomial-backward"),
    }
    assert ExponentialSchedule.name == "ExponentialSchedule"


@pytest.mark.parametrize(
    ("field", "wrong", "right", "message"),
    [
        ("cooldown_len", 7.0, 0.5, r"cooldown_len=7\.0 must lie in \[0, 1\]"),
        ("base_lr", -1.0, 3, r"base_lr=-1\.0 must be a finite number > 0"),
        ("warmup_steps", 9, np.int64(4), r"warmup_steps=9 must be an integer in \[0, 8\]"),
        ("final_lr", None, 0.5, r"final_lr=None must lie in \[0, 1\]"),
        ("steps", 0, 20, r"steps=0 must be an integer >= 1"),
    ],
)
def test_a_field_is_checked_when_it_is_assigned_to(field, wrong, right, message):
    S = WSDSchedule(9, cooldown_len=0.3)
    before = getattr(S, field)
    with pytest.raises(ValueError, match=message):
        setattr(S, field, wrong)
    assert getattr(S, field) == before
    setattr(S, field, right)
    expected = dataclasses.replace(WSDSchedule(9, cooldown_len=0.3), **{field: right})
    assert expected == S
    assert type(getattr(S, field)) is type(before)
