"""What training minimises."""

from __future__ import annotations

import torch
from torch import Tensor

from corridorkey_torch.train.recipe import LossWeights

FG_SEEN = 0.02  # below this alpha, colour is a guess


def keying_loss(
    coarse: Tensor, prediction: Tensor, alpha: Tensor, fg: Tensor, weights: LossWeights
) -> tuple[Tensor, dict[str, float]]:
    """The weighted sum of all terms.

    Args:
        coarse: (B, H, W, 4) probabilities before the refiner, alpha first.
        prediction: (B, H, W, 4) probabilities after it.
        alpha: (B, H, W, 1) truth.
        fg: (B, H, W, 3) truth, straight sRGB.
        weights: of the terms.
    Returns:
        The loss, and each term's value.
    """
    got, got_fg = prediction[..., :1], prediction[..., 1:]
    transition = ((alpha > 0.02) & (alpha < 0.98)).float()
    importance = 1 + weights.transition * transition
    seen = (alpha > FG_SEEN).float().clamp(min=weights.unseen)

    def fg_error(colour: Tensor) -> Tensor:
        return ((colour - fg).abs() * seen).sum() / (3 * seen.sum() + 1)

    (down, right), (true_down, true_right) = _slopes(got), _slopes(alpha)
    terms = {
        "alpha": weights.alpha * _l1(got, alpha, importance),
        "squared": weights.squared * ((got - alpha) ** 2 * importance).mean(),
        "coarse": weights.coarse * (_l1(coarse[..., :1], alpha, importance) + 0.5 * fg_error(coarse[..., 1:])),
        "gradient": weights.gradient * ((down - true_down).abs().mean() + (right - true_right).abs().mean()),
        "fg": weights.fg * fg_error(got_fg),
        "premultiplied": weights.premultiplied * (_linear(got_fg) * got - _linear(fg) * alpha).abs().mean(),
    }
    total = torch.stack(list(terms.values())).sum()
    return total, {name: float(term.detach()) for name, term in terms.items()}


def _l1(got: Tensor, truth: Tensor, importance: Tensor) -> Tensor:
    return ((got - truth).abs() * importance).mean()


def _slopes(x: Tensor) -> tuple[Tensor, Tensor]:
    return x[:, 1:] - x[:, :-1], x[:, :, 1:] - x[:, :, :-1]


def _linear(srgb: Tensor) -> Tensor:
    return torch.where(srgb <= 0.04045, srgb / 12.92, ((srgb.clamp(min=0.04) + 0.055) / 1.055) ** 2.4)
