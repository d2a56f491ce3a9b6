"""The explorer: an app by ``scheduled explore``, a tutorial by ``marimo edit`` (docs/explorer.md).

All numbers come from the library, by the functions that its commands use; a cell shows which.
"""

import marimo

__generated_with = "0.25.2"
app = marimo.App(width="full", app_title="Learning-rate schedules, explored")

with app.setup:
    from dataclasses import replace
    from html import escape

    import marimo as mo
    import numpy as np

    from scheduled.answers.check import check
    from scheduled.answers.convert import converted
    from scheduled.answers.page import NoAnswer, percent, short
    from scheduled.answers.picture import Curve
    from scheduled.answers.read import contents
    from scheduled.answers.spec import read_spec
    from scheduled.answers.transfer import transfer
    from scheduled.bounds.exact.values import exact_bound
    from scheduled.bounds.tuning import sweep_base_lr
    from scheduled.convert import frameworks
    from scheduled.explore.log import learning_rates, loss_beside_omega, losses, read_dropped
    from scheduled.explore.parts import numbers, picture, spec_line, table
    from scheduled.explore.served import NOTEBOOK
    from scheduled.schedules.tabulated import TabulatedSchedule

    COLUMNS = ("learning_rate", "train_loss", "val_loss")


@app.cell(hide_code=True)
def _():
    css = NOTEBOOK.with_name("notebook.css").read_text(encoding="utf-8")
    mo.Html(f"<style>{css}</style>")
    return


@app.cell(hide_code=True)
def _():
    mo.md(r"""
    # Learning-rate schedules, explored

    Train with the subgradient method and learning rates $\eta_1, \dots, \eta_T$. How far can the
    last iterate be from the optimum? On a convex function, from a distance $D$ and with gradients
    of norm at most $G$, its value is above the least one by at most

    $$
    \Omega_t = \frac{1}{2} \left[ \frac{D^2}{S_t} + \eta_t G^2 +
    \sum_{k=1}^{t-1} \frac{\eta_k^2 G^2}{S_t - S_k} \right],
    $$

    where $S_t = \eta_1 + \dots + \eta_t$.

    The first term asks for large steps. The rest, the noise, asks for small ones at the end. A
    schedule is a way to have both, and the base learning rate $\gamma$ balances them: $\gamma^*$ is
    the best one. Losses of language models look much like $\Omega_t$
    ([arXiv:2501.18965](https://arxiv.org/abs/2501.18965)).

    ## Turn the sliders

    Here $D = G = 1$, so $\gamma$ is in theory's units: ratios carry over to your model, levels do
    not. A setting that a schedule does not have changes nothing.
    """)
    return


@app.cell(hide_code=True)
def _():
    KINDS = {
        "warm-up, plateau, cooldown (WSD)": "wsd",
        "cosine": "cosine",
        "linear": "linear",
        "inverse square root": "sqrt",
        "constant": "constant",
    }
    tens = [1.0, 1.25, 1.6, 2.0, 2.5, 3.2, 4.0, 5.0, 6.3, 8.0]
    rates = [float(f"{each}e{power}") for power in (-4, -3, -2, -1) for each in tens]
    horizons = [100, 200, 400, 1000, 2000, 4000, 10_000, 20_000, 50_000, 100_000]

    def slider(label, steps, value):
        return mo.ui.slider(
            steps=steps, value=value, label=label, show_value=True, full_width=True, debounce=True
        )

    kind = mo.ui.dropdown(KINDS, value=next(iter(KINDS)), label="schedule", full_width=True)
    shape = mo.ui.dropdown(
        ["linear", "1-sqrt", "cosine", "halving"],
        value="linear",
        label="shape of the cooldown",
        full_width=True,
    )
    percents = [each / 100 for each in range(0, 101, 5)]
    cooldown = slider("cooldown, part of T", percents, 0.2)
    warmup = slider("warm-up, part of T", [each / 100 for each in range(31)], 0.02)
    final = slider("floor, part of the peak", [each / 100 for each in range(51)], 0.0)
    horizon = slider("steps T", horizons, 4000)
    gamma = mo.ui.slider(
        steps=rates, value=0.008, label="base learning rate γ", full_width=True, debounce=True
    )
    reference_kind = mo.ui.dropdown(
        KINDS,
        value="cosine",
        label="compare with",
        full_width=True,
    )
    return cooldown, final, gamma, horizon, kind, reference_kind, shape, warmup


@app.cell(hide_code=True)
def _(cooldown, final, horizon, kind, reference_kind, shape, warmup):
    settings = {
        "steps": horizon.value,
        "warmup": warmup.value,
        "cooldown": cooldown.value,
        "shape": shape.value,
        "final": final.value,
    }
    # The other schedule has the same steps and warm-up, a floor of 0, and its own defaults.
    same = {name: settings[name] for name in ("steps", "warmup")}
    spec = spec_line(kind.value, settings)
    plan = read_spec(spec)
    reference = read_spec(spec_line(reference_kind.value, same))
    return plan, reference, settings, spec


@app.cell(hide_code=True)
def _(gamma, plan, reference):
    best_lr, least = plan.optimum()
    reference_lr, reference_least = reference.optimum()
    yours = TabulatedSchedule(plan.shape.multipliers, base_lr=gamma.value)
    tuned = TabulatedSchedule(plan.shape.multipliers, base_lr=best_lr)
    other = TabulatedSchedule(reference.shape.multipliers, base_lr=reference_lr)
    bound = yours.compute_rate(grad_norms=1.0, D=1.0)
    worst = exact_bound(yours.schedule, grad_norms=1.0, D=1.0)
    return best_lr, bound, least, other, reference_least, tuned, worst, yours


@app.cell(hide_code=True)
def _():
    tuned_lr = mo.ui.number(
        start=1e-7, stop=10.0, value=1e-3, label="your peak LR, tuned for that one", full_width=True
    )
    framework = mo.ui.dropdown(
        {each.title: name for name, each in frameworks().items()},
        value=frameworks()["huggingface"].title,
        label="config for",
        full_width=True,
    )
    return framework, tuned_lr


@app.cell(hide_code=True)
def _(plan, reference, tuned_lr):
    mo.stop(tuned_lr.value is None, mo.md("Which peak learning rate is tuned for the other one?"))
    moved = transfer(reference, plan, tuned_lr.value)
    new_lr = tuned_lr.value * moved.ratio.value
    return moved, new_lr


@app.cell(hide_code=True)
def _(framework, kind, new_lr, settings):
    ready = spec_line(kind.value, settings | {"lr": float(f"{new_lr:.3g}")})
    try:
        config = converted(read_spec(ready), framework.value).verbatim
    except (NoAnswer, ValueError) as error:
        config = f"# {error}"
    return config, ready


# The style sheet puts this cell beside the next two.
@app.cell(hide_code=True)
def controls(
    cooldown, final, framework, gamma, horizon, kind, reference_kind, shape, tuned_lr, warmup
):
    mo.Html(
        f"""
        <div class="explorer controls">
        {kind} {cooldown} {shape} {warmup} {final} {horizon} {gamma} {reference_kind} {tuned_lr}
        {framework}
        </div>
        """
    )
    return


@app.cell(hide_code=True)
def answers(best_lr, bound, gamma, least, moved, new_lr, reference, tuned_lr, worst):
    _found = [
        ("best-lr", "γ*", short(best_lr, 4), "best γ of your schedule"),
        (
            "bound",
            f"bound at γ = {short(gamma.value)}",
            short(bound, 4),
            f"{percent(bound / least)} on that at γ*",
        ),
        ("worst", "worst case at γ", short(worst, 4), f"{worst / bound:.2f} of the bound"),
        ("ratio", "transfer factor", f"×{moved.ratio.value:.3f}", f"on the LR of {reference.kind}"),
        ("new-lr", "train at", short(new_lr), f"if {short(tuned_lr.value)} is best for it"),
    ]
    mo.Html(f'<div class="explorer">{numbers(_found)}</div>')
    return


@app.cell(hide_code=True)
def results(config, moved, pictures, ready):
    _limits = "".join(f"<p class='quiet'>{escape(each)}</p>" for each in moved.page().limits)
    mo.Html(
        f"""
        <div class="explorer pictures">{"".join(pictures)}
        <div>
        <h3>The config</h3>
        <pre id="config" tabindex="0">{escape(config)}</pre>
        <p class="quiet">In one line, for every command: <code id="spec">{escape(ready)}</code></p>
        {_limits}
        </div>
        </div>
        """
    )
    return


# Behind what shows them, so that the numbers are there first: drawing takes longest.
@app.cell(hide_code=True)
def _(best_lr, bound, gamma, least, other, plan, reference, tuned, yours):
    _T = plan.steps
    _lines = (("yours", yours), ("yours, at γ*", tuned), (f"{reference.kind}, at γ*", other))
    # The first steps would take most of the height.
    _at = np.unique(np.linspace(max(_T // 20, 1), _T, 200).astype(int))
    _rates = [Curve(name, np.arange(_T, dtype=float), each.schedule[:_T]) for name, each in _lines]
    _bounds = [
        Curve(name, _at.astype(float), each.compute_rates(grad_norms=1.0, D=1.0, at=_at))
        for name, each in _lines
    ]
    _ends = min(best_lr / 10, gamma.value), max(best_lr * 10, gamma.value)
    _gammas = np.geomspace(*_ends, 60)
    _sweep = [
        Curve("yours", _gammas, sweep_base_lr(yours, _gammas)),
        Curve(f"{reference.kind}", _gammas, sweep_base_lr(other, _gammas)),
        Curve("γ*", np.array([best_lr]), np.array([least]), points=True),
        Curve("your γ", np.array([gamma.value]), np.array([bound]), points=True),
    ]
    pictures = (
        picture(_rates, f"Learning rates of {plan.name} over the steps.", "step", "learning rate"),
        picture(
            _bounds,
            f"The bound of {plan.name} over the steps.",
            "step t",
            "bound Ωₜ",
            log_up=True,
        ),
        picture(
            _sweep,
            f"The bound at the last step over γ, least at {short(best_lr)}.",
            "base learning rate γ",
            "bound at the last step",
            log_across=True,
            log_up=True,
        ),
    )
    return (pictures,)


@app.cell(hide_code=True)
def _():
    mo.md(r"""
    ## Drop a log beside theory

    Any training log with learning rates and losses: Hugging Face, Lightning, TensorBoard, W&B,
    Megatron, nanoGPT, CSV, JSON lines, … It stays on this machine. Three numbers scale the bound to
    the loss, $L_0 + A/(2 S_t) + B \cdot$ noise of $\Omega_t$, if the log tells them.
    """)
    return


@app.cell(hide_code=True)
def _():
    dropped = mo.ui.file(kind="area", label="Drop a training log here")
    declared_spec = mo.ui.text(
        label="What was it meant to do? (optional)",
        placeholder="wsd:steps=20000,warmup=300,cooldown=.2,lr=1e-3",
        full_width=True,
    )
    mo.Html(f'<div class="explorer">{dropped}{declared_spec}</div>')
    return declared_spec, dropped


@app.cell(hide_code=True)
def _(dropped):
    runs, refused = {}, ""
    if dropped.value:
        try:
            runs = read_dropped(dropped.value[0].name, dropped.value[0].contents)
        except (ValueError, OSError, ImportError) as error:
            refused = str(error)
    _names = list(runs)
    run_name = mo.ui.dropdown(_names, value=_names[0] if _names else None, label="run")
    mo.Html(f'<div class="explorer">{run_name}</div>') if len(_names) > 1 else None
    return refused, run_name, runs


@app.cell(hide_code=True)
def _(declared_spec, refused, run_name, runs):
    _parts = [f'<p class="said" id="refused">{escape(refused)}</p>'] if refused else []
    if runs:
        run = runs[run_name.value]
        declared = None
        if declared_spec.value.strip():
            try:
                declared = read_spec(declared_spec.value.strip())
            except ValueError as error:
                _parts.append(f'<p class="said" id="not-declared">{escape(str(error))}</p>')
        page = contents([run])
        _parts += [f'<p id="facts"><strong>{escape(line)}</strong></p>' for line in page.lines]
        try:
            beside = loss_beside_omega(run)
            _losses = (*losses(run), Curve("scaled bound Ωₜ", beside.at, beside.scaled))
            _said = (
                f"Scaled to {beside.column}: "
                + ", ".join(f"{k} = {short(v)}" for k, v in beside.fit.parameters.items())
                + f"; half of the points are off by less than {100 * beside.error:.2g} %."
            )
        except NoAnswer as error:
            _losses = losses(run)
            _said = f"No bound is drawn beside the loss: {error}"
        _rates = learning_rates(run, declared)
        _pictures = [
            picture(each, alt, "step", label)
            for each, alt, label in (
                (_rates, "Learning rates: logged, declared, recognised.", "learning rate"),
                (_losses, f"The loss. {_said}", "loss"),
            )
            if each
        ]
        _parts.append(f'<div class="pictures">{"".join(_pictures)}</div>')
        _parts.append(f'<p class="said" id="beside">{escape(_said)}</p>')
        if run.behind is not None:
            _what = (
                f"The schedule is a {type(run.behind.schedule).__name__}, to "
                f"{short(run.behind.difference)} of its peak."
                if run.behind.recognised
                else "No family has these learning rates: lines join those that were logged."
            )
            _parts.append(f'<p id="behind">{_what}</p>')
        # The pictures have the curves.
        _tables = [
            replace(each, rows=tuple(row for row in each.rows if row[0] not in COLUMNS))
            for each in page.tables
        ]
        if declared is not None:
            _tables += check(run, declared).page().tables
        _parts += [f'<div class="scroll" tabindex="0">{table(each)}</div>' for each in _tables]
    mo.Html(f'<div class="explorer">{"".join(_parts)}</div>') if _parts else None
    return


@app.cell(hide_code=True)
def _():
    mo.md(r"""
    ## What theory does not say

    - $\Omega_t$ bounds convex functions, and ranks schedules. It is no forecast of your loss.
    - The exact worst case is that of the worst convex function. It is about half of $\Omega_T$ and
      prefers nearly the same $\gamma$.
    - By theory the longest cooldown is the best one. Public runs say about .6 of the steps.
    - By theory $\gamma^*$ falls like $T^{-1/2}$. Public sweeps over horizons found $T^{-.17}$ to
      $T^{-.32}$.

    ## Go on in Python

    `marimo edit` shows the code of each cell. All of it is calls of the library:

    ```python
    from scheduled import exact_bound
    from scheduled.answers.spec import read_spec

    plan = read_spec("wsd:steps=4000,warmup=0.02,cooldown=0.2")
    best_lr, bound = plan.optimum()
    plan.schedule.set_base_lr(best_lr)
    worst = exact_bound(plan.schedule.schedule, grad_norms=1.0, D=1.0)
    ```
    """)
    return


if __name__ == "__main__":
    app.run()
