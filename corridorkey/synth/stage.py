"""What every subject of a shot shares: frame, style, surfaces and light; and how a surface is lit."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from corridorkey.synth.grow import HairStyle, grow
from corridorkey.synth.layers import Fill, Motion, Points, Strands
from corridorkey.synth.palette import cloth, dressed, off_screen
from corridorkey.synth.style import DrawnStyle
from corridorkey.synth.textures import Textures, drawn_pattern, noise
from corridorkey.synth.unseen import crimped, unseen_pattern
from corridorkey.types import Array


@dataclass(frozen=True, slots=True)
class Stage:
    """The frame a shot plays in.

    Attributes:
        size: height, width.
        light: direction (x, y) the key light comes from, length 1.
        lamp: (3,) colour of that light.
        contrast: 0 is flat light, 1 leaves the far side dark.
    """

    rng: np.random.Generator
    size: tuple[int, int]
    style: DrawnStyle
    textures: Textures
    light: tuple[float, float]
    lamp: Array
    contrast: float

    @property
    def short(self) -> int:
        """The shorter side in pixels."""
        return min(self.size)

    def cloth(self) -> Array:
        """A colour for a thing that is not a person's."""
        if self.style.wardrobe != "any":
            return dressed(self.rng, self.style.screen, self.style.wardrobe)
        return cloth(self.rng, self.style.screen, self.style.near)

    def surface(self, height: int, width: int) -> Array:
        """An unlit surface of cloth colours."""
        pattern = unseen_pattern if self.style.unseen else drawn_pattern
        # A photograph has colours of its own.
        textures = self.textures if self.style.wardrobe == "any" else Textures()
        return textures.draw(self.rng, height, width, self.cloth(), self.cloth(), pattern)

    def grow(self, roots: Points, direction: Points, style: HairStyle) -> Points:
        """Hair from its roots, as `grow.grow`; (N, STEPS, 2)."""
        strands = grow(self.rng, roots, direction, style)
        return crimped(self.rng, strands) if self.style.unseen else strands

    def motion(self, pivot: tuple[float, float], amount: float = 1.0) -> Motion:
        """A path for something at `pivot`; still where the style says so."""
        speed = self.style.motion * amount * 0.02 * self.short
        if speed == 0:
            return Motion()
        rng, rate = self.rng, float(self.rng.uniform(0.1, 0.5))
        drift = rng.normal(0, speed * 0.6, 2)
        sway = rng.normal(0, speed * 0.6, 2) / rate
        turn = float(rng.normal(0, 0.015 * self.style.motion * amount / rate))
        phase = float(rng.uniform(0, 2 * np.pi))
        return Motion(pivot, (drift[0], drift[1]), (sway[0], sway[1]), turn, rate, phase)

    def turning(self, pivot: tuple[float, float], angle: float) -> Motion:
        """A part that turns about a joint by up to `angle` radians."""
        if self.style.motion == 0:
            return Motion()
        rate, phase = float(self.rng.uniform(0.15, 0.6)), float(self.rng.uniform(0, 2 * np.pi))
        return Motion(pivot, turn=float(self.rng.normal(0, angle)) * min(self.style.motion, 2), rate=rate, phase=phase)

    def box(self, points: Points) -> tuple[int, int, int, int]:
        """x, y, width, height around points, cut where even a moving subject will not show it."""
        h, w = self.size
        reach = self.short // 2
        low = np.clip(np.floor(points.min(axis=0)) - 2, (-reach, -reach), (w + reach - 2, h + reach - 2))
        high = np.clip(
            np.ceil(points.max(axis=0)) + 2, low + 2, (max(w + reach, low[0] + 2), max(h + reach, low[1] + 2))
        )
        return int(low[0]), int(low[1]), int(high[0] - low[0]), int(high[1] - low[1])

    def fill(
        self,
        contours: tuple[Points, ...],
        rgb: Array | None = None,
        *,
        opacity: float | Array = 1.0,
        round_: float = 0.3,
        folds: float = 0.0,
        gloss: float = 0.0,
    ) -> Fill:
        """A lit Fill of an outline.

        Args:
            rgb: (3,) colour, an (h, w, 3) surface of the outline's `box`, or None for one drawn here.
            round_: how far from its edges the thing is round, relative to its size.
            folds: depth of folds.
            gloss: strength of a highlight.
        """
        x, y, w, h = self.box(contours[0])
        if rgb is None:
            rgb = self.surface(h, w)
        elif rgb.ndim == 1:
            grain = noise(self.rng, h, w, max(h, w) / 4, 5) * float(self.rng.uniform(0.03, 0.12))
            rgb = rgb * np.exp(grain)[..., None]
        mask = np.zeros((h, w), np.float32)
        cv2.fillPoly(mask, [np.round(np.clip(c - (x, y), -30000, 30000)).astype(np.int32) for c in contours], 1.0)
        lit = self.shade(mask, round_, folds, gloss)
        rgb = off_screen(rgb * lit[..., :1], self.style.screen, self.style.near) * self.lamp + lit[..., 1:]
        return Fill(contours, np.clip(rgb, 0, 1).astype(np.float32), opacity, (x, y))

    def shade(self, mask: Array, round_: float, folds: float, gloss: float) -> Array:
        """Light on a thing of this silhouette, as if it were round near its edges: (h, w, 2), diffuse and highlight."""
        h, w = mask.shape
        sigma = max(round_ * min(h, w) * 0.5, 1.0)
        shrink = max(1, int(sigma / 3))  # a wide blur needs no more pixels than this
        small = cv2.resize(mask, (max(w // shrink, 2), max(h // shrink, 2)), interpolation=cv2.INTER_AREA)
        small = cv2.GaussianBlur(small, (0, 0), sigma / shrink)
        # Slopes, not heights, are enlarged: the slope of an enlarged height shows its grid.
        gy, gx = (
            cv2.resize(g, (w, h), interpolation=cv2.INTER_LINEAR) * 1.6 * sigma / shrink for g in np.gradient(small)
        )
        if folds > 0:
            rough = noise(self.rng, h, w, max(min(h, w) / 3, 4), 4, float(self.rng.uniform(0.3, 1.0)))
            fy, fx = np.gradient(rough * np.float32(folds * min(h, w) * 0.05))
            gy, gx = gy + fy, gx + fx
        nz = 1 / np.sqrt(1 + gx * gx + gy * gy)
        facing = np.maximum((-gx * self.light[0] - gy * self.light[1]) * 0.75 * nz + 0.66 * nz, 0)
        diffuse = 1 - self.contrast + self.contrast * 1.35 * facing
        highlight = gloss * facing ** float(self.rng.uniform(12, 50)) if gloss > 0 else np.zeros_like(diffuse)
        return np.stack((diffuse, highlight), axis=-1).astype(np.float32)

    def strands(
        self,
        points: Points,
        width: Points,
        colours: Array,
        centre: tuple[float, float, float],
        *,
        sway: float = 0.0,
        shade: Points | None = None,
    ) -> Strands:
        """Lit Strands with hairs of many shades."""
        n, rng = len(points), self.rng
        swaying = sway * min(self.style.motion, 2.0)
        # Neighbours move alike.
        phase = points[:, 0, 0] / max(centre[2], 1.0) + rng.normal(0, 0.4, n)
        lit = off_screen(colours, self.style.screen, self.style.near) * self.lamp
        light = (self.light[0] * self.contrast, self.light[1] * self.contrast)
        return Strands(
            points=points,
            width=np.asarray(width, np.float64),
            shade=np.clip(rng.normal(0.5, 0.14, n) if shade is None else shade, 0.1, 1.0),
            tint=rng.beta(1.2, 2.2, n),
            colours=np.clip(lit, 0, 1).astype(np.float32),
            light=light,
            sway=swaying * rng.normal(1, 0.2, n),
            phase=phase,
            rate=float(rng.uniform(0.2, 0.6)),
            centre=centre,
        )
