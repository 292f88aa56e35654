"""Attention the way Metal does it best: heads of a width that has a fused kernel, queries in chunks."""

from __future__ import annotations

import mlx.core as mx

FUSED_DIMS = (64, 128)  # with a kernel for few queries and one for many, in every MLX since 0.31
MOST_SCORES = 1 << 26  # of one chunk, where no fused kernel keeps them out of memory: 256 MiB in float32


def fused_dim(dim: int) -> int:
    """Width to which a head of `dim` is padded; zeros there change no result."""
    return next((wide for wide in FUSED_DIMS if wide >= dim), dim)


def attend(q: mx.array, k: mx.array, v: mx.array, scale: float) -> mx.array:
    """Softmax attention, the softmax in float32.

    Args:
        q: (windows, heads, queries, dim).
        k, v: (windows, heads, tokens, dim).
        scale: multiplies the scores.
    Returns:
        (windows, heads, queries, dim).
    """
    windows, heads, queries, _ = q.shape
    rows = max(1, MOST_SCORES // (windows * heads * k.shape[2]))
    chunks = [
        mx.fast.scaled_dot_product_attention(q[:, :, first : first + rows], k, v, scale=scale)
        for first in range(0, queries, rows)
    ]
    return chunks[0] if len(chunks) == 1 else mx.concatenate(chunks, axis=2)
