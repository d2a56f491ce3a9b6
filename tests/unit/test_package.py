import ast
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

import scheduled

# A package whose modules are one unit, with its __init__ as the door.
DOORS = ["scheduled.bounds.cauchy"]
ROOT = Path(__file__).parents[2]
PACKAGE = Path(scheduled.__file__).parent
CORE = [
    *sorted(PACKAGE.glob("schedules/*.py")),
    *sorted(PACKAGE.glob("bounds/*.py")),
    *sorted(PACKAGE.glob("core/*.py")),
]


def test_the_documented_example_runs_word_for_word():
    matplotlib = pytest.importorskip("matplotlib")
    matplotlib.use("Agg")
    import matplotlib.pyplot as plt

    T, t, x, G, D = 400, 100, 0.02, 1.0, 1.0

    from scheduled import CosineSchedule, WSDSchedule

    S = WSDSchedule(final_lr=0.0, steps=T+1, cooldown_len=0.2, base_lr=1.0)  # fmt: skip
    S.set_base_lr(x)
    S.schedule  # noqa: B018
    S.plot()
    rate = S.compute_rate(grad_norms=G, D=D, T=t)

    plt.close("all")
    assert rate > 0
    assert S.schedule.max() == x
    assert CosineSchedule(T + 1).compute_rate(grad_norms=G, D=D, T=t) > 0
    assert scheduled.ConstantSchedule(T + 1).compute_rate(grad_norms=G, D=D, T=t) > 0
    assert scheduled.SqrtSchedule(T + 1).compute_rate(grad_norms=G, D=D, T=t) > 0


def test_import_and_help_cost_no_more_than_numpy():
    heavy = "pandas matplotlib scipy pydantic seaborn snakemake numba PEPit cvxpy"
    code = (
        "import sys; from scheduled.cli.main import main; main(['--help']);"
        f"print([m for m in {heavy.split()} if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "[]"


def test_version_is_that_of_the_project():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    assert scheduled.__version__ == project["project"]["version"]


def test_every_public_name_exists():
    assert all(hasattr(scheduled, name) for name in scheduled.__all__)
    assert len(set(scheduled.__all__)) == len(scheduled.__all__)


@pytest.mark.parametrize("path", CORE, ids=lambda path: path.name)
def test_modules_import_from_modules_not_from_packages(path):
    # The workflow follows imports to know which sources a rule depends on: a package's __init__
    # would pull in all of its modules.
    if path.name == "__init__.py":
        return
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if not isinstance(node, ast.ImportFrom) or node.module in DOORS:
            continue
        if (node.module or "").startswith("scheduled"):
            for alias in node.names:
                names = (node.module, f"{node.module}.{alias.name}")
                files = [PACKAGE.parent.joinpath(*name.split(".")) for name in names]
                assert any(file.with_suffix(".py").is_file() for file in files), names
