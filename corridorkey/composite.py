"""Over: premultiplied light in front of something."""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from corridorkey.color import linear_to_srgb, srgb_to_linear
from corridorkey.types import Array, KeyedFrame

CHECKER_SIZE = 128  # px
CHECKER_SRGB = (0.15, 0.55)
SEEN = 1e-4  # alpha below which a pixel has no colour of its own


def premultiply(rgb: Array, alpha: Array) -> Array:
    """Linear straight colour and alpha to premultiplied RGBA.

    Args:
        rgb: (H, W, 3) float32, linear, straight.
        alpha: (H, W, 1) float32.
    Returns:
        (H, W, 4) float32, linear, premultiplied.
    """
    rgba = np.empty((*rgb.shape[:-1], 4), np.float32)
    for channel in range(3):
        np.multiply(rgb[..., channel], alpha[..., 0], out=rgba[..., channel])
    rgba[..., 3] = alpha[..., 0]
    return rgba


def straight(processed: Array) -> Array:
    """Premultiplied linear RGBA to straight, sRGB-encoded colour with linear alpha: what editors expect.

    Args:
        processed: (H, W, 4) float32.
    Returns:
        (H, W, 4) float32; colour is black where alpha is below 1e-4.
    """
    alpha = processed[..., 3:]
    rgb = np.divide(processed[..., :3], alpha, out=np.zeros_like(processed[..., :3]), where=alpha > SEEN)
    return np.concatenate([linear_to_srgb(rgb), alpha], axis=-1)


def linear_fg(frame: KeyedFrame) -> Array:
    """A frame's straight fg in linear light, with the plate's own pixels where they were asked for.

    Returns:
        (H, W, 3) float32.
    """
    return srgb_to_linear(frame.fg) if frame.light is None else frame.light


def over(rgba: Array, background: Array) -> Array:
    """Premultiplied foreground over an opaque background, in linear light.

    Args:
        rgba: (H, W, 4) float32, linear, premultiplied.
        background: (H, W, 3) float32, linear.
    Returns:
        (H, W, 3) float32, linear.
    Source: Porter and Duff, 1984.
    """
    out = np.empty((*rgba.shape[:-1], 3), np.float32)
    through = np.float32(1) - rgba[..., 3]
    for channel in range(3):
        np.add(rgba[..., channel], through * background[..., channel], out=out[..., channel])
    return out


def checker(size: tuple[int, int], top: int = 0) -> Array:
    """A checkerboard to judge edges on.

    Args:
        size: height and width.
        top: which of the board's rows comes first.
    Returns:
        (H, W, 3) float32, linear; 128 px squares of sRGB 0.15 (top left) and 0.55.
    Source: CorridorKey's comp.
    """
    rows = (np.arange(size[0]) + top) // CHECKER_SIZE % 2
    return _two_rows(size[1])[rows]


@lru_cache(maxsize=8)
def _two_rows(width: int) -> Array:
    dark, light = srgb_to_linear(np.array(CHECKER_SRGB, np.float32))
    columns = np.arange(width) // CHECKER_SIZE % 2
    two = np.where(np.stack([columns == 0, columns == 1])[..., None], dark, light)  # (2, W, 1)
    return np.repeat(two, 3, axis=-1)
