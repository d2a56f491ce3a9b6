"""The wire format of protocol buffers, as far as event files and W&B's files need it."""

from __future__ import annotations

from collections.abc import Iterator

from scheduled.core.errors import RunError

__all__ = ["fields_of"]

_VARINT, _FIXED64, _BYTES, _FIXED32 = 0, 1, 2, 5


def fields_of(content: bytes, where: str) -> Iterator[tuple[int, int | bytes]]:
    """The fields of a message: number, and an integer or the bytes of everything else.

    Raises
    ------
    RunError
        If it is no message; it begins with `where`.

    Examples
    --------
    >>> list(fields_of(bytes([8, 150, 1, 18, 1, 65]), "a"))
    [(1, 150), (2, b'A')]
    """
    at = 0
    try:
        while at < len(content):
            key, at = _varint(content, at)
            wire = key & 7
            if wire == _VARINT:
                value, at = _varint(content, at)
                yield key >> 3, value
                continue
            if wire == _BYTES:
                length, at = _varint(content, at)
            elif wire in (_FIXED64, _FIXED32):
                length = 8 if wire == _FIXED64 else 4
            else:
                raise IndexError
            if at + length > len(content):
                raise IndexError
            yield key >> 3, content[at : at + length]
            at += length
    except IndexError:
        raise RunError(f"{where}: damaged, not a message of protocol buffers") from None


def _varint(content: bytes, at: int) -> tuple[int, int]:
    value = shift = 0
    while True:
        byte = content[at]
        at += 1
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            return value, at
        shift += 7
