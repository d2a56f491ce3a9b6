"""What trainers call the columns of their logs, and which of ours each of them is."""

from __future__ import annotations

import functools
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

__all__ = ["Found", "find_columns", "may_count_rows", "plain_name"]

# Names as `plain_name` writes them, the best first: where a file has several, the first is taken.
_STEP_AXES: tuple[tuple[str, tuple[str, ...]], ...] = (
    (
        "step",
        (
            "global_step",
            "train_global_step",
            "trainer_global_step",
            "step",
            "train_step",
            "training_step",
            "steps",
            "iteration",
            "iter",
            "iterations",
            "train_iter",
            "train_iteration",
            "it",
            "num_updates",
            "update",
            "updates",
            "current_steps",
            "current_step",
            "optimizer_step",
            "opt_step",
            "n_iter",
            "time_batch",
            "batch_idx",
            "k",
            "t",
        ),
    ),
    ("log call", ("_step",)),
    ("epoch", ("epoch", "epochs", "train_epoch")),
    (
        "tokens",
        (
            "tokens",
            "num_tokens",
            "n_tokens",
            "total_tokens",
            "tokens_seen",
            "num_tokens_seen",
            "consumed_tokens",
            "train_tokens",
            "train_total_tokens",
            "throughput_total_tokens",
            "num_input_tokens_seen",
            "train_num_input_tokens_seen",
        ),
    ),
    ("samples", ("samples", "consumed_samples", "num_samples", "samples_seen", "examples")),
)
_AXES = frozenset(name for _, axis in _STEP_AXES for name in axis)
_EXACT: dict[str, tuple[str, ...]] = {
    "learning_rate": (
        "learning_rate",
        "lr",
        "train_learning_rate",
        "train_lr",
        "optim_learning_rate_group0",
        "optim_lr",
        "lr_group0",
        "eta",
    ),
    "train_loss": (
        "train_loss",
        "loss",
        "lm_loss",
        "training_loss",
        "train_loss_step",
        "loss_train",
        "train_cross_entropy_loss",
        "train_crossentropyloss",
        "train_ce_loss",
        "ce_loss",
        "cross_entropy_loss",
        "global_avg_loss",
        "loss_metrics_global_avg_loss",
        "mean_loss",
        "avg_loss",
        "train_loss_epoch",
        "tr_loss",
        "nll_loss",
    ),
    "val_loss": (
        "val_loss",
        "validation_loss",
        "valid_loss",
        "eval_loss",
        "eval_eval_loss",
        "loss_val",
        "loss_validation",
        "loss_eval",
        "lm_loss_validation",
        "dev_loss",
        "test_loss",
    ),
    "grad_norm": (
        "grad_norm",
        "train_grad_norm",
        "gradient_norm",
        "optim_total_grad_norm",
        "total_grad_norm",
        "global_grad_norm",
        "gnorm",
        "grad_norm_total",
        "norm",
    ),
    "epoch": ("epoch", "epochs", "train_epoch"),
    "tokens": _STEP_AXES[3][1],
    "skipped": ("number_of_skipped_iterations", "skipped_iterations", "skipped"),
}
_PATTERNS = {
    "learning_rate": re.compile(r"(?:.*_)?(?:lr|learning_?rate)(?:_.*)?"),
    "val_loss": re.compile(
        r"(?=(?:.*_)?(?:val|valid|validation|eval|dev|test|heldout)(?:_|$))(?:.*_)?(?:loss|nll|ce)(?:_.*)?"
    ),
    "train_loss": re.compile(r"(?:.*_)?loss(?:_.*)?"),
    "grad_norm": re.compile(r"(?:.*_)?(?:grad|gradient|gradients)_?norm(?:_.*)?"),
}
# A number about a loss that is none, a part of one, or of other data.
_NOT_THE_LOSS = re.compile(
    r"(?:.*_)?(?:aux|auxiliary|scale|scaler|scaling|z|zloss|reg|kl|moe|router|balancing|balance|min|max|"
    r"std|var|ppl|perplexity|delta|diff|val|valid|validation|eval|dev|test|heldout|predict|best|"
    r"load|mtp|weight|nan|spike)(?:_.*)?"
)
_NOT_THE_RATE = re.compile(
    r"(?:.*_)?(?:min|max|initial|multiplier|scale|decay|warmup|base)(?:_.*)?"
)
_CAMEL = re.compile(r"(?<=[a-z])(?=[A-Z])")
_BETWEEN = re.compile(r"[\s\-./:|@()\[\]]+|_+(?=_)")


@dataclass(frozen=True)
class Found:
    """Which columns of a log are ours.

    Attributes
    ----------
    columns : dict of str to str
        Our name → the name in the file. ``step`` is among them if anything counts the rows.
    step_unit : str
        What the steps count: ``step``, ``log call``, ``epoch``, ``tokens`` or ``samples``.
    passed_over : dict of str to tuple of str
        Our name → other columns of the file that could be it and were not taken.
    """

    columns: dict[str, str]
    step_unit: str
    passed_over: dict[str, tuple[str, ...]]


def plain_name(name: str) -> str:
    """A column's name in small letters, with ``_`` for all that parts words.

    Examples
    --------
    >>> [plain_name(name) for name in ("Train/Loss", "lr-AdamW", "lm loss", "evalLoss", "_step")]
    ['train_loss', 'lr_adam_w', 'lm_loss', 'eval_loss', '_step']
    """
    name = name.strip().strip("\"'")
    if not name.isupper():
        name = _CAMEL.sub("_", name)
    return _BETWEEN.sub("_", name.lower()).rstrip("_")


def may_count_rows(name: str) -> bool:
    """Whether a column's name is one of those that count the rows.

    Examples
    --------
    >>> may_count_rows("Global Step"), may_count_rows("loss")
    (True, False)
    """
    return plain_name(name) in _AXES


def find_columns(names: Iterable[str], given: Mapping[str, str] | None = None) -> Found:
    """Find the columns that are ours.

    Parameters
    ----------
    names : iterable of str
        The columns of the file.
    given : mapping of str to str, optional
        Our name → theirs, which goes before all that is recognised.

    Returns
    -------
    Found

    Examples
    --------
    >>> find_columns(["epoch", "_step", "train/global_step", "train/loss"]).columns
    {'step': 'train/global_step', 'train_loss': 'train/loss', 'epoch': 'epoch'}
    """
    found = _find(tuple(names), tuple((given or {}).items()))
    # The caller's own: some take columns out.
    return Found(dict(found.columns), found.step_unit, dict(found.passed_over))


# The logs of a dataset have one header or two, and each is looked at several times.
@functools.lru_cache
def _find(all_names: tuple[str, ...], given: tuple[tuple[str, str], ...]) -> Found:
    names = list(dict.fromkeys(all_names))
    there = set(names)
    columns = {ours: theirs for ours, theirs in given if theirs in there}
    taken = set(columns.values())
    plain = {name: plain_name(name) for name in names if name not in taken}
    passed_over: dict[str, tuple[str, ...]] = {}
    unit = "step"
    if "step" in columns:
        unit = next(
            (unit for unit, axis in _STEP_AXES[1:] if plain_name(columns["step"]) in axis), "step"
        )
    else:
        for found_unit, axis in _STEP_AXES:
            best = _best(plain, axis, None, None)
            if best:
                columns["step"], unit = best[0], found_unit
                break
    for ours, exact in _EXACT.items():
        if ours in columns:
            continue
        free = {name: text for name, text in plain.items() if name not in columns.values()}
        if ours in ("epoch", "tokens"):
            free = {name: text for name, text in plain.items() if name != columns.get("step")}
        refused = {"train_loss": _NOT_THE_LOSS, "learning_rate": _NOT_THE_RATE}.get(ours)
        best = _best(free, exact, _PATTERNS.get(ours), refused)
        if best:
            columns[ours] = best[0]
            if len(best) > 1 and ours not in ("epoch", "tokens"):
                passed_over[ours] = tuple(best[1:])
    order = ["step", *_EXACT]
    return Found({ours: columns[ours] for ours in order if ours in columns}, unit, passed_over)


def _best(
    plain: Mapping[str, str],
    exact: tuple[str, ...],
    pattern: re.Pattern[str] | None,
    refused: re.Pattern[str] | None,
) -> list[str]:
    """The columns that have one of some names, best first; then those that look like it."""
    rank = {text: i for i, text in enumerate(exact)}
    found = sorted((rank[text], name) for name, text in plain.items() if text in rank)
    names = [name for _, name in found]
    if pattern is not None:
        names += [
            name
            for name, text in plain.items()
            if text not in rank
            and pattern.fullmatch(text)
            and not (refused and refused.fullmatch(text))
        ]
    return names
