"""What training runs found, to set beside every number that theory scales."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["COOLDOWN_LIMIT", "HORIZON", "Evidence", "about"]


@dataclass(frozen=True)
class Evidence:
    """A comparison of theory with runs that were not chosen by it.

    Attributes
    ----------
    kinds : frozenset of str
        The two kinds of schedule.
    theory, measured : str
        The ratio of the best learning rates, second kind over first.
    runs : str
        Which runs.
    """

    kinds: frozenset[str]
    what: str
    theory: str
    measured: str
    runs: str


HORIZON = (0.17, 0.32)
"""Exponents e of the best learning rate T^−e in public sweeps over horizons; theory's is ½."""
COOLDOWN_LIMIT = (
    "Theory says that the best cooldown is the whole run (c = 1); two sets of runs say about .6."
)

_KNOWN = (
    Evidence(
        frozenset({"linear", "poly"}),
        "(1 − t/T)^p over linear, p = 1.5 and 2",
        "×1.20, ×1.36",
        "×1.2, ×1.2 to ×1.4",
        "a public sweep, two sizes, 9 runs each",
    ),
    Evidence(
        frozenset({"linear", "constant"}),
        "constant over linear",
        "×0.32 to ×0.35",
        "×0.23 to ×0.32",
        "a public sweep at one size, extrapolated",
    ),
    Evidence(
        frozenset({"linear", "1-sqrt"}), "1-sqrt over linear", "×1.43", "×1.4", "a public sweep"
    ),
    Evidence(
        frozenset({"cosine", "wsd"}),
        "cosine over WSD with 20 % cooldown",
        "×1.85",
        "×1.96 (1.47 to 2.64)",
        "this project's own runs; the paper's: about ×2",
    ),
    Evidence(
        frozenset({"wsd"}),
        "one cooldown fraction over another",
        "this ratio",
        "its pick costs .0007 to .0008 of loss on average, the old rate .0035 to .0040",
        "the paper's 124M runs: 4 learning rates, 6 cooldowns, 4 horizons",
    ),
)


def about(old: str, new: str) -> tuple[Evidence, ...]:
    """What is known about going from one kind of schedule to another.

    Examples
    --------
    >>> [found.theory for found in about("poly", "linear")]
    ['×1.20, ×1.36']
    """
    kinds = frozenset({old, new})
    if kinds == {"wsd", "linear"}:
        kinds = frozenset({"wsd"})
    if kinds == {"linear"}:
        return ()
    return tuple(each for each in _KNOWN if each.kinds == kinds)
