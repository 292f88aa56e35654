"""The manifest's lines: JSON for people and programs, each with a check, so that no torn or mixed line is believed.

{"v":1,"made":"9f86d081884c7d65","checkpoint":"small.safetensors","facts":{"despill":1.0,…},"check":"0a1b2c3d"}
{"v":1,"frame":1001,"stem":"sh010.1001","made":"9f86d081884c7d65",
 "plate":["sh010.1001.exr",size,mtime ns,"digest",index or null],"hint":… or null,
 "garbage":…,"core":… (of the mattes there are)
 "outputs":{"matte":["Matte/sh010.1001.exr",size,"digest"],…},"time":"2026-01-31T12:00:00+00:00","check":"0a1b2c3d"}
"""

from __future__ import annotations

import json
import re
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import astuple, dataclass
from datetime import UTC, datetime
from typing import Any, NamedTuple

from corridorkey.resume.identity import Identity, digest_bytes
from corridorkey.resume.made import Made

VERSION = 1

_START = b'{"v":'
_VERSION = re.compile(rb'\{"v":([0-9]{1,9}),')
_CHECK = re.compile(rb',"check":"([0-9a-f]{8})"\}')
_CHECK_LENGTH = 20
_DECODER = json.JSONDecoder()
_HEAD = re.compile(rb'\{"v":1,"frame":(-?[0-9]{1,18}),"stem":("(?:[^"\\]|\\.)*"),"made":"([0-9a-f]{16})",', re.DOTALL)


class Output(NamedTuple):
    """One file of a frame.

    Attributes:
        path: relative to the output folder, with forward slashes; for people, no file is opened by it.
        size: in bytes.
        digest: of its bytes, 32 hex digits.
    """

    path: str
    size: int
    digest: str

    @classmethod
    def of(cls, path: str, data: bytes) -> Output:
        """The output that holds `data`."""
        return cls(path, len(data), digest_bytes(data))


@dataclass(frozen=True, slots=True)
class Record:
    """What is known of one frame.

    Attributes:
        frame: its number.
        stem: name of its outputs without suffix; a frame's key.
        made: hash of how it was made.
        plate: what it was made of.
        hint: what its hint was, None if it was made from the screen.
        outputs: name -> file.
        garbage, core: what its mattes were, None where there were none.
    """

    frame: int
    stem: str
    made: str
    plate: Identity
    hint: Identity | None
    outputs: Mapping[str, Output]
    garbage: Identity | None = None
    core: Identity | None = None


class Head(NamedTuple):
    """What an index keeps of a frame's line."""

    frame: int
    stem: str
    made: str


def frame_line(record: Record) -> bytes:
    """A frame's line, with its end."""
    mattes = {"garbage": record.garbage, "core": record.core}
    return _line(
        {
            "v": VERSION,
            "frame": record.frame,
            "stem": record.stem,
            "made": record.made,
            "plate": astuple(record.plate),
            "hint": record.hint and astuple(record.hint),
            **{name: astuple(matte) for name, matte in mattes.items() if matte},
            "outputs": dict(record.outputs),
            "time": datetime.now(UTC).isoformat(timespec="seconds"),
        }
    )


def made_line(made: Made) -> bytes:
    """The line that says what a hash stands for."""
    return _line({"v": VERSION, "made": made.hash, "checkpoint": made.checkpoint, "facts": dict(made.facts)})


def whole_lines(raw: bytes) -> Iterator[tuple[int, bytes, int]]:
    """The lines in a line of the file whose check is right: one, or none; more where a torn one was written on.

    Yields:
        Where it begins in `raw`, the line without its end, and the format's version.
    """
    if version := _version(line := raw.rstrip()):
        yield 0, line, version
        return
    at = raw.find(_START)
    while at >= 0:
        following = raw.find(_START, at + 1)
        line = raw[at : following if following >= 0 else len(raw)].rstrip()
        if version := _version(line):
            yield at, line, version
        at = following


def read_head(line: bytes) -> Head | None:
    """The beginning of a frame's line, None if it is no such line; costs a tenth of reading it."""
    match = _HEAD.match(line)
    if match is None:
        return None
    try:
        stem = json.loads(match[2]) if b"\\" in match[2] else match[2][1:-1].decode()
    except ValueError:
        return None
    return Head(int(match[1]), stem, match[3].decode())


def read_record(raw: bytes) -> Record | None:
    """All of a frame's line, which `raw` begins with; None if it does not say what it should."""
    try:
        line, _ = _DECODER.raw_decode(raw.decode())
        outputs = {name: Output._make(output) for name, output in line["outputs"].items()}
        masks = line["hint"], line.get("garbage"), line.get("core")
        hint, garbage, core = (mask and Identity(*mask) for mask in masks)
        plate = Identity(*line["plate"])
        return Record(line["frame"], line["stem"], line["made"], plate, hint, outputs, garbage, core)
    except (AttributeError, KeyError, TypeError, ValueError, RecursionError):
        return None


def read_made(line: bytes) -> Made | None:
    """What a hash stands for, None if this is no such line, or its hash is not its facts'."""
    try:
        raw = json.loads(line)
        made = Made(dict(raw["facts"]), str(raw["checkpoint"]))
        _ = made.shade
        return made if made.hash == raw["made"] else None
    except (AttributeError, KeyError, IndexError, TypeError, ValueError, RecursionError):
        return None


def _line(values: Mapping[str, Any]) -> bytes:
    def text(*, ensure_ascii: bool) -> bytes:
        return json.dumps(values, separators=(",", ":"), ensure_ascii=ensure_ascii)[:-1].encode()

    try:
        raw = text(ensure_ascii=False)
    except UnicodeEncodeError:  # a name that is no Unicode
        raw = text(ensure_ascii=True)
    return raw + b',"check":"%08x"}\n' % zlib.crc32(raw)


def _version(line: bytes) -> int:
    """The format's version, 0 if the line is not whole."""
    version, check = _VERSION.match(line), _CHECK.fullmatch(line, max(0, len(line) - _CHECK_LENGTH))
    if version and check and int(check[1], 16) == zlib.crc32(line[:-_CHECK_LENGTH]):
        return int(version[1])
    return 0
