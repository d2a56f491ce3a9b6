"""Commands for those who maintain the project: ``python -m scheduled COMMAND``."""

from __future__ import annotations

import argparse
import functools
import sys
from collections.abc import Sequence
from pathlib import Path


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command; returns the exit code, 0 if all went well and 1 after a user's mistake."""
    parser = argparse.ArgumentParser(prog="scheduled", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    schema = commands.add_parser("schema", help="write the JSON schemas of the YAML files")
    schema.add_argument("--to", type=Path, default=Path("workflow/schemas"), metavar="FOLDER")
    registry = commands.add_parser("registry", help="write a registry of a folder of training logs")
    registry.add_argument("logs", type=Path, help="folder that holds the logs")
    registry.add_argument("--to", type=Path, default=Path("data/registry/paper.csv"))
    commands.add_parser("environment", help="write environment.yml from requirements.lock")
    again = commands.add_parser("reproduce", help="run everything anew, and compare")
    again.add_argument("--repo", type=Path, default=Path(), metavar="FOLDER")
    again.add_argument("--cores", type=int, default=4)
    again.add_argument("--keep", type=Path, metavar="FOLDER", help="keep the clones there")
    compare = commands.add_parser("compare", help="compare two folders of results")
    compare.add_argument("old", type=Path)
    compare.add_argument("new", type=Path)
    options = parser.parse_args(arguments)
    try:
        if options.command == "reproduce":
            from scheduled.reproduce.check import reproduce_in

            say = functools.partial(print, flush=True)
            return int(not reproduce_in(options.repo, options.cores, options.keep, say))
        if options.command == "compare":
            from scheduled.reproduce.compare import compare_results, result_files

            messages = compare_results(result_files(options.old), result_files(options.new))
            print("\n".join(messages) or "the same")
            return int(bool(messages))
        if options.command == "environment":
            from scheduled.pipeline.pins import environment_text

            text = environment_text(Path("requirements.lock"))
            Path("environment.yml").write_text(text, encoding="utf-8")
            print("environment.yml")
        elif options.command == "schema":
            from scheduled.config.schema import write_schemas

            for path in write_schemas(options.to):
                print(path)
        else:
            from scheduled.runs.registry import write_registry

            count = len(write_registry(options.logs, options.to))
            print(f"{options.to}: {count} runs")
    except (ValueError, OSError, RuntimeError) as error:
        print(f"scheduled {options.command}: {error}", file=sys.stderr)
        return 1
    return 0
