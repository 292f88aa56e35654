"""Tiny movies whose pictures say which frame they are."""

from fractions import Fraction
from pathlib import Path

import av
import cv2
import numpy as np

W, H = 64, 48
COLOURS = ((0.15, 0.65, 0.20), (0.8, 0.6, 0.5), (0.1, 0.2, 0.7), (0.5, 0.5, 0.5))


def picture(number: int, width: int = W, height: int = H) -> np.ndarray:
    """(H, W, 3) float64: eight blocks of the number's bits above, four colours below."""
    bits = [0.9 if number >> bit & 1 else 0.1 for bit in range(8)]
    upper = np.repeat([[bit, bit, bit] for bit in bits], width // 8, axis=0)
    lower = np.repeat(COLOURS, width // 4, axis=0)
    half = height // 2
    return np.concatenate([np.tile(upper, (half, 1, 1)), np.tile(lower, (height - half, 1, 1))])


def number_in(rgb: np.ndarray) -> int:
    """Which picture this is, whatever a codec did to it."""
    height, width = rgb.shape[:2]
    middle = rgb[height // 8 : height // 8 * 3].mean(axis=(0, 2)).reshape(8, width // 8)
    values = middle[:, width // 32 : -(width // 32)].mean(axis=1)
    return sum(1 << bit for bit, value in enumerate(values) if value > 0.5)


def colours_in(rgb: np.ndarray) -> np.ndarray:
    """(4, 3): the middles of the four colours."""
    height, width = rgb.shape[:2]
    lower = rgb[height // 8 * 5 : height // 8 * 7].mean(axis=0).reshape(4, width // 4, 3)
    return lower[:, width // 16 : -(width // 16)].mean(axis=1)


def to_yuv(rgb: np.ndarray, bits: int, kr: float = 0.2126, kb: float = 0.0722, full: bool = False) -> list[np.ndarray]:
    """(H, W, 3) to three planes of rounded codes, in float64, from the definition (H.273, 8.3)."""
    y = rgb @ np.array([kr, 1 - kr - kb, kb])
    cb, cr = (rgb[..., 2] - y) / (2 * (1 - kb)), (rgb[..., 0] - y) / (2 * (1 - kr))
    step = 2 ** (bits - 8)
    luma, chroma, black = (2**bits - 1, 2**bits - 1, 0) if full else (219 * step, 224 * step, 16 * step)
    codes = [y * luma + black, cb * chroma + 128 * step, cr * chroma + 128 * step]
    return [np.rint(plane).clip(0, 2**bits - 1).astype(np.uint8 if bits == 8 else np.uint16) for plane in codes]


def to_rgb(planes: list[np.ndarray], bits: int, kr: float = 0.2126, kb: float = 0.0722, full: bool = False):
    """The reverse, unclipped, float64."""
    step = 2 ** (bits - 8)
    luma, chroma, black = (2**bits - 1, 2**bits - 1, 0) if full else (219 * step, 224 * step, 16 * step)
    y, cb, cr = (plane.astype(np.float64) for plane in planes)
    y, cb, cr = (y - black) / luma, (cb - 128 * step) / chroma, (cr - 128 * step) / chroma
    r, b = y + 2 * (1 - kr) * cr, y + 2 * (1 - kb) * cb
    return np.stack([r, (y - kr * r - kb * b) / (1 - kr - kb), b], axis=2)


def frame_of(planes: list[np.ndarray], pixel_format: str, full: bool = False, width: int = 0) -> av.VideoFrame:
    """A frame of these codes as they are; `width` where a plane's row holds more than one number a pixel."""
    frame = av.VideoFrame(width or planes[0].shape[1], planes[0].shape[0], pixel_format)
    frame.color_range = 2 if full else 1
    for plane, codes in zip(frame.planes, planes, strict=True):
        rows = np.frombuffer(plane, np.uint8)[: plane.line_size * plane.height].reshape(plane.height, plane.line_size)
        flat = np.ascontiguousarray(codes).view(np.uint8).reshape(plane.height, -1)
        rows[:, : flat.shape[1]] = flat
    return frame


def rgb_frame(rgb: np.ndarray, pixel_format: str, matrix: int = 1) -> av.VideoFrame:
    """A frame through libswscale: 8 bits, near enough to be recognised."""
    frame = av.VideoFrame.from_ndarray(np.rint(rgb * 255).astype(np.uint8), "rgb24")
    return frame.reformat(
        format=pixel_format, dst_colorspace=matrix, dst_color_range=2 if "yuvj" in pixel_format else 1
    )


def make(
    path: Path,
    codec: str = "libx264",
    pixel_format: str = "yuv420p",
    *,
    frames=12,
    size=(W, H),
    rate=Fraction(24),
    options=None,
    container=None,
    metadata=None,
    tags=(1, 1, 1, 1),
    times=None,
    before=None,
    **attributes,
) -> Path:
    """Write a movie of `frames`: a count, or av.VideoFrames.

    `tags` are matrix, range, transfer and primaries (None leaves them out); `times` are pts in ticks of 1/1000 s;
    `before` is called with the stream before the first packet.
    """
    with av.open(str(path), "w", container_options=container or {}) as file:
        file.metadata.update(metadata or {})
        stream = file.add_stream(codec, rate=rate, options=options or {})
        context = stream.codec_context
        stream.width, stream.height, stream.pix_fmt = *size, pixel_format
        if tags is not None:
            context.colorspace, context.color_range, context.color_trc, context.color_primaries = tags
        tick = 1 / Fraction(rate) if times is None else Fraction(1, 1000)
        context.time_base = tick
        for name, value in attributes.items():
            setattr(context, name, value)
        if before is not None:
            before(stream)
        if isinstance(frames, int):
            matrix = tags[0] if tags else 1
            frames = (rgb_frame(picture(number, *size), pixel_format, matrix) for number in range(frames))
        for index, frame in enumerate(frames):
            frame.pts, frame.time_base = (index if times is None else times[index]), tick
            if tags is not None:
                frame.colorspace, frame.color_trc, frame.color_primaries = tags[0], tags[2], tags[3]
            file.mux(stream.encode(frame))
        file.mux(stream.encode())
    return path


def smooth(rng: np.random.Generator, channels: int = 3, width: int = W, height: int = H) -> np.ndarray:
    """(H, W, C) float32 0..1 without edges."""
    small = rng.random((5, 6, channels)).astype(np.float32)
    return cv2.resize(small, (width, height), interpolation=cv2.INTER_LINEAR).reshape(height, width, channels)
