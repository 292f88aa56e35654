"""A first guess at the subject's colour: the plate less the screen that shows through, in linear light.

A plate is `alpha · fg + (1 - alpha) · screen`. Where alpha is low, dividing by it leaves noise; the guess goes over to
the colour of what is near and more solid there, in which screen colour is limited. A solid pixel keeps its own.
"""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor

from corridorkey.config import FAINT, NEAR, SPREAD_LEVELS, SPREAD_STRIDE
from corridorkey_torch.decoder import resize


def decoded(srgb: Tensor) -> Tensor:
    """sRGB to linear light, any shape; floored at 0."""
    linear: Tensor = torch.where(srgb <= 0.04045, srgb / 12.92, ((srgb.clamp(min=0.04) + 0.055) / 1.055) ** 2.4)
    return linear.clamp(min=0)


def encoded(linear: Tensor) -> Tensor:
    """Linear light to sRGB, any shape."""
    power = 1.055 * linear.clamp(min=0.0031308) ** (1 / 2.4) - 0.055
    return torch.where(linear <= 0.0031308, linear * 12.92, power)


def unmixed(plate: Tensor, clean_plate: Tensor, alpha: Tensor, own: int) -> Tensor:
    """The subject's colour, if that is its alpha.

    Args:
        plate, clean_plate: (B, 3, H, W) linear; sides are multiples of 4.
        alpha: (B, 1, H, W) 0..1.
        own: the screen's channel.
    Returns:
        (B, 3, H, W) linear, straight, 0..1.
    """
    light = plate - (1 - alpha) * clean_plate
    near, square = surroundings(light, alpha, own), alpha * alpha
    cube = square * alpha
    faint = FAINT * (1 - cube)
    return ((square * light + faint * near) / (cube + faint)).clamp(0, 1)


def surroundings(light: Tensor, alpha: Tensor, own: int) -> Tensor:
    """The colour of what is near and solid, from a pyramid of means: each level fills what the finer one has not seen.

    Args:
        light: (B, 3, H, W) linear, times alpha; sides are multiples of 4.
        alpha: (B, 1, H, W).
        own: the screen's channel, limited to the larger of the others.
    Returns:
        (B, 3, H, W) linear, straight.
    """
    weight = alpha * alpha * alpha
    seen = F.avg_pool2d(torch.cat([light.clamp(0, 1) * weight, alpha * weight], dim=1), SPREAD_STRIDE)
    size, block = seen.shape[2:], 1 << (SPREAD_LEVELS - 1)
    levels = [F.pad(seen, (0, -size[1] % block, 0, -size[0] % block))]
    while len(levels) < SPREAD_LEVELS:
        levels.append(F.avg_pool2d(levels[-1], 2))
    mean = seen.mean((2, 3), keepdim=True)
    near = mean[:, :3] / (mean[:, 3:] + NEAR**2)
    for level in reversed(levels):
        near = resize(near, (level.shape[2], level.shape[3]))
        near = (level[:, :3] + NEAR * near) / (level[:, 3:] + NEAR)
    near = resize(near[:, :, : size[0], : size[1]], (alpha.shape[2], alpha.shape[3]))
    channels = [near[:, at : at + 1] for at in range(3)]
    first, second = (channel for at, channel in enumerate(channels) if at != own)
    channels[own] = torch.minimum(channels[own], torch.maximum(first, second))
    return torch.cat(channels, dim=1)
