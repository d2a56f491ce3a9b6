"""A number that the paper gives, and how it is computed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import pandas as pd


@dataclass(frozen=True)
class Quantity:
    """A number that the paper gives, and how it is computed.

    Attributes
    ----------
    claim : str
        Id of the claim.
    quantity : str
        What the number is.
    published : str
        The number, or the statement, as published.
    table : str
        The table that decides: ``tables/<figure>`` or ``analyses/<analysis>/<output>``.
    compute : callable
        From that table to the number.
    """

    claim: str
    quantity: str
    published: str
    table: str
    compute: Callable[[pd.DataFrame], float]
