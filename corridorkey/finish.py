"""Prediction to finished frame, at the plate's size."""

from __future__ import annotations

import numpy as np

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
    if settings.screen_color == "auto":
        raise SettingsError("the screen colour must be decided before a frame is finished")
    alpha = _clamped(resize_lanczos(prediction.alpha, plate.size))
    fg = _clamped(resize_lanczos(prediction.fg, plate.size))
    clean_fg = despill(fg, settings.screen_color, settings.despill)
    processed = premultiply(srgb_to_linear(clean_fg), despeckle(alpha, settings.despeckle))
    comp = linear_to_srgb(over(processed, checker(plate.size)))
    return KeyedFrame(alpha, fg, processed, comp)


def _clamped(x: Array) -> Array:
    return np.clip(x, np.float32(0), np.float32(1))
