"""What kinds of figures share: `tables` for their numbers; style, lines, legends for drawing.

Only `tables` may be imported at the top of a kind's module: the others import matplotlib, which
planning, that reads all kinds, would wait for at every start.
"""
