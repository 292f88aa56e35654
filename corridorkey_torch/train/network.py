"""The network in training: how it starts, and how a step runs it."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import torch
from torch import Tensor, nn

from corridorkey.errors import CheckpointFormatError
from corridorkey.hiera_plan import PATCH_STRIDE
from corridorkey_torch.greenformer import GreenFormer
from corridorkey_torch.load import load_greenformer
from corridorkey_torch.train.quick import quickened
from corridorkey_torch.train.recipe import Recipe


def new_network(recipe: Recipe) -> GreenFormer:
    """A network that starts as its base: heads and refiner add nothing yet."""
    torch.manual_seed(recipe.seed)
    model = GreenFormer(recipe.network)
    nn.init.trunc_normal_(model.encoder.model.pos_embed, std=0.02)
    for output in (model.alpha_decoder.classifier, model.fg_decoder.classifier, model.refiner.final):
        nn.init.zeros_(output.weight)
        if output.bias is not None:
            nn.init.zeros_(output.bias)
    return model


def started_network(recipe: Recipe, start: Path) -> GreenFormer:
    """A network that starts with a checkpoint's weights; positions stay where crops are smaller than their grid.

    Raises:
        CheckpointFormatError: the checkpoint holds another network than the recipe's.
    """
    model = load_greenformer(start).requires_grad_(True)
    if dataclasses.replace(recipe.network, overview=model.config.overview) != model.config:
        raise CheckpointFormatError(f"{start}: its network is not the recipe's. Change [network], or start afresh.")
    model.config = recipe.network  # another overview is of use, not of the weights
    if any(crops.crop < PATCH_STRIDE * recipe.network.pos_grid for crops in recipe.kinds_of_crops):
        # Bicubic taps of both signs on a coarser grid would draw a checkerboard into what whole frames are given.
        model.encoder.model.pos_embed.requires_grad_(False)
    return model


class InTraining(nn.Module):
    """Both predictions of a network, before and after the refiner.

    Args:
        model: its weights are trained in place.
        device: to train on.
    """

    def __init__(self, model: GreenFormer, device: torch.device) -> None:
        super().__init__()
        model.to(device, memory_format=torch.channels_last)  # type: ignore[call-overload]
        quickened(model, device)
        self.model: GreenFormer = model.train()

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor, list[Tensor]]:
        """(B, H, W, C) to coarse and refined probabilities, each (B, H, W, 4), and the encoder's features."""
        model = self.model
        features = model.encode(x)
        base, coarse = model.base(x), model.coarse(x, *model.decode(features))
        on_base = base.plus(coarse)
        refined = torch.sigmoid(base.plus(coarse + model.refine(x, on_base)))
        return torch.sigmoid(on_base), refined, features
