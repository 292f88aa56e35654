"""Garbage and core: what is always background, and what is always foreground."""

from __future__ import annotations

import dataclasses

import numpy as np

from corridorkey.resize import resize_bilinear
from corridorkey.types import Array, Guide, Mattes

NO_MATTES = Mattes()
SURE = 0.9  # where a matte begins to be all but white


def fit_mattes(mattes: Mattes, size: tuple[int, int]) -> Mattes:
    """Mattes brought to a height and width."""
    garbage, core = (None if x is None else resize_bilinear(x, size) for x in (mattes.garbage, mattes.core))
    return Mattes(garbage, core)


def hold(x: Array, mattes: Mattes) -> Array:
    """Raise something to the core matte and take the garbage matte away from it; where both are white, garbage wins.

    Args:
        x: (h, w) or (h, w, 1) float32 0..1: an alpha, a hint, a key.
        mattes: of any size.
    Returns:
        Same shape; `x` itself if there is no matte.
    """
    fitted = fit_mattes(mattes, (x.shape[0], x.shape[1]))
    if fitted.core is not None:
        x = np.maximum(x, fitted.core.reshape(x.shape))
    if fitted.garbage is not None:
        x = x * (np.float32(1) - fitted.garbage.reshape(x.shape))
    return x


def hold_guide(guide: Guide, mattes: Mattes) -> Guide:
    """`hold` for the hint and the key of a guide."""
    key = None if guide.key is None else hold(guide.key, mattes)
    return dataclasses.replace(guide, hint=hold(guide.hint, mattes), key=key)


def told(mattes: Mattes) -> Mattes:
    """What the network is told of the mattes. Their softer parts act behind it alone, lest they act twice."""

    def sure(matte: Array | None) -> Array | None:
        return None if matte is None else np.clip((matte - np.float32(SURE)) / np.float32(1 - SURE), 0, 1)

    return Mattes(sure(mattes.garbage), sure(mattes.core))


def hide(guide: Guide, garbage: Array | None) -> Guide:
    """Let the network be shown bare screen where there is garbage.

    Args:
        guide: with a clean plate.
        garbage: (any size) float32 0..1.
    Returns:
        Guide; `hidden` is at the size of the key if something else was hidden already.
    """
    if garbage is None:
        return guide
    if guide.hidden is not None and guide.key is not None:
        size = guide.key.shape[0], guide.key.shape[1]
        garbage = np.maximum(resize_bilinear(guide.hidden, size), resize_bilinear(garbage, size))
    return dataclasses.replace(guide, hidden=garbage)
