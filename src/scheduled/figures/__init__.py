"""Figures: one module a kind, each with ``draw(table, ink) -> Figure``; numbers come in tables."""
