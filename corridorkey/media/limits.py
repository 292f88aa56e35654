"""What a frame may be: a sane size, and finite colours."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from corridorkey.errors import FrameReadError
from corridorkey.types import Array

MAX_SIDE = 32_768
MAX_PIXELS = 256 * 1024 * 1024
LARGEST_COLOUR = 65504.0 * 1000  # a thousand times what a half holds: beyond it float32 overflows on the way


def check_size(path: Path, width: int, height: int) -> None:
    """Refuse what a header claims, before anything is allocated for it.

    Raises:
        FrameReadError: no pixels, or more than MAX_SIDE along a side or MAX_PIXELS in all.
    """
    if width < 1 or height < 1:
        raise FrameReadError(f"{path}: the header says {width} × {height} pixels; the file is damaged")
    if max(width, height) > MAX_SIDE or width * height > MAX_PIXELS:
        raise FrameReadError(
            f"{path}: the header says {width} × {height} pixels; at most {MAX_SIDE} along a side and "
            f"{MAX_PIXELS // 2**20} megapixels are read. Scale the picture down, or render it again if that is wrong."
        )


def check_finite(path: Path, pixels: Array) -> None:
    """Refuse NaN and infinity.

    Args:
        path: named in the error.
        pixels: (H, W) or (H, W, C) float32.
    Raises:
        FrameReadError: with the number of bad pixels and where the first one is.
    """
    _refuse(path, ~np.isfinite(pixels), "hold NaN or infinity")


def check_colours(path: Path, rgb: Array) -> None:
    """Refuse NaN, infinity, and numbers beyond ±LARGEST_COLOUR: a depth or an id in R, G and B, or damage.

    Args:
        path: named in the error.
        rgb: (H, W, 3) float32.
    Raises:
        FrameReadError: with the number of bad pixels and where the first one is.
    """
    # A frame without a fault, as nearly all are, needs no masks of its size.
    if rgb.min() >= -LARGEST_COLOUR and rgb.max() <= LARGEST_COLOUR:
        return
    check_finite(path, rgb)
    _refuse(path, np.abs(rgb) > LARGEST_COLOUR, f"are beyond ±{LARGEST_COLOUR:.3g}, which is not a colour")


def _refuse(path: Path, bad: NDArray[np.bool_], what: str) -> None:
    if not bad.any():
        return
    pixels = bad if bad.ndim == 2 else bad.any(axis=2)
    y, x = np.unravel_index(int(pixels.argmax()), pixels.shape)
    raise FrameReadError(
        f"{path}: {int(pixels.sum())} pixels {what}, the first at x={x}, y={y} from the top left; "
        "replace them (a median or a clamp will do) and save the frame again"
    )
