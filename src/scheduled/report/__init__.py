"""The report: one page that says what was computed, what of the paper holds, and what is missing.

It is made of what the other jobs have written, and of what the plan says of each figure; nothing is
computed here.
"""

from scheduled.report.page import Contents, render
from scheduled.report.published import published_page
from scheduled.report.rows import read_rows

__all__ = ["Contents", "published_page", "read_rows", "render"]
