"""Figures grouped by the question that they belong to: the first folder of their ids."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from scheduled.core.tabular import read_table
from scheduled.figures.base import read_figure
from scheduled.report.charts import chart, describe
from scheduled.report.images import Image, embed_animation, embed_figure
from scheduled.report.packed import packed

ACRONYMS = {"lr": "LR", "wsd": "WSD", "owt": "OWT", "olmo": "OLMo", "mpl": "MPL"}
FORMATS = ("pdf", "svg", "png")


@dataclass(frozen=True)
class Shown:
    """A figure on the page: what the plan says about it, its pictures, and its numbers.

    Attributes
    ----------
    name : str
        Its id.
    about : dict
        What `scheduled.plan.summary.report_figures` says of it.
    image : Image
    animation : Image, optional
    alt : str
        What is seen, in words.
    table : str
        Its table: the CSV file, as `packed` packs it.
    config : str
        The YAML that makes it.
    chart : dict, optional
        How its lines are drawn again; see `scheduled.report.charts.chart`.
    files : tuple of str
        Addresses of its files.
    """

    name: str
    about: dict[str, Any]
    image: Image
    animation: Image | None
    alt: str
    table: str
    config: str
    chart: dict[str, Any] | None
    files: tuple[str, ...]

    @property
    def title(self) -> str:
        """Its id without the question, in words."""
        _, _, rest = self.name.partition("/")
        return in_words(rest or self.name)

    @property
    def data(self) -> dict[str, Any]:
        """What the page's script knows of it."""
        return {"table": self.table, "config": self.config, "chart": self.chart}


@dataclass(frozen=True)
class Question:
    """A question and its figures."""

    name: str
    figures: list[Shown]

    @property
    def title(self) -> str:
        """The folder's name in words."""
        return in_words(self.name)


def in_words(name: str) -> str:
    """A name of files as a heading.

    Examples
    --------
    >>> in_words("standard/lr_sweep"), in_words("124m_gains")
    ('Standard, LR sweep', '124M gains')
    """
    parts = [
        " ".join(
            ACRONYMS.get(word, word.upper() if word[:-1].isdigit() else word)
            for word in part.split("_")
        )
        for part in name.split("/")
    ]
    text = ", ".join(parts)
    return text[:1].upper() + text[1:]


def questions(figures: Iterable[dict[str, Any]], folder: Path) -> list[Question]:
    """Group figures, in their order, with their pictures.

    Parameters
    ----------
    figures : iterable of dict
        What `scheduled.plan.summary.report_figures` says of each figure.
    folder : Path
        Folder that the page lies in; ``figures/<id>.svg`` and ``.png`` and ``tables/<id>.csv`` are
        there.
    """
    found: dict[str, list[Shown]] = {}
    for about in figures:
        found.setdefault(about["figure"].partition("/")[0], []).append(_shown(about, folder))
    return [Question(name, members) for name, members in found.items()]


def _shown(about: dict[str, Any], folder: Path) -> Shown:
    name, look = about["figure"], about["look"]
    path = folder / "tables" / f"{name}.csv"
    figure, table = read_figure(about["settings"]), read_table(path)
    suffixes = (*FORMATS, "gif") if about["animated"] else FORMATS
    return Shown(
        name=name,
        about=about,
        image=embed_figure(folder / "figures" / name),
        animation=embed_animation(folder / f"figures/{name}.gif") if about["animated"] else None,
        alt=describe(figure, table, look),
        table=packed(path.read_bytes()),
        config=yaml.safe_dump(about["config"], sort_keys=False, allow_unicode=True, width=88),
        chart=chart(table, *figure.x_and_y, look) if figure.x_and_y else None,
        files=tuple(f"figures/{name}.{suffix}" for suffix in suffixes),
    )
