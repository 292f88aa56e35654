"""A decoded frame's pixels as float RGB: exact, where libswscale rounds everything above 8 bits down to 8.

Measured on random pictures: from 4:4:4 YUV of 8, 10 and 12 bits to gbrpf32 or rgb48, swscale is up to 1, 4 and 16 codes
too dark, half of that on average, whatever its flags; `matrix.to_rgb` is within float32 of the definition.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

import numpy as np
from numpy.typing import NDArray

from corridorkey.media.movie.chroma import upsample
from corridorkey.media.movie.matrix import ColourRule, grey, to_rgb
from corridorkey.types import Array

if TYPE_CHECKING:
    from av.video.format import VideoFormat
    from av.video.frame import VideoFrame
    from av.video.plane import VideoPlane

_CENTRED = ("mjpeg", "mpeg1video", "ljpeg")  # where these put chroma; the others, on the left column


def channels_of(frame: VideoFrame, rule: ColourRule, codec: str) -> dict[str, Array]:
    """A frame's channels, unturned.

    Args:
        frame: decoded.
        rule: matrix and range.
        codec: its name; it tells where chroma samples lie.
    Returns:
        "R", "G" and "B", or "Y" if the stream is grey; and "A" if it has alpha. (H, W) float32, coded as the stream
        has it, 0..1 unless the stream is float.
    """
    if frame.format.name.startswith("ya"):
        return _grey_alpha(frame, rule)
    frame = _planar(frame)
    planes = _planes(frame)
    bits = frame.format.components[0].bits
    found = {}
    if any(part.is_alpha for part in frame.format.components):
        found["A"] = _unit(planes.pop(), bits)
    if len(planes) == 1:
        y = planes[0]
        return found | {"Y": y if bits == 32 else grey(y, bits, rule)}
    if frame.format.is_rgb:
        return found | {name: _unit(planes["GBR".index(name)], bits) for name in "RGB"}
    y = planes[0]
    cb, cr = (upsample(plane, *y.shape, centred=codec in _CENTRED) for plane in planes[1:])
    rgb = to_rgb(y, cb, cr, bits, rule)
    return found | {name: rgb[..., i] for i, name in enumerate("RGB")}


def rgb_of(channels: dict[str, Array]) -> Array:
    """(H, W, 3) float32 of `channels_of`; grey becomes RGB."""
    return np.stack([channels["Y"]] * 3 if "Y" in channels else [channels[name] for name in "RGB"], axis=2)


def plane_rows(plane: VideoPlane) -> NDArray[np.uint8]:
    """A plane's memory as (rows, bytes of a row with its padding); writing to it writes to the frame."""
    memory = np.frombuffer(cast(Any, plane), np.uint8)
    return memory[: plane.line_size * plane.height].reshape(plane.height, plane.line_size)


def bits_of(pixel_format: VideoFormat) -> int:
    """Bits of a colour sample."""
    return 8 if pixel_format.has_palette else max(part.bits for part in pixel_format.components)


def _planar(frame: VideoFrame) -> VideoFrame:
    """The same numbers, each component in a plane of its own, as long as libswscale has only to move them."""
    found = frame.format
    components = found.components
    own_planes = len({part.plane for part in components}) == len(components)
    if own_planes and not (found.has_palette or found.is_bit_stream):
        return frame
    bits = bits_of(found)
    alpha = "a" if found.has_palette or any(part.is_alpha for part in components) else ""
    if found.is_rgb or found.has_palette:
        name = f"gbr{alpha}p" + (f"{bits}le" if bits > 8 else "")
    elif len(components) == 1:
        name = "gray"
    else:
        ratio = (-(-found.width // components[1].width), -(-found.height // components[1].height))
        layout = {(1, 1): "444", (2, 1): "422", (2, 2): "420", (1, 2): "440", (4, 1): "411", (4, 4): "410"}[ratio]
        name = f"yuv{alpha}{layout}p" + (f"{bits}le" if bits > 8 else "")
    return frame.reformat(
        format=name, src_colorspace=1, dst_colorspace=1, src_color_range=frame.color_range or 1,
        dst_color_range=frame.color_range or 1,
    )  # fmt: skip


def _planes(frame: VideoFrame) -> list[Array]:
    """Codes of each component, in the components' order."""
    bits, big = frame.format.components[0].bits, frame.format.is_big_endian
    kind = np.dtype("f4" if bits == 32 else "f2" if "f16" in frame.format.name else "u1" if bits <= 8 else "u2")
    kind = kind.newbyteorder(">" if big else "<")
    planes = []
    for plane in frame.planes:
        rows = plane_rows(plane)
        pixels = rows[:, : plane.width * kind.itemsize].copy().view(kind)
        planes.append(np.asarray(pixels, np.float32))
    return planes


def _grey_alpha(frame: VideoFrame, rule: ColourRule) -> dict[str, Array]:
    bits = frame.format.components[0].bits
    size = 1 if bits == 8 else 2
    kind = np.dtype(f"u{size}").newbyteorder(">" if frame.format.is_big_endian else "<")
    plane = frame.planes[0]
    rows = plane_rows(plane)
    pairs = rows[:, : 2 * size * plane.width].copy().view(kind).reshape(plane.height, plane.width, 2)
    pixels = pairs.astype(np.float32)
    return {"Y": grey(pixels[..., 0], bits, rule), "A": _unit(pixels[..., 1], bits)}


def _unit(codes: Array, bits: int) -> Array:
    return codes if bits == 32 else codes * np.float32(1 / (2**bits - 1))
