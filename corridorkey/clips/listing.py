"""What lies in a folder, for layouts whose names may be in any case."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from corridorkey.errors import MediaError
from corridorkey.media.sequence import MOVIES, SUFFIXES


@dataclass(frozen=True, slots=True)
class Listing:
    """A folder's visible entries; links count as what they lead to.

    Attributes:
        folders: sub-folders, by name.
        movies: movie files, by name.
        has_pictures: whether a picture lies directly in it.
    """

    folders: tuple[Path, ...]
    movies: tuple[Path, ...]
    has_pictures: bool

    def named(self, name: str) -> list[Path]:
        """The folders of that name in any case, then the movies."""
        folders = [path for path in self.folders if path.name.casefold() == name.casefold()]
        return folders + [path for path in self.movies if path.stem.casefold() == name.casefold()]


def list_folder(folder: Path) -> Listing:
    """Look at a folder, and into none below it.

    Raises:
        MediaError: it cannot be read.
    """
    folders, movies, has_pictures = [], [], False
    try:
        with os.scandir(folder) as entries:
            for entry in entries:
                if entry.name.startswith("."):
                    continue
                try:
                    is_folder, is_file = entry.is_dir(), entry.is_file()
                except OSError:  # a link in a circle, or to where nobody may look
                    continue
                suffix = os.path.splitext(entry.name)[1].lower()  # noqa: PTH122  (a Path for each of 100,000 is slow)
                if is_folder:
                    folders.append(folder / entry.name)
                elif suffix in MOVIES and is_file:
                    movies.append(folder / entry.name)
                elif suffix in SUFFIXES:
                    has_pictures = has_pictures or is_file
    except OSError as error:
        raise MediaError(f"{folder}: the folder cannot be read: {error.strerror or error}") from error
    return Listing(tuple(sorted(folders)), tuple(sorted(movies)), has_pictures)


def stems_in(folder: Path, suffix: str) -> set[str]:
    """Names, without it, of the files of that suffix in a folder; none if there is no such folder.

    Raises:
        MediaError: it cannot be read.
    """
    try:
        return {name[: -len(suffix)] for name in os.listdir(folder) if name.endswith(suffix)}  # noqa: PTH208
    except (FileNotFoundError, NotADirectoryError):
        return set()
    except OSError as error:
        raise MediaError(f"{folder}: the folder cannot be read: {error.strerror or error}") from error
