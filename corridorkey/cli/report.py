"""Progress and results of a run, and what the library says while it lasts."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

from corridorkey.cli.voice import TextVoice, Voice
from corridorkey.errors import SOME_FRAMES_FAILED
from corridorkey.files import in_folder, refusing
from corridorkey.run import KeyedFile


def log_to_terminal(verbose: bool) -> None:
    """Send the library's warnings, and with `verbose` its notes, to stderr."""
    TextVoice().listen(verbose)


@contextmanager
def logging_to(path: Path) -> Iterator[None]:
    """Send the library's notes to stderr, and with the time to a file, while this lasts.

    Raises:
        FrameWriteError: the file cannot be written.
    """
    log_to_terminal(verbose=True)
    with refusing(path.parent):
        file = in_folder(path.parent, partial(logging.FileHandler, path, encoding="utf-8"))
    file.setFormatter(logging.Formatter("%(asctime)s %(message)s"))
    logging.getLogger().addHandler(file)
    try:
        yield
    finally:
        logging.getLogger().removeHandler(file)
        file.close()


def report_frames(frames: Iterable[KeyedFile], total: int, out: Path, voice: Voice | None = None) -> None:
    """Follow a run to its end.

    Args:
        frames: from `key_clip`.
        total: how many will come.
        out: the run's folder.
        voice: tells of it; None tells people.
    Raises:
        SystemExit: 3 if some frames failed; they are listed.
    """
    voice, failed, done = voice or TextVoice(), [], 0
    try:
        with voice.frames(total) as advance:
            for frame in frames:
                done += 1
                failed += [frame] if frame.error else []
                advance(frame)
    finally:
        voice.keyed(done - len(failed), total, out, failed)
    if failed:
        raise SystemExit(SOME_FRAMES_FAILED)
