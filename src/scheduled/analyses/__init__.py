"""Analyses of training runs: one module per kind, its settings and what it computes."""
