"""Kinds of things: a module in a folder, found by being there.

A new kind is a new file. Nothing lists the kinds by hand: `find_kinds` imports the modules of a
package and collects the classes in them that name their kind. It needs no pydantic, as
`import scheduled` finds the schedules with it.
"""

from __future__ import annotations

import functools
import importlib
import pkgutil
import re
from collections.abc import Mapping
from typing import TypeVar, get_args

Kind = TypeVar("Kind")


@functools.cache
def find_kinds(package: str, base: type[Kind]) -> Mapping[str, type[Kind]]:
    """The kinds that the modules of a package declare.

    Parameters
    ----------
    package : str
        Dotted name. Its modules are imported, those of packages inside it are not.
    base : type
        What the classes of all kinds derive from.

    Returns
    -------
    mapping
        Name of the kind → its class, sorted by name.

    Raises
    ------
    ValueError
        If two classes name the same kind.

    Examples
    --------
    >>> from scheduled.schedules.base import Schedule
    >>> find_kinds("scheduled.schedules", Schedule)["wsd"].__name__
    'WSDSchedule'
    """
    found: dict[str, type[Kind]] = {}
    for module in pkgutil.iter_modules(importlib.import_module(package).__path__, f"{package}."):
        if module.ispkg:
            continue
        for value in vars(importlib.import_module(module.name)).values():
            if not (isinstance(value, type) and issubclass(value, base)):
                continue
            name = kind_name(value)
            # A module may import the class of another one.
            if name is None or value.__module__ != module.name:
                continue
            if found.setdefault(name, value) is not value:
                raise ValueError(f"{value!r} and {found[name]!r} are both of the kind {name!r}")
    return dict(sorted(found.items()))


def load_kind(package: str, base: type[Kind], name: str) -> type[Kind]:
    """The class of one kind, from the module that has its name; no other module is imported.

    What no name of a module may contain is "_" there: the kind ``llm.c`` is in llm_c.py.

    Raises
    ------
    ModuleNotFoundError
        If the package has no such module.
    ValueError
        If the module has no class of that kind.

    Examples
    --------
    >>> from scheduled.schedules.base import Schedule
    >>> load_kind("scheduled.schedules", Schedule, "wsd").__name__
    'WSDSchedule'
    """
    module_name = re.sub(r"\W", "_", name)
    module = importlib.import_module(f"{package}.{module_name}")
    for value in vars(module).values():
        if isinstance(value, type) and issubclass(value, base) and kind_name(value) == name:
            return value
    raise ValueError(f"{module.__name__} has no class of the kind {name!r}")


def kind_name(cls: type) -> str | None:
    """The name of a class's kind; None for a base of several kinds.

    It is the class attribute ``kind`` or, of a model, the one value that its field ``kind`` allows.
    """
    field = getattr(cls, "model_fields", {}).get("kind")
    allowed = get_args(field.annotation) if field else ()
    if len(allowed) == 1:
        return str(allowed[0])
    name = getattr(cls, "kind", None)
    return name if isinstance(name, str) else None
