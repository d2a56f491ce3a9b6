"""Figures: one file per kind: settings, `tabulate` and `draw`; what they share is in kit."""
