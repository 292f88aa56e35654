"""Memory of a process that is ours to rule, such as the command line's. No library call changes a global limit."""

from __future__ import annotations

import mlx.core as mx

CACHED_SHARE = 4  # a quarter of the memory: a frame's buffers stay for the next, and other programs keep room


def bound_cache() -> int:
    """Keep MLX from holding on to more and more freed buffers; without a bound it may take all memory.

    Returns:
        The bound in bytes; 0 where there is no GPU, and nothing to bound.
    """
    if not mx.metal.is_available():
        return 0
    bound = int(mx.device_info(mx.gpu)["memory_size"]) // CACHED_SHARE
    mx.set_cache_limit(bound)
    return bound
