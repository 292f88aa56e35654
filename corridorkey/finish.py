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
from corridorkey.mattes import NO_MATTES, fit_mattes, hold
from corridorkey.resize import resize_lanczos
from corridorkey.source_detail import own_light, solid_share, take_own
from corridorkey.types import Array, KeyedFrame, Mattes, Plate, Prediction


def finish(prediction: Prediction, plate: Plate, settings: KeySettings, mattes: Mattes = NO_MATTES) -> KeyedFrame:
    """Resize, clean, hold to the mattes, remove spill, premultiply and composite.

    Args:
        prediction: alpha (h, w, 1) and fg (h, w, 3) at the network's size.
        plate: gives the size (H, W), and its own pixels where they are asked for.
        settings: despill, despeckle, source_detail; its screen colour is decided by now, not "auto".
        mattes: garbage and core, of any size. What core adds to alpha has the plate's own colour.
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
    mattes = fit_mattes(mattes, plate.size)
    held = hold(alpha, mattes)
    clean_alpha = hold(despeckle(alpha, settings.despeckle), mattes)
    own = _own_share(alpha, clean_alpha, mattes.core, settings)
    processed, comp = np.empty((*plate.size, 4), np.float32), np.empty((*plate.size, 3), np.float32)
    light = None if own is None else np.empty((*plate.size, 3), np.float32)

    def composite(rows: slice) -> None:
        linear = srgb_to_linear(despill(fg[rows], screen, settings.despill))
        if own is not None and light is not None:
            light[rows] = srgb_to_linear(fg[rows])
            taken = np.flatnonzero(own[rows].any(axis=(0, 2)))
            if taken.size:
                columns = slice(taken[0], taken[-1] + 1)
                band = own_light(plate.rgb[rows, columns], plate.space, screen, settings.despill)
                take_own(band, own[rows, columns], linear[:, columns], light[rows, columns])
        rgba = premultiply(linear, clean_alpha[rows])
        background = checker((len(rgba), plate.size[1]), top=rows.start)
        processed[rows], comp[rows] = rgba, linear_to_srgb(over(rgba, background))

    in_bands(composite, plate.size)
    return KeyedFrame(held, fg, processed, comp, light)


def _own_share(alpha: Array, clean_alpha: Array, core: Array | None, settings: KeySettings) -> Array | None:
    """How much of each pixel's colour is the plate's own, (H, W, 1) 0..1; None if nothing asks for it."""
    share = solid_share(clean_alpha) if settings.source_detail else None
    if core is not None:
        raised = core[..., None] - alpha
        share = np.maximum(raised, np.float32(0) if share is None else share, out=raised)
    return share


def _resized(x: Array, size: tuple[int, int]) -> Array:
    resized = resize_lanczos(x, size)
    out = np.empty_like(x) if resized is x else resized  # the prediction stays as it is

    def clamp(rows: slice) -> None:
        np.clip(resized[rows], np.float32(0), np.float32(1), out=out[rows])

    in_bands(clamp, size)
    return out
