"""A shot before its first frame is keyed: found, looked at, and what there is to do."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np

from corridorkey.backend import choose_backend
from corridorkey.checkpoint import read_info
from corridorkey.cli.key_options import KeyOptions
from corridorkey.clip import check_output
from corridorkey.clips import Clip
from corridorkey.look import LOOKS, ClipLook, look_at_clip
from corridorkey.media import Footage, FramePair, find_footage, pair_frames, parse_frames
from corridorkey.media.output import FOLDERS
from corridorkey.media.pairs import spread
from corridorkey.media.provenance import provenance_of
from corridorkey.media.written import written_as
from corridorkey.movie_out import check_movie, movie_path, piece_of
from corridorkey.pipeline import Keyer
from corridorkey.resume import Manifest, Plan, made_by, plan_run
from corridorkey.resume.recorder import wanted
from corridorkey.types import Screen
from corridorkey.weights import choose_checkpoint, depends_on_screen, small_checkpoint


@dataclass(frozen=True)
class ShotPlan:
    """What was decided for a shot; nothing is written yet.

    Attributes:
        clip: the shot.
        plate: its footage.
        options: what the command was told.
        out: folder for its outputs.
        pairs: all frames asked for.
        look: screen and colour space.
        backend, checkpoint, keyer: the network.
        manifest: of `out`.
        plan: which of the frames there is to key, and how the run makes them.
        movie: the movie to make of the outputs, if one is asked for.
    """

    clip: Clip
    plate: Footage
    options: KeyOptions
    out: Path
    pairs: list[FramePair]
    look: ClipLook
    backend: str
    checkpoint: Path
    keyer: Keyer
    manifest: Manifest
    plan: Plan
    movie: Path | None

    @property
    def device(self) -> str:
        """Where the network runs."""
        return _device_of(self.keyer)

    @cached_property
    def licence(self) -> str:
        """The checkpoint's."""
        return read_info(self.checkpoint).licence

    @cached_property
    def todo(self) -> list[FramePair]:
        """The frames to key."""
        return [pair for pair in self.pairs if pair.number in self.plan.todo]

    @property
    def run_look(self) -> ClipLook:
        """The look with the shade that the run is to be made with: on a resume that of the frames before, since a new
        measurement would show as a jump."""
        shade = self.plan.made.shade
        return dataclasses.replace(self.look, screen_rgb=None if shade is None else np.array(shade, np.float32))

    @property
    def provenance(self) -> Mapping[str, str]:
        """What every output says of how it was made."""
        return provenance_of(
            self.options.settings,
            screen=self.look.screen,
            checkpoint=self.checkpoint,
            sha256=str(self.plan.made.facts["checkpoint"]),
            backend=self.backend,
            dtype=self.options.dtype,
        )

    @property
    def notes(self) -> tuple[str, ...]:
        """Lines for the user: what was found and decided."""
        note = checkpoint_note(self.options.checkpoint, self.checkpoint, self.licence, self.look.screen)
        return (*self.look.notes, note, *self.plan.notes)


def plan_shot(clip: Clip, options: KeyOptions) -> ShotPlan:
    """Find a shot's frames, look at them, load the network, and see what there is to do.

    Raises:
        CorridorKeyError: it cannot be keyed as asked.
    """
    written_as({}, options.settings)  # a colour space that is not there is told before anything is read
    plate = find_footage(clip.plate, options.start_number)
    pairs, whole = pairs_of(plate, options), spread(plate, LOOKS)
    out, settings, replaces = options.out or clip.out, options.settings, options.mode != "refuse"
    options.take(clip, out, pairs)
    check_output(out, pairs, settings, overwrite=replaces, probe=not options.dry_run)
    movie = movie_path(out, _movie_name(clip), options.movie, piece_of(pairs, plate)) if options.movie else None
    if movie and options.movie:
        check_movie(movie, options.movie, settings.outputs, pairs, overwrite=replaces)
    backend = choose_backend(options.backend)
    # Plates are read first only where the screen decides, so that a bad checkpoint, size or device is told at once.
    look = look_at_clip(whole, settings) if depends_on_screen(options.checkpoint) else None
    path = choose_checkpoint(options.checkpoint, look.screen if look else None)
    keyer = options.keyer(backend, path)
    look = look or look_at_clip(whole, settings)
    made = made_by(
        settings,
        screen=look.screen,
        screen_rgb=look.screen_rgb,
        checkpoint=path,
        backend=backend,
        device=_device_of(keyer),
        dtype=options.dtype,
        size=keyer.contract.size,
        **({"ocio": look.ocio} if look.ocio else {}),
    )
    manifest = Manifest(out)
    plan = plan_run(out, wanted(pairs), settings.outputs, FOLDERS, made, manifest, options.mode, verify=options.verify)
    return ShotPlan(clip, plate, options, out, pairs, look, backend, path, keyer, manifest, plan, movie)


def _device_of(keyer: Keyer) -> str:
    return str(getattr(keyer, "device", "cpu"))


def _movie_name(clip: Clip) -> str:
    """The shot's folder, or what the output folder of a plain plate is named after; never with a folder in it."""
    return clip.folder.name if clip.kind == "shot" else clip.out.name.removesuffix("_keyed")


def pairs_of(plate: Footage, options: KeyOptions) -> list[FramePair]:
    """The shot's plates, hints and mattes, paired; only those asked for.

    Raises:
        CorridorKeyError: they are not there, or do not belong together.
    """
    paths = options.hint, options.garbage, options.core
    hint, garbage, core = (None if path is None else find_footage(path, options.start_number) for path in paths)
    frames = None if options.frames is None else parse_frames(options.frames)
    return pair_frames(plate, hint, frames, garbage=garbage, core=core)


def checkpoint_note(asked: str, path: Path, licence: str, screen: Screen) -> str:
    """Which checkpoint, its licence, and where `auto` had to do without the released one, how to get that."""
    note = f"checkpoint {path.name}, licence {licence}"
    if asked == "auto" and path == small_checkpoint():
        note += f" (released weights for {screen}: ck weights fetch {screen})"
    return note
