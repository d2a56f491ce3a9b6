"""Other machines on this one: the numerical tests and the stored tables, as other processors round.

    python tests/machines.py [--only NAME ...] [--tests PATH ...]

What a processor lets libraries choose is chosen for them: the kernels of OpenBLAS, NumPy's vector
code, what Numba compiles for, the C library's functions, the number of threads. A setting that this
machine cannot have is skipped, and its row says why. The exit code is 1 if a test fails or a table
differs from the stored one by more than `scheduled.reproduce.promise` allows.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

REPO = Path(__file__).resolve().parents[1]
TESTS = (
    "tests/unit/analyses",
    "tests/unit/bounds",
    "tests/unit/schedules",
    "tests/unit/numerics",
    "src/scheduled/analyses",
    "src/scheduled/bounds",
    "src/scheduled/schedules",
)
OWN = "python{}.{}".format(*sys.version_info)
NEWEST = ("python3.14", "python3.13", "python3.12")

AVX512 = "X86_V4 AVX512_ICL AVX512_SPR"
WITHOUT_FMA = "glibc.cpu.hwcaps=-AVX512F,-AVX2,-FMA,-FMA4"


@dataclass(frozen=True)
class Machine:
    """A setting that stands for a kind of machine.

    Attributes
    ----------
    name : str
    environ : mapping
        Variables that libraries read.
    needs : str
        What the processor must have, as /proc/cpuinfo calls it.
    interpreters : tuple of str
        Commands, of which the first that is found runs; this environment's own if empty.
    """

    name: str
    environ: Mapping[str, str] = field(default_factory=dict)
    needs: str = ""
    interpreters: tuple[str, ...] = ()


# OpenBLAS runs its Haswell kernels on all Zen processors; the name is what their owners look for.
MACHINES = (
    Machine("as-is"),
    Machine("haswell", {"OPENBLAS_CORETYPE": "Haswell"}, "avx2"),
    Machine("zen", {"OPENBLAS_CORETYPE": "Zen"}, "avx2"),
    Machine("skylakex", {"OPENBLAS_CORETYPE": "SkylakeX"}, "avx512f"),
    Machine("sandybridge", {"OPENBLAS_CORETYPE": "Sandybridge"}, "avx"),
    Machine("nehalem", {"OPENBLAS_CORETYPE": "Nehalem"}, "sse4_2"),
    Machine("armv8", {"OPENBLAS_CORETYPE": "ARMV8"}, "asimd"),
    Machine("numpy-without-avx512", {"NPY_DISABLE_CPU_FEATURES": AVX512}, "avx512f"),
    Machine("numpy-without-avx2", {"NPY_DISABLE_CPU_FEATURES": f"X86_V3 {AVX512}"}, "avx2"),
    Machine("libm-without-fma", {"GLIBC_TUNABLES": WITHOUT_FMA}, "fma"),
    Machine("numba-generic", {"NUMBA_CPU_NAME": "generic"}),
    Machine("one-thread", {"OPENBLAS_NUM_THREADS": "1"}),
    Machine("two-threads", {"OPENBLAS_NUM_THREADS": "2"}),
    Machine(
        "oldest",
        {
            "OPENBLAS_CORETYPE": "Nehalem",
            "NPY_DISABLE_CPU_FEATURES": f"X86_V3 {AVX512}",
            "NUMBA_CPU_NAME": "generic",
            "GLIBC_TUNABLES": WITHOUT_FMA,
            "OPENBLAS_NUM_THREADS": "1",
        },
        "sse4_2",
    ),
    Machine("python-3.11", interpreters=("python3.11",)),
    Machine("python-newest", interpreters=NEWEST),
)


def main() -> int:
    """Run the settings asked for, and print a row of each."""
    parser = argparse.ArgumentParser(description="The numerical tests as on other machines.")
    parser.add_argument("--only", nargs="+", metavar="NAME", choices=[one.name for one in MACHINES])
    parser.add_argument("--tests", nargs="+", metavar="PATH", default=TESTS)
    options = parser.parse_args()
    print(f"{platform.machine()}, Python {platform.python_version()}; relative differences\n")
    print("| setting | tests failed | tables that differ | of what is direct | of curves | s |")
    print("| --- | --- | --- | --- | --- | --- |", flush=True)
    details: list[str] = []
    for machine in MACHINES:
        if options.only and machine.name not in options.only:
            continue
        if reason := _impossible(machine):
            print(f"| {machine.name} | skipped: {reason} | | | | |", flush=True)
            continue
        details += _run(machine, options.tests)
    print("\n".join(["", *details]) if details else "")
    return bool(details)


def _impossible(machine: Machine) -> str:
    """Why a setting is unavailable here; empty if it is available."""
    info = Path("/proc/cpuinfo")
    flags = set(info.read_text(encoding="utf-8").split()) if info.is_file() else set()
    if machine.needs and machine.needs not in flags:
        return f"this processor has no {machine.needs}"
    if machine.interpreters and _interpreter(machine) is None:
        return f"no {' or '.join(machine.interpreters)} here"
    if machine.interpreters and _interpreter(machine) == OWN:
        return "the same as as-is"
    return ""


def _interpreter(machine: Machine) -> str | None:
    """The first of the interpreters that is there; a name may be found and be of none."""
    for name in machine.interpreters:
        if name == OWN:
            return name
        path = shutil.which(name)
        if path and subprocess.run([path, "-V"], capture_output=True, check=False).returncode == 0:
            return name
    return None


def _python(machine: Machine) -> str:
    """The interpreter of a setting; another has an environment of its own, from the lock."""
    name = _interpreter(machine)
    if name is None:
        return sys.executable
    subprocess.run(
        ["make", "--silent", "setup", f"VENV=.venv-{name}", f"PYTHON={name}"],
        cwd=REPO,
        check=True,
        stdout=sys.stderr,
    )
    return os.fspath(REPO / f".venv-{name}" / "bin" / "python")


def _run(machine: Machine, tests: list[str]) -> list[str]:
    """Print a setting's row; return what failed and differs."""
    began = time.monotonic()
    try:
        python = _python(machine)
    except subprocess.CalledProcessError as error:
        print(f"| {machine.name} | no environment | | | | |", flush=True)
        return [f"{machine.name}: {error}"]
    environ = {**os.environ, "PYTHONPATH": os.fspath(REPO / "src"), **machine.environ}

    def start(*command: str) -> subprocess.Popen[str]:
        pipe = subprocess.PIPE
        return subprocess.Popen(
            [python, *command], cwd=REPO, env=environ, stdout=pipe, stderr=pipe, text=True
        )

    # Names that NumPy does not know any more disable nothing, and it only warns.
    numpy = start("-W", "error::ImportWarning", "-c", "import numpy")
    why = numpy.communicate()[1]
    if numpy.returncode:
        print(f"| {machine.name} | the setting has no effect | | | | |", flush=True)
        return [f"{machine.name}: {why.strip()}"]
    tables = start("tests/regression/differences.py")
    pytest = start("-m", "pytest", "-n", "auto", "--tb=line", "-rfE", *tests)
    said, why = pytest.communicate()
    failed = re.findall(r"^(?:FAILED|ERROR) (\S+.*)$", said, flags=re.MULTILINE)
    if pytest.returncode and not failed:
        failed = [f"pytest: {said}{why}".strip()]
    said, why = tables.communicate()
    found = {"compared": 0, "messages": [f"differences.py: {why}"], "largest": {}}
    if tables.returncode == 0:
        found = json.loads(said)
    largest = found["largest"]
    cells = (
        machine.name,
        len(failed),
        f"{len(found['messages'])} of {found['compared']}",
        f"{largest.get('direct', float('nan')):.1e}",
        f"{largest.get('curves', float('nan')):.1e}",
        f"{time.monotonic() - began:.0f}",
    )
    print(f"| {' | '.join(str(cell) for cell in cells)} |", flush=True)
    return [f"{machine.name}: {one}" for one in (*failed, *found["messages"])]


if __name__ == "__main__":
    sys.exit(main())
