"""`ck train`: a network from a recipe."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from corridorkey.cli.config import PLATE_SETTINGS, settings_in_files
from corridorkey.cli.shares import shared_part
from corridorkey.clips import Clip
from corridorkey.config import KeySettings


@click.command("train")
@click.argument("recipe", type=click.Path(path_type=Path))
@click.option("--out", type=click.Path(path_type=Path), required=True, help="Folder of the run; it goes on there.")
@click.option("--photos", type=click.Path(path_type=Path), help="Folder of pictures to take subjects' textures from.")
@click.option("--layers", type=click.Path(path_type=Path), help="Layers of `ck render`, or RGBA cut-outs of your own.")
@click.option("--shots", type=click.Path(path_type=Path), help="Shots of your own, keyed and approved, to learn from.")
@click.option("--from", "start", help="Checkpoint to start a new run with: small, green, blue or a file.")
@click.option("--steps", type=click.IntRange(min=1), help="Instead of the recipe's; may change while a run goes on.")
@click.option("--score", help="Only print the held-out figures of this checkpoint: small, green, blue or a file.")
@click.option("--render", metavar="I/N", help="Only render every N-th sample from the I-th, to share that work.")
@click.pass_context
def command(
    context: click.Context,
    recipe: Path,
    out: Path,
    photos: Path | None,
    layers: Path | None,
    shots: Path | None,
    start: str | None,
    steps: int | None,
    score: str | None,
    render: str | None,
) -> None:
    """Train a network from RECIPE, a TOML file such as checkpoints/recipes/small.toml.

    Samples are rendered once into OUT; a run that was stopped goes on where it last saved. Started by torchrun,
    several processes or GPUs share every batch.
    """
    import dataclasses
    import functools

    from corridorkey.backend import choose_backend
    from corridorkey.checkpoint import read_info
    from corridorkey.cli.report import logging_to
    from corridorkey.synth import Textures
    from corridorkey.weights import choose_checkpoint

    choose_backend("torch")
    from corridorkey_torch.train.gather import make_samples
    from corridorkey_torch.train.held_out import held_out_figures
    from corridorkey_torch.train.recipe import read_recipe
    from corridorkey_torch.train.sources import FinishedShots, Sources
    from corridorkey_torch.train.trainer import train
    from corridorkey_torch.train.workers import joined_workers

    begin, scored = (choose_checkpoint(name) if name else None for name in (start, score))
    known = begin or scored
    plan = read_recipe(recipe, read_info(known).config if known else None)
    plan = dataclasses.replace(plan, steps=steps) if steps else plan
    if scored:
        click.echo(held_out_figures(scored, plan, out / "sheets"))
        return
    own = FinishedShots(shots, functools.partial(_plate_settings, context, shots)) if shots else None
    sources = Sources(Textures(photos) if photos else Textures(), layers, own)
    with joined_workers() as workers, logging_to(out / f"log{workers.rank or ''}.txt"):
        if not render:
            score_it = functools.partial(held_out_figures, recipe=plan, sheets=out / "sheets")
            train(plan, out, sources, score_it, begin, workers)
            return
        make_samples(sources, plan, out, shared_part("--render", render))


def _plate_settings(context: click.Context, root: Path, clip: Clip) -> KeySettings:
    """What a shot's ck.toml say of its plate; of keying it nothing counts here."""
    found = settings_in_files(context, clip, root)
    knobs: dict[str, Any] = {name: found[name].value for name in PLATE_SETTINGS if name in found}
    return KeySettings(**knobs)
