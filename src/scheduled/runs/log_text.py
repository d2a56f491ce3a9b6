"""Opening logs: compressed or not, as bytes or as clean lines, a gigabyte as well as a kilobyte."""

from __future__ import annotations

import codecs
import gzip
import importlib
import io
import json
import re
import sys
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO, cast

from scheduled.core.errors import RunError

__all__ = ["HEAD", "Line", "clean_lines", "head_of", "open_log", "read_json", "unpacked"]

HEAD = 1 << 16
"""Bytes at the beginning of a file that tell its format."""
_GZIP, _ZSTD = b"\x1f\x8b", b"\x28\xb5\x2f\xfd"
_BAR_FROM = 1 << 26
"""A file of fewer bytes is read before a progress bar would be seen."""

# Colours and other commands to a terminal.
_ESCAPES = re.compile(r"\x1b(?:\[[0-9;?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)|[@-Z\\-_])")

Line = tuple[int, str, bool]
"""Number of a line from 1, its text, and whether it ends with a line end."""


@contextmanager
def open_log(path: Path) -> Iterator[BinaryIO]:
    """Open a log for reading, unpacked if it is packed; a large one shows its progress.

    The bar is written to a terminal only, and only for files that take a while.

    Raises
    ------
    RunError
        If the file cannot be read.
    """
    try:
        size = path.stat().st_size
        with path.open("rb", buffering=0) as raw:
            shown = _Shown(raw, size, path.name) if size > _BAR_FROM and _is_terminal() else raw
            try:
                yield unpacked(io.BufferedReader(shown, 1 << 20), str(path))
            finally:
                if isinstance(shown, _Shown):
                    shown.clear()
    except OSError as error:
        raise RunError(f"{path}: cannot read it: {error.strerror or error}") from None
    except (EOFError, zlib.error) as error:
        raise RunError(f"{path}: {error}. Was the download cut off?") from None


def unpacked(file: BinaryIO, source: str) -> BinaryIO:
    """The content of a file that may be packed, or text in UTF-16, by its first bytes.

    Raises
    ------
    RunError
        If it is packed by Zstandard and nothing on this machine unpacks that.
    """
    start = file.read(4)
    file.seek(0)
    if start.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        # As the shell of Windows writes what a program prints.
        return cast(BinaryIO, codecs.EncodedFile(file, "utf-8", "utf-16", errors="replace"))
    if start.startswith(_GZIP):
        return io.BufferedReader(gzip.GzipFile(fileobj=file), 1 << 20)
    if start == _ZSTD:
        return io.BufferedReader(_Zstd(file, source), 1 << 20)
    return file


def head_of(file: BinaryIO) -> str:
    """The first characters of a file, colours removed; the file is at its beginning again."""
    head = file.read(HEAD)
    file.seek(0)
    return _ESCAPES.sub("", head.decode("utf-8", errors="replace").removeprefix("\ufeff"))


def clean_lines(file: BinaryIO, source: str) -> Iterator[Line]:
    """The lines of a text, without colours, and of a progress bar only what it last showed.

    Raises
    ------
    RunError
        If a line is not UTF-8.
    """
    for number, raw in enumerate(file, 1):
        ended = raw.endswith(b"\n")
        try:
            text = raw.decode("utf-8-sig" if number == 1 else "utf-8")
        except UnicodeDecodeError as error:
            # A multi-byte character may be cut with the line.
            if not ended and error.end >= len(raw):
                yield number, raw[: error.start].decode("utf-8"), False
                return
            raise RunError(
                f"{source}, line {number}: byte 0x{raw[error.start]:02x} is not UTF-8 text, "
                "expected a text file in UTF-8. Save it as such."
            ) from None
        text = text.rstrip("\r\n")
        if "\x1b" in text:
            text = _ESCAPES.sub("", text)
        if "\r" in text:
            text = text.rpartition("\r")[2]
        yield number, text, ended


def read_json(content: bytes, source: str, parse_int: Callable[[str], int] | None = None) -> Any:
    """What a log that is one JSON document holds.

    Raises
    ------
    RunError
        If it is none, or too deep.
    """
    try:
        return json.loads(content, parse_int=parse_int)
    except ValueError as error:
        raise RunError(
            f"{source}: not valid JSON ({error}). Was the download cut off? Fetch it again."
        ) from None
    except RecursionError:
        raise RunError(f"{source}: nested too deeply for a log") from None


class _Zstd(io.RawIOBase):
    """A file that is unpacked as it is read, and can be read again from its beginning."""

    def __init__(self, file: BinaryIO, source: str) -> None:
        self._file = file
        for module, name in (("compression.zstd", "ZstdFile"), ("zstandard", "open")):
            try:
                self._open = getattr(importlib.import_module(module), name)
                break
            except ImportError:
                continue
        else:
            raise RunError(
                f"{source}: compressed with Zstandard, which needs a package: pip install "
                "'lr-scheduling[logs]'. Or decompress it: zstd -d FILE."
            )
        self._reader: Any = self._open(file, "rb")

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        if (offset, whence) != (0, io.SEEK_SET):
            raise OSError("a packed file is read from its beginning")
        self._file.seek(0)
        self._reader = self._open(self._file, "rb")
        return 0

    def readinto(self, buffer: Any) -> int:
        try:
            content = self._reader.read(len(buffer))
        except Exception as error:  # each of the packages has an error of its own
            raise OSError(f"not a whole file of Zstandard ({error})") from None
        buffer[: len(content)] = content
        return len(content)


def _is_terminal() -> bool:
    return sys.stderr is not None and sys.stderr.isatty()


class _Shown(io.RawIOBase):
    """A file that shows on the terminal how much of it was read."""

    def __init__(self, raw: io.FileIO, size: int, name: str) -> None:
        self.raw, self.size, self.name, self.percent = raw, size, name, -1

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        return self.raw.seek(offset, whence)

    def tell(self) -> int:
        return self.raw.tell()

    def readinto(self, buffer: Any) -> int:
        count: int = self.raw.readinto(buffer)
        percent = 100 * self.raw.tell() // self.size
        if percent > self.percent:
            self.percent = percent
            bar = "█" * (percent // 5)
            sys.stderr.write(f"\r{self.name} {bar:<20} {percent:3d} %")
            sys.stderr.flush()
        return count

    def clear(self) -> None:
        """Take the bar away."""
        sys.stderr.write("\r\x1b[K")
        sys.stderr.flush()
