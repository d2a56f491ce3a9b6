"""Experiments: one module a kind, a resolved experiment → tidy tables."""
