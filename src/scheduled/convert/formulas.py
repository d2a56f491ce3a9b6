"""A segment as an expression of the step k in Python."""

from __future__ import annotations

from scheduled.convert.base import tidy
from scheduled.convert.line import Segment

__all__ = ["formula"]


def formula(segment: Segment, module: str, *, scale: float = 1.0, last: bool = False) -> str:
    """The learning rate at step k, as an expression of k.

    Parameters
    ----------
    segment : Segment
        What to write.
    module : str
        Where cos, sqrt and pi come from: ``math``, ``jnp``.
    scale : float
        What the levels are multiplied by.
    last : bool
        Whether steps after it may be asked for: then it holds its end.

    Examples
    --------
    >>> formula(Segment(10, 20, 1.0, 0.0, "cosine", 1.0, 9, 10), "math")
    '0.5 * (1 + math.cos(math.pi * (k - 9) / 10))'
    """
    start, end = tidy(segment.start * scale), tidy(segment.end * scale)
    start = segment.start * scale if abs(start - segment.start * scale) > 0 else start
    end = segment.end * scale if abs(end - segment.end * scale) > 0 else end
    if segment.flat:
        return repr(float(start))
    begin, span = _number(segment.begin), _number(segment.span)
    k = "k"
    if last and segment.shape != "inverse":
        smaller = "minimum" if module == "jnp" else "min"
        inner = f"{smaller}(k, {_number(segment.begin + segment.span)})"
        k = f"{module}.{inner}" if module == "jnp" else inner
    steps = (
        k if begin == "0" else (f"({k} + {begin[1:]})" if begin[0] == "-" else f"({k} - {begin})")
    )
    if segment.shape == "exponential":
        return f"{start!r} * {_number(segment.end / segment.start)} ** ({steps} / {span})"
    shapes = {
        "linear": f"(1 - {steps} / {span})",
        "cosine": f"0.5 * (1 + {module}.cos({module}.pi * {steps} / {span}))",
        "1-sqrt": f"(1 - {module}.sqrt({steps} / {span}))",
        "halving": f"(2 * 0.5 ** ({steps} / {span}) - 1)",
        "inverse": f"(1 + {steps} / {span}) ** -1.0",
    }
    left = shapes[segment.shape]
    if segment.shape == "inverse":
        left = f"(1 + {steps} / {span}) ** -{segment.power!r}"
    elif segment.power != 1:
        left = f"({left}) ** {segment.power!r}"
    if end == 0:
        return left if start == 1 else f"{start!r} * {left}"
    if start == 0 and segment.shape == "linear" and segment.power == 1:
        return f"{steps} / {span}" if end == 1 else f"{end!r} * {steps} / {span}"
    return f"{end!r} + {_number(start - end)} * {left}"


def _number(value: float) -> str:
    return str(int(value)) if value == int(value) else repr(float(value))
