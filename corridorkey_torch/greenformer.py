"""GreenFormer: encoder, two decoder heads, refiner.

    x ─► encode ─► features ─► decode ─► coarse ─► base.plus ─► refine ─► delta
              prediction = sigmoid(base.plus(coarse + delta))

Tensors are NHWC outside, NCHW inside.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

from corridorkey.config import GreenFormerConfig
from corridorkey_torch.base import NoBase, Unmixed
from corridorkey_torch.decoder import DecoderHead, resize
from corridorkey_torch.hiera import Hiera
from corridorkey_torch.refiner import Refiner


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
    def dtype(self) -> torch.dtype:
        """What encoder, heads and refiner compute in; input, base and logits at full size stay float32."""
        return self.refiner.final.weight.dtype

    def encode(self, x: Tensor) -> list[Tensor]:
        """Input (B, H, W, C) to features (B, H/s, W/s, dim) at strides s of 4, 8, 16 and 32."""
        return self.encoder.model(x.to(self.dtype).permute(0, 3, 1, 2))  # type: ignore[no-any-return]

    def decode(self, features: list[Tensor]) -> tuple[Tensor, Tensor]:
        """Features to alpha logits (B, H/4, W/4, 1) and fg logits (B, H/4, W/4, 3)."""
        alpha, fg = self.alpha_decoder(features), self.fg_decoder(features)
        return alpha.permute(0, 2, 3, 1), fg.permute(0, 2, 3, 1)

    def coarse(self, x: Tensor, alpha_logits: Tensor, fg_logits: Tensor) -> Tensor:
        """Decoded logits at full size: (B, H, W, 4), alpha first."""
        logits = torch.cat([alpha_logits, fg_logits], dim=-1).permute(0, 3, 1, 2).float()
        return resize(logits, (x.shape[1], x.shape[2])).permute(0, 2, 3, 1)

    def base(self, x: Tensor) -> NoBase | Unmixed:
        """What the logits of an input start from."""
        return Unmixed(x, self.config) if self.config.base == "unmixed" else NoBase()

    def refine(self, x: Tensor, on_base: Tensor) -> Tensor:
        """Input and coarse logits on their base (B, H, W, 4) to delta logits (B, H, W, 4)."""
        hint = self.config.channel_of("hint")
        seen = torch.cat([x[..., :hint], x[..., hint + 1 :], torch.sigmoid(on_base)], dim=-1).to(self.dtype)
        return self.refiner(seen.permute(0, 3, 1, 2)).permute(0, 2, 3, 1).float()  # type: ignore[no-any-return]

    def forward(self, x: Tensor, refiner_scale: float = 1.0) -> tuple[Tensor, Tensor]:
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
        prediction = torch.sigmoid(base.plus(logits + delta))
        return prediction[..., :1], prediction[..., 1:]
