"""Rendered frames, prepared as the network gets them, kept on disk.

A sample is one float16 array (H, W, C + 1 + 1 + 3): the network's input with the chroma hint, then the true alpha,
then the true fg in sRGB. float16 holds 8-bit plates and mattes to within half a code value.
"""

from __future__ import annotations

import dataclasses
import io
import logging
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from corridorkey.color import linear_to_srgb
from corridorkey.config import SIZE_STEP, GreenFormerConfig
from corridorkey.files import write_file
from corridorkey.hints.chroma import chroma_guide
from corridorkey.prepare import SWAP, prepare, swaps_screen
from corridorkey.synth import SynthFrame, Textures, render_shot
from corridorkey.types import Plate
from corridorkey_torch.train.recipe import Recipe, RenderSet

log = logging.getLogger(__name__)

Sample = NDArray[np.float16]


def make_sample(frame: SynthFrame, contract: GreenFormerConfig) -> Sample:
    """A rendered frame to a sample.

    Args:
        frame: plate and truth.
        contract: its inputs; the frame is not resized.
    Returns:
        (h, w, C + 4) float16; h and w multiples of 32.
    """
    plate = Plate(frame.plate, "srgb")
    x = prepare(plate, chroma_guide(frame.plate, frame.screen), contract)[0]
    fg = linear_to_srgb(np.clip(frame.fg, 0, 1))
    if swaps_screen(contract, frame.screen):
        fg = fg[..., SWAP]
    height, width = (n // SIZE_STEP * SIZE_STEP for n in frame.alpha.shape)
    truth = np.concatenate([frame.alpha[..., None], fg], axis=-1)
    return np.concatenate([x[:height, :width], truth[:height, :width]], axis=-1).astype(np.float16)


def render_samples(
    folder: Path, wanted: RenderSet, contract: GreenFormerConfig, textures: Textures, part: tuple[int, int] = (0, 1)
) -> list[Path]:
    """Render what is not yet there of one set.

    Args:
        folder: where the samples lie, one .npy each.
        wanted: how many, how large, which seeds.
        contract: decides the input's channels.
        textures: what subjects are made of; photographs that are kept for tests are left out.
        part: (i, n) renders every n-th frame from the i-th, so that n processes share the work.
    Returns:
        The files of all frames, rendered or yet to be rendered by another part.
    """
    paths = [folder / f"{wanted.seed + i:07d}.npy" for i in range(wanted.frames)]
    textures = dataclasses.replace(textures, part="training")
    for i in range(part[0], wanted.frames, part[1]):
        if paths[i].exists():
            continue
        frame = next(render_shot(wanted.seed + i, wanted.size, textures=textures))
        buffer = io.BytesIO()
        np.save(buffer, make_sample(frame, contract))
        write_file(paths[i], buffer.getvalue())
        if i % 100 < part[1]:
            log.info("rendered %d of %d samples of %dx%d", i + 1, wanted.frames, *wanted.size)
    return paths


def render_sets(out: Path, recipe: Recipe, textures: Textures, part: tuple[int, int] = (0, 1)) -> list[Path]:
    """Render what is not yet there of all of a recipe's sets, below the run's folder.

    Samples of other inputs or another screen than the recipe's lie in folders of other names.
    """
    kind = "-".join((*recipe.network.inputs, recipe.network.screen))
    return [
        path
        for wanted in recipe.sets
        for path in render_samples(
            out / "samples" / f"{wanted.size[0]}x{wanted.size[1]}-{kind}", wanted, recipe.network, textures, part
        )
    ]
