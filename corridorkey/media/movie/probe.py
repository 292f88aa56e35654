"""What a movie is, found out without decoding more than its first picture."""

from __future__ import annotations

import logging
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING

from corridorkey.errors import FrameReadError
from corridorkey.media import limits
from corridorkey.media.movie import timecode as smpte
from corridorkey.media.movie.container import opened, refusing
from corridorkey.media.movie.matrix import Tags, colour_rule
from corridorkey.media.movie.movie import Movie
from corridorkey.media.movie.orientation import UPRIGHT, orientation_of
from corridorkey.media.movie.planes import bits_of
from corridorkey.media.movie.timing import Timing, frame_packets, read_timing

if TYPE_CHECKING:
    from av.container import InputContainer
    from av.video.frame import VideoFrame
    from av.video.stream import VideoStream

log = logging.getLogger(__name__)

_DAMAGED = "it is damaged, or no decoder here knows its kind; export or copy it again"
_UNSPECIFIED = 2  # H.273's code for matrix, transfer and primaries
_TRIES = 300  # packets looked at for a first picture


def open_movie(path: Path, start_number: int | None = None, *, any_transfer: bool = False) -> Movie:
    """Look at a movie: its frames' times and its first picture.

    Args:
        path: the file.
        start_number: of the first frame; None takes the file's start timecode (01:00:00:00 at 24 is 86400), else 0.
        any_transfer: the caller says the colour space, so PQ, HLG or a linear curve are no error.
    Raises:
        FrameReadError: it cannot be read, holds no pictures, or its colours need converting first.
        BackendUnavailableError: PyAV is not installed.
    """
    path = Path(path)
    with opened(path) as (container, stream), refusing(f"{path}: cannot be read", _DAMAGED):
        timing = read_timing(path, container, stream)
    with opened(path) as (container, stream), refusing(f"{path}: cannot be read", _DAMAGED):
        return _movie(path, container, stream, timing, start_number, any_transfer=any_transfer)


def _movie(
    path: Path, container: InputContainer, stream: VideoStream, timing: Timing, start: int | None, *, any_transfer: bool
) -> Movie:
    frame = _first_frame(path, container, stream)
    limits.check_size(path, frame.width, frame.height)
    context, pixels, size = stream.codec_context, frame.format, (frame.width, frame.height)
    colour = colour_rule(path, _tags(stream, frame), any_transfer=any_transfer)
    tick = stream.time_base or Fraction(1, 90_000)
    is_variable = timing.is_variable(tick)
    rate = _rate(stream, timing, tick, is_variable=is_variable)
    text = _timecode(container, stream)
    if text and smpte.number_of(text, rate) is None:
        log.warning("%s: its timecode %s is none at %s frames a second; it is not used", path, text, rate)
        text = ""
    orientation = orientation_of(path, frame)
    if orientation != UPRIGHT:
        log.info("%s: the picture is turned as the file says: %s", path, orientation)
    if frame.interlaced_frame:
        log.warning("%s: it is interlaced; keys of moving edges will be combed. Deinterlace it first.", path)
    if timing.promised > timing.there:
        log.warning("%s: its header promises %d frames, but %d are there", path, timing.promised, timing.there)
    return Movie(
        path=path,
        start=start if start is not None else (smpte.number_of(text, rate) or 0),
        rate=rate,
        is_variable=is_variable,
        size=size[::-1] if orientation.transposed else size,
        pixel_format=pixels.name,
        bits=bits_of(pixels),
        has_alpha=pixels.has_palette
        or any(part.is_alpha for part in pixels.components)
        or stream.metadata.get("alpha_mode", stream.metadata.get("ALPHA_MODE")) == "1",
        codec=context.name,
        colour=colour,
        orientation=orientation,
        pixel_aspect=stream.sample_aspect_ratio or Fraction(1),
        timecode=text,
        interlaced=frame.interlaced_frame,
        has_audio=bool(container.streams.audio),
        tick=tick,
        timing=timing,
    )


def _first_frame(path: Path, container: InputContainer, stream: VideoStream) -> VideoFrame:
    """The first that can be decoded: a movie with a damaged beginning is still a movie."""
    fault: Exception | None = None
    context = stream.codec_context
    context.options = decoder_options()
    for tried, packet in enumerate(frame_packets(container, stream)):
        if packet.has_sidedata("encryption_info"):
            raise FrameReadError(f"{path}: it is encrypted; export it without copy protection")
        try:
            with refusing(f"{path}: its first pictures cannot be decoded", _DAMAGED):
                frames = context.decode(packet)
        except FrameReadError as error:
            fault, frames = error, []
        if frames:
            return frames[0]
        if tried > _TRIES:
            break
    with refusing(f"{path}: its pictures cannot be decoded", _DAMAGED):
        frames = context.decode(None)
    if not frames:
        raise fault or FrameReadError(f"{path}: none of its pictures can be decoded; {_DAMAGED}")
    return frames[0]


def decoder_options() -> dict[str, str]:
    """What every decoder is told."""
    return {"max_pixels": str(limits.MAX_PIXELS)}


def _tags(stream: VideoStream, frame: VideoFrame) -> Tags:
    """What the decoded frame says, else what the container does."""
    context = stream.codec_context
    pairs = [
        (frame.colorspace, context.colorspace),
        (frame.color_trc, context.color_trc),
        (frame.color_primaries, context.color_primaries),
    ]
    matrix, transfer, primaries = (int(container if code == _UNSPECIFIED else code) for code, container in pairs)
    return Tags(
        matrix=matrix,
        range=int(frame.color_range or context.color_range),
        transfer=transfer,
        primaries=primaries,
        codec=context.name,
        pixel_format=frame.format.name,
        size=(frame.width, frame.height),
    )


def _rate(stream: VideoStream, timing: Timing, tick: Fraction, *, is_variable: bool) -> Fraction:
    pts = timing.pts
    span = (pts[-1] - pts[0]) * tick if len(pts) > 1 else Fraction(0)
    measured = (len(pts) - 1) / span if span > 0 else Fraction(0)
    said = [rate for rate in (stream.guessed_rate, stream.average_rate, stream.base_rate) if rate and rate > 0]
    if is_variable and measured:
        return measured.limit_denominator(1001)
    # A container that rounds its times says the true rate elsewhere; one that is far off is not believed.
    near = [rate for rate in said if not measured or abs(rate / measured - 1) < 0.02]
    return (near or [measured.limit_denominator(1001)] if measured else said or [Fraction(24)])[0]


def _timecode(container: InputContainer, stream: VideoStream) -> str:
    tracks = (stream.metadata, container.metadata, *(track.metadata for track in container.streams.data))
    # Matroska's tag is in capitals.
    texts = [text.strip() for track in tracks for name, text in track.items() if name.lower() == "timecode"]
    return next(filter(None, texts), "")
