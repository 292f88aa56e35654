"""YUV and RGB: which matrix and range a stream has, and the arithmetic, in float."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from corridorkey.errors import FrameReadError
from corridorkey.types import Array

# ITU-T H.273, MatrixCoefficients: code -> name, Kr, Kb.
_MATRICES = {
    1: ("BT.709", 0.2126, 0.0722),
    4: ("FCC", 0.30, 0.11),
    5: ("BT.601", 0.299, 0.114),
    6: ("BT.601", 0.299, 0.114),
    7: ("SMPTE 240M", 0.212, 0.087),
    9: ("BT.2020", 0.2627, 0.0593),
}
_UNTAGGED = (0, 2, 3)  # 0 is RGB: said of a YUV stream, it says nothing
_FULL = 2
_HD = (1280, 720)
# ITU-T H.273, TransferCharacteristics that are no display's gamma.
_NOT_GAMMA = {8: "linear", 9: "log", 10: "log", 16: "PQ (SMPTE ST 2084)", 17: "SMPTE ST 428", 18: "HLG"}
_WIDE = {9: "BT.2020", 11: "DCI-P3", 12: "Display P3"}
_FULL_BY_NATURE = ("mjpeg", "png", "qtrle", "ffv1", "rawvideo", "jpeg2000", "huffyuv", "ffvhuff", "utvideo")


@dataclass(frozen=True, slots=True)
class ColourRule:
    """How a stream's numbers become RGB.

    Attributes:
        kr, kb: luma coefficients of red and blue.
        full: luma from 0 to the largest code, else 16 to 235 (of 255).
        text: the rule for people.
    """

    kr: float
    kb: float
    full: bool
    text: str


@dataclass(frozen=True, slots=True)
class Tags:
    """What a stream says of its colours, as H.273 codes, and what it is."""

    matrix: int
    range: int
    transfer: int
    primaries: int
    codec: str
    pixel_format: str
    size: tuple[int, int]


BT709 = ColourRule(0.2126, 0.0722, False, "BT.709, limited range")


def colour_rule(path: Path, tags: Tags, *, any_transfer: bool = False) -> ColourRule:
    """Decide matrix and range: by the tags; BT.709 for untagged HD, BT.601 below it.

    Args:
        path: named in errors.
        tags: of the stream; size is (width, height).
        any_transfer: the caller has said the colour space, so a curve that is no display's gamma is no error.
    Raises:
        FrameReadError: a matrix that no plain arithmetic undoes, or a transfer curve that is not a display's.
    """
    if tags.transfer in _NOT_GAMMA and not any_transfer:
        raise FrameReadError(
            f"{path}: its transfer curve is {_NOT_GAMMA[tags.transfer]}, not a display's; convert it to BT.709, "
            "or say its colour space with --input-colorspace"
        )
    wide = (
        f"; its primaries are {_WIDE[tags.primaries]}, and are kept, not converted" if tags.primaries in _WIDE else ""
    )
    if tags.pixel_format.startswith(("gbr", "rgb", "bgr", "argb", "abgr", "pal8", "0rgb", "x2")):
        return ColourRule(*_MATRICES[1][1:], True, f"RGB, as the stream has it{wide}")
    full, range_text = _range(tags)
    if tags.pixel_format.startswith(("gray", "ya", "mono")):
        return ColourRule(*_MATRICES[1][1:], full, f"grey, {range_text}")
    code, reason = _matrix(path, tags)
    name, kr, kb = _MATRICES[code]
    return ColourRule(kr, kb, full, f"{name}, {reason}; {range_text}{wide}")


def _matrix(path: Path, tags: Tags) -> tuple[int, str]:
    if tags.matrix in _MATRICES:
        return tags.matrix, "as the stream says"
    if tags.matrix not in _UNTAGGED:
        raise FrameReadError(f"{path}: its colour matrix (H.273 code {tags.matrix}) is not read; export it as BT.709")
    width, height = tags.size
    if tags.codec in ("mjpeg", "ljpeg"):
        return 5, "because it is JPEG"
    if width >= _HD[0] or height >= _HD[1]:
        return 1, "because HD is untagged"
    return 5, "because SD is untagged"


def _range(tags: Tags) -> tuple[bool, str]:
    if tags.range == _FULL or tags.pixel_format.startswith("yuvj"):
        return True, "full range, as the stream says"
    if tags.range == 1:
        return False, "limited range, as the stream says"
    is_grey = tags.pixel_format.startswith(("gray", "ya", "mono"))
    if is_grey and tags.codec in _FULL_BY_NATURE:
        return True, "full range, because it is untagged grey"
    return False, "limited range, because it is untagged"


def to_rgb(y: Array, cb: Array, cr: Array, bits: int, rule: ColourRule) -> Array:
    """Codes to RGB, exactly but for float32.

    Args:
        y, cb, cr: (H, W) float32 codes.
        bits: of a code.
        rule: matrix and range.
    Returns:
        (H, W, 3) float32, coded as the stream has it, clipped to 0..1; in memory channel after channel.
    Source: ITU-T H.273, 8.3.
    """
    luma, chroma, black = _scales(bits, rule.full)
    middle, kg = 2.0 ** (bits - 1), 1 - rule.kr - rule.kb
    y = (y - np.float32(black)) * np.float32(1 / luma)
    cb, cr = (np.asarray((plane - np.float32(middle)) * np.float32(1 / chroma)) for plane in (cb, cr))
    rgb = np.empty((3, *y.shape), np.float32)  # one channel after the other: written faster than interleaved
    np.multiply(cr, np.float32(2 * (1 - rule.kr)), out=rgb[0])
    np.multiply(cb, np.float32(2 * (1 - rule.kb)), out=rgb[2])
    cb *= np.float32(-2 * rule.kb * (1 - rule.kb) / kg)
    cr *= np.float32(-2 * rule.kr * (1 - rule.kr) / kg)
    np.add(cb, cr, out=rgb[1])
    rgb += y
    return np.moveaxis(np.clip(rgb, 0, 1, out=rgb), 0, 2)


def grey(y: Array, bits: int, rule: ColourRule) -> Array:
    """Luma alone: (H, W) codes to float32 0..1."""
    luma, _, black = _scales(bits, rule.full)
    return np.asarray(np.clip((y - np.float32(black)) * np.float32(1 / luma), 0, 1))


def from_rgb(rgb: Array, bits: int, rule: ColourRule = BT709) -> tuple[Array, Array, Array]:
    """The reverse of `to_rgb`: (H, W, 3) float32 0..1 to y, cb, cr, each (H, W) float32, codes not yet rounded."""
    luma, chroma, black = _scales(bits, rule.full)
    r, g, b = (rgb[..., i] for i in range(3))
    y = np.float32(rule.kr) * r + np.float32(1 - rule.kr - rule.kb) * g + np.float32(rule.kb) * b
    middle = np.float32(2.0 ** (bits - 1))
    cb = (b - y) * np.float32(chroma / (2 * (1 - rule.kb))) + middle
    cr = (r - y) * np.float32(chroma / (2 * (1 - rule.kr))) + middle
    return y * np.float32(luma) + np.float32(black), cb, cr


def _scales(bits: int, full: bool) -> tuple[float, float, float]:
    """Codes from black to white, codes from the least to the most chroma, and black."""
    if full:
        return 2.0**bits - 1, 2.0**bits - 1, 0.0
    step = 2.0 ** (bits - 8)
    return 219 * step, 224 * step, 16 * step
