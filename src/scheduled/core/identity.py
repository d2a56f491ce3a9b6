"""What a result is known by: the hash of its configuration, and the sources that computed it."""

from __future__ import annotations

import ast
import functools
import hashlib
import importlib.metadata
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

PACKAGE = "scheduled"
HASH_DIGITS = 12


def canonical_json(value: Any) -> str:
    """JSON with sorted keys and no spaces: equal values give equal text.

    Raises
    ------
    ValueError
        For NaN or an infinity, which JSON does not have.

    Examples
    --------
    >>> canonical_json({"b": 1.0, "a": [1, None]})
    '{"a":[1,null],"b":1.0}'
    """
    return json.dumps(
        value, sort_keys=True, separators=(",", ":"), allow_nan=False, ensure_ascii=False
    )


def config_hash(resolved: Any) -> str:
    """First 12 hex digits of the SHA-256 of the canonical JSON of a resolved configuration.

    Examples
    --------
    >>> config_hash({"a": 1, "b": 2}) == config_hash({"b": 2, "a": 1})
    True
    """
    return hashlib.sha256(canonical_json(resolved).encode()).hexdigest()[:HASH_DIGITS]


def file_sha256(path: Path | str) -> str:
    """SHA-256 of a file's bytes, as 64 hex digits."""
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def library_versions(*names: str) -> dict[str, str]:
    """Installed version of each distribution; other versions may give other bits.

    Examples
    --------
    >>> sorted(library_versions("numpy"))
    ['numpy']
    """
    return {name: importlib.metadata.version(name) for name in names}


def source_files(module: str, root: Path, without: str = "") -> list[Path]:
    """The source files of this package behind a module, itself included, by its imports.

    Imports are followed with `ast`, nothing is executed. A package's ``__init__`` counts only
    where something is imported from it that is not one of its modules: it re-exports, and following
    it for its modules' sake would put the whole package behind every module.

    Parameters
    ----------
    module : str
        Dotted name, e.g. ``"scheduled.bounds.omega"``.
    root : Path
        Folder that holds the package ``scheduled``.
    without : str, optional
        A package or module that is not followed into, for a caller that knows better.

    Returns
    -------
    list of Path
        Sorted.

    Raises
    ------
    ModuleNotFoundError
        If the package has no such module.
    """
    found: dict[str, Path] = {}
    todo = [module]
    while todo:
        name = todo.pop()
        if name in found or (without and f"{name}.".startswith(f"{without}.")):
            continue
        path = _module_path(name, root)
        if path is None:
            raise ModuleNotFoundError(f"no module {name!r} in {root}")
        found[name] = path
        todo.extend(_imports(path, name, root))
    return sorted(found.values())


@functools.cache
def _module_path(name: str, root: Path) -> Path | None:
    stem = root.joinpath(*name.split("."))
    for path in (stem.with_suffix(".py"), stem / "__init__.py"):
        if path.is_file():
            return path
    return None


def _run_nodes(node: ast.AST) -> Iterator[ast.AST]:
    """A syntax tree without what only a type checker reads."""
    yield node
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.If) and ast.unparse(child.test) == "TYPE_CHECKING":
            for other in child.orelse:
                yield from _run_nodes(other)
        else:
            yield from _run_nodes(child)


@functools.cache
def _imports(path: Path, module: str, root: Path) -> tuple[str, ...]:
    """Modules of this package that a file imports, anywhere in it (also inside functions)."""
    here = module.split(".") if path.name == "__init__.py" else module.split(".")[:-1]
    names: list[str] = []
    for node in _run_nodes(ast.parse(path.read_bytes())):
        if isinstance(node, ast.Import):
            names += [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            parent = here[: len(here) - node.level + 1] if node.level else []
            base = ".".join([*parent, *([node.module] if node.module else [])])
            for alias in node.names:
                child = f"{base}.{alias.name}"
                is_module = base.split(".")[0] == PACKAGE and _module_path(child, root)
                names.append(child if is_module else base)
    return tuple(name for name in names if name.split(".")[0] == PACKAGE)
