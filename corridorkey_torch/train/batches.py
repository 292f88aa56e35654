"""Batches: random crops of samples, with the hints a user might give."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import torch
from torch import Tensor

from corridorkey.config import CHANNELS
from corridorkey.metrics import transition
from corridorkey.types import Array
from corridorkey_torch.train.recipe import HintMix, Recipe

HINT_AT = CHANNELS["rgb"]
EDGE_TRIES = 5  # crops looked at for one with enough of an edge in it


def degraded_truth(alpha: Array, rng: np.random.Generator) -> Array:
    """A hint as a person or another program would draw it: too small, soft, with parts missing and islands.

    Args:
        alpha: (H, W) float32, the truth.
        rng: decides.
    Returns:
        (H, W) float32 0..1.
    """
    side = max(alpha.shape)
    hint: Any = (alpha > rng.uniform(0.3, 0.9)).astype(np.float32)
    radius = int(rng.integers(0, max(2, side // 25)))
    hint = cv2.erode(hint, cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * radius + 1, 2 * radius + 1)))
    for value in rng.choice([0.0, 0.0, 1.0], size=rng.integers(0, 4)):  # limbs missing; stands and markers
        centre = (int(rng.uniform(0, alpha.shape[1])), int(rng.uniform(0, alpha.shape[0])))
        reach = max(3.0, side / 5 if value == 0.0 else side / 20)
        axes = (int(rng.uniform(2, reach)), int(rng.uniform(2, reach)))
        cv2.ellipse(hint, centre, axes, float(rng.uniform(0, 180)), 0, 360, float(value), -1)
    shift = np.array([[1, 0, rng.normal(0, side / 100)], [0, 1, rng.normal(0, side / 100)]], np.float32)
    hint = cv2.warpAffine(hint, shift, (alpha.shape[1], alpha.shape[0]), borderMode=cv2.BORDER_REPLICATE)
    hint = cv2.GaussianBlur(hint, (0, 0), float(rng.uniform(0.5, max(1.0, side / 60))))
    return np.asarray(np.clip(hint, 0, 1), np.float32)


def draw_hint(chroma: Array, alpha: Array, mix: HintMix, rng: np.random.Generator) -> Array:
    """One of the four kinds of hint, by their shares: (H, W) float32."""
    kind = rng.choice(4, p=(mix.chroma, mix.truth, mix.empty, mix.solid))
    if kind == 0:
        return chroma
    if kind == 1:
        return degraded_truth(alpha, rng)
    return np.full_like(alpha, float(kind == 3))


def draw_sample(paths: list[Path], recipe: Recipe, rng: np.random.Generator) -> Array:
    """A random crop of a random sample, its hint drawn, flipped now and then: (crop, crop, C + 4) float32."""
    crop = recipe.crop
    for _ in range(EDGE_TRIES):
        stored = np.load(paths[rng.integers(len(paths))], mmap_mode="r")
        top, left = (int(rng.integers(0, n - crop + 1)) for n in stored.shape[:2])
        sample: Array = stored[top : top + crop, left : left + crop].astype(np.float32)
        alpha = sample[..., -4]
        if transition(alpha).mean() > recipe.edges or rng.random() < 0.1:
            break
    sample[..., HINT_AT] = draw_hint(sample[..., HINT_AT], np.ascontiguousarray(alpha), recipe.hints, rng)
    return sample[:, ::-1] if rng.random() < 0.5 else sample


def batches(paths: list[Path], recipe: Recipe, first_step: int) -> Iterator[tuple[Tensor, Tensor, Tensor]]:
    """Endless batches, read ahead by one; step n's batch depends on the seed and n alone.

    Yields:
        x (B, crop, crop, C), alpha (B, crop, crop, 1), fg (B, crop, crop, 3), float32.
    """

    def batch(step: int) -> tuple[Tensor, Tensor, Tensor]:
        rng = np.random.default_rng([recipe.seed, step])
        stacked = torch.from_numpy(np.stack([draw_sample(paths, recipe, rng) for _ in range(recipe.batch)]))
        return stacked[..., :-4], stacked[..., -4:-3], stacked[..., -3:]

    with ThreadPoolExecutor(1) as ahead:
        step, waiting = first_step, ahead.submit(batch, first_step)
        while True:
            step += 1
            ready, waiting = waiting, ahead.submit(batch, step)
            yield ready.result()
