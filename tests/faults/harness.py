"""The run that all faults are done to: 40 frames, keyed by a process of its own."""

from __future__ import annotations

import subprocess
import sys
import time
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

FRAMES = 40
PAUSE = 0.004  # seconds that a disk takes for half a file
NETWORK = ("--checkpoint", "small", "--backend", "torch")  # what the manifest is told; none is loaded
ROOT = Path(__file__).parents[2]


class Fault(NamedTuple):
    """What befalls the disk, in the middle of which call; see `child`."""

    name: str
    kind: str
    at: int


NONE = Fault("none", "write", 0)


class Ended(NamedTuple):
    """A process that has ended: its code as a shell shows it, and what it said."""

    code: int
    out: str
    err: str


@dataclass(frozen=True)
class Shot:
    """A shot, the folder it is keyed into, and what an undisturbed run of it makes."""

    plates: Path
    out: Path
    whole: dict[str, bytes]

    @property
    def started(self) -> Path:
        """Is there once a run writes its first frame."""
        return self.out.with_name("started")

    def begin(self, fault: Fault = NONE, pause: float = PAUSE) -> subprocess.Popen[str]:
        """A run of its own, or one that goes on."""
        self.started.unlink(missing_ok=True)
        child = [sys.executable, "-m", "tests.faults.child", str(self.started), str(pause), *map(str, fault)]
        words = ["key", str(self.plates), "-o", str(self.out), "--resume", *NETWORK]
        streams = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
        return subprocess.Popen([*child, *words], cwd=ROOT, text=True, **streams)

    def key(self, fault: Fault = NONE, pause: float = PAUSE) -> Ended:
        """A run to its end, whatever that is."""
        with self.begin(fault, pause) as child:
            return ended(child)

    def finish(self) -> Ended:
        """Resume, with nothing in the way: the bytes of the undisturbed run, and nothing else."""
        end = self.key(pause=0)
        assert end.code == 0, end.err
        assert files(self.out) == self.whole
        assert parts(self.out) == []
        return end

    def assert_whole_files(self) -> None:
        """Under their final names there are only files as an undisturbed run makes them."""
        assert files(self.out, ".*.part").items() <= self.whole.items()

    def assert_whole_frames(self) -> None:
        """And of each frame all four or none."""
        self.assert_whole_files()
        frames = defaultdict(list)
        for name in files(self.out, ".*.part"):
            frames[Path(name).stem].append(name)
        assert {stem: len(names) for stem, names in frames.items() if len(names) != 4} == {}


def wait_for(path: Path, child: subprocess.Popen[str]) -> None:
    """Until a file is there, or the process has ended."""
    while child.poll() is None and not path.exists():
        time.sleep(0.002)


def ended(child: subprocess.Popen[str]) -> Ended:
    """Wait for a process."""
    out, err = child.communicate(timeout=120)
    assert "Traceback" not in err, err
    return Ended(child.returncode if child.returncode >= 0 else 128 - child.returncode, out, err)


def parts(out: Path) -> list[Path]:
    """Unfinished files."""
    return list(out.rglob("*.part"))


def files(out: Path, but: str = "") -> dict[str, bytes]:
    """The outputs, without the manifest."""
    paths = [path for path in out.rglob("*/*") if path.is_file() and not (but and path.match(but))]
    return {path.relative_to(out).as_posix(): path.read_bytes() for path in paths}
