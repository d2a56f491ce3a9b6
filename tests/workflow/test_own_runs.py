"""Runs of one's own: a folder with a description goes through groups, analyses and figures."""

from __future__ import annotations

import itertools
from pathlib import Path

import numpy as np
import pytest

from scheduled.core.tabular import read_table
from synthetic_logs import write_dataset

from .conftest import Project, jobs, new_project

pytestmark = pytest.mark.workflow

# Final loss A/γ + Bγ + C: its best base LR is √(A/B).
A, B, C = 4e-6, 1.0, 3.0
RATES = (5e-4, 1e-3, 2e-3, 4e-3, 8e-3)
FRACTIONS = (0.2, 0.5)
QUESTION = """\
experiments:
  moved: {kind: lr_transfer, horizons: [50], points: 8, degree: 3}
groups:
  mine:
    dataset: mine
    vary: [cooldown, lr]
    series:
      wsd: {label: WSD, select: {scheduler: wsd}}
  few:
    dataset: mine
    vary: [cooldown, lr]
    series:
      wsd: {label: WSD, select: {scheduler: wsd, lr: [1e-3, 2e-3]}}
  norms:
    dataset: mine
    vary: [lr]
    series:
      short: {select: {cooldown: 0.2}}
      long: {select: {cooldown: 0.5}}
analyses:
  fits: {kind: loss_over_lr, group: mine}
  no_fits: {kind: loss_over_lr, group: few}
  power: {kind: grad_norm_power, group: norms}
  ranks: {kind: rank_agreement, group: mine}
figures:
  mine/fits: {kind: loss_over_lr, analysis: fits}
  mine/range: {kind: loss_over_value, analysis: fits, lrs: [1e-3, 2e-3]}
  mine/best_lr: {kind: best_lr, analysis: fits, experiment: moved}
  few/fits: {kind: loss_over_lr, analysis: no_fits}
  few/range: {kind: loss_over_value, analysis: no_fits, lrs: [1e-3, 2e-3]}
  few/best_lr: {kind: best_lr, analysis: no_fits, experiment: moved}
  mine/power: {kind: grad_norm_power, analysis: power}
  mine/ranks: {kind: rank_agreement, analysis: ranks}
  mine/loss: {kind: loss_curves, group: mine, best_lr: true}
  mine/logged: {kind: logged_curves, group: norms, panels: [grad_norm, learning_rate]}
  mine/scatter: {kind: grad_norm_scatter, group: norms}
"""


def write_runs(project: Project, columns: str = "iter,lr,train_loss,val_loss,grad_norm") -> None:
    """Two cooldowns at five base LRs; the validation loss of the logs is under another name."""
    rows = ["file,scheduler,lr,iterations,cooldown,final_val_loss"]
    logs = {}
    for c, lr in itertools.product(FRACTIONS, RATES):
        name = f"wsd-{c}-{lr}.csv"
        rows.append(f"{name},wsd,{lr!r},100,{c},{A / lr + B * lr + C + c / 100!r}")
        lines = [columns]
        for step in range(5, 101, 5):
            rate = lr * min(1, (100 - step) / (100 * c))
            loss = C + 1 / step
            lines.append(f"{step},{rate!r},{loss!r},{loss + 0.1!r},{0.1 * lr**-0.5!r}")
        logs[name] = "\n".join(lines) + "\n"
    description = (
        "title: Mine\nsource: made up\nlicence: MIT\ncolumns: {step: iter}\n"
        "defaults: {size: 1M, seed: 0, decay_type: linear}\n"
    )
    write_dataset(
        project.folder, "mine", description=description, runs="\n".join(rows) + "\n", logs=logs
    )


@pytest.fixture
def own(tmp_path: Path, repo: Path) -> Project:
    """A project of nothing but these runs."""
    return new_project(tmp_path, repo, "{}\n")


def test_own_runs_are_analysed_and_drawn_by_configuration_alone(own: Project) -> None:
    write_runs(own)
    own.write("config/runs/mine.yaml", QUESTION)
    printed = own.run()
    assert "missing" not in printed
    results = own.results()
    for name in ("fits", "range", "best_lr", "power", "ranks", "loss", "logged", "scatter"):
        assert f"figures/mine/{name}.svg" in results
    # Two rates are too few for a fit: it is listed, and left out of figures.
    failed = read_table(own.folder / "results" / "failed_fits.csv")
    assert set(failed["analysis"]) == {"no_fits"}
    assert failed["status"].str.len().min() > 10
    for name in ("fits", "range", "best_lr"):
        assert f"figures/few/{name}.svg" in results

    (folder,) = (own.folder / "results" / "analyses" / "fits").iterdir()
    fits = read_table(folder / "fits.csv")
    np.testing.assert_allclose(fits["optimum"], np.sqrt(A / B), rtol=1e-6)
    (folder,) = (own.folder / "results" / "analyses" / "power").iterdir()
    np.testing.assert_allclose(read_table(folder / "fits.csv")["power"], -0.5, atol=1e-9)
    assert jobs(own.run()) == {}

    # A log that changes makes another result; what does not need it stays.
    log = own.folder / "data" / "runs" / "mine" / "wsd-0.2-0.001.csv"
    log.write_text(log.read_text(encoding="utf-8").replace("3.2,", "3.25,"), encoding="utf-8")
    again = jobs(own.run("--dry-run"))
    assert again["collect_runs"] == 3
    assert "compute_lr_transfer" not in again


def test_a_log_without_steps_is_refused_with_what_to_do(own: Project) -> None:
    write_runs(own, columns="t,lr,train_loss,val_loss,grad_norm")
    own.write("config/runs/mine.yaml", QUESTION)
    printed = own.run(fails=True)
    assert "The configuration is wrong:" in printed
    assert "step" in printed
    assert "dataset.yaml" in printed
