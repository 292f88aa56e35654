"""Frames of layers that `ck render` made, or of cut-outs, put before a drawn screen that throws its light on them."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np

from corridorkey.errors import FrameReadError
from corridorkey.media.cutout import cutout_files
from corridorkey.render.layer import Layer, read_layer
from corridorkey.synth.blur import blur
from corridorkey.synth.camera import Camera
from corridorkey.synth.f32 import f32
from corridorkey.synth.shot import Scene, SynthFrame, build, extend, glow, taken
from corridorkey.synth.style import ShotStyle
from corridorkey.synth.textures import Textures
from corridorkey.types import Array

SCALE = 0.5, 1.3  # of a layer
THROWN = 0.0, 1.5  # of the screen's light on it: screens are of any size and at any distance
OFF = 0.3  # of a layer may lie beyond an edge of the frame
COMPANIONS = ("wire", "veil", "shape", "smoke", "fur", "lattice")


def layer_files(folder: Path) -> list[Path]:
    """The layers in a folder and below, in the order of their names.

    Raises:
        FrameReadError: there are none.
    """
    found = cutout_files(folder)
    if not found:
        raise FrameReadError(
            f"{folder}: no layers there; make some with `ck render {folder} --frames 600`, or put RGBA pictures in"
        )
    return found


def _shift(rng: np.random.Generator, frame: int, length: int, low: bool, high: bool) -> int:
    """Where a layer begins in a frame; a side that cuts the subject stays outside."""
    first = frame - length if high else -OFF * length
    last = 0.0 if low else frame - (1 - OFF) * length
    return round(float(rng.uniform(min(first, last), max(first, last))))


def _on(frame: tuple[int, int], picture: Array, at: tuple[int, int]) -> Array:
    """A picture put into an empty frame with its corner at x, y."""
    canvas = np.zeros((*frame, picture.shape[2]), np.float32)
    (h, w), (x, y) = picture.shape[:2], at
    x0, y0, x1, y1 = max(x, 0), max(y, 0), min(x + w, frame[1]), min(y + h, frame[0])
    if x1 > x0 and y1 > y0:
        canvas[y0:y1, x0:x1] = picture[y0 - y : y1 - y, x0 - x : x1 - x]
    return canvas


def placed(rng: np.random.Generator, layer: Layer, size: tuple[int, int], soft: float = 0.0) -> Layer:
    """A layer flipped, scaled and moved, with drawn light on it.

    Args:
        size: height, width of the frame.
        soft: the lens's blur in pixels.
    """
    pictures = [layer.rgba * f32([*[rng.uniform(0.7, 1.4)] * 3, 1])]
    if layer.thrown is not None:
        pictures.append(layer.thrown * f32(rng.uniform(*THROWN)))
    if rng.random() < 0.5:
        pictures = [picture[:, ::-1] for picture in pictures]
    alpha = pictures[0][..., 3]
    top, bottom, left, right = (bool(side.mean() > 0.02) for side in (alpha[0], alpha[-1], alpha[:, 0], alpha[:, -1]))
    least = max(size[1] / alpha.shape[1] * (left and right), size[0] / alpha.shape[0] * (top and bottom))
    fit = min(1.0, max(size) / max(alpha.shape))  # a cut-out may be of any size
    scale = max(float(rng.uniform(*SCALE)) * fit, least)
    shape = max(round(alpha.shape[1] * scale), 1), max(round(alpha.shape[0] * scale), 1)
    method = cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR
    pictures = [f32(cv2.resize(np.ascontiguousarray(picture), shape, interpolation=method)) for picture in pictures]
    at = _shift(rng, size[1], shape[0], left, right), _shift(rng, size[0], shape[1], top, bottom)
    rgba, *thrown = (_on(size, blur(picture, soft) if soft >= 0.3 else picture, at) for picture in pictures)
    rgba[..., :3] = np.minimum(rgba[..., :3], rgba[..., 3:])
    return Layer(rgba, *thrown)


def _layers(rng: np.random.Generator, files: list[Path], seed: int, scene: Scene) -> list[Layer]:
    """The layer that the seed names, at times a second, and the scene's own subjects before or behind."""
    soft = scene.style.defocus * float(rng.uniform(0, 0.35))
    layers = [placed(rng, read_layer(files[seed % len(files)]), scene.size, soft)]
    if rng.random() < 0.2:
        other = read_layer(files[int(rng.integers(len(files)))])
        layers.insert(int(rng.integers(2)), placed(rng, other, scene.size, soft))
    for subject in scene.subjects:
        drawn = replace(scene, subjects=(subject,)).gather(0)
        layers.insert(int(rng.integers(len(layers) + 1)), Layer(drawn))
    return layers


def compose(scene: Scene, layers: list[Layer], camera: Camera | None, rng: np.random.Generator) -> SynthFrame:
    """Layers, back to front, before a scene's screen, through the camera, or exact where there is none.

    `linear` is alpha·fg + light + (1 − alpha)·clean_plate, where light is the screen's on the layers and through their
    hair, less what layers before them hide.
    """
    canvas = np.zeros((*scene.size, 4), np.float32)
    for layer in layers:
        canvas = canvas * (1 - layer.rgba[..., 3:]) + layer.rgba
    canvas = np.clip(canvas, 0, 1)
    alpha, fg = np.ascontiguousarray(canvas[..., 3]), extend(canvas)
    clean_plate = scene.shaded(alpha)
    shine, light = glow(clean_plate), np.zeros_like(fg)
    for layer in layers:
        a = layer.rgba[..., 3]
        if layer.thrown is None:
            own = scene.spill.on(extend(layer.rgba), a, clean_plate) * a[..., None]
        else:
            own = layer.thrown * shine
        light = light * (1 - a[..., None]) + own
    return taken(alpha[..., None] * fg + light, alpha, fg, clean_plate, scene.style.screen, camera, rng)


def rendered_frame(
    folder: Path,
    seed: int,
    size: tuple[int, int],
    textures: Textures | None = None,
    style: ShotStyle | None = None,
    camera: Camera | None = None,
) -> SynthFrame:
    """A frame with a rendered head; the same folder and arguments always give the same frame.

    Args:
        folder: of layers, full: layer number `seed` modulo their number is used, so that a row of seeds uses all.
        size: height, width.
        textures: of things before and behind it.
        style: what is fixed; its `subjects`, if any, are the things before and behind, `spill` is theirs alone.
        camera: instead of the one that the seed draws.
    Raises:
        FrameReadError: no layers there, or one that cannot be read.
    """
    rng, files = np.random.default_rng([seed, 7]), layer_files(folder)  # practice draws from 5, 6 and 8
    style = style or ShotStyle()
    drawn = tuple(map(str, rng.choice(COMPANIONS, int(rng.choice(3, p=(0.6, 0.3, 0.1))))))
    style = replace(style, subjects=drawn if style.subjects is None else style.subjects)
    scene = build(seed, size, 1, style, textures or Textures())
    if camera is None and scene.style.degrade:
        camera = Camera.draw(np.random.default_rng([seed, 3]))
    return compose(scene, _layers(rng, files, seed, scene), camera, np.random.default_rng([seed, 4, 0]))
