"""The code on the pages of the documentation runs, and prints what they say."""

import subprocess
import sys
from pathlib import Path

import pytest

from pages import REPO, pages


@pytest.mark.parametrize("page", pages(), ids=lambda page: page.relative_to(REPO).as_posix())
def test_a_page_says_what_its_code_does(page: Path):
    # In a process of its own, as a page may define a kind, which registers itself.
    command = [sys.executable, str(REPO / "tests" / "pages.py"), str(page)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
