"""The report: one page that says what was computed, which claims hold, and what is missing.

It is made from what other jobs have written and from what the plan says about each figure; nothing
is computed here.
"""

from scheduled.report.page import Contents, render
from scheduled.report.published import published_page
from scheduled.report.rows import read_rows

__all__ = ["Contents", "published_page", "read_rows", "render"]
