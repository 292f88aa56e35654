"""Chroma planes at fewer pixels than luma: up to its size, and down again."""

from __future__ import annotations

import numpy as np

from corridorkey.types import Array


def upsample(plane: Array, height: int, width: int, *, centred: bool = False) -> Array:
    """Bilinear, with each sample where it was taken.

    Args:
        plane: (h, w) float32; its steps are the ratios of the sizes, rounded up to whole numbers.
        height, width: of luma.
        centred: samples lie between luma columns, as in JPEG and MPEG-1; else on the left one, as in MPEG-2, H.264,
            H.265, VP9 and AV1. Vertically they lie between rows.
    Returns:
        (height, width) float32.
    """
    plane = _stretch(plane, width, axis=1, centred=centred)
    return _stretch(plane, height, axis=0, centred=True)


def halve(plane: Array) -> Array:
    """(H, W) of even sides to (H/2, W/2): the mean of two rows, and 1-2-1 around the left column."""
    rows = (plane[0::2] + plane[1::2]) * np.float32(0.5)
    left = np.concatenate([rows[:, :1], rows[:, 1:-1:2]], axis=1)
    return np.asarray((left + 2 * rows[:, 0::2] + rows[:, 1::2]) * np.float32(0.25))


def _stretch(plane: Array, length: int, axis: int, *, centred: bool) -> Array:
    count = plane.shape[axis]
    step = -(-length // count)
    if step == 1:
        return plane
    if step == 2:
        return _doubled(plane, length, axis, centred=centred)
    at = (np.arange(length) - ((step - 1) / 2 if centred else 0)) / step
    at = np.clip(at, 0, count - 1)
    low = np.minimum(at.astype(np.intp), count - 1)
    high = np.minimum(low + 1, count - 1)
    part = (at - low).astype(np.float32)
    part = part if axis == 1 else part[:, None]
    first = np.take(plane, low, axis)
    first += (np.take(plane, high, axis) - first) * part
    return np.asarray(first)


def _doubled(plane: Array, length: int, axis: int, *, centred: bool) -> Array:
    """`_stretch` by two, without a table."""
    height, width = plane.shape
    out = np.empty((height, 2 * width) if axis else (2 * height, width), np.float32)
    even, odd = (out[:, 0::2], out[:, 1::2]) if axis else (out[0::2], out[1::2])
    first, rest = (np.s_[:, :1], np.s_[:, 1:]) if axis else (np.s_[:1], np.s_[1:])
    most, last = (np.s_[:, :-1], np.s_[:, -1:]) if axis else (np.s_[:-1], np.s_[-1:])
    step = np.asarray((plane[rest] - plane[most]) * np.float32(0.25 if centred else 0.5))
    even[first], odd[last] = plane[first], plane[last]
    even[rest] = plane[rest] - step if centred else plane[rest]
    np.add(plane[most], step, out=odd[most])
    return out[:, :length] if axis else out[:length]
