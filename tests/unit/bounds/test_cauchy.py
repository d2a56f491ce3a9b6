import numpy as np
import pytest

from scheduled.bounds.cauchy.sums import LEAF, TILE_SOURCES, causal_cauchy_sums, cross_sums


def reference(steps, weights):
    steps, weights = np.longdouble(steps), np.longdouble(weights)
    sums = []
    for t in range(steps.size):
        gaps = np.cumsum(steps[1 : t + 1][::-1])[::-1]  # S_t − S_k for k = 1…t−1
        sums.append((weights[:t] / gaps).sum())
    return np.array(sums)


@pytest.mark.parametrize("size", [1, 2, 3, LEAF - 1, LEAF, LEAF + 1, 2 * LEAF + 1, 777])
def test_agrees_with_the_definition(size):
    rng = np.random.default_rng(size)
    steps = 10.0 ** rng.uniform(-9, 0, size)
    weights = 10.0 ** rng.uniform(-9, 9, size)
    sums = causal_cauchy_sums(steps, weights)
    assert sums[0] == 0
    assert np.allclose(sums, reference(steps, weights).astype(float), rtol=1e-13, atol=0)


def test_tiles_cover_every_pair():
    rng = np.random.default_rng(0)
    source_gaps, weights = rng.uniform(size=(2, 2 * TILE_SOURCES + 1))
    target_gaps = rng.uniform(0.1, 1.0, 301)
    expected = (weights / (source_gaps + target_gaps[:, None])).sum(axis=1)
    assert np.allclose(cross_sums(weights, source_gaps, target_gaps), expected, rtol=1e-13)


def test_arguments_stay_as_they_are():
    steps, weights = np.ones(200), np.ones(200)
    causal_cauchy_sums(steps, weights)
    assert np.all(steps == 1)
    assert np.all(weights == 1)
