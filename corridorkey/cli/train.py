"""`ck train`: a network from a recipe."""

from __future__ import annotations

import re
from pathlib import Path

import click


@click.command("train")
@click.argument("recipe", type=click.Path(path_type=Path))
@click.option("--out", type=click.Path(path_type=Path), required=True, help="Folder of the run; it goes on there.")
@click.option("--photos", type=click.Path(path_type=Path), help="Folder of pictures to take subjects' textures from.")
@click.option("--from", "start", type=click.Path(path_type=Path), help="Checkpoint to start a new run with.")
@click.option("--steps", type=click.IntRange(min=1), help="Instead of the recipe's; may change while a run goes on.")
@click.option("--score", type=click.Path(path_type=Path), help="Only print this checkpoint's held-out figures.")
@click.option("--render", metavar="I/N", help="Only render every N-th sample from the I-th, to share that work.")
def command(
    recipe: Path,
    out: Path,
    photos: Path | None,
    start: Path | None,
    steps: int | None,
    score: Path | None,
    render: str | None,
) -> None:
    """Train a network from RECIPE, a TOML file such as checkpoints/recipes/small.toml.

    Samples are rendered once into OUT; a run that was stopped goes on where it last saved.
    """
    import dataclasses

    from corridorkey.backend import choose_backend
    from corridorkey.cli.report import logging_to
    from corridorkey.errors import SettingsError
    from corridorkey.synth import Textures

    choose_backend("torch")
    from corridorkey_torch.train.held_out import held_out_figures
    from corridorkey_torch.train.recipe import read_recipe
    from corridorkey_torch.train.samples import render_sets
    from corridorkey_torch.train.trainer import train

    plan = read_recipe(recipe)
    plan = dataclasses.replace(plan, steps=steps) if steps else plan
    if score:
        click.echo(held_out_figures(score, plan, out / "sheets"))
        return
    textures = Textures(photos) if photos else Textures()
    with logging_to(out / "log.txt"):
        if not render:
            train(plan, out, textures, lambda checkpoint: held_out_figures(checkpoint, plan, out / "sheets"), start)
            return
        match = re.fullmatch(r"(\d+)/(\d+)", render)
        if match is None or int(match[1]) >= int(match[2]):
            raise SettingsError(f"--render {render}: use I/N, for example 0/2 and 1/2")
        render_sets(out, plan, textures, (int(match[1]), int(match[2])))
