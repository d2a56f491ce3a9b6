"""Numerical methods that know nothing of schedules."""
