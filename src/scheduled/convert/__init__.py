"""Schedules of other frameworks: read, written, and compared step by step.

Every framework counts the optimizer steps k = 0, 1, … in its own way: warm-ups begin at 0 or above
it, reach the peak or not, decays end at the last step or one after it. Here all are put on one
convention: N = T + 1 learning rates, of which the first T are those of the T steps (OLMo-core,
whose last step has the last learning rate: N = T).

>>> from scheduled.convert import read, write
>>> S = read('''
... learning_rate: 1.0e-3
... lr_scheduler_type: cosine
... warmup_steps: 100
... max_steps: 1000
... ''')
>>> S.schedule[:3].round(8).tolist()
[0.0, 1e-05, 2e-05]
>>> print(write(S, "optax"))
import optax
<BLANKLINE>
steps = 1000
schedule = optax.warmup_cosine_decay_schedule(init_value=0.0, peak_value=0.001, warmup_steps=100, \
decay_steps=1000, end_value=0.0)
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from scheduled.convert.base import (
    EXACT,
    AnySchedule,
    ConversionError,
    Framework,
    Outline,
    Settings,
)
from scheduled.convert.line import largest_difference, segments
from scheduled.convert.parts import as_joined
from scheduled.core.arguments import FloatArray, check_integer
from scheduled.core.extras import extra
from scheduled.core.registry import find_kinds
from scheduled.schedules.base import Schedule
from scheduled.schedules.tabulated import TabulatedSchedule

__all__ = [
    "EXACT",
    "ConversionError",
    "Framework",
    "framework_lrs",
    "frameworks",
    "outline",
    "read",
    "read_run",
    "recognise",
    "write",
]


MOST_STEPS = 10**9


def frameworks() -> Mapping[str, Framework]:
    """The frameworks by name: a new one is a new module of this package."""
    return {name: cls() for name, cls in find_kinds(__name__, Framework).items()}


def read(
    source: str | Path,
    framework: str | None = None,
    *,
    steps: int | None = None,
    verify: bool = False,
) -> AnySchedule:
    """The schedule that a config, a command line or a piece of code of a framework means.

    Parameters
    ----------
    source : str or Path
        The text, or the path of a file with it. A string of one line that names a file is read as
        a path.
    framework : str, optional
        One of `frameworks`; by default it is recognised from the text.
    steps : int, optional
        T, the number of steps trained; by default the total in the text. A schedule planned for
        more steps is cut; one planned for fewer goes on as it does in the framework.
    verify : bool
        Whether to run the framework's own library and to compare every step.

    Returns
    -------
    JoinedSchedule or TabulatedSchedule
        N = T + 1 learning rates (OLMo-core: N = T). A table for shapes that `join` does
        not have.

    Raises
    ------
    ConversionError
        If the text is not understood, or a library that was run disagrees.
    ImportError
        If `verify` needs a library that is not installed.
    """
    with _naming(source):
        reader, settings, total, steps = _parsed(source, framework, steps)
        schedule = _schedule(reader, settings, total, steps)
        if verify:
            _verify(reader, schedule.schedule[:steps], settings, total)
        return schedule


def read_run(
    source: str | Path,
    framework: str | None = None,
    steps: int | None = None,
    *,
    total: int | None = None,
) -> tuple[int, AnySchedule, int]:
    """The planned total, the schedule and T of a text, as `read` has them.

    Parameters
    ----------
    source, framework, steps
        As of `read`.
    total : int, optional
        Another total than the text names.
    """
    with _naming(source):
        reader, settings, planned, T = _parsed(source, framework, steps)
        planned = planned if total is None else total
        return planned, _schedule(reader, settings, planned, T), T


def outline(schedule: Schedule | TabulatedSchedule, steps: int) -> Outline:
    """The first `steps` learning rates of a schedule, and the parts behind them."""
    joined = as_joined(schedule, steps)
    return Outline(joined.base_lr, schedule.schedule[:steps], tuple(segments(joined, steps)))


def framework_lrs(
    source: str | Path, framework: str | None = None, *, steps: int | None = None
) -> FloatArray:
    """The learning rates that the framework's own library gives, shape (T,).

    The parameters are those of `read`.

    Raises
    ------
    ImportError
        If it is not installed.
    """
    with _naming(source):
        reader, settings, total, steps = _parsed(source, framework, steps)
        with extra(f"running {reader.title}'s library"):
            return reader.run(settings, total, steps)


def write(
    schedule: Schedule | TabulatedSchedule,
    framework: str,
    *,
    steps: int | None = None,
    verify: bool = False,
) -> str:
    """A schedule as config, command line or code of a framework.

    Parameters
    ----------
    schedule : Schedule
        With its base LR.
    framework : str
        One of `frameworks`.
    steps : int, optional
        T, the learning rates to write; by default all but the last one (OLMo-core: all).
    verify : bool
        Whether to run the framework's own library and to compare every step.

    Returns
    -------
    str

    Raises
    ------
    ConversionError
        If nothing that the framework offers comes within 1e-12 of the largest learning rate. Its
        attributes give the closest attempt, its largest difference and the step.

    Examples
    --------
    >>> from scheduled import WSDSchedule
    >>> S = WSDSchedule(1001, base_lr=0.01, cooldown_len=0.2)
    >>> print(write(S, "torchtitan"))
    [optimizer]
    lr = 0.01
    <BLANKLINE>
    [training]
    steps = 1000
    <BLANKLINE>
    [lr_scheduler]
    warmup_steps = 0
    decay_ratio = 0.2
    decay_type = "linear"
    min_lr_factor = 0.0
    >>> S = WSDSchedule(1001, base_lr=0.01, cooldown_len=0.2, warmup_steps=100)
    >>> try:
    ...     write(S, "torchtitan")
    ... except ConversionError as error:
    ...     error.step, round(error.difference, 6)
    (0, 0.01)
    """
    writer = _framework(framework)
    N = schedule.steps
    default = N if writer.last_is_used else max(N - 1, 1)
    T = default if steps is None else check_integer("steps", steps, low=1, high=N)
    own = outline(schedule, T)
    lrs = own.lrs
    # What comes closest may have a decay of another shape.
    outlines = [own, own.from_zero(), *(own.reshaped(shape) for shape in ("linear", "cosine"))]
    best: tuple[float, int, Settings] | None = None
    tried: list[Settings] = []
    for settings in (found for each in outlines for found in writer.propose(each)):
        if settings in tried:  # outlines that differ often mean the same
            continue
        tried.append(settings)
        try:
            total = writer.total(settings) or T
            meant = writer.line(settings, total, T if writer.last_is_used else T + 1)
        except (ValueError, ArithmeticError):
            continue
        difference, step = largest_difference(lrs, meant.schedule[:T])
        if best is None or difference < best[0]:
            best = difference, step, settings
        if difference <= EXACT:
            break
    if best is None:
        raise ConversionError(f"{writer.title} cannot express this schedule", framework=framework)
    difference, step, settings = best
    text = writer.text(settings)
    if difference > EXACT:
        raise ConversionError(
            f"{writer.title} cannot express this schedule: the closest attempt differs by "
            f"{difference:.3g} of the largest learning rate at step k={step} (from 0):\n{text}",
            framework=framework,
            difference=difference,
            step=step,
            closest=text,
        )
    if verify:
        _verify(writer, lrs, settings, writer.total(settings) or T)
    return text


def recognise(text: str) -> str:
    """The framework whose text this is.

    Raises
    ------
    ConversionError
        If none or several may be.
    """
    names = [name for name, framework in frameworks().items() if framework.recognises(text)]
    if len(names) != 1:
        which = f"may be of {' or '.join(names)}" if names else "is of none of them"
        raise ConversionError(
            f"the text {which}; name the framework, one of {', '.join(frameworks())}"
        )
    return names[0]


def _is_file(source: str | Path) -> bool:
    if isinstance(source, Path):
        return True
    try:
        return "\n" not in source and Path(source).is_file()
    except (OSError, ValueError):
        # Too long for the name of a file, or with a character that none can have.
        return False


@contextmanager
def _naming(source: str | Path) -> Iterator[None]:
    """Put the name of the file before every message."""
    try:
        yield
    except ConversionError as error:
        if _is_file(source):
            error.args = (f"{source}: {error}",)
        raise


def _text(source: str | Path) -> str:
    if not _is_file(source):
        text = str(source)
        if re.fullmatch(r"[^\s,()=]+\.(ya?ml|json|toml|py|csv|sh|txt)", text):
            raise ConversionError(f"there is no file {text}")
        return text
    try:
        return Path(source).read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        raise ConversionError(f"it is not text in UTF-8: byte {error.start}") from None


def _parsed(
    source: str | Path, framework: str | None, steps: int | None
) -> tuple[Framework, Settings, int, int]:
    """The framework, its settings, the planned total, and T."""
    text = _text(source)
    reader = _framework(framework or recognise(text))
    return reader, *_settings(reader, text, steps)


def _framework(name: str) -> Framework:
    known = frameworks()
    if name not in known:
        raise ConversionError(f"framework={name!r} must be one of {', '.join(known)}")
    return known[name]


def _settings(reader: Framework, text: str, steps: int | None) -> tuple[Settings, int, int]:
    with _explained(reader):
        settings = reader.parse(text)
        total = reader.total(settings)
    if total is None and steps is None:
        raise ConversionError(
            f"{reader.title}: the text names no total number of steps; give steps=",
            framework=reader.kind,
        )
    total = steps if total is None else total
    steps = total if steps is None else steps
    assert total is not None
    assert steps is not None
    for name, value in (("total", total), ("steps", steps)):
        if not 1 <= value <= MOST_STEPS:
            raise ConversionError(
                f"{reader.title}: {name}={value} must be in [1, {MOST_STEPS}]",
                framework=reader.kind,
            )
    return settings, total, steps


def _schedule(reader: Framework, settings: Settings, total: int, steps: int) -> AnySchedule:
    with _explained(reader):
        return reader.line(settings, total, steps if reader.last_is_used else steps + 1)


@contextmanager
def _explained(reader: Framework) -> Iterator[None]:
    """Say of which framework a text is that cannot be understood."""
    try:
        yield
    except RecursionError:
        raise ConversionError(
            f"{reader.title}: it is nested too deeply", framework=reader.kind
        ) from None
    except (ValueError, ArithmeticError) as error:
        raise ConversionError(f"{reader.title}: {error}", framework=reader.kind) from None


def _verify(framework: Framework, lrs: FloatArray, settings: Settings, total: int) -> None:
    with extra(f"verifying with {framework.title}"):
        others = framework.run(settings, total, lrs.size)
    difference, step = largest_difference(lrs, others)
    if difference > EXACT:
        raise ConversionError(
            f"{framework.title}: its own library has {others[step]!r} at step k={step}, not "
            f"{lrs[step]!r}, a difference of {difference:.3g} of the largest learning rate",
            framework=framework.kind,
            difference=difference,
            step=step,
        )
