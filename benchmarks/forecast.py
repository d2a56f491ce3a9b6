"""``python -m benchmarks forecast [--write]``: how far forecasts of a cooldown are off.

Measures what `scheduled.laws.forecast` shares between runs, on the datasets `mpl`, `olmo`, `paper`
(local copies, SCHEDULED_RUNS) and `stdlib`, and its errors on runs that had no part in that;
``--write`` stores them in src/scheduled/laws/forecast.json. A branch is a run that held its
learning rate and cooled down; a setup is a dataset, with its optimizer, text and batch.
"""

from __future__ import annotations

import functools
import json
import math
import os
import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from statistics import mean, median

import numpy as np
import pandas as pd

from benchmarks import REPO
from scheduled.analyses.logged_rates import rates_of_run
from scheduled.core.arguments import FloatArray
from scheduled.laws.fit import Curve, fit_law
from scheduled.laws.forecast import (
    CONFIDENCE,
    END,
    LAW,
    MOST_REACH,
    PEAK,
    POINTS,
    Prefix,
    Shared,
    forecast,
    implied_noise,
    prefix_of,
)
from scheduled.runs.curve import collect
from scheduled.runs.dataset import load_dataset
from scheduled.runs.fetch import RunSource

SETUPS = {"mpl": "train_loss", "olmo": "val_loss", "paper": "val_loss", "stdlib": "val_loss"}
KINDS = ("wsd", "wsd_exponential")
LONGEST = 0.5
"""Cooldowns that are a larger part of the steps are left out: they begin before much is known."""
REACH = (1.3, MOST_REACH)
WAITS = (1.0, 0.75, 0.6)
"""Where forecasts are made: at the begin of the cooldown, and at these parts of it."""
FITTED = 8
"""Branches of a model and a learning rate that α and C are fitted to, at most."""
STORED = REPO / "src" / "scheduled" / "laws" / "forecast.json"


@dataclass(frozen=True, eq=False)
class Branch:
    """A run that held its learning rate and cooled down."""

    setup: str
    size: str
    text: str
    run: str
    peak: float
    warmup: int
    start: int
    rates: FloatArray
    at: FloatArray
    losses: FloatArray
    kind: str
    plan: tuple
    """Horizon, cooldown, its shape, and seed."""

    @property
    def unit(self) -> str:
        """What is left out together: a size, or of a setup with one size, a learning rate."""
        return f"{self.peak:g}" if self.setup == "stdlib" else self.size

    @property
    def model(self) -> tuple[str, str, str]:
        return self.setup, self.size, self.text

    @property
    def cooldown(self) -> float:
        return 1 - self.start / self.rates.size

    @property
    def final(self) -> float:
        return float(self.losses[self.at > (1 - END) * self.rates.size].mean())

    def prefix(self, wait: float = 1.0) -> Prefix:
        return prefix_of(self.at, self.losses, round(wait * self.start), self.peak, self.warmup)


def branches(setup: str) -> list[Branch]:
    """The branches of a dataset that are measured."""
    return [
        run
        for run in loaded(setup)
        if run.kind in KINDS and run.cooldown <= LONGEST and run.prefix().at.size >= POINTS
    ]


@functools.cache
def loaded(setup: str) -> list[Branch]:
    """All runs of a dataset that fall from a plateau, from local copies."""
    dataset = load_dataset(setup, REPO)
    folders = os.environ.get("SCHEDULED_RUNS", "").split(os.pathsep)
    local = (dataset.files_at,) if dataset.files_at else tuple(Path(f) for f in folders if f)
    source = RunSource(dataset.registry, local, REPO / "data" / "runs" / setup)
    entries = list(dataset.registry)
    if missing := source.missing(entry.path for entry in entries):
        raise SystemExit(f"{setup}: {len(missing)} logs are missing; SCHEDULED_RUNS names copies")
    logs, about = collect(dataset.registry, entries, source.where, dataset.log_format)
    rows = {str(run): table.sort_values("step") for run, table in logs.groupby("run")}
    found = []
    for run in about.to_dict("records"):
        if run["scheduler"] not in (*KINDS, "wsd_twostage") or (
            run["scheduler"] == "wsd" and not run["cooldown"]
        ):
            continue
        table = rows[run["run"]].dropna(subset=[SETUPS[setup]])
        table = table[table["step"] >= 1]
        last = int(table["step"].max())
        rates = rates_of_run(rows[run["run"]], run, last)
        peak = float(rates.max())
        held = np.flatnonzero(rates >= 0.99 * peak)
        warmup = 0 if pd.isna(run["warmup_steps"]) else int(run["warmup_steps"])
        text = "" if pd.isna(run["dataset"]) else str(run["dataset"])
        branch = Branch(
            setup,
            str(run["size"]),
            text,
            str(run["run"]),
            peak,
            warmup,
            int(held[-1]) + 1,
            rates,
            table["step"].to_numpy(np.int64),
            table[SETUPS[setup]].to_numpy(np.float64),
            str(run["scheduler"]),
            (run["iterations"], run["cooldown"], run["decay_type"], str(run["seed"])),
        )
        found.append(branch)
    return found


def shapes(runs: Iterable[Branch]) -> dict[tuple[str, str, str], tuple[float, float]]:
    """α and C of each model, the median over its learning rates; NaN where they are not told."""
    of: dict[tuple[str, str, str], dict[float, list[Branch]]] = {}
    for run in runs:
        of.setdefault(run.model, {}).setdefault(run.peak, []).append(run)
    found = {}
    for model, by_lr in of.items():
        values = []
        for several in by_lr.values():
            curves = []
            for run in several[:FITTED]:
                kept = run.at > max(2 * run.warmup, 0.02 * run.rates.size)
                at, losses = run.at[kept], run.losses[kept]
                some = np.unique(np.linspace(0, at.size - 1, min(at.size, 100)).astype(int))
                curves.append(Curve.of(run.rates, at[some], losses[some]))
            fit = fit_law(LAW, curves, starts=2)
            if not {"C", "L0"} & set(fit.weak):
                values.append((fit.parameters["alpha"], fit.parameters["C"]))
        found[model] = (
            (median(a for a, _ in values), math.exp(median(math.log(C) for _, C in values)))
            if values
            else (math.nan, math.nan)
        )
    return found


def rounded(value: float, digits: int = 2) -> float:
    return float(f"{value:.{digits - 1}e}")


def vote(values: Iterable[tuple[str, float]]) -> float:
    """The median of setups' medians: each setup has one vote."""
    of: dict[str, list[float]] = {}
    for setup, value in values:
        if math.isfinite(value):
            of.setdefault(setup, []).append(value)
    return median(median(each) for each in of.values())


@functools.cache
def noise_of(run: Branch, alpha: float, C: float) -> float:
    """ln B of a branch."""
    plain = Shared(alpha, C, 0.2, 0.25, (0, 1), (0, 9), 0, (math.inf,), {"others": (0.0,)})
    return math.log(implied_noise(run.prefix(), run.rates, run.at, run.losses, plain))


def noises(runs: Sequence[Branch], alpha: float, C: float, rho: float) -> list[tuple[str, float]]:
    """Setup and ln B at `PEAK` of each model, the median over its learning rates."""
    of: dict[tuple[str, str, str], dict[float, list[float]]] = {}
    for run in runs:
        value = noise_of(run, alpha, C) - rho * math.log(run.peak / PEAK)
        of.setdefault(run.model, {}).setdefault(run.peak, []).append(value)
    return [(model[0], median(median(v) for v in by.values())) for model, by in of.items()]


def exponents(runs: Sequence[Branch], alpha: float, C: float) -> dict[tuple[str, str, str], float]:
    """ρ of each model with three learning rates or more."""
    found = {}
    for model in dict.fromkeys(run.model for run in runs):
        by: dict[float, list[float]] = {}
        for run in runs:
            if run.model == model:
                by.setdefault(run.peak, []).append(noise_of(run, alpha, C))
        if len(by) >= 3:
            logs = np.log(list(by))
            found[model] = float(np.polyfit(logs, [median(v) for v in by.values()], 1)[0])
    return found


def constants(runs: Sequence[Branch], shape: dict) -> Shared:
    """What some branches tell the others, without errors."""
    models = list(dict.fromkeys(run.model for run in runs))
    alpha = rounded(vote((m[0], shape[m][0]) for m in models))
    C = rounded(math.exp(vote((m[0], math.log(shape[m][1])) for m in models)))
    rho = rounded(vote((m[0], value) for m, value in exponents(runs, alpha, C).items()))
    noise = rounded(math.exp(vote(noises(runs, alpha, C, rho))), 3)
    losses = [float(run.losses[run.at <= run.start][-1]) for run in runs]
    return Shared(
        alpha,
        C,
        noise,
        rho,
        (rounded(min(run.peak for run in runs)), rounded(max(run.peak for run in runs))),
        (rounded(min(losses)), rounded(max(losses))),
        0,
        REACH,
        {"others": (0.0,) * len(REACH), "alike": (0.0,) * len(REACH)},
    )


def errors_of(run: Branch, shared: Shared, B: float | None = None) -> list[dict]:
    """Errors of the forecasts of a branch's final loss, made at several steps."""
    found = []
    end = run.at > (1 - END) * run.rates.size
    for wait in WAITS:
        prefix = run.prefix(wait)
        reach = run.rates.size / prefix.now
        if prefix.at.size < POINTS or reach > REACH[-1]:
            continue
        each = forecast(prefix, run.rates, run.at[end], shared, B)
        predicted = float(each.losses[prefix.at.size :].mean())
        found.append(
            {
                "setup": run.setup,
                "unit": run.unit,
                "size": run.size,
                "text": run.text,
                "run": run.run,
                "peak": run.peak,
                "cooldown": round(run.cooldown, 2),
                "now": prefix.now,
                "wait": wait,
                "class": next(i for i, top in enumerate(REACH) if reach <= top),
                "error": predicted - run.final,
                "removed": each.removed,
                "level": float(each.half[-1]),
                "drop": float(run.losses[run.at <= run.start][-1]) - run.final,
                "last": float(run.losses[run.at <= run.start][-1]),
                "final": run.final,
            }
        )
    return found


def others(runs: Sequence[Branch], shape: dict) -> pd.DataFrame:
    """Errors where all constants are of other setups."""
    rows = []
    for setup in SETUPS:
        shared = constants([run for run in runs if run.setup != setup], shape)
        for run in runs:
            if run.setup == setup:
                rows += errors_of(run, shared)
    return pd.DataFrame(rows)


def alike(runs: Sequence[Branch], shape: dict) -> pd.DataFrame:
    """Errors where B is of other sizes of the same setup, and the rest of all other runs."""
    rows = []
    for setup in SETUPS:
        own = [run for run in runs if run.setup == setup]
        for unit in dict.fromkeys(run.unit for run in own):
            shared = constants([r for r in runs if (r.setup, r.unit) != (setup, unit)], shape)
            rest = [run for run in own if run.unit != unit]
            log_noise = median(v for _, v in noises(rest, shared.alpha, shared.C, shared.rho))
            for run in own:
                if run.unit == unit:
                    B = math.exp(log_noise + shared.rho * math.log(run.peak / PEAK))
                    rows += errors_of(run, shared, B)
    return pd.DataFrame(rows)


def quantile(scores: pd.DataFrame, by: str) -> float:
    """The score that holds 90 %, each size (or setup) having the same weight."""
    if scores.empty:
        return math.nan
    weights = 1 / scores.groupby(by)[by].transform("size")
    order = np.argsort(scores["score"].to_numpy(), kind="stable")
    total = np.cumsum(weights.to_numpy()[order]) / weights.sum()
    values = scores["score"].to_numpy()[order]
    return float(values[min(np.searchsorted(total, CONFIDENCE - 1e-12), values.size - 1)])


def widest(table: pd.DataFrame) -> list[float]:
    """Of each class of reach the score that holds 90 % in every setup; no class has a lower one."""
    found = []
    for i in range(len(REACH)):
        part = table[table["class"] == i]
        found.append(
            max(quantile(part[part["setup"] == s], "unit") for s in part["setup"].unique())
        )
    return list(np.maximum.accumulate(found))


def covered(table: pd.DataFrame) -> pd.DataFrame:
    """Whether each error is within the interval that the other setups' errors give."""
    parts = []
    for setup in SETUPS:
        limits = widest(table[table["setup"] != setup])
        part = table[table["setup"] == setup].copy()
        part["half"] = np.hypot(
            part["class"].map(dict(enumerate(limits))) * part["removed"], part["level"]
        )
        part["held"] = part["error"].abs() <= part["half"]
        parts.append(part)
    return pd.concat(parts)


def _lines(header: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [header, ["---"] * len(header), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines) + "\n"


def summary(table: pd.DataFrame, names: dict[str, pd.Series]) -> str:
    rows = []
    for name, chosen in names.items():
        part = table[chosen]
        if part.empty:
            continue
        rows.append(
            (
                name,
                str(len(part)),
                f"{part['error'].abs().mean():.4f}",
                f"{part['error'].mean():+.4f}",
                f"{part['half'].mean():.3f}",
                f"{100 * part['held'].mean():.0f} %",
            )
        )
    return _lines(("runs", "forecasts", "mean error", "bias", "±", "in the interval"), rows)


def sections(table: pd.DataFrame) -> dict[str, pd.Series]:
    grid = (table["size"] == "124M") & (table["text"] == "slimpajama")
    at_once = table["wait"] == 1.0
    names = {"all": table["error"].notna()}
    for setup in SETUPS:
        of = table["setup"] == setup
        if setup == "paper":
            names["paper, 124M grid, at the cooldown"] = of & grid & at_once
            names["paper, other sizes and horizons, at the cooldown"] = of & ~grid & at_once
            names["paper, earlier"] = of & ~at_once
        else:
            names[f"{setup}, at the cooldown"] = of & at_once
            names[f"{setup}, earlier"] = of & ~at_once
    return names


def main(arguments: list[str]) -> None:
    """Print the tables, and store the constants."""
    runs = [run for setup in SETUPS for run in branches(setup)]
    shape = shapes(runs)
    shared = constants(runs, shape)
    tables = {"others": others(runs, shape), "alike": alike(runs, shape)}
    for table in tables.values():
        table["score"] = table["error"].abs() / table["removed"]
    told = {
        "others": "Constants and interval from the other setups",
        "alike": "B from other sizes (own runs: learning rates), the rest from all other runs",
    }
    for name, table in tables.items():
        sys.stdout.write(f"{told[name]}:\n\n{summary(covered(table), sections(table))}\n")
    sys.stdout.write(f"{_like_laws(tables['alike'])}\n{_lowering(shared)}\n")
    stored = {
        "about": "Written by `python -m benchmarks forecast --write`; do not edit.",
        "alpha": shared.alpha,
        "C": shared.C,
        "noise": shared.noise,
        "rho": shared.rho,
        "rates": shared.rates,
        "losses": shared.losses,
        "steps": int(min(table["now"].min() for table in tables.values())),
        "reach": REACH,
        "errors": {name: [rounded(v) for v in widest(t)] for name, t in tables.items()},
        "setups": _setups(runs, shape, shared),
    }
    text = json.dumps(stored, indent=1) + "\n"
    sys.stdout.write(text)
    if "--write" in arguments:
        STORED.write_text(text, encoding="utf-8")


def _like_laws(table: pd.DataFrame) -> str:
    """The measure of the study: the paper's runs alone, at the cooldown, one size left out."""
    grid = (table["size"] == "124M") & (table["text"] == "slimpajama")
    paper = table[(table["setup"] == "paper") & (table["wait"] == 1.0)]
    rows = []
    four_fold = paper["text"] == "slimpajama_chunk1"
    for name, part in (
        ("other sizes", paper[~grid[paper.index] & ~four_fold]),
        ("two sizes to 100,000 and 200,000 steps", paper[four_fold]),
        ("124M grid", paper[grid[paper.index]]),
    ):
        held, halves, drops = [], [], []
        for size, one in part.groupby("size"):
            rest = paper[paper["size"] != size]
            errors = rest.assign(score=rest["error"].abs())
            count = rest["size"].nunique()
            weights = 1 / rest.groupby("size")["size"].transform("size")
            order = np.argsort(errors["score"].to_numpy())
            total = np.cumsum(weights.to_numpy()[order]) / weights.sum()
            place = np.searchsorted(total, min(CONFIDENCE * (count + 1) / count, 1) - 1e-12)
            half = float(errors["score"].to_numpy()[order][min(place, len(order) - 1)])
            halves.append(half)
            held += list(one["error"].abs() <= half)
            drop = mean(rest.groupby("size")["drop"].mean())
            drops += list((one["last"] - drop - one["final"]).abs())
        rows.append(
            (
                name,
                str(len(part)),
                f"{part['error'].abs().mean():.4f}",
                f"{mean(halves):.3f}",
                f"{100 * mean(held):.0f} %",
                f"{mean(drops):.4f}",
            )
        )
    header = (
        "the paper's, one size left out",
        "branches",
        "mean error",
        "±",
        "held",
        "last − mean drop",
    )
    return _lines(header, rows)


def _lowering(shared: Shared) -> str:
    """Whether the law has the sign of what lowering the learning rate gains at a longer horizon."""
    rows = []
    far = replace(shared, reach=(math.inf,), errors={"others": (0.0,)})
    for setup in ("paper", "stdlib"):
        for run in loaded(setup):
            if run.kind != "wsd_twostage":
                continue
            (same,) = (
                other
                for other in loaded(setup)
                if other.kind == "wsd"
                and (*other.model, other.peak, *other.plan) == (*run.model, run.peak, *run.plan)
            )
            prefix = run.prefix()
            finals = []
            for one in (run, same):
                end = one.at > (1 - END) * one.rates.size
                found = forecast(prefix, one.rates, one.at[end], far)
                finals.append(float(found.losses[prefix.at.size :].mean()))
            gain, told = same.final - run.final, finals[1] - finals[0]
            rows.append((run.run, f"{gain:+.4f}", f"{told:+.4f}"))
    wrong = sum(float(gain) * float(told) < 0 for _, gain, told in rows)
    header = ("lowered at a longer horizon", "loss gained", "by the law")
    return f"{_lines(header, rows)}\nOf {len(rows)} pairs the law has {wrong} signs wrong.\n"


def _setups(runs: Sequence[Branch], shape: dict, shared: Shared) -> list[dict]:
    found = []
    for setup in SETUPS:
        own = [run for run in runs if run.setup == setup]
        values = [v for _, v in noises(own, shared.alpha, shared.C, shared.rho)]
        models = list(dict.fromkeys(run.model for run in own))
        origin = load_dataset(setup, REPO).registry.origin
        entry = {
            "name": setup,
            "models": len(models),
            "branches": len(own),
            "noise": rounded(math.exp(median(values)), 3),
        }
        entry["commit"] = origin.commit
        found.append(entry)
    return found
