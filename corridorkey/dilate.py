"""Dilation of a mask by an ellipse, 64 pixels at a time."""

from __future__ import annotations

from collections.abc import Iterator

import cv2
import numpy as np
from numpy.typing import NDArray

Mask = NDArray[np.uint8]
Words = NDArray[np.uint64]


def dilate_ellipse(mask: Mask, diameter: int) -> Mask:
    """Whatever lies under OpenCV's ellipse around any pixel of the mask.

    An ellipse is a row of pixels for each of its lines; the mask, one bit for a pixel, is spread sideways by each
    length that occurs, and shifted to the lines that have it. cv2.dilate looks at every pixel of the ellipse instead.

    Args:
        mask: (H, W) uint8, 0 or 1.
        diameter: pixels, odd, at most 127.
    Returns:
        (H, W) uint8, 0 or 1; bit for bit cv2.dilate's.
    """
    ellipse = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (diameter, diameter))
    reaches = np.asarray(ellipse).sum(axis=1)[diameter // 2 :] // 2  # to either side, from the middle line down
    words, height = _pack(mask), mask.shape[0]
    out = np.zeros_like(words)
    for reach, spread in enumerate(_spread_sideways(words, int(reaches[0]))):
        for line in np.flatnonzero(reaches[:height] == reach):
            out[line:] |= spread[: height - line]
            out[: height - line] |= spread[line:]
    return np.unpackbits(out.view(np.uint8), axis=1, count=mask.shape[1], bitorder="little")


def _spread_sideways(words: Words, most: int) -> Iterator[Words]:
    spread = words.copy()
    yield spread
    for n in range(1, most + 1):
        here, carried = np.uint64(n), np.uint64(64 - n)
        spread |= words << here
        spread |= words >> here
        spread[:, 1:] |= words[:, :-1] >> carried
        spread[:, :-1] |= words[:, 1:] << carried
        yield spread


def _pack(mask: Mask) -> Words:
    bits = np.packbits(mask, axis=1, bitorder="little")
    return np.pad(bits, ((0, 0), (0, -bits.shape[1] % 8))).view("<u8")
