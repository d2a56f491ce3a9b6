"""What is behind a job: source files, libraries, and a digest that knows only contents."""

from __future__ import annotations

from pathlib import Path

import pytest

from scheduled.plan import imports
from scheduled.plan import made_by as made_by_module
from scheduled.plan.made_by import libraries, made_by, source_files
from scheduled.runs.formats import all_formats

SRC = Path(__file__).parents[3] / "src"


def behind(module: str, root: Path = SRC) -> set[str]:
    script = root / "script.py" if root != SRC else SRC.parent / "workflow/scripts/prune.py"
    if root != SRC:
        script.touch()
    return {
        path.relative_to(root / "scheduled").as_posix()
        for path in source_files(script, [module], root)
        if path != script
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


def test_a_package_that_is_not_followed_into(package):
    root = package(a="from scheduled.b import c\nfrom scheduled.bb import x", b__c="", bb="")
    (root / "script.py").touch()
    found = source_files(root / "script.py", ["scheduled.a"], root, "scheduled.b")
    assert [path.name for path in found] == ["a.py", "bb.py", "script.py"]


def test_others_packages_and_comments_are_no_sources(package):
    text = "import numpy\nfrom scheduledx import y\n# import scheduled.b\n'import scheduled.b'\n"
    assert behind("scheduled.a", package(a=text, b="")) == {"a.py"}


def test_sorted_and_given_once(package):
    root = package(a="from . import c, b, c\nimport scheduled.b", b="", c="")
    (root / "script.py").touch()
    files = source_files(root / "script.py", ["scheduled.a"], root)
    assert files == sorted(set(files))


def test_an_unknown_module(package):
    root = package(a="from scheduled.nowhere import x")
    with pytest.raises(ModuleNotFoundError, match=r"no module 'scheduled\.b' in "):
        behind("scheduled.b", root)
    with pytest.raises(ModuleNotFoundError, match=r"no module 'scheduled\.nowhere' in "):
        behind("scheduled.a", root)


def test_what_only_a_type_checker_imports_is_no_source(package):
    text = "if TYPE_CHECKING:\n    from .b import x\nelse:\n    from .c import x\n"
    assert behind("scheduled.a", package(a=text, b="", c="")) == {"a.py", "c.py"}


def test_an_expression_in_a_block_is_no_import(package):
    text = "x = 1 if y else 2\nf = lambda: 0\nwith open(z):\n    from .b import x\n"
    assert behind("scheduled.a", package(a=text, b="")) == {"a.py", "b.py"}


def forget_sources() -> None:
    """Forget what was read of any source, as a new process would."""
    for cached in (*vars(made_by_module).values(), *vars(imports).values()):
        if hasattr(cached, "cache_clear"):
            cached.cache_clear()


@pytest.fixture
def digest(tmp_path: Path):
    """What a job is made by, as a new process finds it."""

    def find() -> dict[str, str]:
        forget_sources()
        return made_by(tmp_path / "job.py", ["scheduled.a"], tmp_path)

    return find


def test_the_digest_is_of_contents_and_names(package, digest, tmp_path: Path):
    package(a="from .b import x", b="x = 1", c="")
    script = tmp_path / "job.py"
    script.write_text("from scheduled.a import x\n")
    first = digest()
    for path in [script, *tmp_path.glob("scheduled/*.py")]:
        path.touch()
    assert digest() == first
    package(c="x = 2")
    assert digest() == first
    for edited in (script, tmp_path / "scheduled" / "a.py", tmp_path / "scheduled" / "b.py"):
        text = edited.read_text()
        edited.write_text(f"{text}\n# an edit\n")
        assert digest() != first
        edited.write_text(text)
        assert digest() == first
    (tmp_path / "scheduled" / "b.py").rename(tmp_path / "scheduled" / "d.py")
    package(a="from .d import x")
    assert digest()["code"] != first["code"]


@pytest.fixture
def start(monkeypatch: pytest.MonkeyPatch):
    """A new process, which has read nothing."""

    def forget() -> None:
        monkeypatch.setattr(imports, "_read", {})
        monkeypatch.setattr(imports, "_held", {})
        forget_sources()

    yield forget
    forget_sources()


def test_imports_that_were_read_are_not_parsed_again(package, start, monkeypatch, tmp_path: Path):
    root, kept = (
        package(a="from .b import x", b="import numpy", c="import scipy"),
        tmp_path / "kept",
    )
    module = root / "scheduled" / "a.py"
    start()
    first = imports.read_imports(module, "scheduled.a")
    imports.save_imports(kept)
    start()
    imports.load_imports(kept)
    with monkeypatch.context() as nothing_parsed:
        nothing_parsed.setattr(imports, "_parse", None)
        assert imports.read_imports(module, "scheduled.a") == first
    # A relative import of the same text means another module elsewhere; other text is parsed again.
    (root / "scheduled" / "d").mkdir()
    elsewhere = root / "scheduled" / "d" / "a.py"
    elsewhere.write_bytes(module.read_bytes())
    assert imports.read_imports(elsewhere, "scheduled.d.a").pairs == (("scheduled.d.b", "x"),)
    module.write_text("from .c import x")
    forget_sources()
    assert imports.read_imports(module, "scheduled.a").pairs == (("scheduled.c", "x"),)


@pytest.mark.parametrize("text", ["", "{", "[]", '{"a": 1}', '{"a": [[1], []]}', "\0"])
def test_what_was_kept_and_is_damaged_counts_for_nothing(package, start, tmp_path: Path, text):
    root, kept = package(a="from .b import x", b=""), tmp_path / "kept"
    kept.write_text(text)
    start()
    imports.load_imports(kept)
    assert imports.read_imports(root / "scheduled" / "a.py", "scheduled.a").pairs == (
        ("scheduled.b", "x"),
    )
    imports.save_imports(kept)
    start()
    imports.load_imports(kept)
    assert len(imports._held) == 1


def test_the_libraries_are_those_that_are_imported_and_what_they_need(package, digest, tmp_path):
    package(
        a="def f():\n    import matplotlib.pyplot\n    from numba import njit\n", b="import pandas"
    )
    (tmp_path / "job.py").write_text("import os, json\n")
    found = digest()
    assert {"code", "python", "matplotlib", "pillow", "fonttools", "kiwisolver"} <= set(found)
    assert {"numba", "llvmlite", "numpy"} <= set(found)
    assert not {"pandas", "scipy", "os", "json"} & set(found)


def test_libraries_by_another_name_and_of_no_distribution():
    assert set(libraries(frozenset({"PIL"}))) == {"pillow"}
    assert "PyYAML" in libraries(frozenset({"yaml"}))
    assert libraries(frozenset({"os", "nowhere_to_be_found", "__future__"})) == {}


@pytest.mark.parametrize("kind", all_formats())
def test_collecting_runs_depends_on_the_formats_of_their_logs_only(kind):
    """The plan recognises formats; an edit of one collects no logs of another again."""
    script = SRC.parent / "workflow/scripts/collect_runs.py"
    module = all_formats()[kind].__module__
    read = {path.name for path in source_files(script, [module], SRC) if "formats" in path.parts}
    shared = {"__init__.py", "base.py", f"{module.rpartition('.')[2]}.py"}
    # A format may read its files with the code of another.
    lent = {
        "dicts": {"jsonl.py", "trainer_state.py"},
        "keras": {"csv.py"},
        "lightning": {"csv.py"},
        "tensorboard-csv": {"csv.py"},
        "wandb": {"csv.py", "jsonl.py"},
        "wandb-chart": {"csv.py"},
    }
    assert shared - {"base.py", "__init__.py"} <= read <= shared | lent.get(kind, set())


def test_templates_and_data_beside_a_module_that_names_them(package):
    root = package(a='PAGES, TABLE = "pages", "table.json"', b='TEXT = "pages of a book"')
    pages = root / "scheduled" / "pages"
    pages.mkdir()
    (pages / "page.html").touch()
    (root / "scheduled" / "table.json").touch()
    (root / "scheduled" / "other.json").touch()
    assert behind("scheduled.a", root) == {"a.py", "pages/page.html", "table.json"}
    assert behind("scheduled.b", root) == {"b.py"}
    before = made_by(root / "script.py", ["scheduled.a"], root)
    (pages / "page.html").write_text("<p>", encoding="utf-8")
    forget_sources()
    assert made_by(root / "script.py", ["scheduled.a"], root)["code"] != before["code"]
