"""Laws of loss curves: what predicts a run's loss from its learning rates alone.

One file a law, found by being there (`scheduled.core.registry`); `fit` fits any of them.
"""
