"""The suite `cutouts`: a folder of RGBA pictures, composited in linear light over screens as real ones are."""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np

from corridorkey.errors import FrameReadError
from corridorkey.evaluation.frame import TestFrame, from_synth
from corridorkey.evaluation.screens import REAL_SCREENS, RealScreen
from corridorkey.media.cutout import cutout_files, read_cutout
from corridorkey.synth.f32 import f32
from corridorkey.synth.shot import Spill, SynthFrame, extend, taken
from corridorkey.types import Array

LONGEST = 1920  # px; larger cut-outs are shrunk
SHORTEST = 64  # px; smaller ones are enlarged
SCREENS_EACH = 3
MARGIN = 0.12  # of the long side, on sides that the subject does not touch


def framed(rgba: Array) -> Array:
    """A cut-out at a size to key, with room around it where its subject does not run out of the picture.

    Args:
        rgba: (H, W, 4) float32, premultiplied.
    Returns:
        (h, w, 4) float32, premultiplied.
    """
    scale = min(1.0, LONGEST / (1 + 2 * MARGIN) / max(rgba.shape[:2])) * max(1.0, SHORTEST / min(rgba.shape[:2]))
    if scale != 1:
        method = cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR
        rgba = f32(cv2.resize(rgba, None, fx=scale, fy=scale, interpolation=method))
    alpha, room = rgba[..., 3], round(MARGIN * max(rgba.shape[:2]))
    sides = alpha[0], alpha[-1], alpha[:, 0], alpha[:, -1]
    top, bottom, left, right = (0 if side.mean() > 0.02 else room for side in sides)
    if top + left + right == 0:  # a subject on all sides: a screen must be seen somewhere
        top = left = right = room
    return f32(cv2.copyMakeBorder(rgba, top, bottom, left, right, cv2.BORDER_CONSTANT, value=(0, 0, 0, 0)))


def compose(rgba: Array, behind: RealScreen, seed: int) -> SynthFrame:
    """A cut-out before a screen: the screen's light on it, the two mixed in linear light, and the camera.

    Args:
        rgba: (H, W, 4) float32, premultiplied, linear.
        behind: the screen.
        seed: decides how it is lit, its spill and the grain.
    """
    rng = np.random.default_rng(seed)
    alpha, fg = np.ascontiguousarray(rgba[..., 3]), extend(rgba)
    clean_plate = behind.clean_plate(rng, alpha.shape[:2])
    side = rng.normal(0, 1, 2)
    spill = Spill(float(rng.uniform(0.03, 0.15)), float(rng.uniform(0.3, 0.8)), (float(side[0]), float(side[1])))
    spilled = alpha[..., None] * (fg + spill.on(fg, alpha, clean_plate))
    return taken(spilled, alpha, fg, clean_plate, behind.screen, behind.camera, rng)


def cutout_frames(folder: Path, quick: bool = False) -> Iterator[TestFrame]:
    """Each cut-out before three of the screens, chosen by its name.

    Args:
        folder: searched with its subfolders; pictures without an alpha are passed over.
        quick: each before one screen only.
    Raises:
        FrameReadError: no cut-out there, or one that cannot be read.
    """
    found = False
    for path in cutout_files(folder):
        rgba = read_cutout(path)
        if rgba is None:
            continue
        found, name = True, path.relative_to(folder).as_posix()
        seed, rgba = zlib.crc32(name.encode()), framed(rgba)
        for k in range(1 if quick else SCREENS_EACH):
            behind = REAL_SCREENS[(seed + 2 * k) % len(REAL_SCREENS)]
            full = f"{name}/{behind.name}"
            yield from_synth(compose(rgba, behind, seed + k), full, full, ("cut-out", behind.screen, behind.name))
    if not found:
        raise FrameReadError(f"{folder}: no picture with an alpha channel there; put PNG or EXR cut-outs in")
