"""Hiera, the encoder: windowed attention first, global later, queries max-pooled where a stage begins.

Source: Ryali et al., 2023; the numbers are timm's hiera_base_plus_224.
"""

from __future__ import annotations

from collections.abc import Callable

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from corridorkey.checkpoint import resample_pos_embed
from corridorkey.config import GreenFormerConfig
from corridorkey.hiera_plan import PATCH_KERNEL, PATCH_STRIDE, BlockPlan, block_plans, raster_order, token_order
from corridorkey_torch.norms import LayerNorm


def max_pool(tokens: Tensor, units: int) -> Tensor:
    """2×2 max over tokens in mask-unit order: (B, N, C) to (B, N/4, C)."""
    batch, count, dim = tokens.shape
    return tokens.reshape(batch * units, 4, count // units // 4, dim).amax(1).reshape(batch, count // 4, dim)


class PatchEmbed(nn.Module):
    """7×7 convolution with stride 4: (B, C, H, W) to raster tokens (B, N, dim)."""

    def __init__(self, channels: int, dim: int) -> None:
        super().__init__()
        self.proj = nn.Conv2d(channels, dim, PATCH_KERNEL, stride=PATCH_STRIDE, padding=PATCH_KERNEL // 2)

    def forward(self, x: Tensor) -> Tensor:
        """(B, C, H, W) to (B, H/4 · W/4, dim)."""
        return self.proj(x).flatten(2).transpose(1, 2)  # type: ignore[no-any-return]


class MaskUnitAttention(nn.Module):
    """Multi-head attention within mask units or over the whole frame."""

    def __init__(self, plan: BlockPlan) -> None:
        super().__init__()
        self.plan = plan
        self.qkv = nn.Linear(plan.dim_in, 3 * plan.dim_out)
        self.proj = nn.Linear(plan.dim_out, plan.dim_out)
        self.attend: Callable[[Tensor, Tensor, Tensor], Tensor] = F.scaled_dot_product_attention

    def forward(self, x: Tensor) -> Tensor:
        """(B, N, dim_in) to (B, N or N/4, dim_out)."""
        batch, count, _ = x.shape
        plan = self.plan
        tokens = plan.unit_tokens or count  # that attend to each other
        qkv = self.qkv(x).reshape(-1, tokens, 3, plan.heads, plan.dim_out // plan.heads)
        q, k, v = qkv.permute(2, 0, 3, 1, 4)  # each (B · windows, heads, tokens, head dim)
        if plan.pools:
            q = self._pool(q)
        # Four dimensions, contiguous: with five, fused attention falls back to storing every score.
        x = self.attend(q.contiguous(), k.contiguous(), v.contiguous())
        return self.proj(x.transpose(1, 2).reshape(batch, -1, plan.dim_out))  # type: ignore[no-any-return]

    def _pool(self, q: Tensor) -> Tensor:
        windows, heads, tokens, dim = q.shape
        units = tokens // (self.plan.unit_tokens or 4)
        return q.reshape(windows, heads, units, 4, tokens // units // 4, dim).amax(3).flatten(2, 3)


class MLP(nn.Module):
    """Two linear layers, four times as wide between them, with exact GELU."""

    def __init__(self, dim: int) -> None:
        super().__init__()
        self.fc1 = nn.Linear(dim, 4 * dim)
        self.fc2 = nn.Linear(4 * dim, dim)

    def forward(self, x: Tensor) -> Tensor:
        """(..., dim) to the same."""
        return self.fc2(F.gelu(self.fc1(x)))  # type: ignore[no-any-return]


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

    def forward(self, x: Tensor) -> Tensor:
        """(B, N, dim_in) to (B, N or N/4, dim_out), float32: what blocks add to must not lose digits."""
        dtype = self.mlp.fc1.weight.dtype
        normed = self.norm1(x).to(dtype)
        if self.plan.pools:
            units = x.shape[1] // (self.plan.unit_tokens or 4)
            x = max_pool(self.proj(normed), units).float()
        x = x + self.attn(normed)
        return x + self.mlp(self.norm2(x).to(dtype))  # type: ignore[no-any-return]


class Hiera(nn.Module):
    """The encoder: features at strides 4, 8, 16 and 32."""

    def __init__(self, config: GreenFormerConfig) -> None:
        super().__init__()
        self.patch_embed = PatchEmbed(config.channels, config.embed_dim)
        self.pos_embed = nn.Parameter(torch.zeros(1, config.pos_grid**2, config.embed_dim))
        self.blocks = nn.ModuleList(HieraBlock(plan) for plan in block_plans(config))

    def forward(self, x: Tensor) -> list[Tensor]:
        """(B, C, H, W) to four features (B, H/stride, W/stride, dim)."""
        grid = x.shape[2] // PATCH_STRIDE, x.shape[3] // PATCH_STRIDE
        x = self.patch_embed(x).float() + self._position(grid)
        x = x[:, torch.from_numpy(token_order(grid, 0).copy()).to(x.device)]  # mask-unit order
        features: list[Tensor] = []
        for block in self.blocks:
            x = block(x)
            if block.plan.ends_stage:  # type: ignore[union-attr]
                stage = len(features)
                raster = x[:, torch.from_numpy(raster_order(grid, stage).copy()).to(x.device)]
                features.append(raster.reshape(x.shape[0], grid[0] >> stage, grid[1] >> stage, x.shape[2]))
        return features

    def _position(self, grid: tuple[int, int]) -> Tensor:
        if self.pos_embed.shape[1] == grid[0] * grid[1] and grid[0] == grid[1]:
            return self.pos_embed
        if torch.is_grad_enabled() and self.pos_embed.requires_grad:
            side = round(self.pos_embed.shape[1] ** 0.5)
            square = self.pos_embed.reshape(1, side, side, -1).permute(0, 3, 1, 2)
            # Coarser: a cell's mean, so that its positions are learned alike.
            mode = "bicubic" if min(grid) >= side else "area"
            return F.interpolate(square, size=grid, mode=mode).flatten(2).transpose(1, 2)
        stored = self.pos_embed.detach()
        resampled = resample_pos_embed(stored.float().cpu().numpy(), grid)
        return torch.from_numpy(resampled).to(stored)
