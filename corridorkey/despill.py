"""Spill: the screen's light on the subject."""

from __future__ import annotations

import numpy as np

from corridorkey.errors import SettingsError
from corridorkey.types import Array, Screen

SCREEN_CHANNEL: dict[str, int] = {"green": 1, "blue": 2}


def despill(rgb: Array, screen: Screen = "green", strength: float = 1.0) -> Array:
    """Limit the screen channel to the mean of the other two, and give them half of what it loses each.

    Args:
        rgb: (..., 3) float32, sRGB, straight.
        screen: "green" or "blue".
        strength: 0 leaves rgb as it is, 1 removes all spill.
    Returns:
        Same shape and space.
    Raises:
        SettingsError: unknown screen, or strength outside 0..1.
    Source: Vlahos's colour-difference limit; "average" in CorridorKey.
    """
    if screen not in SCREEN_CHANNEL:
        raise SettingsError(f"screen {screen!r}: use green or blue")
    if not 0.0 <= strength <= 1.0:
        raise SettingsError(f"despill strength {strength}: use 0 to 1")
    if strength == 0.0:
        return rgb
    channel = SCREEN_CHANNEL[screen]
    others = [c for c in range(3) if c != channel]
    limit = (rgb[..., others[0]] + rgb[..., others[1]]) * np.float32(0.5)
    spill = np.maximum(rgb[..., channel] - limit, np.float32(0)) * np.float32(strength)
    out = rgb.copy()
    out[..., channel] -= spill
    for other in others:
        out[..., other] += spill * np.float32(0.5)
    return out
