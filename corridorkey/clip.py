"""A clip, frame by frame: look at it once, then read, key and write each frame."""

from __future__ import annotations

import dataclasses
import logging
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np

from corridorkey.config import KeySettings
from corridorkey.errors import CorridorKeyError, FrameReadError, SettingsError
from corridorkey.files import check_writable
from corridorkey.media import (
    FramePair,
    colorspace_rule,
    existing_outputs,
    read_hint,
    read_plate,
    write_frame,
)
from corridorkey.pipeline import Keyer, display_rgb, guide_frame, key_frame
from corridorkey.screen import detect_screen
from corridorkey.types import Array, Plate, Screen

log = logging.getLogger(__name__)

LOOKS = 9  # frames, spread over the clip, that decide the screen colour


@dataclass(frozen=True, slots=True)
class ClipLook:
    """What was decided for a whole clip, once.

    Attributes:
        screen: colour of the screen.
        size: height and width of the first readable frame.
        notes: one line each for the user: the screen, and which rule decided the colour space.
    """

    screen: Screen
    size: tuple[int, int]
    notes: tuple[str, str]


@dataclass(frozen=True, slots=True)
class KeyedFile:
    """What became of one frame: its files, or why there are none."""

    number: int
    paths: tuple[Path, ...]
    error: CorridorKeyError | None = None


def look_at_clip(pairs: Sequence[FramePair], settings: KeySettings) -> ClipLook:
    """Decide screen colour and colour space from several frames; unreadable ones are passed over.

    Args:
        pairs: the frames that will be keyed.
        settings: screen_color and input_colorspace may be "auto".
    Raises:
        ScreenError: no screen is seen, and none was named.
        FrameReadError: not one of the frames looked at can be read.
    """
    at = np.unique(np.linspace(0, len(pairs) - 1, LOOKS).round().astype(int))
    seen = _Seen(settings)
    if settings.screen_color == "auto":
        report = detect_screen(seen.read([pairs[i].plate for i in at]))
        screen, note = report.screen, report.note
    else:
        next(seen.read([pairs[i].plate for i in at]))
        screen, note = settings.screen_color, f"{settings.screen_color} screen, as asked"
    return ClipLook(screen, seen.size, (note, seen.space_note))


class _Seen:
    """Reads plates for a look, and keeps what the first readable one was."""

    def __init__(self, settings: KeySettings) -> None:
        self.settings = settings
        self.size, self.space_note = (0, 0), ""

    def read(self, paths: Sequence[Path]) -> Iterator[Array]:
        unreadable: FrameReadError | None = None
        for path in paths:
            try:
                plate = read_plate(path, self.settings.input_colorspace)
            except FrameReadError as error:
                unreadable = unreadable or error
                continue
            if not self.space_note:
                space, reason = colorspace_rule(path, plate.header, self.settings.input_colorspace)
                self.size, self.space_note = plate.size, f"{space} input: {reason}"
            yield display_rgb(plate)
        if not self.space_note and unreadable:
            raise unreadable


def check_output(out: Path, pairs: Sequence[FramePair], settings: KeySettings, overwrite: bool) -> None:
    """Refuse a run that would write over something, before anything is written.

    Raises:
        SettingsError: outputs exist and `overwrite` is false, or an output would replace a plate or a hint.
        FrameWriteError: the folder cannot be written to.
    """
    plates = [pair.plate for pair in pairs]
    there = existing_outputs(out, plates, settings.outputs)
    if there and not overwrite:
        raise SettingsError(
            f"{len(there)} of this run's files are already in {out}, the first is {there[0].relative_to(out)}. "
            "Use --overwrite, or another folder with -o."
        )
    sources = {path.resolve() for pair in pairs for path in (pair.plate, pair.hint) if path}
    for path in there:
        if path.resolve() in sources:
            raise SettingsError(f"{path} is an input of this run and would be replaced. Use another folder with -o.")
    check_writable(out)


def key_clip(
    pairs: Sequence[FramePair], keyer: Keyer, settings: KeySettings, screen: Screen, out: Path
) -> Iterator[KeyedFile]:
    """Key a clip's frames in order.

    A frame that cannot be read is passed over and told about; the others are keyed.

    Args:
        pairs: plates and hints.
        keyer: a loaded network.
        settings: the artist's knobs.
        screen: colour of the screen, for all frames.
        out: folder for Matte/, FG/, Processed/ and Comp/.
    Yields:
        KeyedFile for each pair, once its files are whole on disk.
    Raises:
        FrameWriteError: the disk refuses; what was written before stays.
    """
    if keyer.contract.screen not in ("any", screen):
        log.warning("this checkpoint was trained on %s screens, the plate is %s", keyer.contract.screen, screen)
    settings = dataclasses.replace(settings, screen_color=screen)
    for pair in pairs:
        try:
            yield KeyedFile(pair.number, tuple(_key_file(pair, keyer, settings, screen, out)))
        except FrameReadError as error:
            yield KeyedFile(pair.number, (), error)


def _key_file(pair: FramePair, keyer: Keyer, settings: KeySettings, screen: Screen, out: Path) -> list[Path]:
    plate = read_plate(pair.plate, settings.input_colorspace)
    hint = _hint(pair.hint, plate) if pair.hint else None
    keyed = key_frame(plate, guide_frame(plate, screen, keyer.contract, hint), keyer, settings)
    return write_frame(keyed, out, pair.plate, settings, plate.header)


@lru_cache(maxsize=1)  # a still hint serves every frame
def _read_hint_once(path: Path) -> Array:
    return read_hint(path)


def _hint(path: Path, plate: Plate) -> Array:
    hint = _read_hint_once(path)
    aspects = [h / w for h, w in (hint.shape, plate.size)]
    if not 0.97 < aspects[0] / aspects[1] < 1.03:
        log.warning("%s: its aspect is not the plate's (%dx%d); it is stretched", path, *reversed(plate.size))
    return hint
