"""Sums Σ a_i/(s_j − s_i) over prefix sums, in near-linear time: one function for all outside.

Up to `PLAIN_STEPS` steps it takes the double sum (`sums`), beyond a fast multipole method (`fast`).
"""

from scheduled.bounds.cauchy.sums import PLAIN_STEPS, causal_cauchy_sums

__all__ = ["PLAIN_STEPS", "causal_cauchy_sums"]
