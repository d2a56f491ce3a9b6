"""What may be wrong with a schedule, or with the config of a framework and its total.

>>> from scheduled.lint import lint
>>> found = lint("--lr 1e-3 --train-iters 220 --lr-warmup-iters 22 --lr-decay-iters 198")
>>> for finding in found:
...     print(finding.code, finding.step, finding.value)
starts-at-zero 0 1.0
zero-at-the-end 198 22.0
warmup-twice 198 22.0
"""

from scheduled.lint.checks import Finding, lint

__all__ = ["Finding", "lint"]
