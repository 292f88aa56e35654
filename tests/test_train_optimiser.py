"""What changes the weights in training."""

from __future__ import annotations

import pytest
import torch
from torch import nn

from corridorkey.errors import SettingsError
from corridorkey_torch.train.optimiser import Optimiser

RATE = 1e-3


class Small(nn.Module):
    """A matrix, a kernel, a norm, and a matrix that stays."""

    def __init__(self):
        super().__init__()
        self.matrix = nn.Linear(6, 10)
        self.kernel = nn.Conv2d(2, 2, 3)
        self.norm = nn.LayerNorm(4)
        self.frozen = nn.Linear(3, 3).requires_grad_(False)


def stepped(kind, rate=RATE):
    """How far each weight goes in a first step down random slopes."""
    torch.manual_seed(1)
    model = Small()
    before = {name: p.detach().clone() for name, p in model.named_parameters()}
    optimiser = Optimiser(kind, model, 0.0)
    for p in model.parameters():
        p.grad = torch.randn_like(p) if p.requires_grad else None
    optimiser.step(rate)
    return {name: (p - before[name]).detach() for name, p in model.named_parameters()}, model


def test_muon_moves_a_matrix_alike_in_all_directions_and_about_as_far_as_adamw():
    moved, model = stepped("muon")
    strengths = torch.linalg.svdvals(moved["matrix.weight"])
    slopes = torch.linalg.svdvals(model.matrix.weight.grad)
    assert strengths.max() / strengths.min() < 2 < slopes.max() / slopes.min()
    assert moved["matrix.weight"].square().mean().sqrt() == pytest.approx(0.2 * RATE, rel=0.3)
    assert (moved["matrix.weight"] * model.matrix.weight.grad).sum() < 0


@pytest.mark.parametrize("kind", ["adamw", "muon"])
def test_what_is_no_matrix_is_adamws_and_what_is_frozen_stays(kind):
    moved, model = stepped(kind)
    for name in ("kernel.weight", "kernel.bias", "norm.weight", "matrix.bias"):
        slope = dict(model.named_parameters())[name].grad
        torch.testing.assert_close(moved[name], -RATE * slope.sign(), rtol=1e-3, atol=1e-6, msg=name)
    assert moved["frozen.weight"].count_nonzero() == 0


@pytest.mark.parametrize("kind", ["adamw", "muon"])
def test_no_rate_changes_nothing(kind):
    assert all(move.count_nonzero() == 0 for move in stepped(kind, 0.0)[0].values())


def test_a_torch_without_muon_is_told(monkeypatch):
    monkeypatch.delattr(torch.optim, "Muon")
    Optimiser("adamw", Small(), 0.0)
    with pytest.raises(SettingsError, match=r"torch .* has none; use 2\.9"):
        Optimiser("muon", Small(), 0.0)
