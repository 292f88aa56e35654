"""What changes the weights in training."""

from __future__ import annotations

import pytest
import torch
from torch import nn

from corridorkey.errors import SettingsError
from corridorkey_torch.train.optimiser import Optimiser, check_optimiser

RATE = 1e-3
MUON = pytest.param(
    "muon", marks=pytest.mark.skipif(not hasattr(torch.optim, "Muon"), reason="torch older than 2.9 has no Muon")
)


class Small(nn.Module):
    """A matrix, a kernel, a norm, and a matrix that stays."""

    def __init__(self):
        super().__init__()
        self.matrix = nn.Linear(6, 10)
        self.kernel = nn.Conv2d(2, 2, 3)
        self.norm = nn.LayerNorm(4)
        self.frozen = nn.Linear(3, 3).requires_grad_(False)


def stepped(kind, rate=RATE, weight_decay=0.0):
    """How far each weight goes in a first step down random slopes."""
    torch.manual_seed(1)
    model = Small()
    before = {name: p.detach().clone() for name, p in model.named_parameters()}
    optimiser = Optimiser(kind, model, weight_decay)
    for p in model.parameters():
        p.grad = torch.randn_like(p)
    optimiser.step(rate)
    return {name: (p - before[name]).detach() for name, p in model.named_parameters()}, model


@pytest.mark.parametrize("kind", [MUON])
def test_muon_moves_a_matrix_alike_in_all_directions_and_about_as_far_as_adamw(kind):
    moved, model = stepped(kind)
    strengths = torch.linalg.svdvals(moved["matrix.weight"])
    slopes = torch.linalg.svdvals(model.matrix.weight.grad)
    assert strengths.max() / strengths.min() < 2 < slopes.max() / slopes.min()
    assert moved["matrix.weight"].square().mean().sqrt() == pytest.approx(0.2 * RATE, rel=0.3)
    assert (moved["matrix.weight"] * model.matrix.weight.grad).sum() < 0


@pytest.mark.parametrize("kind", ["adamw", MUON])
def test_what_is_no_matrix_is_adamws_and_what_is_frozen_stays(kind):
    moved, model = stepped(kind)
    for name in ("kernel.weight", "kernel.bias", "norm.weight", "matrix.bias"):
        slope = dict(model.named_parameters())[name].grad
        torch.testing.assert_close(moved[name], -RATE * slope.sign(), rtol=1e-3, atol=1e-6, msg=name)
    assert moved["frozen.weight"].count_nonzero() == 0


@pytest.mark.parametrize("kind", ["adamw", MUON])
def test_no_rate_changes_nothing(kind):
    assert all(move.count_nonzero() == 0 for move in stepped(kind, 0.0)[0].values())


@pytest.mark.parametrize("kind", ["adamw", MUON])
def test_matrices_and_kernels_decay_and_norms_and_biases_do_not(kind):
    plain, model = stepped(kind)
    decayed, _ = stepped(kind, weight_decay=0.5)
    for name, weight in model.named_parameters():
        shrunk = -RATE * 0.5 * (weight.detach() - plain[name]) if name in ("matrix.weight", "kernel.weight") else 0.0
        torch.testing.assert_close(decayed[name], plain[name] + shrunk, rtol=1e-3, atol=1e-7, msg=name)


def test_a_state_of_adamw_alone_is_gone_on_with_and_another_kinds_is_not():
    own = Optimiser("adamw", Small(), 0.0)
    own.load(own.parts[0].state_dict())
    with pytest.raises(ValueError, match="longer"):
        own.load([*own.state(), *own.state()])


def test_a_torch_without_muon_is_told(monkeypatch):
    monkeypatch.delattr(torch.optim, "Muon", raising=False)
    check_optimiser("adamw")
    with pytest.raises(SettingsError, match=r"torch .* has none; use 2\.9"):
        check_optimiser("muon")
