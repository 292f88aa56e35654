"""Which file a frame came of: the same bytes are the same plate, whatever their date."""

from __future__ import annotations

import hashlib
import time
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from corridorkey.errors import FrameReadError

LARGEST = 1 << 30  # bytes; to hash a longer movie would take as long as to decode it
_FRESH = 3_000_000_000  # ns: dates may be this coarse, so a file this young may yet change under the same date


@dataclass(frozen=True, slots=True)
class Identity:
    """A plate or hint as it was when it was keyed.

    Attributes:
        name: the file's.
        size: in bytes.
        mtime: ns since 1970; 0 where it was too fresh to be relied on.
        digest: of its bytes, 32 hex digits; empty for a movie over LARGEST, where size and date decide.
        index: which picture of a movie, None for a file that is one picture.
    """

    name: str
    size: int
    mtime: int
    digest: str
    index: int | None = None

    def is_still(self, path: Path, size: int, mtime: int, index: int | None = None) -> bool:
        """Whether a file is this one: by size and date, and where the dates differ by its bytes.

        Args:
            path: read if the date does not settle it.
            size, mtime: of the file at `path` now, mtime in ns.
            index: as in `identify`.
        """
        if (size, index) != (self.size, self.index):
            return False
        if path.name == self.name and mtime == self.mtime:
            return True
        try:
            return bool(self.digest) and identify(path, index).digest == self.digest
        except FrameReadError:
            return False


def identify(path: Path, index: int | None = None) -> Identity:
    """Say which file this is. Call it before the file is read to be keyed: should it be replaced in between, the
    identity is the old file's, and the next run finds that the plate is another.

    A file that many frames share, a movie or a still hint, is hashed once.

    Args:
        path: plate or hint.
        index: which picture of a movie.
    Raises:
        FrameReadError: it cannot be read.
    """
    try:
        stat = path.stat()
        if index is not None and stat.st_size > LARGEST:
            return Identity(path.name, stat.st_size, stat.st_mtime_ns, "", index)
        digest = _digest_of(path, stat.st_size, stat.st_mtime_ns, stat.st_ino)
    except OSError as error:
        raise FrameReadError(f"{path}: cannot be read: {error.strerror or error}") from error
    is_fresh = abs(time.time_ns() - stat.st_mtime_ns) < _FRESH
    return Identity(path.name, stat.st_size, 0 if is_fresh else stat.st_mtime_ns, digest, index)


def digest_bytes(data: bytes) -> str:
    """A digest of bytes, 32 hex digits."""
    return hashlib.blake2b(data, digest_size=16).hexdigest()


def digest_file(path: Path) -> str:
    """`digest_bytes` of a file's bytes.

    Raises:
        OSError: it cannot be read.
    """
    with path.open("rb", buffering=0) as file:
        return hashlib.file_digest(file, lambda: hashlib.blake2b(digest_size=16)).hexdigest()


@lru_cache(maxsize=64)
def _digest_of(path: Path, size: int, mtime: int, inode: int) -> str:  # noqa: ARG001  (they tell a file's states apart)
    return digest_file(path)
