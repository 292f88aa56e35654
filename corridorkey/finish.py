"""Prediction to finished frame, at the plate's size."""

from __future__ import annotations

import numpy as np

from corridorkey.bands import in_bands
from corridorkey.color import linear_to_srgb, srgb_to_linear
from corridorkey.composite import checker, over, premultiply
from corridorkey.config import KeySettings
from corridorkey.despeckle import despeckle
from corridorkey.despill import despill
from corridorkey.errors import SettingsError
from corridorkey.resize import resize_lanczos
from corridorkey.types import Array, KeyedFrame, Plate, Prediction


def finish(prediction: Prediction, plate: Plate, settings: KeySettings) -> KeyedFrame:
    """Resize, clean, remove spill, premultiply and composite.

    Args:
        prediction: alpha (h, w, 1) and fg (h, w, 3) at the network's size.
        plate: gives the size (H, W).
        settings: despill, despeckle; its screen colour is decided by now, not "auto".
    Returns:
        KeyedFrame at (H, W); `alpha` and `fg` raw, `processed` and `comp` cleaned.
    Raises:
        SettingsError: the screen colour is still "auto".
    Source: CorridorKey's CPU path, but for one clamp: it leaves Lanczos' overshoot (alpha −0.19…1.07) in.
    """
    screen = settings.screen_color
    if screen == "auto":
        raise SettingsError("the screen colour must be decided before a frame is finished")
    alpha = _resized(prediction.alpha, plate.size)
    fg = _resized(prediction.fg, plate.size)
    clean_alpha = despeckle(alpha, settings.despeckle)
    processed, comp = np.empty((*plate.size, 4), np.float32), np.empty((*plate.size, 3), np.float32)

    def composite(rows: slice) -> None:
        clean_fg = despill(fg[rows], screen, settings.despill)
        rgba = premultiply(srgb_to_linear(clean_fg), clean_alpha[rows])
        background = checker((len(rgba), plate.size[1]), top=rows.start)
        processed[rows], comp[rows] = rgba, linear_to_srgb(over(rgba, background))

    in_bands(composite, plate.size)
    return KeyedFrame(alpha, fg, processed, comp)


def _resized(x: Array, size: tuple[int, int]) -> Array:
    resized = resize_lanczos(x, size)
    out = np.empty_like(x) if resized is x else resized  # the prediction stays as it is

    def clamp(rows: slice) -> None:
        np.clip(resized[rows], np.float32(0), np.float32(1), out=out[rows])

    in_bands(clamp, size)
    return out
