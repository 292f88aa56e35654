"""Norms whose statistics stay in float32: squares overflow float16 with some weights."""

from __future__ import annotations

import mlx.core as mx
from mlx import nn

GROUPS = 8


class LayerNorm(nn.LayerNorm):
    """LayerNorm over the last axis, eps 1e-6, computed in float32 whatever the input's dtype."""

    def __init__(self, dim: int) -> None:
        super().__init__(dim, eps=1e-6)

    def __call__(self, x: mx.array) -> mx.array:
        """(..., dim) to the same."""
        return super().__call__(x.astype(mx.float32)).astype(x.dtype)  # type: ignore[no-any-return]


class GroupNorm(nn.Module):
    """GroupNorm of eight groups, computed in float32 whatever the input's dtype."""

    def __init__(self, dim: int) -> None:
        super().__init__()
        self.weight, self.bias = mx.ones((dim,)), mx.zeros((dim,))

    def __call__(self, x: mx.array) -> mx.array:
        """(B, H, W, dim) to the same."""
        y = x.astype(mx.float32)
        mean = _group_mean(y)
        scale = mx.rsqrt(_group_mean(mx.square(y - mean)) + 1e-5) * self.weight
        return (y * scale + (self.bias - mean * scale)).astype(x.dtype)


class BatchNorm2d(nn.BatchNorm):
    """BatchNorm computed in float32 whatever the input's dtype."""

    def __call__(self, x: mx.array) -> mx.array:
        """(B, H, W, dim) to the same."""
        return super().__call__(x.astype(mx.float32)).astype(x.dtype)


NORMS = (LayerNorm, GroupNorm, BatchNorm2d)


def _group_mean(x: mx.array) -> mx.array:
    # Row by row, then over the rows: one long float32 sum over a frame's two million pixels would lose digits,
    # and MLX's own GroupNorm gives all of a group to one threadgroup.
    channels = x.mean(axis=2).mean(axis=1)  # (B, dim)
    groups = channels.reshape(len(x), GROUPS, -1).mean(axis=2, keepdims=True)
    return mx.broadcast_to(groups, (len(x), GROUPS, x.shape[3] // GROUPS)).reshape(len(x), 1, 1, -1)
