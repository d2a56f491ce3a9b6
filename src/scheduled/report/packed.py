"""What the page holds packed, because it is long and seldom looked at."""

from __future__ import annotations

import base64
import zlib


def packed(content: bytes) -> str:
    """Content compressed by zlib, in base64: browsers unpack it (``DecompressionStream``).

    Examples
    --------
    >>> packed(b"step,loss")
    'eNorLkkt0MnJLy4GABJJA6o='
    """
    return base64.b64encode(zlib.compress(content, 9)).decode("ascii")
