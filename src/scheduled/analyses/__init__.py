"""Analyses of training runs: one module a kind, its settings and what it computes."""
