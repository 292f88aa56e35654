"""Things that can be drawn: filled outlines, strands, and how they move. Everything is premultiplied linear RGBA."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import cv2
import numpy as np
from numpy.typing import NDArray

from corridorkey.synth.blur import blur
from corridorkey.synth.f32 import f32
from corridorkey.types import Array

Points = NDArray[np.float64]  # (..., 2): x, y in pixels; pixel (0, 0) covers 0..1
SUPER = 3  # outlines and strands are drawn antialiased at three times the size, then averaged
SHIFT = 8  # fractional bits of OpenCV's fixed-point coordinates
Box = tuple[int, int, int, int]  # x0, y0, x1, y1


@dataclass(frozen=True, slots=True)
class Motion:
    """A smooth path: drift, sway and turn about a pivot; times are in frames."""

    pivot: tuple[float, float] = (0.0, 0.0)
    drift: tuple[float, float] = (0.0, 0.0)
    sway: tuple[float, float] = (0.0, 0.0)
    turn: float = 0.0
    rate: float = 0.3
    phase: float = 0.0

    def pose(self, t: float) -> Points:
        """The (3, 3) matrix at time t."""
        wave = np.sin(self.rate * t + self.phase)
        angle = self.turn * wave
        c, s = np.cos(angle), np.sin(angle)
        (px, py), (dx, dy), (sx, sy) = self.pivot, self.drift, self.sway
        x, y = dx * t + sx * wave, dy * t + sy * wave
        return np.array([[c, -s, px - c * px + s * py + x], [s, c, py - s * px - c * py + y], [0, 0, 1]])


def transform(points: Points, pose: Points) -> Points:
    """Points (..., 2) under a (3, 3) pose."""
    return points @ pose[:2, :2].T + pose[:2, 2]


def inside(points: Points, shape: tuple[int, ...], margin: float = 2) -> Box:
    """The box around points, cut at the frame; empty boxes have x1 <= x0 or y1 <= y0."""
    low, high = points.reshape(-1, 2).min(axis=0) - margin, points.reshape(-1, 2).max(axis=0) + margin
    x0, y0 = (int(v) for v in np.maximum(np.floor(low), 0))
    x1, y1 = (int(v) for v in np.minimum(np.ceil(high), (shape[1], shape[0])))
    return x0, y0, x1, y1


def fixed(points: Points, box: Box) -> NDArray[np.int32]:
    """Points as OpenCV's fixed-point coordinates on the supersampled box."""
    at = (points - box[:2]) * SUPER - 0.5
    return np.round(np.clip(at, -30000, 30000) * (1 << SHIFT)).astype(np.int32)


def coverage(contours: Sequence[Points], box: Box) -> Array:
    """How much of each pixel the contours cover; contours inside others are holes. (h, w) float32 0..1."""
    x0, y0, x1, y1 = box
    mask = np.zeros(((y1 - y0) * SUPER, (x1 - x0) * SUPER), np.uint8)
    cv2.fillPoly(mask, [fixed(c, box) for c in contours], 255, cv2.LINE_AA, SHIFT)
    small = cv2.resize(mask, (x1 - x0, y1 - y0), interpolation=cv2.INTER_AREA)
    return np.asarray(small, np.float32) / np.float32(255)


def over(canvas: Array, patch: Array, box: Box) -> None:
    """Put a premultiplied patch over the canvas, in place."""
    x0, y0, x1, y1 = box
    view = canvas[y0:y1, x0:x1]
    view *= 1 - patch[..., 3:]
    view += patch


class Layer(Protocol):
    """Draws itself over a premultiplied (H, W, 4) canvas."""

    def draw(self, canvas: Array, pose: Points, t: float) -> None:
        """Draw the layer as it is at time t under a pose."""


@dataclass(frozen=True, slots=True, eq=False)
class Fill:
    """An outline filled with a surface.

    Attributes:
        contours: closed outlines in pixels; those inside others are holes; none fills the surface's whole box.
        rgb: (h, w, 3) linear surface.
        opacity: (h, w) of the surface, or one number.
        origin: x, y of the surface's corner in the frame at rest.
    """

    contours: tuple[Points, ...]
    rgb: Array
    opacity: Array | float
    origin: tuple[float, float]

    def draw(self, canvas: Array, pose: Points, t: float) -> None:  # noqa: ARG002
        """Draw the layer as it is at time t under a pose."""
        h, w = self.rgb.shape[:2]
        corners = np.array([[0, 0], [w, 0], [0, h], [w, h]], np.float64) + self.origin
        contours = [transform(c, pose) for c in self.contours]
        box = inside(np.concatenate(contours) if contours else transform(corners, pose), canvas.shape)
        x0, y0, x1, y1 = box
        if x1 <= x0 or y1 <= y0:
            return
        # Pixel centres are at half, OpenCV's at whole numbers.
        half, back = np.eye(3), np.eye(3)
        half[:2, 2], back[:2, 2] = np.array(self.origin) + 0.5, (-x0 - 0.5, -y0 - 0.5)
        place = (back @ pose @ half)[:2]
        size, flags = (x1 - x0, y1 - y0), cv2.INTER_LINEAR
        rgb = cv2.warpAffine(self.rgb, place, size, flags=flags, borderMode=cv2.BORDER_REPLICATE)
        alpha = coverage(contours, box) if contours else np.ones((y1 - y0, x1 - x0), np.float32)
        if isinstance(self.opacity, float):
            alpha *= np.float32(self.opacity)
        else:
            edge = cv2.BORDER_REPLICATE if contours else cv2.BORDER_CONSTANT
            alpha *= cv2.warpAffine(self.opacity, place, size, flags=flags, borderMode=edge)
        over(canvas, np.dstack((rgb * alpha[..., None], alpha)), box)


@dataclass(frozen=True, slots=True, eq=False)
class Strands:
    """Hairs, fibres, wires: polylines with a width in pixels, down to a fifth of one.

    Attributes:
        points: (N, K, 2), root first.
        width: (N,) pixels.
        shade: (N,) brightness 0..1; 0.5 is the colour itself.
        tint: (N,) 0..1 between the two colours.
        colours: (2, 3) linear.
        light: direction (x, y) the light comes from.
        sway: (N,) pixels a tip moves to and fro.
        phase: (N,) of that movement.
        rate: of that movement, radians a frame.
        centre: x, y and radius of what the light falls on.
    """

    points: Points
    width: Points
    shade: Points
    tint: Points
    colours: Array
    light: tuple[float, float]
    sway: Points
    phase: Points
    rate: float
    centre: tuple[float, float, float]

    def at(self, t: float) -> Points:
        """The strands at time t, before the pose; (N, K, 2)."""
        along = np.linspace(0, 1, self.points.shape[1]) ** 2
        moved = self.points.copy()
        moved[..., 0] += (self.sway * np.sin(self.rate * t + self.phase))[:, None] * along
        return moved

    def draw(self, canvas: Array, pose: Points, t: float) -> None:
        """Draw the layer as it is at time t under a pose."""
        points = transform(self.at(t), pose)
        box = inside(points, canvas.shape, 2 + float(self.width.max(initial=0)))
        x0, y0, x1, y1 = box
        if x1 <= x0 or y1 <= y0:
            return
        drawn = np.zeros(((y1 - y0) * SUPER, (x1 - x0) * SUPER, 3), np.uint8)  # shade, tint, coverage
        wide = self.width * SUPER
        thick = np.where(wide < 1.6, 1, np.where(wide < 4.0, 2, np.maximum(np.round((wide - 1.95) / 2.1) * 2 + 1, 3)))
        # OpenCV's lines cover more than their thickness; one wider than the strand is drawn less opaque. The averaging
        # smooths all but the thinnest, and plain lines are five times as fast.
        covers = np.where(thick == 1, 1.3, np.where(thick == 2, 3.05, 1.95 + 1.05 * thick))
        level = 255 * np.clip(wide / covers, 0, 1)
        thick = thick.astype(int)
        values = np.stack((self.shade * level, self.tint * level, level), axis=1)
        for line, value, n in zip(fixed(points, box), values.tolist(), thick.tolist(), strict=True):
            cv2.polylines(drawn, [line], False, value, n, cv2.LINE_AA if n == 1 else cv2.LINE_8, SHIFT)
        small = cv2.resize(drawn, (x1 - x0, y1 - y0), interpolation=cv2.INTER_AREA).astype(np.float32) / 255
        alpha = small[..., 2]
        share = small[..., :2] / np.maximum(alpha, 1e-3)[..., None]
        cx, cy, radius = self.centre
        cx, cy = transform(np.array([cx, cy]), pose)
        y, x = np.mgrid[y0:y1, x0:x1].astype(np.float32)
        lit = 0.85 + 0.5 * np.clip(((x - cx) * self.light[0] + (y - cy) * self.light[1]) / radius, -1, 1)
        rgb = self.colours[0] + (self.colours[1] - self.colours[0]) * share[..., 1:]
        rgb *= (2 * share[..., 0] * lit * alpha)[..., None]
        over(canvas, np.dstack((np.minimum(rgb, alpha[..., None]), alpha)).astype(np.float32), box)


@dataclass(frozen=True, slots=True, eq=False)
class Subject:
    """Layers back to front, each with its own movement inside the subject's, and the lens's blur."""

    parts: tuple[tuple[Layer, Motion], ...]
    motion: Motion
    defocus: float = 0.0
    disc: bool = False

    def draw(self, shape: tuple[int, int], t: float) -> Array:
        """The subject at time t: (H, W, 4) premultiplied."""
        canvas = np.zeros((*shape, 4), np.float32)
        pose = self.motion.pose(t)
        for layer, motion in self.parts:
            layer.draw(canvas, pose @ motion.pose(t), t)
        if self.defocus < 0.3:
            return canvas
        if not self.disc:
            return blur(canvas, self.defocus)
        radius = 2 * self.defocus  # the disc with the same standard deviation
        reach = int(np.ceil(radius))
        y, x = np.mgrid[-reach : reach + 1, -reach : reach + 1]
        kernel = np.clip(radius + 0.5 - np.hypot(x, y), 0, 1).astype(np.float32)
        # OpenCV correlates large kernels by Fourier transform, which may leave values just outside 0..1.
        blurred = cv2.filter2D(canvas, -1, kernel / kernel.sum(), borderType=cv2.BORDER_REPLICATE)
        blurred = np.clip(blurred, 0, 1)
        return f32(np.minimum(blurred, blurred[..., 3:]))
