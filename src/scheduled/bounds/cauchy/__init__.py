"""Sums Σ a_i/(s_j − s_i) over prefix sums, in near-linear time."""
