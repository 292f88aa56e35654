"""A checkpoint into a network: strict in names, shapes and finite values."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import mlx.core as mx
import numpy as np
from numpy.typing import NDArray

from corridorkey.checkpoint import POS_EMBED
from corridorkey.network_weights import read_weights
from corridorkey.shapes import COUNTER
from corridorkey_mlx.greenformer import GreenFormer
from corridorkey_mlx.hiera import MaskUnitAttention
from corridorkey_mlx.norms import NORMS

Tensors = dict[str, NDArray[Any]]


def load_greenformer(path: Path, *, size: int | None = None, dtype: str = "float32") -> GreenFormer:
    """Build the network that a checkpoint describes, and fill it.

    Args:
        path: a canonical checkpoint.
        size: pixels along the side of a square network; resamples its position embedding once, here. A network that
            keeps the plate's aspect resamples for each frame's own grid, and has no use for it.
        dtype: "float32", "float16" or "bfloat16"; norms keep float32.
    Returns:
        GreenFormer in evaluation mode.
    Raises:
        CheckpointFormatError: not a canonical checkpoint.
        WeightMismatchError: a tensor is missing, unexpected, misshapen or not finite.
        SettingsError: unknown dtype.
    """
    tensors, config = read_weights(path, size=size, dtype=dtype)
    model = GreenFormer(config)
    for name, module in model.named_modules():
        if isinstance(module, MaskUnitAttention):
            pad_heads(tensors, name, module)
    model.encoder.model.pos_embed = mx.zeros(tensors[POS_EMBED].shape)
    model.load_weights([(name, _layout(array)) for name, array in tensors.items() if not name.endswith(COUNTER)])
    as_dtype(model, dtype).eval()
    # What is left to compute would belong to this thread's stream, and no other thread could predict.
    mx.eval(model.parameters())
    return model


def as_dtype(model: GreenFormer, dtype: str) -> GreenFormer:
    """The network's weights in another dtype; those of the norms stay float32."""
    for module in model.modules():
        wanted = mx.float32 if isinstance(module, NORMS) else getattr(mx, dtype)
        module.update({name: a.astype(wanted) for name, a in module.items() if isinstance(a, mx.array)})
    return model


def pad_heads(tensors: Tensors, name: str, attention: MaskUnitAttention) -> None:
    """Widen one block's heads with zeros, in place: rows of qkv, columns of proj."""
    heads, width = attention.plan.heads, attention.width
    dim = attention.plan.dim_out // heads
    for part in ("weight", "bias"):
        qkv = tensors[f"{name}.qkv.{part}"]
        rows = qkv.reshape(3 * heads, dim, *qkv.shape[1:])
        padded = np.pad(rows, [(0, 0), (0, width - dim)] + [(0, 0)] * (qkv.ndim - 1))
        tensors[f"{name}.qkv.{part}"] = padded.reshape(-1, *qkv.shape[1:])
    proj = tensors[f"{name}.proj.weight"].reshape(-1, heads, dim)
    tensors[f"{name}.proj.weight"] = np.pad(proj, [(0, 0), (0, 0), (0, width - dim)]).reshape(len(proj), -1)


def _layout(array: NDArray[Any]) -> mx.array:
    # Torch keeps kernels (out, in, height, width), MLX (out, height, width, in).
    return mx.array(array.transpose(0, 2, 3, 1) if array.ndim == 4 else array)
