"""Movies: samples in every container and of many codecs, and how their frames are read."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import numpy as np

from corridorkey.errors import FrameReadError
from corridorkey.media.movie import MovieReader, MovieWriter, open_movie
from corridorkey.media.movie.container import opened
from tests.fuzz.reader import Reader, Sample
from tests.media.movie.made import make
from tests.media.movie.test_audio import source

KINDS = {
    "mov": ("prores_ks", "yuv422p10le", {}),
    "alpha.mov": ("prores_ks", "yuva444p10le", {"profile": "4444"}),
    "png.mov": ("png", "rgba", {}),
    "mp4": ("libx264", "yuv420p", {"bf": "2"}),
    "mkv": ("ffv1", "gbrp10le", {}),
    "webm": ("libvpx-vp9", "yuv420p", {"cpu-used": "8"}),
    "avi": ("mjpeg", "yuvj420p", {}),
    "ts": ("mpeg2video", "yuv420p", {}),
    "mxf": ("dnxhd", "yuv422p", {"profile": "dnxhr_sq"}),
}
MARKS = {"mov": b"mdat", "mp4": b"mdat", "mkv": b"\x1f\x43\xb6\x75", "webm": b"\x1f\x43\xb6\x75", "avi": b"movi"}
AFTER = {"mov": b"moov", "mp4": b"moov", "mkv": b"\x1c\x53\xbb\x6b", "webm": b"\x1c\x53\xbb\x6b", "avi": b"idx1"}


def movie_samples(folder: Path) -> dict[str, Sample]:
    """Three frames each; fewer than ten packets are no transport stream to libav."""
    found = {}
    for name, (codec, pixel_format, options) in KINDS.items():
        size = (256, 120) if codec == "dnxhd" else (64, 48)
        file = make(
            folder / f"a.{name}", codec, pixel_format, frames=12 if name == "ts" else 3, options=options, size=size,
            container={"fflags": "+bitexact"}, metadata={"timecode": "01:00:00:00"} if name.endswith("mov") else None,
        )  # fmt: skip
        found[name] = Sample(data := file.read_bytes(), _body(data, name.rpartition(".")[2]))
    return found


def movie_head(path: Path) -> None:
    with opened(path):
        pass


def read_movie(path: Path) -> None:
    """Plates of some frames, then a hint; the first error at the end."""
    movie, faults = open_movie(path), []
    for with_alpha in (False, True):
        with MovieReader(movie, with_alpha=with_alpha) as reader:
            for index in sorted({0, 1 % len(movie), len(movie) - 1}, reverse=with_alpha):
                try:
                    reader.read_hint(index) if with_alpha else reader.read(index)
                except FrameReadError as error:
                    faults.append(error)
    if faults:
        raise faults[0]


def sound_samples(folder: Path) -> dict[str, Sample]:
    """A second of sound each: copied as it is, or encoded anew."""
    found = {}
    for name, codec in (("aac.mov", "aac"), ("pcm.mov", "pcm_s16le"), ("flac.mkv", "flac")):
        data = source(folder / name, codec, seconds=1).read_bytes()
        found[name] = Sample(data, _body(data, name.rpartition(".")[2]))
    return found


def read_sound(path: Path) -> None:
    """Into another movie: from its beginning, or from half a second on."""
    picture, start = np.ones((48, 64, 4), np.float32), 2 * (path.stat().st_size % 2)
    out = path.with_name("out.mov")
    with MovieWriter(out, "prores4444", (64, 48), Fraction(4), audio_from=path, start_frame=start) as writer:
        writer.write(picture)
        writer.write(picture)


MOVIE = Reader(movie_samples, movie_head, read_movie, 64, "case.mov", pixels=1 << 20)
SOUND = Reader(sound_samples, movie_head, read_sound, 64, "case.mov", pixels=1 << 20)


def _body(data: bytes, container: str) -> range:
    if container not in MARKS:
        return range(len(data) // 3, len(data))  # packets of header and pictures alternate
    start = data.index(MARKS[container]) + 4
    end = data.find(AFTER[container], start)
    return range(start, end if end > 0 else len(data))
