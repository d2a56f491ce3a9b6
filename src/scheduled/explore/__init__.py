"""``scheduled explore``: sliders, theory beside them, and a log beside theory, in a browser.

`notebook` is the page, a marimo notebook that is a tutorial, too; `served` serves it. What it
computes is computed by the library; `parts` draws it, and `log` puts a log beside theory.
"""
