"""`ck demo`: a rendered shot, keyed the way any shot is, held against its truth."""

from __future__ import annotations

from pathlib import Path

import click

from corridorkey.config import DEMO_FRAMES as FRAMES


@click.command("demo")
@click.option(
    "-o", "--out", type=click.Path(path_type=Path), default=Path("demo"), show_default=True, help="Folder to write to."
)
@click.option("--frames", type=click.IntRange(1, 240), default=FRAMES, show_default=True, help="Length of the shot.")
@click.option("--checkpoint", default="small", show_default=True, help="small, green, auto or a file.")
@click.option("--backend", help="auto, mlx or torch.  [default: CORRIDORKEY_BACKEND, else auto]")
def command(out: Path, frames: int, checkpoint: str, backend: str | None) -> None:
    """Render a short shot with known truth, key it and print the error.

    The shot is a person with loose hair before an uneven green screen. Written to the output folder: the plate as PNG,
    Matte, FG, Processed and Comp, and sheet.png to look at.
    """
    from corridorkey.backend import choose_backend
    from corridorkey.cli.keyer import command_keyer
    from corridorkey.cli.report import log_to_terminal, report_frames
    from corridorkey.clip import key_clip
    from corridorkey.config import KeySettings
    from corridorkey.demo import score_demo, write_demo_plates
    from corridorkey.look import look_at_clip
    from corridorkey.media import find_sequence, pair_frames
    from corridorkey.weights import choose_checkpoint

    log_to_terminal(verbose=False)
    keyer = command_keyer(choose_backend(backend), choose_checkpoint(checkpoint, "green"))
    click.echo(f"rendering {frames} frames into {out / 'plate'}")
    truth = write_demo_plates(out, frames)
    pairs, settings = pair_frames(find_sequence(out / "plate")), KeySettings()
    look = look_at_clip(pairs, settings)
    for note in look.notes:
        click.echo(note)
    report_frames(key_clip(pairs, keyer, settings, look, out), len(pairs), out)
    click.echo(score_demo(out, truth, pairs, look))
    click.echo(f"look at {out / 'sheet.png'}")
