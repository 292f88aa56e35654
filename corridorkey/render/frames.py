"""Layers rendered from seeds: all that a seed decides, the two renders, and a folder of them."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from corridorkey.errors import SettingsError
from corridorkey.files import write_file
from corridorkey.render.coverage import LARGEST, coverage
from corridorkey.render.layer import Layer, encode_layer
from corridorkey.render.library import mitsuba
from corridorkey.render.lights import lamps
from corridorkey.render.scene import View, lamps_of, lit_by, shapes, white_screen
from corridorkey.render.subject import draw_subject
from corridorkey.synth.blur import blur
from corridorkey.synth.f32 import f32
from corridorkey.types import Array

LAMP_PATHS, SCREEN_PATHS = 6, 2  # a pixel; the screen's light is smooth over the subject
SOFT = 0.5, 1.6  # px, over which paths are averaged, for lamps and for the screen
AROUND = 1.3  # px, of which a pixel's colour keeps within
WITHIN = 0.55, 1.7  # times the brightness around it: few paths are noisy, and neighbouring hairs do not differ more
BRIGHTEST = 2.5  # of a pixel's paths; one that found a lamp by chance is cut there


def _straight(picture: Array, soft: float) -> Array:
    """The colour (H, W, 3) of a premultiplied picture (H, W, 4), averaged over pixels about as far as `soft`.

    Where no path met the subject, it is what those around did.
    """
    wide = blur(picture, soft)
    for scale, weight in ((3, 0.01), (12, 1e-4)):
        wide = wide + blur(picture, soft * scale) * np.float32(weight)
    return f32(wide[..., :3] / np.maximum(wide[..., 3:], 1e-9))


def _shot(scene: Any, paths: int, seed: int, soft: float) -> Array:
    """The straight colour of a scene: (H, W, 3)."""
    picture = f32(np.array(mitsuba().render(scene, spp=paths, seed=seed)))
    picture[..., :3] = np.clip(np.nan_to_num(picture[..., :3]), 0, BRIGHTEST)
    colour, around = _straight(picture, soft), _straight(picture, max(soft, AROUND))
    ratio = (colour.mean(axis=-1) + 1e-4) / (around.mean(axis=-1) + 1e-4)
    return f32(colour * (np.clip(ratio, *WITHIN) / ratio)[..., None])


def render_layer(
    seed: int, size: tuple[int, int], paths: float = 1.0, density: float = 1.0, style: str | None = None
) -> Layer:
    """A head with hair, or a ball of fur; the same arguments always give the same layer.

    Args:
        size: height, width in pixels; 16 to 3600 each.
        paths: multiplies how many are followed.
        density: multiplies the number of hairs.
        style: one of subject.STYLES, else drawn.
    Raises:
        BackendUnavailableError: Mitsuba is not installed.
        SettingsError: a seed or size that no layer has.
    """
    if seed < 0 or min(size) < 16 or max(size) > LARGEST or paths <= 0:
        raise SettingsError(
            f"layer seed {seed}, size {size}, {paths} paths: use 0 or more, sides of 16 to {LARGEST}, above 0"
        )
    mitsuba()
    view = View.draw(np.random.default_rng([seed, 0]), size)
    light = lamps(np.random.default_rng([seed, 1]))
    subject = draw_subject(np.random.default_rng([seed, 2]), density, style)
    with tempfile.TemporaryDirectory() as folder:
        sheen = float(np.random.default_rng([seed, 3]).uniform(0.2, 0.4))
        things = shapes(subject, view, sheen, Path(folder))
        lit_paths, thrown_paths = (max(1, round(n * paths)) for n in (LAMP_PATHS, SCREEN_PATHS))
        lit = _shot(lit_by(lamps_of(light), things, view), lit_paths, 2 * seed, SOFT[0])
        thrown = _shot(lit_by(white_screen(), things, view), thrown_paths, 2 * seed + 1, SOFT[1])
    alpha = coverage(subject, view)[..., None]
    return Layer(np.concatenate((lit * alpha, alpha), axis=-1), thrown * alpha)


def render_layers(
    folder: Path,
    frames: int,
    size: tuple[int, int],
    seed: int,
    part: tuple[int, int] = (0, 1),
    on_written: Callable[[Path], object] = str,
) -> list[Path]:
    """Render what is not yet there of a row of layers.

    Args:
        folder: where they lie, one EXR each, named by the seed.
        part: (i, n) renders every n-th from the i-th, so that n processes share the work.
        on_written: told of each new file.
    Returns:
        The files of all frames, rendered or yet to be rendered by another part.
    """
    paths = [folder / f"{seed + i:07d}.exr" for i in range(frames)]
    for i in range(part[0], frames, part[1]):
        if not paths[i].exists():
            write_file(paths[i], encode_layer(paths[i], render_layer(seed + i, size)))
            on_written(paths[i])
    return paths
