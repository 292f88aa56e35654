"""A first guess at the subject's colour: the plate less the screen that shows through, in linear light.

A plate is `alpha · fg + (1 - alpha) · screen`. Where alpha is low, dividing by it leaves noise; the guess goes over to
the colour of what is near and more solid there, in which screen colour is limited. A solid pixel keeps its own.
"""

from __future__ import annotations

import mlx.core as mx

from corridorkey.config import FAINT, NEAR, SPREAD_LEVELS, SPREAD_STRIDE
from corridorkey_mlx.decoder import resize


def decoded(srgb: mx.array) -> mx.array:
    """sRGB to linear light, any shape; floored at 0."""
    linear = mx.where(srgb <= 0.04045, srgb / 12.92, ((mx.maximum(srgb, 0.04) + 0.055) / 1.055) ** 2.4)
    return mx.maximum(linear, 0)


def encoded(linear: mx.array) -> mx.array:
    """Linear light to sRGB, any shape."""
    power = 1.055 * mx.maximum(linear, 0.0031308) ** (1 / 2.4) - 0.055
    return mx.where(linear <= 0.0031308, linear * 12.92, power)


def unmixed(plate: mx.array, clean_plate: mx.array, alpha: mx.array, own: int) -> mx.array:
    """The subject's colour, if that is its alpha.

    Args:
        plate, clean_plate: (B, H, W, 3) linear; sides are multiples of 4.
        alpha: (B, H, W, 1) 0..1.
        own: the screen's channel.
    Returns:
        (B, H, W, 3) linear, straight, 0..1.
    """
    light = plate - (1 - alpha) * clean_plate
    near, square = surroundings(light, alpha, own), alpha * alpha
    cube = square * alpha
    faint = FAINT * (1 - cube)
    return mx.clip((square * light + faint * near) / (cube + faint), 0, 1)


def surroundings(light: mx.array, alpha: mx.array, own: int) -> mx.array:
    """The colour of what is near and solid, from a pyramid of means: each level fills what the finer one has not seen.

    Args:
        light: (B, H, W, 3) linear, times alpha; sides are multiples of 4.
        alpha: (B, H, W, 1).
        own: the screen's channel, limited to the larger of the others.
    Returns:
        (B, H, W, 3) linear, straight.
    """
    weight = alpha * alpha * alpha
    seen = _mean(mx.concatenate([mx.clip(light, 0, 1) * weight, alpha * weight], axis=-1), SPREAD_STRIDE)
    size, block = seen.shape[1:3], 1 << (SPREAD_LEVELS - 1)
    levels = [mx.pad(seen, [(0, 0), (0, -size[0] % block), (0, -size[1] % block), (0, 0)])]
    while len(levels) < SPREAD_LEVELS:
        levels.append(_mean(levels[-1], 2))
    # Rows first: one long float32 sum over a frame loses four of seven digits on a CPU, which every empty pixel shows.
    mean = seen.mean(2, keepdims=True).mean(1, keepdims=True)
    near = mean[..., :3] / (mean[..., 3:] + NEAR**2)
    for level in reversed(levels):
        near = resize(near, (level.shape[1], level.shape[2]))
        near = (level[..., :3] + NEAR * near) / (level[..., 3:] + NEAR)
    near = resize(near[:, : size[0], : size[1]], (alpha.shape[1], alpha.shape[2]))
    channels = [near[..., at : at + 1] for at in range(3)]
    first, second = (channel for at, channel in enumerate(channels) if at != own)
    channels[own] = mx.minimum(channels[own], mx.maximum(first, second))
    return mx.concatenate(channels, axis=-1)


def _mean(x: mx.array, side: int) -> mx.array:
    """(B, h, w, C) to means over squares."""
    batch, height, width, channels = x.shape
    return x.reshape(batch, height // side, side, width // side, side, channels).mean((2, 4))
