"""Surfaces in linear light: fractal noise, cloth, stripes, checks, and crops of a folder of photographs."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Literal

import cv2
import numpy as np

from corridorkey.color import srgb_to_linear
from corridorkey.errors import FrameReadError, SettingsError
from corridorkey.synth.f32 import f32
from corridorkey.types import Array

SUFFIXES = (".jpg", ".jpeg", ".png", ".webp")
LONGEST = 1024  # photographs are kept in memory at most this large
HELD_OUT = 5  # one photograph in so many is for tests alone
Part = Literal["all", "training", "tests"]
Pattern = Callable[[np.random.Generator, int, int], Array]  # generator, height, width -> (height, width) weight 0..1


def noise(
    rng: np.random.Generator, height: int, width: int, scale: float, octaves: int = 4, stretch: float = 1.0
) -> Array:
    """Fractal value noise.

    Args:
        scale: pixels between the coarsest grid's points.
        octaves: each halves the scale and the amplitude.
        stretch: how much longer its features are along x.
    Returns:
        (height, width) float32, about -1..1.
    """
    total = np.zeros((height, width), np.float32)
    for octave in range(octaves):
        step = max(scale / 2**octave, 1.0)
        rows, cols = int(height / step) + 4, int(width / (step * stretch)) + 4
        grid = rng.uniform(-1, 1, (rows, cols)).astype(np.float32)
        large = cv2.resize(grid, (int(cols * step * stretch), int(rows * step)), interpolation=cv2.INTER_CUBIC)
        y, x = int(rng.integers(large.shape[0] - height + 1)), int(rng.integers(large.shape[1] - width + 1))
        total += large[y : y + height, x : x + width] * np.float32(0.5**octave)
        if step == 1.0:
            break
    return total


@lru_cache(maxsize=256)
def _photo(path: Path) -> Array:
    picture = cv2.imread(str(path), cv2.IMREAD_COLOR)
    if picture is None:
        raise FrameReadError(f"{path}: not a readable photograph; take it out of the folder")
    shrink = min(1.0, LONGEST / max(picture.shape[:2]))
    picture = cv2.resize(picture, None, fx=shrink, fy=shrink, interpolation=cv2.INTER_AREA)
    return srgb_to_linear(f32(picture[..., ::-1]) / np.float32(255))


def is_held_out(photo: Path) -> bool:
    """Whether a photograph is for tests alone: by its name, so that it stays so wherever it lies."""
    return int.from_bytes(hashlib.sha256(photo.name.encode()).digest()[:8], "big") % HELD_OUT == 0


@lru_cache(maxsize=16)
def _photos(folder: Path, part: Part) -> tuple[Path, ...]:
    found = tuple(sorted(p for p in folder.rglob("*") if p.suffix.lower() in SUFFIXES)) if folder.is_dir() else ()
    if not found:
        raise SettingsError(f"{folder}: no photographs ({', '.join(SUFFIXES)}) there")
    chosen = tuple(p for p in found if part == "all" or is_held_out(p) == (part == "tests"))
    if not chosen:
        raise SettingsError(f"{folder}: none of its {len(found)} photographs is for {part}; add some with other names")
    return chosen


def drawn_pattern(rng: np.random.Generator, height: int, width: int) -> Array:
    """A (height, width) weight 0..1 between two colours: stripes, checks, weave, blotches, a gradient."""
    y, x = np.mgrid[0:height, 0:width].astype(np.float32)
    angle = rng.choice((0.0, np.pi / 2, float(rng.uniform(0, np.pi))))
    u, v = x * np.cos(angle) + y * np.sin(angle), y * np.cos(angle) - x * np.sin(angle)
    period = float(np.exp(rng.uniform(np.log(4), np.log(max(12, max(height, width) / 3)))))
    wobble = noise(rng, height, width, 40, 2) * float(rng.uniform(0, 3))
    across, along = np.sin((u + wobble) * 2 * np.pi / period), np.sin((v + wobble) * 2 * np.pi / period)
    hard = float(rng.uniform(1, 8))
    kind = rng.choice(5)
    if kind == 0:  # stripes
        return f32(np.clip(0.5 + hard * across / 2, 0, 1))
    if kind == 1:  # checks
        return f32(np.clip(0.5 + hard * across * along, 0, 1))
    if kind == 2:  # weave
        return f32(0.5 + 0.25 * across + 0.25 * along)
    if kind == 3:  # blotches
        return f32(np.clip(0.5 + hard * noise(rng, height, width, period * 2, 4), 0, 1))
    return f32(np.clip(0.5 + v / (2 * max(height, width)) + 0.3 * wobble, 0, 1))  # gradient


@dataclass(frozen=True, slots=True)
class Textures:
    """Where surfaces come from.

    Attributes:
        photos: a folder of photographs (searched with its subfolders), or None for procedural surfaces only.
        share: how often a photograph is used where there is a folder.
        part: "training" leaves out what `is_held_out`, "tests" takes nothing else.
    Raises:
        SettingsError: the folder is not there, or holds no photographs.
    """

    photos: Path | None = None
    share: float = 0.5
    part: Part = "all"

    def __post_init__(self) -> None:
        if self.photos is not None:
            _photos(self.photos, self.part)

    def draw(
        self,
        rng: np.random.Generator,
        height: int,
        width: int,
        first: Array,
        second: Array,
        pattern: Pattern = drawn_pattern,
    ) -> Array:
        """One surface.

        Args:
            first, second: (3,) linear colours of a procedural surface.
            pattern: what they make together.
        Returns:
            (height, width, 3) float32, linear.
        """
        if self.photos is not None and rng.random() < self.share:
            return self._crop(rng, height, width)
        plain = rng.random() < 0.4
        weight = np.zeros((height, width), np.float32) if plain else pattern(rng, height, width)
        rgb = first + (second - first) * weight[..., None]
        grain = noise(rng, height, width, float(rng.uniform(2, 30)), 4) * float(rng.uniform(0.03, 0.25))
        if rng.random() < 0.4:  # knit
            grain += rng.standard_normal((height, width), dtype=np.float32) * np.float32(rng.uniform(0, 0.15))
        return f32(rgb * np.exp(grain)[..., None])

    def _crop(self, rng: np.random.Generator, height: int, width: int) -> Array:
        assert self.photos is not None
        folder = _photos(self.photos, self.part)
        photo = _photo(folder[rng.integers(len(folder))])
        zoom = max(height / photo.shape[0], width / photo.shape[1]) * float(rng.uniform(1, 2.5))
        zoom = max(zoom, float(rng.uniform(0.3, 1.0)))
        room = np.maximum(np.array([photo.shape[1], photo.shape[0]]) * zoom - (width, height), 0)
        shift = rng.uniform(0, 1, 2) * room
        place = np.array([[zoom, 0, -shift[0]], [0, zoom, -shift[1]]], np.float32)
        flags = cv2.INTER_LINEAR
        crop = cv2.warpAffine(photo, place, (width, height), flags=flags, borderMode=cv2.BORDER_REFLECT_101)
        return (crop * rng.uniform(0.75, 1.3, 3) * rng.uniform(0.6, 1.5)).astype(np.float32)
