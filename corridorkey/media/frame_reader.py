"""Frames of any footage, read one after the other: pictures by their paths, movies by readers that stay open."""

from __future__ import annotations

import logging
from contextlib import ExitStack
from threading import Lock
from types import TracebackType
from typing import TYPE_CHECKING, Self

from corridorkey.media.colorspace import colorspace_rule, converted, space_of
from corridorkey.media.footage import MovieFrame, Source, file_of
from corridorkey.media.notes import say_once
from corridorkey.media.read import read_hint, read_plate
from corridorkey.types import Array, Plate

if TYPE_CHECKING:
    from corridorkey.gamut import GamutCount
    from corridorkey.media.movie import MovieReader

log = logging.getLogger(__name__)


_DIFFER = (
    "%s: the frames of this clip differ in colour: %s; each is read, and written, as its own header says. "
    "--input-colorspace takes all alike"
)


class FrameReader:
    """Reads plates and hints. A context manager: leaving it closes the movies.

    Several threads may read; a movie's frames are decoded one at a time, best in their order.
    """

    def __init__(self, colorspace: str = "auto", count: GamutCount | None = None) -> None:
        """Set a reader up.

        Args:
            colorspace: --input-colorspace: plates are read as it says.
            count: told of each plate.
        Raises:
            SettingsError, BackendUnavailableError: there is no such colour space here.
        """
        space_of({}, colorspace)
        self._colorspace, self._count = colorspace, count
        self._spaces: set[str] = set()
        self._movies: dict[tuple[int, bool], MovieReader] = {}
        self._open, self._lock = ExitStack(), Lock()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._open.close()

    def plate(self, source: Source) -> Plate:
        """A frame as shot; see `read_plate`.

        Raises:
            FrameReadError: it cannot be read, or holds what is no colour.
        """
        plate = self._movie_plate(source) if isinstance(source, MovieFrame) else read_plate(source, self._colorspace)
        self._check_space(source, plate)
        if self._count:
            self._count.add(plate)
        return plate

    def hint(self, source: Source) -> Array:
        """Where the subject is; see `read_hint`.

        Raises:
            FrameReadError: it cannot be read, or it is not clear which channel is meant.
        """
        if not isinstance(source, MovieFrame):
            return read_hint(source)
        with self._lock:
            return self._reader(source, with_alpha=True).read_hint(source.index)

    def rule(self, source: Source, plate: Plate) -> str:
        """Which rule decided the colours of a plate that was read, as a line for people."""
        if isinstance(source, MovieFrame):
            space = space_of(plate.header, self._colorspace)
            return source.movie.rule + (f"; {space.name}, as --input-colorspace says" if space else "")
        return colorspace_rule(source, plate.header, self._colorspace)[1]

    def _check_space(self, source: Source, plate: Plate) -> None:
        space = space_of(plate.header, self._colorspace)
        with self._lock:
            self._spaces.add(space.name if space else plate.space)
            names = sorted(self._spaces)
        if len(names) > 1:
            say_once(log, logging.WARNING, _DIFFER, file_of(source).parent, " and ".join(names))

    def _movie_plate(self, source: MovieFrame) -> Plate:
        with self._lock:
            rgb, header = self._reader(source, with_alpha=False).read(source.index)
        if space := space_of(header, self._colorspace):
            return Plate(converted(source, rgb, space), "linear", header)
        return Plate(rgb, "linear" if self._colorspace == "linear" else "srgb", header)

    def _reader(self, source: MovieFrame, *, with_alpha: bool) -> MovieReader:
        from corridorkey.media.movie import MovieReader

        key = id(source.movie), with_alpha
        if key not in self._movies:
            self._movies[key] = self._open.enter_context(MovieReader(source.movie, with_alpha=with_alpha))
        return self._movies[key]
