"""`ck convert`: a checkpoint from a released weights file."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from corridorkey.types import Screen
    from corridorkey_convert.arrays import Dtype

SUFFIX = ".ck.safetensors"


@click.command("convert")
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@click.argument("out", type=click.Path(path_type=Path, dir_okay=False), required=False)
@click.option("--screen", type=click.Choice(["green", "blue"]), help="Screen colour the network was trained on.")
@click.option("--dtype", type=click.Choice(["float32", "float16"]), help="Of the weights.  [default: the file's]")
@click.option("--overwrite", is_flag=True, help="Replace OUT if it is there.")
def command(file: Path, out: Path | None, screen: Screen | None, dtype: Dtype | None, overwrite: bool) -> None:
    """Make a checkpoint of FILE, a released .pth or .safetensors in Torch's or MLX's layout.

    Needs neither Torch nor MLX and runs nothing that is in FILE. OUT is FILE's name with .ck.safetensors, beside it,
    unless given.
    """
    import time

    from corridorkey_convert import convert_file

    started = time.monotonic()
    out = out or file.with_name(file.stem.removesuffix(".mlx").removesuffix(".ck") + SUFFIX)
    made = convert_file(file, out, screen=screen, dtype=dtype, overwrite=overwrite)
    click.echo(
        f"{made.layout}; {made.info.config.screen} screen, {len(made.tensors)} tensors, "
        f"{out.stat().st_size / 1e6:.0f} MB in {time.monotonic() - started:.1f} s: {out}"
    )
