"""FFmpeg's filters `chromakey` and `despill`, through PyAV."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, Literal, cast

import numpy as np
from numpy.typing import NDArray

from corridorkey.color import srgb_to_linear
from corridorkey.evaluation.baselines.grid import grid
from corridorkey.evaluation.baselines.shown import Shown
from corridorkey.media.movie.container import libav
from corridorkey.media.movie.matrix import ColourRule, from_rgb
from corridorkey.media.movie.planes import plane_rows
from corridorkey.types import Array

if TYPE_CHECKING:
    from av.video.frame import VideoFrame

# The filter turns the colour it is given into these, whatever the stream's own matrix is.
FULL_BT601 = ColourRule(0.299, 0.114, True, "BT.601, full range")


@dataclass(frozen=True, slots=True)
class ChromaKey:
    """`chromakey` on 4:4:4 YUV, with the screen's measured colour.

    Attributes:
        similarity: distance of chroma up to which a pixel is screen, 0.01..1.
        blend: further distance over which it becomes subject, 0..1.
        bits: of a sample, 8 or 10.
    """

    similarity: float = 0.03
    blend: float = 0.1
    bits: Literal[8, 10] = 8

    def alpha(self, shown: Shown) -> Array:
        """See AlphaMaker.

        Raises:
            BackendUnavailableError: PyAV is not installed.
        """
        red, green, blue = shown.color
        options = f"color=0x{red:02x}{green:02x}{blue:02x}:similarity={self.similarity}:blend={self.blend}"
        keyed = _through("chromakey", options, _yuva(shown.rgb, self.bits))
        return _read(keyed, 3, self.bits) * np.float32(1 / (2**self.bits - 1))

    def grid(self) -> tuple[ChromaKey, ...]:
        """See AlphaMaker."""
        return grid(self, similarity=(0.01, 0.02, 0.03, 0.04, 0.06, 0.08, 0.12), blend=(0.0, 0.05, 0.1, 0.15, 0.2, 0.3))


@dataclass(frozen=True, slots=True)
class FfmpegDespill:
    """`despill` on the plate at 8 bits, which is all it takes.

    Attributes:
        mix: share of the other primary, as against red, in the limit, 0..1.
        expand: how much further the spill map reaches, 0..1.
    """

    mix: float = 0.5
    expand: float = 0.0

    def fg(self, shown: Shown, alpha: Array) -> Array:  # noqa: ARG002
        """See FgMaker.

        Raises:
            BackendUnavailableError: PyAV is not installed.
        """
        plate = libav().VideoFrame.from_ndarray(shown.rgba8, format="rgba")
        # Whatever the type, left alone it is green that the filter takes the spill from.
        taken = "green=-1:blue=0" if shown.screen == "green" else "green=0:blue=-1"
        done = _through("despill", f"type={shown.screen}:{taken}:mix={self.mix}:expand={self.expand}", plate)
        rgb = done.to_ndarray(format="rgba")[..., :3]
        return srgb_to_linear(rgb.astype(np.float32) * np.float32(1 / 255))

    def grid(self) -> tuple[FfmpegDespill, ...]:
        """See FgMaker."""
        return grid(self, mix=(0.0, 0.25, 0.5, 0.75, 1.0), expand=(0.0, 0.1, 0.2, 0.4))


def _through(name: str, options: str, frame: VideoFrame) -> VideoFrame:
    graph = libav().filter.Graph()
    source = graph.add_buffer(
        width=frame.width, height=frame.height, format=frame.format, time_base=Fraction(1, 25), name="in"
    )
    found = graph.add(name, options)
    sink = graph.add("buffersink")
    source.link_to(found)
    found.link_to(sink)
    graph.configure()
    frame.pts = 0
    graph.push(frame)
    return cast("VideoFrame", graph.pull())


def _yuva(rgb: Array, bits: int) -> VideoFrame:
    height, width = rgb.shape[:2]
    frame: VideoFrame = libav().VideoFrame(width, height, "yuva444p" if bits == 8 else f"yuva444p{bits}le")
    full = np.full((height, width), 2**bits - 1, np.float32)
    for plane, codes in zip(frame.planes, (*from_rgb(rgb, bits, FULL_BT601), full), strict=True):
        whole = np.clip(np.rint(codes), 0, 2**bits - 1).astype(_kind(bits))
        plane_rows(plane)[:, : width * whole.itemsize] = whole.view(np.uint8)
    return frame


def _read(frame: VideoFrame, plane: int, bits: int) -> Array:
    kind = _kind(bits)
    rows: NDArray[np.uint8] = plane_rows(frame.planes[plane])[:, : frame.width * kind.itemsize]
    return rows.copy().view(kind).astype(np.float32)


def _kind(bits: int) -> np.dtype[np.unsignedinteger]:
    return np.dtype("u1" if bits == 8 else "<u2")
