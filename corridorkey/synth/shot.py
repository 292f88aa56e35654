"""A shot, rendered: subjects over a screen, with spill, through a camera; and the truth of every frame."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

import cv2
import numpy as np

from corridorkey.errors import SettingsError
from corridorkey.synth.backdrop import backdrop
from corridorkey.synth.blur import blur
from corridorkey.synth.camera import Camera, develop
from corridorkey.synth.cords import cord
from corridorkey.synth.f32 import f32
from corridorkey.synth.layers import Subject
from corridorkey.synth.palette import lamp, linear
from corridorkey.synth.person import person
from corridorkey.synth.props import fur, lattice, shape, smoke, veil, wire
from corridorkey.synth.stage import Stage
from corridorkey.synth.style import DrawnStyle, ShotStyle, draw_style
from corridorkey.synth.textures import Textures
from corridorkey.types import Array, Screen

BUILD: dict[str, Callable[[Stage], Subject]] = {
    "person": person,
    "fur": fur,
    "shape": shape,
    "wire": wire,
    "veil": veil,
    "smoke": smoke,
    "lattice": lattice,
    "cord": cord,
}


@dataclass(frozen=True, slots=True)
class SynthFrame:
    """One frame and its truth.

    `linear` is alpha·(fg + spill) + (1 − alpha)·clean_plate. The subject's shadow is on the clean plate: it is the
    screen that is darker there, and a key should take it away with the screen.

    Attributes:
        plate: (H, W, 3) float32 sRGB 0..1, as the camera gives it.
        linear: (H, W, 3) float32 linear, the light before the camera; may exceed 1.
        alpha: (H, W) float32 0..1, coverage.
        fg: (H, W, 3) float32 linear 0..1, straight, free of spill, continued smoothly where alpha is 0.
        clean_plate: (H, W, 3) float32 linear, the screen without the subject; may exceed 1.
        screen: colour of the screen.
    """

    plate: Array
    linear: Array
    alpha: Array
    fg: Array
    clean_plate: Array
    screen: Screen


def glow(clean_plate: Array) -> Array:
    """The screen's light as it arrives from all around: (H, W, 3)."""
    h, w = clean_plate.shape[:2]
    small = (max(w // 8, 1), max(h // 8, 1))
    wide = blur(f32(cv2.resize(clean_plate, small, interpolation=cv2.INTER_AREA)), max(small) / 8)
    return f32(cv2.resize(wide, (w, h), interpolation=cv2.INTER_LINEAR))


@dataclass(frozen=True, slots=True)
class Spill:
    """Screen light on the subject.

    Attributes:
        amount: part of the screen's colour.
        bare: the part of it that every surface returns, as against by its own colour.
        side: direction (x, y) it mostly comes from.
    """

    amount: float
    bare: float
    side: tuple[float, float]

    def on(self, fg: Array, alpha: Array, clean_plate: Array) -> Array:
        """The light to add to a straight fg: (H, W, 3)."""
        if self.amount == 0:
            return np.zeros_like(fg)
        h, w = alpha.shape
        depth = blur(alpha, max(min(h, w) * 0.02, 1.0))
        y, x = np.mgrid[0:h, 0:w].astype(np.float32)
        ramp = 1 + 0.6 * ((x / w - 0.5) * self.side[0] + (y / h - 0.5) * self.side[1])
        # Edges and lone hairs see more of the screen than the middle of a body does.
        reach = (0.25 + 0.75 * np.clip(1.6 * (1 - depth), 0, 1)) * ramp
        albedo = self.bare + (1 - self.bare) * np.clip(fg.mean(axis=-1) * 1.5, 0, 1)
        return f32(self.amount * glow(clean_plate) * (reach * albedo)[..., None])


def extend(premultiplied: Array) -> Array:
    """The straight colour of an (H, W, 4) premultiplied picture, continued into the empty part by push and pull."""
    levels = [premultiplied]
    while min(levels[-1].shape[:2]) > 2:
        levels.append(f32(cv2.pyrDown(levels[-1])))
    fill = f32(levels[-1][..., :3] / np.maximum(levels[-1][..., 3:], 1e-6))
    for level in levels[-2::-1]:
        fill = f32(cv2.resize(fill, (level.shape[1], level.shape[0]), interpolation=cv2.INTER_LINEAR))
        alpha = level[..., 3:]
        fill = np.where(alpha > 1e-3, level[..., :3] / np.maximum(alpha, 1e-3), fill)
    return f32(np.clip(fill, 0, 1))


def taken(
    spilled: Array,
    alpha: Array,
    fg: Array,
    clean_plate: Array,
    screen: Screen,
    camera: Camera | None,
    rng: np.random.Generator,
) -> SynthFrame:
    """A subject before a screen, through the camera, or exact where there is none.

    Args:
        spilled: (H, W, 3) premultiplied linear, the subject with the screen's light on it.
        alpha, fg, clean_plate, screen: as SynthFrame's.
        rng: of the camera's noise.
    """
    light = f32(spilled + (1 - alpha[..., None]) * clean_plate)
    picture = develop(light) if camera is None else camera.expose(rng, light)
    return SynthFrame(picture, light, alpha, fg, clean_plate, screen)


@dataclass(frozen=True, slots=True)
class Scene:
    """A shot before it is rendered: what stands where, and the light."""

    size: tuple[int, int]
    style: DrawnStyle
    screen: Array
    subjects: tuple[Subject, ...]
    spill: Spill
    shadow: tuple[float, float, float]  # x, y offset and softness in pixels

    def at(self, t: float) -> Array:
        """The subjects at one moment: (H, W, 4) premultiplied, linear."""
        canvas = np.zeros((*self.size, 4), np.float32)
        for subject in self.subjects:
            drawn = subject.draw(self.size, t)
            canvas *= 1 - drawn[..., 3:]
            canvas += drawn
        return np.clip(canvas, 0, 1)

    def moments(self, frame: int) -> list[float]:
        """The times a frame's light is gathered at."""
        n = self.style.instants
        if n == 1 or self.style.motion == 0 or self.style.shutter == 0 or not self.subjects:
            return [float(frame)]
        return [float(frame + self.style.shutter * (k / (n - 1) - 0.5)) for k in range(n)]

    def gather(self, frame: int) -> Array:
        """The subjects while the shutter is open: premultiplied light and coverage, averaged."""
        moments = self.moments(frame)
        return f32(np.mean([self.at(t) for t in moments], axis=0, dtype=np.float64))

    def shaded(self, alpha: Array) -> Array:
        """The screen with the subject's shadow on it."""
        if self.style.shadows == 0:
            return self.screen
        dx, dy, soft = self.shadow
        moved = cv2.warpAffine(
            alpha, np.array([[1, 0, dx], [0, 1, dy]]), alpha.shape[::-1], borderMode=cv2.BORDER_REPLICATE
        )
        return self.screen * (1 - np.float32(self.style.shadows) * blur(f32(moved), soft))[..., None]

    def frame(self, number: int, camera: Camera | None, rng: np.random.Generator) -> SynthFrame:
        """Frame `number`, through the camera, or exact where there is none."""
        light = self.gather(number)
        alpha, fg = np.ascontiguousarray(light[..., 3]), extend(light)
        clean_plate = self.shaded(alpha)
        spilled = alpha[..., None] * (fg + self.spill.on(fg, alpha, clean_plate))
        return taken(spilled, alpha, fg, clean_plate, self.style.screen, camera, rng)


def _lens(rng: np.random.Generator, subject: Subject, most: float, main: bool) -> Subject:
    part = rng.uniform(0, 0.35) if main else rng.uniform(0, 1)
    return replace(subject, defocus=float(most * part), disc=bool(rng.random() < 0.5))


def build(seed: int, size: tuple[int, int], frames: int, style: ShotStyle, textures: Textures) -> Scene:
    """Everything that a seed decides but the camera's noise."""
    rng = np.random.default_rng([seed, 0])
    drawn = draw_style(rng, style, frames)
    angle = rng.uniform(0, 2 * np.pi)
    stage = Stage(
        rng=np.random.default_rng([seed, 1]),
        size=size,
        style=drawn,
        textures=textures,
        light=(float(np.cos(angle)), float(np.sin(angle) * 0.6 - 0.4)),
        # A dark screen mostly means a dark set.
        lamp=lamp(rng) * np.float32(0.5 if max(linear(drawn.screen_rgb)) < 0.1 else 1.0),
        contrast=float(rng.uniform(0.3, 0.9)),
    )
    subjects = [BUILD[kind](stage) for kind in drawn.subjects]
    main = drawn.subjects.index("person") if "person" in drawn.subjects else len(subjects) - 1
    side = rng.normal(0, 1, 2)
    offset = rng.normal(0, 0.06 * min(size), 2)
    return Scene(
        size=size,
        style=drawn,
        screen=f32(backdrop(np.random.default_rng([seed, 2]), size, drawn) * np.float32(drawn.exposure)),
        subjects=tuple(_lens(rng, s, drawn.defocus, k == main) for k, s in enumerate(subjects)),
        spill=Spill(drawn.spill, float(rng.uniform(0.25, 0.9)), (float(side[0]), float(side[1]))),
        shadow=(float(offset[0]), float(abs(offset[1])), float(rng.uniform(0.01, 0.06) * min(size)) + 0.5),
    )


def render_shot(
    seed: int,
    size: tuple[int, int],
    frames: int = 1,
    style: ShotStyle | None = None,
    textures: Textures | None = None,
    camera: Camera | None = None,
) -> Iterator[SynthFrame]:
    """Render a shot; the same arguments always give the same frames.

    Args:
        size: height, width; at least 16 each.
        style: what is fixed; the seed decides the rest.
        textures: where surfaces come from; procedural by default.
        camera: instead of the one that the seed draws.
    Raises:
        SettingsError: a size or a number of frames that no shot has.
    """
    if min(size) < 16 or frames < 1 or seed < 0:
        raise SettingsError(f"synth seed {seed}, size {size}, {frames} frames: use 0, 16 × 16, 1 or more")
    scene = build(seed, size, frames, style or ShotStyle(), textures or Textures())
    if camera is None and scene.style.degrade:
        camera = Camera.draw(np.random.default_rng([seed, 3]))
    for number in range(frames):
        yield scene.frame(number, camera, np.random.default_rng([seed, 4, number]))
