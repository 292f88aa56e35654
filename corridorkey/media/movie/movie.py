"""A movie as footage: numbered frames, as a sequence of pictures has them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from functools import cached_property
from pathlib import Path
from typing import Any

from corridorkey.errors import MediaError
from corridorkey.media.frames import frames_text
from corridorkey.media.movie import timecode as smpte
from corridorkey.media.movie.matrix import ColourRule
from corridorkey.media.movie.orientation import Orientation
from corridorkey.media.movie.timing import Timing


class _Positions(Mapping[int, int]):
    """Frame number -> position in the movie, without holding a number for each."""

    def __init__(self, numbers: range) -> None:
        self._numbers = numbers

    def __getitem__(self, number: int) -> int:
        if number not in self._numbers:
            raise KeyError(number)
        return self._numbers.index(number)

    def __contains__(self, number: object) -> bool:
        return number in self._numbers

    def __iter__(self) -> Iterator[int]:
        return iter(self._numbers)

    def __len__(self) -> int:
        return len(self._numbers)


@dataclass(frozen=True, eq=False)
class Movie:
    """A movie file; as a plate or a hint it stands where a `Sequence` does.

    Attributes:
        path: the file.
        start: number of its first frame.
        rate: frames per second, the mean where it varies.
        is_variable: frames are shown for different times.
        size: width and height as shown, after `orientation`, in pixels.
        pixel_format: libav's name, such as yuv422p10le.
        bits: of a colour sample.
        has_alpha: there is an alpha channel.
        codec: libav's name of the decoder.
        colour: how its numbers become RGB.
        orientation: how the picture is turned and mirrored to stand upright (phones).
        pixel_aspect: width of a pixel over its height.
        timecode: of the first frame, as in the file; empty if there is none.
        interlaced: the pictures are two fields.
        has_audio: there is sound.
        tick: seconds of one unit of `timing.pts`.
        timing: when each frame is shown.
        is_still, is_numbered: as a `Sequence`.
    """

    path: Path
    start: int
    rate: Fraction
    is_variable: bool
    size: tuple[int, int]
    pixel_format: str
    bits: int
    has_alpha: bool
    codec: str
    colour: ColourRule
    orientation: Orientation
    pixel_aspect: Fraction
    timecode: str
    interlaced: bool
    has_audio: bool
    tick: Fraction
    timing: Timing = field(repr=False)
    is_still: bool = False
    is_numbered: bool = True

    def __str__(self) -> str:
        return str(self.path)

    def __len__(self) -> int:
        return self.timing.promised

    @property
    def name(self) -> str:
        """The file's name."""
        return self.path.name

    @property
    def frames(self) -> range:
        """The frame numbers, ascending."""
        return range(self.start, self.start + len(self))

    @cached_property
    def files(self) -> Mapping[int, int]:
        """Frame number -> position in the movie, from 0."""
        return _Positions(self.frames)

    @property
    def duration(self) -> Fraction:
        """Seconds from the first frame's beginning to the last one's end."""
        return self.time(len(self) - 1) + 1 / self.rate

    @property
    def rule(self) -> str:
        """How the colours are read, as a line for people."""
        return self.colour.text

    def gaps(self) -> str:
        """The numbers missing between first and last: a movie has none."""
        return ""

    def index(self, number: int) -> int:
        """The position of a frame, from 0.

        Raises:
            MediaError: there is no such frame.
        """
        if number not in self.files:
            raise MediaError(f"{self}: there is no frame {number}; it has {_span(self.frames)}")
        return self.files[number]

    def number(self, index: int) -> int:
        """The number of the frame at a position."""
        return self.start + index

    def time(self, index: int) -> Fraction:
        """Seconds from the first frame to the one at `index`, both as they are shown."""
        pts = self.timing.pts
        return (pts[index] - pts[0]) * self.tick if index < len(pts) else index / self.rate

    def timecode_at(self, index: int) -> str:
        """The timecode of a frame; empty if the movie has none."""
        first = smpte.number_of(self.timecode, self.rate)
        return "" if first is None else smpte.text_of(first + index, self.rate, drop=smpte.is_drop(self.timecode))

    def header(self, index: int) -> dict[str, Any]:
        """What an EXR of a frame carries on: framesPerSecond, pixelAspectRatio, and timeCode up to 30 a second."""
        found: dict[str, Any] = {"framesPerSecond": self.rate, "pixelAspectRatio": float(self.pixel_aspect)}
        # SMPTE 12M counts no further than 30; above it pairs of frames share a number.
        if self.timecode and smpte.nominal(self.rate) <= 30 and (text := self.timecode_at(index)):
            found["timeCode"] = _exr_timecode(text)
        return found


def _exr_timecode(text: str) -> Any:
    from OpenEXR import TimeCode

    hours, minutes, seconds, frame = (int(part) for part in text.replace(";", ":").split(":"))
    code = TimeCode()
    code.hours, code.minutes, code.seconds, code.frame = hours, minutes, seconds, frame
    code.dropFrame = ";" in text
    return code


def _span(numbers: range) -> str:
    return f"{numbers[0]}-{numbers[-1]}" if len(numbers) > 1 else frames_text(numbers)
