"""What a plate's display window shows of a keyed frame: a PNG has no windows of its own."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from corridorkey.color import linear_to_srgb
from corridorkey.composite import checker, over
from corridorkey.media.exr_header import fit_windows, window_size
from corridorkey.types import Array, KeyedFrame

MOST = 64 << 20  # px of a display window that is made up around a smaller picture: an 8K camera's whole sensor has 50
log = logging.getLogger(__name__)


def displayed_comp(path: Path, frame: KeyedFrame, header: Mapping[str, Any]) -> Array:
    """The comp as a viewer shows it: overscan cut off, and the checker where the plate has no pixels.

    Args:
        path: named in the log.
        frame: the data window's pixels.
        header: the plate's attributes.
    Returns:
        (h, w, 3) float32, sRGB, at the display window's size; the frame's own comp where the two windows are one.
    """
    windows = fit_windows(header, (frame.comp.shape[0], frame.comp.shape[1]))
    if windows.get("displayWindow", windows.get("dataWindow")) == windows.get("dataWindow"):
        return frame.comp
    (x0, y0), _ = windows["dataWindow"]
    (left, top), _ = display = windows["displayWindow"]
    height, width = window_size(display)
    if height < 1 or width < 1 or height * width > max(MOST, frame.alpha.size):
        log.warning("%s: its display window is %d × %d; the comp shows the data window", path, width, height)
        return frame.comp
    rgba = _moved(frame.processed, (y0 - top, x0 - left), (height, width))
    return linear_to_srgb(over(rgba, checker((height, width))))


def _moved(pixels: Array, by: tuple[int, int], size: tuple[int, int]) -> Array:
    """Pixels moved down and right on a canvas of 0; what falls off is lost."""
    canvas = np.zeros((*size, pixels.shape[2]), np.float32)
    to = tuple(slice(max(0, start), max(0, start + n)) for start, n in zip(by, pixels.shape[:2], strict=True))
    cut = tuple(slice(max(0, -start), max(0, m - start)) for start, m in zip(by, size, strict=True))
    canvas[to] = pixels[cut]
    return canvas
