"""Every frame of a movie before any is decoded: how many there are, when each is shown, where decoding may begin."""

from __future__ import annotations

import logging
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING

from corridorkey.errors import FrameReadError
from corridorkey.media.frames import MAX_FRAMES
from corridorkey.media.movie.container import libav, refusing

if TYPE_CHECKING:
    from av.container import InputContainer
    from av.packet import Packet
    from av.video.stream import VideoStream

log = logging.getLogger(__name__)

_VP8_SHOWN = 0x10  # of a VP8 frame's first byte (RFC 6386, 9.1)
_AT_ONCE = 1_000_000  # frames that a header may promise without showing any


@dataclass(frozen=True, slots=True)
class Start:
    """A packet where decoding may begin."""

    position: int
    pts: int
    dts: int


@dataclass(frozen=True, slots=True)
class Timing:
    """When the frames of a stream are shown.

    Attributes:
        pts: of each frame that is in the file, in the stream's ticks, ascending: frame i of the movie is the one shown
            at pts[i]. Empty if the stream has no sound timestamps; then frames are counted as they come out.
        positions: of each frame's packet among all packets of the stream.
        starts: keyframes, in the order of the file.
        there: frames in the file.
        promised: frames that its header speaks of, never fewer than `there`.
        seekable: a packet's timestamp tells which one it is.
    """

    pts: tuple[int, ...]
    positions: tuple[int, ...]
    starts: tuple[Start, ...]
    there: int
    promised: int
    seekable: bool

    def start_for(self, index: int) -> Start | None:
        """The last keyframe from which frame `index` comes out whole; None if that is the beginning of the file.

        Frames that follow a keyframe in the file but are shown before it (an open group) need the keyframe before.
        """
        if not (self.seekable and self.pts):
            return None
        at = bisect_right(self.starts, self.positions[index], key=lambda start: start.position)
        return next((start for start in reversed(self.starts[:at]) if start.pts <= self.pts[index]), None)

    def is_variable(self, tick: Fraction) -> bool:
        """Whether frames are shown for different times, beyond what `tick` (seconds) must round."""
        if len(self.pts) < 3:
            return False
        mean = Fraction(self.pts[-1] - self.pts[0], len(self.pts) - 1)
        # Matroska rounds to milliseconds: a frame may be off by a tick, a difference by two.
        limit = 2 if tick >= Fraction(1, 1000) else 1
        return any(abs(pts - self.pts[0] - mean * i) > limit for i, pts in enumerate(self.pts))


def read_timing(path: Path, container: InputContainer, stream: VideoStream) -> Timing:
    """Find every frame, by the file's index where each of its entries is one, else by reading all packets.

    Raises:
        FrameReadError: there is none, or more than MAX_FRAMES.
    """
    timing = _from_index(path, container, stream) or _from_packets(path, container, stream)
    if not timing.there:
        raise FrameReadError(f"{path}: there are no pictures in it; it is truncated or empty, export or copy it again")
    if timing.promised > MAX_FRAMES:
        raise FrameReadError(f"{path}: it claims {timing.promised:,} frames; at most {MAX_FRAMES:,} are read")
    return timing


def frame_packets(container: InputContainer, stream: VideoStream) -> Iterator[Packet[VideoStream]]:
    """The packets that hold data; a file that breaks off ends them."""
    fault = libav().error.FFmpegError
    packets = container.demux(stream)
    while True:
        try:
            packet = next(packets)
        except StopIteration:
            return
        except fault as error:  # also its MemoryError: a damaged length asks for too much
            log.warning("%s: the file cannot be read to its end: %s", container.name.removeprefix("file:"), error)
            return
        if packet.size:
            yield packet


def is_shown(codec: str, packet: Packet[VideoStream]) -> bool:
    """Whether a picture comes out of a packet: not if an edit list cuts it, nor if VP8 hides it."""
    return not (packet.is_discard or (codec == "vp8" and not bytes(packet)[0] & _VP8_SHOWN))


def _from_index(path: Path, container: InputContainer, stream: VideoStream) -> Timing | None:
    # A QuickTime index has every frame; without reordering its times are those of showing. Reading 50 GB of ProRes to
    # count it would take minutes.
    if not (container.format.name.startswith("mov") and is_intra(stream) and len(stream.index_entries)):
        return None
    _check_promise(path, len(stream.index_entries))
    entries = list(stream.index_entries)
    # A fragmented file's index grows as it is read.
    if len(entries) != stream.frames and not any(entry.is_discard for entry in entries):
        return None
    starts = [Start(i, entry.timestamp, entry.timestamp) for i, entry in enumerate(entries)]
    shown = [start for start, entry in zip(starts, entries, strict=True) if not entry.is_discard]
    return _timing(shown, starts, len(entries), len(shown))


def _from_packets(path: Path, container: InputContainer, stream: VideoStream) -> Timing:
    shown, starts, position = [], [], -1
    # AVI has no times of showing; what libav makes up where frames are reordered is wrong.
    timed = not (container.format.name == "avi" and stream.codec_context.codec.reorder)
    for position, packet in enumerate(frame_packets(container, stream)):
        _check_promise(path, position)
        pts = packet.pts if packet.pts is not None else packet.dts
        timed &= packet.pts is not None
        start = Start(position, pts or 0, packet.dts if packet.dts is not None else pts or 0)
        if packet.is_keyframe:
            starts.append(start)
        if is_shown(stream.codec_context.name, packet):
            shown.append(start)
    promised = _promised(path, container, stream, len(shown))
    # A broadcast is joined at any packet; a file's beginning is its own, and its numbers must not move.
    joined = timed and container.format.name.startswith("mpeg")
    whole = _after_first_start(shown, starts) if joined else shown
    if cut := len(shown) - len(whole):
        log.warning("%s: %d frames at its beginning need one that was cut off; they are left out", path, cut)
    return _timing(whole, starts, position + 1, promised - cut, timed)


def _after_first_start(shown: list[Start], starts: list[Start]) -> list[Start]:
    if not starts:
        return shown
    first = starts[0]
    return [start for start in shown if start.position >= first.position and start.pts >= first.pts]


def _timing(shown: list[Start], starts: list[Start], packets: int, promised: int, timed: bool = True) -> Timing:
    there = len(shown)
    timed = timed and len({start.pts for start in shown}) == there
    in_order = sorted(shown, key=lambda start: start.pts) if timed else []
    known = {start.pts for start in shown} | {start.pts for start in starts}
    hidden_starts = {start.position for start in starts} - {start.position for start in shown}
    return Timing(
        pts=tuple(start.pts for start in in_order),
        positions=tuple(start.position for start in in_order),
        starts=tuple(starts),
        there=there,
        promised=max(there, promised),
        # A keyframe that an edit list cuts may bear the time of a frame that is shown.
        seekable=timed and packets > 0 and len(known) == there + len(hidden_starts),
    )


def _promised(path: Path, container: InputContainer, stream: VideoStream, there: int) -> int:
    entries = stream.index_entries
    if container.format.name.startswith("mov"):
        _check_promise(path, len(entries))
        return sum(not entry.is_discard for entry in entries)
    tag = stream.metadata.get("NUMBER_OF_FRAMES", "")
    said = int(tag) if tag.isascii() and tag.isdigit() and len(tag) < 10 else stream.frames
    # An AVI may count fields, a VP8 file its hidden frames.
    is_plain = there <= said <= there + _AT_ONCE and stream.codec_context.name != "vp8"
    return said if is_plain else there


def _check_promise(path: Path, count: int) -> None:
    if count > MAX_FRAMES:
        raise FrameReadError(f"{path}: it has more than {MAX_FRAMES:,} frames; cut it into shorter movies")


def is_intra(stream: VideoStream) -> bool:
    """Whether each frame of the stream's codec stands alone."""
    with refusing(str(stream), "export it again"):
        return bool(stream.codec_context.codec.intra_only)
