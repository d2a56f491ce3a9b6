"""Our own runs: how the bounds rank their final losses."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import pandas as pd

from scheduled.ledger.claim import Remark
from scheduled.ledger.comparison import Published, Quantity, claims_of, own_table
from scheduled.ledger.numbers import Number
from scheduled.ledger.readers import Reader, cell, disagreeing, widest_disagreement

# Final losses and bounds: the counterpart of Figure 1, and others beside it.
RANKED = {
    "cosine and WSD at three horizons": ("horizon", "210m"),
    "cooldowns and base LRs": ("cooldown", "124m_cooldown"),
    "extensions": ("extension", "124m_extension"),
}


def _alike(table: pd.DataFrame) -> float:
    """Share of the pairs of runs of one horizon that the bound ranks as their losses do."""
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
            table = own_table(f"{ours}_ranks_by_seed", "agreement")
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
        "Kendall's τ between bound and final loss",
        cell("tau", mark="matched"),
        0.0,
        "about one swapped pair of the 15 or 21 pairs of six or seven runs",
        {},
        Remark(),
    )
    widest = Number(
        "widest loss gap of a pair ranked differently, as a share of the range",
        own_table("horizon_ranks_by_seed", "runs"),
        widest_disagreement,
        by_seed=True,
    )
    yield quantity(
        "rank_pairs",
        "share of the pairs of one horizon that bound and loss rank alike",
        _alike,
        0.5,
        "less than one of the six pairs that the extensions have at one horizon",
        {next(iter(RANKED)): Published("1 (Figure 1)", "Figure 1", 1.0)},
        Remark(
            "Without the effect it would be one half. Cosine and WSD give three pairs; the widest "
            "loss gap of a pair ranked differently is {0:.2f} of the range of losses.",
            (widest,),
        ),
    )


CLAIMS = claims_of(_ranks())
