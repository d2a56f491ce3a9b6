"""The docstrings of classes that say something to users: captions, helps, schemas."""

from __future__ import annotations

import ast
import inspect
import sys
import textwrap

__all__ = ["docstring"]


def docstring(cls: type) -> str:
    """The docstring of a class; from its source where Python drops it (``PYTHONOPTIMIZE=2``).

    Examples
    --------
    >>> from scheduled.core.errors import ConfigError
    >>> docstring(ConfigError)
    'The configuration is wrong; the message names file, key, value and what is allowed.'
    """
    if sys.flags.optimize < 2:
        return cls.__doc__ or ""
    (tree,) = ast.parse(textwrap.dedent(inspect.getsource(cls))).body
    return ast.get_docstring(tree, clean=False) or "" if isinstance(tree, ast.ClassDef) else ""
