"""Files whole: read at once, written so that a final name never holds half a file."""

from __future__ import annotations

import errno
import hashlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from functools import partial
from pathlib import Path
from typing import TypeVar

from corridorkey.errors import FrameReadError, FrameWriteError
from corridorkey.parts import PART as PART
from corridorkey.parts import part_of

T = TypeVar("T")
_TRIES = 5  # at a folder that goes away under the hand

_REMEDIES = {
    errno.ENOSPC: "the disk is full; free some space or write elsewhere",
    errno.EDQUOT: "the disk quota is used up; free some space or write elsewhere",
    errno.EFBIG: "the file system takes no file this large; write elsewhere",
    errno.EACCES: "not allowed to write there; change the folder's permissions or write elsewhere",
    errno.EPERM: "not allowed to write there; change the folder's permissions or write elsewhere",
    errno.EROFS: "the disk is read-only; write elsewhere",
    errno.ENOTDIR: "a file is where a folder should be; move it away or write elsewhere",
    errno.EEXIST: "a file is where a folder should be; move it away or write elsewhere",
    errno.EISDIR: "a folder has that name; move it away or write elsewhere",
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


def sha256_of(path: Path) -> str:
    """A file's sha256, 64 hex digits.

    Raises:
        OSError: it cannot be read.
    """
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def write_file(path: Path, data: bytes) -> None:
    """Write a file so that, killed at any moment, `path` holds the old bytes, the new ones or nothing.

    Raises:
        FrameWriteError: it cannot be written; nothing is left behind.
    """
    write_files({path: data})


def write_files(contents: Mapping[Path, bytes]) -> None:
    """Write files that belong together, so that no failure and no signal leaves some of them; only a kill may.

    All bytes are on disk under names of their own before the first file gets its final name. Once it has, a signal's
    exception waits for the others.

    Raises:
        FrameWriteError: one cannot be written; of these files none is left that was not there before.
    """
    # A name of its own for each attempt: two processes at one frame must not write into each other's file.
    parts = {part_of(path): path for path in contents}
    try:
        for part, path in parts.items():
            with refusing(path):
                in_folder(path.parent, partial(part.write_bytes, contents[path]))
        _put_in_place(parts)
    except BaseException:
        _remove(parts)
        raise


def append_file(path: Path, line: bytes) -> None:
    """Add bytes to the end of a file in one write, so that several processes may do so at once.

    Local disks keep such writes apart; network disks and Windows may mix or lose one, and a full disk may cut it: give
    lines that can be checked.

    Raises:
        FrameWriteError: it cannot be written, or not all of it.
    """
    with refusing(path), in_folder(path.parent, lambda: path.open("ab", buffering=0)) as file:
        if file.write(line) != len(line):
            raise OSError(errno.ENOSPC, "the disk took only a part")


def check_writable(folder: Path) -> None:
    """Find out whether files can be written to a folder, there or not yet, before the work; leaves no trace.

    Raises:
        FrameWriteError: they cannot.
    """
    probe = part_of(folder / "probe")
    with refusing(folder):
        made = [path for path in (folder, *folder.parents) if not path.exists()]
        try:
            in_folder(folder, partial(probe.write_bytes, b"\0"))
        finally:
            _remove([probe])
            for path in made:
                with suppress(OSError):
                    path.rmdir()


def in_folder(folder: Path, act: Callable[[], T]) -> T:
    """Act in a folder that may have to be made, and that another process's `check_writable` may remove in between."""
    for _ in range(_TRIES):
        with suppress(FileNotFoundError):
            folder.mkdir(parents=True, exist_ok=True)
            return act()
    folder.mkdir(parents=True, exist_ok=True)
    return act()


def _put_in_place(parts: Mapping[Path, Path]) -> None:
    new = []
    for path in parts.values():
        with refusing(path):
            new += [] if path.exists() else [path]
    try:
        try:
            _rename(parts)
        except FrameWriteError:
            raise
        except BaseException:
            _rename({part: path for part, path in parts.items() if part.exists()})
            raise
    except FrameWriteError:
        _remove(path for part, path in parts.items() if path in new and not part.exists())
        raise


def _rename(parts: Mapping[Path, Path]) -> None:
    for part, path in parts.items():
        with refusing(path):
            part.replace(path)


def _remove(paths: Iterable[Path]) -> None:
    for path in paths:
        with suppress(OSError):
            path.unlink()


@contextmanager
def refusing(path: Path) -> Iterator[None]:
    """Turn what the system says against writing a file into an error with its remedy.

    Raises:
        FrameWriteError: the body could not write `path`.
    """
    try:
        yield
    except OSError as error:
        remedy = _REMEDIES.get(error.errno or 0, error.strerror or str(error))
        raise FrameWriteError(f"{path}: cannot be written: {remedy}") from error
