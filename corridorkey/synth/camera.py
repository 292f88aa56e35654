"""What a camera and its file do to the light: noise, softness or ringing, few bits, JPEG or 4:2:0 video."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from corridorkey.color import linear_to_srgb
from corridorkey.synth.blur import blur
from corridorkey.synth.f32 import f32
from corridorkey.synth.ycbcr import Sampling, through_video
from corridorkey.types import Array


@dataclass(frozen=True, slots=True)
class Camera:
    """One camera and codec; the same for all frames of a shot.

    Attributes:
        shot, read: noise that grows with the root of the light, and noise that does not (linear light).
        grain: size of the noise in pixels (standard deviation of its blur).
        blur: softness in pixels; negative sharpens, by that amount.
        steps: code values; 255 for 8 bits.
        quality: JPEG quality, or 0 for none.
        subsampled: whether the JPEG's chroma is 4:2:0.
        video: chroma sampling of a movie file, instead of JPEG; its bits are those of `steps`. None is no movie.
    """

    shot: float = 0.0
    read: float = 0.0
    grain: float = 0.0
    blur: float = 0.0
    steps: int = 255
    quality: int = 0
    subsampled: bool = True
    video: Sampling | None = None

    @classmethod
    def draw(cls, rng: np.random.Generator) -> Camera:
        """A camera as found in the wild."""
        noisy = float(np.exp(rng.uniform(np.log(0.15), np.log(2.0))))
        soft = float(rng.choice((0.0, rng.uniform(0.3, 0.75), -rng.uniform(0.1, 0.6)), p=(0.4, 0.4, 0.2)))
        return cls(
            shot=0.012 * noisy,
            read=0.0012 * noisy,
            grain=float(rng.uniform(0.4, 0.9)) if rng.random() < 0.5 else 0.0,
            blur=soft,
            steps=255 if rng.random() < 0.9 else 1023,
            quality=int(rng.integers(40, 99)) if rng.random() < 0.75 else 0,
            subsampled=bool(rng.random() < 0.75),
        )

    def expose(self, rng: np.random.Generator, linear: Array) -> Array:
        """The picture of (H, W, 3) linear light: float32 sRGB 0..1."""
        light = linear
        if self.blur > 0:
            light = blur(light, self.blur)
        grain = rng.standard_normal(light.shape, dtype=np.float32)
        if self.grain > 0:
            grain = blur(grain, self.grain)
            grain /= grain.std() + np.float32(1e-9)
        strength = np.sqrt(np.float32(self.shot**2) * np.maximum(light, 0) + np.float32(self.read**2))
        rgb = np.clip(linear_to_srgb(light + grain * strength), 0, 1)
        if self.blur < 0:
            rgb = np.clip(rgb - np.float32(self.blur) * (rgb - blur(f32(rgb), 1.2)), 0, 1)
        if self.video is not None:
            return through_video(f32(rgb), self.video, (self.steps + 1).bit_length() - 1)
        if self.quality == 0:
            return f32(np.round(rgb * self.steps)) / np.float32(self.steps)
        factor = cv2.IMWRITE_JPEG_SAMPLING_FACTOR_420 if self.subsampled else cv2.IMWRITE_JPEG_SAMPLING_FACTOR_444
        options = [cv2.IMWRITE_JPEG_QUALITY, self.quality, cv2.IMWRITE_JPEG_SAMPLING_FACTOR, factor]
        code = np.ascontiguousarray(np.round(rgb[..., ::-1] * 255).astype(np.uint8))
        _, packed = cv2.imencode(".jpg", code, options)
        return f32(cv2.imdecode(packed, cv2.IMREAD_COLOR))[..., ::-1] / np.float32(255)


def develop(linear: Array) -> Array:
    """The picture a perfect camera takes: float32 sRGB 0..1, unquantised."""
    return linear_to_srgb(np.clip(linear, 0, 1))
