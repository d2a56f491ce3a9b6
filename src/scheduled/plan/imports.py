"""Source files, each read once in a start, and what they import; nothing is executed."""

from __future__ import annotations

import ast
import functools
import hashlib
import json
import platform
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

from scheduled.core.files import write_text

PACKAGE = "scheduled"


class Imports(NamedTuple):
    """What a file imports, anywhere in it (also inside functions)."""

    # (module, name): of `from module import name`, whose name may be a module, or of `import`.
    pairs: tuple[tuple[str, str], ...]
    # Top-level names of other packages.
    others: frozenset[str]


class Source(NamedTuple):
    """The content of a file, and its SHA-256 in hex digits."""

    content: bytes
    sha256: str


# Digest of a file's content, of its package and of this reader → what it imports: of the files of
# this process, and as an earlier one wrote it.
_read: dict[str, Imports] = {}
_held: dict[str, Imports] = {}


@functools.cache
def read_source(path: Path) -> Source:
    """Read a file, as this process sees it from then on."""
    content = path.read_bytes()
    return Source(content, hashlib.sha256(content).hexdigest())


@functools.cache
def read_imports(path: Path, module: str) -> Imports:
    """What a file imports; what only a type checker imports does not count.

    Parameters
    ----------
    path : Path
        The file.
    module : str
        Its dotted name, which relative imports start from; empty for a script.
    """
    here = module.split(".") if path.name == "__init__.py" else module.split(".")[:-1]
    source = read_source(path)
    text = "\0".join((_reader(), ".".join(here), source.sha256))
    key = hashlib.sha256(text.encode()).hexdigest()
    _read[key] = _held[key] if key in _held else _parse(source.content, here)
    return _read[key]


def load_imports(path: Path) -> None:
    """Begin with what an earlier process wrote: to parse all files takes a tenth of a start.

    Parameters
    ----------
    path : Path
        As `save_imports` wrote it. One that is missing or damaged is as good as empty.
    """
    try:
        for key, (pairs, others) in json.loads(path.read_bytes()).items():
            _held[key] = Imports(tuple((module, name) for module, name in pairs), frozenset(others))
    except (OSError, ValueError, AttributeError, TypeError):
        _held.clear()


def save_imports(path: Path) -> None:
    """Write what this process has read, if some of it is not there yet."""
    if _read.keys() - _held.keys() and path.parent.is_dir():
        text = {key: [one.pairs, sorted(one.others)] for key, one in _read.items()}
        write_text(json.dumps(text), path)


@functools.cache
def _reader() -> str:
    return f"{platform.python_version()} {read_source(Path(__file__)).sha256}"


def _parse(content: bytes, here: list[str]) -> Imports:
    pairs: list[tuple[str, str]] = []
    for node in _statements(ast.parse(content).body):
        if isinstance(node, ast.Import):
            pairs += [(alias.name, "") for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            parent = here[: len(here) - node.level + 1] if node.level else []
            base = ".".join([*parent, *([node.module] if node.module else [])])
            pairs += [(base, alias.name) for alias in node.names]
    tops = {(pair, pair[0].split(".")[0]) for pair in pairs}
    return Imports(
        tuple(pair for pair in pairs if pair[0].split(".")[0] == PACKAGE),
        frozenset(top for _, top in tops if top != PACKAGE),
    )


def _statements(nodes: Iterable[ast.AST]) -> Iterator[ast.AST]:
    """Statements and those inside them, but for what only a type checker reads."""
    for node in nodes:
        yield node
        if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING":
            yield from _statements(node.orelse)
            continue
        for block in ("body", "orelse", "handlers", "finalbody", "cases"):
            # An expression may have a body, too, which is no list.
            inside = getattr(node, block, ())
            yield from _statements(inside if isinstance(inside, list) else ())
