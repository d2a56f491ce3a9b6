"""What stands behind a job beside its inputs: its code and its libraries, found by its imports.

A job's files depend on the script that makes them, on every module that the script imports, and on
the libraries that these import. All of it goes to the job as one parameter, by content: an edit
reruns what it touches, an undone edit or a new time stamp reruns nothing.
"""

from __future__ import annotations

import functools
import hashlib
import importlib.metadata
import platform
import sys
from collections.abc import Iterable
from pathlib import Path

from packaging.requirements import Requirement

from scheduled.core.identity import HASH_DIGITS
from scheduled.plan.imports import PACKAGE, read_imports

# What `import scheduled` puts on top of the schedules' constructors. It is not followed: all that
# it calls is the schedule's own.
SCHEDULES, ON_TOP = f"{PACKAGE}.schedules.", f"{PACKAGE}.paper"
# Where the module that is imported is not called as the distribution that brings it.
DISTRIBUTIONS = {"PIL": "pillow", "yaml": "PyYAML", "mpl_toolkits": "matplotlib"}


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
    files = source_files(script, modules, root, without)
    digest = hashlib.sha256()
    for path in files:
        digest.update(_named_digest(path, root))
    modules_of = (path for path in files if path.suffix == ".py")
    imported = frozenset[str]().union(*(_imported(path, root) for path in modules_of))
    return {
        "code": digest.hexdigest()[:HASH_DIGITS],
        "python": platform.python_version(),
        **libraries(imported),
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
    found = {"": script}
    todo = [*modules, *_own(script, "", root)]
    while todo:
        name = todo.pop()
        if name in found or (without and f"{name}.".startswith(f"{without}.")):
            continue
        path = _module_path(name, root)
        if path is None:
            raise ModuleNotFoundError(f"no module {name!r} in {root}")
        found[name] = path
        todo.extend(_own(path, name, root))
    on_top = _module_path(ON_TOP, root)
    if on_top is not None and any(name.startswith(SCHEDULES) for name in found):
        found[ON_TOP] = on_top
    data = {file for path in found.values() for file in _data_of(path)}
    return sorted({*found.values(), *data})


@functools.cache
def _data_of(module: Path) -> tuple[Path, ...]:
    """The files beside a module that are no modules, and that it names."""
    beside = _beside(module.parent)
    text = module.read_text(encoding="utf-8") if beside else ""
    return tuple(file for name, files in beside if f'"{name}"' in text for file in files)


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
        # Each access parses the file again.
        metadata = importlib.metadata.metadata(name)
    except importlib.metadata.PackageNotFoundError:
        return None, ()
    required = [
        Requirement(line)
        for line in metadata.get_all("Requires-Dist", [])
        # Most lines are of extras; to parse them all takes a twentieth of a start.
        if "extra ==" not in line or " or " in line
    ]
    return (metadata["Name"], metadata["Version"]), tuple(
        one.name for one in required if one.marker is None or one.marker.evaluate({"extra": ""})
    )


@functools.cache
def _own(path: Path, module: str, root: Path) -> tuple[str, ...]:
    """The modules of this package that a file imports."""
    return tuple(
        child if name and _module_path(child := f"{parent}.{name}", root) else parent
        for parent, name in read_imports(path, module).pairs
    )


@functools.cache
def _imported(path: Path, root: Path) -> frozenset[str]:
    """The other packages that a file imports."""
    return read_imports(path, _module_name(path, root)).others


@functools.cache
def _module_path(name: str, root: Path) -> Path | None:
    stem = root.joinpath(*name.split("."))
    for path in (stem.with_suffix(".py"), stem / "__init__.py"):
        if path.is_file():
            return path
    return None


def _module_name(path: Path, root: Path) -> str:
    """The dotted name of a file of the package; empty for a script."""
    if not path.is_relative_to(root):
        return ""
    name = ".".join(path.relative_to(root).with_suffix("").parts)
    return name.removesuffix(".__init__")


@functools.cache
def _named_digest(path: Path, root: Path) -> bytes:
    name = path.relative_to(root) if path.is_relative_to(root) else path.name
    return f"{name}\0{hashlib.sha256(path.read_bytes()).hexdigest()}\n".encode()
