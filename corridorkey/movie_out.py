"""A keyed clip as a movie, made of the frames that are on disk: a resumed run gives the same movie as one in one go."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from corridorkey.color import linear_to_srgb
from corridorkey.errors import SettingsError
from corridorkey.media import FramePair, MovieFrame, output_paths, read_exr, read_plate
from corridorkey.media.exr import rgb_of
from corridorkey.types import Array

if TYPE_CHECKING:
    from corridorkey.media.movie import Movie
    from corridorkey.media.movie.kinds import MovieKind

SOURCES = {"prores4444": ("processed", ".mov"), "h264": ("comp", ".mp4")}  # the output it is made of, and its suffix
RATE = Fraction(24)  # of pictures that don't say
SEEN = 1e-4  # alpha below which a pixel has no colour of its own


def movie_path(out: Path, name: str, kind: MovieKind) -> Path:
    """Where a clip's movie goes: OUT/NAME_prores4444.mov or OUT/NAME_h264.mp4."""
    return out / f"{name}_{kind}{SOURCES[kind][1]}"


def check_movie(kind: MovieKind, outputs: Sequence[str], pairs: Sequence[FramePair]) -> None:
    """Refuse a movie that cannot be made, before the work.

    Raises:
        SettingsError: the output it is made of is not written, or frames are left out, which a movie cannot.
    """
    source, _ = SOURCES[kind]
    if source not in outputs:
        raise SettingsError(f"--movie {kind} is made of {source}; add it to --outputs")
    numbers = [pair.number for pair in pairs]
    if numbers != list(range(numbers[0], numbers[0] + len(numbers))):
        raise SettingsError("--movie needs every frame from the first to the last; choose a range without gaps")


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
    first, header = _picture(files[0])
    size = first.shape[1], first.shape[0]
    with MovieWriter(path, kind, size, **_timing(pairs[0], header)) as movie:
        for file in files:
            movie.write(_picture(file)[0])


def straight(processed: Array) -> Array:
    """Premultiplied linear RGBA to straight, sRGB-encoded colour with linear alpha: what editors expect of a movie.

    Args:
        processed: (H, W, 4) float32.
    Returns:
        (H, W, 4) float32; colour is black where alpha is below 1e-4.
    """
    alpha = processed[..., 3:]
    rgb = np.divide(processed[..., :3], alpha, out=np.zeros_like(processed[..., :3]), where=alpha > SEEN)
    return np.concatenate([linear_to_srgb(rgb), alpha], axis=-1)


def _picture(file: Path) -> tuple[Array, Mapping[str, Any]]:
    if file.suffix == ".png":
        return read_plate(file, "srgb").rgb, {}
    channels, header = read_exr(file)
    return straight(np.dstack([rgb_of(file, channels), channels["A"]])), header


def _timing(pair: FramePair, header: Mapping[str, Any]) -> dict[str, Any]:
    """Rate, time code and sound: the plate movie's, or what the pictures say."""
    if isinstance(pair.plate, MovieFrame):
        movie: Movie = pair.plate.movie
        index = pair.plate.index
        return {
            "rate": movie.rate,
            "pixel_aspect": movie.pixel_aspect,
            "timecode": movie.timecode_at(index),
            "audio_from": movie.path if movie.has_audio else None,
            "start_frame": index,
        }
    rate = header.get("framesPerSecond", RATE)
    aspect = Fraction(str(header.get("pixelAspectRatio", 1))).limit_denominator(1000)
    return {"rate": Fraction(rate), "pixel_aspect": aspect}
