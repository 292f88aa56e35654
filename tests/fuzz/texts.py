"""Lines: the manifest, ck.toml, frame specs, and patterns of file names."""

from __future__ import annotations

import os
import shutil
import tomllib
import zlib
from contextlib import suppress
from pathlib import Path

import click

from corridorkey.cli.config import file_settings
from corridorkey.cli.key import command as key_command
from corridorkey.config_file import read_config
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
CONFIGS = (
    'despill = 0.8\nscreen-color = "blue"\noutputs = ["matte", "processed"]\nsize = 1024\nsource-detail = true\n',
    'hint = "hints/a.####.png"\ngarbage = "garbage.png"\ncheckpoint = "nets/own.safetensors"\nexr_bits = 32 # float\n',
    'despeckle = "off"\noutputs = """matte,fg"""\nbackend = "torch"\ndtype = \'bfloat16\'\nstart-number = 1_001\n',
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


def config_samples(_: Path) -> dict[str, Sample]:
    """Settings, whose syntax damage mostly breaks; and of each the lines left whole, so that damage reaches values."""
    torn = {f"{text.split()[0]}, torn": _typed(text) for text in CONFIGS}
    return torn | {text.split()[0]: Sample(text.encode(), range(len(text)), whole_settings) for text in CONFIGS}


def whole_settings(data: bytes) -> bytes:
    """The lines that are TOML, each key once."""
    found: dict[str, bytes] = {}
    for line in data.splitlines():
        with suppress(ValueError):
            found |= dict.fromkeys(tomllib.loads(line.decode()), line)
    return b"\n".join(found.values())


def read_whole_config(path: Path) -> None:
    """What `ck key` does with a ck.toml beside a shot: every value in its option's range, no path out of the folder."""
    context = click.Context(key_command)
    settings = file_settings(context, [path.parent])
    for name in ("hint", "garbage", "core"):
        value = settings[name].value if name in settings else None
        assert value is None or Path(value).is_relative_to(path.parent.resolve())


MANIFEST = Reader(manifest_samples, manifest_head, read_manifest, 16, f"out/{NAME}", r".*: ")
FRAMES = Reader(spec_samples, spec_head, read_spec, 16, says=r"frames ['\"]")
PATTERN = Reader(pattern_samples, pattern_head, read_pattern, 16, says=r"(?s).*: ", plain=False)  # he typed it himself
CONFIG = Reader(config_samples, read_config, read_whole_config, 16, "ck.toml")
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
