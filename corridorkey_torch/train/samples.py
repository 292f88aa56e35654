"""Rendered frames, prepared as the network gets them, kept on disk.

A sample is one float16 array (H, W, 12): every input that a network may ask for, with the chroma hint, then the true
alpha, then the true fg in sRGB. float16 holds 8-bit plates and mattes to within half a code value. Networks of fewer
inputs take their channels out of the same samples.
"""

from __future__ import annotations

import dataclasses
import io
import logging
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from corridorkey.color import linear_to_srgb
from corridorkey.config import CHANNELS, SIZE_STEP, GreenFormerConfig
from corridorkey.files import write_file
from corridorkey.hints.chroma import chroma_guide
from corridorkey.prepare import SWAP, prepare, swaps_screen
from corridorkey.types import Array, Plate, Screen
from corridorkey_torch.train.recipe import Recipe, RenderSet
from corridorkey_torch.train.sources import Sources

log = logging.getLogger(__name__)

TRUTH = sum(CHANNELS.values())  # channel of the true alpha; fg follows
EDITION = 5  # of what a seed gives; add one when that changes, so that old samples and new are not mixed

Sample = NDArray[np.float16]


@dataclasses.dataclass(frozen=True, slots=True)
class SampleSet:
    """Samples of one size.

    Attributes:
        size: height and width in pixels, multiples of 32.
        paths: of their files.
        own: whether they are of shots that somebody keyed, not rendered.
    """

    size: tuple[int, int]
    paths: tuple[Path, ...]
    own: bool = False


def make_sample(plate: Array, alpha: Array, fg: Array, screen: Screen, contract: GreenFormerConfig) -> Sample:
    """A plate and its truth to a sample, at the plate's size.

    Args:
        plate: (H, W, 3) float32 sRGB 0..1.
        alpha: (H, W) float32 0..1.
        fg: (H, W, 3) float32 sRGB 0..1, straight.
        screen: colour of the screen.
        contract: which screens the network is for.
    Returns:
        (h, w, 12) float16; h and w multiples of 32.
    """
    height, width = (n // SIZE_STEP * SIZE_STEP for n in alpha.shape)
    # A square network squashes a plate that it keys; its crops are cut of the plate as it is.
    uncut = -(-max(alpha.shape) // SIZE_STEP) * SIZE_STEP
    contract = dataclasses.replace(contract, inputs=tuple(CHANNELS), sizing="aspect", size=uncut, overview=0)
    x = prepare(Plate(plate, "srgb"), chroma_guide(plate, screen), contract)[0]
    if swaps_screen(contract, screen):
        fg = fg[..., SWAP]
    truth = np.concatenate([alpha[..., None], fg], axis=-1)
    return np.concatenate([x[:height, :width], truth[:height, :width]], axis=-1).astype(np.float16)


def write_sample(path: Path, sample: Sample) -> None:
    """Keep a sample, whole or not at all."""
    buffer = io.BytesIO()
    np.save(buffer, sample)
    write_file(path, buffer.getvalue())


def render_samples(
    folder: Path, wanted: RenderSet, contract: GreenFormerConfig, sources: Sources, part: tuple[int, int] = (0, 1)
) -> SampleSet:
    """Render what is not yet there of one set.

    Args:
        folder: where the samples lie, one .npy each.
        wanted: how many, how large, which seeds.
        contract: which screens the network is for.
        sources: what the frames are made of.
        part: (i, n) renders every n-th frame from the i-th, so that n processes share the work.
    Returns:
        All of the set, rendered or yet to be rendered by another part.
    """
    paths = [folder / f"{wanted.seed + i:07d}.npy" for i in range(wanted.frames)]
    for i in range(part[0], wanted.frames, part[1]):
        if paths[i].exists():
            continue
        frame = sources.frame(wanted, wanted.seed + i, contract.screen)
        fg = linear_to_srgb(np.clip(frame.fg, 0, 1))
        write_sample(paths[i], make_sample(frame.plate, frame.alpha, fg, frame.screen, contract))
        if i % 100 < part[1]:
            log.info("rendered %d of %d samples of %dx%d", i + 1, wanted.frames, *wanted.size)
    height, width = (n // SIZE_STEP * SIZE_STEP for n in wanted.size)
    return SampleSet((height, width), tuple(paths))


def render_sets(out: Path, recipe: Recipe, sources: Sources, part: tuple[int, int] = (0, 1)) -> list[SampleSet]:
    """Render what is not yet there of all of a recipe's sets, below the run's folder.

    Samples for another screen, or of another edition, lie in folders of other names.
    """
    kind, samples = f"{recipe.network.screen}-{EDITION}", out / "samples"
    return [
        render_samples(samples / f"{_name(wanted)}-{kind}", wanted, recipe.network, sources, part)
        for wanted in recipe.sets
    ]


def _name(wanted: RenderSet) -> str:
    size = f"{wanted.size[0]}x{wanted.size[1]}"
    return size if wanted.of == "drawn" else f"{wanted.of}-{size}"
