"""The text: the Python source files of the standard library that this Python came with."""

from __future__ import annotations

import hashlib
import os
import platform
import sysconfig
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from scheduled.core.errors import RunError
from scheduled.core.identity import canonical_json

__all__ = ["Corpus", "SourceFile", "is_source", "read_corpus"]

EXCLUDED_FOLDERS = frozenset(
    {
        # Not the standard library, and no sources.
        *("site-packages", "dist-packages", "__pycache__"),
        # The library's own tests are larger than the library; some distributions leave them out.
        *("test", "tests", "idle_test"),
        # Tables that a program wrote: of code pages, and a single file of help texts that would be
        # most of the validation if it were held out.
        *("encodings", "pydoc_data"),
    }
)
# Written when Python is built, with paths of the build; added by distributions.
EXCLUDED_FILES = ("_sysconfigdata", "sitecustomize.py")


@dataclass(frozen=True)
class SourceFile:
    """One file of the text.

    Attributes
    ----------
    path : str
        Relative to the standard library, with ``/``.
    sha256 : str
        Of its bytes.
    n_bytes : int
        Its length.
    held_out : bool
        Whether it is for validation.
    """

    path: str
    sha256: str
    n_bytes: int
    held_out: bool


@dataclass(frozen=True)
class Corpus:
    """The text, in two parts.

    Attributes
    ----------
    files : tuple of SourceFile
        By path.
    train, validation : bytes
        The files of each part, one after the other.
    python : str
        Version of the Python that they belong to.
    """

    files: tuple[SourceFile, ...]
    train: bytes
    validation: bytes
    python: str

    @property
    def sha256(self) -> str:
        """Hash of the list of files: of their paths, contents and parts."""
        listed = [[file.path, file.sha256, file.held_out] for file in self.files]
        return hashlib.sha256(canonical_json(listed).encode()).hexdigest()


def is_source(path: PurePosixPath) -> bool:
    """Return whether a path below the standard library belongs to the text.

    Examples
    --------
    >>> is_source(PurePosixPath("json/decoder.py")), is_source(PurePosixPath("test/support/os.py"))
    (True, False)
    """
    return (
        path.suffix == ".py"
        and not EXCLUDED_FOLDERS & set(path.parts[:-1])
        and not path.name.startswith(EXCLUDED_FILES)
    )


def read_corpus(held_out: float, root: Path | None = None) -> Corpus:
    """Read the text; the same files give the same text, in the same order, on any machine.

    A file is held out if the hash of its path says so, whatever other files there are.

    Parameters
    ----------
    held_out : float
        Fraction of the files that are held out, about.
    root : Path, optional
        Folder of the standard library; that of the running Python by default.

    Returns
    -------
    Corpus

    Raises
    ------
    RunError
        If there are no files for training or none for validation.
    """
    root = Path(sysconfig.get_paths()["stdlib"]) if root is None else root
    files = []
    contents: dict[bool, list[bytes]] = {False: [], True: []}
    for name in sorted(_sources(root)):
        content = (root / name).read_bytes()
        part = _is_held_out(name, held_out)
        files.append(SourceFile(name, hashlib.sha256(content).hexdigest(), len(content), part))
        contents[part].append(content)
    for part, use in ((False, "training"), (True, "validation")):
        if not any(contents[part]):
            raise RunError(
                f"{root}: of {len(files)} Python files none is left for {use}, with held_out="
                f"{held_out!r}. Is this the folder of the standard library?"
            )
    train, validation = b"".join(contents[False]), b"".join(contents[True])
    return Corpus(tuple(files), train, validation, platform.python_version())


def _sources(root: Path) -> Iterator[str]:
    for folder, subfolders, names in os.walk(root):
        # Pruned as they come: site-packages can hold far more files than all the rest.
        subfolders[:] = [name for name in subfolders if name not in EXCLUDED_FOLDERS]
        for name in names:
            path = PurePosixPath((Path(folder) / name).relative_to(root).as_posix())
            if is_source(path):
                yield str(path)


def _is_held_out(name: str, fraction: float) -> bool:
    digest = hashlib.sha256(name.encode()).digest()
    return int.from_bytes(digest[:8], "big") < fraction * 2**64
