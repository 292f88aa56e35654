"""What a frame may be: a sane size, and finite."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from corridorkey.errors import FrameReadError
from corridorkey.types import Array

MAX_SIDE = 32_768
MAX_PIXELS = 256 * 1024 * 1024


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
    finite = np.isfinite(pixels)
    if finite.all():
        return
    bad = ~(finite if finite.ndim == 2 else finite.all(axis=2))
    y, x = np.unravel_index(int(bad.argmax()), bad.shape)
    raise FrameReadError(
        f"{path}: {int(bad.sum())} pixels hold NaN or infinity, the first at x={x}, y={y} from the top left; "
        "replace them (a median or a clamp will do) and save the frame again"
    )
