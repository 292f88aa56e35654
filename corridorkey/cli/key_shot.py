"""One shot keyed from the command line: planned, keyed, recorded."""

from __future__ import annotations

from corridorkey.cli.key_options import KeyOptions
from corridorkey.cli.report import report_frames
from corridorkey.cli.shot_plan import ShotPlan, plan_shot
from corridorkey.clip import key_clip
from corridorkey.clips import Clip
from corridorkey.conveyor import StageClock
from corridorkey.errors import SOME_FRAMES_FAILED
from corridorkey.gamut import GamutCount
from corridorkey.media.output import FOLDERS
from corridorkey.movie_out import write_movie
from corridorkey.parts import sweep
from corridorkey.prepare import padded_size
from corridorkey.resume.recorder import ManifestRecorder


def key_shot(clip: Clip, options: KeyOptions) -> None:
    """Key one shot and report on it.

    Raises:
        CorridorKeyError: it cannot be keyed.
        SystemExit: 3 if some frames failed; they are listed.
    """
    shot = plan_shot(clip, options)
    for line in (*shot.notes, *(_details(shot) if options.verbose else ())):
        options.voice.note(line)
    sweep([shot.out, *(shot.out / folder for folder, _ in FOLDERS.values())])
    if shot.todo:
        _key(shot)
    else:
        options.voice.nothing_to_do(shot.plan.total, shot.out)
    if shot.movie and options.movie:
        write_movie(shot.movie, options.movie, shot.pairs, shot.out)
        options.voice.movie(shot.movie)


def _details(shot: ShotPlan) -> tuple[str, str]:
    height, width = shot.look.size
    h, w = padded_size(shot.look.size, shot.keyer.contract)
    return (
        f"{shot.backend} on {shot.device}, {shot.options.dtype}, {shot.checkpoint}",
        f"plate {width}x{height}, network {w}x{h}, {len(shot.todo)} frames",
    )


def _key(shot: ShotPlan) -> None:
    clock, count, recorder = StageClock(), GamutCount(), ManifestRecorder(shot.manifest, shot.plan.made)
    settings, look, voice = shot.options.settings, shot.run_look, shot.options.voice
    frames = key_clip(shot.todo, shot.keyer, settings, look, shot.out, clock, recorder, shot.provenance, count)
    try:
        report_frames(frames, len(shot.todo), shot.out, voice)
    except SystemExit as stopped:
        if shot.movie and stopped.code == SOME_FRAMES_FAILED:
            voice.no_movie(shot.movie)
        raise
    finally:
        if line := count.note(settings.source_detail):
            voice.note(line)
    voice.rates(clock, shot.options.verbose)
