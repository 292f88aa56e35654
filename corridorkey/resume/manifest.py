"""OUT/manifest.jsonl: what was made, of what and how; each process adds to its end.

A frame's record is written after its files have their names: a kill at any moment leaves a frame without a record,
which a resume does again, never a record without its frame. Nothing is synced to the disk, so after a power cut a
record may have outlived its frame's bytes: then the files are to be verified (`plan_run(verify=True)`).
"""

from __future__ import annotations

import logging
import sys
import time
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import BinaryIO

from corridorkey.errors import FrameReadError, SettingsError
from corridorkey.files import append_file
from corridorkey.resume.identity import Identity
from corridorkey.resume.made import Made
from corridorkey.resume.record import (
    VERSION,
    Head,
    Output,
    Record,
    frame_line,
    made_line,
    read_head,
    read_made,
    read_record,
    whole_lines,
)

NAME = "manifest.jsonl"
LONGEST = 1 << 20  # bytes of a line; ours have a thousand
GRACE = 0.02  # s for another process to end a line that it has begun

log = logging.getLogger(__name__)


class Manifest:
    """What is known of an output folder's frames when a run begins, and what the run adds.

    Of each frame only the place of its last line is kept in memory.

    Attributes:
        path: the file; it need not exist.
        mades: hash -> how frames were made, in the order they were first written.
        ignored: lines that are torn or not ours.
    """

    def __init__(self, out: Path) -> None:
        """Read what is there.

        Raises:
            SettingsError: a newer version of this program wrote it.
            FrameReadError: it cannot be read.
        """
        self.path = out / NAME
        self.mades: dict[str, Made] = {}
        self.ignored = 0
        self._frames: dict[str, tuple[int, int, str]] = {}  # stem -> number, place of its line, hash
        try:
            with self.path.open("rb") as file:
                self._index(file)
        except FileNotFoundError:
            pass
        except OSError as error:
            raise FrameReadError(f"{self.path}: cannot be read: {error.strerror or error}") from error
        if self.ignored:
            log.warning("%s: %d lines are torn or not ours; their frames count as not done", self.path, self.ignored)

    def __len__(self) -> int:
        return len(self._frames)

    def heads(self) -> Iterator[Head]:
        """Number, stem and hash of every frame."""
        return (Head(frame, stem, made) for stem, (frame, _, made) in self._frames.items())

    def records(self, stems: Iterable[str]) -> Iterator[Record | None]:
        """The last record of each frame; None where there is none, or none that says how it was made.

        Raises:
            FrameReadError: the file cannot be read.
        """
        if not self._frames:
            yield from (None for _ in stems)
            return
        try:
            with self.path.open("rb") as file:
                yield from (self._record(file, stem) for stem in stems)
        except OSError as error:
            raise FrameReadError(f"{self.path}: cannot be read: {error.strerror or error}") from error

    def begin(self, made: Made) -> None:
        """Say how this run makes its frames, before the first of them; once for each hash.

        Raises:
            FrameWriteError: the disk refuses.
        """
        if made.hash not in self.mades:
            append_file(self.path, made_line(made))
            self.mades[made.hash] = made

    def add(
        self,
        number: int,
        stem: str,
        made: Made,
        plate: Identity,
        hint: Identity | None,
        outputs: Mapping[str, Output],
        garbage: Identity | None = None,
        core: Identity | None = None,
    ) -> None:
        """Record a frame whose files all have their names. Threads and processes may do so at once.

        Outputs that an earlier run made alike of the same plate, hint and mattes, and this one did not, stay on record.

        Args:
            number, stem: the frame, and what its outputs are called.
            made: how; `begin` has written it.
            plate, hint, garbage, core: from `identify`, called before they were read.
            outputs: name -> file.
        Raises:
            FrameWriteError: the disk refuses.
        """
        record = Record(number, stem, made.hash, plate, hint, outputs, garbage, core)
        earlier = next(self.records([stem])) if stem in self._frames else None
        if earlier and _made_alike(earlier, record):
            record = replace(record, outputs={**earlier.outputs, **outputs})
        append_file(self.path, frame_line(record))

    def _index(self, file: BinaryIO) -> None:
        at = 0
        for raw in _lines(file):
            found = 0
            for start, line, version in whole_lines(raw):
                if version > VERSION:
                    raise SettingsError(
                        f"{self.path}: a newer version of this program wrote it (format {version}, this one reads "
                        f"{VERSION}). Update this one, or write to another folder with -o."
                    )
                found += self._take(line, at + start)
            self.ignored += 0 if found or raw.isspace() else 1
            at += len(raw)

    def _take(self, line: bytes, at: int) -> bool:
        if head := read_head(line):
            self._frames[head.stem] = (head.frame, at, sys.intern(head.made))
            return True
        if made := read_made(line):
            self.mades.setdefault(made.hash, made)
        return made is not None

    def _record(self, file: BinaryIO, stem: str) -> Record | None:
        _, at, made = self._frames.get(stem, (0, 0, ""))
        if made not in self.mades:
            return None
        file.seek(at)
        record = read_record(file.readline(LONGEST))
        return record if record and (record.stem, record.made) == (stem, made) else None


def _lines(file: BinaryIO) -> Iterator[bytes]:
    """Lines with their ends. A reader may see the first part of a line that is just being added: the rest will come."""
    for raw in iter(partial(file.readline, LONGEST), b""):
        if raw.endswith(b"\n") or len(raw) == LONGEST:
            yield raw
        else:
            time.sleep(GRACE)
            yield raw + file.readline(LONGEST)


def _made_alike(earlier: Record, now: Record) -> bool:
    before, after = ((record.plate, record.hint, record.garbage, record.core) for record in (earlier, now))
    return earlier.made == now.made and all(map(_same, before, after))


def _same(earlier: Identity | None, now: Identity | None) -> bool:
    if earlier is None or now is None:
        return earlier is now
    return (earlier.digest, earlier.size, earlier.index) == (now.digest, now.size, now.index)
