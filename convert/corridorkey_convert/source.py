"""A file as read-only memory: mapped, not copied, so that weights of any size cost nothing until they are used."""

from __future__ import annotations

import hashlib
import mmap
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from corridorkey.errors import CheckpointFormatError

CHUNK = 1 << 20


@dataclass(frozen=True, slots=True)
class Source:
    """An open file.

    Attributes:
        path: for messages.
        data: all bytes, read-only. It stays valid, and the mapping alive, for as long as an array looks into it.
        file: the same bytes, for reading through once without keeping them in memory.
    """

    path: Path
    data: memoryview
    file: BinaryIO

    def chunks(self, start: int, length: int) -> Iterator[bytes]:
        """Bytes start … start + length, in pieces."""
        self.file.seek(start)
        while length > 0:
            try:
                piece = self.file.read(min(CHUNK, length))
            except OSError as error:
                raise _unreadable(self.path, error) from error
            if not piece:
                raise CheckpointFormatError(f"{self.path}: became shorter while it was read. Copy it again.")
            length -= len(piece)
            yield piece

    def sha256(self) -> str:
        """Hash of the whole file, in hexadecimal."""
        digest = hashlib.sha256()
        for piece in self.chunks(0, len(self.data)):
            digest.update(piece)
        return digest.hexdigest()


@contextmanager
def opened(path: Path) -> Iterator[Source]:
    """Open a file to read it.

    Raises:
        CheckpointFormatError: it is missing, empty, no plain file, or may not be read.
    """
    with _opened(path) as file:
        if not os.fstat(file.fileno()).st_size:
            raise CheckpointFormatError(f"{path}: the file is empty. Fetch or copy it again.")
        yield Source(path, _mapped(path, file), file)


def _opened(path: Path) -> BinaryIO:
    try:
        if path.is_dir():
            raise CheckpointFormatError(f"{path}: a folder, not a weights file. Give the file in it.")
        if not path.is_file():
            raise CheckpointFormatError(f"{path}: no such file. Check the path.")
        return path.open("rb")
    except OSError as error:
        raise _unreadable(path, error) from error


def _mapped(path: Path, file: BinaryIO) -> memoryview:
    try:
        return memoryview(mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ))
    except (OSError, ValueError) as error:  # a file system that maps no files, or one that became empty
        raise _unreadable(path, error) from error


def _unreadable(path: Path, error: Exception) -> CheckpointFormatError:
    reason = getattr(error, "strerror", None) or error
    return CheckpointFormatError(f"{path}: cannot be read: {reason}. Check the path, or copy it to another folder.")
