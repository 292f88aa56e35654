"""A recipe: everything that decides a training run, in one TOML file."""

from __future__ import annotations

import hashlib
import tomllib
from dataclasses import MISSING, dataclass, field, fields, is_dataclass
from pathlib import Path
from typing import Any, Literal, get_args

from corridorkey.config import GreenFormerConfig
from corridorkey.errors import CheckpointFormatError, SettingsError
from corridorkey_torch.train.optimiser import Kind


@dataclass(frozen=True, slots=True)
class RenderSet:
    """Frames rendered once and kept on disk.

    Attributes:
        frames: how many.
        size: height and width in pixels.
        seed: of the first frame; frame i is shot `seed + i`.
        of: "drawn" by `corridorkey.synth`, or "layers" from `ck render`, put before drawn screens.
    """

    frames: int
    size: tuple[int, int]
    seed: int
    of: Literal["drawn", "layers"] = "drawn"

    def __post_init__(self) -> None:
        if self.of not in ("drawn", "layers"):
            raise SettingsError(f"a set of {self.of!r}: use drawn or layers")


@dataclass(frozen=True, slots=True)
class HintMix:
    """Shares of the hints a sample is trained with; they add up to 1, else SettingsError.

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

    def __post_init__(self) -> None:
        shares = self.chroma, self.truth, self.empty, self.solid
        if min(shares) < 0 or abs(sum(shares) - 1) > 1e-6:
            raise SettingsError(f"[hints] of {', '.join(map(str, shares))}: make the four shares add up to 1")


@dataclass(frozen=True, slots=True)
class LossWeights:
    """Weights of the loss's terms.

    Attributes:
        alpha, squared: of alpha's absolute and squared error.
        transition: where the true alpha is between 0.02 and 0.98, both count 1 + this.
        coarse: of the prediction before the refiner.
        laplacian: of the Laplacian pyramid of alpha's error.
        fg: of straight colour; `unseen` is its share where alpha is below 0.02 and colour is a guess. Where
            `transition` counts, a pixel counts 1 + `fg_transition` in a weighted mean: what it gains, the others lose.
            `fg_linear` is the share of the error that is measured in linear light, the rest is in sRGB.
        composed: of a composition over a random background, in linear light.
        constant: of what the encoder's features have in common everywhere.
    """

    alpha: float = 1.0
    squared: float = 2.0
    coarse: float = 0.5
    laplacian: float = 0.15
    transition: float = 3.0
    fg: float = 0.5
    unseen: float = 0.05
    fg_transition: float = 0.0
    fg_linear: float = 0.0
    composed: float = 1.0
    constant: float = 0.0


@dataclass(frozen=True, slots=True)
class Crops:
    """What a step is made of.

    Attributes:
        batch: samples in a step, of all processes together.
        crop: their side in pixels.
        resized: share of them cut out larger or smaller than that side, and brought to it.
        scales: least and largest factor by which those are resized, drawn evenly by ratio; of a frame that is not large
            enough all is taken that a square can take.
        edges: share of a crop that a transition should take up; a few crops are looked at to find one.
        dimmed: share of them that are made darker or brighter, screen and all.
        turned: share of them that are turned by 90, 180 or 270 degrees; half of all are mirrored.
    """

    batch: int = 8
    crop: int = 224
    resized: float = 0.25
    scales: tuple[float, float] = (0.5, 0.5)
    edges: float = 0.04
    dimmed: float = 0.3
    turned: float = 0.15

    def __post_init__(self) -> None:
        if len(self.scales) != 2 or not 0 < self.scales[0] <= self.scales[1]:
            raise SettingsError(f"crops resized by {self.scales}: give two factors over 0, the smaller one first")


@dataclass(frozen=True, slots=True)
class Recipe:
    """A training run.

    Attributes:
        name: of the run.
        network: the GreenFormer.
        sets: rendered frames to train on.
        held_out: rendered frames never trained on, for the figures.
        hints, loss: see there.
        crops: of the run; `late` are those of every `late_every`-th step of its last `late_share`.
        own: share of the crops that are of one's own shots, where some are given.
        steps: in all; `warmup` first steps raise the rate, the last `decay` share lowers it to zero.
        optimiser: "adamw", or "muon" for the layers' matrices and AdamW for the rest (torch 2.9 or newer).
        rate, weight_decay: the optimiser's.
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
    crops: Crops = field(default_factory=Crops)
    late: Crops = field(default_factory=Crops)
    late_share: float = 0.0
    late_every: int = 1
    own: float = 0.5
    steps: int = 2000
    warmup: int = 100
    decay: float = 0.3
    optimiser: Kind = "adamw"
    rate: float = 1e-3
    weight_decay: float = 0.01
    ema: float = 0.998
    save_every: int = 100
    seed: int = 1

    def __post_init__(self) -> None:
        if self.optimiser not in get_args(Kind):
            raise SettingsError(f"optimiser {self.optimiser!r}: use {' or '.join(get_args(Kind))}")
        if self.late_every < 1:
            raise SettingsError(f"late_every {self.late_every}: use 1 for every late step, 2 for every other")

    @property
    def kinds_of_crops(self) -> tuple[Crops, ...]:
        """All that its steps are made of."""
        return (self.crops, self.late) if self.late_share > 0 else (self.crops,)

    def crops_at(self, step: int) -> Crops:
        """What step number `step` is made of, the first being 0."""
        is_late = self.late_share > 0 and step >= self.steps * (1 - self.late_share)
        return self.late if is_late and step % self.late_every == 0 else self.crops


def read_recipe(path: Path, network: GreenFormerConfig | None = None) -> Recipe:
    """Read a recipe.

    Args:
        path: a TOML file.
        network: of a recipe without one of its own.
    Raises:
        SettingsError: no such file, not TOML, or a key or a value that no recipe has.
    """
    try:
        raw = tomllib.loads(path.read_text(encoding="utf-8"))
        if "network" in raw:
            network = GreenFormerConfig(**_tuples(raw.pop("network")))
        if network is None:
            raise SettingsError(f"{path}: no [network] in it; give a checkpoint to start from, with --from")
        return Recipe(
            network=network,
            sets=tuple(RenderSet(**_tuples(entry)) for entry in raw.pop("sets")),
            held_out=RenderSet(**_tuples(raw.pop("held_out"))),
            hints=HintMix(**raw.pop("hints", {})),
            loss=LossWeights(**raw.pop("loss", {})),
            crops=Crops(**_tuples(raw.pop("crops", {}))),
            late=Crops(**_tuples(raw.pop("late", {}))),
            **raw,
        )
    except (OSError, KeyError, TypeError, AttributeError, ValueError, CheckpointFormatError) as error:
        raise SettingsError(f"{path}: not a training recipe ({error}); see checkpoints/recipes/") from error


def recipe_hash(recipe: Recipe) -> str:
    """Identifies what a run was made of; `steps` and `save_every` may change while it goes on."""
    kept = {name: value for name, value in _chosen(recipe).items() if name not in ("steps", "save_every")}
    return hashlib.sha256(repr(kept).encode()).hexdigest()[:12]


def _chosen(value: Any) -> Any:
    """What a recipe says beyond the defaults: fields that are added later do not change an old recipe's hash."""
    if isinstance(value, tuple):
        return [_chosen(entry) for entry in value]
    if not is_dataclass(value):
        return value
    defaults = {f.name: f.default if f.default_factory is MISSING else f.default_factory() for f in fields(value)}
    found = {name: getattr(value, name) for name in defaults}
    return {name: _chosen(v) for name, v in found.items() if v != defaults[name]}


def _tuples(raw: dict[str, Any]) -> dict[str, Any]:
    return {key: tuple(value) if isinstance(value, list) else value for key, value in raw.items()}
