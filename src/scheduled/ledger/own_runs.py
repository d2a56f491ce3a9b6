"""Our own training runs beside the paper's claims, the theory, and the paper's runs.

Each quantity is a number of every seed. It is put to up to three references, and each of these
comparisons is a claim, judged by the same rule as those of the paper. A tolerance is the
quantity's, the same for each reference: what difference matters, or what a fit or a single run
leaves open. The digits that the paper prints are no such reason. They say how well its number is
known, and decide where the number itself is recomputed, but not how alike two trainings must be.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from scheduled.ledger.claim import Claim, Remark
from scheduled.ledger.numbers import Number
from scheduled.ledger.paper_runs import BETAS
from scheduled.ledger.readers import (
    Reader,
    cell,
    disagreeing,
    largest,
    log_growth_from,
    longest_error,
    longest_excess,
    lr_ratio,
    outside_interval,
    power,
    value_of_least,
    where,
    widest_disagreement,
)
from scheduled.ledger.rule import Condition, above, agrees, near

PREFIX = "own_"
CLAIM, THEORY, RUNS = "paper's claim", "theory", "paper's runs"
REFERENCES = (CLAIM, THEORY, RUNS)
A_SIGN = "none for a sign"
_ID = {CLAIM: "claim", THEORY: "theory", RUNS: "runs"}

Other = Number | float | str


@dataclass(frozen=True)
class Comparison(Claim):
    """A quantity of our own runs put to one reference.

    Attributes
    ----------
    topic, quantity : str
        What it belongs to, and what is compared.
    reference : str
        One of `REFERENCES`.
    grid_points : mapping
        Grid point → our number, and the one it is compared with; text where that is published.
        The conditions are of these, in their order.
    """

    topic: str = ""
    quantity: str = ""
    reference: str = ""
    grid_points: Mapping[str, tuple[Number, Other]] = field(default_factory=dict, hash=False)


@dataclass(frozen=True)
class Published:
    """A published number, or a sign with the size of its effect."""

    text: str
    where: str
    value: float = 0.0
    sign_of: float = 0.0


@dataclass(frozen=True)
class Quantity:
    """What every seed of our own runs has a number of.

    Attributes
    ----------
    id, topic, text : str
    own : mapping of Number
        Grid point → the number; a single one has no name.
    tolerance : float
        How far it may be from a number of any reference.
    reason : str
        Why this tolerance.
    published : mapping of Published
        Grid point → what the paper claims.
    theory, runs : mapping of Number
        Grid point → the number of the bound, and of the paper's runs.
    without : float
        What the quantity would be without the effect that is judged.
    remark : Remark
    """

    id: str
    topic: str
    text: str
    own: Mapping[str, Number]
    tolerance: float
    reason: str
    published: Mapping[str, Published] = field(default_factory=dict)
    theory: Mapping[str, Number | float] = field(default_factory=dict)
    runs: Mapping[str, Number] = field(default_factory=dict)
    without: float = 0.0
    remark: Remark = field(default_factory=Remark)

    def claims(self) -> Iterator[Comparison]:
        """One claim for each reference."""
        for reference, others in ((THEORY, self.theory), (RUNS, self.runs)):
            if others:
                yield self._comparison(
                    reference,
                    "theory gives" if reference == THEORY else "the paper's runs give",
                    "",
                    tuple(self._agrees(self.own[point], other) for point, other in others.items()),
                    {point: (self.own[point], other) for point, other in others.items()},
                    self.reason,
                )
        if self.published:
            yield self._against_published()

    def _agrees(self, number: Number, other: Number | float) -> Condition:
        if isinstance(other, Number):
            return agrees(number, other, self.tolerance, self.without)
        return near(other, self.tolerance, number, without=self.without)

    def _against_published(self) -> Comparison:
        conditions, reasons = [], []
        for point, one in self.published.items():
            conditions.append(self._condition(self.own[point], one))
            reasons.append(A_SIGN if one.sign_of else self.reason)
        texts = "; ".join(
            f"{one.text} ({point})" if point else one.text for point, one in self.published.items()
        )
        return self._comparison(
            CLAIM,
            "the paper claims",
            texts,
            tuple(conditions),
            {point: (self.own[point], one.text) for point, one in self.published.items()},
            "; ".join(dict.fromkeys(reasons)),
            next(iter(self.published.values())).where,
        )

    def _condition(self, number: Number, published: Published) -> Condition:
        if published.sign_of:
            return above(self.without, number, effect=published.sign_of)
        return near(published.value, self.tolerance, number, without=self.without)

    def _comparison(
        self,
        reference: str,
        wanted: str,
        published: str,
        conditions: tuple[Condition, ...],
        grid_points: Mapping[str, tuple[Number, Other]],
        reason: str,
        where: str = "",
    ) -> Comparison:
        return Comparison(
            id=f"{PREFIX}{self.id}_{_ID[reference]}",
            statement=f"{self.text[0].upper()}{self.text[1:]}: our own runs give what {wanted}.",
            published=published or "—",
            where=where or reference,
            conditions=conditions,
            tolerance=reason,
            remark=self.remark,
            topic=self.topic,
            quantity=self.text,
            reference=reference,
            grid_points=grid_points,
        )


def _analysis(name: str, output: str) -> str:
    return f"analyses/stdlib_{name}/{output}"


LR_REASON = "a γ 10 % off raises the tuned bound by half a percent"
# The five γ tried are from a quarter to four times the middle one: ln 1.1/ln 4 is .07.
POWER_TOLERANCE = 0.07
POWER_REASON = (
    "the norm is then at most 10 % off at the ends of the base LRs tried, a factor 4 from their "
    "middle, and so is the best γ, which goes with its inverse: half a percent of the tuned bound"
)

# 12,000 steps: cosine and WSD (20 % cooldown), and seven cooldown fractions, at five base LRs.
HORIZON = 12_000
COOLDOWNS = (0.1, 0.2, 0.4, 0.6, 0.8, 0.9)


def _tuned_ratio(table: pd.DataFrame) -> float:
    read = {name: cell("optimal_base_lr", schedule=name, horizon=HORIZON) for name in _SCHEDULES}
    return read["cosine"](table) / read["wsd"](table)


_SCHEDULES = {"cosine": "cosine", "wsd": "WSD"}


def _best_lr() -> Iterator[Quantity]:
    what = "best γ of cosine over that of WSD (20 % cooldown)"
    own = Number(what, _analysis("lr_fits_by_seed", "fits"), lr_ratio, by_seed=True)
    yield Quantity(
        "lr_ratio",
        "best base LR",
        what,
        {"": own},
        0.2,
        f"10 % of 2: {LR_REASON}",
        published={
            "": Published("about 2", "figures multiple_horizon/fit_gamma_star (.92/.47)", 2.0)
        },
        theory={"": Number("theory", "experiments/stdlib_horizons/tuning", _tuned_ratio)},
        runs={"": Number("124M runs", "analyses/124m_lr_fits/fits", lr_ratio)},
        without=1.0,
        remark=Remark("The LRs tried are a factor 2 apart."),
    )


def _theory_growth(cooldown: float) -> Reader:
    def read(table: pd.DataFrame) -> float:
        rows = where(table, panel="ratio", line="theory").sort_values("value")
        return float(np.interp(cooldown, rows["value"], rows["y"]))

    return read


def _transfer() -> Iterator[Quantity]:
    what = "log growth of the best γ from cooldown fraction c to the longest"
    points = {f"c = {cooldown:g}": cooldown for cooldown in COOLDOWNS}

    def numbers(
        quantity: str, table: str, read: Callable[[float], Reader], by_seed: bool = False
    ) -> dict[str, Number]:
        return {
            point: Number(quantity, table, read(cooldown), grid_point=point, by_seed=by_seed)
            for point, cooldown in points.items()
        }

    curve = "tables/own_runs/best_lr"
    outside = Number("95 % intervals of the mean that exclude theory", curve, outside_interval)
    yield Quantity(
        "lr_transfer",
        "LR transfer over cooldowns",
        what,
        numbers(what, _analysis("cooldown_fits_by_seed", "fits"), log_growth_from, by_seed=True),
        0.1,
        LR_REASON,
        published={
            "c = 0.2": Published(
                ".7",
                "text, e^.7; figure lr_transfer/cooldown_fit_gamma_star_linear",
                value=0.7,
            )
        },
        theory=numbers("theory", curve, _theory_growth),
        runs=numbers("124M runs", "analyses/124m_cooldown_fits/fits", log_growth_from),
        remark=Remark(
            "The LRs tried are a factor 2, e^.69, apart. Of the 95 % intervals of the fits to the "
            "mean over seeds, {0:.0f} exclude theory.",
            (outside,),
        ),
    )


def _shorter(table: pd.DataFrame) -> float:
    """How much shorter than the longest the best cooldown is at the smallest base LR."""
    rows = where(table, lr=float(table["lr"].min()))
    return float(table["value"].max()) - value_of_least("loss")(rows)


def _cooldown() -> Iterator[Quantity]:
    what = "cooldown fraction with the least loss at its best γ"
    by_seed = _analysis("cooldown_fits_by_seed", "fits")
    fits, points = _analysis("cooldown_fits", "fits"), _analysis("cooldown_fits", "points")
    best, best_bound = value_of_least("loss_at_optimum"), value_of_least("optimal_bound")
    excess = "excess of the longest cooldown's least loss over the best one's"
    yield Quantity(
        "best_cooldown",
        "best cooldown",
        what,
        {"": Number(what, by_seed, best, by_seed=True)},
        0.05,
        "half a step between the longest fractions tried, the last of which is 0.983",
        published={"": Published("1", "figure cooldown_length/lr_sweep", 1.0)},
        theory={"": Number("theory", "experiments/cooldown_length/tuning", best_bound)},
        runs={"": Number("124M runs", "analyses/124m_cooldown_fits/fits", best)},
        without=0.2,
        remark=Remark(
            "Without the effect it would be the usual 0.2. The least loss of the longest cooldown "
            "lies {0:.4f} above the best one's, by seed; in the mean over seeds {1:.4f}, with a "
            "95 % error of {2:.4f}.",
            (
                Number(excess, by_seed, longest_excess, by_seed=True),
                Number(f"{excess}, mean", fits, longest_excess),
                Number("95 % error of that excess", fits, longest_error, beside=(points,)),
            ),
        ),
    )
    what = "longest cooldown fraction less the best one at the smallest γ"
    table = _analysis("cooldown_fits_by_seed", "points")
    figure = "figure cooldown_length/cooldown_range_multiple_lr"
    yield Quantity(
        "short_cooldown",
        "best cooldown",
        what,
        {"": Number(what, table, _shorter, by_seed=True)},
        0.0,
        "none: the best of the fractions trained",
        published={"": Published("above 0", figure, sign_of=0.66)},
        remark=Remark(
            "Theory has a best fraction of .33 at its smallest γ, .66 below 1. The longest "
            "fraction trained is {0:.3g}.",
            (Number("longest cooldown fraction trained", table, largest("value")),),
        ),
    )


def _grad_norm() -> Iterator[Quantity]:
    table = _analysis("grad_norm_power_by_seed", "fits")
    paper = "analyses/124m_grad_norm_power/fits"
    what = "β of the mean gradient norm, proportional to exp(−β·log₁₀γ)"
    own = {
        label: Number(what, table, power(series, unit=math.log(10)), grid_point=label, by_seed=True)
        for series, label in _SCHEDULES.items()
    }
    where_published = "figure reanalysis/grad_norm/grad_norm_scaling"
    yield Quantity(
        "grad_norm_beta",
        "gradient norm",
        what,
        own,
        round(POWER_TOLERANCE * math.log(10), 2),  # β is a power times ln 10
        POWER_REASON,
        published={
            label: Published(f"{BETAS[series]:g}", where_published, BETAS[series])
            for series, label in _SCHEDULES.items()
        },
    )
    what = "power of γ of the mean gradient norm, fitted to the logarithms"
    yield Quantity(
        "grad_norm_power",
        "gradient norm",
        what,
        {
            label: Number(what, table, cell("power", series=series), grid_point=label, by_seed=True)
            for series, label in _SCHEDULES.items()
        },
        POWER_TOLERANCE,
        POWER_REASON,
        runs={
            label: Number("124M runs", paper, cell("power", series=series), grid_point=label)
            for series, label in _SCHEDULES.items()
        },
    )


# Final losses and bounds: the counterpart of Figure 1, and others beside it.
RANKED = {
    "cosine and WSD at three horizons": ("horizon", "210m"),
    "cooldowns and base LRs": ("cooldown", "124m_cooldown"),
    "extensions": ("extension", "124m_extension"),
}


def _alike(table: pd.DataFrame) -> float:
    """Part of the pairs of runs of one horizon that the bound ranks as their losses do."""
    return 1 - disagreeing(table) / cell("pairs", mark="matched")(table)


def _ranks() -> Iterator[Quantity]:
    def quantity(
        id: str,
        what: str,
        read: Reader,
        without: float,
        reason: str,
        published: Mapping[str, Published],
        remark: Remark,
    ) -> Quantity:
        own: dict[str, Number] = {}
        runs: dict[str, Number] = {}
        theory: dict[str, Number | float] = {}
        for point, (ours, papers) in RANKED.items():
            table = _analysis(f"{ours}_ranks_by_seed", "agreement")
            own[point] = Number(what, table, read, grid_point=point, by_seed=True)
            theory[point] = 1.0  # the order of the bound is that of the bound
            size = papers[:4].upper()
            runs[point] = Number(
                f"{size} runs", f"analyses/{papers}_ranks/agreement", read, grid_point=point
            )
        return Quantity(
            id, "rank agreement", what, own, 0.1, reason, published, theory, runs, without, remark
        )

    yield quantity(
        "rank_tau",
        "Kendall's τ of bound and final loss",
        cell("tau", mark="matched"),
        0.0,
        "about one pair ranked the other way, of the 15 or 21 of six or seven runs",
        {},
        Remark(),
    )
    widest = Number(
        "widest loss gap of a pair ranked differently, over the range",
        _analysis("horizon_ranks_by_seed", "runs"),
        widest_disagreement,
        by_seed=True,
    )
    yield quantity(
        "rank_pairs",
        "part of the pairs of one horizon that bound and loss rank alike",
        _alike,
        0.5,
        "less than one pair of the six that extensions have at one horizon",
        {next(iter(RANKED)): Published("1 (Figure 1)", "Figure 1", 1.0)},
        Remark(
            "Without the effect it would be half. Of cosine and WSD there are three pairs; the "
            "widest loss gap of one ranked differently is {0:.2f} of the range of the losses.",
            (widest,),
        ),
    )


# Runs that are extended past their horizon of 6,000 steps, and the paper's past 50,000.
EXTENDED = {"2× the horizon": (12_000, 100_000), "4× the horizon": (24_000, 200_000)}
GAINS = "extension_gains_by_seed"
PAPER_GAINS = "analyses/124m_extension_gains/gains"


def _relative(column: str, series: str, horizon: int) -> Reader:
    """A gain over the final loss that it is a gain on: so losses of bytes and tokens compare."""

    def read(table: pd.DataFrame) -> float:
        of = {"series": series, "horizon": horizon}
        return cell(column, **of)(table) / cell("baseline_loss", **of)(table)

    return read


def _gain_over_gain(horizon: int) -> Reader:
    def read(table: pd.DataFrame) -> float:
        longer, lowered = (
            cell("gain", series=series, horizon=horizon)(table)
            for series in ("longer_cooldown", "lowered")
        )
        return longer / lowered if lowered else math.nan

    return read


def _more(horizon: int) -> Reader:
    """Gain of the longer cooldown less that of the lowered LR, over the loss."""

    def read(table: pd.DataFrame) -> float:
        longer, lowered = (
            _relative("gain", series, horizon)(table) for series in ("longer_cooldown", "lowered")
        )
        return longer - lowered

    return read


def _bound_gain_over_gain(table: pd.DataFrame) -> float:
    """Of the bounds of these runs; all seeds have the same schedules."""
    rows = where(table, horizon=EXTENDED["2× the horizon"][0])
    bounds = rows.groupby("series")["bound"].first()
    gains = bounds["same_lr"] - bounds
    return float(gains["longer_cooldown"] / gains["lowered"])


def _extensions() -> Iterator[Quantity]:
    table = _analysis(GAINS, "gains")
    first = next(iter(EXTENDED))
    figures = "figures reanalysis/horizon_transfer/*"
    # About .01, of losses of about 2.9.
    published = Published("above 0 (about .01 of a loss of 2.9)", figures, sign_of=0.0034)

    def numbers(what: str, read: Callable[[int], Reader], points: list[str]) -> dict[str, Number]:
        return {
            point: Number(what, table, read(EXTENDED[point][0]), grid_point=point, by_seed=True)
            for point in points
        }

    def papers(read: Callable[[int], Reader], points: list[str]) -> dict[str, Number]:
        return {
            point: Number("124M runs", PAPER_GAINS, read(EXTENDED[point][1]), grid_point=point)
            for point in points
        }

    for series, label, points in (
        ("lowered", "of the lowered LR", list(EXTENDED)),
        ("longer_cooldown", "of the longer cooldown", [first]),
    ):
        what = f"gain {label} over the same LR, as a part of the final loss"

        def read(horizon: int, series: str = series) -> Reader:
            return _relative("gain", series, horizon)

        yield Quantity(
            f"{series}_gain",
            "extensions",
            what,
            numbers(what, read, points),
            0.001,
            "about half of the smallest gain of the paper's runs, 0.0019",
            published=dict.fromkeys(points, published) if series == "lowered" else {},
            runs=papers(read, points),
        )
    what = "gain of the longer cooldown beyond that of the lowered LR, as a part of the final loss"
    yield Quantity(
        "extension_order",
        "extensions",
        what,
        numbers(what, _more, [first]),
        0.0,
        A_SIGN,
        published={first: published},
    )
    what = "gain of the longer cooldown over that of the lowered LR"
    ranks = _analysis("extension_ranks_by_seed", "runs")
    yield Quantity(
        "gain_ratio",
        "extensions",
        what,
        numbers(what, _gain_over_gain, [first]),
        0.5,
        "the tolerance of a gain, 0.001, over the gain of the lowered LR, 0.002",
        theory={first: Number("theory", ranks, _bound_gain_over_gain, grid_point=first)},
        runs=papers(_gain_over_gain, [first]),
        without=1.0,
    )
    what = "part of the steps that the gain of the lowered LR is worth"

    def window(horizon: int) -> Reader:
        return cell("window_fraction_saved", series="lowered", horizon=horizon)

    points = list(EXTENDED)
    yield Quantity(
        "steps_saved",
        "extensions",
        what,
        numbers(what, window, points),
        0.02,
        "about half of the smallest part that the gains of the paper's runs are worth, 0.04",
        published=dict.fromkeys(points, Published("about .07 (7 %)", "text", 0.07)),
        runs=papers(window, points),
    )


QUANTITIES: tuple[Quantity, ...] = (
    *_best_lr(),
    *_transfer(),
    *_cooldown(),
    *_grad_norm(),
    *_ranks(),
    *_extensions(),
)

CLAIMS: tuple[Comparison, ...] = tuple(
    claim for quantity in QUANTITIES for claim in quantity.claims()
)
