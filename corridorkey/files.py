"""Files whole: read at once, written so that a final name never holds half a file."""

from __future__ import annotations

import errno
import secrets
from contextlib import suppress
from pathlib import Path

from corridorkey.errors import FrameReadError, FrameWriteError

PART = ".part"  # suffix of a file that is still being written; sequences ignore it

_REMEDIES = {
    errno.ENOSPC: "the disk is full; free some space or write elsewhere (-o)",
    errno.EDQUOT: "the disk quota is used up; free some space or write elsewhere (-o)",
    errno.EFBIG: "the file system takes no file this large; write elsewhere (-o)",
    errno.EACCES: "not allowed to write there; change the folder's permissions or write elsewhere (-o)",
    errno.EPERM: "not allowed to write there; change the folder's permissions or write elsewhere (-o)",
    errno.EROFS: "the disk is read-only; write elsewhere (-o)",
    errno.ENOTDIR: "a file is where a folder should be; move it away or write elsewhere (-o)",
    errno.EEXIST: "a file is where a folder should be; move it away or write elsewhere (-o)",
    errno.EISDIR: "a folder has that name; move it away or write elsewhere (-o)",
}


def read_file(path: Path) -> bytes:
    """All bytes of a file.

    Raises:
        FrameReadError: it is missing, empty, a folder, or may not be read.
    """
    try:
        data = path.read_bytes()
    except OSError as error:
        raise FrameReadError(f"{path}: cannot be read: {error.strerror or error}") from error
    if not data:
        raise FrameReadError(f"{path}: the file is empty; render or copy it again")
    return data


def write_file(path: Path, data: bytes) -> None:
    """Write a file so that, killed at any moment, `path` holds the old bytes, the new ones or nothing.

    Raises:
        FrameWriteError: it cannot be written; nothing is left behind.
    """
    try:
        _replace(path, data)
    except OSError as error:
        raise _refused(path, error) from error


def check_writable(folder: Path) -> None:
    """Find out whether files can be written to a folder, there or not yet, before the work; leaves no trace.

    Raises:
        FrameWriteError: they cannot.
    """
    made = [path for path in (folder, *folder.parents) if not path.exists()]
    probe = folder / f".probe{PART}"
    try:
        _replace(probe, b"\0")
    except OSError as error:
        raise _refused(folder, error) from error
    finally:
        with suppress(OSError):
            probe.unlink()
        for path in made:
            with suppress(OSError):
                path.rmdir()


def _replace(path: Path, data: bytes) -> None:
    # A name of its own for each attempt: two processes at one frame must not write into each other's file.
    part = path.with_name(f".{path.name}.{secrets.token_hex(4)}{PART}")
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        part.write_bytes(data)
        part.replace(path)
    except BaseException:
        part.unlink(missing_ok=True)
        raise


def _refused(path: Path, error: OSError) -> FrameWriteError:
    remedy = _REMEDIES.get(error.errno or 0, error.strerror or str(error))
    return FrameWriteError(f"{path}: cannot be written: {remedy}")
