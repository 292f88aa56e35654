"""`ck key`: shots in, Matte, FG, Processed and Comp out."""

from __future__ import annotations

from dataclasses import fields
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from corridorkey.config import OUTPUTS, KeySettings

if TYPE_CHECKING:
    from corridorkey.resume import Mode

DEFAULT = KeySettings()
SETTINGS = [knob.name for knob in fields(KeySettings)]
DESPECKLE = "Drop islands of the matte with fewer pixels: on, off or an area."
HINT = "Where the subject is: a still, folder or sequence.  [default: made from the screen]"
REFINER = "Strength of the refiner."


def _outputs(ctx: click.Context, option: click.Parameter, value: str) -> tuple[str, ...]:  # noqa: ARG001
    return tuple(word.strip().lower() for word in value.split(",") if word.strip())


def _given(ctx: click.Context, option: click.Parameter, value: str | None) -> str | None:  # noqa: ARG001
    if value is not None and not value.strip():
        raise click.BadParameter("is empty; an unset variable?")
    return value


def _all_given(ctx: click.Context, option: click.Parameter, values: tuple[str, ...]) -> tuple[str, ...]:
    for value in values:
        _given(ctx, option, value)
    return values


def _despeckle(ctx: click.Context, option: click.Parameter, value: str) -> int:  # noqa: ARG001
    words = {"on": DEFAULT.despeckle, "off": 0}
    try:
        return words[value.lower()] if value.lower() in words else int(value)
    except ValueError:
        raise click.BadParameter(f"{value!r}: use on, off or an area in pixels") from None


@click.command("key")
@click.argument("shots", nargs=-1, required=True, metavar="SHOTS...", callback=_all_given)
@click.option("-o", "--out", type=click.Path(path_type=Path), help="Output folder.  [default: SHOT_keyed beside it]")
@click.option(
    "--hint",
    callback=_given,
    help=HINT,
)
@click.option("--frames", callback=_given, help="Only these: 1001-1100, 1001-1100x2, 1001-1100,1200.")
@click.option("--screen-color", default=DEFAULT.screen_color, show_default=True, help="auto, green or blue.")
@click.option("--input-colorspace", default=DEFAULT.input_colorspace, show_default=True, help="auto, srgb or linear.")
@click.option("--despill", type=float, default=DEFAULT.despill, show_default=True, help="0 leaves spill, 1 removes it.")
@click.option("--despeckle", callback=_despeckle, default=str(DEFAULT.despeckle), show_default=True, help=DESPECKLE)
@click.option("--refiner", "refiner_scale", type=float, default=DEFAULT.refiner_scale, show_default=True, help=REFINER)
@click.option("--outputs", callback=_outputs, default=",".join(OUTPUTS), show_default=True, help="Which to write.")
@click.option("--exr-bits", type=int, default=DEFAULT.exr_bits, show_default=True, help="16 (half) or 32 (float).")
@click.option(
    "--exr-compression",
    default=DEFAULT.exr_compression,
    show_default=True,
    help="zip, zips, piz, none or dwaa (lossy).",
)
@click.option(
    "--fg-colorspace", default=DEFAULT.fg_colorspace, show_default=True, help="linear, or srgb: the ancestor's."
)
@click.option("--checkpoint", default="auto", show_default=True, help="auto, small, green, blue or a file.")
@click.option("--size", type=int, help="Network's (long) side, a multiple of 32.  [default: the checkpoint's]")
@click.option("--dtype", default="float32", show_default=True, help="float32, float16 or bfloat16.")
@click.option("--device", help="auto, cpu; Torch: cuda, cuda:1, mps; MLX: gpu.  [default: CORRIDORKEY_DEVICE or auto]")
@click.option("--backend", help="auto, mlx or torch.  [default: CORRIDORKEY_BACKEND, else auto]")
@click.option(
    "--movie",
    type=click.Choice(["prores4444", "h264"]),
    help="Also a movie: ProRes 4444, straight RGBA; or the comp.",
)
@click.option("--start-number", type=int, help="Number of a movie's first frame.  [default: its time code's, else 0]")
@click.option("--resume", is_flag=True, help="Keep frames that are whole and made alike; key the rest.")
@click.option("--overwrite", is_flag=True, help="Replace outputs that are there.")
@click.option("--verify", is_flag=True, help="With --resume: read the outputs that are to stay, not only their sizes.")
@click.option("-v", "--verbose", is_flag=True, help="Say device, dtype, checkpoint, sizes and the stages' rates.")
def command(
    shots: tuple[str, ...],
    out: Path | None,
    hint: str | None,
    frames: str | None,
    resume: bool,
    overwrite: bool,
    verify: bool,
    verbose: bool,
    **others: Any,
) -> None:
    """Key SHOTS: each a picture, a folder of pictures, shot.####.exr, shot.%04d.png, a movie, or a folder of shots.

    Writes Matte/ (EXR, channel Y), FG/ (EXR, straight colour), Processed/ (EXR, premultiplied linear RGBA) and Comp/
    (PNG over a checker), under the plate's own names and frame numbers. A shot with Input/ or Input.mov in it takes its
    hints from AlphaHint and writes to Output.
    """
    from corridorkey.cli.key_options import KeyOptions
    from corridorkey.cli.key_shot import key_shot
    from corridorkey.cli.report import log_to_terminal
    from corridorkey.cli.several import key_several
    from corridorkey.clips import find_clips

    if resume and overwrite:
        raise click.UsageError("--resume keeps what is there, --overwrite replaces it: choose one")
    if verify and not resume:
        raise click.UsageError("--verify goes with --resume: it reads the outputs that are to stay")
    log_to_terminal(verbose)
    knobs = {name: others.pop(name) for name in SETTINGS}
    mode: Mode = "resume" if resume else "overwrite" if overwrite else "refuse"
    options = KeyOptions(KeySettings(**knobs), out, hint, frames, mode=mode, verify=verify, verbose=verbose, **others)
    found = (clip for shot in shots for clip in find_clips(shot))
    # A shot named twice, or by itself and in its folder, is keyed once.
    clips = list({(clip.plate.absolute(), clip.out.absolute()): clip for clip in found}.values())
    if len(clips) > 1 and (out or hint):
        raise click.UsageError(f"-o and --hint belong to one shot; there are {len(clips)}")
    summary = key_several(clips, lambda clip: key_shot(clip, options))
    if summary.exit_code:
        raise SystemExit(summary.exit_code)
