"""What training minimises."""

import numpy as np
import pytest
import torch

from corridorkey.color import srgb_to_linear
from corridorkey_torch.train.loss import constant_part, keying_loss, laplacian
from corridorkey_torch.train.recipe import LossWeights


def test_the_loss_is_zero_for_the_truth_and_finite_at_its_ends():
    alpha, fg = torch.rand(1, 8, 8, 1), torch.rand(1, 8, 8, 3)
    alpha[0, 0], fg[0, 1] = 0, 0
    truth = torch.cat([alpha, fg], -1).requires_grad_()
    behind = torch.rand(1, 2, 2, 3)
    loss, terms = keying_loss(truth, truth, [], alpha, fg, behind, LossWeights())
    assert loss.item() == pytest.approx(0, abs=1e-6)
    assert set(terms) == {"alpha", "squared", "coarse", "laplacian", "fg", "composed"}
    worse = keying_loss(truth * 0.5, truth * 0.5, [], alpha, fg, behind, LossWeights())[0]
    worse.backward()
    assert torch.isfinite(truth.grad).all()
    assert worse.item() > 0.05


def test_colour_counts_little_where_nothing_is_seen():
    alpha, fg = torch.zeros(1, 8, 8, 1), torch.rand(1, 8, 8, 3)
    alpha[0, :4] = 1
    wrong = {}
    for part, rows in (("seen", slice(0, 4)), ("unseen", slice(4, 8))):
        colour = fg.clone()
        colour[0, rows] = 1 - colour[0, rows]
        prediction = torch.cat([alpha, colour], -1)
        weights = LossWeights(unseen=0.0, composed=0.0)
        wrong[part] = keying_loss(prediction, prediction, [], alpha, fg, torch.zeros(1, 2, 2, 3), weights)[0].item()
    assert wrong["seen"] > 0.1
    assert wrong["unseen"] == pytest.approx(0, abs=1e-6)


def test_colour_can_count_more_in_transitions():
    alpha, fg = torch.ones(1, 8, 8, 1), torch.zeros(1, 8, 8, 3)
    alpha[0, 4:] = 0.5
    colour = fg.clone()
    colour[0, 4:] = 0.3
    prediction = torch.cat([alpha, colour], -1)
    got = [
        keying_loss(prediction, prediction, [], alpha, fg, alpha, LossWeights(fg=1.0, fg_transition=weight))[1]["fg"]
        for weight in (0.0, 2.0)
    ]
    assert got == pytest.approx([0.3 * 32 / 64, 0.3 * 96 / 128], rel=0.01)


@pytest.mark.parametrize(("share", "wanted"), [(0.0, 0.2), (1.0, 0.3395), (0.25, 0.75 * 0.2 + 0.25 * 0.3395)])
def test_colour_is_compared_in_srgb_or_in_linear_light(share, wanted):
    alpha, fg = torch.ones(1, 8, 8, 1), torch.full((1, 8, 8, 3), 0.9)
    prediction = torch.cat([alpha, fg - 0.2], -1)  # linear: 0.7874 and 0.4479
    weights = LossWeights(fg=1.0, fg_linear=share)
    terms = keying_loss(prediction, prediction, [], alpha, fg, alpha, weights)[1]
    assert terms["fg"] == pytest.approx(wanted, rel=0.01)


def test_the_composed_term_is_the_difference_of_two_comps():
    alpha, fg, behind = torch.rand(1, 8, 8, 1), torch.rand(1, 8, 8, 3), torch.rand(1, 1, 1, 3)
    got = torch.rand(1, 8, 8, 4)

    def comp(a, colour):
        return a * torch.from_numpy(srgb_to_linear(colour.numpy())) + (1 - a) * behind

    terms = keying_loss(got, got, [], alpha, fg, behind, LossWeights(composed=1.0))[1]
    wanted = (comp(got[..., :1], got[..., 1:]) - comp(alpha, fg)).abs().mean().item()
    assert terms["composed"] == pytest.approx(wanted, abs=1e-6)


def test_the_laplacian_sees_broad_errors_more_than_fine_ones_and_none_in_the_truth():
    fine = (torch.arange(64) % 2 * 2.0 - 1).expand(1, 1, 64, 64)
    broad = torch.where(torch.arange(64) < 32, 1.0, -1.0).expand(1, 1, 64, 64)
    assert laplacian(torch.zeros(1, 1, 64, 64)).item() == 0
    assert laplacian(broad).item() > 2 * laplacian(fine).item() > 1


def test_what_features_have_in_common_is_told_from_what_varies():
    varied = torch.randn(2, 8, 8, 16, generator=torch.Generator().manual_seed(0))
    varied -= varied.mean((0, 1, 2))
    assert constant_part([varied]).item() == pytest.approx(0, abs=1e-6)
    offset = constant_part([varied + 30]).item()
    assert offset == pytest.approx(np.log1p(900 / varied.var((0, 1, 2), correction=0).mean().item()), rel=1e-4)
    assert constant_part([7 * varied + 210]).item() == pytest.approx(offset, rel=1e-4)  # no matter the scale
    assert constant_part([varied + 30, varied]).item() == pytest.approx(offset / 2, rel=1e-4)


def test_what_features_have_in_common_counts_as_much_as_it_is_told():
    alpha, fg = torch.rand(1, 8, 8, 1), torch.rand(1, 8, 8, 3)
    truth = torch.cat([alpha, fg], dim=-1)
    features = [torch.randn(1, 4, 4, 3) + 5]
    plain, without = keying_loss(truth, truth, features, alpha, fg, fg, LossWeights())
    assert "constant" not in without
    loss, terms = keying_loss(truth, truth, features, alpha, fg, fg, LossWeights(constant=0.5))
    assert terms["constant"] == pytest.approx(0.5 * constant_part(features).item())
    assert loss.item() == pytest.approx(plain.item() + terms["constant"])
