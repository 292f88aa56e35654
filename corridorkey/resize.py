"""Change of size: antialiased bilinear to shrink plates, Lanczos for the rest, quick ways for what is smooth."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from corridorkey.types import Array


def bilinear_taps(length: int, size: int) -> tuple[NDArray[np.int64], NDArray[np.int64], Array]:
    """What each of `size` samples of a row of `length` is mixed from: half-pixel centres, ends repeated.

    Returns:
        (left, right, weight), each (size,): sample = row[left] · (1 − weight) + row[right] · weight.
    Source: Torch's interpolate, mode "bilinear", align_corners=False.
    """
    at = np.maximum((np.arange(size) + 0.5) * (length / size) - 0.5, 0.0)
    left = np.minimum(at.astype(np.int64), length - 1)
    return left, np.minimum(left + 1, length - 1), (at - left).astype(np.float32)


def resize_bilinear(x: Array, size: tuple[int, int]) -> Array:
    """Bilinear (half-pixel), antialiased where it shrinks.

    Args:
        x: (H, W) or (H, W, C) float32.
        size: wanted height and width.
    Returns:
        float32, same rank.
    Source: Pillow's BILINEAR on mode F, which matches torchvision's antialiased resize to 1.2e-6.
    """
    if x.shape[:2] == size:
        return x
    if x.ndim == 3:
        return np.stack([resize_bilinear(x[..., c], size) for c in range(x.shape[2])], axis=-1)
    picture = Image.fromarray(np.ascontiguousarray(x, np.float32))
    return np.asarray(picture.resize((size[1], size[0]), Image.Resampling.BILINEAR))


def resize_lanczos(x: Array, size: tuple[int, int]) -> Array:
    """Lanczos over 8×8 pixels; overshoots beside edges, so the caller clamps.

    Args:
        x: (H, W, C) float32.
        size: wanted height and width.
    Returns:
        (h, w, C) float32.
    Source: OpenCV's INTER_LANCZOS4.
    """
    return _by_opencv(x, size, cv2.INTER_LANCZOS4)


def shrink(x: Array, size: tuple[int, int]) -> Array:
    """Mean over the area of each new pixel, of all channels at once.

    Args:
        x: (H, W, C) float32.
        size: wanted height and width, no larger than x.
    Returns:
        (h, w, C) float32.
    Source: OpenCV's INTER_AREA.
    """
    return _by_opencv(x, size, cv2.INTER_AREA)


def grow(x: Array, size: tuple[int, int]) -> Array:
    """Bilinear (half-pixel), of all channels at once.

    Args:
        x: (H, W, C) float32.
        size: wanted height and width, no smaller than x.
    Returns:
        (h, w, C) float32.
    Source: OpenCV's INTER_LINEAR.
    """
    return _by_opencv(x, size, cv2.INTER_LINEAR)


def _by_opencv(x: Array, size: tuple[int, int], how: int) -> Array:
    if x.shape[:2] == size:
        return x

    def resized(channels: Array) -> Array:  # OpenCV takes four at most, and drops an axis of 1
        changed = cv2.resize(np.ascontiguousarray(channels), (size[1], size[0]), interpolation=how)
        return np.asarray(changed, np.float32).reshape(*size, -1)

    if x.shape[2] <= 4:
        return resized(x)
    out = np.empty((*size, x.shape[2]), np.float32)
    for c in range(0, x.shape[2], 4):
        out[..., c : c + 4] = resized(x[..., c : c + 4])
    return out
