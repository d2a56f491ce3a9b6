"""Comparison with a library, here a stand-in: `make test-frameworks` runs the real ones."""

import sys

import numpy as np
import pytest

from scheduled.convert import ConversionError, framework_lrs, read, write
from scheduled.convert.huggingface import HuggingFace

HF = "learning_rate: 1.0\nlr_scheduler_type: linear\nmax_steps: 4\n"
LRS = np.array([1.0, 0.75, 0.5, 0.25])


def library(monkeypatch, lrs):
    monkeypatch.setattr(HuggingFace, "run", lambda self, settings, total, steps: lrs[:steps])


def test_a_library_that_agrees(monkeypatch):
    library(monkeypatch, LRS * (1 + 1e-13))
    schedule = read(HF, verify=True)
    assert "lr_scheduler_type: linear" in write(schedule, "huggingface", verify=True)
    np.testing.assert_array_equal(framework_lrs(HF, steps=2), LRS[:2] * (1 + 1e-13))


def test_a_library_that_does_not(monkeypatch):
    library(monkeypatch, LRS + np.array([0, 0, 0.125, 0]))
    for call in (
        lambda: read(HF, verify=True),
        lambda: write(read(HF), "huggingface", verify=True),
    ):
        with pytest.raises(ConversionError) as caught:
            call()
        assert (caught.value.difference, caught.value.step) == (0.125, 2)


def test_a_library_that_is_not_installed(monkeypatch):
    monkeypatch.setitem(sys.modules, "transformers.optimization", None)
    with pytest.raises(ImportError):
        read(HF, verify=True)
    # Nothing else needs it.
    np.testing.assert_allclose(read(HF).schedule[:4], LRS)


def test_no_framework_is_imported():
    # The packages of frameworks are imported by `run` alone.
    heavy = {"torch", "jax", "optax", "transformers", "timm", "megatron", "olmo_core", "levanter"}
    before = heavy & set(sys.modules)
    write(read(HF), "optax")
    assert heavy & set(sys.modules) == before


def test_a_table_is_its_own_library():
    table = "k,lr\n0,1.0\n1,0.5\n"
    np.testing.assert_array_equal(framework_lrs(table), [1.0, 0.5])
    assert read(table, verify=True).schedule.size == 3
