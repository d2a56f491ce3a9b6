"""The docstrings that say something to users: captions, helps, schemas."""

from __future__ import annotations

import ast
import inspect
import sys
import textwrap
from collections.abc import Callable

__all__ = ["docstring"]


def docstring(of: type | Callable[..., object]) -> str:
    """The docstring of a class or function, from its source under ``PYTHONOPTIMIZE=2``.

    Examples
    --------
    >>> from scheduled.core.errors import ConfigError
    >>> docstring(ConfigError)
    'The configuration is wrong; the message names file, key, value and what is allowed.'
    """
    if sys.flags.optimize < 2:
        return of.__doc__ or ""
    (tree,) = ast.parse(textwrap.dedent(inspect.getsource(of))).body
    if not isinstance(tree, ast.ClassDef | ast.FunctionDef):
        return ""
    return ast.get_docstring(tree, clean=False) or ""
