"""GreenFormer: encoder, two decoder heads, refiner.

    x ─► encode ─► features ─► decode ─► logits ─► refine ─► delta
                       prediction = sigmoid(base + coarse + delta)

Arrays are NHWC.
"""

from __future__ import annotations

import mlx.core as mx
from mlx import nn

from corridorkey.config import BASE_MARGIN, GreenFormerConfig
from corridorkey.prepare import MEAN, STD
from corridorkey_mlx.decoder import DecoderHead, resize
from corridorkey_mlx.hiera import Hiera
from corridorkey_mlx.refiner import Refiner


class Encoder(nn.Module):
    """Holds the Hiera under the name the released checkpoints give it."""

    def __init__(self, config: GreenFormerConfig) -> None:
        super().__init__()
        self.model = Hiera(config)


class GreenFormer(nn.Module):
    """The CorridorKey network.

    Args:
        config: widths, depths and inputs.
    Source: nikopueringer/CorridorKey; `base` and the wider inputs are this project's.
    """

    def __init__(self, config: GreenFormerConfig) -> None:
        super().__init__()
        self.config = config
        self.encoder = Encoder(config)
        self.alpha_decoder = DecoderHead(config, 1)
        self.fg_decoder = DecoderHead(config, 3)
        self.refiner = Refiner(config)

    @property
    def dtype(self) -> mx.Dtype:
        """What encoder, heads and refiner compute in; input, base and logits at full size stay float32."""
        return self.refiner.final.weight.dtype

    def encode(self, x: mx.array) -> list[mx.array]:
        """Input (B, H, W, C) to features (B, H/s, W/s, dim) at strides s of 4, 8, 16 and 32."""
        return self.encoder.model(x.astype(self.dtype))

    def decode(self, features: list[mx.array]) -> tuple[mx.array, mx.array]:
        """Features to alpha logits (B, H/4, W/4, 1) and fg logits (B, H/4, W/4, 3)."""
        return self.alpha_decoder(features), self.fg_decoder(features)

    def coarse(self, x: mx.array, alpha_logits: mx.array, fg_logits: mx.array) -> mx.array:
        """Base and decoded logits at full size: (B, H, W, 4), alpha first."""
        logits = mx.concatenate([alpha_logits, fg_logits], axis=-1).astype(mx.float32)
        logits = resize(logits, (x.shape[1], x.shape[2]))
        return logits + self.base(x) if self.config.base else logits

    def base(self, x: mx.array) -> mx.array:
        """Logits of the key, and of the plate with green limited to the larger of red and blue: (B, H, W, 4)."""
        at = self.config.channel_of("key")
        key = x[..., at : at + 1]
        rgb = x[..., :3] * mx.array(STD) + mx.array(MEAN)
        limited = mx.minimum(rgb[..., 1:2], mx.maximum(rgb[..., :1], rgb[..., 2:3]))
        base = mx.concatenate([key, rgb[..., :1], limited, rgb[..., 2:3]], axis=-1)
        base = mx.clip(base, BASE_MARGIN, 1 - BASE_MARGIN)
        return mx.log(base / (1 - base))

    def refine(self, x: mx.array, coarse: mx.array) -> mx.array:
        """Input and coarse logits (B, H, W, 4) to delta logits (B, H, W, 4)."""
        hint = self.config.channel_of("hint")
        seen = mx.concatenate([x[..., :hint], x[..., hint + 1 :], mx.sigmoid(coarse)], axis=-1).astype(self.dtype)
        return self.refiner(seen).astype(mx.float32)

    def __call__(self, x: mx.array, refiner_scale: float = 1.0) -> tuple[mx.array, mx.array]:
        """A prepared frame to its prediction.

        Args:
            x: (B, H, W, C) float32; sides are multiples of 32.
            refiner_scale: multiplies the delta logits.
        Returns:
            alpha (B, H, W, 1) and fg (B, H, W, 3), float32 0..1.
        """
        coarse = self.coarse(x, *self.decode(self.encode(x)))
        prediction = mx.sigmoid(coarse + refiner_scale * self.refine(x, coarse))
        return prediction[..., :1], prediction[..., 1:]
