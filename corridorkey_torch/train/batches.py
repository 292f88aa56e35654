"""Batches: random crops of samples, with the hints a user might give."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from corridorkey.config import CHANNELS, GreenFormerConfig
from corridorkey.errors import SettingsError
from corridorkey.metrics import transition
from corridorkey.prepare import MEAN, STD
from corridorkey.resize import resize_lanczos, shrink
from corridorkey.types import Array
from corridorkey_torch.train.recipe import Crops, Recipe
from corridorkey_torch.train.samples import TRUTH, SampleSet
from corridorkey_torch.train.users_hints import draw_hint
from corridorkey_torch.train.workers import Workers

HINT_AT = CHANNELS["rgb"]
EDGE_TRIES = 5  # crops looked at for one with enough of an edge in it
GAIN = 0.6, 1.15  # of a crop's sRGB values
BACKDROP = 8  # colours along each side of what comps are compared over
COLOURED = (slice(0, 3), slice(TRUTH - CHANNELS["screen"], TRUTH))
LEAST, MOST = np.zeros(TRUTH + 4, np.float32), np.ones(TRUTH + 4, np.float32)  # of a sample's channels, as prepared
for _coloured in COLOURED:
    LEAST[_coloured], MOST[_coloured] = -MEAN / STD, np.inf


@dataclass(frozen=True, slots=True)
class Batch:
    """One process's samples of a step, float32.

    Attributes:
        x: (B, crop, crop, C), prepared.
        alpha: (B, crop, crop, 1).
        fg: (B, crop, crop, 3), straight sRGB.
        backdrop: (B, BACKDROP, BACKDROP, 3), linear, to composite over.
    """

    x: Tensor
    alpha: Tensor
    fg: Tensor
    backdrop: Tensor

    def to(self, device: torch.device) -> Batch:
        """The same on a device."""
        return Batch(*(t.to(device, non_blocking=True) for t in (self.x, self.alpha, self.fg, self.backdrop)))


def check_shares(recipe: Recipe, workers: Workers) -> None:
    """Refuse batches, late ones too, that cannot be shared out.

    Raises:
        SettingsError: see `Workers.share`.
    """
    for crops in recipe.kinds_of_crops:
        workers.share(crops.batch)


def check_crops(sets: Sequence[SampleSet], recipe: Recipe) -> None:
    """Refuse crops, late ones too, that no frame holds.

    Raises:
        SettingsError: neither rendered frames nor one's own are that large, or some of one's own and none of them is.
    """
    for crops in recipe.kinds_of_crops:
        large = _large(sets, crops.crop)
        if any(s.own for s in sets) and not any(s.own for s in large):
            raise SettingsError(f"crops of {crops.crop} pixels: no frame of --shots is that large; make `crop` smaller")


def _large(sets: Sequence[SampleSet], side: int) -> list[SampleSet]:
    large = [s for s in sets if min(s.size) >= side]
    if not large:
        raise SettingsError(f"crops of {side} pixels: no [[sets]] of the recipe renders frames that large")
    return large


def _picked(sets: Sequence[SampleSet], side: int, own: float, rng: np.random.Generator) -> Path:
    """A sample that a square of `side` fits into; larger frames more often, by the root of their area."""
    large = _large(sets, side)
    wants_own = any(s.own for s in large) and rng.random() < own
    fitting = [s for s in large if s.own == wants_own] or large
    weights = np.array([len(s.paths) * float(np.sqrt(s.size[0] * s.size[1])) for s in fitting])
    paths = fitting[rng.choice(len(fitting), p=weights / weights.sum())].paths
    return paths[rng.integers(len(paths))]


def _cut_at(sets: Sequence[SampleSet], crops: Crops, rng: np.random.Generator) -> int:
    """The side at which a crop is cut out, before it is resized."""
    if rng.random() >= crops.resized:
        return crops.crop
    low, high = np.log(crops.scales)
    largest = max(min(s.size) for s in sets)
    return min(round(crops.crop / float(np.exp(rng.uniform(low, high)))), largest)


def _resized(sample: Array, side: int) -> Array:
    """A crop at another size, made smaller as an overview is, larger as a small plate is."""
    size = side, side
    if sample.shape[0] > side:
        return shrink(sample, size)
    return np.clip(resize_lanczos(sample, size), LEAST, MOST)


def _dim(sample: Array, gain: float) -> None:
    """Darker or brighter as a whole, in place; the key stays, being a ratio of colours."""
    for channels in COLOURED:
        brightest = (1 - MEAN) / STD
        sample[..., channels] = np.minimum(sample[..., channels] * gain + (gain - 1) * MEAN / STD, brightest)
    sample[..., TRUTH + 1 :] = np.minimum(sample[..., TRUTH + 1 :] * gain, 1)


def draw_sample(sets: Sequence[SampleSet], crops: Crops, recipe: Recipe, rng: np.random.Generator) -> Array:
    """A random crop of a random sample with a hint, sometimes resized, dimmed, turned: (crop, crop, 12) float32."""
    side = _cut_at(sets, crops, rng)
    for _ in range(EDGE_TRIES):
        stored = np.load(_picked(sets, side, recipe.own, rng), mmap_mode="r")
        top, left = (int(rng.integers(0, n - side + 1)) for n in stored.shape[:2])
        window = stored[top : top + side, left : left + side]
        if transition(window[..., TRUTH].astype(np.float32)).mean() > crops.edges or rng.random() < 0.1:
            break
    sample: Array = window.astype(np.float32)
    sample = _resized(sample, crops.crop) if side != crops.crop else sample
    alpha = np.ascontiguousarray(sample[..., TRUTH])
    sample[..., HINT_AT] = draw_hint(sample[..., HINT_AT], alpha, recipe.hints, rng)
    if rng.random() < crops.dimmed:
        _dim(sample, float(rng.uniform(*GAIN)))
    if rng.random() < crops.turned:
        sample = np.rot90(sample, int(rng.integers(1, 4)))
    return sample[:, ::-1] if rng.random() < 0.5 else sample


def batches(
    sets: Sequence[SampleSet], recipe: Recipe, first_step: int, workers: Workers | None = None
) -> Iterator[Batch]:
    """Endless batches, read ahead by one; sample k of step n depends on the recipe's seed, n and k alone.

    Args:
        sets: what has been rendered.
        recipe: decides everything else.
        first_step: where to begin.
        workers: whose part of each batch is wanted; None is all of it.
    """
    workers = workers or Workers()
    everything = GreenFormerConfig(inputs=tuple(CHANNELS))
    inputs = [everything.channel_of(name) + c for name in recipe.network.inputs for c in range(CHANNELS[name])]

    def batch(step: int) -> Batch:
        crops = recipe.crops_at(step)
        samples, backdrops = [], []
        for k in workers.share(crops.batch):
            rng = np.random.default_rng([recipe.seed, step, k])
            samples.append(draw_sample(sets, crops, recipe, rng))
            backdrops.append(rng.uniform(0, 1, (BACKDROP, BACKDROP, 3)).astype(np.float32) ** 2)
        stacked = np.stack(samples)
        x, alpha, fg = stacked[..., inputs], stacked[..., TRUTH : TRUTH + 1], stacked[..., TRUTH + 1 :]
        return Batch(*(torch.from_numpy(np.ascontiguousarray(a)) for a in (x, alpha, fg, np.stack(backdrops))))

    with ThreadPoolExecutor(1) as ahead:
        step, waiting = first_step, ahead.submit(batch, first_step)
        while True:
            step += 1
            ready, waiting = waiting, ahead.submit(batch, step)
            yield ready.result()
