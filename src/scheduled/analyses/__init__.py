"""Analyses of training runs: one module a kind, ``tables(settings, runs, metadata)`` → tables."""
