"""Movies out: whole under their name, or not at all."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from fractions import Fraction
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

import numpy as np

from corridorkey.errors import CorridorKeyError, FrameWriteError, SettingsError
from corridorkey.files import refusing
from corridorkey.media.movie.audio import Sound
from corridorkey.media.movie.chroma import halve
from corridorkey.media.movie.container import libav, opened
from corridorkey.media.movie.kinds import KINDS, MovieKind
from corridorkey.media.movie.matrix import from_rgb
from corridorkey.media.movie.planes import plane_rows
from corridorkey.parts import part_of
from corridorkey.types import Array

if TYPE_CHECKING:
    from av.container import OutputContainer
    from av.video.frame import VideoFrame
    from av.video.stream import VideoStream

_TICKS = 90_000  # a second, where frames are shown for different times
_BT709, _LIMITED = 1, 1  # H.273's codes


class MovieWriter:
    """Writes a movie frame by frame into a hidden .part file, which gets its name when all is whole.

    A context manager: left by an exception, it removes what it wrote and leaves what was there before.

    Colours are display values (sRGB), BT.709 primaries; the stream is tagged BT.709, limited range. Sides of odd length
    are padded to even ones for h264 by repeating the last column or row; prores4444 keeps any size.
    """

    def __init__(
        self,
        path: Path,
        kind: MovieKind,
        size: tuple[int, int],
        rate: Fraction,
        *,
        pixel_aspect: Fraction = Fraction(1),
        timecode: str = "",
        audio_from: Path | None = None,
        start_frame: int = 0,
        start_time: Fraction | None = None,
        is_variable: bool = False,
    ) -> None:
        """Nothing is opened before `with`.

        Args:
            path: of the movie; .mov for prores4444, .mp4, .m4v or .mov for h264.
            kind: "prores4444" (RGBA, straight or premultiplied as given) or "h264" (RGB).
            size: width and height.
            rate: frames per second.
            pixel_aspect: width of a pixel over its height.
            timecode: of the first frame; empty writes none.
            audio_from: a movie whose sound is carried over, copied where the container takes its codec, else as AAC.
            start_frame: position in that movie, from 0, of the first frame written: its sound begins there.
            start_time: the same in seconds, where frames of that movie are shown for different times.
            is_variable: `write` is given times.
        Raises:
            SettingsError: no such kind, or another suffix than the kind's.
        """
        if kind not in KINDS:
            raise SettingsError(f"movie {kind!r}: choose {' or '.join(KINDS)}")
        if path.suffix.lower() not in KINDS[kind].containers:
            raise SettingsError(f"{path}: {kind} is written as {' or '.join(KINDS[kind].containers)}")
        self._path, self._kind, self._size = path, KINDS[kind], size
        self._rate, self._pixel_aspect, self._timecode = rate, pixel_aspect, timecode
        self._audio_from, self._is_variable = audio_from, is_variable
        self._audio_start = start_frame / rate if start_time is None else start_time
        self._tick = Fraction(1, _TICKS) if is_variable else 1 / rate
        self._part = part_of(path)
        self._container: OutputContainer | None = None
        self._sound: Sound | None = None
        self._written, self._next = 0, 0

    def __enter__(self) -> Self:
        try:
            with self._refusing():
                self._open()
        except BaseException:
            self._remove()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            if error is None:
                with self._refusing():
                    self._finish()
        finally:
            self._remove()

    def write(self, picture: Array, time: Fraction | None = None) -> None:
        """Add a frame.

        Args:
            picture: (H, W, 4) or (H, W, 3) float32, as the kind has it, display-encoded (sRGB), alpha linear; clipped
                to 0..1.
            time: seconds after the first frame, if the writer `is_variable`; ascending.
        Raises:
            FrameWriteError: another size, NaN or infinity, times that do not ascend, or a disk that refuses.
        """
        assert self._container is not None, "write() outside `with`"
        pts = self._written if time is None else round(time / self._tick)
        if pts < self._next or (time is None) == self._is_variable:
            raise FrameWriteError(f"{self._path}: frame {self._written} has no time after the one before")
        frame = self._frame(picture)
        frame.pts, frame.time_base = pts, self._tick
        with self._refusing():
            self._container.mux(self._stream.encode(frame))
            if self._sound is not None:
                self._sound.mux_until(pts * self._tick)
        self._written, self._next = self._written + 1, pts + 1

    def _open(self) -> None:
        av, kind = libav(), self._kind
        self._path.parent.mkdir(parents=True, exist_ok=True)
        self._part.touch(exist_ok=False)  # the system's own error, if it refuses
        container = kind.containers[self._path.suffix.lower()]
        self._container = av.open(
            f"file:{self._part.absolute()}", "w", format=container, container_options={"movflags": "faststart"}
        )
        if self._timecode:
            self._container.metadata["timecode"] = self._timecode
        stream: Any = self._container.add_stream(kind.codec, rate=self._rate, options=dict(kind.options))
        self._stream: VideoStream = stream
        context = self._stream.codec_context
        context.width, context.height = (side + side % 2 if kind.even else side for side in self._size)
        context.pix_fmt, context.time_base, context.thread_type = kind.pixel_format, self._tick, "AUTO"
        context.sample_aspect_ratio = self._pixel_aspect
        context.colorspace = context.color_primaries = context.color_trc = _BT709
        context.color_range = _LIMITED
        if self._audio_from is not None:
            self._sound = Sound(self._audio_from, self._container, container, self._audio_start)

    def _finish(self) -> None:
        assert self._container is not None
        if not self._written:
            raise FrameWriteError(f"{self._path}: no frame was given; nothing was written")
        self._container.mux(self._stream.encode(None))
        if self._sound is not None:
            self._sound.mux_until((self._next - 1) * self._tick + 1 / self._rate)
            self._sound.close()
        container, self._container = self._container, None
        container.close()
        self._check()
        self._part.replace(self._path)

    def _check(self) -> None:
        # A disk may refuse bytes without the muxer's saying so.
        with opened(self._part) as (_, stream):
            found = len(stream.index_entries)
        if found != self._written:
            raise FrameWriteError(f"{self._path}: {found} of {self._written} frames arrived on disk; write elsewhere")

    def _frame(self, picture: Array) -> VideoFrame:
        width, height = self._size
        channels = 4 if self._kind.has_alpha else 3
        if picture.shape != (height, width, channels):
            raise FrameWriteError(
                f"{self._path}: frame {self._written} is {picture.shape}; it must be {(height, width, channels)}"
            )
        if not np.isfinite(picture).all():
            raise FrameWriteError(f"{self._path}: frame {self._written} holds NaN or infinity; it is not written")
        picture = np.clip(np.asarray(picture, np.float32), 0, 1)
        if self._kind.even:
            picture = np.pad(picture, ((0, height % 2), (0, width % 2), (0, 0)), mode="edge")
        y, cb, cr = from_rgb(picture[..., :3], self._kind.bits)
        planes = [y, halve(cb), halve(cr)] if self._kind.even else [y, cb, cr]
        if self._kind.has_alpha:
            planes.append(picture[..., 3] * np.float32(2**self._kind.bits - 1))
        return _filled(self._kind.pixel_format, planes, self._kind.bits)

    @contextmanager
    def _refusing(self) -> Iterator[None]:
        with refusing(self._path):
            try:
                yield
            except (CorridorKeyError, OSError):
                raise
            except (libav().error.FFmpegError, ValueError) as error:
                raise FrameWriteError(f"{self._path}: cannot be encoded: {error}") from error

    def _remove(self) -> None:
        """Close and delete what is not finished."""
        # An unwritten trailer raises once more; the first error is the one to tell.
        with suppress(OSError, ValueError, RuntimeError):
            if self._sound is not None:
                self._sound.abandon()
        with suppress(OSError, ValueError, RuntimeError):
            if self._container is not None:
                self._container.close()
        self._container = None
        with suppress(OSError):
            self._part.unlink()


def _filled(pixel_format: str, planes: list[Array], bits: int) -> VideoFrame:
    """A frame of these codes, rounded."""
    frame: VideoFrame = libav().VideoFrame(planes[0].shape[1], planes[0].shape[0], pixel_format)
    frame.colorspace = frame.color_primaries = frame.color_trc = _BT709  # ProRes writes what each frame says
    frame.color_range = _LIMITED
    kind = np.uint8 if bits == 8 else np.uint16
    for plane, codes in zip(frame.planes, planes, strict=True):
        rows = plane_rows(plane)
        rows[:, : plane.width * np.dtype(kind).itemsize] = np.rint(codes).astype(kind).view(np.uint8)
    return frame
