"""A page as text, Markdown or JSON, and its figure."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table as Grid
from rich.text import Text

from scheduled.answers.page import Page, Table
from scheduled.answers.picture import draw

__all__ = ["emit"]


def emit(page: Page, as_json: bool, as_markdown: bool, figure: Path | None) -> None:
    """Print a page, and draw its figure.

    Raises
    ------
    ValueError
        If a figure is asked for, and there is none.
    """
    if figure is not None:
        if page.picture is None:
            raise ValueError(f"--figure: there is nothing to draw for {page.title}")
        draw(page.picture, figure)
    if as_json:
        sys.stdout.write(_json(page))
    elif as_markdown:
        sys.stdout.write(_markdown(page))
    else:
        _print(page)


def _json(page: Page) -> str:
    whole = {"command": page.title, "answer": list(page.lines), **page.data}
    if page.verbatim:
        whole["text"] = page.verbatim
    return json.dumps(_plain(whole), indent=2, ensure_ascii=False, allow_nan=False) + "\n"


def _plain(value: Any) -> Any:
    """Only what JSON has: numbers that are none are null."""
    if isinstance(value, dict):
        return {str(key): _plain(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(each) for each in value]
    if hasattr(value, "item"):
        value = value.item()
    if isinstance(value, float):
        return value if value - value == 0 else None
    return value if value is None or isinstance(value, str | int | bool) else str(value)


def _markdown(page: Page) -> str:
    parts = [f"## scheduled {page.title}"]
    parts += page.lines
    if page.verbatim:
        parts.append(f"```\n{page.verbatim}\n```")
    for table in page.tables:
        if table.title:
            parts.append(f"### {table.title}")
        rows = [table.columns, tuple("---" for _ in table.columns), *table.rows]
        parts.append("\n".join("| " + " | ".join(map(_cell, row)) + " |" for row in rows))
    if page.limits:
        parts.append("\n".join(f"- {each}" for each in page.limits))
    return "\n\n".join(parts) + "\n"


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")


def _print(page: Page) -> None:
    console = Console(highlight=False, emoji=False)
    for i, line in enumerate(page.lines):
        console.print(Text(line, style="bold" if i == 0 else ""))
    if page.verbatim:
        # As it is, not wrapped: it is there to be copied.
        sys.stdout.write(page.verbatim + "\n")
        sys.stdout.flush()
    for table in page.tables:
        console.print(_grid(table))
    for limit in page.limits:
        console.print(Text("· ", style="dim"), Text(limit, style="dim"), sep="")


def _grid(table: Table) -> Grid:
    grid = Grid(box=SIMPLE_HEAD, title=table.title or None, title_justify="left", pad_edge=False)
    for name in table.columns:
        grid.add_column(Text(name), overflow="fold")
    for row in table.rows:
        grid.add_row(*(Text(cell) for cell in row))
    return grid
