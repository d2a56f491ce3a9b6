"""Which source files are behind a module, and what hashes a file."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from scheduled.core.identity import (
    HASH_DIGITS,
    canonical_json,
    config_hash,
    file_sha256,
    library_versions,
    source_files,
)

SRC = Path(__file__).parents[2] / "src"


def behind(module: str, root: Path = SRC, without: str = "") -> set[str]:
    return {
        path.relative_to(root / "scheduled").as_posix()
        for path in source_files(module, root, without)
    }


@pytest.fixture
def package(tmp_path: Path):
    """Write a synthetic package; returns its root."""

    def write(**modules: str) -> Path:
        for name, text in modules.items():
            path = tmp_path.joinpath("scheduled", *name.split("__")).with_suffix(".py")
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
        for folder in [tmp_path / "scheduled", *(tmp_path / "scheduled").rglob("*/")]:
            (folder / "__init__.py").touch()
        return tmp_path

    return write


@pytest.mark.parametrize(
    "line",
    [
        "import scheduled.b.c",
        "import numpy, scheduled.b.c as c",
        "from scheduled.b import c",
        "from scheduled.b.c import anything",
        "from scheduled.b.c import *",
        "from .b import c",
        "from .b.c import anything",
        "def f():\n    from scheduled.b import c",
        "if True:\n    class K:\n        from .b import c",
        "try:\n    from scheduled.b import c as d\nexcept ImportError:\n    pass",
    ],
)
def test_every_way_to_import_a_module(package, line):
    root = package(a=line, b__c="", b__d="")
    assert behind("scheduled.a", root) == {"a.py", "b/c.py"}


@pytest.mark.parametrize(
    ("line", "module"),
    [
        ("from . import d", "d.py"),
        ("from .d import x", "d.py"),
        ("from .. import e", "../e.py"),
        ("from ..e import x", "../e.py"),
        ("from ..f.g import x", "../f/g.py"),
    ],
)
def test_relative_imports_from_inside_a_folder(package, line, module):
    root = package(b__c=line, b__d="", e="", f__g="")
    expected = (Path("b") / module).as_posix().replace("b/../", "")
    assert behind("scheduled.b.c", root) == {"b/c.py", expected}


def test_relative_imports_of_an_init_start_in_its_own_folder(package):
    root = package(b__c="", b__d="", a="from scheduled.b import NAME")
    (root / "scheduled" / "b" / "__init__.py").write_text("from .c import NAME\nfrom . import d\n")
    assert behind("scheduled.a", root) == {"a.py", "b/__init__.py", "b/c.py", "b/d.py"}


def test_an_init_counts_only_where_something_is_imported_that_is_not_a_module(package):
    root = package(a="from scheduled.b import c", x="from scheduled.b import c, NAME", b__c="")
    assert behind("scheduled.a", root) == {"a.py", "b/c.py"}
    assert behind("scheduled.x", root) == {"x.py", "b/c.py", "b/__init__.py"}


def test_imports_are_followed_to_the_end_and_around(package):
    root = package(a="from .b import x", b="from .c import x", c="from .a import x", d="")
    assert behind("scheduled.a", root) == {"a.py", "b.py", "c.py"}
    assert behind("scheduled.c", root) == {"a.py", "b.py", "c.py"}


def test_a_module_or_a_package_left_out(package):
    root = package(
        a="from scheduled.b import c\nfrom scheduled.bb import x", b__c="from scheduled import d",
        bb="", d="",
    )  # fmt: skip
    assert behind("scheduled.a", root, "scheduled.b") == {"a.py", "bb.py"}
    assert behind("scheduled.a", root, "scheduled.bb") == {"a.py", "b/c.py", "d.py"}


def test_others_packages_and_comments_are_no_sources(package):
    text = "import numpy\nfrom scheduledx import y\n# import scheduled.b\n'import scheduled.b'\n"
    assert behind("scheduled.a", package(a=text, b="")) == {"a.py"}


def test_sorted_and_given_once(package):
    root = package(a="from . import c, b, c\nimport scheduled.b", b="", c="")
    files = source_files("scheduled.a", root)
    assert files == sorted(set(files))


def test_an_unknown_module(package):
    root = package(a="from scheduled.nowhere import x")
    with pytest.raises(ModuleNotFoundError, match=r"no module 'scheduled\.b' in "):
        source_files("scheduled.b", root)
    with pytest.raises(ModuleNotFoundError, match=r"no module 'scheduled\.nowhere' in "):
        source_files("scheduled.a", root)


# The real package.


def test_what_only_a_type_checker_imports_is_no_source(package):
    text = "if TYPE_CHECKING:\n    from .b import x\nelse:\n    from .c import x\n"
    assert behind("scheduled.a", package(a=text, b="", c="")) == {"a.py", "c.py"}


def test_the_schedules_do_not_depend_on_the_bounds():
    found = behind("scheduled.schedules.wsd")
    assert not {path for path in found if path.startswith("bounds/")}


# Hashes.


def test_a_hash_is_of_the_canonical_json():
    value = {"b": [1, 2.0, None, True], "a": "γ"}
    assert canonical_json(value) == '{"a":"γ","b":[1,2.0,null,true]}'
    assert config_hash(value) == hashlib.sha256(canonical_json(value).encode()).hexdigest()[:12]
    assert len(config_hash(value)) == HASH_DIGITS == 12


def test_the_hash_of_a_file(tmp_path: Path):
    path = tmp_path / "file"
    path.write_bytes(b"abc\r\n" * 1000)
    assert file_sha256(path) == hashlib.sha256(b"abc\r\n" * 1000).hexdigest()


def test_versions_of_libraries():
    import numpy

    assert library_versions("numpy") == {"numpy": numpy.__version__}
