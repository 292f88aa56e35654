"""A checkpoint into a network: strict in names, shapes and finite values."""

from __future__ import annotations

from pathlib import Path

import torch

from corridorkey.checkpoint import POS_EMBED
from corridorkey.network_weights import read_weights
from corridorkey_torch.greenformer import GreenFormer
from corridorkey_torch.norms import NORMS


def load_greenformer(path: Path, *, size: int | None = None, dtype: str = "float32") -> GreenFormer:
    """Build the network that a checkpoint describes, and fill it.

    Args:
        path: a canonical checkpoint.
        size: pixels along the side of a square network; resamples its position embedding once, here. A network that
            keeps the plate's aspect resamples for each frame's own grid, and has no use for it.
        dtype: "float32", "float16" or "bfloat16"; norms keep float32.
    Returns:
        GreenFormer in evaluation mode, on the CPU.
    Raises:
        CheckpointFormatError: not a canonical checkpoint.
        WeightMismatchError: a tensor is missing, unexpected, misshapen or not finite.
        SettingsError: unknown dtype.
    """
    tensors, config = read_weights(path, size=size, dtype=dtype)
    with torch.device("meta"):
        model = GreenFormer(config)
    model = model.to_empty(device="cpu")
    model.encoder.model.pos_embed = torch.nn.Parameter(torch.empty(tensors[POS_EMBED].shape))
    model.load_state_dict({name: torch.from_numpy(array) for name, array in tensors.items()}, strict=True)
    return as_dtype(model, dtype).eval().requires_grad_(False)


def as_dtype(model: GreenFormer, dtype: str) -> GreenFormer:
    """The network's weights in another dtype; those of the norms stay float32."""
    for module in model.modules():
        if not isinstance(module, NORMS):
            for tensor in module.parameters(recurse=False):
                tensor.data = tensor.data.to(getattr(torch, dtype))
    return model
