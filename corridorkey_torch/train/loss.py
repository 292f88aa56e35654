"""What training minimises."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor

from corridorkey_torch.decoder import resize
from corridorkey_torch.train.recipe import LossWeights
from corridorkey_torch.unmix import decoded

FG_SEEN = 0.02  # below this alpha, colour is a guess
LEVELS = 5
BINOMIAL = (1 / 8, 3 / 8, 3 / 8, 1 / 8)


def keying_loss(
    coarse: Tensor,
    prediction: Tensor,
    features: list[Tensor],
    alpha: Tensor,
    fg: Tensor,
    backdrop: Tensor,
    weights: LossWeights,
) -> tuple[Tensor, dict[str, float]]:
    """The weighted sum of all terms.

    Args:
        coarse: (B, H, W, 4) probabilities before the refiner, alpha first.
        prediction: (B, H, W, 4) probabilities after it.
        features: of the encoder's stages, each (B, h, w, dim), for `constant_part`.
        alpha: (B, H, W, 1) truth.
        fg: (B, H, W, 3) truth, straight sRGB.
        backdrop: (B, h, w, 3) linear, of any size: what truth and prediction are composited over, to be compared.
        weights: of the terms.
    Returns:
        The loss, and each term's value.
    """
    got, got_fg = prediction[..., :1], prediction[..., 1:]
    transition = ((alpha > 0.02) & (alpha < 0.98)).float()
    importance = 1 + weights.transition * transition
    seen = (alpha > FG_SEEN).float().clamp(min=weights.unseen)
    told = seen * (1 + weights.fg_transition * transition)
    behind = resize(backdrop.permute(0, 3, 1, 2), (alpha.shape[1], alpha.shape[2])).permute(0, 2, 3, 1)

    light = decoded(fg)

    def fg_error(colour: Tensor, its_light: Tensor) -> Tensor:
        # In sRGB dark hair counts as the eye sees it; in linear light a highlight counts as it comes out in a comp.
        error = torch.lerp((colour - fg).abs(), (its_light - light).abs(), weights.fg_linear)
        return (error * told).sum() / (3 * told.sum() + 1)

    off, got_light, coarse_fg = got - alpha, decoded(got_fg), coarse[..., 1:]
    # What is over the backdrop in one comp and not in the other: a·fg − a'·fg' − (a − a')·behind.
    composed = got_light * got - light * alpha - off * behind
    terms = {
        "alpha": weights.alpha * (off.abs() * importance).mean(),
        "squared": weights.squared * (off.square() * importance).mean(),
        "coarse": weights.coarse
        * (((coarse[..., :1] - alpha).abs() * importance).mean() + 0.5 * fg_error(coarse_fg, decoded(coarse_fg))),
        "laplacian": weights.laplacian * laplacian(off.permute(0, 3, 1, 2)),
        "fg": weights.fg * fg_error(got_fg, got_light),
        "composed": weights.composed * composed.abs().mean(),
    }
    if weights.constant:
        terms["constant"] = weights.constant * constant_part(features)
    total = torch.stack(list(terms.values())).sum()
    return total, {name: float(term.detach()) for name, term in terms.items()}


def constant_part(features: list[Tensor]) -> Tensor:
    """How much of the features is the same everywhere: the logarithm of its share over that of what varies.

    What every token has in common tells nothing, and takes digits from what does: channels that stood at 90 and varied
    by 0.3 left 1e-4 of float32's rounding in alpha's logits.

    Args:
        features: of the stages, each (B, h, w, dim).
    Returns:
        A scalar: the mean over the stages; 0 where the features' means are.
    """
    stages = []
    for feature in features:
        tokens = feature.float().flatten(0, 2)
        variance, mean = torch.var_mean(tokens, dim=0, correction=0)
        stages.append(torch.log1p(mean.square().mean() / (variance.mean() + 1e-6)))
    return torch.stack(stages).mean()


def laplacian(error: Tensor) -> Tensor:
    """Mean absolute Laplacian pyramid of an error, each level at twice the weight of the finer one.

    Args:
        error: (B, 1, H, W), the difference of two mattes; the pyramid of a difference is the pyramids' difference.
    Source: Hou and Liu, Context-Aware Image Matting, 2019.
    """
    taps = error.new_tensor(BINOMIAL)
    kernel = (taps[:, None] * taps)[None, None]
    bands: list[Tensor] = []
    while len(bands) < LEVELS - 1 and min(error.shape[2:]) >= 4:
        small = F.conv2d(F.pad(error, (1, 1, 1, 1), mode="replicate"), kernel, stride=2)
        bands.append((error - resize(small, (error.shape[2], error.shape[3]))).abs().mean())
        error = small
    bands.append(error.abs().mean())
    return torch.stack([2.0**level * band for level, band in enumerate(bands)]).sum()
