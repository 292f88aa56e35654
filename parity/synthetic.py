"""Deterministic synthetic weights: every tensor is drawn from its own seed, so any program that knows a key and a
shape makes the same array. The golden figures of the network belong to these weights, seed 1.
"""

from __future__ import annotations

import zlib
from collections.abc import Mapping

import numpy as np

from corridorkey.types import Array

# Output layers are drawn small, so that the sigmoids are not saturated.
GAIN = {"refiner.final.weight": 0.02, "alpha_decoder.classifier.weight": 0.5, "fg_decoder.classifier.weight": 0.5}


def synthetic_tensor(key: str, shape: tuple[int, ...], seed: int) -> Array:
    """One tensor of the synthetic network, float32."""
    rng = np.random.Generator(np.random.PCG64([seed, zlib.crc32(key.encode())]))
    x = rng.standard_normal(shape, dtype=np.float64)
    if key.endswith("running_var"):
        y = 1.0 + 0.2 * np.abs(x)
    elif key.endswith(("running_mean", ".bias")):
        y = 0.05 * x
    elif key.endswith("pos_embed"):
        y = 0.1 * x
    elif len(shape) == 1:  # the scales of the norms
        y = 1.0 + 0.1 * x
    else:  # linear (out, in) and convolution (out, in, kh, kw) kernels
        y = x / np.sqrt(np.prod(shape[1:]))
    return np.asarray(y * GAIN.get(key, 1.0), np.float32)


def synthetic_weights(shapes: Mapping[str, tuple[int, ...]], seed: int = 1) -> dict[str, np.ndarray]:
    """A whole synthetic state dict; `num_batches_tracked` is int64 zero.

    Args:
        shapes: Torch name -> shape.
        seed: another seed, another network.
    """
    return {
        key: np.zeros(shape, np.int64) if key.endswith("num_batches_tracked") else synthetic_tensor(key, shape, seed)
        for key, shape in shapes.items()
    }
