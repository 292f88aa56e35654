"""All samples of a run, made once."""

from __future__ import annotations

from pathlib import Path

from corridorkey_torch.train.own_shots import make_own_samples, own_samples
from corridorkey_torch.train.recipe import Recipe
from corridorkey_torch.train.samples import EDITION, SampleSet, render_sets
from corridorkey_torch.train.sources import Sources
from corridorkey_torch.train.workers import Workers


def make_samples(sources: Sources, recipe: Recipe, out: Path, part: tuple[int, int]) -> list[SampleSet]:
    """Make a share of what is not yet there: rendered frames, and tiles of one's own shots.

    Args:
        sources: what samples are made of.
        recipe: which frames are rendered, for which network.
        out: the run's folder.
        part: (i, n) makes every n-th from the i-th.
    Returns:
        What is rendered, by this part and by others.
    Raises:
        as `gather_samples`.
    """
    sets = render_sets(out, recipe, sources, part)
    if sources.shots:
        make_own_samples(sources.shots, _own_folder(out, recipe), recipe.network, part)
    return sets


def gather_samples(sources: Sources, recipe: Recipe, out: Path, workers: Workers) -> list[SampleSet]:
    """Make what is not yet there, each process its share, and name all of it.

    Args:
        sources: what samples are made of.
        recipe: which frames are rendered, for which network.
        out: the run's folder.
        workers: this process among the others.
    Raises:
        SettingsError: the recipe asks for layers, and none were given; a shot's settings are wrong.
        BackendUnavailableError: they name a colour space, and OpenColorIO is not installed.
        MediaError: a layer or shot that cannot be read, or a shot that lacks its matte or fg.
        ScreenError: a shot shows no screen.
    """
    sets = make_samples(sources, recipe, out, (workers.rank, workers.count))
    workers.wait()
    return sets + own_samples(_own_folder(out, recipe)) if sources.shots else sets


def _own_folder(out: Path, recipe: Recipe) -> Path:
    """Samples of another edition, or brought to another size, lie in folders of other names."""
    network = recipe.network
    return out / "samples" / f"own-{network.screen}-{EDITION}-{network.sizing}-{network.size}-{network.overview}"
