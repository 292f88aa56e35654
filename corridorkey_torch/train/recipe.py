"""A recipe: everything that decides a training run, in one TOML file."""

from __future__ import annotations

import hashlib
import tomllib
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

from corridorkey.config import GreenFormerConfig
from corridorkey.errors import SettingsError


@dataclass(frozen=True, slots=True)
class RenderSet:
    """Frames rendered once and kept on disk.

    Attributes:
        frames: how many.
        size: height and width in pixels.
        seed: of the first frame; frame i is shot `seed + i`.
    """

    frames: int
    size: tuple[int, int]
    seed: int


@dataclass(frozen=True, slots=True)
class HintMix:
    """Shares of the hints a sample is trained with; they add up to 1.

    Attributes:
        chroma: the project's own chroma hint on the degraded plate, with its failures.
        truth: the true alpha, eroded and blurred, with limbs missing and false islands.
        empty: nothing.
        solid: everything.
    """

    chroma: float = 0.62
    truth: float = 0.28
    empty: float = 0.06
    solid: float = 0.04


@dataclass(frozen=True, slots=True)
class LossWeights:
    """Weights of the loss's terms.

    Attributes:
        alpha, squared: of alpha's absolute and squared error.
        transition: added to both where the true alpha is between 0.02 and 0.98.
        coarse: of the prediction before the refiner.
        gradient: of alpha's slopes.
        fg: of straight colour; `unseen` is its share where alpha is below 0.02 and colour is a guess.
        premultiplied: of linear colour times alpha.
    """

    alpha: float = 1.0
    squared: float = 2.0
    coarse: float = 0.5
    gradient: float = 1.0
    transition: float = 3.0
    fg: float = 0.5
    unseen: float = 0.05
    premultiplied: float = 1.0


@dataclass(frozen=True, slots=True)
class Recipe:
    """A training run.

    Attributes:
        name: of the run.
        network: the GreenFormer.
        sets: rendered frames to train on.
        held_out: rendered frames never trained on, for the figures.
        hints, loss: see there.
        batch, crop: samples in a step and their side in pixels.
        edges: share of a crop that a transition should take up; a few crops are looked at to find one.
        steps: in all; `warmup` first steps raise the rate, the last `decay` share lowers it to zero.
        rate, weight_decay: AdamW's.
        ema: decay of the averaged weights, which are the ones that ship.
        save_every: steps between saves; held-out figures come with every fifth.
        seed: of everything drawn at random.
    """

    name: str
    network: GreenFormerConfig
    sets: tuple[RenderSet, ...]
    held_out: RenderSet
    hints: HintMix = field(default_factory=HintMix)
    loss: LossWeights = field(default_factory=LossWeights)
    batch: int = 8
    crop: int = 224
    edges: float = 0.04
    steps: int = 2000
    warmup: int = 100
    decay: float = 0.3
    rate: float = 1e-3
    weight_decay: float = 0.01
    ema: float = 0.998
    save_every: int = 100
    seed: int = 1


def read_recipe(path: Path) -> Recipe:
    """Read a recipe.

    Raises:
        SettingsError: no such file, not TOML, or a key that no recipe has.
    """
    try:
        raw = tomllib.loads(path.read_text(encoding="utf-8"))
        return Recipe(
            network=GreenFormerConfig(**_tuples(raw.pop("network"))),
            sets=tuple(RenderSet(**_tuples(entry)) for entry in raw.pop("sets")),
            held_out=RenderSet(**_tuples(raw.pop("held_out"))),
            hints=HintMix(**raw.pop("hints", {})),
            loss=LossWeights(**raw.pop("loss", {})),
            **raw,
        )
    except (OSError, KeyError, TypeError, AttributeError, ValueError) as error:
        raise SettingsError(f"{path}: not a training recipe ({error}); see checkpoints/recipes/") from error


def recipe_hash(recipe: Recipe) -> str:
    """Identifies what a run was made of; `steps` and `save_every` may change while it goes on."""
    kept = [f.name for f in fields(recipe) if f.name not in ("steps", "save_every")]
    return hashlib.sha256(repr([(n, getattr(recipe, n)) for n in kept]).encode()).hexdigest()[:12]


def _tuples(raw: dict[str, Any]) -> dict[str, Any]:
    return {key: tuple(value) if isinstance(value, list) else value for key, value in raw.items()}
