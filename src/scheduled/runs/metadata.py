"""What is known of a training run before its curve is read.

A registry holds these facts for every run, so that runs can be selected, joined and planned for
without a single log on this machine.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass

from scheduled.core.arguments import STEPS_LIMIT
from scheduled.core.errors import RunError

__all__ = [
    "ALWAYS_IN_LOGS",
    "DECAY_TYPES",
    "MOST_ITERATIONS",
    "SCHEDULERS",
    "Measured",
    "RunMetadata",
    "check_paper_format",
    "short_number",
    "size_label",
]

SCHEDULERS = ("cos", "wsd", "wsd_twostage")
DECAY_TYPES = ("linear", "sqrt")
ALWAYS_IN_LOGS = (
    "lr",
    "dataset",
    "model",
    "n_layer",
    "n_head",
    "n_embd",
    "warmup_steps",
    "batch_size",
    "acc_steps",
    "world_size",
    "seed",
)
"""Facts that every log in the paper's format has, and other runs may lack."""

MOST_ITERATIONS = STEPS_LIMIT - 1
"""As many steps as an experiment may have; a larger number is a slip of the finger."""
_STEPS = f"at most {MOST_ITERATIONS} steps"

# (n_layer, n_head, n_embd) of the paper's models. The label is the paper's name; the 24-layer
# model of width 768 has 208.5 million parameters and is called 210M there.
_SIZES: dict[tuple[int | None, int | None, int | None], str] = {
    (8, 6, 384): "33M",
    (8, 8, 512): "53M",
    (10, 8, 512): "60M",
    (12, 10, 640): "93M",
    (12, 12, 768): "124M",
    (16, 12, 768): "152M",
    (12, 14, 896): "166M",
    (24, 12, 768): "210M",
    (24, 16, 1024): "360M",
}
_SHAPE = ("n_layer", "n_head", "n_embd")
_NAME = re.compile(r"[\w.-]+")


def size_label(n_layer: int, n_head: int, n_embd: int) -> str:
    """Name a model's size.

    Parameters
    ----------
    n_layer, n_head, n_embd : int
        Layers, attention heads, and width of the model.

    Returns
    -------
    str
        The paper's name, or the three numbers themselves for a model that it does not name:
        a parameter count would have to be guessed from them.

    Examples
    --------
    >>> size_label(12, 12, 768), size_label(4, 4, 128)
    ('124M', '4L4H128E')
    """
    return _SIZES.get((n_layer, n_head, n_embd), f"{n_layer}L{n_head}H{n_embd}E")


@dataclass(frozen=True, slots=True)
class RunMetadata:
    """The configuration of one training run, as far as this project asks for it.

    What is not known of a run is None; of the paper's runs, everything is known.

    Attributes
    ----------
    folder : str
        Folder of the log within its collection (`""`, `"grad_norm"`, `"horizon_transfer"`).
        The same configuration in two folders is two different trainings.
    dataset, model : str or None
        Training data; architecture (`llama`, `llama_norm`).
    n_layer, n_head, n_embd : int or None
        Shape of the model; `size` is its name.
    scheduler : str
        `cos`, `wsd`, or `wsd_twostage` (WSD whose constant LR is lowered once) mean what they mean
        in the paper; any other word is a schedule of someone else's.
    lr : float or None
        Peak learning rate, the base LR γ; None where neither the log nor anyone says it.
    iterations : int
        Horizon.
    warmup_steps : int or None
        Steps of linear warm-up.
    decay_type : str or None
        Shape of the cooldown: `linear`, `sqrt` (the paper's 1-sqrt), or a word of someone else's.
        None where there is no cooldown, and where the trainer did not have the option yet: those
        runs decay linearly, as the learning rates that they logged show.
    cooldown : float
        Length of the cooldown as a fraction of the horizon; 0 for a cosine or a trunk.
    final_lr : float or None
        Absolute final LR. Of the paper's runs only cosines have it, and None stands for the
        trainer's default, a tenth of `lr`.
    twostage_factor : float or None
        `wsd_twostage` only: what the constant LR is multiplied by.
    batch_size, acc_steps, world_size, seed : int or None
        Sequences a device and accumulation step, accumulation steps, devices, random seed.
    prefix : str
        Prefix the authors gave the run; it tells apart runs that differ in nothing else here.
    resumed_from : str or None
        Name of the run whose checkpoint it started from; not always the name of its log.
    resumed_step : int or None
        Step of that checkpoint; 0 is a fresh start.
    has_grad_norm : bool
        Whether gradient norms were logged.
    given_size : str or None
        The size's name where someone gave it one; else the shape tells it.
    """

    folder: str
    dataset: str | None
    model: str | None
    n_layer: int | None
    n_head: int | None
    n_embd: int | None
    scheduler: str
    lr: float | None
    iterations: int
    warmup_steps: int | None
    decay_type: str | None
    cooldown: float
    final_lr: float | None
    twostage_factor: float | None
    batch_size: int | None
    acc_steps: int | None
    world_size: int | None
    seed: int | None
    prefix: str
    resumed_from: str | None
    resumed_step: int | None
    has_grad_norm: bool
    given_size: str | None = None

    def __post_init__(self) -> None:
        self._require("iterations", self.iterations <= MOST_ITERATIONS, _STEPS)
        for name in (*_SHAPE, "iterations", "batch_size", "acc_steps", "world_size"):
            value = getattr(self, name)
            self._require(name, value is None or value > 0, "a positive whole number")
        for name in ("warmup_steps", "seed"):
            value = getattr(self, name)
            self._require(name, value is None or value >= 0, "a whole number, 0 or more")
        for name in ("dataset", "model", "scheduler", "decay_type", "given_size"):
            # They become part of file names.
            value = getattr(self, name)
            ok = value is None or _NAME.fullmatch(value) is not None
            self._require(name, ok, "letters, digits, '_', '-' and '.' only")
        self._require("lr", self.lr is None or 0 < self.lr < math.inf, "a positive number")
        self._require("cooldown", 0 <= self.cooldown <= 1, "a fraction between 0 and 1")
        for name in ("final_lr", "twostage_factor"):
            value = getattr(self, name)
            self._require(name, value is None or 0 <= value < math.inf, "a number, 0 or more")
        step = self.resumed_step
        paired = (step is None) == (self.resumed_from is None) and (step is None or step >= 0)
        self._require("resumed_step", step is None or step <= MOST_ITERATIONS, _STEPS)
        self._require("resumed_step", paired, "a step, 0 or more, exactly if resumed_from is set")
        published = _SIZES.get(self._shape)
        same = self.given_size is None or published in (None, self.given_size)
        self._require("given_size", same, f"{published!r}, the name of the shape {self._shape}")

    def _require(self, name: str, ok: bool, expected: str) -> None:
        if not ok:
            raise RunError(f"{name}: {getattr(self, name)!r}, expected {expected}")

    @property
    def _shape(self) -> tuple[int | None, int | None, int | None]:
        return (self.n_layer, self.n_head, self.n_embd)

    @property
    def size(self) -> str | None:
        """Name of the model's size, such as `124M`; None if neither it nor the shape is known."""
        n_layer, n_head, n_embd = self._shape
        if self.given_size is not None or n_layer is None or n_head is None or n_embd is None:
            return self.given_size
        return size_label(n_layer, n_head, n_embd)

    @property
    def is_branch(self) -> bool:
        """Whether the log begins at a checkpoint of another run: its trunk."""
        return bool(self.resumed_step)

    @property
    def cooldown_start(self) -> float:
        """Step at which the cooldown begins; the horizon if there is none. Need not be whole."""
        # Rounded, because 50000·(1 − .9) is 4999.999999999999 in floating point.
        return round(self.iterations * (1 - self.cooldown), 6)

    @property
    def run_id(self) -> str:
        """Readable name, safe as a file name; unique up to `prefix`.

        Examples are `210M-slimpajama-wsd-lr0.0005-T22222-c0.2` and
        `124M-slimpajama-cos-lr0.001-T50000-f1e-07-grad_norm`.
        """
        parts = [part for part in (self.size, self.dataset) if part is not None]
        parts.append(self.scheduler)
        if self.lr is not None:
            parts.append(f"lr{short_number(self.lr)}")
        parts.append(f"T{self.iterations}")
        if self.scheduler in SCHEDULERS[1:] or self.cooldown:
            parts.append(f"c{short_number(self.cooldown)}")
        if self.decay_type is not None:
            parts.append(self.decay_type)
        if self.final_lr is not None:
            parts.append(f"f{short_number(self.final_lr)}")
        if self.seed:
            parts.append(f"seed{self.seed}")
        if self.folder:
            parts.append(self.folder.replace("/", "-"))
        return "-".join(parts)


@dataclass(frozen=True, slots=True)
class Measured:
    """What was measured of a run and its log has no place for; None where it was not.

    Attributes
    ----------
    final_val_loss : float or None
        Loss after training, of a larger evaluation set than the curve's.
    final_train_loss : float or None
        Training loss after training.
    parameters : int or None
        Number of parameters of the model.
    """

    final_val_loss: float | None = None
    final_train_loss: float | None = None
    parameters: int | None = None

    def __post_init__(self) -> None:
        for name in ("final_val_loss", "final_train_loss"):
            value = getattr(self, name)
            if value is not None and not math.isfinite(value):
                raise RunError(f"{name}: {value!r}, expected a finite number")
        if self.parameters is not None and self.parameters <= 0:
            raise RunError(f"parameters: {self.parameters!r}, expected a positive whole number")


def check_paper_format(metadata: RunMetadata) -> None:
    """Refuse what no log in the paper's format can say.

    Parameters
    ----------
    metadata : RunMetadata
        What was taken from a log, or from a list of such logs.

    Raises
    ------
    RunError
        If the scheduler or the decay type is none of the trainer's, or a fact is missing.
    """
    for name, value, allowed in (
        ("scheduler", metadata.scheduler, SCHEDULERS),
        ("decay_type", metadata.decay_type, (None, *DECAY_TYPES)),
    ):
        if value not in allowed:
            words = tuple(word for word in allowed if word is not None)
            raise RunError(f"{name}: {value!r}, expected one of {words}")
    for name in ALWAYS_IN_LOGS:
        if getattr(metadata, name) is None:
            raise RunError(f"{name}: missing")


def short_number(value: float) -> str:
    """A number as names of runs have it: the shortest text that reads back as the same.

    Examples
    --------
    >>> short_number(0.0005), short_number(1 / 3)
    ('0.0005', '0.3333333333333333')
    """
    text = f"{value:g}"
    return text if float(text) == value else repr(value)
