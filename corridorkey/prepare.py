"""Plate and guide to network input, and the network's frame back to the plate's."""

from __future__ import annotations

import numpy as np

from corridorkey.color import linear_to_srgb
from corridorkey.config import AT_HOME, MOST_ENLARGED, SIZE_STEP, GreenFormerConfig
from corridorkey.errors import SettingsError
from corridorkey.resize import resize_bilinear, resize_lanczos
from corridorkey.types import Array, Guide, Plate, Prediction, Screen

MEAN = np.array((0.485, 0.456, 0.406), np.float32)  # ImageNet
STD = np.array((0.229, 0.224, 0.225), np.float32)
SWAP = [0, 2, 1]  # blue seen as green


def fitted_size(plate: tuple[int, int], contract: GreenFormerConfig) -> tuple[int, int]:
    """Height and width to which a plate of that size is brought, before padding.

    Args:
        plate: height and width of the plate.
        contract: its `sizing`, `size` and `overview` decide.
    Returns:
        (size, size) for "square"; the plate's own aspect for "aspect", its long side at most `size`, and at least
        AT_HOME times `overview` where enlarging it by MOST_ENLARGED gets there.
    """
    if contract.sizing == "square":
        return contract.size, contract.size
    enlarged = min(max(1.0, AT_HOME * contract.overview / max(plate)), MOST_ENLARGED)
    scale = min(enlarged, contract.size / max(plate))
    return max(1, round(plate[0] * scale)), max(1, round(plate[1] * scale))


def padded_size(plate: tuple[int, int], contract: GreenFormerConfig) -> tuple[int, int]:
    """Height and width the network sees: `fitted_size`, its sides padded up to multiples of 32."""
    h, w = fitted_size(plate, contract)
    return h + -h % SIZE_STEP, w + -w % SIZE_STEP


def swaps_screen(contract: GreenFormerConfig, screen: Screen) -> bool:
    """Whether green and blue change places, so that a network for any screen only ever sees green."""
    return contract.screen == "any" and screen == "blue"


def fit_colours(plate: Plate, size: tuple[int, int], contract: GreenFormerConfig) -> Array:
    """A plate's colours as a network gets them, at another size.

    Args:
        plate: (H, W, 3), sRGB or linear.
        size: height and width, from `fitted_size`.
        contract: how a network that squashes its plates enlarges is its own affair; see `_enlarges`.
    Returns:
        (h, w, 3) float32, sRGB; below 0 and above 1 where the plate is, and beside hard edges where it is enlarged.
    """
    if plate.space == "srgb":
        return fit_image(plate.rgb, size, plate, contract)
    if _enlarges(plate, size, contract):  # encoded first: beside a lamp, Lanczos rings less than in linear light
        return fit_image(linear_to_srgb(plate.rgb), size, plate, contract)
    return linear_to_srgb(resize_bilinear(plate.rgb, size))


def _enlarges(plate: Plate, size: tuple[int, int], contract: GreenFormerConfig) -> bool:
    """Whether a plate is enlarged to see it better; the squashing networks were trained on bilinear pictures."""
    return contract.sizing == "aspect" and max(size) > max(plate.size)


def fit_image(image: Array, size: tuple[int, int], plate: Plate, contract: GreenFormerConfig) -> Array:
    """A plate's encoded colours, or what belongs to it (hint, key, matte, clean plate), at the network's size.

    Bilinear; but Lanczos from the plate's own size to a larger one, and what comes back is as sharp as it was.

    Args:
        image: (any size) or (any size, 3) float32; with two axes 0..1.
        size: height and width, from `fitted_size`.
        plate: it belongs to.
        contract: as for `fit_colours`.
    Returns:
        float32, same rank; with two axes 0..1.
    """
    if image.shape[:2] != plate.size or not _enlarges(plate, size, contract):
        return resize_bilinear(image, size)
    if image.ndim == 2:
        return np.clip(resize_lanczos(image[..., None], size)[..., 0], np.float32(0), np.float32(1))
    return resize_lanczos(image, size)


def prepare(plate: Plate, guide: Guide, contract: GreenFormerConfig) -> Array:
    """Bring a plate and what is known of it into the form the network was trained on.

    Args:
        plate: (H, W, 3), sRGB or linear.
        guide: hint, and key and clean plate where the contract asks for them.
        contract: inputs, sizing and screen.
    Returns:
        (1, h, w, C) float32 NHWC: sRGB colours ImageNet-normalised, masks as they are; h and w multiples of 32.
    Raises:
        SettingsError: the contract asks for a key or a clean plate that the guide lacks.
    Source: CorridorKey; a linear plate is resized before it is encoded, but where it is enlarged.
    """
    size = fitted_size(plate.size, contract)
    rgb = fit_colours(plate, size, contract)
    swap = swaps_screen(contract, guide.screen)

    def colour(srgb: Array) -> Array:
        return (np.maximum(srgb[..., SWAP] if swap else srgb, np.float32(0)) - MEAN) / STD

    def fitted(image: Array | None, name: str) -> Array:
        if image is None:
            raise SettingsError(f"this network wants the input {name!r}, which a hint alone does not give")
        return fit_image(image, size, plate, contract)

    if guide.hidden is not None:
        hidden = fitted(guide.hidden, "hidden")[..., None]
        rgb = rgb + hidden * (fitted(guide.clean_plate, "screen") - rgb)
    groups = {
        "rgb": lambda: colour(rgb),
        "hint": lambda: fitted(guide.hint, "hint")[..., None],
        "key": lambda: fitted(guide.key, "key")[..., None],
        "screen": lambda: colour(fitted(guide.clean_plate, "screen")),
    }
    x = np.concatenate([groups[name]() for name in contract.inputs], axis=-1)
    down, right = (padded - n for padded, n in zip(padded_size(plate.size, contract), size, strict=True))
    return np.pad(x, ((0, down), (0, right), (0, 0)), mode="edge")[None]


def restore(prediction: Prediction, plate: Plate, contract: GreenFormerConfig, screen: Screen) -> Prediction:
    """Undo what `prepare` did to the frame: cut the padding off, put blue back.

    Args:
        prediction: at the network's size.
        plate: the one that was prepared.
        contract: the one it was prepared for.
        screen: colour of the plate's screen.
    Returns:
        Prediction of (h, w) as `fitted_size` gives it.
    """
    h, w = fitted_size(plate.size, contract)
    fg = prediction.fg[:h, :w]
    return Prediction(prediction.alpha[:h, :w], fg[..., SWAP] if swaps_screen(contract, screen) else fg)
