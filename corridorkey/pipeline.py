"""One frame through the waist: prepare, predict, finish."""

from __future__ import annotations

import dataclasses
from typing import Protocol

from corridorkey.color import linear_to_srgb
from corridorkey.config import GreenFormerConfig, KeySettings
from corridorkey.finish import finish
from corridorkey.hints.chroma import chroma_guide
from corridorkey.hints.given import obey_hint
from corridorkey.mattes import NO_MATTES, hide, hold, hold_guide, told
from corridorkey.prepare import prepare, restore
from corridorkey.types import Array, Guide, KeyedFrame, Mattes, Plate, Prediction, Screen


class Keyer(Protocol):
    """A network behind one call."""

    contract: GreenFormerConfig
    """What `predict` wants to be given."""

    def predict(self, x: Array, refiner_scale: float = 1.0) -> Prediction:
        """A prepared (1, h, w, C) float32 frame to its prediction at (h, w)."""
        ...


def display_rgb(plate: Plate) -> Array:
    """The plate's colours as sRGB, (H, W, 3) float32."""
    return linear_to_srgb(plate.rgb) if plate.space == "linear" else plate.rgb


def guide_frame(
    plate: Plate,
    screen: Screen,
    contract: GreenFormerConfig,
    hint: Array | None = None,
    screen_rgb: Array | None = None,
    mattes: Mattes = NO_MATTES,
) -> Guide:
    """All that the network wants to know of a frame beside its colours.

    Args:
        plate: the frame.
        screen: colour of its screen.
        contract: says whether key and clean plate are wanted.
        hint: (h, w) float32 0..1 from elsewhere; None makes one from the screen.
        screen_rgb: (3,) sRGB, the screen's shade in this clip, so that a frame without screen is not mistaken for one;
            None goes by the frame alone.
        mattes: garbage and core, of any size.
    Returns:
        Guide.
    """
    mattes = told(mattes)
    hint = None if hint is None else hold(hint, mattes)
    is_bare = contract.inputs == ("rgb", "hint")
    if hint is not None and is_bare and mattes.garbage is None:
        return Guide(hint, screen)
    # First, so that what garbage cuts off counts as untouched by the hint, and what core reaches as touched.
    guide = hold_guide(chroma_guide(display_rgb(plate), screen, screen_rgb), mattes)
    if hint is not None:
        guide = dataclasses.replace(guide, hint=hint) if is_bare else obey_hint(guide, hint)
    return hide(guide, mattes.garbage)


def key_frame(
    plate: Plate, guide: Guide, keyer: Keyer, settings: KeySettings, mattes: Mattes = NO_MATTES
) -> KeyedFrame:
    """Key one frame.

    Args:
        plate: (H, W, 3), sRGB or linear.
        guide: from `guide_frame`.
        keyer: a loaded network.
        settings: the artist's knobs; the screen colour is the guide's.
        mattes: those that the guide was made with.
    Returns:
        KeyedFrame at (H, W).
    """
    x = prepare(plate, guide, keyer.contract)
    prediction = keyer.predict(x, refiner_scale=settings.refiner_scale)
    return finish_frame(prediction, plate, guide.screen, keyer.contract, settings, mattes)


def finish_frame(
    prediction: Prediction,
    plate: Plate,
    screen: Screen,
    contract: GreenFormerConfig,
    settings: KeySettings,
    mattes: Mattes = NO_MATTES,
) -> KeyedFrame:
    """What `key_frame` does behind the network.

    Args:
        prediction: at the network's size.
        plate: the one it is of.
        screen: colour of its screen.
        contract: of the keyer that predicted.
        settings: the artist's knobs; the screen colour is `screen`.
        mattes: as `key_frame`.
    Returns:
        KeyedFrame at (H, W).
    """
    settings = dataclasses.replace(settings, screen_color=screen)
    return finish(restore(prediction, plate, contract, screen), plate, settings, mattes)
