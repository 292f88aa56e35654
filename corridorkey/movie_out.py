"""A keyed clip as a movie, made of the frames that are on disk: a resumed run gives the same movie as one in one go."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Any, Required, TypedDict, TypeGuard

import numpy as np

from corridorkey.composite import straight
from corridorkey.errors import SettingsError
from corridorkey.media import Footage, FramePair, MovieFrame, Source, file_of, output_paths, read_exr, read_plate
from corridorkey.media.exr import rgb_of
from corridorkey.media.frames import frames_text
from corridorkey.media.written import in_rec709
from corridorkey.types import Array

if TYPE_CHECKING:
    from corridorkey.media.movie import Movie
    from corridorkey.media.movie.kinds import MovieKind

SOURCES = {"prores4444": ("processed", ".mov"), "h264": ("comp", ".mp4")}  # the output it is made of, and its suffix
RATE = Fraction(24)  # of pictures that don't say


def piece_of(pairs: Sequence[FramePair], plate: Footage) -> str:
    """Which frames of a plate these are, "1001-1020"; empty if they are all."""
    return "" if len(pairs) == len(plate) else frames_text([pair.number for pair in pairs])


def movie_path(out: Path, name: str, kind: MovieKind, piece: str = "") -> Path:
    """Where a clip's movie goes: OUT/NAME_prores4444.mov or OUT/NAME_h264.mp4.

    Args:
        out: the output folder.
        name: the clip's.
        kind: of movie.
        piece: from `piece_of`; in the name, so that pieces of a clip that are keyed one by one each have their movie.
    """
    name = f"{name}_{piece}" if piece else name
    return out / f"{name}_{kind}{SOURCES[kind][1]}"


def check_movie(
    path: Path, kind: MovieKind, outputs: Sequence[str], pairs: Sequence[FramePair], *, overwrite: bool
) -> None:
    """Refuse a movie that cannot be made, before the work.

    Raises:
        SettingsError: the output it is made of is not written; frames are left out, which a movie cannot; or it is
            there and may not be replaced, as no plate, hint or matte ever may.
        BackendUnavailableError: what writes movies is not installed.
    """
    from corridorkey.media.movie.container import libav

    libav()
    source, _ = SOURCES[kind]
    if source not in outputs:
        raise SettingsError(f"--movie {kind} is made of {source}; add it to --outputs")
    numbers = [pair.number for pair in pairs]
    if numbers != list(range(numbers[0], numbers[0] + len(numbers))):
        raise SettingsError("--movie needs every frame from the first to the last; choose a range without gaps")
    if not path.exists():
        return
    inputs = {file_of(source) for pair in pairs for source in pair.sources if isinstance(source, MovieFrame)}
    if any(file.exists() and path.samefile(file) for file in inputs):
        raise SettingsError(f"{path} is an input of this run. Write to another folder with -o.")
    if not overwrite:
        raise SettingsError(f"{path} is there. Use --resume or --overwrite to replace it, or another folder with -o.")


def write_movie(path: Path, kind: MovieKind, pairs: Sequence[FramePair], out: Path) -> None:
    """Make a movie of a clip's outputs.

    Args:
        path: the file to make or replace.
        kind: "prores4444": straight RGBA of Processed, sRGB-encoded. "h264": Comp.
        pairs: the clip's frames, all keyed.
        out: folder of its outputs.
    Raises:
        FrameReadError: an output cannot be read.
        FrameWriteError: the disk refuses; what was there before stays.
    """
    from corridorkey.media.movie.writer import MovieWriter

    source, _ = SOURCES[kind]
    files = [output_paths(out, pair.plate, [source])[source] for pair in pairs]
    first = _picture(files[0])
    size = first.shape[1], first.shape[0]
    times = _times(pairs)
    with MovieWriter(path, kind, size, **_timing(pairs[0].plate), is_variable=times[0] is not None) as movie:
        for file, time in zip(files, times, strict=True):
            movie.write(_picture(file), time)


class _Timing(TypedDict, total=False):
    rate: Required[Fraction]
    pixel_aspect: Fraction
    timecode: str
    audio_from: Path | None
    start_frame: int
    start_time: Fraction | None


def _picture(file: Path) -> Array:
    if file.suffix == ".png":
        return read_plate(file, "srgb").rgb
    channels, header = read_exr(file)
    return straight(in_rec709(header, np.dstack([rgb_of(file, channels), channels["A"]])))


def _times(pairs: Sequence[FramePair]) -> list[Fraction] | list[None]:
    """When each frame is shown, where a plate movie's are shown for different times; else None."""
    at = [pair.plate.movie.time(pair.plate.index) for pair in pairs if _is_variable(pair.plate)]
    return [time - at[0] for time in at] if at else [None] * len(pairs)


def _is_variable(plate: Source) -> TypeGuard[MovieFrame]:
    return isinstance(plate, MovieFrame) and plate.movie.is_variable


def _timing(plate: Source) -> _Timing:
    """Rate, time code and sound: the plate movie's, or what the plate's pictures say."""
    if isinstance(plate, MovieFrame):
        movie: Movie = plate.movie
        index = plate.index
        return {
            "rate": movie.rate,
            "pixel_aspect": movie.pixel_aspect,
            "timecode": movie.timecode_at(index),
            "audio_from": movie.path if movie.has_audio else None,
            "start_frame": index,
            "start_time": movie.time(index) if movie.is_variable else None,
        }
    header = read_plate(plate).header  # the comp is a PNG, which cannot say
    rate = _positive(header.get("framesPerSecond"), RATE)
    aspect = _positive(header.get("pixelAspectRatio"), Fraction(1)).limit_denominator(1000)
    return {"rate": rate, "pixel_aspect": aspect}


def _positive(value: Any, otherwise: Fraction) -> Fraction:
    try:
        found = Fraction(str(value))
    except (ValueError, ZeroDivisionError):
        return otherwise
    return found if 0 < found <= 1000 else otherwise
