"""`ck key`: shots in, Matte, FG, Processed and Comp out."""

from __future__ import annotations

from typing import Any

import click

from corridorkey.cli.kinds import Given
from corridorkey.cli.options import FILES, KNOBS, NETWORK, PLATE, RUN


@click.command("key")
@click.argument("shots", nargs=-1, required=True, metavar="SHOTS...", type=Given())
@PLATE
@KNOBS
@FILES
@NETWORK
@RUN
@click.pass_context
def command(context: click.Context, /, shots: tuple[str, ...], **options: Any) -> None:
    """Key SHOTS: each a picture, a folder of pictures, shot.####.exr, shot.%04d.png, a movie, or a folder of shots.

    Writes Matte/ (EXR, channel Y), FG/ (EXR, straight colour), Processed/ (EXR, premultiplied linear RGBA) and Comp/
    (PNG over a checker), under the plate's own names and frame numbers. A shot with Input/ or Input.mov in it takes its
    hints from AlphaHint and writes to Output. Settings come from ck.toml too, beside the shot and in the user's folder.
    """
    from corridorkey.cli.config import resolve_shots
    from corridorkey.cli.dry_run import DryRun
    from corridorkey.cli.key_options import KeyOptions
    from corridorkey.cli.key_shot import key_shot
    from corridorkey.cli.several import key_several
    from corridorkey.cli.voice import voice_of
    from corridorkey.config import KeySettings

    if options["resume"] and options["overwrite"]:
        raise click.UsageError("--resume keeps what is there, --overwrite replaces it: choose one")
    if options["verify"] and not options["resume"]:
        raise click.UsageError("--verify goes with --resume: it reads the outputs that are to stay")
    voice = voice_of(context)
    voice.listen(options["verbose"])
    configs = resolve_shots(context, shots)
    if len(configs) > 1 and any(options[name] for name in ("out", "hint", "garbage", "core")):
        raise click.UsageError(f"-o, --hint, --garbage and --core belong to one shot; there are {len(configs)}")
    shared = KeyOptions(KeySettings(), voice=voice)
    told = {config.clip: shared.told(config.values) for config in configs}
    if options["show_config"]:
        voice.config(configs)
        return
    if options["dry_run"]:
        plans = DryRun(voice)
        summary = key_several(list(told), lambda clip: plans.add(clip, told[clip]), voice, "planned")
        plans.tell_total()
    else:
        summary = key_several(list(told), lambda clip: key_shot(clip, told[clip]), voice)
    if summary.exit_code:
        raise SystemExit(summary.exit_code)
