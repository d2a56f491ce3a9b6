"""Standard output of Megatron-LM and what was made of it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, BinaryIO

from scheduled.convert.megatron import WSD_STYLES
from scheduled.runs.formats.base import LogFormat, RunLog
from scheduled.runs.log_rows import Records, cell_value
from scheduled.runs.log_text import clean_lines
from scheduled.runs.log_warning import LogWarning, cut_line

__all__ = ["MegatronFormat"]

_ROW = re.compile(r"iteration\s+(\d+)\s*/\s*(\d+)\s*\|(.*)")
_LOSS = re.compile(r"lm[ _]loss:")
_VALIDATION = re.compile(
    r"validation loss at iteration\s+(\d+)[^|]*\|.*?lm loss(?: value)?:\s*([-+.\w]+)"
)
_ARGUMENT = re.compile(r"^\W*(\w+)\s*(?:\.{3,}|:)\s*(\S+)\s*$")
_NAMES = {
    "learning rate": "learning_rate",
    "lm loss": "train_loss",
    "lm_loss": "train_loss",
    "grad norm": "grad_norm",
    "number of skipped iterations": "skipped",
    "number of nan iterations": "nan",
    "consumed samples": "samples",
    "global batch size": "batch",
    "consumed tokens": "tokens",
}
_GIVEN = {
    "step": "step",
    "learning_rate": "learning_rate",
    "train_loss": "train_loss",
    "val_loss": "val_loss",
    "grad_norm": "grad_norm",
    "skipped": "skipped",
    "tokens": "tokens",
}
_FACTS = {
    "train_iters": ("iterations", int),
    "lr_warmup_iters": ("warmup_steps", int),
    "lr": ("lr", float),
}
_SCHEDULE = (
    *("lr_decay_style", "lr_decay_iters", "lr_wsd_decay_iters", "lr_wsd_decay_style"),
    *("lr_warmup_init", "lr_warmup_fraction", "min_lr"),
)
_ABOUT = (*_SCHEDULE, "seq_length")


class MegatronFormat(LogFormat):
    """Lines ``iteration K/ T | name: value | …``, after any prefix of ranks and time stamps.

    ::

        [n3:3]: [2025-03-31 05:54:07] iteration       50/  242204 | consumed samples:        50400 |
        learning rate: 8.000000E-06 | global batch size:  1008 | lm loss: 6.258318E+00 | grad norm:
        1.520 | number of skipped iterations:   0 | number of nan iterations:   0 |

    (one line each). The horizon is T; arguments printed above are taken where they are there, and
    the schedule that they ask for is the declared one, where it is one of a list of runs. The
    learning rate at iteration k is what the scheduler was just set to, that of step k + 1. The loss
    is the mean over the iterations since the line before; skipped iterations are counted in k, but
    not by the scheduler. ``validation loss at iteration K | lm loss value: …`` gives `val_loss`. A
    line that several ranks print is taken once.
    """

    kind = "megatron"

    @classmethod
    def recognises(cls, head: str) -> bool:
        """Whether there is a line of an iteration with its loss."""
        return any(_LOSS.search(match[3]) for match in _ROW.finditer(head))

    def runs(self, file: BinaryIO, source: str) -> Iterator[RunLog]:
        """Read the runs of a file; see `LogFormat.runs`."""
        records = Records(source, _GIVEN)
        last: tuple[str, str] | None = None
        skipped = total = 0.0
        for number, text, ended in clean_lines(file, source):
            match = _ROW.search(text)
            if match:
                rest = match[3].rstrip()
                pairs = _pairs(rest)
                if not ended and not rest.endswith("|"):
                    records.warnings.append(cut_line(number))
                    break
                if last == (match[1], rest):
                    continue
                last = (match[1], rest)
                records.facts["iterations"] = int(match[2])
                if "batch" in pairs:
                    records.about["batch"] = int(pairs.pop("batch"))
                total += pairs.pop("nan", 0.0) + pairs.get("skipped", 0.0)
                skipped += pairs.pop("skipped", 0.0)
                row = {"step": float(match[1]), **pairs}
                if total:
                    row["skipped"] = total
                records.add(row, number)
            elif found := _VALIDATION.search(text):
                value = cell_value(found[2])
                if value is not None:
                    records.add({"step": float(found[1]), "val_loss": value}, number)
            elif not len(records):
                _argument(text, records)
        if total:
            records.about["skipped_updates"] = int(total)
            records.warnings.append(
                LogWarning(
                    "skipped-updates",
                    f"{int(total)} iterations were skipped or not finite: they are counted as "
                    "steps, and the scheduler did not count them.",
                    None,
                    total,
                )
            )
        records.facts |= _declared(records.facts, records.about)
        records.about |= {
            "lr_of": "next step",
            "lr_digits": 7,
            "loss_of": "mean since the row before",
        }
        yield from records.runs()


def _pairs(text: str) -> dict[str, float]:
    found = {}
    for part in text.split("|"):
        name, colon, value = part.rpartition(":")
        ours = _NAMES.get(name.strip())
        number = cell_value(value.strip()) if colon and ours else None
        if ours and number is not None:
            found[ours] = number
    return found


def _argument(text: str, records: Records) -> None:
    match = _ARGUMENT.match(text)
    if match is None:
        return
    name, value = match[1].lower(), match[2]
    number = cell_value(value)
    if name in _FACTS and number is not None and 0 <= number < float("inf"):
        ours, kind = _FACTS[name]
        records.facts[ours] = kind(number)
    elif name == "global_batch_size" and number:
        records.about["batch"] = int(number)
    elif name in _ABOUT and value != "None":
        given: Any = number if number is not None else value
        records.about[name] = given


def _declared(facts: Mapping[str, Any], about: Mapping[str, Any]) -> dict[str, Any]:
    """The schedule of Megatron's arguments in a list of runs' words; empty where it has none.

    `scheduled.convert` has the rest of them: decays that end before the run, inverse square roots,
    exponential cooldowns.
    """
    style, total = about.get("lr_decay_style"), facts.get("iterations")
    decay = about.get("lr_decay_iters", total)
    if "lr" not in facts or total is None or decay != total or about.get("lr_warmup_init"):
        return {}
    found: dict[str, Any] = {"final_lr": float(about.get("min_lr", 0.0))}
    if (share := about.get("lr_warmup_fraction")) is not None:
        if share * decay != int(share * decay):
            return {}
        found["warmup_steps"] = int(share * decay)
    if style == "constant":
        return {"scheduler": style, **{k: v for k, v in found.items() if k == "warmup_steps"}}
    if style in ("linear", "cosine"):
        return {"scheduler": style, **found}
    shape = WSD_STYLES.get(str(about.get("lr_wsd_decay_style", "exponential")))
    length = about.get("lr_wsd_decay_iters")
    if style == "WSD" and length and shape in ("linear", "1-sqrt"):
        # A list of runs, after the paper's trainer, has its own word for 1-sqrt.
        kind = "linear" if shape == "linear" else "sqrt"
        down = {"cooldown": float(length) / total, "decay_type": kind}
        return {"scheduler": "wsd", **down, **found}
    return {}
