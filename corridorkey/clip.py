"""A clip, frame by frame: read, key, write."""

from __future__ import annotations

import dataclasses
import logging
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from corridorkey.config import KeySettings
from corridorkey.errors import CorridorKeyError, FrameReadError, KeyingError, SettingsError
from corridorkey.files import check_writable
from corridorkey.look import ClipLook
from corridorkey.media import FramePair, existing_outputs, output_paths, read_hint, read_plate, write_frame
from corridorkey.pipeline import Keyer, guide_frame, key_frame
from corridorkey.types import Array, KeyedFrame, Plate

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class KeyedFile:
    """What became of one frame.

    Attributes:
        number: the plate's frame number.
        paths: the files written; empty if the frame failed.
        error: why there are none, else None.
    """

    number: int
    paths: tuple[Path, ...]
    error: CorridorKeyError | None = None


def check_output(out: Path, pairs: Sequence[FramePair], settings: KeySettings, overwrite: bool) -> None:
    """Refuse a run that would write over something, before anything is written.

    Args:
        out: the output folder.
        pairs: the frames to key.
        settings: which outputs.
        overwrite: whether existing outputs may be replaced; plates and hints never are.
    Raises:
        SettingsError: outputs exist and `overwrite` is false, or an output would replace a plate or a hint.
        FrameWriteError: the folder cannot be written to.
    """
    for pair in pairs:
        for path in output_paths(out, pair.plate, settings.outputs).values():
            if any(_same_file(path, source) for source in (pair.plate, pair.hint) if source):
                raise SettingsError(f"{path} is an input of this run. Write to another folder with -o.")
    there = existing_outputs(out, [pair.plate for pair in pairs], settings.outputs)
    if there and not overwrite:
        raise SettingsError(
            f"{len(there)} of this run's files are already in {out}, the first is {there[0].relative_to(out)}. "
            "Use --overwrite, or another folder with -o."
        )
    check_writable(out)


def key_clip(
    pairs: Sequence[FramePair], keyer: Keyer, settings: KeySettings, look: ClipLook, out: Path
) -> Iterator[KeyedFile]:
    """Key a clip's frames in order.

    A frame that cannot be read, or that the network gives no numbers for, is passed over and told about; the others
    are keyed.

    Args:
        pairs: plates and hints.
        keyer: a loaded network.
        settings: the artist's knobs.
        look: from `look_at_clip`.
        out: folder for Matte/, FG/, Processed/ and Comp/.
    Yields:
        KeyedFile for each pair; all its files are on disk, or none is.
    Raises:
        FrameReadError: the one hint for all frames cannot be read.
        FrameWriteError: the disk refuses; what was written before stays.
    """
    if keyer.contract.screen not in ("any", look.screen):
        log.warning("this checkpoint was trained on %s screens, the plate is %s", keyer.contract.screen, look.screen)
    settings = dataclasses.replace(settings, screen_color=look.screen)
    hints = _Hints(pairs)
    for pair in pairs:
        try:
            plate = read_plate(pair.plate, settings.input_colorspace)
            if plate.size != look.size:
                hints.warn_once("%s: frames of this clip differ in size; each is keyed at its own", pair.plate)
            guide = guide_frame(plate, look.screen, keyer.contract, hints.of(pair, plate), look.screen_rgb)
            keyed = _checked(pair.plate, key_frame(plate, guide, keyer, settings))
        except (FrameReadError, KeyingError) as error:
            yield KeyedFile(pair.number, (), error)
            continue
        yield KeyedFile(pair.number, tuple(write_frame(keyed, out, pair.plate, settings, plate.header)))


class _Hints:
    """A clip's hints: one still for all frames is read once; each kind of warning is given once."""

    def __init__(self, pairs: Sequence[FramePair]) -> None:
        hints = {pair.hint for pair in pairs}
        still = hints.pop() if len(hints) == 1 else None
        self.still = read_hint(still) if still else None
        self.warned: set[str] = set()

    def of(self, pair: FramePair, plate: Plate) -> Array | None:
        if pair.hint is None:
            return None
        hint = read_hint(pair.hint) if self.still is None else self.still
        aspect = hint.shape[0] / hint.shape[1] / (plate.size[0] / plate.size[1])
        if not 0.97 < aspect < 1.03:
            self.warn_once("%s: the hint's aspect is not the plate's; it is stretched", pair.hint)
        return hint

    def warn_once(self, message: str, path: Path) -> None:
        if message not in self.warned:
            log.warning(message, path)
            self.warned.add(message)


def _checked(path: Path, keyed: KeyedFrame) -> KeyedFrame:
    if not (np.isfinite(keyed.alpha).all() and np.isfinite(keyed.fg).all()):
        raise KeyingError(f"{path}: the network gave NaN or infinity. Use --dtype float32, or bfloat16.")
    return keyed


def _same_file(path: Path, source: Path) -> bool:
    # By name first: asking the disk about every output of a long clip is slow.
    return path.name.casefold() == source.name.casefold() and path.exists() and path.samefile(source)
