"""Made-up tables in which every claim, of the paper or our own runs, is confirmed."""

from __future__ import annotations

import functools
import itertools
import math
from collections.abc import Iterable

import numpy as np
import pandas as pd

from scheduled.bounds.closed_forms import constant_optimum
from scheduled.schedules import WSDSchedule

LRS = (1e-4, 5e-4, 1e-3, 2e-3, 3e-3)
COOLDOWNS = (0.1, 0.2, 0.4, 0.6, 0.8, 0.9, 0.994)
FIGURES = ("210m", "owt_60m", "owt_93m", "owt_166m")
OTHERS = ("124m_cooldown", "124m_extension", "210m_extension")
MEASURED = ("124m", "124m_cooldown", "stdlib", "stdlib_cooldown")


def growth(cooldown: float) -> float:
    """ln of the best base LR of the longest cooldown over that of another one: .7 at .2."""
    return 0.7 * math.sqrt((0.994 - cooldown) / 0.794)


def agreeing() -> dict[str, pd.DataFrame]:
    """Name → table, of all tables that decide a claim; to be changed as copies only."""
    return dict(_agreeing())


@functools.cache
def _agreeing() -> dict[str, pd.DataFrame]:
    return {**simulations(), **training_runs(), **own_runs(), **law_benchmarks(), **predictions()}


def simulations() -> dict[str, pd.DataFrame]:
    """The tables of the figures of simulations."""
    horizon_transfer = {f"tables/horizon_transfer/{name}": t for name, t in extensions().items()}
    lower_bound = {
        f"tables/lower_bound/{name}": worst_case(scale)
        for name, scale in
        (("wsd", 1.1), ("cosine", 1.02), ("linear", 1.002), ("sqrt", 1.2), ("constant", 1.4))
    }  # fmt: skip
    return {
        "experiments/extend_wsd/extensions": picks({2.0: (0.633, 0.634375)}),
        "experiments/extend_wssd/extensions": picks({2.0: (0.53, 0.525), 4.0: (0.376, 0.375)}),
        "tables/multiple_horizon/gamma_star_fit": laws((0.92, -0.492), (0.47, -0.488)),
        "tables/multiple_horizon/standard/gamma_star_fit": laws((1.61, -0.498), (1.07, -0.499)),
        "tables/wsd_detail/no_log_terms": no_log_terms(),
        "experiments/wsd_detail/schedules": wsd_schedules(0.2),
        "tables/cooldown_length/range": cooldown_range(),
        "tables/grad_norm_shape/convergence": drops(),
        "tables/cosine_cycle/convergence": cycles(),
        "tables/lr_transfer/linear": log_ratios(),
        "tables/optimize_schedule/minimize_bound": descent(),
        "tables/optimize_schedule/animated_schedule": snapshots(),
        **horizon_transfer,
        **lower_bound,
    }


def laws(cosine: tuple[float, float], wsd: tuple[float, float]) -> pd.DataFrame:
    rows = [
        {"schedule": name, "mark": mark, "horizon": T, "base_lr": a * T**b, "A": a, "B": b}
        for name, (a, b) in (("cosine", cosine), ("wsd", wsd))
        for mark in ("point", "fit")
        for T in (200.0, 400.0, 600.0)
    ]
    return pd.DataFrame(rows)


def no_log_terms() -> pd.DataFrame:
    rows = []
    for T in (500, 1000, 2000, 4000, 8000):
        at = {"step": float(T), "A": 2.5}
        end = {"line": "end", "schedule": "wsd", "horizon": float(T), "bound": 2.5 / np.sqrt(T)}
        rows += [{**at, **end}, {**at, "line": "constant", "bound": constant_optimum(T)[1]}]
    return pd.DataFrame(rows)[["line", "schedule", "horizon", "step", "bound", "A"]]


def wsd_schedules(cooldown: float) -> pd.DataFrame:
    parts = []
    for T in (500, 1000, 2000, 4000, 8000):
        lrs = WSDSchedule(T + 1, cooldown_len=cooldown).multipliers
        steps = np.arange(1, T + 2)
        parts.append(pd.DataFrame({"horizon": T, "step": steps, "relative": lrs}))
    return pd.concat(parts, ignore_index=True)


def cooldown_range() -> pd.DataFrame:
    best = {"0.02": 0.2, "0.04": 0.6, "0.05": 0.9, "0.07": 0.9, "tuned": 0.9975}
    return pd.DataFrame(
        [
            {"line": line, "value": value, "bound": 0.1 + abs(value - at) / 10}
            for line, at in best.items()
            for value in (0.2, 0.6, 0.9, 0.9975)
        ]
    )


def drops() -> pd.DataFrame:
    steps = np.arange(1, 401)
    parts = [
        {"panel": "bound", "schedule": "wsd", "horizon": 400, "value": power, "step": steps}
        | {"y": np.exp(-1e-3 * np.where(steps <= 320, steps, 320 + ratio * (steps - 320)))}
        for power, ratio in ((0.0, 3.0), (-0.5, 0.9), (-1.0, 0.4))
    ]
    return pd.concat([pd.DataFrame(part) for part in parts], ignore_index=True)


def cycles() -> pd.DataFrame:
    return pd.DataFrame(
        [
            {"panel": "bound", "schedule": "cosine", "horizon": 400, "value": cycle, "step": step}
            | {"y": 0.1 * cycle + (400 - step) / 400}
            for cycle in (1.0, 1.5, 2.0)
            for step in (200, 400)
        ]
    )


def worst_case(scale: float) -> pd.DataFrame:
    steps = np.arange(1, 61)
    exact = scale / np.sqrt(steps)
    lines = {"omega": (steps, 2 * exact), "exact": (steps, exact), "pep": (steps[:5], exact[:5])}
    parts = [pd.DataFrame({"line": name, "step": t, "bound": y}) for name, (t, y) in lines.items()]
    return pd.concat(parts, ignore_index=True)


def picks(values: dict[float, tuple[float, float]]) -> pd.DataFrame:
    rows = [
        {"multiple": multiple, "found": True, "value": root, "published_value": pick}
        for multiple, (root, pick) in values.items()
    ]
    return pd.DataFrame(rows)


def extensions() -> dict[str, pd.DataFrame]:
    values = np.linspace(0.1, 1, 33)
    optima = pd.DataFrame({"mark": "optimum", "value": values, "bound": 0.02})
    optima["base_lr"] = 0.008 * np.exp(2 * (values - 0.63))
    kept = pd.DataFrame({"mark": ["kept"], "base_lr": [0.008]})
    candidates = pd.concat([optima, kept], ignore_index=True)

    def ends(**bounds: float) -> pd.DataFrame:
        rows = [
            {"panel": "bound", "line": line, "multiple": 2.0, "step": 8000, "y": y, "found": True}
            for line, y in bounds.items()
        ]
        return pd.DataFrame(rows)

    return {
        "candidates_wsd": candidates[["mark", "value", "base_lr", "bound"]],
        "extended_wsd": ends(naive=0.026, adapted=0.0225, linear=0.0224),
        "extended_wssd": ends(naive=0.026, adapted=0.023, linear=0.0224),
    }


def log_ratios() -> pd.DataFrame:
    fractions = np.linspace(0, 1, 31)
    ratio = 0.66 * (1 - fractions) / 0.8
    columns = {"fraction": fractions, "log_ratio": ratio, "fitted": ratio, "residual": 0.0}
    parts = [pd.DataFrame({"horizon": T, **columns}) for T in (400, 102400)]
    return pd.concat(parts, ignore_index=True)


def descent() -> pd.DataFrame:
    rows = [("descent", 0.0, 0.25), ("descent", 1.0, 0.2)]
    rows += [("linear decay, tuned", np.nan, 0.2), ("least Ω (closed form)", np.nan, 0.2)]
    rows += [("least exact worst case", np.nan, 0.1)]
    return pd.DataFrame(rows, columns=["line", "iteration", "bound"])


def snapshots() -> pd.DataFrame:
    steps = np.arange(1, 101)
    parts = [
        pd.DataFrame({"iteration": iteration, "step": steps, "y": y})
        for iteration, y in ((0, np.ones(100)), (7, 1 - (steps - 1) / 100))
    ]
    return pd.concat(parts, ignore_index=True)


def training_runs() -> dict[str, pd.DataFrame]:
    """The tables of analyses of training runs, and of a figure of one."""
    tables = {
        "tables/reanalysis/cooldown_length/best_lr": best_lr(),
        "analyses/124m_cooldown_fits/fits": cooldown_fits(),
        "analyses/124m_cooldown_fits/points": cooldown_points(),
        "analyses/124m_grad_norm_power/fits": powers(),
        "analyses/124m_lr_fits/fits": lr_fits(),
    }
    for name in FIGURES:
        tables |= {f"analyses/{name}_ranks/{key}": table for key, table in ranks().items()}
    for name in OTHERS:
        tables[f"analyses/{name}_ranks/agreement"] = ranks()["agreement"]
    for name in MEASURED:
        tables[f"analyses/{name}_measured_worst_case/agreement"] = measured_ranks()
    for size in ("124m", "210m"):
        tables |= {f"analyses/{size}_extension_gains/{k}": table for k, table in gains().items()}
    return tables


def measured_ranks() -> pd.DataFrame:
    taus = {("omega", "constant"): 0.9, ("omega", "measured"): 0.7}
    taus |= {("exact", "constant"): 0.9, ("exact", "measured"): 0.8}
    return pd.DataFrame([{"bound": b, "norms": n, "tau": tau} for (b, n), tau in taus.items()])


def best_lr() -> pd.DataFrame:
    rows = []
    for line, cooldown in itertools.product(("runs", "theory"), COOLDOWNS):
        y = growth(cooldown)
        row = {"panel": "ratio", "line": line, "schedule": "wsd", "horizon": 50000}
        ends = {"low": y - 0.1, "high": y + 0.2} if line == "runs" and y else {}
        rows.append({**row, "value": cooldown, "y": y, "low": np.nan, "high": np.nan, **ends})
    return pd.DataFrame(rows)


def cooldown_fits() -> pd.DataFrame:
    least = {cooldown: 2.95 + 0.02 * (0.994 - cooldown) for cooldown in COOLDOWNS}
    numbers = dict.fromkeys(("A", "B", "C", "optimum_low", "optimum_high"), 1.0)
    rows = [
        {"series": "wsd", "horizon": 50000, "value": cooldown, **numbers, "loss_at_optimum": loss}
        | {"optimum": 1e-3 * math.exp(-growth(cooldown))}
        | {"rms": 0.0005, "points": 5, "note": "", "status": "ok"}
        for cooldown, loss in least.items()
    ]
    return pd.DataFrame(rows)


def cooldown_points(scatter: float = 1e-3) -> pd.DataFrame:
    rows = [
        {"series": "wsd", "horizon": 50000, "value": cooldown, "lr": lr}
        | {"loss": 1e-5 / lr + 10 * lr + 2.93 + scatter * sign, "low": 0.0, "high": 0.0, "seeds": 1}
        for cooldown in COOLDOWNS
        for lr, sign in zip(LRS, (1, -1, 1, -1, 1), strict=True)
    ]
    return pd.DataFrame(rows)


def powers() -> pd.DataFrame:
    rows = [
        {"series": series, "horizon": 50000, "scale": 0.01, "power": -beta, "power_error": 0.03}
        | {"power_low": -1.2, "power_high": -1.0, "power_unlogged": -beta}
        | {"rms": 0.1, "points": 5, "status": "ok"}
        for series, beta in (("cosine", 1.08), ("wsd", 1.03))
    ]
    return pd.DataFrame(rows)


def ranks() -> dict[str, pd.DataFrame]:
    """Two schedules at three horizons, of which one is the better in loss and bound everywhere."""
    order = np.arange(1.0, 7.0)
    runs = pd.DataFrame(
        {"series": ["wsd", "cosine"] * 3, "horizon": [300, 300, 200, 200, 100, 100], "lr": 1e-3}
        | {"loss": 2.9 + order / 100, "bound": order / 100, "loss_rank": order, "bound_rank": order}
    )
    agreement = {"lr_scale": 5.0, "mark": "matched", "tau": 1.0, "p_value": 0.01, "runs": 6}
    return {
        "runs": runs,
        "agreement": pd.DataFrame([{**agreement, "pairs": 3, "agreeing": 3, "status": "ok"}]),
    }


def gains() -> dict[str, pd.DataFrame]:
    rows = [
        {"series": series, "horizon": horizon, "loss": 2.9 - gain, "baseline_loss": 2.9}
        | {"gain": gain, "steps_saved": 0.07 * horizon, "steps_saved_error": 100.0}
        | {"fraction_saved": 0.07, "window_steps_saved": 0.07 * horizon}
        | {"window_steps_saved_error": 100.0, "window_fraction_saved": 0.07, "status": "ok"}
        for series, horizon, gain in (
            ("longer_cooldown", 100000, 0.02), ("lowered", 100000, 0.01), ("lowered", 200000, 0.01)
        )
    ]  # fmt: skip
    slopes = [
        {"horizon": horizon, "part": part, "run": "same", "first": 0, "last": 1, "slope": -1e-6}
        | {"slope_error": 1e-8, "steps_per_01": 0.07 * horizon, "points": 101, "status": "ok"}
        for horizon in (100000, 200000)
        for part in ("constant", "window")
    ]
    return {"gains": pd.DataFrame(rows), "slopes": pd.DataFrame(slopes)}


def own_runs(seeds: Iterable[int] = (1, 2)) -> dict[str, pd.DataFrame]:
    """The tables of our own runs; all seeds found the same."""

    def seeded(table: pd.DataFrame) -> pd.DataFrame:
        return pd.concat([table.assign(seed=seed) for seed in seeds], ignore_index=True)

    horizon_ranks = {f"horizon_ranks_by_seed/{key}": table for key, table in ranks().items()}
    unlogged = {"power_unlogged": lambda table: table["power_unlogged"] / math.log(10)}
    by_seed = {
        "cooldown_fits_by_seed/fits": cooldown_fits(),
        "cooldown_fits_by_seed/points": own_points(),
        "lr_fits_by_seed/fits": lr_fits(),
        "grad_norm_power_by_seed/fits": powers().assign(**unlogged),
        "extension_gains_by_seed/gains": own_gains(),
        **horizon_ranks,
        "cooldown_ranks_by_seed/agreement": ranks()["agreement"],
        "extension_ranks_by_seed/agreement": ranks()["agreement"],
        "extension_ranks_by_seed/runs": extension_bounds(),
    }
    return {
        "experiments/stdlib_horizons/tuning": tuned({"cosine": 8e-3, "wsd": 4e-3}),
        "experiments/cooldown_length/tuning": cooldown_tuning(),
        "tables/own_runs/best_lr": best_lr(),
        "analyses/stdlib_cooldown_fits/fits": cooldown_fits(),
        "analyses/stdlib_cooldown_fits/points": cooldown_points(),
        **{f"analyses/stdlib_{name}": seeded(table) for name, table in by_seed.items()},
    }


def lr_fits() -> pd.DataFrame:
    return pd.DataFrame({"series": ["cosine", "wsd"], "optimum": [4e-3, 2e-3]})


def tuned(lrs: dict[str, float]) -> pd.DataFrame:
    return pd.DataFrame(
        [{"schedule": name, "horizon": 12000, "optimal_base_lr": lr} for name, lr in lrs.items()]
    )


def cooldown_tuning() -> pd.DataFrame:
    values = np.array([0.2, 0.6, 0.9, 0.9975])
    return pd.DataFrame({"value": values, "optimal_bound": 1.2 - values / 10})


def extension_bounds() -> pd.DataFrame:
    """The longer cooldown lowers the bound twice as much as the lowered LR, as it does losses."""
    bounds = {"same_lr": 0.03, "lowered": 0.029, "longer_cooldown": 0.028}
    return pd.DataFrame(
        [{"series": name, "horizon": 12000, "bound": bound} for name, bound in bounds.items()]
    )


def own_points() -> pd.DataFrame:
    """The shortest cooldown is best at the smallest base LR, the longest at the others."""
    points = cooldown_points()
    smallest = points["lr"] == points["lr"].min()
    return points.assign(loss=points["loss"] + points["value"] * np.where(smallest, 0.1, -0.1))


def own_gains() -> pd.DataFrame:
    ends = itertools.product((("lowered", 0.01), ("longer_cooldown", 0.02)), (12000, 24000))
    return pd.DataFrame(
        [
            {"series": series, "horizon": horizon, "gain": gain, "baseline_loss": 2.9}
            | {"window_fraction_saved": 0.07}
            for (series, gain), horizon in ends
        ]
    )


def law_benchmarks() -> dict[str, pd.DataFrame]:
    """Tables of laws of loss curves, with the study's numbers."""
    errors = {
        "finite_memory": (0.0035, 0.00283, 0.00391),
        "finite_memory_linear": (0.00372, 0.00318, 0.00456),
        "multi_power_published": (0.00376, 0.00435, 0.00484),
        "multi_power": (0.00462, 0.00445, 0.00603),
        "omega_hybrid_1_8": (0.00453, 0.00427, 0.00529),
        "tissue": (0.00477, 0.00467, 0.00646),
    }
    sizes = ("25M", "100M", "400M")
    mpl = [
        {"law": law, "model": size, "mae": mae, "mae_new": 1.4 * mae}
        | {"last": 0.006 if law == "finite_memory" else 0.005}
        for law, maes in errors.items()
        for size, mae in zip(sizes, maes, strict=True)
    ]
    of_law = {
        "finite_memory_65": (0.00634, 0.00669, 0.01734),
        "finite_memory_free": (0.012, 0.00969, 0.01689),
        "finite_memory_linear": (0.01453, 0.02165, 0.02178),
        "omega_hybrid_1_8": (0.01504, 0.0134, 0.033),
        "multi_power": (0.01478, 0.02439, 0.02051),
    }
    splits = {
        f"tables/laws/olmo/{split}": pd.DataFrame(
            [
                {"law": law, "model": "mean", "mae_new": values[place]}
                for law, values in of_law.items()
            ]
        )
        for place, split in enumerate(("b1", "b2", "b3"))
    }
    steps = np.arange(1000, 24001, 1000)
    curves = [
        {"model": size, "law": "finite_memory", "series": series, "part": part, "step": step}
        | {"loss": 4 - step / 1e4 - (1e-3 if part == "test" and step > 20000 else 0)}
        for size in ("100M", "400M")
        for series, part in (("constant_24000", "fit"), ("wsd_20000_24000", "test"))
        for step in steps[:: 2 if part == "test" else 1]
    ]
    from_4000 = [
        {"model": "25M", "law": law, "mae": mae}
        for law, mae in (("finite_memory", 0.0040), ("multi_power_published", 0.0038))
    ]
    fixed = {"law": "finite_memory", "parameter": "C", "value": 65.0, "how": "fixed"}
    exponents = {"beta": 1.0, "q": 0.75, "u": 0.8, "r": 0.7}
    # Two that are as good, the first of which is better on the benchmark, and one that is not.
    tried = [{**exponents, "beta": beta} for beta in (0.5, 1.0, 0.0)]
    choices = pd.DataFrame(tried).assign(wins=[0.4, 0.3, 0.1], behind=[0.0, 0.0, 0.001])
    on_mpl = pd.DataFrame(tried).assign(model="25M", mae=[0.0035, 0.004, 0.005], status="ok")
    own = {"keep_lr": 0.025, "one_optimum": 0.0038, "three_lrs": 0.0014}
    own_regrets = pd.DataFrame(
        [
            {"seed": seed, "rule": rule, "inside": rule == "three_lrs", "regret": regret}
            for seed in (1, 2)
            for rule, regret in own.items()
        ]
        # Three LRs that do not hold their optimum, which make the mean .0032.
        + [{"seed": seed, "rule": "three_lrs", "inside": False, "regret": 0.005} for seed in (1, 2)]
    )
    return {
        "tables/laws/mpl/benchmark": pd.DataFrame(mpl),
        "analyses/mpl_benchmark/curves": pd.DataFrame(curves),
        "analyses/mpl_from_4000/scores": pd.DataFrame(from_4000),
        **splits,
        **{f"analyses/olmo_{split}/parameters": pd.DataFrame([fixed]) for split in ("b1", "b2")},
        "analyses/paper_exponents/choices": choices,
        "analyses/mpl_exponents/errors": on_mpl,
        "analyses/stdlib_lr_transfer_by_seed/choices": own_regrets,
        "tables/laws/lr_transfer/124m": _lr_transfer(),
        "tables/laws/lr_transfer/own": _lr_transfer(),
    }


def _lr_transfer() -> pd.DataFrame:
    """The figure of a check of rules for the base LR, with the study's numbers."""
    means = {"keep_lr": 0.035, "one_optimum": 0.0009, "three_lrs": 0.0015}
    means |= {"three_lrs_inside": 0.00014}
    laws = ("finite_memory", "finite_memory_linear", "bound", "omega_hybrid", "omega_hybrid_1_8")
    means |= dict.fromkeys((*laws, "tissue", "multi_power"), 0.015)
    rows = [{"panel": "regret", "rule": rule, "y": y} for rule, y in means.items()]
    rows += [
        {"panel": "regret", "rule": "bound", "from_lr": lr, "right": right, "y": 0.015}
        for lr, right in ((5e-4, 1), (1e-3, 7), (2e-3, 0))
    ]
    rows += [
        {"panel": "power", "rule": rule, "value": value, "y": y}
        for rule, y in (("measured", 0.25), ("finite_memory", 0.7))
        for value in (0.1, 0.2, 0.4)
    ]
    columns = ["panel", "rule", "from_value", "from_lr", "value", "right", "y"]
    return pd.DataFrame(rows).reindex(columns=columns)


def predictions() -> dict[str, pd.DataFrame]:
    """Tables of predictions that came true, of twelve schedules and of a longer horizon."""
    laws = ("growing_memory", "finite_memory", "omega_hybrid", "tissue", "multi_power")
    scores = [
        {"question": question, "part": "all", "schedule": "all", "law": law}
        | {"mae": 0.01 + 0.01 * place, "bias": 0.001, "covered": 0.9, "width": 0.03}
        for question in ("schedules", "horizon")
        for place, law in enumerate(laws)
    ]
    points = [
        {"question": "schedules", "schedule": f"s{place}", "lr": 0.001, "horizon": 100, "step": 100}
        | {"loss": 2 + 0.01 * place, "growing_memory": 2.01 + 0.01 * place}
        for place in range(12)
    ]
    return {
        "analyses/stdlib_predictions/scores": pd.DataFrame(scores),
        "analyses/stdlib_predictions/points": pd.DataFrame(points),
    }
