"""Run the code on pages of the documentation: ``python tests/pages.py [PAGE…] [--write]``.

Blocks run in the page's order. Python is run; so is every line of a shell block that calls
``scheduled``, and it must succeed. A block ``console`` holds a command after ``$`` and what it
prints, a block ``text`` what the Python before it prints: the page must say exactly that, and
``--write`` writes it.

Each page runs in a folder of its own, with made-up logs: ``log.jsonl``, ``lr1.csv`` to
``lr3.csv``, and the ``config.yaml`` of the first.
"""

from __future__ import annotations

import argparse
import contextlib
import glob
import io
import json
import os
import re
import shlex
import shutil
import sys
import tempfile
from pathlib import Path
from types import ModuleType

REPO = Path(__file__).parents[1]
sys.path.insert(0, str(REPO / "src"))

BLOCK = re.compile(r"^```(python|sh|console|text)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
STEPS = 20_000
CONFIG = "kind: wsd\nsteps: 20000\nbase_lr: 0.001\nwarmup_steps: 300\ncooldown_len: 0.2\n"


def pages() -> list[Path]:
    """The pages with code on them."""
    every = [REPO / "README.md", *sorted((REPO / "docs").rglob("*.md"))]
    return [path for path in every if BLOCK.search(path.read_text(encoding="utf-8"))]


def make_logs() -> None:
    """Write made-up logs of three base LRs, the middle one best, into the current folder."""
    from scheduled import WSDSchedule

    for name, lr, worse in (("lr1", 5e-4, 0.01), ("lr2", 1e-3, 0.0), ("lr3", 2e-3, 0.01)):
        lrs = WSDSchedule(STEPS + 1, base_lr=lr, warmup_steps=300, cooldown_len=0.2).schedule
        rows = [
            {"step": step, "lr": float(lrs[step]), "loss": 3 + worse + step**-0.5}
            for step in range(100, STEPS + 1, 100)
        ]
        lines = ["step,lr,loss", *(",".join(map(str, row.values())) for row in rows)]
        Path(f"{name}.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
        if name == "lr2":
            Path("log.jsonl").write_text("\n".join(map(json.dumps, rows)) + "\n", encoding="utf-8")
    shutil.copy("log.jsonl", "trainer_state.json")
    Path("config.yaml").write_text(CONFIG, encoding="utf-8")


def run_command(line: str) -> str:
    """What ``scheduled …`` prints; raises where it does not succeed."""
    from scheduled.cli.main import main

    words = shlex.split(line, comments=True)[1:]
    words = [found for word in words for found in (sorted(glob.glob(word)) or [word])]
    printed, failed = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(printed), contextlib.redirect_stderr(failed):
        code = main(words)
    if code:
        raise RuntimeError(f"{line}: exit code {code}\n{failed.getvalue()}")
    return "".join(f"{row.rstrip()}\n" for row in printed.getvalue().splitlines()).strip("\n")


def as_it_runs(text: str, name: str) -> str:
    """The page with what its code prints, now."""
    module = ModuleType("page")
    sys.modules["page"] = module  # where a dataclass looks for the names of its annotations
    printed = io.StringIO()

    def block(match: re.Match[str]) -> str:
        nonlocal printed
        kind, body = match.groups()
        if kind == "python":
            printed = io.StringIO()
            lines_before = text.count("\n", 0, match.start(2))
            code = compile("\n" * lines_before + body, name, "exec")
            with contextlib.redirect_stdout(printed):
                exec(code, vars(module))
        elif kind == "text":
            body = printed.getvalue()
        elif kind == "sh":
            for line in body.splitlines():
                if line.startswith("scheduled "):
                    run_command(line)
        else:
            command = body.splitlines()[0]
            body = f"{command}\n{run_command(command.removeprefix('$ '))}\n"
        return f"```{kind}\n{body}```"

    return BLOCK.sub(block, text)


def main(arguments: list[str]) -> int:
    """Run pages; 1 if one says something else than its code."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("pages", nargs="*", type=Path, help="default: all")
    parser.add_argument("--write", action="store_true", help="write what the code prints")
    options = parser.parse_args(arguments)
    os.environ |= {"MPLBACKEND": "Agg", "NO_COLOR": "1", "COLUMNS": "80"}
    different = []
    for path in [path.resolve() for path in options.pages] or pages():
        text = path.read_text(encoding="utf-8")
        with tempfile.TemporaryDirectory() as folder, contextlib.chdir(folder):
            make_logs()
            now = as_it_runs(text, str(path))
        if now != text:
            different.append(path)
            if options.write:
                path.write_text(now, encoding="utf-8", newline="\n")
    verb = "written" if options.write else "says something else than its code: make docs-output"
    for path in different:
        print(f"{path}: {verb}", file=sys.stderr)
    return int(bool(different) and not options.write)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
