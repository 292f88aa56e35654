"""Norms whose statistics stay in float32: squares overflow float16 with some weights."""

from __future__ import annotations

from torch import Tensor, nn


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
        super().__init__(8, dim)

    def forward(self, x: Tensor) -> Tensor:
        """(B, dim, H, W) to the same."""
        return super().forward(x.float()).to(x.dtype)


class BatchNorm2d(nn.BatchNorm2d):
    """BatchNorm computed in float32 whatever the input's dtype."""

    def forward(self, x: Tensor) -> Tensor:
        """(B, dim, H, W) to the same."""
        return super().forward(x.float()).to(x.dtype)


NORMS = (LayerNorm, GroupNorm, BatchNorm2d)
