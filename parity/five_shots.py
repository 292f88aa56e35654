"""Five shots as they come, rendered: linear EXR with a gap, 16-bit PNG, ProRes with time code, untagged H.264, 4K EXR
with overscan. Each in a folder of its own, so that one `ck key FOLDER` keys them all."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import cv2
import numpy as np

from corridorkey.files import write_file
from corridorkey.media import write_exr
from corridorkey.media.movie.chroma import halve
from corridorkey.media.movie.container import libav
from corridorkey.media.movie.matrix import from_rgb
from corridorkey.media.movie.planes import plane_rows
from corridorkey.media.movie.writer import MovieWriter
from corridorkey.synth import ShotStyle, SynthFrame, render_shot
from corridorkey.types import Array

GAP = (1017, 1018, 1019)
OVERSCAN = 64  # px on every side
HD = (720, 1280)
HOUR = 24 * 3600  # the number of the first frame of a movie that begins at 01:00:00:00


@dataclass(frozen=True, slots=True)
class RenderedShot:
    """One of the five.

    Attributes:
        name: its folder's.
        seed, style: what is seen.
        size: height and width of what is keyed.
        numbers: its frames.
        write: frames and their numbers -> files below the shot's folder.
        stem: of frame `n`'s outputs.
    """

    name: str
    seed: int
    style: ShotStyle
    size: tuple[int, int]
    numbers: Sequence[int]
    write: Callable[[RenderedShot, Path], None]
    stem: str

    def frames(self) -> Iterator[tuple[int, SynthFrame]]:
        """The shot's frames that are there, with their truth."""
        first, last = self.numbers[0], self.numbers[-1]
        for number, frame in enumerate(render_shot(self.seed, self.size, last - first + 1, self.style), first):
            if number in self.numbers:
                yield number, frame


def write_linear_exr(shot: RenderedShot, folder: Path) -> None:
    """Half float, scene-linear and tagged, with grain, frame rate and time code."""
    for number, frame in shot.frames():
        header = {"colorInteropID": "lin_rec709_scene", "framesPerSecond": 24.0, "owner": "second unit"}
        _write_exr(folder / f"Input/{shot.stem.format(number)}.exr", _grainy(frame.linear, number), header)


def write_overscan_exr(shot: RenderedShot, folder: Path) -> None:
    """A data window larger than the display window by OVERSCAN on every side."""
    height, width = shot.size
    right, lower = width - 2 * OVERSCAN - 1, height - 2 * OVERSCAN - 1
    header = {
        "displayWindow": ((0, 0), (right, lower)),
        "dataWindow": ((-OVERSCAN, -OVERSCAN), (right + OVERSCAN, lower + OVERSCAN)),
    }
    for number, frame in shot.frames():
        _write_exr(folder / f"Input/{shot.stem.format(number)}.exr", _grainy(frame.linear, number), header)


def write_png16(shot: RenderedShot, folder: Path) -> None:
    """sRGB at 16 bits, without a tag."""
    for number, frame in shot.frames():
        codes = np.rint(frame.plate[..., ::-1] * 65535).astype(np.uint16)
        write_file(folder / f"Input/{shot.stem.format(number)}.png", bytes(cv2.imencode(".png", codes)[1]))


def write_prores(shot: RenderedShot, folder: Path) -> None:
    """ProRes 4444, tagged BT.709, from 01:00:00:00."""
    size = shot.size[1], shot.size[0]
    folder.mkdir(parents=True, exist_ok=True)
    with MovieWriter(folder / "Input.mov", "prores4444", size, Fraction(24), timecode="01:00:00:00") as movie:
        for _, frame in shot.frames():
            movie.write(np.dstack([frame.plate, np.ones(shot.size, np.float32)]))


def write_untagged_h264(shot: RenderedShot, folder: Path) -> None:
    """BT.709 codes, of which the stream says nothing, as many cameras and tools leave it."""
    av, (height, width) = libav(), shot.size
    folder.mkdir(parents=True, exist_ok=True)
    with av.open(str(folder / "Input.mp4"), "w") as file:
        stream = file.add_stream("libx264", rate=25, options={"crf": "14"})
        stream.width, stream.height, stream.pix_fmt = width, height, "yuv420p"
        for _, frame in shot.frames():
            y, cb, cr = from_rgb(frame.plate, 8)
            picture = av.VideoFrame(width, height, "yuv420p")
            for plane, codes in zip(picture.planes, (y, halve(cb), halve(cr)), strict=True):
                plane_rows(plane)[:, : plane.width] = np.rint(codes).astype(np.uint8)
            file.mux(stream.encode(picture))
        file.mux(stream.encode())


def five_shots(scale: float = 1.0) -> list[RenderedShot]:
    """The shots; `scale` multiplies their sides, but for the movie that is to be taken for HD."""

    def size(height: int, width: int, more: int = 0) -> tuple[int, int]:
        return round(height * scale) // 8 * 8 + more, round(width * scale) // 8 * 8 + more

    person = ShotStyle(
        screen="green", uneven=0.3, shadows=0.3, markers=False, subjects=("person",), strands=1.3, motion=0.4,
        spill=0.12, defocus=0.0, near=False, degrade=False,
    )  # fmt: skip
    blue = ShotStyle(
        screen="blue", uneven=0.3, shadows=0.2, markers=False, subjects=("person",), strands=1.0, motion=0.3,
        spill=0.1, defocus=1.0, near=False, degrade=False,
    )  # fmt: skip
    still = ShotStyle(
        screen="green", uneven=0.2, shadows=0.2, markers=False, subjects=("person",), strands=1.5, motion=0.0,
        spill=0.1, defocus=0.0, near=False, degrade=False,
    )  # fmt: skip
    exr = tuple(n for n in range(1001, 1041) if n not in GAP)
    return [
        RenderedShot("exr_4k", 2005, still, size(2160, 4096, 2 * OVERSCAN), (1, 2), write_overscan_exr, "wide.{:06d}"),
        RenderedShot("h264", 2004, person, max(size(1080, 1920), HD), range(8), write_untagged_h264, "Input.{:04d}"),
        RenderedShot("linear_exr", 2001, person, size(540, 960), exr, write_linear_exr, "sh010.{:04d}"),
        RenderedShot("png16", 2002, blue, size(720, 1280), range(1, 13), write_png16, "still_{:03d}"),
        RenderedShot("prores", 2003, person, size(720, 1280), range(HOUR, HOUR + 12), write_prores, "Input.{:05d}"),
    ]


def _write_exr(path: Path, rgb: Array, header: Mapping[str, object]) -> None:
    write_exr(path, dict(zip("RGB", np.moveaxis(rgb, 2, 0), strict=True)), header)


def _grainy(linear: Array, seed: int) -> Array:
    noise = np.random.default_rng(seed).normal(0, 0.004, linear.shape)
    return np.asarray(linear * (1 + noise) + 0.2 * noise, np.float32)
