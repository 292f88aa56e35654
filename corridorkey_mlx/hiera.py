"""Hiera, the encoder: windowed attention first, global later, queries max-pooled where a stage begins.

Source: Ryali et al., 2023; the numbers are timm's hiera_base_plus_224.
"""

from __future__ import annotations

import mlx.core as mx
import numpy as np
from mlx import nn

from corridorkey.checkpoint import resample_pos_embed
from corridorkey.config import GreenFormerConfig
from corridorkey.hiera_plan import PATCH_KERNEL, PATCH_STRIDE, BlockPlan, block_plans, raster_order, token_order
from corridorkey_mlx.attention import attend, fused_dim
from corridorkey_mlx.norms import LayerNorm


def max_pool(tokens: mx.array, units: int) -> mx.array:
    """2×2 max over tokens in mask-unit order: (B, N, C) to (B, N/4, C)."""
    batch, count, dim = tokens.shape
    return tokens.reshape(batch * units, 4, count // units // 4, dim).max(axis=1).reshape(batch, count // 4, dim)


class PatchEmbed(nn.Module):
    """7×7 convolution with stride 4: (B, H, W, C) to raster tokens (B, N, dim)."""

    def __init__(self, channels: int, dim: int) -> None:
        super().__init__()
        self.proj = nn.Conv2d(channels, dim, PATCH_KERNEL, stride=PATCH_STRIDE, padding=PATCH_KERNEL // 2)

    def __call__(self, x: mx.array) -> mx.array:
        """(B, H, W, C) to (B, H/4 · W/4, dim)."""
        return self.proj(x).flatten(1, 2)  # type: ignore[no-any-return]


class MaskUnitAttention(nn.Module):
    """Multi-head attention within mask units or over the whole frame.

    Heads are as wide as Metal's fused kernels want them; `load_greenformer` fills what is beyond with zeros.
    """

    def __init__(self, plan: BlockPlan) -> None:
        super().__init__()
        self.plan = plan
        self.scale = (plan.dim_out // plan.heads) ** -0.5
        self.width = fused_dim(plan.dim_out // plan.heads)
        self.qkv = nn.Linear(plan.dim_in, 3 * plan.heads * self.width)
        self.proj = nn.Linear(plan.heads * self.width, plan.dim_out)

    def __call__(self, x: mx.array) -> mx.array:
        """(B, N, dim_in) to (B, N or N/4, dim_out)."""
        batch, count, _ = x.shape
        plan = self.plan
        tokens = plan.unit_tokens or count  # that attend to each other
        qkv = self.qkv(x).reshape(-1, tokens, 3, plan.heads, self.width)
        q, k, v = qkv.transpose(2, 0, 3, 1, 4)  # each (B · windows, heads, tokens, head dim)
        if plan.pools:
            q = self._pool(q)
        x = attend(q, k, v, self.scale)
        return self.proj(x.transpose(0, 2, 1, 3).reshape(batch, -1, plan.heads * self.width))

    def _pool(self, q: mx.array) -> mx.array:
        windows, heads, tokens, dim = q.shape
        units = tokens // (self.plan.unit_tokens or 4)
        return q.reshape(windows, heads, units, 4, tokens // units // 4, dim).max(axis=3).flatten(2, 3)


class MLP(nn.Module):
    """Two linear layers, four times as wide between them, with exact GELU."""

    def __init__(self, dim: int) -> None:
        super().__init__()
        self.fc1 = nn.Linear(dim, 4 * dim)
        self.fc2 = nn.Linear(4 * dim, dim)

    def __call__(self, x: mx.array) -> mx.array:
        """(..., dim) to the same."""
        return self.fc2(nn.gelu(self.fc1(x)))


class HieraBlock(nn.Module):
    """Attention and MLP, each behind its norm and beside its shortcut."""

    def __init__(self, plan: BlockPlan) -> None:
        super().__init__()
        self.plan = plan
        self.norm1 = LayerNorm(plan.dim_in)
        self.attn = MaskUnitAttention(plan)
        self.norm2 = LayerNorm(plan.dim_out)
        self.mlp = MLP(plan.dim_out)
        if plan.dim_in != plan.dim_out:
            self.proj = nn.Linear(plan.dim_in, plan.dim_out)

    def __call__(self, x: mx.array) -> mx.array:
        """(B, N, dim_in) to (B, N or N/4, dim_out), float32: what blocks add to must not lose digits."""
        dtype = self.mlp.fc1.weight.dtype
        normed = self.norm1(x).astype(dtype)
        if self.plan.pools:
            units = x.shape[1] // (self.plan.unit_tokens or 4)
            x = max_pool(self.proj(normed), units).astype(mx.float32)
        x = x + self.attn(normed)
        return x + self.mlp(self.norm2(x).astype(dtype))


class Hiera(nn.Module):
    """The encoder: features at strides 4, 8, 16 and 32."""

    def __init__(self, config: GreenFormerConfig) -> None:
        super().__init__()
        self.patch_embed = PatchEmbed(config.channels, config.embed_dim)
        self.pos_embed = mx.zeros((1, config.pos_grid**2, config.embed_dim))
        self.blocks = [HieraBlock(plan) for plan in block_plans(config)]

    def __call__(self, x: mx.array) -> list[mx.array]:
        """(B, H, W, C) to four features (B, H/stride, W/stride, dim)."""
        grid = x.shape[1] // PATCH_STRIDE, x.shape[2] // PATCH_STRIDE
        x = self.patch_embed(x).astype(mx.float32) + self._position(grid)
        x = x[:, mx.array(token_order(grid, 0))]  # mask-unit order
        features: list[mx.array] = []
        for block in self.blocks:
            x = block(x)
            if block.plan.ends_stage:
                stage = len(features)
                raster = x[:, mx.array(raster_order(grid, stage))]
                features.append(raster.reshape(x.shape[0], grid[0] >> stage, grid[1] >> stage, x.shape[2]))
        return features

    def _position(self, grid: tuple[int, int]) -> mx.array:
        if self.pos_embed.shape[1] == grid[0] * grid[1] and grid[0] == grid[1]:
            return self.pos_embed
        stored = np.array(self.pos_embed.astype(mx.float32))
        return mx.array(resample_pos_embed(stored, grid)).astype(self.pos_embed.dtype)
