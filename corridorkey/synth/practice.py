"""What a training shot is fixed to, beyond what any seed draws: the hard cases, often enough to learn from.

Plain seeds draw well-lit screens and mixed clothes. Here a third of the training shots are under- or over-exposed, two
fifths are dressed in one kind of cloth (the screen's own colour among them), and a third are recorded as movies.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from corridorkey.synth.camera import Camera
from corridorkey.synth.style import ShotStyle, Wardrobe
from corridorkey.synth.ycbcr import Sampling

EXPOSURES = 0.15, 2.6  # light on the screen, drawn evenly by ratio
WARDROBE: dict[Wardrobe, float] = {"any": 0.60, "dark": 0.13, "white": 0.08, "screen": 0.13, "denim": 0.06}
CASTS = (
    ("lattice",),
    ("shape", "lattice"),
    ("person", "smoke"),
    ("smoke", "person", "smoke"),
    ("person", "veil"),
    ("veil", "person", "veil"),
    ("wire", "person", "wire"),
    ("wire", "person", "fur"),
    ("shape", "person", "shape"),
    ("person", "person"),
)
CORDS = (("cord",), ("person", "cord"), ("cord", "person"), ("cord", "person", "cord"), ("shape", "cord"))
MOVIES: dict[Sampling, float] = {"4:4:4": 0.2, "4:2:2": 0.35, "4:2:0": 0.45}


def practice_style(seed: int) -> ShotStyle:
    """What is fixed of the training shot of a seed; the same seed always gives the same.

    Args:
        seed: of the shot, as for `render_shot`.
    """
    rng = np.random.default_rng([seed, 5])
    style = ShotStyle(wardrobe=rng.choice(list(WARDROBE), p=list(WARDROBE.values())))
    if style.wardrobe in ("screen", "denim"):
        style = replace(style, near=True)
    if style.wardrobe == "denim":
        style = replace(style, screen="blue")
    if rng.random() < 0.33:
        low, high = np.log(EXPOSURES)
        style = replace(style, exposure=float(np.exp(rng.uniform(low, high))))
    if rng.random() < 0.2:
        style = replace(style, subjects=CASTS[rng.integers(len(CASTS))])
    if rng.random() < 0.15:
        style = replace(style, defocus=float(rng.uniform(3, 10)))
    if rng.random() < 0.15:
        motion = float(rng.uniform(1, 4))
        style = replace(style, motion=motion, shutter=float(rng.uniform(0.4, 1)), instants=int(9 + 5 * motion))
    if rng.random() < 0.12:
        style = replace(style, uneven=float(rng.uniform(0.4, 0.65)))
    if rng.random() < 0.05:  # beyond the quarter that has them anyway: a dark mark looks like a piece of cable
        style = replace(style, markers=True)
    apart = np.random.default_rng([seed, 8])  # its share may change, and all other shots stay as they are
    if apart.random() < 0.12:
        style = replace(style, subjects=CORDS[apart.integers(len(CORDS))])
    return style


def practice_camera(seed: int) -> Camera:
    """The camera and file of the training shot of a seed: a third of them movies of 8 or 10 bits."""
    camera = Camera.draw(np.random.default_rng([seed, 3]))
    rng = np.random.default_rng([seed, 6])
    if rng.random() < 0.1:
        return Camera(steps=int(rng.choice((255, 1023))))  # clean: CG, or well denoised
    if rng.random() < 0.35:
        sampling = rng.choice(list(MOVIES), p=list(MOVIES.values()))
        return replace(camera, video=sampling, steps=int(rng.choice((255, 1023))), quality=0)
    return camera
