"""The plate's own pixels, despilled, where the subject is solid: highlights, wide colours and grain stay."""

from __future__ import annotations

import cv2
import numpy as np

from corridorkey.bands import in_bands
from corridorkey.color import linear_to_srgb, srgb_to_linear
from corridorkey.despill import despill
from corridorkey.types import Array, Screen, Space

SOLID = 0.95  # alpha; networks leave a few hundredths open in real bodies, 0.98 would tear holes into them
BEGIN, FULL = 0.002, 0.01  # of the long side: how deep inside the plate begins to show, and is all there is

LEAST = 2.0  # px; a plate with subsampled colour has the screen's this far inside


def solid_share(alpha: Array) -> Array:
    """How much of the plate's own pixel is taken: all deep inside the solid, less towards its edge, nothing beside it.

    Args:
        alpha: (H, W, 1) float32 0..1.
    Returns:
        (H, W, 1) float32 0..1; the frame's border is no edge.
    """
    solid = (alpha[..., 0] > SOLID).view(np.uint8)
    share = np.asarray(cv2.distanceTransform(solid, cv2.DIST_L2, cv2.DIST_MASK_3), np.float32)
    side = max(solid.shape)
    begin, width = (np.float32(max(LEAST, part * side)) for part in (BEGIN, FULL - BEGIN))

    def smooth_step(rows: slice) -> None:  # no crease at either end
        x = np.clip((share[rows] - begin) / width, np.float32(0), np.float32(1))
        share[rows] = x * x * (np.float32(3) - np.float32(2) * x)

    in_bands(smooth_step, (solid.shape[0], solid.shape[1]))
    return share[..., None]


def own_light(rgb: Array, space: Space, screen: Screen, strength: float) -> Array:
    """A plate in linear light, despilled; what has no spill stays as it is to the last bit.

    Args:
        rgb: (H, W, 3) float32, the plate's.
        space: its transfer curve.
        screen: colour of its screen.
        strength: as `despill`'s.
    Returns:
        (H, W, 3) float32, linear; of a linear plate below 0 and above 1 where that is.
    """
    if space == "srgb":
        return srgb_to_linear(despill(rgb, screen, strength))
    srgb = linear_to_srgb(rgb)
    clean = despill(srgb, screen, strength)
    # As a difference: the curve floors what is below 0, and loses a bit there and back.
    out = srgb_to_linear(clean)
    out -= np.maximum(rgb, np.float32(0))
    out *= clean != srgb
    out += rgb
    return out


def take_own(own: Array, share: Array, *lights: Array) -> None:
    """Mix the plate's own light into others, in place; where its share is 1 or 0, each is exactly one of them.

    Args:
        own: (H, W, 3) float32, linear; used up.
        share: (H, W, 1) float32 0..1, of `own`.
        lights: (H, W, 3) float32, linear.
    """
    kept = np.float32(1) - share
    own *= share
    for light in lights:
        light *= kept
        light += own
