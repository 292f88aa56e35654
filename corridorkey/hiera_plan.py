"""The Hiera encoder in integers: block widths, attention windows, token order. Shared by both networks.

Tokens are ordered mask unit by mask unit (8×8 tokens, 32×32 pixels); inside a unit, the offset that the first pooling
takes the maximum over comes first. Pooling and windowed attention are then plain reshapes at every stage.

Source: Ryali et al., "Hiera: A Hierarchical Vision Transformer without the Bells-and-Whistles", 2023.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from corridorkey.config import GreenFormerConfig

PATCH_STRIDE = 4
PATCH_KERNEL = 7
STAGES = 4
WINDOWED_STAGES = 2  # the first two attend within mask units
POOLINGS = STAGES - 1  # 2×2 at the first block of each later stage


@dataclass(frozen=True, slots=True)
class BlockPlan:
    """One transformer block.

    Attributes:
        dim_in, dim_out: token widths; they differ where a stage begins.
        heads: attention heads.
        unit_tokens: tokens of a mask unit that attend to each other, before pooling; 0 attends globally.
        pools: whether queries (and the shortcut) are max-pooled 2×2.
        ends_stage: whether the block's output is a feature of the encoder.
    """

    dim_in: int
    dim_out: int
    heads: int
    unit_tokens: int
    pools: bool
    ends_stage: bool


def block_plans(config: GreenFormerConfig) -> list[BlockPlan]:
    """Every block of the encoder, in order.

    A stage's first block still attends as the stage before it did.
    """
    plans = []
    for stage, depth in enumerate(config.depths):
        dim = config.embed_dim << stage
        for i in range(depth):
            first = i == 0 and stage > 0
            attending_stage = stage - 1 if first else stage
            windowed = attending_stage < WINDOWED_STAGES
            plans.append(
                BlockPlan(
                    dim_in=dim // 2 if first else dim,
                    dim_out=dim,
                    heads=config.heads[stage],
                    unit_tokens=4 ** (POOLINGS - attending_stage) if windowed else 0,
                    pools=first,
                    ends_stage=i == depth - 1,
                )
            )
    return plans


def token_order(grid: tuple[int, int], stage: int) -> NDArray[np.int64]:
    """Raster index of each token, in the encoder's order, at the end of a stage.

    Args:
        grid: height and width in tokens of the first stage; multiples of 8.
        stage: 0 to 3.
    Returns:
        (N,) int64, a permutation of the stage's raster: `tokens = raster[order]`.
    """
    return _orders(grid[0] >> stage, grid[1] >> stage, POOLINGS - stage)[0]


def raster_order(grid: tuple[int, int], stage: int) -> NDArray[np.int64]:
    """The inverse of `token_order`: `raster = tokens[order]`."""
    return _orders(grid[0] >> stage, grid[1] >> stage, POOLINGS - stage)[1]


@lru_cache(maxsize=32)
def _orders(height: int, width: int, poolings: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    raster = np.arange(height * width).reshape(1, height, width)
    for _ in range(poolings):
        n, h, w = raster.shape
        quads = raster.reshape(n, h // 2, 2, w // 2, 2).transpose(0, 2, 4, 1, 3)
        raster = quads.reshape(n * 4, h // 2, w // 2)
    order = np.ascontiguousarray(raster.reshape(len(raster), -1).T).reshape(-1)
    inverse = np.argsort(order)
    order.flags.writeable = inverse.flags.writeable = False
    return order, inverse
