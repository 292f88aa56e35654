"""The options of `ck key`, in groups. ck.toml takes them too."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import fields
from pathlib import Path
from typing import Any, TypeVar

import click

from corridorkey.cli.kinds import NONE, Area, Given, Mask, MovieKind, Place, Side, Words
from corridorkey.config import DTYPES, OUTPUTS, SIZE_STEP, KeySettings

F = TypeVar("F", bound=Callable[..., Any])

DEFAULT = KeySettings()
BACKENDS = ("auto", "mlx", "torch")
WEIGHTS = ("auto", "small", "green", "blue")  # checkpoints that go by a word


def check_knob(option: click.Option, value: Any) -> None:
    """Whether an artist's knob is in its range; other options know theirs.

    Raises:
        SettingsError: it is not.
    """
    if option.name in {field.name for field in fields(KeySettings)}:
        KeySettings(**{option.name: value})


def group(*options: Callable[[F], F]) -> Callable[[F], F]:
    """Several options as one decorator, in the order that --help shows."""

    def decorate(function: F) -> F:
        for option in reversed(options):
            function = option(function)
        return function

    return decorate


PLATE = group(
    click.option(
        "-o", "--out", type=click.Path(path_type=Path), help="Output folder.  [default: SHOT_keyed beside it]"
    ),
    click.option(
        "--hint",
        type=Mask(),
        help="Where the subject is: a still, folder, sequence or movie, or none.  [default: made from the screen]",
    ),
    click.option("--garbage", type=Mask(), help="What is always background, as --hint is given.  [default: nothing]"),
    click.option("--core", type=Mask(), help="What is always foreground, as --hint is given.  [default: nothing]"),
    click.option("--frames", type=Given(), help="Only these: 1001-1100, 1001-1100x2, 1001-1100,1200.  [default: all]"),
    click.option(
        "--start-number", type=int, help="Number of a movie's first frame.  [default: its time code's, else 0]"
    ),
    click.option("--screen-color", default=DEFAULT.screen_color, show_default=True, help="auto, green or blue."),
    click.option(
        "--input-colorspace",
        type=Given(),
        default=DEFAULT.input_colorspace,
        show_default=True,
        help="auto, srgb, linear or a name that `ck colorspaces` lists.",
    ),
)

KNOBS = group(
    click.option(
        "--despill", type=float, default=DEFAULT.despill, show_default=True, help="0 leaves spill, 1 removes it."
    ),
    click.option(
        "--despeckle",
        type=Area(),
        default=str(DEFAULT.despeckle),
        show_default=True,
        help="Drop islands of the matte with fewer pixels: on, off or an area.",
    ),
    click.option(
        "--refiner",
        "refiner_scale",
        type=float,
        default=DEFAULT.refiner_scale,
        show_default=True,
        help="Strength of the refiner.",
    ),
    click.option(
        "--source-detail/--no-source-detail",
        is_flag=True,
        default=DEFAULT.source_detail,
        help="The plate's own pixels, despilled, where the subject is solid: highlights, grain.",
    ),
)

FILES = group(
    click.option(
        "--outputs",
        type=Words(),
        default=",".join(DEFAULT.outputs),
        show_default=True,
        help=f"Which to write, of {', '.join(OUTPUTS)}.",
    ),
    click.option("--exr-bits", type=int, default=DEFAULT.exr_bits, show_default=True, help="16 (half) or 32 (float)."),
    click.option(
        "--exr-compression",
        default=DEFAULT.exr_compression,
        show_default=True,
        help="zip, zips, piz, none or dwaa (lossy).",
    ),
    click.option("--png-bits", type=int, default=DEFAULT.png_bits, show_default=True, help="8 or 16, of rgba."),
    click.option(
        "--output-colorspace",
        type=Given(),
        default=DEFAULT.output_colorspace,
        show_default=True,
        help="Of FG and Processed: auto (the plate's own, linear), linear or a linear one's name.",
    ),
    click.option(
        "--fg-colorspace", default=DEFAULT.fg_colorspace, show_default=True, help="linear, or srgb: the ancestor's."
    ),
    click.option(
        "--movie",
        type=MovieKind(["prores4444", "h264", NONE]),
        help="Also a movie: ProRes 4444, straight RGBA; or the comp.  [default: none]",
    ),
)

NETWORK = group(
    click.option(
        "--checkpoint",
        type=Place(WEIGHTS),
        default="auto",
        show_default=True,
        help="auto, small, green, blue or a file.",
    ),
    click.option(
        "--size", type=Side(), help=f"Network's (long) side, a multiple of {SIZE_STEP}.  [default: the checkpoint's]"
    ),
    click.option("--dtype", type=click.Choice(DTYPES), default=DTYPES[0], show_default=True, help="Of the network."),
    click.option(
        "--device",
        envvar="CORRIDORKEY_DEVICE",
        help="auto, cpu; Torch: cuda, cuda:1, mps; MLX: gpu.  [default: CORRIDORKEY_DEVICE or auto]",
    ),
    click.option(
        "--backend",
        type=click.Choice(BACKENDS),
        envvar="CORRIDORKEY_BACKEND",
        help="[default: CORRIDORKEY_BACKEND, else auto]",
    ),
)

RUN = group(
    click.option("--resume", is_flag=True, help="Keep frames that are whole and made alike; key the rest."),
    click.option("--overwrite", is_flag=True, help="Replace outputs that are there."),
    click.option(
        "--verify", is_flag=True, help="With --resume: read the outputs that are to stay, not only their sizes."
    ),
    click.option("--dry-run", is_flag=True, help="Only say what would be done, and what it takes in time and disk."),
    click.option("--show-config", is_flag=True, help="Only say every setting, and where it comes from."),
    click.option(
        "--log-format",
        type=click.Choice(["text", "json"]),
        default="text",
        show_default=True,
        expose_value=False,  # main.py has made a voice of it, so that a wrong option is told in it too
        help="json: one object a line, for programs.",
    ),
    click.option("-v", "--verbose", is_flag=True, help="Say device, dtype, checkpoint, sizes and the stages' rates."),
)
