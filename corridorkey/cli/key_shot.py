"""One shot keyed from the command line: looked at, planned, keyed, recorded."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import click
import numpy as np

from corridorkey.backend import choose_backend
from corridorkey.checkpoint import read_info
from corridorkey.cli.keyer import command_keyer
from corridorkey.cli.report import report_frames
from corridorkey.clip import check_output, key_clip
from corridorkey.clips import Clip
from corridorkey.config import KeySettings
from corridorkey.conveyor import StageClock
from corridorkey.errors import SOME_FRAMES_FAILED, SettingsError
from corridorkey.look import LOOKS, look_at_clip
from corridorkey.media import Footage, FramePair, find_footage, pair_frames, parse_frames
from corridorkey.media.output import FOLDERS
from corridorkey.media.pairs import spread
from corridorkey.media.provenance import provenance_of
from corridorkey.movie_out import check_movie, movie_path, write_movie
from corridorkey.parts import sweep
from corridorkey.pipeline import Keyer
from corridorkey.prepare import padded_size
from corridorkey.resume import Manifest, Mode, Plan, made_by, plan_run
from corridorkey.resume.recorder import ManifestRecorder, wanted
from corridorkey.types import Screen
from corridorkey.weights import choose_checkpoint, depends_on_screen, small_checkpoint

if TYPE_CHECKING:
    from corridorkey.media.movie.kinds import MovieKind


@dataclass
class KeyOptions:
    """What `ck key` was told beside the shots.

    Attributes:
        settings: the artist's knobs.
        out, hint: of the one shot; None takes the shot's own.
        frames: frame spec, None for all.
        start_number: of a movie's first frame.
        movie: kind of movie to make of the outputs as well.
        checkpoint, size, dtype, device, backend: the network.
        mode: what to do about outputs that are there; `verify` reads them on a resume.
        verbose: say more.
    """

    settings: KeySettings
    out: Path | None = None
    hint: str | None = None
    frames: str | None = None
    start_number: int | None = None
    movie: MovieKind | None = None
    checkpoint: str = "auto"
    size: int | None = None
    dtype: str = "float32"
    device: str | None = None
    backend: str | None = None
    mode: Mode = "refuse"
    verify: bool = False
    verbose: bool = False
    _keyers: dict[Path, Keyer] = field(default_factory=dict)
    _taken: dict[tuple[Path, str], Path] = field(default_factory=dict)

    def keyer(self, backend: str, checkpoint: Path) -> Keyer:
        """A loaded network; a shot that needs the same as the one before gets it again."""
        if checkpoint not in self._keyers:
            self._keyers.clear()
            self._keyers[checkpoint] = command_keyer(
                backend, checkpoint, size=self.size, dtype=self.dtype, device=self.device
            )
        return self._keyers[checkpoint]

    def take(self, clip: Clip, out: Path, pairs: Sequence[FramePair]) -> None:
        """Keep the names of a shot's outputs for it: no other shot of this command may replace them.

        Raises:
            SettingsError: one before has a name: a.mov and a.mp4, which both go to a_keyed.
        """
        names = {(out.absolute(), pair.plate.stem): clip.plate for pair in pairs}
        if common := names.keys() & self._taken.keys():
            folder, stem = min(common)
            raise SettingsError(
                f"{clip.plate}: its {stem} in {folder} would replace that of {self._taken[folder, stem]}. "
                "Key it by itself, to another folder with -o."
            )
        self._taken |= names


def key_shot(clip: Clip, options: KeyOptions) -> None:
    """Key one shot and report on it.

    Raises:
        CorridorKeyError: it cannot be keyed.
        SystemExit: 3 if some frames failed; they are listed.
    """
    plate = find_footage(clip.plate, options.start_number)
    pairs, whole = pairs_of(plate, clip, options), spread(plate, LOOKS)
    out, settings = options.out or clip.out, options.settings
    options.take(clip, out, pairs)
    check_output(out, pairs, settings, overwrite=options.mode != "refuse")
    movie = movie_path(out, _movie_name(clip), options.movie) if options.movie else None
    if movie and options.movie:
        check_movie(movie, options.movie, settings.outputs, pairs, overwrite=options.mode != "refuse")
    manifest = Manifest(out)

    backend = choose_backend(options.backend)
    # Plates are read first only where the screen decides, so that a bad checkpoint, size or device is told at once.
    look = look_at_clip(whole, settings) if depends_on_screen(options.checkpoint) else None
    path = choose_checkpoint(options.checkpoint, look.screen if look else None)
    keyer = options.keyer(backend, path)
    look = look or look_at_clip(whole, settings)
    device = str(getattr(keyer, "device", "cpu"))
    made = made_by(
        settings,
        screen=look.screen,
        screen_rgb=look.screen_rgb,
        checkpoint=path,
        backend=backend,
        device=device,
        dtype=options.dtype,
        size=keyer.contract.size,
    )
    sweep([out, *(out / folder for folder, _ in FOLDERS.values())])
    plan = plan_run(out, wanted(pairs), settings.outputs, FOLDERS, made, manifest, options.mode, verify=options.verify)
    note = checkpoint_note(options.checkpoint, path, read_info(path).licence, look.screen)
    for line in (*look.notes, note, *plan.notes):
        click.echo(line)
    if options.verbose:
        h, w = padded_size(look.size, keyer.contract)
        click.echo(f"{backend} on {device}, {options.dtype}, {path}")
        click.echo(f"plate {look.size[1]}x{look.size[0]}, network {w}x{h}, {len(plan.todo)} frames")
    sha256 = str(made.facts["checkpoint"])
    provenance = provenance_of(
        settings, screen=look.screen, checkpoint=path, sha256=sha256, backend=backend, dtype=options.dtype
    )
    if run := _todo(plan, pairs, out):
        # On a resume the shade that the frames before were made with: a new measurement would show as a jump.
        shade = None if plan.made.shade is None else np.array(plan.made.shade, np.float32)
        look, clock = dataclasses.replace(look, screen_rgb=shade), StageClock()
        recorder = ManifestRecorder(manifest, plan.made)
        frames = key_clip(run, keyer, settings, look, out, clock, recorder, provenance)
        try:
            report_frames(frames, len(run), out)
        except SystemExit as stopped:
            if movie and stopped.code == SOME_FRAMES_FAILED:
                click.echo(f"ck: {movie}: not made, frames are missing; mend them and --resume", err=True)
            raise
        if options.verbose:
            click.echo(f"each stage by itself: {clock}")
    if movie and options.movie:
        write_movie(movie, options.movie, pairs, out)
        click.echo(f"movie: {movie}")


def _movie_name(clip: Clip) -> str:
    """The shot's folder, or what the output folder of a plain plate is named after; never with a folder in it."""
    return clip.folder.name if clip.kind == "shot" else clip.out.name.removesuffix("_keyed")


def pairs_of(plate: Footage, clip: Clip, options: KeyOptions) -> list[FramePair]:
    """The shot's plates and hints, paired; only those asked for.

    Raises:
        CorridorKeyError: they are not there, or do not belong together.
    """
    hint = options.hint or clip.hint
    hints = None if hint is None else find_footage(hint, options.start_number)
    return pair_frames(plate, hints, None if options.frames is None else parse_frames(options.frames))


def _todo(plan: Plan, pairs: Sequence[FramePair], out: Path) -> list[FramePair]:
    todo = [pair for pair in pairs if pair.number in plan.todo]
    if not todo:
        click.echo(f"nothing to do: all {plan.total} frames are in {out}")
    return todo


def checkpoint_note(asked: str, path: Path, licence: str, screen: Screen) -> str:
    """Which checkpoint, its licence, and where `auto` had to do without the released one, how to get that."""
    note = f"checkpoint {path.name}, licence {licence}"
    if asked == "auto" and path == small_checkpoint():
        note += f" (released weights for {screen}: ck weights fetch {screen})"
    return note
