"""From a log and a question to a decision, in the user's own units: one module a question.

Each question takes schedules or logged runs and gives a result with numbers, each of which says
what it rests on (`scheduled.answers.page.Number`). A result's `page()` is what the commands print.
"""

from scheduled.answers.page import NoAnswer, Number, Page, Table
from scheduled.answers.plan import Plan, SpecError
from scheduled.answers.spec import read_spec

__all__ = ["NoAnswer", "Number", "Page", "Plan", "SpecError", "Table", "read_spec"]
