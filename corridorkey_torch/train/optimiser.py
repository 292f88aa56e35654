"""What changes the weights: AdamW, or Muon for the layers' matrices with AdamW for everything else."""

from __future__ import annotations

from typing import Any, Literal

import torch
from torch import nn

from corridorkey.errors import SettingsError

Kind = Literal["adamw", "muon"]
State = list[dict[str, Any]] | dict[str, Any]
BETAS = 0.9, 0.99
MOMENTUM = 0.95
AS_ADAMW = "match_rms_adamw"


class Optimiser:
    """One or two of Torch's optimisers, under one rate.

    Muon takes the sign of a matrix's momentum along its singular vectors, so that no direction waits for another. What
    is not a matrix between layers (kernels, norms, biases, positions) is AdamW's. Muon's steps are scaled to AdamW's
    length, so that both live on the same rate.

    Args:
        kind: of the optimiser; Torch must have it, see `check_optimiser`.
        model: weights that are frozen stay.
        weight_decay: of all but norms and biases.
    Source: Jordan, Muon, 2024; Liu et al., Muon is Scalable for LLM Training, 2025.
    """

    def __init__(self, kind: Kind, model: nn.Module, weight_decay: float) -> None:
        trained = [p for p in model.parameters() if p.requires_grad]
        matrices = [p for p in trained if kind == "muon" and p.ndim == 2]
        others = [p for p in trained if kind != "muon" or p.ndim != 2]
        groups = [
            {"params": [p for p in others if p.ndim > 1], "weight_decay": weight_decay},
            {"params": [p for p in others if p.ndim <= 1], "weight_decay": 0.0},
        ]
        self.parts: list[torch.optim.Optimizer] = [torch.optim.AdamW(groups, betas=BETAS)]
        if matrices:
            muon = torch.optim.Muon(matrices, weight_decay=weight_decay, momentum=MOMENTUM, adjust_lr_fn=AS_ADAMW)
            self.parts.append(muon)

    def step(self, rate: float) -> None:
        """Change the weights by their gradients, at a rate."""
        for part in self.parts:
            for group in part.param_groups:
                group["lr"] = rate
            part.step()

    def state(self) -> list[dict[str, Any]]:
        """What it needs to go on."""
        return [part.state_dict() for part in self.parts]

    def load(self, state: State) -> None:
        """Go on from a `state`, or from AdamW's own, as runs saved it that knew no other.

        Raises:
            ValueError: it is another kind's, or another network's.
        """
        saved = [state] if isinstance(state, dict) else state
        for part, own in zip(self.parts, saved, strict=True):
            part.load_state_dict(own)


def check_optimiser(kind: Kind) -> None:
    """Refuse what this Torch does not have.

    Raises:
        SettingsError: it has no Muon.
    """
    if kind == "muon" and not hasattr(torch.optim, "Muon"):
        raise SettingsError(f'optimiser = "muon": torch {torch.__version__} has none; use 2.9 or newer, or adamw')
