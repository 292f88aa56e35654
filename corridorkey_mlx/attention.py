"""Attention the way each device does it best: on Metal with heads of a width that has a fused kernel."""

from __future__ import annotations

import math

import mlx.core as mx

FUSED_DIMS = (64, 128)  # with a kernel for few queries and one for many, in every MLX that this project takes
MOST_SCORES = 1 << 26  # of one chunk of queries, where no fused kernel keeps them out of memory: 256 MiB in float32


def fused_dim(dim: int) -> int:
    """Width to which a head of `dim` is padded; zeros there change no result."""
    return next((wide for wide in FUSED_DIMS if wide >= dim), dim)


def attend(q: mx.array, k: mx.array, v: mx.array, scale: float) -> mx.array:
    """Softmax attention, the softmax in float32; queries are taken in chunks, which is exact.

    Args:
        q: (windows, heads, queries, dim).
        k, v: (windows, heads, tokens, dim).
        scale: multiplies the scores.
    Returns:
        (windows, heads, queries, dim).
    """
    windows, heads, queries, _ = q.shape
    rows = max(1, MOST_SCORES // (windows * heads * k.shape[2]))
    attended = _attend_on_cpu if mx.default_device().type == mx.cpu else _attend_fused
    chunks = [attended(q[:, :, first : first + rows], k, v, scale) for first in range(0, queries, rows)]
    return chunks[0] if len(chunks) == 1 else mx.concatenate(chunks, axis=2)


def _attend_fused(q: mx.array, k: mx.array, v: mx.array, scale: float) -> mx.array:
    return mx.fast.scaled_dot_product_attention(q, k, v, scale=scale)


def _attend_on_cpu(q: mx.array, k: mx.array, v: mx.array, scale: float) -> mx.array:
    # MLX's softmax on the CPU sums a row in one go: over 10,000 tokens that loses a digit, and the network shows it.
    # In float32 throughout, as Metal's kernels: the weights' sum alone may be beyond float16.
    dtype, (q, k, v) = q.dtype, (x.astype(mx.float32) for x in (q, k, v))
    scores = (q * scale) @ k.swapaxes(-1, -2)
    weights = mx.exp(scores - scores.max(axis=-1, keepdims=True))
    tokens = k.shape[2]
    part = next(n for n in range(math.isqrt(tokens), 0, -1) if tokens % n == 0)
    total = weights.reshape(*weights.shape[:-1], part, tokens // part).sum(axis=-1).sum(axis=-1, keepdims=True)
    return (weights @ v / total).astype(dtype)
