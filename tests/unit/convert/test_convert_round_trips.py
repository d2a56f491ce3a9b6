"""From a framework to another one and back: the same learning rates, or refused with the number."""

from pathlib import Path

import numpy as np
import pytest

from frameworks.configurations import CONFIGURATIONS
from scheduled.convert import EXACT, ConversionError, frameworks, read, recognise, write

REPO = Path(__file__).resolve().parents[3]
# What no part of ours is: it can be read, but not written as code.
TABLES = {"torch LambdaLR", "axolotl quadratic warm-up", "axolotl rex"}
NAMES = list(CONFIGURATIONS)


@pytest.mark.parametrize("name", NAMES)
def test_the_framework_is_recognised(name):
    framework, text, _ = CONFIGURATIONS[name]
    assert recognise(text) == framework


@pytest.mark.parametrize("name", [name for name in NAMES if name != "torch LambdaLR"])
def test_a_framework_writes_what_it_has_read(name):
    framework, text, steps = CONFIGURATIONS[name]
    schedule = read(text, framework, steps=steps)
    again = read(write(schedule, framework, steps=steps), framework, steps=steps)
    assert np.abs(again.schedule - schedule.schedule)[:steps].max() <= EXACT * schedule.base_lr


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
        back = read(there or refusal.closest, other, steps=steps).schedule[:steps]
        differences = np.abs(back - lrs) / lrs.max()
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
    assert "csv" in exact
    if name not in TABLES:
        assert {"torch", "optax"} <= exact


@pytest.mark.parametrize("name", [name for name in NAMES if name not in TABLES])
@pytest.mark.parametrize("through", ["torch", "optax"])
def test_through_code_and_back(name, through):
    framework, text, steps = CONFIGURATIONS[name]
    schedule = read(text, framework, steps=steps)
    code = write(schedule, through, steps=steps)
    again = write(read(code, through, steps=steps), framework, steps=steps)
    lrs = read(again, framework, steps=steps).schedule[:steps]
    assert np.abs(lrs - schedule.schedule[:steps]).max() <= 2 * EXACT * schedule.base_lr
