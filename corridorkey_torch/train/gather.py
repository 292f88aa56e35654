"""All samples of a run, made once."""

from __future__ import annotations

from pathlib import Path

from corridorkey_torch.train.own_shots import make_own_samples, own_samples
from corridorkey_torch.train.recipe import Recipe
from corridorkey_torch.train.samples import SampleSet, render_sets
from corridorkey_torch.train.sources import Sources
from corridorkey_torch.train.workers import Workers


def gather_samples(sources: Sources, recipe: Recipe, out: Path, workers: Workers) -> list[SampleSet]:
    """Make what is not yet there, each process its share, and name all of it.

    Args:
        sources: what samples are made of.
        recipe: which frames are rendered, for which network.
        out: the run's folder.
        workers: this process among the others.
    Raises:
        SettingsError: the recipe asks for layers, and none were given.
        MediaError: a layer or shot that cannot be read, or a shot that lacks its matte or fg.
    """
    part = workers.rank, workers.count
    sets = render_sets(out, recipe, sources, part)
    if sources.shots:
        folder = out / "samples" / f"own-{recipe.network.screen}"
        make_own_samples(sources.shots, folder, recipe.network, part)
        workers.wait()
        sets += own_samples(folder)
    workers.wait()
    return sets
