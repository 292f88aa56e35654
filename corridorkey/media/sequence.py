"""What the user typed, resolved to numbered pictures."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from pathlib import Path

from corridorkey.errors import MediaError
from corridorkey.media.frames import frames_text, ranges_text

SUFFIXES = (".exr", ".png", ".tif", ".tiff", ".jpg", ".jpeg")
MOVIES = (".mov", ".mp4", ".m4v", ".mkv", ".avi", ".mxf", ".webm", ".mpg", ".mpeg", ".mts", ".m2ts")

# A minus is a sign only after a dot or an underscore: shot-0005.exr is frame 5.
_NUMBERED = re.compile(r"(.*?)((?:(?<![^._])-)?[0-9]{1,18})", re.DOTALL)
_SAME = {".tif": ".tiff", ".jpg": ".jpeg"}  # two suffixes of one kind
_KINDS = ", ".join(suffix[1:].upper() for suffix in SUFFIXES if suffix not in _SAME)
_TOKEN = re.compile(r"#+|@+|%0?[0-9]{0,3}d")
_MOST_DIGITS = 18


@dataclass(frozen=True)
class Sequence:
    """Numbered pictures of one name in one folder, or a single picture.

    Attributes:
        folder: where they are.
        name: for people: "shot.####.exr", or the name of a picture without a number.
        files: frame number -> file name, ascending.
        is_still: one picture, which as a hint serves every frame.
        is_numbered: the numbers are the files' own; a still without one counts as frame 1.
    """

    folder: Path
    name: str
    files: Mapping[int, str]
    is_still: bool = False
    is_numbered: bool = True

    def __str__(self) -> str:
        return str(self.folder / self.name)

    def __len__(self) -> int:
        return len(self.files)

    @cached_property
    def frames(self) -> tuple[int, ...]:
        """The frame numbers, ascending."""
        return tuple(self.files)

    def path(self, number: int) -> Path:
        """The picture of one frame.

        Raises:
            MediaError: there is none.
        """
        if number not in self.files:
            raise MediaError(f"{self}: there is no frame {number}; it has {frames_text(self.frames)}")
        return self.folder / self.files[number]

    def gaps(self) -> str:
        """The numbers missing between first and last, as ranges; empty if there are none."""
        return ranges_text([range(a + 1, b) for a, b in pairwise(self.frames) if b - a > 1])


def frame_token(name: str) -> re.Match[str] | None:
    """Where a pattern has its frame number, as ####, @@@@ or %04d: the last such place; None if there is none."""
    return next(reversed(list(_TOKEN.finditer(name))), None)


def find_sequence(shot: str | Path) -> Sequence:
    """Resolve a picture, a folder, or a pattern such as shot.####.exr, shot.@@@@.exr or shot.%04d.png.

    A folder must hold one sequence, or one picture. Hidden files, unfinished files (.part) and files that are not
    pictures are ignored. A # or @ stands for one digit; larger numbers may run over. The last run of them is the frame
    number. The case of a suffix does not matter, nor whether it is .tif or .tiff, .jpg or .jpeg.

    Raises:
        MediaError: nothing is there, it cannot be looked at, is no picture, or could be more than one sequence.
    """
    path = Path(shot)
    try:
        is_folder, is_there = path.is_dir(), path.exists()
    except OSError as error:
        raise MediaError(f"{path}: cannot be looked at: {error.strerror or error}") from error
    if is_folder:
        return _in_folder(path)
    if is_there:
        _check_suffix(path)
        return _still(path.parent, path.name)
    if token := frame_token(path.name):
        _check_suffix(path)
        return _matching(path, token)
    raise MediaError(f"{path}: no such file or folder; give a picture, a folder, or a pattern such as shot.####.exr")


def _check_suffix(path: Path) -> None:
    suffix = path.suffix.lower()
    if suffix in MOVIES:
        raise MediaError(f"{path}: a movie, where pictures are wanted; a movie is named alone, without a pattern")
    if suffix not in SUFFIXES:
        raise MediaError(f"{path}: not a picture this reads; convert it to one of {_KINDS}")


def _pictures(folder: Path) -> Iterator[str]:
    try:
        with os.scandir(folder) as entries:
            for entry in entries:
                # The name decides first: for most files of a large folder that needs no further look at the disk.
                suffix = os.path.splitext(entry.name)[1].lower()  # noqa: PTH122  (a Path for each of 100,000 is slow)
                if suffix in SUFFIXES and not entry.name.startswith(".") and _is_file(entry):
                    yield entry.name
    except OSError as error:
        raise MediaError(f"{folder}: the folder cannot be read: {error.strerror or error}") from error


def _is_file(entry: os.DirEntry[str]) -> bool:
    try:
        return entry.is_file()
    except OSError:  # a link in a circle
        return False


def _kind(suffix: str) -> str:
    return _SAME.get(suffix.lower(), suffix.lower())


def _split(name: str) -> tuple[str, str, str] | None:
    """Head, digits and suffix of a numbered picture's name."""
    stem, suffix = os.path.splitext(name)  # noqa: PTH122
    match = _NUMBERED.fullmatch(stem)
    if match is None:
        return None
    return match[1], match[2], suffix


def _still(folder: Path, name: str, *, is_still: bool = True) -> Sequence:
    parts = _split(name)
    # IMG2.jpg is a name, shot.0002.jpg and shot_0002.jpg are frames.
    if parts is None or not (parts[0] == "" or parts[0][-1] in "._"):
        return Sequence(folder, name, {1: name}, is_still=True, is_numbered=False)
    head, number, suffix = parts
    return Sequence(folder, f"{head}{_places(number)}{suffix}", {int(number): name}, is_still=is_still)


def _in_folder(folder: Path) -> Sequence:
    groups: dict[tuple[str, str], list[tuple[str, str]]] = {}
    for name in _pictures(folder):
        head, digits, suffix = _split(name) or (name, "", "")
        groups.setdefault((head, _kind(suffix)), []).append((digits, name))
    if not groups:
        raise MediaError(f"{folder}: no pictures there; {_KINDS} are read")
    sequences = sorted((_numbered(folder, members) for members in groups.values()), key=lambda found: found.name)
    if len(sequences) > 1:
        names = [f"{found.name} ({frames_text(found.frames, 3)})" for found in sequences[:8]]
        more = f" and {len(sequences) - 8} more" if len(sequences) > 8 else ""
        raise MediaError(
            f"{folder}: {len(sequences)} sequences there: {', '.join(names)}{more}; name one, for example "
            f"{folder / sequences[0].name}"
        )
    return sequences[0]


def _numbered(folder: Path, members: list[tuple[str, str]]) -> Sequence:
    """One sequence of (digits, file name); a picture that is alone may be a still."""
    if len(members) == 1:
        return _still(folder, members[0][1], is_still=False)
    places = min(_places(digits) for digits, _ in members)
    head, _, suffix = _split(members[0][1]) or ("", "", "")
    return Sequence(folder, f"{head}{places}{suffix}", _by_number(folder, members))


def _by_number(folder: Path, members: list[tuple[str, str]]) -> dict[int, str]:
    files: dict[int, str] = {}
    for digits, name in members:
        number = int(digits)
        if number in files:
            raise MediaError(f"{folder}: {files[number]} and {name} are both frame {number}; move one of them away")
        files[number] = name
    return dict(sorted(files.items()))


def _places(digits: str) -> str:
    return "#" * len(digits.lstrip("-"))


def _matching(pattern: Path, place: re.Match[str]) -> Sequence:
    token = place[0]
    width = len(token) if token[0] in "#@" else int(token[1:-1] or 1) or 1
    if width > _MOST_DIGITS:
        raise MediaError(f"{pattern}: {width} digits in a frame number; at most {_MOST_DIGITS} are read")
    head, tail = pattern.name[: place.start()], pattern.stem[place.end() :]
    sign = "-?" if head == "" or head[-1] in "._" else ""
    # As many digits as asked for, or more without a leading zero: 10000 follows 9999.
    number = rf"({sign}(?:[0-9]{{{width}}}|[1-9][0-9]{{{width},{_MOST_DIGITS}}}))"
    wanted = re.compile(re.escape(head) + number + re.escape(tail))
    members = []
    for name in _pictures(pattern.parent):
        stem, suffix = os.path.splitext(name)  # noqa: PTH122
        if _kind(suffix) == _kind(pattern.suffix) and (match := wanted.fullmatch(stem)):
            members.append((match[1], name))
    if not members:
        raise MediaError(
            f"{pattern}: no file has such a name; a # or @ stands for one digit, %04d for four, and {token} is the "
            "frame number here"
        )
    return Sequence(pattern.parent, pattern.name, _by_number(pattern.parent, members))
