"""What a network's logits start from: nothing, or the key and the plate less the screen."""

from __future__ import annotations

import mlx.core as mx

from corridorkey.config import BASE_MARGIN, GreenFormerConfig
from corridorkey.prepare import MEAN, STD
from corridorkey_mlx.unmix import decoded, encoded, unmixed


class Base:
    """What is known of one input before the network has looked at it.

    Args:
        x: (B, H, W, C) float32, prepared.
        config: says what x holds and what logits start from.
    """

    def __init__(self, x: mx.array, config: GreenFormerConfig) -> None:
        self.config = config
        if config.base == "none":
            return
        key, screen = (config.channel_of(name) for name in ("key", "screen"))
        mean, std = (mx.array(stat) for stat in (MEAN, STD))
        self.key = _logit(x[..., key : key + 1])
        self.plate, self.clean_plate = (decoded(x[..., at : at + 3] * std + mean) for at in (0, screen))

    def plus(self, logits: mx.array) -> mx.array:
        """Logits on top of the key, and of the plate unmixed by the alpha that follows from both.

        Args:
            logits: (B, H, W, 4), alpha first.
        Returns:
            (B, H, W, 4).
        """
        if self.config.base == "none":
            return logits
        alpha = logits[..., :1] + self.key
        fg = encoded(unmixed(self.plate, self.clean_plate, mx.sigmoid(alpha), self.config.screen_channel))
        return mx.concatenate([alpha, logits[..., 1:] + _logit(fg)], axis=-1)


def _logit(x: mx.array) -> mx.array:
    x = mx.clip(x, BASE_MARGIN, 1 - BASE_MARGIN)
    return mx.log(x / (1 - x))
