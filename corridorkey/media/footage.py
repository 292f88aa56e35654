"""Footage: numbered pictures, or a movie; and one of its frames, wherever it is."""

from __future__ import annotations

from collections.abc import Mapping
from collections.abc import Sequence as Items
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from corridorkey.media.sequence import MOVIES, Sequence, find_sequence

if TYPE_CHECKING:
    from corridorkey.media.movie import Movie

_DIGITS = 4  # of a movie's frame numbers in the names of its outputs


class Footage(Protocol):
    """What a `Sequence` of pictures and a `Movie` have in common."""

    @property
    def is_still(self) -> bool:
        """One picture, which as a hint serves every frame."""
        ...

    @property
    def is_numbered(self) -> bool:
        """The numbers are the footage's own."""
        ...

    def __str__(self) -> str: ...

    def __len__(self) -> int: ...

    @property
    def frames(self) -> Items[int]:
        """The frame numbers, ascending."""
        ...

    @property
    def files(self) -> Mapping[int, object]:
        """Has a frame's number if there is that frame."""
        ...

    def gaps(self) -> str:
        """The numbers missing between first and last, as ranges."""
        ...


@dataclass(frozen=True, slots=True)
class MovieFrame:
    """One frame of a movie; a frame of a sequence is just its path.

    Attributes:
        movie: where it is.
        number: the frame's.
    """

    movie: Movie
    number: int

    def __str__(self) -> str:
        return f"{self.movie.path}, frame {self.number}"

    @property
    def index(self) -> int:
        """Its position in the movie, from 0."""
        return self.movie.index(self.number)

    @property
    def stem(self) -> str:
        """What its outputs are called: shot.0012 of shot.mov."""
        digits = max(_DIGITS, len(str(self.movie.frames[-1])))
        return f"{self.movie.path.stem}.{self.number:0{digits}d}"


Source = Path | MovieFrame
"""A frame to read: a picture's path, or a place in a movie."""


def is_movie(path: Path) -> bool:
    """Whether a path names a movie rather than pictures."""
    return path.suffix.lower() in MOVIES and not path.is_dir()


def find_footage(shot: str | Path, start_number: int | None = None) -> Footage:
    """Resolve a picture, a folder, a pattern, or a movie.

    Args:
        shot: what the user typed; see `find_sequence`.
        start_number: number of a movie's first frame; None takes its timecode's, else 0.
    Raises:
        MediaError: nothing is there, it could be more than one, or it cannot be read.
        BackendUnavailableError: a movie, and what reads movies is not installed.
    """
    path = Path(shot)
    if not is_movie(path) or not path.exists():
        return find_sequence(shot)
    from corridorkey.media.movie import open_movie

    return open_movie(path, start_number)


def frame_of(footage: Footage, number: int) -> Source:
    """One frame of footage.

    Raises:
        MediaError: there is none of that number.
    """
    if isinstance(footage, Sequence):
        return footage.path(number)
    from corridorkey.media.movie import Movie

    assert isinstance(footage, Movie)
    footage.index(number)
    return MovieFrame(footage, number)


def file_of(source: Source) -> Path:
    """The file a frame is in."""
    return source.movie.path if isinstance(source, MovieFrame) else source
