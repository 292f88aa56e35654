"""What is on the disk, asked folder by folder: a question for each of 100,000 files would take too long."""

from __future__ import annotations

import os
from array import array
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from corridorkey.errors import FrameWriteError, SettingsError

Folders = Mapping[str, tuple[str, str]]  # output -> folder and suffix, as media.output.FOLDERS
MANY = 8  # files of a folder asked about singly, before the whole folder is


class Wanted(NamedTuple):
    """A frame a run is asked for.

    Attributes:
        number: the frame's.
        stem: name of its outputs without suffix.
        plate: its file.
        hint: its hint's file, None where it is made from the screen.
        plate_index: which picture of a movie the plate is, None for a picture.
        hint_index: the same for the hint.
        garbage, core: its mattes' files, None where there are none.
        garbage_index, core_index: the same for these.
    """

    number: int
    stem: str
    plate: Path
    hint: Path | None = None
    plate_index: int | None = None
    hint_index: int | None = None
    garbage: Path | None = None
    garbage_index: int | None = None
    core: Path | None = None
    core_index: int | None = None


@dataclass(frozen=True)
class Existing:
    """The outputs that are there.

    Attributes:
        files: how many of those asked for; names are compared as the disk does.
        first: the first of them, None if there are none.
        elsewhere: stems of the other outputs and frames that are there.
    """

    files: int
    first: Path | None
    elsewhere: frozenset[str]
    _rows: Mapping[str, int]
    _sizes: array[int]
    _width: int

    def sizes(self, stem: str) -> list[int]:
        """Bytes of each output of a frame asked for, -1 where it is not there."""
        row = self._rows[stem] * self._width
        return self._sizes[row : row + self._width].tolist()

    def refuse(self, out: Path) -> None:
        """Take none of the outputs asked for to be there.

        Args:
            out: the output folder.
        Raises:
            SettingsError: one is.
        """
        if self.first:
            raise SettingsError(
                f"{self.files} of this run's files are already in {out}, the first is {self.first.relative_to(out)}. "
                "Use --resume to keep what is whole and made alike, --overwrite, or another folder with -o."
            )

    def has(self, stem: str) -> bool:
        """Whether any output of a frame is there, asked for or not."""
        return stem in self.elsewhere or (stem in self._rows and max(self.sizes(stem)) >= 0)


def look_into(out: Path, frames: Sequence[Wanted], outputs: Sequence[str], folders: Folders) -> Existing:
    """Look for outputs.

    Args:
        out: the output folder.
        frames, outputs: what is asked for.
        folders: where each output goes, asked for or not.
    Raises:
        FrameWriteError: a folder cannot be looked at.
    """
    rows = {frame.stem: row for row, frame in enumerate(frames)}
    folded: dict[str, str] = {}
    sizes = array("q", [-1]) * (len(frames) * len(outputs))
    elsewhere: set[str] = set()
    files, first = 0, None
    for output, (name, suffix) in folders.items():
        column = outputs.index(output) if output in outputs else -1
        for entry in _entries(out / name):
            stem = entry.name[: -len(suffix)]
            row = rows.get(stem, -1)
            if row >= 0 and column >= 0 and entry.name.endswith(suffix):
                sizes[row * len(outputs) + column] = _size(entry)
            elif entry.name.casefold().endswith(suffix):
                elsewhere.add(stem)
                # Only the disk knows whether it tells upper from lower case.
                folded = folded or {stem.casefold(): stem for stem in rows}
                asked = folded.get(stem.casefold()) if column >= 0 else None
                if asked is None or not (out / name / f"{asked}{suffix}").exists():
                    continue
            else:
                continue
            files, first = files + 1, first or Path(entry.path)
    return Existing(files, first, frozenset(elsewhere), rows, sizes, len(outputs))


class Stats:
    """Size and date of many plates, hints and mattes."""

    def __init__(self, frames: Sequence[Wanted]) -> None:
        """Take the frames whose files will be asked about; nothing is looked at yet."""
        self._many = len(frames) > MANY
        self._folders: dict[str, dict[str, tuple[int, int]]] = {}

    def of(self, path: Path) -> tuple[int, int] | None:
        """Size in bytes and mtime in ns; None if the file cannot be found."""
        if not self._many:
            return _stat(path)
        folder, name = os.path.split(path)
        if folder not in self._folders:
            self._folders[folder] = dict(_stats(folder))
        return self._folders[folder].get(name)


def _size(entry: os.DirEntry[str]) -> int:
    try:
        return entry.stat().st_size
    except OSError:  # a link that leads nowhere
        return -1


def _stat(path: Path | os.DirEntry[str]) -> tuple[int, int] | None:
    try:
        stat = path.stat()
    except OSError:
        return None
    return stat.st_size, stat.st_mtime_ns


def _stats(folder: str) -> Iterator[tuple[str, tuple[int, int]]]:
    try:
        with os.scandir(folder or ".") as entries:
            for entry in entries:
                if found := _stat(entry):
                    yield entry.name, found
    except OSError:
        return


def _entries(folder: Path) -> Iterator[os.DirEntry[str]]:
    try:
        with os.scandir(folder) as entries:
            yield from entries
    except (FileNotFoundError, NotADirectoryError):
        return
    except OSError as error:
        raise FrameWriteError(f"{folder}: cannot be looked at: {error.strerror or error}") from error
