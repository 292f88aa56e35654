"""What a network's logits start from: nothing, or the key and the plate less the screen."""

from __future__ import annotations

import mlx.core as mx

from corridorkey.config import BASE_MARGIN, GreenFormerConfig
from corridorkey.prepare import MEAN, STD
from corridorkey_mlx.unmix import decoded, encoded, unmixed


class NoBase:
    """Logits start from zero."""

    def plus(self, logits: mx.array) -> mx.array:
        """The same logits."""
        return logits


class Unmixed:
    """Alpha's logits start from the key, fg's from the plate less the screen that shows through.

    Args:
        x: (B, H, W, C) float32, prepared, with key and clean plate.
        config: says where in x they are.
    """

    def __init__(self, x: mx.array, config: GreenFormerConfig) -> None:
        self.own = config.screen_channel
        key, screen = (config.channel_of(name) for name in ("key", "screen"))
        mean, std = (mx.array(stat) for stat in (MEAN, STD))
        self.key = _logit(x[..., key : key + 1])
        self.plate, self.clean_plate = (decoded(x[..., at : at + 3] * std + mean) for at in (0, screen))

    def plus(self, logits: mx.array) -> mx.array:
        """Logits on top of the key's, and of those of the plate, unmixed by the alpha that follows.

        Args:
            logits: (B, H, W, 4), alpha first.
        Returns:
            (B, H, W, 4).
        """
        alpha = logits[..., :1] + self.key
        fg = encoded(unmixed(self.plate, self.clean_plate, mx.sigmoid(alpha), self.own))
        return mx.concatenate([alpha, logits[..., 1:] + _logit(fg)], axis=-1)


def _logit(x: mx.array) -> mx.array:
    x = mx.clip(x, BASE_MARGIN, 1 - BASE_MARGIN)
    return mx.log(x / (1 - x))
