"""Kills, hostile input, and what the whole pipeline makes of them."""
