"""Calls and small functions in Python code, read without running the code.

Assignments, numbers and calls are taken from the syntax tree. A function of the step (``LambdaLR``)
is evaluated, after a check that it does nothing but arithmetic.
"""

from __future__ import annotations

import ast
import math
import textwrap
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from scheduled.core.arguments import FloatArray

__all__ = ["Call", "Function", "find_call", "read_code"]

NUMERIC = {
    **{name: getattr(math, name) for name in ("cos", "sin", "exp", "log", "sqrt", "floor", "ceil")},
    "pow": math.pow,
    "power": math.pow,
    "min": min,
    "max": max,
    "minimum": min,
    "maximum": max,
    "float": float,
    "int": int,
    "abs": abs,
    "round": round,
}
CONSTANTS = {"pi": math.pi, "e": math.e}
MODULES = ("math", "np", "jnp", "numpy", "jax")
OPERATORS: dict[type[ast.operator], Callable[[Any, Any], Any]] = {
    ast.Add: lambda a, b: a + b,
    ast.Sub: lambda a, b: a - b,
    ast.Mult: lambda a, b: a * b,
    ast.Div: lambda a, b: a / b,
    ast.FloorDiv: lambda a, b: a // b,
    ast.Mod: lambda a, b: a % b,
    ast.Pow: lambda a, b: _power(a, b),
}
ALLOWED = (
    *(
        ast.Module,
        ast.FunctionDef,
        ast.arguments,
        ast.arg,
        ast.Lambda,
        ast.Return,
        ast.If,
        ast.Expr,
    ),
    *(ast.Assign, ast.IfExp, ast.BinOp, ast.UnaryOp, ast.BoolOp, ast.Compare, ast.Call, ast.Name),
    *(ast.Constant, ast.Load, ast.Store, ast.operator, ast.unaryop, ast.boolop, ast.cmpop),
    *(ast.Attribute, ast.AnnAssign),
)


OPTIMIZERS = (
    *("Adadelta", "Adafactor", "Adagrad", "Adam", "AdamW", "Adamax", "ASGD", "LBFGS", "Lion"),
    *("Muon", "NAdam", "RAdam", "RMSprop", "Rprop", "SGD"),
)
"""Optimizers whose second positional argument is the learning rate."""


@dataclass(frozen=True)
class Unread:
    """An expression whose value the code does not show; messages give its source."""

    source: str

    def __repr__(self) -> str:
        return self.source


@dataclass(frozen=True)
class Call:
    """A call: the last part of its name, its values, its named values."""

    name: str
    values: list[Any]
    named: dict[str, Any]

    def bind(self, *names: str) -> dict[str, Any]:
        """All values by name, given the names of the positional ones."""
        if len(self.values) > len(names):
            raise ValueError(
                f"{self.name}: argument {len(names) + 1}, {self.values[len(names)]!r}, is only "
                "read with its name: write name=value"
            )
        return dict(zip(names, self.values, strict=False)) | self.named

    def __repr__(self) -> str:
        named = [f"{name}={value!r}" for name, value in self.named.items()]
        return f"{self.name}({', '.join([*map(repr, self.values), *named])})"


@dataclass(frozen=True)
class Function:
    """A function of the step: arithmetic only."""

    node: ast.FunctionDef | ast.Lambda
    names: Mapping[str, Any] = field(compare=False)

    def values(self, count: int) -> FloatArray:
        """Its values at the steps 0…count−1.

        Raises
        ------
        ValueError
            If it does anything but arithmetic, or gives no finite number.
        """
        function = self._compiled()
        found = np.empty(count)
        for k in range(count):
            try:
                found[k] = float(function(k))
            except (ArithmeticError, TypeError, ValueError) as error:
                raise ValueError(f"the function of the step fails at k={k}: {error}") from None
        if not np.isfinite(found).all():
            raise ValueError("the function of the step is not finite")
        return found

    def _compiled(self) -> Any:
        node = self.node
        if len(node.args.args) != 1:
            raise ValueError("the function of the step must take the step alone")
        known = {node.args.args[0].arg}
        for inner in ast.walk(node):
            if not isinstance(inner, ALLOWED):
                raise ValueError(
                    f"line {getattr(inner, 'lineno', '?')}: {type(inner).__name__} is not read in "
                    "a function of the step, which may only calculate"
                )
            if isinstance(inner, ast.Name) and isinstance(inner.ctx, ast.Store):
                known.add(inner.id)
        tree: Any = _Plain(known, self.names).visit(ast.parse(ast.unparse(node)))
        scope: dict[str, Any] = {"__builtins__": {}, **NUMERIC}
        if isinstance(node, ast.Lambda):
            expression = ast.Expression(tree.body[0].value)
            code = compile(ast.fix_missing_locations(expression), "<step>", "eval")
            return eval(code, scope)
        exec(compile(ast.fix_missing_locations(tree), "<step>", "exec"), scope)
        return scope[node.name]


class _Plain(ast.NodeTransformer):
    """Puts in what names outside stand for, and takes everything that is not a number out."""

    def __init__(self, known: Collection[str], names: Mapping[str, Any]) -> None:
        self.known = known
        self.names = names

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.AST:
        self.generic_visit(node)
        node.decorator_list = []
        node.returns = None
        for argument in node.args.args:
            argument.annotation = None
        return node

    def visit_BinOp(self, node: ast.BinOp) -> ast.AST:
        self.generic_visit(node)
        if isinstance(node.op, ast.Pow):
            # Of floats, so that no huge integer arises.
            return ast.Call(ast.Name("pow", ast.Load()), [node.left, node.right], [])
        return node

    def visit_Constant(self, node: ast.Constant) -> ast.AST:
        if isinstance(node.value, int) and abs(node.value) > 2**53:
            raise ValueError(f"{node.value} is too large")
        return node

    def visit_Call(self, node: ast.Call) -> ast.AST:
        name = _last_name(node.func)
        if name not in NUMERIC or node.keywords:
            raise ValueError(f"{ast.unparse(node)} is not read in a function of the step")
        return ast.Call(ast.Name(name, ast.Load()), [self.visit(a) for a in node.args], [])

    def visit_Attribute(self, node: ast.Attribute) -> ast.AST:
        if node.attr in CONSTANTS and isinstance(node.value, ast.Name) and node.value.id in MODULES:
            return ast.Constant(CONSTANTS[node.attr])
        raise ValueError(f"{ast.unparse(node)} is not read in a function of the step")

    def visit_Name(self, node: ast.Name) -> ast.AST:
        if isinstance(node.ctx, ast.Store) or node.id in self.known:
            return node
        value = self.names.get(node.id)
        if isinstance(value, int | float):
            return ast.Constant(value)
        raise ValueError(f"{node.id} is not known in a function of the step")


def read_code(text: str) -> dict[str, Any]:
    """What the names of a piece of code stand for; ``_`` is a list of all values, in order.

    Examples
    --------
    >>> names = read_code("lr = 3e-4\\nS = CosineAnnealingLR(opt, T_max=10 * 100, eta_min=lr / 10)")
    >>> names["S"].named["T_max"]
    1000
    """
    try:
        tree = ast.parse(textwrap.dedent(text))
    except (SyntaxError, ValueError, MemoryError) as error:
        raise ValueError(f"it is not Python: {error}") from None
    said: list[Any] = []
    names: dict[str, Any] = {"_": said}
    for statement in tree.body:
        if isinstance(statement, ast.FunctionDef):
            names[statement.name] = Function(statement, names)
        elif isinstance(statement, ast.Assign | ast.AnnAssign | ast.Expr) and statement.value:
            said.append(value := _value(statement.value, names))
            targets = statement.targets if isinstance(statement, ast.Assign) else []
            targets = [statement.target] if isinstance(statement, ast.AnnAssign) else targets
            for target in targets:
                names |= _assigned(target, value)
        elif isinstance(statement, ast.AugAssign) and isinstance(statement.target, ast.Name):
            name = statement.target.id
            value = _value(ast.BinOp(ast.Name(name), statement.op, statement.value), names)
            names[name] = Unread(name) if isinstance(value, Unread) else value
        else:
            # Whether a loop or a condition changes a name is not known.
            stored = [node for node in ast.walk(statement) if isinstance(node, ast.Name)]
            names |= {n.id: Unread(n.id) for n in stored if isinstance(n.ctx, ast.Store)}
    return names


def _assigned(target: ast.expr, value: Any) -> dict[str, Any]:
    """The names that an assignment gives values."""
    if isinstance(target, ast.Name):
        return {target.id: value}
    if not isinstance(target, ast.Tuple | ast.List):
        return {}
    inner = value if isinstance(value, list) and len(value) == len(target.elts) else None
    found: dict[str, Any] = {}
    for i, each in enumerate(target.elts):
        found |= _assigned(each, Unread(ast.unparse(each)) if inner is None else inner[i])
    return found


def calls(value: Any) -> Iterator[Call]:
    """All calls in a value, the outer ones first."""
    if isinstance(value, Call):
        yield value
        for inner in (*value.values, *value.named.values()):
            yield from calls(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from calls(inner)


def find_call(text: str, wanted: Collection[str]) -> tuple[Call, float | None]:
    """The last call of one of the names, and the ``lr`` of the optimizer if the code has one.

    Examples
    --------
    >>> call, lr = find_call("o = AdamW(p, lr=3e-4)\\ns = StepLR(o, 10)", ["StepLR"])
    >>> call.name, call.values[1], lr
    ('StepLR', 10, 0.0003)
    """
    said = read_code(text)["_"]
    found = [call for value in reversed(said) for call in calls(value)]
    # Of calls in one another, the outer one comes first.
    call = next((call for call in found if call.name in wanted), None)
    if call is None:
        raise ValueError(
            f"there is no call of {', '.join(wanted)} outside of functions, loops and conditions"
        )
    rates = (rate for other in found if (rate := _lr(other)) is not None)
    lr = next(rates, None)
    if lr is not None and (isinstance(lr, bool) or not isinstance(lr, int | float)):
        raise ValueError(f"lr={lr!r} is no number in this code: put its value there")
    return call, None if lr is None else float(lr)


def _lr(call: Call) -> Any:
    """The learning rate that an optimizer is made with; None of other calls."""
    if "lr" in call.named or call.name not in OPTIMIZERS:
        return call.named.get("lr")
    return call.values[1] if len(call.values) > 1 else None


def _last_name(node: ast.expr) -> str:
    if isinstance(node, ast.Attribute):
        return node.attr
    return node.id if isinstance(node, ast.Name) else ""


def _value(node: ast.expr, names: Mapping[str, Any]) -> Any:
    """A number, text, list, dict, `Call` or `Function`; `Unread` for all else."""
    match node:
        case ast.Constant(value):
            return value
        case ast.Name(id):
            return names.get(id, Unread(id))
        case ast.Attribute(value=ast.Name(id), attr=attr) if id in MODULES:
            return CONSTANTS.get(attr, Unread(ast.unparse(node)))
        case ast.List(elts) | ast.Tuple(elts):
            return [_value(inner, names) for inner in elts]
        case ast.Dict(keys, values):
            found = [_value(key, names) for key in keys if key is not None]
            if len(found) < len(keys) or not all(
                isinstance(key, int | float | str | Unread) for key in found
            ):
                return Unread(ast.unparse(node))
            return dict(zip(found, (_value(value, names) for value in values), strict=True))
        case ast.Lambda():
            return Function(node, names)
        case ast.UnaryOp(op=ast.USub(), operand=operand):
            inner = _value(operand, names)
            return -inner if isinstance(inner, int | float) else Unread(ast.unparse(node))
        case ast.BinOp(left, op, right):
            pair = _value(left, names), _value(right, names)
            if type(op) in OPERATORS and all(isinstance(value, int | float) for value in pair):
                try:
                    return OPERATORS[type(op)](*pair)
                except (ArithmeticError, ValueError) as error:
                    raise ValueError(f"{ast.unparse(node)}: {error}") from None
            return Unread(ast.unparse(node))
        case ast.Call():
            return _call(node, names)
    return Unread(ast.unparse(node))


def _power(a: float, b: float) -> float:
    """Whole numbers to whole powers stay whole, unless they would get huge."""
    small = isinstance(a, int) and isinstance(b, int) and abs(a) < 2**53 and 0 <= b <= 64
    return a**b if small else math.pow(a, b)


def _call(node: ast.Call, names: Mapping[str, Any]) -> Any:
    name = _last_name(node.func)
    values = [_value(inner, names) for inner in node.args]
    named = {k.arg: _value(k.value, names) for k in node.keywords if k.arg is not None}
    if name == "dict" and not values:
        return named
    if name in NUMERIC and not named and all(isinstance(v, int | float) for v in values):
        try:
            return NUMERIC[name](*values)
        except (ArithmeticError, TypeError, ValueError) as error:
            raise ValueError(f"{ast.unparse(node)}: {error}") from None
    return Call(name, values, named)
