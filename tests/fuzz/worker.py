"""The child process that reads damaged files, so that a crash, a hang or a flood of memory is some case's own.

python -m tests.fuzz.worker READER FIRST COUNT FOLDER

The log in FOLDER has a line a case: its number before it is read; how it went behind it. A line without an end is the
case that ended the process. CPU seconds are counted, by the kernel, since a clock would judge a busy machine.
"""

from __future__ import annotations

import faulthandler
import json
import os
import random
import sys
import time
import traceback
import warnings
from contextlib import suppress
from pathlib import Path

from corridorkey.errors import CorridorKeyError
from corridorkey.media import limits
from tests.fuzz.mutate import mutated
from tests.fuzz.reader import Reader, Sample
from tests.fuzz.readers import reader_of

SECONDS = 5.0  # of CPU time, for one case
ROOM = 4 << 30  # bytes of addresses that a process may take beyond what it has: beyond that, memory is refused

try:
    import resource
    import signal
except ImportError:  # Windows: nothing there stops a process by its CPU time or memory
    IS_GUARDED = False
else:
    IS_GUARDED = True


def case(name: str, samples: dict[str, Sample], index: int) -> tuple[str, bytes, bool]:
    """A case of a reader, the same in every run: the sample's name, the file, whether all damage is in the body."""
    rng = random.Random(f"{name} {index}")
    names = sorted(samples)
    chosen, other = names[index % len(names)], rng.choice(names)
    data, is_behind = mutated(samples[chosen], rng, samples[other].data)
    return chosen, data, is_behind


def attempt(reader: Reader, path: Path) -> tuple[str, bool]:
    """Read a file: "read", "refused", or else what is wrong with that; and whether its header was taken."""
    with warnings.catch_warnings(record=True) as caught:  # those that a user would see
        is_headed = False
        with suppress(Exception):
            reader.head(path)
            is_headed = True
        caught.clear()  # the header's reader may be another program's
        try:
            reader.read(path)
            outcome = "read"
        except CorridorKeyError as error:
            outcome = "refused" if reader.is_ours(error, path) else f"says {type(error).__name__}: {error}"
        except Exception:
            outcome = traceback.format_exc()
    if caught:
        outcome = f"warns: {caught[0].category.__name__}: {caught[0].message} ({caught[0].filename})"
    return outcome, is_headed


def prepare(name: str, folder: Path) -> tuple[Reader, dict[str, Sample], Path]:
    """A reader, its samples, each of which it reads, and the path of its cases."""
    reader = reader_of(name)
    path = folder / reader.file
    limits.MAX_PIXELS = reader.pixels
    samples = dict(reader.samples(folder))
    path.parent.mkdir(exist_ok=True)
    for called, sample in samples.items():
        path.write_bytes(sample.seal(sample.data))
        outcome, is_headed = attempt(reader, path)
        assert (outcome, is_headed) == ("read", True), f"sample {called}: {outcome}"
    return reader, samples, path


def main(name: str, first: str, count: str, folder: str) -> None:
    faulthandler.enable()
    reader, samples, path = prepare(name, Path(folder))
    _guard()
    with (Path(folder) / "log").open("ab", buffering=0) as log:
        _peak()
        base = _peak()  # what is held now
        for index in range(int(first), int(count)):
            _, data, is_behind = case(name, samples, index)
            path.write_bytes(data)
            log.write(b"[%d, " % index)
            _set_timer(SECONDS)
            start = time.process_time()
            outcome, is_headed = attempt(reader, path)
            seconds = time.process_time() - start
            _set_timer(0)
            taken = (_peak() - base) / 2**20
            log.write(json.dumps([outcome, is_headed, is_behind, seconds, taken])[1:].encode() + b"\n")


def _guard() -> None:
    if IS_GUARDED:
        with suppress(ValueError, OSError):  # macOS refuses
            resource.setrlimit(resource.RLIMIT_AS, (_addresses() + ROOM,) * 2)


def _set_timer(seconds: float) -> None:
    if IS_GUARDED:
        signal.setitimer(signal.ITIMER_PROF, seconds)  # its signal ends the process, whatever it is doing


def _addresses() -> int:
    with suppress(OSError):
        return int(Path("/proc/self/statm").read_text().split()[0]) * os.sysconf("SC_PAGE_SIZE")
    return ROOM


def _peak() -> int:
    """Most resident bytes since the last call; on macOS, so far; elsewhere unknown."""
    try:  # ru_maxrss counts what the parent held when it started this process; VmHWM does not
        status = Path("/proc/self/status").read_text()
        Path("/proc/self/clear_refs").write_text("5")
        return int(status.split("VmHWM:")[1].split()[0]) * 1024
    except OSError:
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss if IS_GUARDED else 0


if __name__ == "__main__":
    main(*sys.argv[1:])
