"""Frames out of a movie, in any order, each exactly the one asked for."""

from __future__ import annotations

import logging
from collections import deque
from collections.abc import Iterator
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self, cast

import numpy as np

from corridorkey.errors import FrameReadError
from corridorkey.media.frames import frames_text
from corridorkey.media.limits import check_colours, check_finite
from corridorkey.media.movie.container import libav, open_container, picture_stream, refusing
from corridorkey.media.movie.movie import Movie
from corridorkey.media.movie.planes import channels_of, rgb_of
from corridorkey.media.movie.probe import decoder_options
from corridorkey.media.movie.timing import Start, frame_packets, is_intra, is_shown
from corridorkey.media.read import mask_of
from corridorkey.types import Array

if TYPE_CHECKING:
    from av.container import InputContainer
    from av.packet import Packet
    from av.video.codeccontext import VideoCodecContext
    from av.video.frame import VideoFrame
    from av.video.stream import VideoStream

log = logging.getLogger(__name__)

_LEAVE_OUT = "copy or export it again, or leave them out with --frames"
_WORTH_A_SEEK = 16  # packets: reading on is cheaper than seeking that far
# The usual decoders of these drop the alpha that Matroska keeps beside each picture.
_WITH_ALPHA = {"vp9": "libvpx-vp9", "vp8": "libvpx"}


class MovieReader:
    """Reads a movie's frames; sequential reading decodes each once. A context manager, for one thread at a time.

    Attributes:
        movie: what is read.
        damaged: numbers of frames that the decoder could only patch up, so far.
    """

    def __init__(self, movie: Movie, *, with_alpha: bool = False) -> None:
        """With `with_alpha`, VP8 and VP9 are decoded by the slower decoder that keeps their alpha."""
        self.movie = movie
        self.damaged: list[int] = []
        self._with_alpha = with_alpha and movie.has_alpha
        self._container: InputContainer | None = None
        self._last: tuple[int, VideoFrame] | None = None
        self._packets: Iterator[Packet[VideoStream]] = iter(())
        self._first_pts: int | None = None
        self._at_pts = {pts: index for index, pts in enumerate(movie.timing.pts)}

    def __enter__(self) -> Self:
        self._restart()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the file."""
        if len(self.damaged) > 1:
            log.warning("%s: damaged frames were patched up: %s", self.movie, frames_text(self.damaged))
        self._shut()

    def read(self, index: int) -> tuple[Array, dict[str, Any]]:
        """A frame as a plate.

        Args:
            index: its position in the movie, from 0.
        Returns:
            (H, W, 3) float32, upright, coded as the stream has it, 0..1 unless the stream is float; and what an EXR
            of it carries on.
        Raises:
            FrameReadError: it is missing or damaged beyond decoding, or holds what is no colour.
        """
        rgb = self.movie.orientation.apply(rgb_of(self._channels(index)))
        if self.movie.bits == 32:  # codes are 0..1 already
            check_colours(self.movie.path, rgb)
        return rgb, self.movie.header(index)

    def read_hint(self, index: int) -> Array:
        """A frame as a hint, by the rules of `read.read_hint`: alpha if it varies, else grey or the mean.

        Returns:
            (H, W) float32, clipped to 0..1.
        Raises:
            FrameReadError: as `read`.
        """
        name, hint = mask_of(self.movie.path, self._channels(index))
        log.debug("%s: the hint of frame %d is %s", self.movie, self.movie.number(index), name)
        check_finite(self.movie.path, hint)
        return np.clip(self.movie.orientation.apply(hint), 0, 1)

    def _channels(self, index: int) -> dict[str, Array]:
        frame = self._frame(index)
        what = f"{self.movie}: frame {self.movie.number(index)} cannot be decoded"
        with refusing(what, _LEAVE_OUT):
            size = (frame.width, frame.height)
            if (size[::-1] if self.movie.orientation.transposed else size) != self.movie.size:
                raise FrameReadError(f"{what}: it is {size[0]} × {size[1]} pixels, other than the first; cut it there")
            return channels_of(frame, self.movie.colour, self.movie.codec)

    def _frame(self, index: int) -> VideoFrame:
        if not 0 <= index < len(self.movie):
            raise FrameReadError(f"{self.movie}: there is no frame {self.movie.number(index)}")
        if index >= self.movie.timing.there:
            raise self._missing(index, len(self.movie), "the file ends before it")
        if self._last is not None and self._last[0] == index:
            return self._last[1]
        if self._container is None:
            raise FrameReadError(f"{self.movie}: the reader is closed; open it with `with`")
        self._go_near(index)
        while self._ready or self._more():
            at, frame = self._ready[0]
            if at > index:
                raise self._missing(index, at, self._fault)
            self._ready.popleft()
            self._next = at + 1
            if at == index:
                self._last = (index, frame)
                self._report(index, frame)
                return frame
        raise self._missing(index, self.movie.timing.there, self._fault)

    def _go_near(self, index: int) -> None:
        """Bring the decoder to where frame `index` is still to come, if it is not."""
        start = self.movie.timing.start_for(index)
        is_behind = index < self._next
        is_far = start is not None and start.position > self._fed + _WORTH_A_SEEK
        if not is_behind and not is_far:
            return
        if start is None or not self._seek(start, index):
            self._restart()

    def _seek(self, start: Start, index: int) -> bool:
        """Go to a keyframe; False if the container did not land where frame `index` is still to come."""
        assert self._container is not None
        timing = self.movie.timing
        # Matroska's index has the times of showing, the others' the times of decoding.
        is_matroska = self._container.format.name.startswith("matroska")
        try:
            with refusing(str(self.movie), _LEAVE_OUT):
                self._container.seek(start.pts if is_matroska else start.dts, stream=self._stream)
                self._decoder.flush_buffers()
        except FrameReadError:
            return False
        self._packets = frame_packets(self._container, self._stream)
        self._ready.clear()
        first = next((packet for packet in self._packets if packet.is_keyframe), None)
        found = None if first is None else self._position(first)
        if first is None or first.pts is None or found is None:
            return False
        if found > timing.positions[index] or first.pts > timing.pts[index]:
            return False
        self._fed, self._ended, self._fault, self._next = found - 1, False, "", 0
        self._first_pts = first.pts
        self._feed(first)
        return True

    def _restart(self) -> None:
        """Open the file anew: wherever its index lies, this is its beginning."""
        self._shut()
        self._container = open_container(self.movie.path)
        self._stream: VideoStream = picture_stream(self.movie.path, self._container)
        self._decoder: VideoCodecContext = self._open_decoder()
        self._packets = frame_packets(self._container, self._stream)
        self._ready: deque[tuple[int, VideoFrame]] = deque()
        self._fed, self._next, self._out = -1, 0, 0
        self._ended, self._fault = False, ""
        self._first_pts = None

    def _open_decoder(self) -> VideoCodecContext:
        decoder = self._stream.codec_context
        if self._with_alpha and decoder.name in _WITH_ALPHA:
            decoder = cast("VideoCodecContext", libav().CodecContext.create(_WITH_ALPHA[decoder.name], "r"))
        decoder.options = decoder_options()
        decoder.thread_type = "AUTO"
        return decoder

    def _shut(self) -> None:
        self._last = None
        if self._container is not None:
            self._container.close()
            self._container = None

    def _more(self) -> bool:
        """Feed packets until a frame comes out; False at the end."""
        while not self._ready and not self._ended:
            packet = next(self._packets, None)
            self._ended = packet is None
            self._feed(packet)
        return bool(self._ready)

    def _feed(self, packet: Packet[VideoStream] | None) -> None:
        if packet is not None:
            self._fed += 1
        try:
            with refusing("the decoder", "damaged"):
                frames = self._decoder.decode(packet)
        except FrameReadError as error:
            self._fault, frames = str(error), []
            if not self._at_pts and not is_intra(self._stream):
                # Frames that are only counted are not to be counted wrong.
                raise self._missing(self._out, self.movie.timing.there, self._fault) from error
            if not self._at_pts and packet is not None and is_shown(self._decoder.name, packet):
                self._out += 1
        for frame in frames:
            index = self._index_of(frame)
            if index is not None:
                self._ready.append((index, frame))

    def _index_of(self, frame: VideoFrame) -> int | None:
        if not self._at_pts:
            self._out += 1
            return self._out - 1
        # What is shown before the keyframe that decoding began at leans on frames that were not decoded.
        if frame.pts is None or (self._first_pts is not None and frame.pts < self._first_pts):
            return None
        return self._at_pts.get(frame.pts)

    def _position(self, packet: Packet[VideoStream]) -> int | None:
        timing = self.movie.timing
        if packet.pts in self._at_pts:
            return timing.positions[self._at_pts[packet.pts]]
        return next((start.position for start in timing.starts if start.pts == packet.pts), None)

    def _report(self, index: int, frame: VideoFrame) -> None:
        if not frame.is_corrupt:
            return
        number = self.movie.number(index)
        if not self.damaged:
            log.warning("%s: frame %d is damaged, and was patched up; look at it", self.movie, number)
        if number not in self.damaged:
            self.damaged.append(number)

    def _missing(self, first: int, end: int, reason: str) -> FrameReadError:
        numbers = range(self.movie.number(first), self.movie.number(max(end, first + 1)))
        what = f"frame {numbers[0]} is" if len(numbers) == 1 else f"frames {numbers[0]}-{numbers[-1]} are"
        because = f" ({reason})" if reason else ""
        return FrameReadError(f"{self.movie}: {what} missing or damaged beyond decoding{because}; {_LEAVE_OUT}")
