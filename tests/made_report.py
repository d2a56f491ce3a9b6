"""Made-up contents of a report, and figures of a few bytes for it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from PIL import Image

from scheduled.report import Contents

SVG = """\
<?xml version="1.0" encoding="utf-8"?>
<svg width="72pt" height="36pt" viewBox="0 0 72 36" xmlns="http://www.w3.org/2000/svg">
 <path d="M 0 36 L 72 0" stroke="#d55e00" style="fill: none"/>
</svg>
"""
CLAIM = {
    "set": "paper",
    "id": "made_up",
    "verdict": "corrected",
    "why": "Nearly so.",
    "statement": "One is one.",
    "published": ".92",
    "where": "figure published/first",
    "tolerance": "half a unit of the last digit",
    "remark": "A remark.",
    "conditions": [
        {"text": "x = 1 ± 0.1", "part": "stated", "verdict": "contradicted", "worst": ["x"]},
        {"text": "x ≤ 3", "part": "corrected", "verdict": "confirmed", "worst": ["x"]},
    ],
    "numbers": [
        {"quantity": "x", "grid_point": "", "published": "1", "decides": True, "computed": 1.5}
        | {"shown": "1.5", "seeds": {}},
        {"quantity": "y", "grid_point": "of z", "published": "2", "decides": True, "computed": 2.0}
        | {"shown": "2 (seeds 1.5 to 2.5)", "seeds": {"1": 1.5, "2": 2.5}},
        {"quantity": "told only", "grid_point": "", "published": "—", "decides": False}
        | {"computed": None, "shown": "not computed", "seeds": {}},
    ],
    "tables": [
        {"name": "tables/alpha/first", "path": "results/tables/alpha/first.csv", "missing": ""},
        {"name": "tables/beta/gone", "path": None, "missing": "no network"},
    ],
}

OWN_RUN = {
    "topic": "cooldown",
    "quantity": "best fraction",
    "grid_point": "",
    "own": 0.8123456,
    "low": 0.7,
    "high": 0.9,
    "seeds": 3,
    "paper's claim": "about .9",
    "within paper's claim": 0.0,
    "with paper's claim": "consistent",
    "theory": 1.0,
    "within theory": 0.05,
    "with theory": "contradicted",
    "paper's runs": None,
    "within paper's runs": None,
    "with paper's runs": None,
    "reason": "half a step",
}
LEDGER = {"claims": [CLAIM], "own_runs": [OWN_RUN]}


SWEEP = """\
schedule,horizon,mark,base_lr,bound
wsd,400,curve,0.01,0.5
wsd,400,curve,0.1,0.25
wsd,400,curve,1.0,2.0
"cosine, long",400,curve,0.01,0.75
"cosine, long",400,curve,0.1,0.5
"cosine, long",400,curve,1.0,1.0
wsd,400,optimum,0.1,0.25
"""
SNAPSHOTS = """\
iteration,step,y
0,1,1.0
0,2,1.0
9,1,1.0
9,2,0.5
"""
PATH = """\
mark,panel,schedule,step,main,w1,w2,objective
path,,wsd,1,True,0.5,1.5,2.0
solution,,,,,0.0,0.25,
"""
TABLES = {"alpha/first": SWEEP, "alpha/sub/second": SNAPSHOTS, "single": PATH}


def _figure(name: str, kind: str, caption: str, **more: Any) -> dict[str, Any]:
    source = {
        "source": "experiment",
        "name": "made_up",
        "config": "results/experiments/made_up/0123456789ab/config.json",
        "description": "What is it?",
    }
    settings = {"kind": kind, "experiment": "made_up"}
    return {
        "figure": name,
        "caption": caption,
        "reproduces": "",
        "animated": False,
        "sources": [source],
        "config": {"figures": {name: settings}},
        "settings": settings,
        "look": {"labels": {"wsd": "WSD", "cosine, long": "Cosine"}},
        **more,
    }


def _row(name: str, reason: str = "", reproduces: str = "") -> dict[str, str]:
    status = "missing" if reason else "made"
    return {"figure": name, "status": status, "reason": reason, "reproduces": reproduces}


CONTENTS = Contents(
    figures=[
        _figure("alpha/first", "lr_sweep", "A line — γ* > 0.", reproduces="published/first"),
        _figure("alpha/sub/second", "schedule_descent", "Another, which moves.", animated=True),
        _figure("single", "path", "A figure without a folder."),
    ],
    index=[
        _row("alpha/first", reproduces="published/first"),
        _row("alpha/sub/second"),
        _row("single"),
        _row("beta/gone", "no network", "published/gone"),
    ],
    ledger=LEDGER,
    failed_fits=[{"analysis": "a", "table": "fits", "lr": "0.001", "status": "no minimum"}],
    versions={"python": "3.11.0"},
)


def make_figures(folder: Path) -> Path:
    """Write the figures of `CONTENTS` to a folder, as the pipeline does."""
    for about in CONTENTS.figures:
        stem = folder / "figures" / about["figure"]
        stem.parent.mkdir(parents=True, exist_ok=True)
        stem.with_name(f"{stem.name}.svg").write_text(SVG, encoding="utf-8")
        # Larger than the SVG, as most figures are.
        Image.effect_noise((40, 20), 90).save(stem.with_name(f"{stem.name}.png"))
        table = folder / "tables" / f"{about['figure']}.csv"
        table.parent.mkdir(parents=True, exist_ok=True)
        table.write_text(TABLES[about["figure"]], encoding="utf-8")
        if about["animated"]:
            frames = [Image.new("P", (3, 2), colour) for colour in (0, 1)]
            frames[0].save(
                stem.with_name(f"{stem.name}.gif"), save_all=True, append_images=frames[1:]
            )
    return folder
