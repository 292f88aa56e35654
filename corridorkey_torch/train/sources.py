"""Everything that a run's samples are made of."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from corridorkey.synth import Textures
from corridorkey_torch.train.own_shots import make_own_samples, own_samples
from corridorkey_torch.train.recipe import Recipe
from corridorkey_torch.train.samples import SampleSet, render_sets
from corridorkey_torch.train.workers import Workers


@dataclass(frozen=True, slots=True)
class Sources:
    """Where a run's material comes from.

    Attributes:
        textures: what rendered subjects' surfaces are made of, photographs kept for tests left out.
        shots: finished shots of one's own; see `own_shots`.
    """

    textures: Textures = field(default_factory=Textures)
    shots: Path | None = None

    def samples(self, recipe: Recipe, out: Path, workers: Workers) -> list[SampleSet]:
        """Make what is not yet there, each process its share, and name all of it.

        Args:
            recipe: which frames are rendered, for which network.
            out: the run's folder.
            workers: this process among the others.
        Raises:
            MediaError: a shot that cannot be read, or lacks its matte or fg.
        """
        part = workers.rank, workers.count
        sets = render_sets(out, recipe, self.textures, part)
        if self.shots:
            folder = out / "samples" / f"own-{recipe.network.screen}"
            make_own_samples(self.shots, folder, recipe.network, part)
            workers.wait()
            sets += own_samples(folder)
        workers.wait()
        return sets
