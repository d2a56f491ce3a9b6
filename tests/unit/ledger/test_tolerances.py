"""How tight each claim is: the tolerance of each condition and of each of its correction."""

from __future__ import annotations

import pytest

from scheduled import ledger
from scheduled.ledger.claim import Claim
from scheduled.ledger.numbers import Number, Sample
from scheduled.ledger.rule import (
    CONFIRMED,
    Condition,
    above,
    agrees,
    at_least,
    at_most,
    decreasing,
    equal,
    near,
    none_of,
    off_by,
    positive,
)

CLAIMS = {claim.id: claim for each in ledger.SETS for claim in each.claims}

# Claim → tolerances of its conditions, in order.
TOLERANCES: dict[str, tuple[float, ...]] = {
    "gamma_star_cosine": (0.005, 0.0005),
    "gamma_star_wsd": (0.005, 0.0005),
    "gamma_star_standard": (0.005, 0.0005, 0.005, 0.0005),
    "cosine_wsd_ratio": (0.0, 0.0),
    "no_log_wsd": (0.0, 0.0, 0.0),
    "linear_best": (0.0,),
    "short_cooldown_at_fixed_gamma": (0.0,),
    "drop_needs_flat_gradients": (0.0, 0.0),
    "cosine_cycle": (0.0,),
    "pep_same_shape": (0.0, 0.0, 0.0),
    "optimal_schedule_linear": (1e-06, 0.0),
    "minimax_linear": (1e-09, 0.005, 0.0),
    "exact_ranks_measured": (0.0, 0.0, 0.0, 0.0),
    "rho_2x": (0.0125, 0.0),
    "rho_4x": (0.0125, 0.0),
    "cooldown_2x": (0.0140625, 0.0),
    "naive_is_worse": (0.0,),
    "lr_transfer": (0.005, 0.05, 0.1),
    "lr_transfer_124m": (0.1, 0.0),
    "best_cooldown_124m": (0.0,),
    "grad_norm_power": (0.005, 0.005),
    "practice_matches_theory": (0.0,),
    "extension_gain": (0.005,),
    "extension_steps_saved": (0.005,),
    "cooldown_extension_gain": (0.0, 0.0, 0.0, 0.0),
    "own_lr_ratio_theory": (0.2,),
    "own_lr_ratio_runs": (0.2,),
    "own_lr_ratio_claim": (0.2,),
    "own_lr_transfer_theory": (0.1, 0.1, 0.1, 0.1, 0.1, 0.1),
    "own_lr_transfer_runs": (0.1, 0.1, 0.1, 0.1, 0.1, 0.1),
    "own_lr_transfer_claim": (0.1,),
    "own_best_cooldown_theory": (0.05,),
    "own_best_cooldown_runs": (0.05,),
    "own_best_cooldown_claim": (0.05,),
    "own_short_cooldown_claim": (0.0,),
    "own_grad_norm_beta_claim": (0.16, 0.16),
    "own_grad_norm_power_runs": (0.07, 0.07),
    "own_rank_tau_theory": (0.1, 0.1, 0.1),
    "own_rank_tau_runs": (0.1, 0.1, 0.1),
    "own_rank_pairs_theory": (0.1, 0.1, 0.1),
    "own_rank_pairs_runs": (0.1, 0.1, 0.1),
    "own_rank_pairs_claim": (0.1,),
    "own_lowered_gain_runs": (0.001, 0.001),
    "own_lowered_gain_claim": (0.0, 0.0),
    "own_longer_cooldown_gain_runs": (0.001,),
    "own_extension_order_claim": (0.0,),
    "own_gain_ratio_theory": (0.5,),
    "own_gain_ratio_runs": (0.5,),
    "own_steps_saved_runs": (0.02, 0.02),
    "own_steps_saved_claim": (0.02, 0.02),
    "law_finite_memory": (3.5e-05, 2.83e-05, 3.91e-05),
    "law_finite_memory_linear": (3.72e-05, 3.18e-05, 4.56e-05),
    "law_mpl_published": (3.76e-05, 4.35e-05, 4.84e-05),
    "law_mpl_refit": (4.62e-05, 4.45e-05, 6.03e-05),
    "law_omega_hybrid": (4.53e-05, 4.27e-05, 5.29e-05),
    "law_tissue": (4.77e-05, 4.67e-05, 6.46e-05),
    "law_beats_mpl": (0.0,),
    "law_beats_mpl_new_part": (0.0,),
    "law_benchmark_overlap": (0.0,),
    "law_margin_from_4000": (0.0,),
    "law_last_point": (0.0,),
    "law_olmo_splits": (6.34e-05, 6.69e-05, 0.0001734),
    "law_memory_not_told": (0.0,),
    "law_beats_mpl_refit": (0.0,),
    "law_beats_omega_hybrid": (0.0,),
    "law_linear_needs_a_decay": (0.0,),
    "law_memory_said": (0.0,),
    "law_exponents": (0.0,),
    "law_test_set_opened": (0.0,),
    "law_lr_keep": (0.0005, 0.0005),
    "law_lr_one_optimum": (5e-05, 5e-05),
    "law_lr_three": (5e-05, 5e-05),
    "law_lr_three_inside": (5e-06, 5e-05),
    "law_lr_laws": (0.005,),
    "law_lr_chance": (0.0,),
    "law_drop_power": (0.1, 0.0),
    "predicted_intervals": (0.0, 0.0),
    "predicted_horizon_intervals": (0.0, 0.0),
    "predicted_law": (0.0,),
    "predicted_ranks": (0.0,),
}

# Claim → tolerances of the conditions of its correction.
CORRECTIONS: dict[str, tuple[float, ...]] = {
    "pep_same_shape": (0.0, 0.0, 0.0),
    "optimal_schedule_linear": (1e-06, 0.0, 0.0),
    "lr_transfer": (0.005, 0.05, 0.1),
    "grad_norm_power": (0.005, 0.005),
    "practice_matches_theory": (0.0,),
    "exact_ranks_measured": (0.0,) * 8,
}

# Claims of which a condition is missed at its limit, and where it stands among them.
STRICT: dict[str, tuple[int, ...]] = {
    "short_cooldown_at_fixed_gamma": (0,),
    "best_cooldown_124m": (0,),
    "exact_ranks_measured": (0, 1, 2, 3),
    "naive_is_worse": (0,),
    "cooldown_extension_gain": (0, 2),
    "own_short_cooldown_claim": (0,),
    "own_lowered_gain_claim": (0, 1),
    "own_extension_order_claim": (0,),
    "law_beats_mpl": (0,),
    "law_beats_mpl_new_part": (0,),
    "law_last_point": (0,),
    "law_memory_not_told": (0,),
    "law_beats_mpl_refit": (0,),
    "law_beats_omega_hybrid": (0,),
    "predicted_law": (0,),
}


def test_every_claim_is_in_the_table():
    assert list(CLAIMS) == list(TOLERANCES)


@pytest.mark.parametrize("claim", CLAIMS.values(), ids=list(CLAIMS))
def test_tolerances(claim: Claim):
    assert [condition.tolerance for condition in claim.conditions] == pytest.approx(
        TOLERANCES[claim.id], rel=1e-12
    )
    corrected = tuple(condition.tolerance for condition in claim.corrected)
    assert corrected == CORRECTIONS.get(claim.id, ())
    strict = [at for at, condition in enumerate(claim.conditions) if condition.strict]
    assert tuple(strict) == STRICT.get(claim.id, ())
    assert not any(condition.strict for condition in claim.corrected)


X, Y, Z = (Number(name, "table", lambda _: 0.0) for name in "xyz")


def met(condition: Condition, *values: float) -> bool:
    samples = {n: Sample((v,)) for n, v in zip(condition.numbers, values, strict=True)}
    return condition.judge(samples).verdict == CONFIRMED


# Condition → numbers just within its limit, and just beyond it.
LIMITS: dict[str, tuple[Condition, list[tuple[float, ...]], list[tuple[float, ...]]]] = {
    "near": (near(2.0, 0.25, X), [(1.75,), (2.25,)], [(1.749,), (2.251,)]),
    "near without": (near(2.0, 0.25, X, without=1.5), [(2.25,)], [(2.251,)]),
    "near, exactly": (near(2.0, 0.0, X), [(2.0,)], [(2.001,), (1.999,)]),
    "near, of several": (near(2.0, 0.25, X, Y), [(1.75, 2.25)], [(2.0, 2.251), (1.749, 2.0)]),
    "agrees": (agrees(X, Y, 0.25), [(1.75, 2.0), (2.25, 2.0)], [(1.749, 2.0), (2.251, 2.0)]),
    "agrees, of a small effect": (agrees(X, Y, 0.25, 1.0), [(1.3, 1.251)], [(1.25, 1.25)]),
    "at most": (at_most(2.0, X), [(2.0,), (-9.0,)], [(2.001,)]),
    "at least": (at_least(2.0, X), [(2.0,), (9.0,)], [(1.999,)]),
    "off by": (off_by(0.25, X, effect=1.0), [(0.25,), (0.0,)], [(0.251,)]),
    "above": (above(2.0, X, effect=1.0), [(2.001,)], [(2.0,), (1.999,)]),
    "equal": (equal(X, Y), [(2.0, 2.0)], [(2.0, 2.001), (2.001, 2.0)]),
    "positive": (positive(X, Y), [(2.001, 2.0)], [(2.0, 2.0), (-3.0, 2.0)]),
    "none of": (none_of(X, Y, 0.5), [(0.0, 0.499)], [(0.0, 0.5), (1.0, 0.1)]),
    "decreasing": (decreasing(X, Y, Z), [(3.0, 2.0, 1.0)], [(2.0, 2.0, 1.0), (3.0, 1.0, 1.0)]),
}


@pytest.mark.parametrize("name", LIMITS)
def test_every_kind_of_condition_at_its_limit(name: str):
    condition, within, beyond = LIMITS[name]
    assert all(met(condition, *values) for values in within)
    assert not any(met(condition, *values) for values in beyond)


def test_a_tolerance_is_smaller_than_the_effect():
    near(2.0, 0.4999, X, without=1.5)
    off_by(0.9999, X, effect=1.0)
    with pytest.raises(ValueError, match=r"tolerance=0\.5 must be smaller than the effect, 0\.5"):
        near(2.0, 0.5, X, without=1.5)
    with pytest.raises(ValueError, match="tolerance=1 must be smaller than the effect, 1"):
        off_by(1, X, effect=1.0)
