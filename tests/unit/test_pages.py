"""The code on the pages of the documentation runs, and prints what they say."""

import subprocess
import sys

from pages import REPO


def test_every_page_says_what_its_code_does():
    # In a process of its own, as a page may define a kind, which registers itself.
    command = [sys.executable, str(REPO / "tests" / "pages.py")]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
