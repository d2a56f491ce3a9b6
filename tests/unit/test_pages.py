"""The code on the pages of the documentation runs, and prints what they say."""

import subprocess
import sys

import matplotlib.pyplot as plt

import pages

# It defines kinds, which would be there for the tests that come after it.
DEFINES = pages.REPO / "docs" / "extend.md"


def test_every_page_says_what_its_code_does(capsys, monkeypatch):
    others = [str(path) for path in pages.pages() if path != DEFINES]
    for name in ("MPLBACKEND", "NO_COLOR", "COLUMNS"):  # set there; as they were afterwards
        monkeypatch.setenv(name, "")
    plt.switch_backend("Agg")
    assert pages.main(others) == 0, capsys.readouterr().err
    plt.close("all")  # what the README draws


def test_the_page_that_defines_kinds_says_what_its_code_does():
    command = [sys.executable, str(pages.REPO / "tests" / "pages.py"), str(DEFINES)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
