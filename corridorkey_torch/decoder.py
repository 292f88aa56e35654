"""A decoder head: the encoder's four features to logits at stride 4."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from corridorkey.config import GreenFormerConfig
from corridorkey_torch.norms import BatchNorm2d


def resize(x: Tensor, size: tuple[int, int]) -> Tensor:
    """Bilinear (half-pixel) in one step: (B, C, h, w) to (B, C, *size)."""
    return F.interpolate(x, size=size, mode="bilinear", align_corners=False)


class MLP(nn.Module):
    """One linear layer over the channels: (B, h, w, dim) to (B, width, h, w)."""

    def __init__(self, dim: int, width: int) -> None:
        super().__init__()
        self.proj = nn.Linear(dim, width)

    def forward(self, x: Tensor) -> Tensor:
        """(B, h, w, dim) to (B, width, h, w)."""
        return self.proj(x.to(self.proj.weight.dtype)).permute(0, 3, 1, 2)  # type: ignore[no-any-return]


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

    def forward(self, features: list[Tensor]) -> Tensor:
        """Features at strides 4, 8, 16, 32 to logits (B, outputs, H/4, W/4)."""
        c1, c2, c3, c4 = features
        size = c1.shape[1], c1.shape[2]
        levels = (self.linear_c4(c4), self.linear_c3(c3), self.linear_c2(c2), self.linear_c1(c1))
        x = torch.cat([resize(level, size) for level in levels], dim=1)
        return self.classifier(F.relu(self.bn(self.linear_fuse(x))))  # type: ignore[no-any-return]
