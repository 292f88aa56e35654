"""A run without a network, in this process or one that is killed at a chosen moment: shot in, four outputs a frame out.

python -m tests.resume.shot SHOT OUT MODE FRAMES [FAULT AT]
"""

from __future__ import annotations

import errno
import os
import signal
import sys
from pathlib import Path

from corridorkey.files import write_files
from corridorkey.parts import sweep
from corridorkey.resume import Made, Manifest, Mode, Output, Plan, Wanted, identify, plan_run

FOLDERS = {
    "matte": ("Matte", ".exr"),
    "fg": ("FG", ".exr"),
    "processed": ("Processed", ".exr"),
    "comp": ("Comp", ".png"),
}
MADE = Made(
    {"despill": 1.0, "screen color": "green", "screen shade": [0.1, 0.7, 0.2], "device": "cpu", "version": "0.1.0"},
    "small.safetensors",
)


def write_plates(folder: Path, numbers=range(1001, 1005), head="shot.") -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    for number in numbers:
        plate = folder / f"{head}{number:04d}.exr"
        plate.write_bytes(f"plate {head}{number} ".encode() * 50)
        os.utime(plate, ns=(10**18, 10**18))
    return folder


def wanted(shot: Path, numbers=range(10**6), hint: Path | None = None) -> list[Wanted]:
    plates = sorted(shot.glob("*.exr"))
    found = [(int(plate.stem[-4:]), plate) for plate in plates]
    return [Wanted(number, plate.stem, plate, hint) for number, plate in found if number in numbers]


def key(out: Path, frames: list[Wanted], mode: Mode = "refuse", made: Made = MADE, outputs=tuple(FOLDERS)) -> Plan:
    """What `ck key` does with a manifest."""
    sweep([out, *(out / folder for folder, _ in FOLDERS.values())])
    manifest = Manifest(out)
    plan = plan_run(out, frames, outputs, FOLDERS, made, manifest, mode)
    for frame in frames:
        if frame.number in plan.todo:
            manifest.begin(plan.made)
            key_one(out, frame, manifest, plan.made, outputs)
    return plan


def key_one(out: Path, frame: Wanted, manifest: Manifest, made: Made, outputs=tuple(FOLDERS)) -> None:
    plate, hint = identify(frame.plate), frame.hint and identify(frame.hint)
    garbage, core = frame.garbage and identify(frame.garbage), frame.core and identify(frame.core)
    seed = frame.plate.read_bytes() + str(made.facts["despill"]).encode()
    contents = {name: f"{FOLDERS[name][0]}/{frame.stem}{FOLDERS[name][1]}" for name in outputs}
    data = {name: name.encode() + seed * (2 + len(name)) for name in outputs}
    write_files({out / path: data[name] for name, path in contents.items()})
    recorded = {name: Output.of(contents[name], data[name]) for name in outputs}
    manifest.add(frame.number, frame.stem, made, plate, hint, recorded, garbage, core)


def tree(out: Path) -> dict[str, bytes]:
    """Every file of a run but the manifest."""
    paths = [path for path in out.rglob("*") if path.is_file() and path.name != "manifest.jsonl"]
    return {path.relative_to(out).as_posix(): path.read_bytes() for path in sorted(paths)}


def _arm(fault: str, at: int) -> None:
    """Let the `at`th call of a kind end this process, or fail as a disk does, in its middle."""
    calls = {"n": 0}

    def is_time() -> bool:
        calls["n"] += 1
        return calls["n"] >= at if fault in ("full", "readonly") else calls["n"] == at

    def end() -> None:
        if fault == "full":
            raise OSError(errno.ENOSPC, "No space left on device")
        if fault == "readonly":
            raise OSError(errno.EROFS, "Read-only file system")
        os.kill(os.getpid(), {"sigint": signal.SIGINT, "sigterm": signal.SIGTERM}.get(fault, signal.SIGKILL))

    write_bytes, replace, opened = Path.write_bytes, os.replace, Path.open

    def half_written(path, data):
        if not is_time():
            return write_bytes(path, data)
        write_bytes(path, data[: len(data) // 2])
        end()
        return write_bytes(path, data)

    def renamed(source, target):
        if is_time():
            end()
        return replace(source, target)

    class Torn:
        def __init__(self, file):
            self.file = file

        def __enter__(self):
            return self

        def __exit__(self, *_):
            self.file.close()

        def write(self, line):
            self.file.write(line[: len(line) // 2])
            end()

    def appended(path, mode="r", *rest, **options):
        file = opened(path, mode, *rest, **options)
        if mode != "ab" or not is_time():
            return file
        if fault == "before record":
            end()
        return Torn(file)

    if fault in ("write", "full", "readonly", "sigint", "sigterm"):
        Path.write_bytes = half_written
    elif fault == "rename":
        os.replace = renamed
    else:
        Path.open = appended


def main(shot: str, out: str, mode: Mode, frames: str, fault: str = "", at: str = "0") -> None:
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    signal.signal(signal.SIGINT, signal.default_int_handler)
    first, last = map(int, frames.split("-"))
    if fault:
        _arm(fault, int(at))
    key(Path(out), wanted(Path(shot), range(first, last + 1)), mode)


if __name__ == "__main__":
    main(*sys.argv[1:])
