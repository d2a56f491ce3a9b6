"""What a figure is told of its sources beside their tables: labels, and what the runs vary in."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from scheduled.runs.group import RunGroup, axis_label, short_label

if TYPE_CHECKING:
    from scheduled.plan.plan import Plan


def look_of(plan: Plan, sources: Mapping[str, str]) -> dict[str, Any]:
    """What the figure of some sources is told of them.

    Parameters
    ----------
    plan : Plan
    sources : mapping
        ``experiment``, ``group``, ``analysis`` → its name.

    Returns
    -------
    dict
        ``labels`` (name of a schedule or series → what legends call it); of runs also ``vary``,
        ``vary_label``, ``value_label``, ``value_scale`` (the quantity, for its colours) and, where
        they are planned, ``seeds`` (the fewest and the most runs that differ in their seed only);
        the settings of the analysis, and whatever the experiment adds (`Experiment.look`).
    """
    look: dict[str, Any] = {"labels": {}}
    group = plan.group_of(sources)
    if group is not None:
        look |= _group_look(plan.config.groups[group])
        if group in plan.groups:
            look["seeds"] = list(plan.groups[group].seeds)
    if "analysis" in sources:
        settings = plan.analyses[sources["analysis"]].resolved
        look |= {key: value for key, value in settings.items() if key not in ("kind", "runs")}
    if "experiment" in sources:
        own = plan.config.experiments[sources["experiment"]].look()
        look |= {**own, "labels": {**look["labels"], **own["labels"]}}
    return look


def _group_look(group: RunGroup) -> dict[str, Any]:
    fields = [field for field in group.value_fields if field != "lr"] or group.value_fields
    return {
        "labels": {name: group.label(name) for name in group.series},
        "vary": group.vary,
        "vary_label": short_label(fields[0]) if fields else "",
        "value_label": axis_label(fields[0]) if fields else "",
        "value_scale": {"lr": "lr", "cooldown": "unit"}.get(fields[0] if fields else "", ""),
    }
