"""The refiner: dilated residual convolutions at full resolution, where single hairs are decided."""

from __future__ import annotations

import mlx.core as mx
from mlx import nn

from corridorkey.config import GreenFormerConfig
from corridorkey.shapes import OUTPUTS, refiner_channels
from corridorkey_mlx.norms import GroupNorm


class RefinerBlock(nn.Module):
    """Two dilated convolutions beside a shortcut."""

    def __init__(self, width: int, dilation: int) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(width, width, 3, padding=dilation, dilation=dilation)
        self.gn1 = GroupNorm(width)
        self.conv2 = nn.Conv2d(width, width, 3, padding=dilation, dilation=dilation)
        self.gn2 = GroupNorm(width)

    def __call__(self, x: mx.array) -> mx.array:
        """(B, H, W, width) to the same."""
        y = nn.relu(self.gn1(self.conv1(x)))
        y = self.gn2(self.conv2(y))
        return nn.relu(x + y)  # type: ignore[no-any-return]


class Refiner(nn.Module):
    """Adds what the coarse prediction lacks, as logits.

    GroupNorm sees the whole frame: tiles of a frame must share its statistics.
    """

    def __init__(self, config: GreenFormerConfig) -> None:
        super().__init__()
        width = config.refiner_width
        self.gain = config.refiner_gain
        self.stem = [nn.Conv2d(refiner_channels(config), width, 3, padding=1), GroupNorm(width)]
        self.blocks = len(config.refiner_dilations)
        for i, dilation in enumerate(config.refiner_dilations, start=1):
            setattr(self, f"res{i}", RefinerBlock(width, dilation))
        self.final = nn.Conv2d(width, OUTPUTS, 1)

    def __call__(self, x: mx.array) -> mx.array:
        """(B, H, W, channels) to delta logits (B, H, W, 4)."""
        conv, norm = self.stem
        x = nn.relu(norm(conv(x)))
        for i in range(1, self.blocks + 1):
            x = self[f"res{i}"](x)
        return self.final(x) * self.gain  # type: ignore[no-any-return]
