"""How long a run of 100,000 frames takes to plan, new and wholly keyed: `python -m parity.bench_plan [FRAMES]`.

The pictures are files of one byte: planning reads no pixels, only names, sizes, dates and the manifest. Peaks of memory
are beside it, for a tenth of the frames too: what grows is a few hundred bytes a frame.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path
from time import perf_counter

from corridorkey.clip import check_output
from corridorkey.config import KeySettings
from corridorkey.media import find_footage, pair_frames
from corridorkey.media.output import FOLDERS, output_paths
from corridorkey.resume import Identity, Made, Manifest, Output, plan_run
from corridorkey.resume.record import Record, frame_line, made_line
from corridorkey.resume.recorder import wanted
from parity.peak import PEAK

MADE = Made({"despill": 1.0}, "small.safetensors")
OUTPUTS = KeySettings().outputs
CHILD = f"import sys; from parity.bench_plan import plan; plan(*sys.argv[1:])\n{PEAK}"


def write_plates(folder: Path, frames: int) -> None:
    """shot.000001.exr … of one byte."""
    folder.mkdir()
    for number in range(1, frames + 1):
        (folder / f"shot.{number:06d}.exr").write_bytes(b"x")


def write_outputs(plates: Path, out: Path) -> None:
    """What keying them all would leave, of one byte, and its manifest."""
    for name in OUTPUTS:
        (out / FOLDERS[name][0]).mkdir(parents=True)
    with (out / "manifest.jsonl").open("wb") as manifest:
        manifest.write(made_line(MADE))
        for pair in pair_frames(find_footage(plates)):
            assert isinstance(pair.plate, Path)
            paths = output_paths(out, pair.plate, OUTPUTS)
            for path in paths.values():
                path.write_bytes(b"y")
            outputs = {name: Output(path.relative_to(out).as_posix(), 1, "a" * 32) for name, path in paths.items()}
            plate = Identity(pair.plate.name, 1, pair.plate.stat().st_mtime_ns, "b" * 32)
            manifest.write(frame_line(Record(pair.number, pair.plate.stem, MADE.hash, plate, None, outputs)))


def plan(plates: str, out: str) -> None:
    """Plan a run as `ck key --resume` does, and print the time it took."""
    started = perf_counter()
    pairs = pair_frames(find_footage(plates))
    check_output(Path(out), pairs, KeySettings(), overwrite=True)
    found = plan_run(Path(out), wanted(pairs), OUTPUTS, FOLDERS, MADE, Manifest(Path(out)), "resume")
    print(f"{perf_counter() - started:.2f} s for {len(found.todo)} of {found.total} frames to key", end=", ")


def main() -> None:
    """Print the figures, each from a process of its own."""
    most = int(sys.argv[1]) if len(sys.argv) > 1 else 100_000
    for frames in (most // 10, most):
        with tempfile.TemporaryDirectory() as folder:
            plates, out = Path(folder) / "shot", Path(folder) / "out"
            write_plates(plates, frames)
            for _ in range(2):
                words = [sys.executable, "-c", CHILD, str(plates), str(out)]
                done = subprocess.run(words, check=True, capture_output=True, text=True)
                said, _, peak = done.stdout.strip().rpartition("peak ")
                print(f"{frames:7}: {said}peak {int(peak) / 2**20:.0f} MiB", flush=True)
                if not out.exists():
                    write_outputs(plates, out)


if __name__ == "__main__":
    main()
