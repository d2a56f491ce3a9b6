"""Figures: one file per kind, with settings, `tabulate` and `draw`; `kit` is shared."""
