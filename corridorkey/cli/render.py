"""`ck render`: heads with hair, as layers to train with."""

from __future__ import annotations

import re
from pathlib import Path

import click

from corridorkey.cli.shares import shared_part

FIRST_SEED = 1_000_000  # of layers for training


@click.command("render")
@click.argument("out", type=click.Path(path_type=Path))
@click.option("--frames", type=click.IntRange(min=1), required=True, help="How many layers.")
@click.option("--size", default="384x384", show_default=True, metavar="WxH", help="Of each, in pixels.")
@click.option("--seed", type=click.IntRange(min=0), default=FIRST_SEED, show_default=True, help="Of the first layer.")
@click.option("--part", default="0/1", metavar="I/N", help="Only every N-th layer from the I-th, to share the work.")
def command(out: Path, frames: int, size: str, seed: int, part: str) -> None:
    """Render layers into OUT: heads with hair, lit by lamps, and by a white screen apart from that.

    Layers that are there are left as they are: stopped, it goes on with the same command. Each process uses one core.
    """
    from corridorkey.errors import SettingsError
    from corridorkey.files import check_writable
    from corridorkey.render.frames import render_layers
    from corridorkey.render.library import mitsuba

    shape = re.fullmatch(r"(\d+)x(\d+)", size)
    if shape is None:
        raise SettingsError(f"--size {size}: use WIDTHxHEIGHT, for example 384x384")
    share = shared_part("--part", part)
    mitsuba()
    check_writable(out)
    made = []

    def say(path: Path) -> None:
        made.append(path)
        click.echo(f"wrote {path}")

    render_layers(out, frames, (int(shape[2]), int(shape[1])), seed, share, say)
    click.echo(f"{out}: {len(made)} rendered, of {frames}")
