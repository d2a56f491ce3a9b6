"""Analyses of training runs: what is measured or fitted on a group of runs.

A kind is a module of this package with its name: a model of the settings, whose method ``tables``
computes.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal, TypeAlias

import pandas as pd
from pydantic import Field

from scheduled.analyses.grid import GroupTables
from scheduled.core.errors import RunError
from scheduled.core.model import Model, Name
from scheduled.core.registry import load_kind

if TYPE_CHECKING:
    from scheduled.runs.group import RunGroup

Tables: TypeAlias = dict[str, pd.DataFrame]
Loss = Literal["final_val_loss", "last_val_loss", "final_train_loss"]
Fraction = Annotated[float, Field(ge=0, lt=1)]


class Analysis(Model):
    """What all analyses have."""

    kind: str
    description: str = ""
    """The question, in a sentence; shown in the report, not hashed."""
    group: Name
    """Group of runs that is analysed."""
    per_seed: bool = False
    """Analyse the runs of each seed by themselves; the tables then have a column `seed`. By default
    runs that differ by seed only are averaged."""

    outputs: ClassVar[tuple[str, ...]] = ()
    """Names of the tables that are written."""
    judged: ClassVar[tuple[str, ...]] = ()
    """Outputs with a column ``status``: "ok", or why a fit failed."""

    def value_fields(self, group: RunGroup) -> list[str]:
        """Fields that vary beside horizon and base LR; tables call the one there is `value`."""
        return [field for field in group.value_fields if field != "lr"]

    def why_not(self, group: RunGroup) -> str:
        """Why a group cannot be analysed; empty where it can."""
        fields = self.value_fields(group)
        if len(fields) > 1:
            return f"it varies {fields} beside lr and iterations; only one such field is allowed"
        return ""

    def tables(self, data: GroupTables) -> Tables:
        """Analyse the runs of a group: the name of an output → its table."""
        raise NotImplementedError(type(self).__name__)

    def resolved(self, group: RunGroup, group_hash: str) -> dict[str, Any]:
        """All that is computed with: settings, what the group varies, and the hash of its runs."""
        return {
            **self.model_dump(mode="json", exclude={"description": True, "group": True}),
            "vary": group.vary,
            "value_field": "".join(self.value_fields(group)),
            "runs": group_hash,
        }


def analyse(resolved: Mapping[str, Any], runs: pd.DataFrame, metadata: pd.DataFrame) -> Tables:
    """Apply an analysis to all seeds of a group together, or to each by itself.

    Only the module of its kind is imported.

    Parameters
    ----------
    resolved : mapping
        From `Analysis.resolved`; ``per_seed`` says whether each seed is analysed by itself.
    runs, metadata : DataFrame
        As `scheduled.runs.group.collect_group` gives them.

    Returns
    -------
    dict of DataFrame
        The analysis' tables; with ``per_seed``, those of all seeds below one another, the first
        column being ``seed``.

    Raises
    ------
    RunError
        If seeds are asked for and a run has none.
    """
    kind = load_kind("scheduled.analyses", Analysis, resolved["kind"])
    own = {key: value for key, value in resolved.items() if key in kind.model_fields}
    # The group's name is not computed with; its hash stands for it.
    analysis = kind.model_validate({**own, "group": resolved["runs"]})
    vary, value_field = tuple(resolved["vary"]), resolved["value_field"]
    if not analysis.per_seed:
        return analysis.tables(GroupTables(runs, metadata, vary, value_field))
    if metadata["seed"].isna().any():
        nameless = metadata.loc[metadata["seed"].isna(), "run"].iloc[0]
        raise RunError(
            f"per_seed: the run {nameless} has no seed. Give it one in the list of runs."
        )
    parts = {
        seed: analysis.tables(
            GroupTables(runs[runs["run"].isin(group["run"])], group, vary, value_field)
        )
        for seed, group in metadata.groupby("seed")
    }
    names = next(iter(parts.values()))
    return {
        name: pd.concat([part[name].assign(seed=seed) for seed, part in parts.items()])
        .pipe(_first, "seed")
        .reset_index(drop=True)
        for name in names
    }


def _first(table: pd.DataFrame, column: str) -> pd.DataFrame:
    return table[[column, *(name for name in table.columns if name != column)]]
