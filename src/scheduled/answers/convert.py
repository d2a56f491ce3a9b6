"""A schedule in another framework's own words."""

from __future__ import annotations

from scheduled import convert
from scheduled.answers.page import NoAnswer, Page, short
from scheduled.answers.picture import Curve, Picture
from scheduled.answers.plan import Plan, SpecError

__all__ = ["converted"]


def converted(plan: Plan, framework: str, *, verify: bool = False) -> Page:
    """The schedule for a framework, exact to 1e-12 of its largest learning rate.

    Parameters
    ----------
    plan : Plan
        With a learning rate.
    framework : str
        A name in `scheduled.convert.frameworks`; ``hf`` is Hugging Face.
    verify : bool
        Whether to run the framework's own library and to compare every step.

    Raises
    ------
    SpecError
        If the plan has no learning rate.
    NoAnswer
        If it was read from a log that names no total.
    ConversionError
        If the framework cannot have it: with the closest of what was tried.
    ImportError
        If `verify` needs a library that is not installed.

    Examples
    --------
    >>> from scheduled.answers import read_spec
    >>> page = converted(read_spec("cosine:steps=1000,warmup=100,lr=1e-3"), "csv")
    >>> page.verbatim.splitlines()[:2]
    ['k,lr', '0,0.0']
    """
    name = "huggingface" if framework == "hf" else framework
    if plan.lr is None:
        raise SpecError(f"{plan.name}: no learning rate is in it, and a config needs one: add lr=")
    if plan.assumed:
        raise NoAnswer(
            f"{plan.name}: the log names no total, and a config needs one. If the run ended at "
            f"step {plan.steps}, add --steps {plan.steps}; else give the plan, such as "
            f"wsd:steps=T,cooldown=.2,lr={short(plan.lr)}"
        )
    text = convert.write(plan.schedule, name, verify=verify)
    title = convert.frameworks()[name].title
    data = {"from": plan.name, "framework": name, "verified": verify, "exact_to": convert.EXACT}
    lines = (f"# {title}; verified with its own library",) if verify else ()
    picture = Picture((Curve(plan.name, *plan.curve()),))
    return Page("convert", lines, data=data, picture=picture, verbatim=text.rstrip("\n"))
