"""Imports between the packages of src/scheduled point down only."""

import ast
import functools
from collections.abc import Iterator
from pathlib import Path

import pytest

import scheduled

PACKAGE = Path(scheduled.__file__).parent
# What each of the lower packages may import.
FLOORS = {
    "core": set(),
    "numerics": {"core"},
    "schedules": {"core", "numerics"},
    "bounds": {"core", "numerics", "schedules"},
    "laws": {"core", "numerics", "schedules", "bounds"},
}


def run_nodes(node: ast.AST) -> Iterator[ast.AST]:
    """The statements of a syntax tree, without what only a type checker reads."""
    yield node
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.expr):  # holds no statement
            continue
        if isinstance(child, ast.If) and ast.unparse(child.test).endswith("TYPE_CHECKING"):
            for other in child.orelse:
                yield from run_nodes(other)
        else:
            yield from run_nodes(child)


def imports(text: str, module: str) -> set[str]:
    """Dotted names that a module may import, also inside functions; some are not of modules."""
    names = set()
    for node in run_nodes(ast.parse(text)):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            above = module.split(".")[: -node.level] if node.level else []
            base = ".".join([*above, *filter(None, [node.module])])
            names |= {f"{base}.{alias.name}" for alias in node.names}
    return {name for name in names if name.startswith("scheduled.")}


@functools.cache
def modules() -> dict[str, set[str]]:
    """Every module of src/scheduled and the names that it imports."""
    found = {}
    for path in sorted(PACKAGE.rglob("*.py")):
        name = ".".join(path.relative_to(PACKAGE.parent).with_suffix("").parts)
        found[name] = imports(path.read_text(encoding="utf-8"), name)
    return found


def package_of(name: str) -> str | None:
    """The package that a module or a name in it belongs to; None for the modules at the root."""
    part = name.split(".")[1]
    if (PACKAGE / part).is_dir():
        return part
    # The names at the root are imported from everywhere below it.
    assert part.startswith("__"), f"{name} is to be imported from its own module"
    return None


def packages() -> dict[str, set[str]]:
    """Every package of src/scheduled and the packages that it imports."""
    found: dict[str, set[str]] = {}
    for module, names in modules().items():
        if package := package_of(module):
            others = found.setdefault(package, set())
            others |= {
                other for name in names if (other := package_of(name)) not in (None, package)
            }
    return found


def reachable(graph: dict[str, set[str]], start: str) -> set[str]:
    found: set[str] = set()
    todo = [*graph[start]]
    while todo:
        name = todo.pop()
        if name not in found:
            found.add(name)
            todo += graph[name]
    return found


def circles(graph: dict[str, set[str]]) -> list[set[str]]:
    """The sets of packages that import each other, directly or through others."""
    behind = {name: reachable(graph, name) for name in graph}
    groups = {
        frozenset(other for other in behind[name] if name in behind[other])
        for name in graph
        if name in behind[name]
    }
    return [set(group) for group in sorted(groups, key=sorted)]


def test_circles_are_found():
    assert circles({"a": {"b"}, "b": {"c"}, "c": {"b"}, "d": {"a"}}) == [{"b", "c"}]
    text = (
        "from __future__ import annotations\nimport scheduled.a.x\n"
        "if TYPE_CHECKING:\n    import scheduled.b\nelse:\n    from scheduled import c\n"
        "def f():\n    from ..d import y\n"
    )
    assert imports(text, "scheduled.e.module") == {
        "scheduled.a.x",
        "scheduled.c",
        "scheduled.d.y",
    }


def test_no_packages_import_each_other():
    assert circles(packages()) == []


@pytest.mark.parametrize("package", FLOORS)
def test_a_lower_package_imports_from_below_only(package):
    assert packages()[package] <= FLOORS[package]


def test_the_fast_sum_has_one_door():
    door = "scheduled.bounds.cauchy"
    for module, names in modules().items():
        if not module.startswith(door):
            inside = {f"{door}.{path.stem}" for path in PACKAGE.glob("bounds/cauchy/[!_]*.py")}
            assert not any(name.startswith(tuple(inside)) for name in names), module
