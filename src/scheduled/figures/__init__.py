"""Figures: one file a kind, with its settings, `tabulate` and `draw`; what they share is in kit."""
