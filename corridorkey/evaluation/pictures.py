"""What to look at: a frame's result at 1:1, around its worst or its softest places."""

from __future__ import annotations

import cv2
import numpy as np

from corridorkey.color import linear_to_srgb
from corridorkey.evaluation.contract import Result
from corridorkey.evaluation.frame import TestFrame
from corridorkey.metrics import transition
from corridorkey.pipeline import display_rgb
from corridorkey.types import Array

CROP = 280  # px
PLACES = 3  # shown of a frame without truth
GREY = 0.18  # linear; what edges are looked at over
Row = dict[str, Array]


def places(weight: Array, count: int) -> list[tuple[slice, slice]]:
    """The crops with the most weight that do not overlap, heaviest first; rows and columns of each.

    Args:
        weight: (H, W) float32, not below 0.
        count: how many at most; fewer where there is no weight left. The first is always there.
    """
    height, width = weight.shape
    rows, cols = min(CROP, height), min(CROP, width)
    left = weight.astype(np.float32)
    found: list[tuple[slice, slice]] = []
    for _ in range(count):
        total = cv2.boxFilter(left, -1, (cols, rows), normalize=False, borderType=cv2.BORDER_CONSTANT)
        y, x = np.unravel_index(int(total.argmax()), total.shape)
        top, start = (int(np.clip(at - n // 2, 0, side - n)) for at, n, side in ((y, rows, height), (x, cols, width)))
        if found and left[top : top + rows, start : start + cols].sum() <= 0.05 * weight.sum():
            break
        found.append((slice(top, top + rows), slice(start, start + cols)))
        left[found[-1]] = 0
    return found


def look_at(frame: TestFrame, result: Result, note: str = "") -> list[Row]:
    """Rows for a contact sheet: around the largest error of alpha, or around the softest places where nobody knows it.

    Args:
        frame, result: as they belong together.
        note: goes behind the frame's name.
    """
    plate = display_rgb(frame.plate)
    comp = linear_to_srgb(result.fg * result.alpha[..., None] + np.float32(GREY) * (1 - result.alpha[..., None]))
    pictures = {"alpha": result.alpha, "fg": linear_to_srgb(result.fg), "comp": comp}
    if frame.alpha is None or frame.fg is None:
        crops = places(transition(result.alpha).astype(np.float32), PLACES)
    else:
        wrong = np.abs(result.alpha - frame.alpha)
        pictures |= {"true alpha": frame.alpha, "wrong by": wrong, "true fg": linear_to_srgb(frame.fg)}
        crops = places(wrong, 1)
    order = ("alpha", "true alpha", "wrong by", "fg", "true fg", "comp")
    return [
        {
            f"{frame.name}{note}": plate,
            f"plate at {crop[1].start}, {crop[0].start}": plate[crop].copy(),
            **{label: pictures[label][crop].copy() for label in order if label in pictures},
        }
        for crop in crops
    ]


def small(picture: Array) -> Array:
    """An (H, W, 3) picture no larger than a crop, to keep many; an upright one gets black sides."""
    scale = min(1.0, CROP / max(picture.shape[:2]))
    shrunk = cv2.resize(picture, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    beside = max(shrunk.shape[0] - shrunk.shape[1], 0)
    framed = cv2.copyMakeBorder(shrunk, 0, 0, beside // 2, beside - beside // 2, cv2.BORDER_CONSTANT)
    return np.asarray(framed, np.float32)
