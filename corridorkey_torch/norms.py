"""Norms whose statistics stay in float32: squares overflow float16 with some weights."""

from __future__ import annotations

import torch
from torch import Tensor, nn

GROUPS = 8


class LayerNorm(nn.LayerNorm):
    """LayerNorm over the last axis, eps 1e-6, computed in float32 whatever the input's dtype."""

    def __init__(self, dim: int) -> None:
        super().__init__(dim, eps=1e-6)

    def forward(self, x: Tensor) -> Tensor:
        """(..., dim) to the same."""
        return super().forward(x.float()).to(x.dtype)


class GroupNorm(nn.GroupNorm):
    """GroupNorm of eight groups, computed in float32 whatever the input's dtype."""

    def __init__(self, dim: int) -> None:
        super().__init__(GROUPS, dim)

    def forward(self, x: Tensor) -> Tensor:
        """(B, dim, H, W) to the same."""
        with torch.autocast(x.device.type, enabled=False):
            y = x.float().permute(0, 2, 3, 1)
            mean = _group_mean(y)
            scale = torch.rsqrt(_group_mean((y - mean).square()) + self.eps) * self.weight
            return torch.addcmul(self.bias - mean * scale, y, scale).to(x.dtype).permute(0, 3, 1, 2)


class BatchNorm2d(nn.BatchNorm2d):
    """BatchNorm computed in float32 whatever the input's dtype."""

    def forward(self, x: Tensor) -> Tensor:
        """(B, dim, H, W) to the same."""
        return super().forward(x.float()).to(x.dtype)


NORMS = (LayerNorm, GroupNorm, BatchNorm2d)


def _group_mean(x: Tensor) -> Tensor:
    # Row by row, then over the rows: Torch's own GroupNorm sums a channels-last frame in one go and loses four of seven
    # digits at 1080p. The rows' sums are products with ones, which are both exact enough and fast.
    batch, height, width, dim = x.shape
    ones = x.new_full((1, 1, 1), 1 / width).expand(batch * height, 1, width)
    channels = torch.bmm(ones, x.reshape(batch * height, width, dim)).view(batch, height, dim).mean(1)
    groups = channels.view(batch, GROUPS, -1).mean(2, keepdim=True)
    return groups.expand(batch, GROUPS, dim // GROUPS).reshape(batch, 1, 1, dim)
