"""A clip, frame by frame: read ahead, predict, write behind."""

from __future__ import annotations

import logging
import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from pathlib import Path

from corridorkey.config import KeySettings
from corridorkey.conveyor import StageClock, in_order
from corridorkey.errors import SettingsError
from corridorkey.files import check_writable, refusing
from corridorkey.gamut import GamutCount
from corridorkey.look import ClipLook
from corridorkey.media import FramePair, MovieFrame, file_of, output_paths
from corridorkey.media.frame_reader import FrameReader
from corridorkey.media.output import FOLDERS
from corridorkey.pipeline import Keyer
from corridorkey.resume.folders import look_into
from corridorkey.resume.recorder import wanted
from corridorkey.run import KeyedFile, Recorder, Run

THREADS, AHEAD = 2, 2  # of reading, and of writing; what they hold is what a run holds beside the network
HELD = 1 << 25  # px that may be ahead of a stage: two frames up to 5K, one beyond
log = logging.getLogger(__name__)


def check_output(
    out: Path, pairs: Sequence[FramePair], settings: KeySettings, overwrite: bool, *, probe: bool = True
) -> None:
    """Refuse a run that would write over something, before anything is written.

    Args:
        out: the output folder.
        pairs: the frames to key.
        settings: which outputs.
        overwrite: whether existing outputs may be replaced; plates, hints and mattes never are.
        probe: find out by writing whether the folder can be written to.
    Raises:
        SettingsError: outputs exist and `overwrite` is false, or an output would replace a plate, a hint or a matte.
        FrameWriteError: the folder cannot be written to.
    """
    folders = [out / FOLDERS[name][0] for name in settings.outputs]
    sources = {file_of(source).parent for pair in pairs for source in pair.sources}
    with refusing(out):
        # Only where an output folder is an input's own, or inputs are links, can one replace the other: of 100,000
        # files few are asked.
        if any(_has_links(source) or _is_one_of(source, folders) for source in sources if source.exists()):
            _check_inputs(out, pairs, settings)
    if not overwrite:
        look_into(out, wanted(pairs), settings.outputs, FOLDERS).refuse(out)
    if probe:
        check_writable(out)


def frames_ahead(size: tuple[int, int]) -> int:
    """How many frames are held ahead of each stage: fewer large ones, so that memory is bounded, too.

    Args:
        size: height and width of a frame.
    """
    return max(1, min(AHEAD, HELD // (size[0] * size[1])))


def readers_of(pair: FramePair) -> int:
    """How many threads read a clip, by one of its frames: a movie is decoded in its order, so by one."""
    return 1 if any(isinstance(source, MovieFrame) for source in pair.sources) else THREADS


def key_clip(
    pairs: Sequence[FramePair],
    keyer: Keyer,
    settings: KeySettings,
    look: ClipLook,
    out: Path,
    clock: StageClock | None = None,
    recorder: Recorder | None = None,
    provenance: Mapping[str, str] | None = None,
    count: GamutCount | None = None,
) -> Iterator[KeyedFile]:
    """Key a clip's frames: some are read ahead and written behind, in threads; the network runs in the caller's.

    A frame that cannot be read, or that the network gives no numbers for, is passed over and told about; the others
    are keyed. Memory does not grow with the clip.

    Args:
        pairs: plates, hints and mattes.
        keyer: a loaded network.
        settings: the artist's knobs.
        look: from `look_at_clip`.
        out: folder for Matte/, FG/, Processed/ and Comp/.
        clock: told how long each stage is at work.
        recorder: told of each frame, from several threads.
        provenance: attributes for every output, from `provenance_of`.
        count: told of each plate's colours.
    Yields:
        KeyedFile for each pair, in order; all its files are on disk, or none is.
    Raises:
        FrameReadError: the one hint or matte for all frames cannot be read.
        FrameWriteError: the disk refuses; what was written before stays.
    """
    if keyer.contract.screen not in ("any", look.screen):
        log.warning("this checkpoint was trained on %s screens, the plate is %s", keyer.contract.screen, look.screen)
    with FrameReader(settings.input_colorspace, count) as reader:
        run = Run(pairs, keyer, settings, look, out, reader, clock or StageClock(), recorder, provenance)
        ahead = frames_ahead(look.size)
        with (
            closing(in_order(run.read, pairs, readers_of(pairs[0]), ahead)) as read,
            closing(in_order(run.guide, read, THREADS, ahead)) as guided,
            closing(in_order(run.write, map(run.predict, guided), THREADS, ahead)) as written,
        ):
            yield from written


def _check_inputs(out: Path, pairs: Sequence[FramePair], settings: KeySettings) -> None:
    for pair in pairs:
        for path in output_paths(out, pair.plate, settings.outputs).values():
            if any(_same_file(path, file_of(source)) for source in pair.sources):
                raise SettingsError(f"{path} is an input of this run. Write to another folder with -o.")


def _has_links(folder: Path) -> bool:
    try:
        with os.scandir(folder) as entries:
            return any(entry.is_symlink() for entry in entries)
    except PermissionError:  # a folder may be passed through, yet not listed
        return True


def _is_one_of(source: Path, folders: Sequence[Path]) -> bool:
    return any(folder.exists() and folder.samefile(source) for folder in folders)


def _same_file(path: Path, source: Path) -> bool:
    is_namesake = path.name.casefold() == source.name.casefold()
    return is_namesake and path.exists() and source.exists() and path.samefile(source)
