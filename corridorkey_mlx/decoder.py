"""A decoder head: the encoder's four features to logits at stride 4."""

from __future__ import annotations

import mlx.core as mx
from mlx import nn

from corridorkey.config import GreenFormerConfig
from corridorkey.resize import bilinear_taps
from corridorkey_mlx.norms import BatchNorm2d


def resize(x: mx.array, size: tuple[int, int]) -> mx.array:
    """Bilinear (half-pixel) in one step: (B, h, w, C) to (B, *size, C)."""
    for axis, length in ((1, size[0]), (2, size[1])):
        left, right, weight = (mx.array(taps) for taps in bilinear_taps(x.shape[axis], length))
        weight = weight.reshape((-1, 1, 1) if axis == 1 else (-1, 1)).astype(x.dtype)
        low, high = mx.take(x, left, axis), mx.take(x, right, axis)
        x = low + (high - low) * weight
    return x


class MLP(nn.Module):
    """One linear layer over the channels: (B, h, w, dim) to (B, h, w, width)."""

    def __init__(self, dim: int, width: int) -> None:
        super().__init__()
        self.proj = nn.Linear(dim, width)

    def __call__(self, x: mx.array) -> mx.array:
        """(B, h, w, dim) to (B, h, w, width)."""
        return self.proj(x.astype(self.proj.weight.dtype))


class DecoderHead(nn.Module):
    """Brings all features to one width and size, fuses and classifies them.

    Source: SegFormer's head (Xie et al., 2021).
    """

    def __init__(self, config: GreenFormerConfig, outputs: int) -> None:
        super().__init__()
        width = config.decoder_dim
        dims = [config.embed_dim << stage for stage in range(4)]
        self.linear_c1, self.linear_c2, self.linear_c3, self.linear_c4 = (MLP(dim, width) for dim in dims)
        self.linear_fuse = nn.Conv2d(4 * width, width, 1, bias=False)
        self.bn = BatchNorm2d(width)
        self.classifier = nn.Conv2d(width, outputs, 1)

    def __call__(self, features: list[mx.array]) -> mx.array:
        """Features at strides 4, 8, 16, 32 to logits (B, H/4, W/4, outputs)."""
        c1, c2, c3, c4 = features
        size = c1.shape[1], c1.shape[2]
        levels = (self.linear_c4(c4), self.linear_c3(c3), self.linear_c2(c2), self.linear_c1(c1))
        x = mx.concatenate([resize(level, size) for level in levels], axis=-1)
        return self.classifier(nn.relu(self.bn(self.linear_fuse(x))))  # type: ignore[no-any-return]
