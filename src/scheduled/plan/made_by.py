"""What stands behind a job beside its inputs: its code and its libraries, found by its imports.

A job's files depend on the script that makes them, on every module that the script imports, and on
the libraries that these import. All of it goes to the job as one parameter, by content: an edit
reruns what it touches, an undone edit or a new time stamp reruns nothing.
"""

from __future__ import annotations

import functools
import hashlib
import importlib.metadata
import os
import platform
import re
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

from packaging.requirements import Requirement

from scheduled.core.identity import HASH_DIGITS, distribution_headers
from scheduled.plan.imports import PACKAGE, read_imports, read_source

# What `import scheduled` puts on top of the schedules' constructors. It is not followed: all that
# it calls is the schedule's own.
SCHEDULES, ON_TOP = f"{PACKAGE}.schedules.", f"{PACKAGE}.paper"
# Where the module that is imported is not called as the distribution that brings it.
DISTRIBUTIONS = {"PIL": "pillow", "yaml": "PyYAML", "mpl_toolkits": "matplotlib"}
_AFTER_NAME = re.compile(r"[^\w.-]")


class _File(NamedTuple):
    """A file behind a job, and what of it goes into the job's digest."""

    path: Path
    digested: bytes


class _Module(NamedTuple):
    """A module or a script: its files, and what it imports of this package and of others."""

    files: tuple[_File, ...]
    own: tuple[str, ...]
    others: frozenset[str]


def made_by(script: Path, modules: Iterable[str], root: Path, without: str = "") -> dict[str, str]:
    """What a job is made by: a digest of its code, and the version of every library behind it.

    Parameters
    ----------
    script : Path
        The job's script.
    modules : iterable of str
        Modules that the script imports by a name that it is told, e.g.
        ``"scheduled.figures.lr_sweep"``.
    root : Path
        Folder that holds the package ``scheduled``.
    without : str
        A package that is not followed into, because the job calls nothing of it.

    Returns
    -------
    dict
        ``code``: digest of the contents of `source_files`; ``python`` and the name of every
        distribution: its version.
    """
    return dict(_made_by(script, frozenset(modules), root, without))


@functools.cache
def _made_by(script: Path, modules: frozenset[str], root: Path, without: str) -> dict[str, str]:
    found = _modules_behind(script, modules, root, without)
    digest = hashlib.sha256(b"".join(file.digested for file in _files(found)))
    return {
        "code": digest.hexdigest()[:HASH_DIGITS],
        "python": platform.python_version(),
        **libraries(frozenset[str]().union(*(module.others for module in found))),
    }


def source_files(script: Path, modules: Iterable[str], root: Path, without: str = "") -> list[Path]:
    """The script, and the source files of this package behind it and behind some modules.

    Imports are followed, nothing is executed. A package's ``__init__`` counts only
    where something is imported from it that is not one of its modules: it re-exports, and following
    it for its modules' sake would put the whole package behind every module. What only a type
    checker imports does not count.

    Returns
    -------
    list of Path
        Sorted.

    Raises
    ------
    ModuleNotFoundError
        If the package has no such module.
    """
    return [file.path for file in _files(_modules_behind(script, modules, root, without))]


def _modules_behind(
    script: Path, modules: Iterable[str], root: Path, without: str
) -> list[_Module]:
    """The script and the modules of `source_files`, in the order in which they are found."""
    found = {"": _look_into(script, "", root)}
    todo = [*modules, *found[""].own]
    while todo:
        name = todo.pop()
        if name in found or (without and f"{name}.".startswith(f"{without}.")):
            continue
        path = _modules_of(root).get(name)
        if path is None:
            raise ModuleNotFoundError(f"no module {name!r} in {root}")
        found[name] = _look_into(path, name, root)
        todo.extend(found[name].own)
    on_top = _modules_of(root).get(ON_TOP)
    if on_top is not None and any(name.startswith(SCHEDULES) for name in found):
        found[ON_TOP] = _look_into(on_top, ON_TOP, root)
    return list(found.values())


def _files(modules: Iterable[_Module]) -> list[_File]:
    """The files of some modules, each once, in the order of their paths."""
    files = {file.path.parts: file for module in modules for file in module.files}
    return [files[parts] for parts in sorted(files)]


@functools.cache
def _look_into(path: Path, name: str, root: Path) -> _Module:
    """What a module or, without a name, a script leads to."""
    imports, known = read_imports(path, name), _modules_of(root)
    own = tuple(
        child if imported and (child := f"{parent}.{imported}") in known else parent
        for parent, imported in imports.pairs
    )
    # The files beside it that are no modules, and that it names.
    content = read_source(path).content
    data = (
        file
        for name, files in _beside(path.parent)
        if f'"{name}"'.encode() in content
        for file in files
    )
    files = tuple(_File(file, _digested(file, root)) for file in (path, *data))
    return _Module(files, own, imports.others)


@functools.cache
def _beside(folder: Path) -> tuple[tuple[str, tuple[Path, ...]], ...]:
    """Files and folders that are no modules or packages: their names, and the files in them."""
    found = []
    for path in sorted(folder.iterdir()):
        if path.is_dir() and path.name != "__pycache__" and not (path / "__init__.py").exists():
            found.append((path.name, tuple(file for file in path.rglob("*") if file.is_file())))
        elif path.is_file() and path.suffix != ".py":
            found.append((path.name, (path,)))
    return tuple(found)


@functools.cache
def libraries(names: frozenset[str]) -> dict[str, str]:
    """The versions of distributions, and of all that these require.

    Parameters
    ----------
    names : frozenset of str
        Modules as they are imported, e.g. ``numpy``; those of the standard library are left out,
        and so is what is not installed.
    """
    todo = [DISTRIBUTIONS.get(name, name) for name in names if name not in sys.stdlib_module_names]
    found: dict[str, str] = {}
    while todo:
        version, required = _distribution(todo.pop())
        if version is not None and version[0] not in found:
            found[version[0]] = version[1]
            todo.extend(required)
    return dict(sorted(found.items()))


@functools.cache
def _distribution(name: str) -> tuple[tuple[str, str] | None, tuple[str, ...]]:
    """Name and version of a distribution, if it is installed, and what it requires."""
    try:
        headers = distribution_headers(name)
    except importlib.metadata.PackageNotFoundError:
        return None, ()
    required = []
    for line in headers.get_all("Requires-Dist", []):
        # Most lines are of extras, or a name and versions; to parse them all takes longer than to
        # read them.
        if ";" not in line:
            required.append(_AFTER_NAME.split(line, maxsplit=1)[0])
        elif "extra ==" not in line or " or " in line:
            found = Requirement(line)
            if found.marker is None or found.marker.evaluate({"extra": ""}):
                required.append(found.name)
    return (headers["Name"], headers["Version"]), tuple(required)


@functools.cache
def _modules_of(root: Path) -> dict[str, Path]:
    """The dotted names and the files of all modules of the package."""
    found: dict[str, Path] = {}
    for folder, _, files in os.walk(root / PACKAGE):
        package = ".".join(Path(folder).relative_to(root).parts)
        for file in files:
            stem, suffix = os.path.splitext(file)
            if suffix == ".py":
                name = package if stem == "__init__" else f"{package}.{stem}"
                found.setdefault(name, Path(folder, file))
    return found


def _digested(path: Path, root: Path) -> bytes:
    name = path.relative_to(root) if path.is_relative_to(root) else path.name
    return f"{name}\0{read_source(path).sha256}\n".encode()
