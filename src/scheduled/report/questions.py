"""Figures grouped by the question that they belong to: the first folder of their ids."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from scheduled.report.images import Image, embed_animation, embed_figure

ACRONYMS = {"lr": "LR", "wsd": "WSD"}
FORMATS = ("pdf", "svg", "png")


@dataclass(frozen=True)
class Shown:
    """A figure on the page: what the plan says of it, its pictures, and its files' addresses."""

    name: str
    about: dict[str, Any]
    image: Image
    animation: Image | None
    files: tuple[str, ...]

    @property
    def title(self) -> str:
        """Its id without the question."""
        return self.name.partition("/")[2] or self.name


@dataclass(frozen=True)
class Question:
    """A question and its figures."""

    name: str
    figures: list[Shown]

    @property
    def title(self) -> str:
        """The folder's name as words."""
        words = [ACRONYMS.get(word, word) for word in self.name.split("_")]
        title = " ".join(words)
        return title[:1].upper() + title[1:]


def questions(figures: Iterable[dict[str, Any]], folder: Path) -> list[Question]:
    """Group figures, in their order, with their pictures.

    Parameters
    ----------
    figures : iterable of dict
        What `Plan.report` says of each figure.
    folder : Path
        Folder that the page lies in; ``figures/<id>.svg`` and ``.png`` are there.
    """
    found: dict[str, list[Shown]] = {}
    for about in figures:
        found.setdefault(about["figure"].partition("/")[0], []).append(_shown(about, folder))
    return [Question(name, members) for name, members in found.items()]


def _shown(about: dict[str, Any], folder: Path) -> Shown:
    name = about["figure"]
    suffixes = (*FORMATS, "gif") if about["animated"] else FORMATS
    return Shown(
        name=name,
        about=about,
        image=embed_figure(folder / "figures" / name),
        animation=embed_animation(folder / f"figures/{name}.gif") if about["animated"] else None,
        files=tuple(f"figures/{name}.{suffix}" for suffix in suffixes),
    )
