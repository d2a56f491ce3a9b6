"""The code on the pages of the documentation runs, and prints what they say."""

import os
import subprocess
import sys
from unittest.mock import patch

import matplotlib.pyplot as plt

import pages

# It defines kinds, which would be there for the tests that come after it.
DEFINES = pages.REPO / "docs" / "extend.md"


def test_every_page_says_what_its_code_does(capsys):
    others = [str(path) for path in pages.pages() if path != DEFINES]
    plt.switch_backend("Agg")
    with patch.dict(os.environ):
        assert pages.main(others) == 0, capsys.readouterr().err
    plt.close("all")  # what the README draws


def test_the_page_that_defines_kinds_says_what_its_code_does():
    command = [sys.executable, str(pages.REPO / "tests" / "pages.py"), str(DEFINES)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
