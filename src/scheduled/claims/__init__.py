"""Which claims hold: every claim a small declared check of tables, and a ledger of the verdicts.

Where a claim's check is:

====================  ==========================================================================
`base_lr`             γ* and its power laws, cosine's beside WSD's
`cooldown`            no logarithm, best cooldown length, drop, cosine's cycle
`worst_cases`         exact worst case and PEP, optimal schedule, minimax value
`transfer`            longer horizons: ρ, cooldown; γ between cooldown lengths
`cooldown_runs`       124M runs: best γ and least loss over cooldown lengths
`schedule_runs`       gradient norms over γ; ranks of losses and bounds
`extended_runs`       124M and 210M runs that go on to longer horizons
`own_cooldowns`       our own runs over cooldown lengths and base LRs
`own_schedules`       our own runs of cosine and WSD: best γ, gradient norms, ranks
`own_extensions`      our own runs that go on to longer horizons
====================  ==========================================================================

They are declared with `conditions` and `check`, which has the rule for a verdict; `seeds` has how
the paper's claims are put to our own runs; `read` and `read_runs` read tables; `ledger` writes the
verdicts down. No verdict stands in the code: each follows from the tables.
"""

from scheduled.claims import (
    base_lr,
    cooldown,
    cooldown_runs,
    extended_runs,
    own_cooldowns,
    own_extensions,
    own_schedules,
    schedule_runs,
    transfer,
    worst_cases,
)
from scheduled.claims.check import Claim, ClaimSet
from scheduled.claims.ledger import claims_table, numbers_table, tables_of

__all__ = ["SETS", "TABLES", "Claim", "ClaimSet", "claims_table", "numbers_table"]

SETS: tuple[ClaimSet, ...] = (
    ClaimSet(
        "paper",
        (
            *base_lr.CLAIMS,
            *cooldown.CLAIMS,
            *worst_cases.CLAIMS,
            *transfer.CLAIMS,
            *cooldown_runs.CLAIMS,
            *schedule_runs.CLAIMS,
            *extended_runs.CLAIMS,
        ),
    ),
    ClaimSet(
        "own runs",
        (*own_cooldowns.CLAIMS, *own_schedules.CLAIMS, *own_extensions.CLAIMS),
        "own_",
    ),
)
"""The paper's, arXiv:2501.18965, and those of them that our own training runs can decide, put to
these. Another set has modules, a name and a prefix of its own."""

TABLES: tuple[str, ...] = tables_of(SETS)
"""Tables that the claims are decided by."""
