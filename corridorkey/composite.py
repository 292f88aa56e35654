"""Over: premultiplied light in front of something."""

from __future__ import annotations

import numpy as np

from corridorkey.color import srgb_to_linear
from corridorkey.types import Array

CHECKER_SIZE = 128  # px
CHECKER_SRGB = (0.15, 0.55)


def premultiply(rgb: Array, alpha: Array) -> Array:
    """Linear straight colour and alpha to premultiplied RGBA.

    Args:
        rgb: (H, W, 3) float32, linear, straight.
        alpha: (H, W, 1) float32.
    Returns:
        (H, W, 4) float32, linear, premultiplied.
    """
    return np.concatenate([rgb * alpha, alpha], axis=-1)


def over(rgba: Array, background: Array) -> Array:
    """Premultiplied foreground over an opaque background, in linear light.

    Args:
        rgba: (H, W, 4) float32, linear, premultiplied.
        background: (H, W, 3) float32, linear.
    Returns:
        (H, W, 3) float32, linear.
    Source: Porter and Duff, 1984.
    """
    return rgba[..., :3] + (np.float32(1) - rgba[..., 3:]) * background


def checker(size: tuple[int, int]) -> Array:
    """A checkerboard to judge edges on.

    Args:
        size: height and width.
    Returns:
        (H, W, 3) float32, linear; 128 px squares of sRGB 0.15 (top left) and 0.55.
    Source: CorridorKey's comp.
    """
    rows, columns = (np.arange(n) // CHECKER_SIZE for n in size)
    dark, light = srgb_to_linear(np.array(CHECKER_SRGB, np.float32))
    board = np.where((rows[:, None] + columns[None, :]) % 2 == 0, dark, light)
    return np.repeat(board[..., None], 3, axis=-1)
