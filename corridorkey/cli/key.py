"""`ck key`: a shot in, Matte, FG, Processed and Comp out."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from corridorkey.config import OUTPUTS, KeySettings

if TYPE_CHECKING:
    from corridorkey.media import Sequence
    from corridorkey.types import Screen

DEFAULT = KeySettings()
DESPECKLE = "Drop islands of the matte with fewer pixels: on, off or an area."
HINT = "Where the subject is: a still, folder or sequence.  [default: made from the screen]"
REFINER = "Strength of the refiner."


def _outputs(ctx: click.Context, option: click.Parameter, value: str) -> tuple[str, ...]:  # noqa: ARG001
    return tuple(word.strip().lower() for word in value.split(",") if word.strip())


def _given(ctx: click.Context, option: click.Parameter, value: str | None) -> str | None:  # noqa: ARG001
    if value is not None and not value.strip():
        raise click.BadParameter("is empty; an unset variable?")
    return value


def _despeckle(ctx: click.Context, option: click.Parameter, value: str) -> int:  # noqa: ARG001
    words = {"on": DEFAULT.despeckle, "off": 0}
    try:
        return words[value.lower()] if value.lower() in words else int(value)
    except ValueError:
        raise click.BadParameter(f"{value!r}: use on, off or an area in pixels") from None


@click.command("key")
@click.argument("shot", callback=_given)
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
    "--fg-colorspace", default=DEFAULT.fg_colorspace, show_default=True, help="linear, or srgb: the ancestor's."
)
@click.option("--checkpoint", default="auto", show_default=True, help="auto, small, green, blue or a file.")
@click.option("--size", type=int, help="Network's (long) side, a multiple of 32.  [default: the checkpoint's]")
@click.option("--dtype", default="float32", show_default=True, help="float32, float16 or bfloat16.")
@click.option("--device", help="auto, cpu; Torch: cuda, cuda:1, mps; MLX: gpu.  [default: CORRIDORKEY_DEVICE or auto]")
@click.option("--backend", help="auto, mlx or torch.  [default: CORRIDORKEY_BACKEND, else auto]")
@click.option("--overwrite", is_flag=True, help="Replace outputs that are there.")
@click.option("-v", "--verbose", is_flag=True, help="Say device, dtype, checkpoint and sizes.")
def command(
    shot: str,
    out: Path | None,
    hint: str | None,
    frames: str | None,
    checkpoint: str,
    size: int | None,
    dtype: str,
    device: str | None,
    backend: str | None,
    overwrite: bool,
    verbose: bool,
    **knobs: Any,
) -> None:
    """Key SHOT: a picture, a folder of pictures, shot.####.exr or shot.%04d.png.

    Writes Matte/ (EXR, channel Y), FG/ (EXR, straight colour), Processed/ (EXR, premultiplied linear RGBA) and Comp/
    (PNG over a checker), under the plate's own names and frame numbers.
    """
    from corridorkey.backend import choose_backend
    from corridorkey.checkpoint import read_info
    from corridorkey.cli.keyer import command_keyer
    from corridorkey.cli.report import log_to_terminal, report_frames
    from corridorkey.clip import check_output, key_clip
    from corridorkey.look import look_at_clip
    from corridorkey.media import find_sequence, pair_frames, parse_frames
    from corridorkey.prepare import padded_size
    from corridorkey.weights import choose_checkpoint, depends_on_screen

    log_to_terminal(verbose)
    settings = KeySettings(**knobs)
    plate = find_sequence(shot)
    hints = None if hint is None else find_sequence(hint)
    pairs = pair_frames(plate, hints, None if frames is None else parse_frames(frames))
    out = out or default_output(plate, Path(shot))
    check_output(out, pairs, settings, overwrite)

    chosen = choose_backend(backend)
    # Plates are read first only where the screen decides, so that a bad checkpoint, size or device is told at once.
    look = look_at_clip(pairs, settings) if depends_on_screen(checkpoint) else None
    path = choose_checkpoint(checkpoint, look.screen if look else None)
    keyer = command_keyer(chosen, path, size=size, dtype=dtype, device=device)
    look = look or look_at_clip(pairs, settings)
    for note in (*look.notes, checkpoint_note(checkpoint, path, read_info(path).licence, look.screen)):
        click.echo(note)
    if verbose:
        h, w = padded_size(look.size, keyer.contract)
        click.echo(f"{chosen} on {getattr(keyer, 'device', 'its default device')}, {dtype}, {path}")
        click.echo(f"plate {look.size[1]}x{look.size[0]}, network {w}x{h}, {len(pairs)} frames")
    report_frames(key_clip(pairs, keyer, settings, look, out), len(pairs), out)


def checkpoint_note(asked: str, path: Path, licence: str, screen: Screen) -> str:
    """Which checkpoint, its licence, and where `auto` had to do without the released one, how to get that."""
    from corridorkey.weights import small_checkpoint

    note = f"checkpoint {path.name}, licence {licence}"
    if asked == "auto" and path == small_checkpoint():
        note += f" (released weights for {screen}: ck weights fetch {screen})"
    return note


def default_output(plate: Sequence, shot: Path) -> Path:
    """SHOT_keyed beside a folder, or beside the pictures, named after them."""
    if shot.is_dir():
        return shot.resolve().with_name(f"{shot.resolve().name}_keyed")
    from corridorkey.media.sequence import frame_token

    stem = Path(plate.name).stem
    if token := frame_token(stem):
        stem = stem[: token.start()] + stem[token.end() :]
    return plate.folder / f"{stem.rstrip('._-') or 'shot'}_keyed"
