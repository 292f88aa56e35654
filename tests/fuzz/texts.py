"""Lines: the manifest, frame specs, and patterns of file names."""

from __future__ import annotations

import os
import shutil
import zlib
from contextlib import suppress
from pathlib import Path

from corridorkey.media import find_sequence, parse_frames
from corridorkey.media.sequence import SUFFIXES
from corridorkey.resume import Manifest, plan_run
from corridorkey.resume.manifest import NAME
from corridorkey.resume.record import whole_lines
from tests.fuzz.reader import Reader, Sample
from tests.resume.shot import FOLDERS, MADE, key, wanted, write_plates

SPECS = ("1001-1100", "1001-1100x2,1200", "-5-5:3, 7", "1-9999999x10,10000001-10000009", "0," * 50 + "1")
PATTERNS = (
    "shot.####.png",
    "shot.%04d.png",
    "shot.@@@@.png",
    "shot.0001.png",
    "./../pictures",
    "b.%d.png",
    ".",
    "IMG2.png",
)
NAMES = ("shot.0001.png", "shot.0002.png", "shot.-003.png", "b.1.png", "b.02.png", "IMG2.png", "notes.txt")


def manifest_samples(folder: Path) -> dict[str, Sample]:
    """A run of three frames; its lines with wrong checks, and with right ones."""
    out = folder / "out"
    key(out, wanted(write_plates(folder / "shot", range(1001, 1004))))
    data = (out / NAME).read_bytes()
    body = range(data.index(b"\n") + 1, len(data))
    return {"torn": Sample(data, body), "sealed": Sample(data, body, manifest_sealed)}


def manifest_sealed(data: bytes) -> bytes:
    """With every line's check put right."""
    lines = (line.rpartition(b',"check":')[0] or line for line in data.splitlines())
    return b"".join(line + b',"check":"%08x"}\n' % zlib.crc32(line) for line in lines)


def manifest_head(path: Path) -> None:
    if not any(True for raw in path.read_bytes().splitlines() for _ in whole_lines(raw)):
        raise ValueError("no line is whole")


def read_manifest(path: Path) -> None:
    """What `--resume --verify` does with it."""
    manifest = Manifest(path.parent)
    list(manifest.records([head.stem for head in manifest.heads()]))
    frames = wanted(path.parent.parent / "shot")
    for verify in (False, True):
        plan_run(path.parent, frames, tuple(FOLDERS), FOLDERS, MADE, manifest, "resume", verify=verify)


def spec_samples(_: Path) -> dict[str, Sample]:
    return {spec[:20]: _typed(spec) for spec in SPECS}


def spec_head(path: Path) -> None:
    parse_frames(_text(path).partition(",")[0])


def read_spec(path: Path) -> None:
    frames = parse_frames(_text(path))
    assert parse_frames(str(frames)).ranges == frames.ranges
    next(iter(frames))
    assert 10**30 not in frames


def pattern_samples(folder: Path) -> dict[str, Sample]:
    (folder / "pictures").mkdir()
    for name in NAMES:
        (folder / "pictures" / name).touch()
    return {pattern: _typed(pattern) for pattern in PATTERNS if pattern not in (".", "./../pictures")}


def pattern_head(path: Path) -> None:
    if Path(_text(path)).suffix not in SUFFIXES:
        raise ValueError("no picture's name")


def read_pattern(path: Path) -> None:
    pictures = path.parent / "pictures"
    found = find_sequence(pictures / _text(path))
    assert all((found.folder / name).exists() for name in found.files.values())
    assert str(found)
    assert found.gaps() is not None


def folder_samples(_: Path) -> dict[str, Sample]:
    """Names of files, one a line."""
    names = (
        ("shot.0001.exr", "shot.0002.exr", "shot.-003.EXR", "shot.10000.exr"),
        ("a_1.tif", "a_2.tiff"),
        ("IMG2.jpg",),
    )
    return {listed[0]: _typed("\n".join((*listed, "notes.txt", ".hidden.0001.png"))) for listed in names}


def folder_head(path: Path) -> None:
    find_sequence(_filled(path))


def read_folder(path: Path) -> None:
    found = find_sequence(_filled(path))
    assert all((found.folder / name).parent.samefile(found.folder) for name in found.files.values())
    assert all(found.path(number).is_file() for number in found.frames)


MANIFEST = Reader(manifest_samples, manifest_head, read_manifest, 16, f"out/{NAME}", r".*: ")
FRAMES = Reader(spec_samples, spec_head, read_spec, 16, says=r"frames ['\"]")
PATTERN = Reader(pattern_samples, pattern_head, read_pattern, 16, says=r"(?s).*: ", plain=False)  # he typed it himself
FOLDER = Reader(folder_samples, folder_head, read_folder, 16, says=r"(?s).*: ", plain=False)


def _filled(path: Path) -> Path:
    """A folder with files of the names that a case lists."""
    folder = path.with_name("filled")
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    for name in _text(path).replace("/", "").split("\n"):
        with suppress(OSError):  # the disk takes no such name
            (folder / name).touch()
    return folder


def _typed(text: str) -> Sample:
    return Sample(text.encode(), range(len(text)))


def _text(path: Path) -> str:
    """As the shell hands it over: any bytes but zero."""
    return os.fsdecode(path.read_bytes().replace(b"\0", b""))
