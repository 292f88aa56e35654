"""A training run on disk: what it needs to go on, and the checkpoint it has made so far."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import torch

from corridorkey.checkpoint import CheckpointInfo, write_checkpoint
from corridorkey.errors import CheckpointFormatError
from corridorkey.files import write_file
from corridorkey_torch.greenformer import GreenFormer
from corridorkey_torch.hiera import HieraBlock
from corridorkey_torch.load import as_dtype

LICENCE = "Apache-2.0"  # of weights that were trained from nothing


class Average:
    """Exponential moving average of a network's weights, quick at first.

    Args:
        model: the network in training.
        decay: of the average, once the run is long.
    """

    def __init__(self, model: GreenFormer, decay: float) -> None:
        self.decay = decay
        self.weights = {name: t.detach().clone() for name, t in model.state_dict().items()}

    def load(self, weights: dict[str, torch.Tensor]) -> None:
        """Take over a saved average."""
        for name, value in weights.items():
            self.weights[name].copy_(value)

    def update(self, model: GreenFormer, step: int) -> None:
        """Take in the weights after a step."""
        decay = min(self.decay, (1 + step) / (10 + step))
        with torch.no_grad():
            for name, value in model.state_dict().items():
                if value.is_floating_point():
                    self.weights[name].lerp_(value, 1 - decay)
                else:
                    self.weights[name].copy_(value)


def save_state(path: Path, state: dict[str, Any]) -> None:
    """Write a run's state, whole or not at all."""
    buffer = io.BytesIO()
    torch.save(state, buffer)
    write_file(path, buffer.getvalue())


def load_state(path: Path, recipe: str) -> dict[str, Any]:
    """Read a run's state.

    Args:
        path: written by `save_state`.
        recipe: hash of the recipe that is to go on.
    Raises:
        CheckpointFormatError: the run was made with another recipe.
    """
    state: dict[str, Any] = torch.load(path, weights_only=True, map_location="cpu")
    if state["recipe"] != recipe:
        raise CheckpointFormatError(
            f"{path}: was trained with recipe {state['recipe']}, not {recipe}. Give another --out, or the old recipe."
        )
    return state


def export_checkpoint(
    path: Path, model: GreenFormer, weights: dict[str, torch.Tensor], note: str, licence: str = LICENCE
) -> None:
    """Write averaged weights as a canonical float16 checkpoint; norms stay float32.

    Args:
        path: the file to make.
        model: gives the config and which tensors are norms.
        weights: Torch name -> tensor.
        note: one line for people: recipe and steps.
        licence: terms of the weights.
    """
    shipped = GreenFormer(model.config)
    shipped.load_state_dict(weights)
    settle_keys(shipped)
    tensors = {name: t.cpu().numpy() for name, t in as_dtype(shipped, "float16").state_dict().items()}
    write_checkpoint(path, tensors, CheckpointInfo(model.config, licence, "", note))


@torch.no_grad()
def settle_keys(model: GreenFormer) -> None:
    """Choose the keys' biases, which attention does not depend on, so that the norms' shifts cancel out.

    What is added to all keys alike adds the same to all scores of a query. Training lets it drift, and in bfloat16 it
    takes the digits that tell one key from another.
    """
    for block in model.modules():
        if isinstance(block, HieraBlock):
            weight, bias = block.attn.qkv.weight.chunk(3)[1], block.attn.qkv.bias.chunk(3)[1]
            bias.copy_(-weight @ block.norm1.bias)
