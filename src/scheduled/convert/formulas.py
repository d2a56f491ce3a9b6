"""A segment as an expression of the step k in Python, and back."""

from __future__ import annotations

import ast
import re

import numpy as np

from scheduled.convert.base import tidy
from scheduled.convert.code import Function
from scheduled.convert.line import Line, Segment
from scheduled.schedules.shapes import ShapeName

__all__ = ["formula", "read_formulas"]


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
    if segment.flat:
        return repr(start)
    k, span = _since(segment, module, last), _number(segment.span)
    if segment.shape == "exponential":
        return f"{start!r} * {_number(segment.end / segment.start)} ** ({k} / {span})"
    left = {
        "linear": f"(1 - {k} / {span})",
        "cosine": f"0.5 * (1 + {module}.cos({module}.pi * {k} / {span}))",
        "1-sqrt": f"(1 - {module}.sqrt({k} / {span}))",
        "halving": f"(2 * 0.5 ** ({k} / {span}) - 1)",
        "inverse": f"(1 + {k} / {span}) ** -{segment.power!r}",
    }[segment.shape]
    if segment.shape != "inverse" and segment.power != 1:
        left = f"({left}) ** {segment.power!r}"
    if start == 0 and segment.shape == "linear" and segment.power == 1:
        return f"{k} / {span}" if end == 1 else f"{end!r} * {k} / {span}"
    if end == 0:
        return left if start == 1 else f"{start!r} * {left}"
    return f"{end!r} + {tidy(start - end)!r} * {left}"


def _since(segment: Segment, module: str, last: bool) -> str:
    """The steps since the begin, at most those of the whole way."""
    k = "k"
    if last and segment.shape != "inverse":
        minimum = "jnp.minimum" if module == "jnp" else "min"
        k = f"{minimum}(k, {_number(segment.begin + segment.span)})"
    if segment.begin == 0:
        return k
    sign = "-" if segment.begin > 0 else "+"
    return f"({k} {sign} {_number(abs(segment.begin))})"


def _number(value: float) -> str:
    return str(int(value)) if value == int(value) else repr(float(value))


NUMBER = r"\d[\d.e+-]*"
STEPS = (
    rf"\(?(?:k|(?:min|jnp\.minimum)\(k, {NUMBER}\))(?: (?P<sign>[+-]) (?P<begin>{NUMBER})\))?"
    rf" / (?P<span>{NUMBER})"
)
MODULE = r"(?:math|jnp)"
LEFT: dict[ShapeName, str] = {
    "cosine": rf"0\.5 \* \(1 \+ {MODULE}\.cos\({MODULE}\.pi \* {STEPS}\)\)",
    "1-sqrt": rf"\(?1 - {MODULE}\.sqrt\({STEPS}\)\)?",
    "halving": rf"\(?2 \* 0\.5 \*\* \({STEPS}\) - 1\)?",
    "inverse": rf"\(1 \+ {STEPS}\) \*\* \(?-(?P<power>{NUMBER})\)?",
    "linear": rf"\(?1 - {STEPS}\)?",
}
WAYS = [
    *(
        (shape, re.compile(rf"(?:(?P<end>{NUMBER}) \+ )?(?:(?P<way>-?{NUMBER}) \* )?{left}"))
        for shape, left in LEFT.items()
    ),
    *(
        (
            shape,
            re.compile(
                rf"(?:(?P<end>{NUMBER}) \+ )?(?:(?P<way>-?{NUMBER}) \* )?"
                rf"\(?{left}\)? \*\* (?P<power>{NUMBER})"
            ),
        )
        for shape, left in LEFT.items()
        if shape != "inverse"
    ),
]
RISE = re.compile(rf"(?:(?P<end>{NUMBER}) \* )?{STEPS}")
GEOMETRIC = re.compile(rf"(?P<start>{NUMBER}) \* (?P<ratio>{NUMBER}) \*\* \({STEPS}\)")


def read_formulas(function: Function, count: int, scale: float = 1.0) -> list[Segment] | None:
    """The segments of a function that is written as `formula` writes, by its own step.

    Parameters
    ----------
    function : Function
        ``if k < …: return …`` one after the other, or a lambda.
    count : int
        How many steps it is asked for.
    scale : float
        What its values are divided by.

    Returns
    -------
    list of Segment, or None
        None if it is written otherwise, or a segment does not have its values.
    """
    branches = _branches(function.node)
    found = []
    first = 0
    for upto, expression in branches or []:
        stop = count if upto is None else min(upto, count)
        if stop > first:
            segment = _segment(ast.unparse(expression), first, stop, scale)
            if segment is None:
                return None
            found.append(segment)
            first = stop
    if first < count:
        return None
    line = Line(1.0, count)
    for each in found:
        line.put(each)
    values = function.values(count) / scale
    same = np.allclose(line.schedule().schedule, values, rtol=0, atol=1e-13 * values.max())
    return found if same else None


def _branches(node: ast.FunctionDef | ast.Lambda) -> list[tuple[int | None, ast.expr]] | None:
    if isinstance(node, ast.Lambda):
        return [(None, node.body)]
    found: list[tuple[int | None, ast.expr]] = []
    for statement in node.body:
        match statement:
            case ast.Expr(value=ast.Constant()):
                continue
            case ast.If(
                test=ast.Compare(ops=[ast.Lt()], comparators=[ast.Constant(value=int(upto))]),
                body=[ast.Return(value=ast.expr() as value)],
                orelse=[],
            ):
                found.append((upto, value))
            case ast.Return(value=ast.expr() as value):
                found.append((None, value))
            case _:
                return None
    return found


def _segment(text: str, first: int, upto: int, scale: float) -> Segment | None:
    if re.fullmatch(NUMBER, text):
        level = float(text) / scale
        return Segment(first, upto, level, level, "constant", 1.0, first, 1.0)
    if match := GEOMETRIC.fullmatch(text):
        start = float(match["start"]) / scale
        end = start * float(match["ratio"])
        return _way(match, first, upto, start, end, "exponential", 1.0)
    if match := RISE.fullmatch(text):
        return _way(match, first, upto, 0.0, float(match["end"] or 1) / scale, "linear", 1.0)
    for shape, pattern in WAYS:
        if match := pattern.fullmatch(text):
            end = float(match["end"] or 0) / scale
            start = end + float(match["way"] or 1) / scale
            power = float(match.groupdict().get("power") or 1)
            return _way(match, first, upto, tidy(start), end, shape, power)
    return None


def _way(
    match: re.Match[str],
    first: int,
    upto: int,
    start: float,
    end: float,
    shape: ShapeName,
    power: float,
) -> Segment:
    begin = float(match["begin"] or 0) * (-1 if match["sign"] == "+" else 1)
    return Segment(first, upto, start, end, shape, power, begin, float(match["span"]))
