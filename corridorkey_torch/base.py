"""What a network's logits start from: nothing, or the key and the plate less the screen."""

from __future__ import annotations

import torch
from torch import Tensor

from corridorkey.config import BASE_MARGIN, GreenFormerConfig
from corridorkey.prepare import MEAN, STD
from corridorkey_torch.unmix import decoded, encoded, unmixed


class NoBase:
    """Logits start from zero."""

    def plus(self, logits: Tensor) -> Tensor:
        """The same logits."""
        return logits


class Unmixed:
    """Alpha's logits start from the key, fg's from the plate less the screen that shows through.

    Args:
        x: (B, H, W, C) float32, prepared, with key and clean plate.
        config: says where in x they are.
    """

    def __init__(self, x: Tensor, config: GreenFormerConfig) -> None:
        self.own = config.screen_channel
        key, screen = (config.channel_of(name) for name in ("key", "screen"))
        mean, std = (x.new_tensor(stat).view(3, 1, 1) for stat in (MEAN, STD))
        planes = x.permute(0, 3, 1, 2)
        self.key = torch.logit(x[..., key : key + 1], eps=BASE_MARGIN)
        self.plate, self.clean_plate = (decoded(planes[:, at : at + 3] * std + mean) for at in (0, screen))

    def plus(self, logits: Tensor) -> Tensor:
        """Logits on top of the key's, and of those of the plate, unmixed by the alpha that follows.

        Args:
            logits: (B, H, W, 4), alpha first.
        Returns:
            (B, H, W, 4).
        """
        alpha = logits[..., :1] + self.key
        with torch.no_grad():  # an alpha is learned as alpha, not by the colour that follows from it
            cover = torch.sigmoid(alpha).permute(0, 3, 1, 2)
            fg = encoded(unmixed(self.plate, self.clean_plate, cover, self.own))
        return torch.cat([alpha, logits[..., 1:] + torch.logit(fg, eps=BASE_MARGIN).permute(0, 2, 3, 1)], dim=-1)
