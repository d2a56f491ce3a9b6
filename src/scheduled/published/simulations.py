"""Numbers that the paper gives for its simulations."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np
import pandas as pd

from scheduled.published.quantity import Quantity


def _fit(schedule: str, column: str) -> Callable[[pd.DataFrame], float]:
    return lambda table: float(table.loc[table["schedule"] == schedule, column].iloc[0])


def _fits(standard: bool, numbers: dict[str, tuple[str, str]]) -> Iterator[Quantity]:
    table = f"tables/multiple_horizon/{'standard/' if standard else ''}gamma_star_fit"
    for schedule, published in numbers.items():
        claim = "gamma_star_standard" if standard else f"gamma_star_{schedule}"
        for column, value in zip("AB", published, strict=True):
            quantity = f"{column} of γ* = A·T^B, {schedule}"
            yield Quantity(claim, quantity, value, table, _fit(schedule, column))


def _ratio_at(horizon: int) -> Callable[[pd.DataFrame], float]:
    def compute(table: pd.DataFrame) -> float:
        points = table[(table["mark"] == "point") & (table["horizon"] == horizon)]
        best = points.set_index("schedule")["base_lr"]
        return float(best["cosine"] / best["wsd"])

    return compute


def _growth(line: str) -> Callable[[pd.DataFrame], float]:
    """Ω_T·√T at T = 8000 over that at T = 500."""

    def compute(table: pd.DataFrame) -> float:
        rows = table[table["line"] == line].sort_values("step")
        scaled = rows["bound"] * np.sqrt(rows["step"])
        first, last = scaled.iloc[(rows["step"] - 500).abs().argmin()], scaled.iloc[-1]
        return float(last / first)

    return compute


def _best_value(line: str) -> Callable[[pd.DataFrame], float]:
    def compute(table: pd.DataFrame) -> float:
        rows = table[table["line"] == line]
        return float(rows["value"].iloc[int(rows["bound"].argmin())])

    return compute


def _drop(power: float) -> Callable[[pd.DataFrame], float]:
    """Decrease of ln Ω of WSD in its cooldown over that in as many steps before it."""

    def compute(table: pd.DataFrame) -> float:
        rows = table[(table["panel"] == "bound") & (table["schedule"] == "wsd")]
        curve = np.log(rows[rows["value"] == power].set_index("step")["y"])
        return float((curve[320] - curve[400]) / (curve[240] - curve[320]))

    return compute


def _omega_over_exact(first: int) -> Callable[[pd.DataFrame], float]:
    def compute(table: pd.DataFrame) -> float:
        wide = table.pivot(index="step", columns="line", values="bound")
        wide = wide[wide.index >= first]
        return float((wide["omega"] / wide["exact"]).max())

    return compute


def _exact_over_pep(table: pd.DataFrame) -> float:
    wide = table.pivot(index="step", columns="line", values="bound")
    return float((wide["exact"] / wide["pep"] - 1).abs().max())


def _best_cycle(table: pd.DataFrame) -> float:
    rows = table[table["panel"] == "bound"]
    ends = rows[rows["step"] == rows["step"].max()]
    return float(ends.loc[ends["y"].idxmin(), "value"])


def _extension(line: str, multiple: float) -> Callable[[pd.DataFrame], float]:
    def compute(table: pd.DataFrame) -> float:
        rows = table[(table["line"] == line) & (table["multiple"] == multiple)]
        return float(rows["value"].iloc[0])

    return compute


def _kept_cooldown(table: pd.DataFrame) -> float:
    """The candidate whose best base LR is closest to the one kept."""
    kept = table.loc[table["mark"] == "kept", "base_lr"].iloc[0]
    optima = table[table["mark"] == "optimum"]
    return float(optima.loc[np.log(optima["base_lr"] / kept).abs().idxmin(), "value"])


def _end(line: str, multiple: float) -> Callable[[pd.DataFrame], float]:
    def compute(table: pd.DataFrame) -> float:
        rows = table[(table["panel"] == "bound") & (table["multiple"] == multiple)]
        return float(rows[rows["line"] == line].sort_values("step")["y"].iloc[-1])

    return compute


def _log_ratio(table: pd.DataFrame) -> float:
    longest = table[table["horizon"] == table["horizon"].max()]
    return float(longest["log_ratio"].iloc[int((longest["fraction"] - 0.2).abs().argmin())])


def _over_least(name: str) -> Callable[[pd.DataFrame], float]:
    def compute(table: pd.DataFrame) -> float:
        values = table.dropna(subset=["bound"]).groupby("line")["bound"].last()
        return float(values[name] / values["least Ω (closed form)"])

    return compute


def _minimax(table: pd.DataFrame) -> float:
    """The least exact worst case at T = 100, times √T."""
    return float(table.loc[table["line"] == "least exact worst case", "bound"].iloc[0] * 10)


def _extensions() -> Iterator[Quantity]:
    for multiple, claim, published in ((2.0, "rho_2x", ".525"), (4.0, "rho_4x", ".375")):
        for line, what in (("published", "pick of the 33-point grid"), ("root", "solution")):
            quantity = f"ρ for {multiple:g} × T1, {what}"
            compute = _extension(line, multiple)
            yield Quantity(claim, quantity, published, "tables/horizon_transfer/factors", compute)
    yield Quantity(
        "cooldown_2x",
        "cooldown fraction for 2 × T1, closest of the 33 candidates",
        "about .63",
        "tables/horizon_transfer/candidates_wsd",
        _kept_cooldown,
    )
    order = "naive > ρ > longer cooldown > tuned linear decay"
    for figure, line, what in (
        ("extended_wsd", "naive", "not adapted"),
        ("extended_wssd", "adapted", "factor ρ"),
        ("extended_wsd", "adapted", "longer cooldown"),
        ("extended_wsd", "linear", "tuned linear decay"),
    ):
        yield Quantity(
            "naive_is_worse",
            f"Ω at 2 × T1, {what}",
            order,
            f"tables/horizon_transfer/{figure}",
            _end(line, 2.0),
        )


def _worst_cases() -> Iterator[Quantity]:
    for name in ("wsd", "cosine", "linear", "sqrt", "constant"):
        table = f"tables/lower_bound/{name}"
        for first in (60, 10):
            yield Quantity(
                "pep_same_shape",
                f"largest Ω_t over exact worst case, t ≥ {first}, {name}",
                "within about 2.2",
                table,
                _omega_over_exact(first),
            )
        yield Quantity(
            "pep_same_shape",
            f"largest |exact worst case / PEP − 1|, {name}",
            "—",
            table,
            _exact_over_pep,
        )


SIMULATIONS: tuple[Quantity, ...] = (
    *_fits(False, {"cosine": (".92", "-.492"), "wsd": (".47", "-.488")}),
    *_fits(True, {"cosine": ("1.61", "-.498"), "wsd": ("1.07", "-.499")}),
    Quantity(
        "cosine_wsd_ratio",
        "γ* of cosine over that of WSD, T = 400",
        "about 2 (.92/.47)",
        "tables/multiple_horizon/gamma_star_fit",
        _ratio_at(400),
    ),
    Quantity(
        "no_log_wsd",
        "growth of tuned Ω_T·√T from T = 500 to 8000, WSD",
        "none",
        "tables/wsd_detail/no_log_terms",
        _growth("end"),
    ),
    Quantity(
        "no_log_wsd",
        "growth of tuned Ω_T·√T from T = 500 to 8000, constant",
        "grows",
        "tables/wsd_detail/no_log_terms",
        _growth("constant"),
    ),
    Quantity(
        "linear_best",
        "best of ten cooldown fractions, tuned γ",
        "1",
        "tables/cooldown_length/range",
        _best_value("tuned"),
    ),
    Quantity(
        "short_cooldown_at_fixed_gamma",
        "best of ten cooldown fractions, γ = 0.02",
        "below 1",
        "tables/cooldown_length/range",
        _best_value("0.02"),
    ),
    *(
        Quantity(
            "drop_needs_flat_gradients",
            f"fall of ln Ω in the cooldown over that in as many steps before, α = {power:g}",
            "a sudden drop (far above 1) for α = 0 only",
            "tables/grad_norm_shape/convergence",
            _drop(power),
        )
        for power in (0.0, -0.5, -1.0)
    ),
    *_worst_cases(),
    Quantity(
        "cosine_cycle",
        "cycle over horizon with the least Ω_T",
        "1",
        "tables/cosine_cycle/convergence",
        _best_cycle,
    ),
    *_extensions(),
    Quantity(
        "lr_transfer",
        "ln γ*(c=1)/γ*(c=.2), T = 102,400",
        "about .66 (.7 in the text)",
        "tables/lr_transfer/linear",
        _log_ratio,
    ),
    Quantity(
        "optimal_schedule_linear",
        "Ω of tuned linear decay over the least Ω, T = 100",
        "1",
        "tables/optimize_schedule/minimize_bound",
        _over_least("linear decay, tuned"),
    ),
    Quantity(
        "optimal_schedule_linear",
        "Ω where the minimisation ends over the least Ω, T = 100",
        "1",
        "tables/optimize_schedule/minimize_bound",
        _over_least("descent"),
    ),
    Quantity(
        "minimax_linear",
        "least exact worst case times √T/(DG), T = 100",
        "1",
        "tables/optimize_schedule/minimize_bound",
        _minimax,
    ),
)
