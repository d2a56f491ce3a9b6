"""Claims put to our own runs of cosine and WSD: best γ, gradient norms, ranks of losses."""

from __future__ import annotations

import math

from scheduled.claims.check import Claim, Correction, Remark
from scheduled.claims.conditions import above, at_most
from scheduled.claims.read import cell
from scheduled.claims.read_runs import disagreeing, lr_ratio, power, widest_disagreement
from scheduled.claims.schedule_runs import BETAS
from scheduled.claims.seeds import by_seed, reaches

# Cosine and WSD (20 % cooldown) over 12,000 steps at five base LRs.
LR_FITS = "analyses/stdlib_lr_fits_by_seed/fits"
POWERS = "analyses/stdlib_grad_norm_power_by_seed/fits"

_RATIO = by_seed("γ*(cosine)/γ*(WSD)", LR_FITS, lr_ratio, "about 2")

_UNLOGGED = {
    series: by_seed(
        "β of exp(−β·log₁₀γ)", POWERS, power(series, unit=math.log(10)), f"{beta:g}", series
    )
    for series, beta in BETAS.items()
}
_POWERS = [
    by_seed(quantity, POWERS, power(series, column), case=series)
    for series in BETAS
    for quantity, column in (
        ("−power of γ", "power_unlogged"),
        ("−power of γ, fitted to the logarithms", "power"),
    )
]

# Final losses and bounds: the counterpart of Figure 1, and others beside it.
FIGURE = "analyses/stdlib_horizon_ranks_by_seed"
RANKED = {
    "horizon": "cosine and WSD at three horizons",
    "cooldown": "cooldowns and base LRs",
    "extension": "extensions",
}

_DISAGREEING = by_seed(
    "pairs of one horizon ranked differently", f"{FIGURE}/agreement", disagreeing, "0 (figure)"
)
_WIDEST = by_seed(
    "widest loss gap of a pair ranked differently, over the range",
    f"{FIGURE}/runs",
    widest_disagreement,
    "0 (figure)",
)
_TAUS = [
    by_seed(
        "Kendall's τ of bound and final loss",
        f"analyses/stdlib_{name}_ranks_by_seed/agreement",
        cell("tau", mark="matched"),
        "agreement (figure)",
        what,
    )
    for name, what in RANKED.items()
]


CLAIMS: tuple[Claim, ...] = (
    Claim(
        "own_cosine_wsd_ratio",
        "The best base LR of cosine is about twice that of WSD (20 % cooldown).",
        "about 2",
        "figures multiple_horizon/fit_gamma_star (.92/.47) and …/multiple_base_lr",
        reaches(2.0, 0.2, _RATIO),
        "10 %, as a γ 10 % off raises the tuned bound by half a percent, beyond the range over "
        "seeds",
        Correction(
            "It is larger than that of WSD with every seed, by another factor.",
            (above(1.0, _RATIO.lowest),),
        ),
        Remark("It is {0:.2f} to {1:.2f} times that of WSD, by seed.", _RATIO.ends),
    ),
    Claim(
        "own_grad_norm_power",
        "The mean gradient norm of our own runs goes with γ as that of the 124M runs.",
        "β = 1.08 (cosine), 1.03 (WSD), of exp(−β·log₁₀γ)",
        "figure reanalysis/grad_norm/grad_norm_scaling",
        tuple(
            condition
            for series, beta in BETAS.items()
            for condition in reaches(beta, 0.005, _UNLOGGED[series])
        ),
        "half a unit of the last digit that is published, beyond the range over seeds",
        Correction(
            "It falls as γ grows with every seed, by another power.",
            (above(0.0, *(each.lowest for each in _UNLOGGED.values())),),
        ),
        Remark(
            "The published powers of γ are −β/ln 10, −"
            + " and −".join(f"{beta / math.log(10):.3f}" for beta in BETAS.values())
            + ". Ours are, by seed, −{0:.3f} to −{1:.3f} (cosine) and −{4:.3f} to −{5:.3f} (WSD); "
            "fitted to the logarithms −{2:.3f} to −{3:.3f} and −{6:.3f} to −{7:.3f}.",
            tuple(end for each in _POWERS for end in each.ends),
        ),
    ),
    Claim(
        "own_practice_matches_theory",
        "Bound and final loss rank cosine and WSD at three horizons alike.",
        "agreement",
        "Figure 1; figures reanalysis/loss_curves_owt/*",
        (at_most(0.0, _DISAGREEING.highest),),
        "none for ranks, with every seed. Corrected: a tenth of the losses' range, as a figure "
        "shows it",
        Correction(
            "Runs that are ranked differently are close in loss: by less than a tenth of the range "
            "of the losses, with every seed.",
            (at_most(0.1, _WIDEST.highest),),
        ),
        Remark(
            "Kendall's τ over all, by seed: "
            + "; ".join(
                f"{{{2 * i}:.2f}} to {{{2 * i + 1}:.2f}} {what}"
                for i, what in enumerate(RANKED.values())
            )
            + ".",
            tuple(end for each in _TAUS for end in each.ends),
        ),
    ),
)
