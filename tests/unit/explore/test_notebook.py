"""The explorer without a browser: its cells run once, and its numbers are the library's."""

from __future__ import annotations

import itertools
import sys
from html import unescape

import pytest

from scheduled.answers.page import Table
from scheduled.answers.spec import INLINE, read_spec
from scheduled.answers.transfer import transfer
from scheduled.bounds import exact_bound
from scheduled.cli.main import main
from scheduled.explore.parts import spec_line, table
from scheduled.explore.served import NOTEBOOK


@pytest.mark.parametrize("kind", ["wsd", "cosine", "linear", "sqrt", "constant"])
def test_every_setting_of_the_sliders_is_a_schedule(kind):
    ends = {"warmup": (0.0, 0.3), "cooldown": (0.0, 1.0), "final": (0.0, 0.5)}
    for steps, shape in itertools.product((100, 2000), ("linear", "1-sqrt", "cosine", "halving")):
        for chosen in itertools.product(*ends.values()):
            values = {"steps": steps, "shape": shape, **dict(zip(ends, chosen, strict=True))}
            plan = read_spec(spec_line(kind, values))
            assert plan.steps == steps
            assert 0 < plan.optimum()[0] < 10


def test_a_spec_has_the_keys_of_its_kind_only():
    everything = dict.fromkeys(("steps", "warmup", "cooldown", "shape", "final", "lr"), 1)
    for kind in ("wsd", "cosine", "constant"):
        keys = [item.partition("=")[0] for item in spec_line(kind, everything)[6:].split(",")]
        assert set(keys[1:-1]) <= set(INLINE[kind].split(", "))


def test_what_a_log_says_is_text():
    text = "<script>alert(1)</script>"
    assert text not in table(Table((text,), ((text,),)))
    assert unescape(table(Table((text,), ()))).count(text) == 1


def test_the_cells_show_the_librarys_numbers():
    pytest.importorskip("marimo", reason="no marimo (make test-explorer)")
    from scheduled.explore.notebook import app

    _, found = app.run()
    plan = read_spec("wsd:steps=4000,warmup=0.02,cooldown=0.2,shape=linear,final=0.0")
    cosine = read_spec("cosine:steps=4000,warmup=0.02")
    assert found["spec"] == plan.name
    assert found["best_lr"] == plan.optimum()[0]
    lrs = plan.shape.multipliers * found["gamma"].value
    assert found["worst"] == exact_bound(lrs, grad_norms=1.0, D=1.0)
    ratio = transfer(cosine, plan, 1e-3).ratio.value
    assert found["new_lr"] == 1e-3 * ratio
    assert f"learning_rate: {ratio * 1e-3:.3g}" in found["config"]


def test_without_marimo_a_sentence_says_what_to_type(monkeypatch, capsys):
    monkeypatch.setitem(sys.modules, "marimo", None)
    assert main(["explore", "--port", "0"]) == 1
    assert "pip install 'lr-scheduling[app]'" in capsys.readouterr().err


def test_the_notebook_can_be_saved_once(tmp_path, capsys):
    path = tmp_path / "mine.py"
    assert main(["explore", "--save", str(path)]) == 0
    assert path.read_bytes() == NOTEBOOK.read_bytes()
    assert main(["explore", "--save", str(path)]) == 1
    assert "mine.py" in capsys.readouterr().err
    assert main(["explore", "--save", str(tmp_path / "mine.txt")]) == 1
