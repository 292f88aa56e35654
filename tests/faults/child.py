"""`ck key` with a network that costs nothing to load, on a slow disk that fails at a chosen moment.

python -m tests.faults.child STARTED PAUSE FAULT KIND AT key SHOT -o OUT …

STARTED is made at the first write of a frame; each file is written in two halves, each with a PAUSE of seconds after
it, so that most moments are inside a write. In the middle of the AT'th call of a KIND (write, rename, append) the disk
is "full" or "read-only", and stays so; or plates are "gone". A FAULT "none" never happens.
"""

from __future__ import annotations

import errno
import sys
import time
from pathlib import Path
from threading import Lock

import numpy as np

import corridorkey.cli.key_options as key_options
from corridorkey.cli.main import main
from corridorkey.config import GreenFormerConfig
from corridorkey.prepare import MEAN, STD
from corridorkey.types import Prediction

GONE, HALVED = (28, 33), (30, 38)  # frames whose plates vanish, and lose their second half
REFUSALS = {
    "full": OSError(errno.ENOSPC, "No space left on device"),
    "read-only": OSError(errno.EROFS, "Read-only file system"),
}

unlink, opened, replace = Path.unlink, Path.open, Path.replace


class Stub:
    """A keyer whose alpha is the key and whose colour the plate."""

    contract = GreenFormerConfig(inputs=("rgb", "hint", "key", "screen"), base="unmixed", screen="any", sizing="aspect")
    device = "cpu"

    def predict(self, x, refiner_scale=1.0):
        return Prediction(x[0, ..., 4:5].copy(), np.clip(x[0, ..., :3] * STD + MEAN, 0, 1))


class Disk:
    """Stands in for the calls of `Path` that change a disk."""

    def __init__(self, started: Path, pause: float, fault: str, kind: str, at: int, shot: Path) -> None:
        self.started, self.pause, self.fault, self.kind, self.at, self.shot = started, pause, fault, kind, at, shot
        self.calls, self.is_broken, self.lock = 0, False, Lock()

    def is_time(self, kind: str) -> bool:
        """Whether the fault strikes in this call; one before it has made the rest fail."""
        if self.is_broken and (kind in ("write", "append") or self.fault == "read-only"):
            raise REFUSALS[self.fault]
        with self.lock:
            self.calls += kind == self.kind
            if kind != self.kind or self.calls != self.at:
                return False
        if self.fault == "gone":
            take_plates_away(self.shot)
        self.is_broken = self.fault in REFUSALS
        return self.is_broken

    def write(self, path: Path, data: bytes) -> None:
        if path.name.startswith(".probe."):  # of a run that has not begun
            path.touch()
            return
        self.started.touch()
        fails = self.is_time("write")
        with opened(path, "wb", buffering=0) as file:
            for half in (data[: len(data) // 2], data[len(data) // 2 :]):
                file.write(half)
                time.sleep(self.pause)
                if fails:
                    raise REFUSALS[self.fault]

    def rename(self, path: Path, target: Path) -> Path:
        if self.is_time("rename"):
            raise REFUSALS[self.fault]
        return replace(path, target)

    def open(self, path: Path, mode: str = "r", *rest, **options):
        if mode == "ab":
            return Appended(opened(path, mode, *rest, **options), self)
        return opened(path, mode, *rest, **options)

    def remove(self, path: Path, *rest, **options) -> None:
        if self.is_broken and self.fault == "read-only":
            raise REFUSALS[self.fault]
        unlink(path, *rest, **options)


class Appended:
    """A file that is added to, on such a disk."""

    def __init__(self, file, disk: Disk) -> None:
        self.file, self.disk = file, disk

    def __enter__(self):
        return self

    def __exit__(self, *_) -> None:
        self.file.close()

    def write(self, line: bytes) -> int:
        if not self.disk.is_time("append"):
            return self.file.write(line)
        took = self.file.write(line[: len(line) // 2])
        if self.disk.fault == "read-only":
            raise REFUSALS[self.disk.fault]
        return took  # as the system says it of a disk that has just become full


def take_plates_away(shot: Path) -> None:
    for number in GONE:
        unlink(shot / f"shot.{number:04d}.png")
    for number in HALVED:
        plate = shot / f"shot.{number:04d}.png"
        data = plate.read_bytes()
        with opened(plate, "wb") as file:
            file.write(data[: len(data) // 2])


if __name__ == "__main__":
    started, pause, fault, kind, at, *words = sys.argv[1:]
    disk = Disk(Path(started), float(pause), fault, kind, int(at), Path(words[1]))
    key_options.command_keyer = lambda *_, **__: Stub()
    Path.write_bytes = lambda path, data: disk.write(path, data)
    Path.replace = lambda path, target: disk.rename(path, target)
    Path.open = lambda path, *rest, **options: disk.open(path, *rest, **options)
    Path.unlink = lambda path, *rest, **options: disk.remove(path, *rest, **options)
    main(words)
