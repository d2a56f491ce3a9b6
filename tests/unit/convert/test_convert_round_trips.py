"""From a framework to another one and back: the same learning rates, or refused with the number."""

import functools
from pathlib import Path

import numpy as np
import pytest

from frameworks.configurations import CONFIGURATIONS
from scheduled.convert import EXACT, ConversionError, frameworks, read, recognise, write

REPO = Path(__file__).resolve().parents[3]
# What no part of ours is: it can be read, but not written as code.
TABLES = {"torch LambdaLR", "axolotl quadratic warm-up", "axolotl rex"}
CODE = {"torch", "optax"}
NAMES = list(CONFIGURATIONS)


@pytest.mark.parametrize("name", NAMES)
def test_the_framework_is_recognised(name):
    framework, text, _ = CONFIGURATIONS[name]
    assert recognise(text) == framework


@functools.cache
def rows():
    """docs/frameworks.md: configuration → framework → what the table says of it."""
    lines = (REPO / "docs" / "frameworks.md").read_text(encoding="utf-8").splitlines()
    head, _, *body = [
        [cell.strip() for cell in line.split("|")[1:-1]] for line in lines if "|" in line
    ]
    return {row[0]: dict(zip(head[1:], row[1:], strict=True)) for row in body}


def test_the_page_has_every_configuration_exact():
    page = rows()
    assert set(page) == set(NAMES)
    assert {row["own library"] for row in page.values()} == {"exact"}


def written(schedule, framework, steps):
    """The text, and the refusal in place of it."""
    try:
        return write(schedule, framework, steps=steps), None
    except ConversionError as error:
        return None, error


@pytest.mark.parametrize("name", NAMES)
def test_from_one_to_all_and_back(name):
    framework, text, steps = CONFIGURATIONS[name]
    schedule = read(text, framework, steps=steps)
    lrs = schedule.schedule[:steps]
    exact = set()
    page = rows()[name]
    for other in frameworks():
        there, refusal = written(schedule, other, steps)
        back = read(there or refusal.closest, other, steps=steps)
        differences = np.abs(back.schedule[:steps] - lrs) / lrs.max()
        if refusal is None:
            assert recognise(there) == other
            assert differences.max() <= EXACT
            exact.add(other)
            assert page[other].startswith("✓")
        else:
            # The number is that of what comes closest.
            assert refusal.difference > EXACT
            assert refusal.difference == pytest.approx(differences.max(), abs=1e-12)
            difference, step = page[other].rstrip(")").split(" (")
            assert (float(difference), int(step)) == (
                pytest.approx(refusal.difference, rel=0.06),
                refusal.step,
            )
            assert differences[refusal.step] == pytest.approx(differences.max(), rel=1e-6)
        if other in CODE and name not in TABLES:
            # What has been code is written in its own framework again.
            again = write(back, framework, steps=steps)
            found = read(again, framework, steps=steps).schedule[:steps]
            assert np.abs(found - lrs).max() <= 2 * EXACT * schedule.base_lr
    assert "csv" in exact
    if name not in TABLES:
        assert exact >= CODE
    if name != "torch LambdaLR":
        assert framework in exact
