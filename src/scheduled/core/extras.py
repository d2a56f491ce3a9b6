"""What only some users install: which extra brings a module, and what to type for it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

__all__ = ["DISTRIBUTION", "EXTRAS", "MissingExtra", "extra"]

DISTRIBUTION = "lr-scheduling"
"""The name to install: `scheduled` is another project's."""

EXTRAS = {
    "PEPit": "pep",
    "clarabel": "pep",
    "cvxpy": "pep",
    "fontTools": "pipeline",
    "jinja2": "pipeline",
    "jax": "frameworks",
    "marimo": "app",
    "numba": "fast",
    "optax": "frameworks",
    "pooch": "pipeline",
    "psutil": "pipeline",
    "pyarrow": "logs",
    "requests": "pipeline",
    "seaborn": "pipeline",
    "snakemake": "pipeline",
    "timm": "frameworks",
    "torch": "frameworks",
    "transformers": "frameworks",
    "zstandard": "logs",
}
"""Top-level module → the extra of ``pyproject.toml`` that brings it."""


class MissingExtra(ModuleNotFoundError):
    """A library that an extra brings is not installed; the message says what to type.

    Parameters
    ----------
    module : str
        A module of the library, one of `EXTRAS`.
    what : str
        What asks for it.

    Examples
    --------
    >>> print(MissingExtra("cvxpy", "minimize_exact"))
    minimize_exact needs cvxpy, which is not installed: pip install 'lr-scheduling[pep]'
    """

    def __init__(self, module: str, what: str) -> None:
        top = module.partition(".")[0]
        super().__init__(
            f"{what} needs {top}, which is not installed: "
            f"pip install '{DISTRIBUTION}[{EXTRAS[top]}]'",
            name=module,
        )


@contextmanager
def extra(what: str) -> Iterator[None]:
    """Import libraries of an extra inside, and say what to type where one is missing.

    A broken installation, and a module that no extra brings, is passed on as it is.

    Parameters
    ----------
    what : str
        What asks for them: the beginning of the message.

    Raises
    ------
    MissingExtra
        If one is not installed.

    Examples
    --------
    >>> with extra("a sum"):
    ...     import math
    """
    try:
        yield
    except ModuleNotFoundError as error:
        name = error.name or ""
        if name.partition(".")[0] not in EXTRAS or isinstance(error, MissingExtra):
            raise
        raise MissingExtra(name, what) from None
