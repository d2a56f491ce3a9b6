"""Claims on the paper's training runs: cooldown lengths, gradient norms, ranks of losses."""

from __future__ import annotations

import math

from scheduled.ledger.claim import Claim, Correction, Remark
from scheduled.ledger.numbers import Number
from scheduled.ledger.readers import (
    cell,
    disagreeing,
    largest,
    largest_deviation,
    longest_error,
    longest_margin,
    outside_interval,
    power,
    value_of_least,
    widest_disagreement,
    widest_interval,
)
from scheduled.ledger.rule import at_most, near, none_of, off_by, positive

# What ln γ*(1)/γ*(.2) is published as.
GROWTH = 0.66

# 124M models, 50,000 steps, seven cooldown fractions at five base LRs.
BEST_LR = "tables/reanalysis/cooldown_length/best_lr"
FITS = "analyses/124m_cooldown_fits/fits"
POINTS = "analyses/124m_cooldown_fits/points"


_DEVIATION = Number(
    "largest |ln γ*(.994)/γ*(c), runs − theory|, over c", BEST_LR, largest_deviation, "almost 0"
)
_OUTSIDE = Number("95 % intervals of the runs that exclude theory", BEST_LR, outside_interval)
_WIDEST_HALF = Number("half-width of the widest of them", BEST_LR, widest_interval)


_BEST_COOLDOWN = Number(
    "cooldown fraction with the lowest fitted loss", FITS, value_of_least("loss_at_optimum"), "1"
)
_LONGEST = Number("longest cooldown fraction trained", FITS, largest("value"), "1")
_MARGIN = Number(
    "lowest fitted loss of the best other cooldown minus that of the longest",
    FITS,
    longest_margin,
    "above 0",
)
_MARGIN_ERROR = Number("95 % error of that difference", FITS, longest_error, beside=(POINTS,))
SCATTER = Number("largest rms of the losses around their curves, 124M", FITS, largest("rms"))

# Mean gradient norms of 124M runs at five base LRs.
POWERS = "analyses/124m_grad_norm_power/fits"
BETAS = {"cosine": 1.08, "wsd": 1.03}


_POWERS = {
    series: Number("−power of γ", POWERS, power(series), f"{beta:g}", series)
    for series, beta in BETAS.items()
}
_UNLOGGED = {
    series: Number(
        "β of exp(−β·log₁₀γ)", POWERS, power(series, unit=math.log(10)), f"{beta:g}", series
    )
    for series, beta in BETAS.items()
}
_LOGGED = [
    Number(quantity, POWERS, read, grid_point=series)
    for series in BETAS
    for quantity, read in (
        ("−power of γ, fitted to logarithms", power(series, "power")),
        ("its standard error", cell("power_error", series=series)),
    )
]

# Final losses and bounds: the runs of Figure 1 and those on OpenWebText2; others beside them.
FIGURES = {
    "210m": "210M (Figure 1)",
    "owt_60m": "60M, OpenWebText2",
    "owt_93m": "93M, OpenWebText2",
    "owt_166m": "166M, OpenWebText2",
}
OTHERS = {
    "124m_cooldown": "124M, 35 cooldowns and base LRs",
    "124m_extension": "124M, extensions",
    "210m_extension": "210M, extensions",
}


_DISAGREEING = [
    Number(
        "pairs of one horizon ranked differently",
        f"analyses/{name}_ranks/agreement",
        disagreeing,
        "0 (figure)",
        what,
    )
    for name, what in FIGURES.items()
]
_WIDEST = [
    Number(
        "widest loss gap of a pair ranked differently, as a share of the range",
        f"analyses/{name}_ranks/runs",
        widest_disagreement,
        "0 (figure)",
        what,
    )
    for name, what in FIGURES.items()
]
_TAUS = [
    Number(
        "Kendall's τ between bound and final loss",
        f"analyses/{name}_ranks/agreement",
        cell("tau", mark="matched"),
        "agreement (figure)",
        what,
    )
    for name, what in {**FIGURES, **OTHERS}.items()
]

CLAIMS: tuple[Claim, ...] = (
    Claim(
        "lr_transfer_124m",
        "The best base LRs of the 124M runs follow theory's ln γ*(1)/γ*(c) almost perfectly.",
        "almost perfectly",
        "figure reanalysis/analysis_cooldown_length/best_lr",
        (off_by(0.1, _DEVIATION, effect=GROWTH), none_of(_OUTSIDE, _WIDEST_HALF, GROWTH)),
        "each fit's 95 % interval must contain theory's value, with a half-width below the growth "
        "being judged; .1, as a γ that is 10 % off raises the tuned bound by half a percent",
    ),
    Claim(
        "best_cooldown_124m",
        "With γ tuned for each, the longest cooldown of the 124M runs has the lowest final loss.",
        "1 (theory)",
        "figure cooldown_length/lr_sweep; runs: reanalysis/analysis_cooldown_length/lr_sweep",
        (positive(_MARGIN, _MARGIN_ERROR),),
        "the 95 % error from the scatter of the losses around their curves; a difference that is "
        "no larger decides nothing",
        remark=Remark(
            "The curve of c = {0:g} is the lowest. The best other loss minus that of c = {1:g} is "
            "{2:.4f}, with a 95 % error of {3:.4f}. Each loss is from one run.",
            (_BEST_COOLDOWN, _LONGEST, _MARGIN, _MARGIN_ERROR),
        ),
    ),
    Claim(
        "grad_norm_power",
        "The mean gradient norm of a run is proportional to γ^−β.",
        "β = 1.08 (cosine), 1.03 (WSD)",
        "figure reanalysis/grad_norm/grad_norm_scaling",
        tuple(near(beta, 0.005, _POWERS[series]) for series, beta in BETAS.items()),
        "half a unit in the last published digit",
        Correction(
            "The published β belong to exp(−β·log₁₀γ), so the powers of γ are −β/ln 10.",
            tuple(near(beta, 0.005, _UNLOGGED[series]) for series, beta in BETAS.items()),
        ),
        Remark(
            "The powers of γ are −{0:.3f} (cosine) and −{1:.3f} (WSD); fitted to logarithms they "
            "are −{2:.3f} ± {3:.3f} and −{4:.3f} ± {5:.3f}.",
            (*_POWERS.values(), *_LOGGED),
        ),
    ),
    Claim(
        "practice_matches_theory",
        "Bound and final loss rank the schedules alike.",
        "agreement",
        "Figure 1; figures reanalysis/loss_curves_owt/*",
        (at_most(0.0, *_DISAGREEING),),
        "none for ranks. Corrected: a tenth of the range of losses, which a figure can show",
        Correction(
            "Runs of one figure that are ranked differently are close in loss: they differ by less "
            "than a tenth of the figure's range of losses.",
            (at_most(0.1, *_WIDEST),),
        ),
        Remark(
            "Horizons are easy to rank, schedules at one horizon less so. Kendall's τ over all is "
            + "; ".join(
                f"{{{i}:.2f}} for {what}" for i, what in enumerate((FIGURES | OTHERS).values())
            )
            + ".",
            tuple(_TAUS),
        ),
    ),
)
