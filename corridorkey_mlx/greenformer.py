"""GreenFormer: encoder, two decoder heads, refiner.

    x ─► encode ─► features ─► decode ─► coarse ─► base.plus ─► refine ─► delta
              prediction = sigmoid(base.plus(coarse + delta))

Arrays are NHWC.
"""

from __future__ import annotations

import mlx.core as mx
from mlx import nn

from corridorkey.config import GreenFormerConfig
from corridorkey_mlx.base import NoBase, Unmixed
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
        """Decoded logits at full size: (B, H, W, 4), alpha first."""
        logits = mx.concatenate([alpha_logits, fg_logits], axis=-1).astype(mx.float32)
        return resize(logits, (x.shape[1], x.shape[2]))

    def base(self, x: mx.array) -> NoBase | Unmixed:
        """What the logits of an input start from."""
        return Unmixed(x, self.config) if self.config.base == "unmixed" else NoBase()

    def refine(self, x: mx.array, on_base: mx.array) -> mx.array:
        """Input and coarse logits on their base (B, H, W, 4) to delta logits (B, H, W, 4)."""
        hint = self.config.channel_of("hint")
        seen = mx.concatenate([x[..., :hint], x[..., hint + 1 :], mx.sigmoid(on_base)], axis=-1).astype(self.dtype)
        return self.refiner(seen).astype(mx.float32)

    def __call__(self, x: mx.array, refiner_scale: float = 1.0) -> tuple[mx.array, mx.array]:
        """A prepared frame to its prediction.

        Args:
            x: (B, H, W, C) float32; sides are multiples of 32.
            refiner_scale: multiplies the delta logits.
        Returns:
            alpha (B, H, W, 1) and fg (B, H, W, 3), float32 0..1.
        """
        logits = self.coarse(x, *self.decode(self.encode(x)))
        base = self.base(x)
        delta = refiner_scale * self.refine(x, base.plus(logits))
        prediction = mx.sigmoid(base.plus(logits + delta))
        return prediction[..., :1], prediction[..., 1:]
