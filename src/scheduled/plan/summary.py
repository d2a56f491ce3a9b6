"""What a plan tells of itself: the index of figures, the manifest's head, what is missing."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from scheduled.core.docs import docstring
from scheduled.plan.plan import Plan
from scheduled.runs.fetch import LOCAL_RUNS_VARIABLE


def summary(plan: Plan) -> dict[str, Any]:
    """What the manifest says of the configuration."""
    hashes = plan.hashes
    return {
        "experiments": hashes["experiments"],
        "groups": hashes["runs"],
        "analyses": hashes["analyses"],
        "figures": {name: plan.folders(name) for name in plan.figures},
        "missing": [name for name in plan.config.figures if plan.why_missing(name)],
    }


def index(plan: Plan) -> list[dict[str, str]]:
    """One row per figure: where it comes from, and whether and why it is missing."""
    rows = []
    for name, figure in plan.config.figures.items():
        reason = plan.why_missing(name)
        sources = [f"{source} {of}" for source, of in figure.sources.items()]
        rows.append(
            {
                "figure": name,
                "kind": figure.kind,
                "sources": "; ".join(sources),
                "folders": "" if reason else "; ".join(plan.folders(name).values()),
                "reproduces": figure.reproduces or "",
                "status": "missing" if reason else "made",
                "reason": reason or "",
            }
        )
    return rows


def report_figures(plan: Plan) -> list[dict[str, Any]]:
    """What the report says of each figure that can be made."""
    rows = []
    for name in plan.figures:
        figure, drawing = plan.config.figures[name], plan.drawing(name)
        rows.append(
            {
                "figure": name,
                "caption": " ".join((figure.caption or docstring(type(figure))).split()),
                "reproduces": figure.reproduces or "",
                "animated": figure.animated,
                "sources": _sources_in_words(plan, figure.sources),
                "config": excerpt(plan, name),
                **{key: drawing[key] for key in ("settings", "look", "table")},
            }
        )
    return rows


def excerpt(plan: Plan, figure: str) -> dict[str, Any]:
    """What of the configuration makes a figure, without defaults: a question file of its own."""
    config = plan.config
    entry = config.figures[figure]
    group = plan.group_of(entry.sources)
    sections: dict[str, Mapping[str, Any]] = {
        "experiments": _named(config.experiments, entry.sources.get("experiment")),
        "groups": _named(config.groups, group),
        "analyses": _named(config.analyses, entry.sources.get("analysis")),
        "figures": {figure: entry},
    }
    return {
        section: {
            name: one.model_dump(mode="json", exclude_defaults=True)
            for name, one in entries.items()
        }
        for section, entries in sections.items()
        if entries
    }


def _named(entries: Mapping[str, Any], name: str | None) -> dict[str, Any]:
    return {} if name is None else {name: entries[name]}


def _sources_in_words(plan: Plan, sources: Mapping[str, str]) -> list[dict[str, str]]:
    """The sources of a figure, and the group of runs behind its analysis."""
    group = plan.group_of(sources)
    entries: dict[str, Mapping[str, Any]] = {
        "experiment": plan.config.experiments,
        "group": plan.config.groups,
        "analysis": plan.config.analyses,
    }
    return [
        {
            "source": source,
            "name": name,
            "config": f"{plan.folder(source, name)}/config.json",
            "description": str(entries[source][name].description),
        }
        for source, name in {**sources, **({} if group is None else {"group": group})}.items()
    ]


def missing_message(plan: Plan) -> str:
    """What is missing, why, and what to do; empty where nothing is."""
    missing = [name for name in plan.config.figures if plan.why_missing(name)]
    if not missing:
        return ""
    reasons = sorted({plan.why_missing(name) or "" for name in missing})
    lines = [f"{len(missing)} of {len(plan.config.figures)} figures are missing:"]
    lines += [f"  {name}" for name in missing]
    lines += ["why:", *[f"  {reason}" for reason in reasons]]
    if plan.config.settings.runs != "off":
        lines += [
            "what to do: run `snakemake` again with a network (nothing else is needed), or set",
            f"  {LOCAL_RUNS_VARIABLE}=FOLDER to a folder that holds the published logs "
            "(data/README.md)",
        ]
    return "\n".join(lines)
