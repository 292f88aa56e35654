"""Which way up: the display matrix that phones write instead of turning the picture."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import numpy as np

from corridorkey.types import Array

if TYPE_CHECKING:
    from av.video.frame import VideoFrame

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Orientation:
    """How a stored picture is brought upright: transposed first, then mirrored."""

    transposed: bool = False
    mirror_x: bool = False
    mirror_y: bool = False

    def apply(self, pixels: Array) -> Array:
        """(H, W) or (H, W, C) stored to upright, contiguous."""
        if self.transposed:
            pixels = pixels.swapaxes(0, 1)
        return np.ascontiguousarray(pixels[:: -1 if self.mirror_y else 1, :: -1 if self.mirror_x else 1])

    def __str__(self) -> str:
        """The turn in words: "90° clockwise"."""
        return _NAMES[self.transposed, self.mirror_x, self.mirror_y]


_NAMES = {
    (False, False, False): "upright",
    (False, True, True): "180°",
    (True, True, False): "90° clockwise",
    (True, False, True): "90° counterclockwise",
    (False, True, False): "mirrored left to right",
    (False, False, True): "mirrored top to bottom",
    (True, False, False): "mirrored along the diagonal",
    (True, True, True): "mirrored along the other diagonal",
}
UPRIGHT = Orientation()


def orientation_of(path: Path, frame: VideoFrame) -> Orientation:
    """A frame's orientation; one that is no multiple of 90° is left alone, with a warning.

    Source: ISO/IEC 14496-12, 8.3.2: x' = a x + c y, y' = b x + d y; y points down.
    """
    found = frame.side_data.get("DISPLAYMATRIX")
    if found is None:
        return UPRIGHT
    matrix = np.frombuffer(bytes(cast(Any, found)), np.int32)
    a, b, c, d = (int(matrix[i]) for i in (0, 1, 3, 4))
    if not (b or c) and a and d:
        return Orientation(False, a < 0, d < 0)
    if not (a or d) and b and c:
        return Orientation(True, c < 0, b < 0)
    log.warning("%s: the file asks for a turn that is no multiple of 90°; the picture is left as it is stored", path)
    return UPRIGHT
