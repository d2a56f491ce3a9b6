"""The ledger: which claims hold, of the paper and of our own runs, by one rule of judging.

Where a claim is declared:

======================  ========================================================================
`base_lr`               γ* and its power laws, cosine's beside WSD's
`cooldown`              no logarithm, best cooldown length, drop, cosine's cycle
`worst_cases`           exact worst case and PEP, optimal schedule, minimax value
`transfer`              longer horizons: ρ, cooldown; γ between cooldown lengths
`paper_runs`            the paper's runs: cooldown lengths, gradient norms, ranks of losses
`paper_extensions`      the paper's runs that go on to longer horizons
`laws`                  laws of loss curves: a study's numbers, and what speaks against them
`own_runs`              our own runs beside the paper's claims, the theory, and the paper's runs
======================  ========================================================================

`rule` has the rule, `numbers` and `claim` what it judges, `readers` read numbers from tables, and
`tables`, `page` and `claims_page` write the verdicts down. No verdict stands in the code: each
follows from the tables.
"""

from scheduled.ledger import (
    base_lr,
    cooldown,
    laws,
    own_runs,
    paper_extensions,
    paper_runs,
    transfer,
    worst_cases,
)
from scheduled.ledger.claim import Claim, ClaimSet
from scheduled.ledger.claims_page import claims_page
from scheduled.ledger.page import page
from scheduled.ledger.tables import Ledger, judge

__all__ = ["SETS", "TABLES", "Claim", "ClaimSet", "Ledger", "claims_page", "judge", "page"]

SETS: tuple[ClaimSet, ...] = (
    ClaimSet(
        "paper",
        (
            *base_lr.CLAIMS,
            *cooldown.CLAIMS,
            *worst_cases.CLAIMS,
            *transfer.CLAIMS,
            *paper_runs.CLAIMS,
            *paper_extensions.CLAIMS,
        ),
    ),
    ClaimSet("own runs", own_runs.CLAIMS, own_runs.PREFIX),
    ClaimSet("laws", laws.CLAIMS, laws.PREFIX),
)
"""Those of the paper, arXiv:2501.18965, comparisons of our own training runs, and what a study of
our own says of laws of loss curves. Another set has modules, a name and a prefix of its own."""

TABLES: tuple[str, ...] = tuple(
    dict.fromkeys(table for each in SETS for claim in each.claims for table in claim.tables)
)
"""Tables that decide the claims or explain them."""
