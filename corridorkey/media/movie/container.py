"""Movie files, opened so that none can make the demuxer open another file or ask for absurd amounts of memory."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING

from corridorkey.errors import BackendUnavailableError, CorridorKeyError, FrameReadError
from corridorkey.media import limits

if TYPE_CHECKING:
    from av.container import InputContainer
    from av.video.stream import VideoStream

# By content, whatever the file is called. No playlists (hls, dash, concat), no sdp, no numbered pictures (image2): they
# name other files. "mov" is also MP4 and 3GP, "matroska" also WebM, "mpeg" is a program stream.
FORMATS = ("mov", "matroska", "avi", "mxf", "mpegts", "mpeg")
_ENCRYPTED_TAGS = ("encv", "drmi")
# What PyAV raises besides libav's own errors when a damaged field reaches it.
_STUMBLES = (OSError, ValueError, ArithmeticError, RuntimeError, LookupError, AssertionError, TypeError)


@contextmanager
def refusing(what: str, remedy: str) -> Iterator[None]:
    """Turn whatever libav raises in a `with` block into a FrameReadError "what: reason; remedy"."""
    av = libav()
    try:
        yield
    except CorridorKeyError:
        raise
    except MemoryError as error:
        raise FrameReadError(f"{what}: there is not enough memory to read it; close other programs") from error
    except (av.error.FFmpegError, *_STUMBLES) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise FrameReadError(f"{what}: {reason}; {remedy}") from error


@contextmanager
def opened(path: Path) -> Iterator[tuple[InputContainer, VideoStream]]:
    """A movie and its picture stream, closed at the end.

    Raises:
        FrameReadError: not a movie of a kind that is read, damaged, encrypted, too large, or without pictures.
        BackendUnavailableError: PyAV is not installed.
    """
    container = open_container(path)
    try:
        yield container, picture_stream(path, container)
    finally:
        container.close()


def open_container(path: Path) -> InputContainer:
    """Open a movie file; the caller closes it.

    Raises:
        FrameReadError: it cannot be read, or is none of FORMATS.
        BackendUnavailableError: PyAV is not installed.
    """
    av = libav()
    try:
        with path.open("rb") as file:
            empty = not file.read(1)
    except (OSError, ValueError) as error:  # ValueError: a zero byte in the name
        raise FrameReadError(f"{path}: cannot be read: {getattr(error, 'strerror', None) or error}") from error
    if empty:
        raise FrameReadError(f"{path}: the file is empty; export or copy it again")
    options = {
        "format_whitelist": ",".join(FORMATS),
        "protocol_whitelist": "file",
        "enable_drefs": "0",  # a mov may say that its pictures are in another file
        "max_pixels": str(limits.MAX_PIXELS),
    }
    remedy = (
        "truncated, damaged, or not a movie of a kind that is read (MOV, MP4, MKV, WebM, AVI, MXF, MPEG-TS or -PS); "
        "export or copy it again"
    )
    with refusing(f"{path}: cannot be opened as a movie", remedy):
        # With its protocol in front, no name is taken for another one (concat:a|b).
        container: InputContainer = av.open(f"file:{path.absolute()}", options=options, metadata_errors="replace")
    return container


def picture_stream(path: Path, container: InputContainer) -> VideoStream:
    """The stream to key: the best that is not a cover picture.

    Raises:
        FrameReadError: there is none, it is encrypted, no decoder knows it, or it is too large.
    """
    from av.stream import Disposition

    covers = Disposition.attached_pic | Disposition.timed_thumbnails
    streams = [stream for stream in container.streams.video if not stream.disposition & covers]
    if not streams:
        raise FrameReadError(f"{path}: there are no moving pictures in it; give a movie with a video stream")
    best = container.streams.best("video")
    stream = next((found for found in streams if best is not None and found.index == best.index), streams[0])
    context = stream.codec_context
    if context is None:
        raise FrameReadError(f"{path}: no decoder here knows its codec; export it as ProRes or H.264")
    if str(context.codec_tag).lower() in _ENCRYPTED_TAGS:
        raise FrameReadError(f"{path}: it is encrypted; export it without copy protection")
    limits.check_size(path, context.width, context.height)
    return stream


def libav() -> ModuleType:
    """PyAV.

    Raises:
        BackendUnavailableError: it is not installed.
    """
    try:
        import av
    except ImportError as error:
        raise BackendUnavailableError(
            f'movies need PyAV, which cannot be imported ({error}); pip install "ck-mlx[video]"'
        ) from error
    return av
