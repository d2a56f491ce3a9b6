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
`law_lrs`               the same: choosing the base LR by them, or by Ω
`predictions`           loss curves of our own runs that were predicted before
`own_runs`              our own runs beside the paper's claims, the theory, and the paper's runs:
                        best base LRs, best cooldowns, gradient norms
`own_ranks`             the same: how the bounds rank their losses
`own_extensions`        the same: those that go on to longer horizons
======================  ========================================================================

`rule` has the rule, `numbers`, `claim` and `comparison` what it judges, `readers` read numbers from
tables, and `tables`, `page` and `claims_page` write the verdicts down. No verdict stands in the
code: each follows from the tables.
"""

from scheduled.ledger import (
    base_lr,
    comparison,
    cooldown,
    law_lrs,
    laws,
    own_extensions,
    own_ranks,
    own_runs,
    paper_extensions,
    paper_runs,
    predictions,
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
    ClaimSet(
        "own runs",
        (*own_runs.CLAIMS, *own_ranks.CLAIMS, *own_extensions.CLAIMS),
        comparison.PREFIX,
    ),
    ClaimSet("laws", (*laws.CLAIMS, *law_lrs.CLAIMS), laws.PREFIX),
    ClaimSet("predictions", predictions.CLAIMS, predictions.PREFIX),
)
"""Those of the paper, arXiv:2501.18965, comparisons of our own training runs, what a study of our
own says of laws of loss curves, and predictions made before their runs. Another set has modules, a
name and a prefix of its own."""

TABLES: tuple[str, ...] = tuple(
    dict.fromkeys(table for each in SETS for claim in each.claims for table in claim.tables)
)
"""Tables that decide the claims or explain them."""
