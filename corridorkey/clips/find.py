"""Shots below a folder, found by the ancestor's layout: SHOT/Input, AlphaHint, VideoMamaMaskHint and Output."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from corridorkey.clips.listing import Listing, list_folder
from corridorkey.errors import MediaError
from corridorkey.media.output import FOLDERS
from corridorkey.media.sequence import MOVIES, find_sequence, frame_token

log = logging.getLogger(__name__)

INPUT, ALPHA_HINT, VIDEOMAMA, OUTPUT = "Input", "AlphaHint", "VideoMamaMaskHint", "Output"
MARKS = (ALPHA_HINT, VIDEOMAMA, OUTPUT)  # beside one of these, a movie of any name is the input
NOT_SHOTS = ("output", "ignoredclips")  # the second is where the ancestor has clips it is to leave alone
LEVELS = 2  # project/SHOT and project/shots/SHOT


@dataclass(frozen=True, slots=True)
class Clip:
    """A shot: where its footage lies and where its outputs go. Nothing of it has been opened.

    Attributes:
        name: for people; below a folder of shots, the path from there.
        folder: the shot's folder, or that of a plain plate.
        plate: footage to key: a folder of pictures, a picture, a pattern or a movie.
        hint: the same for its alpha hint; None if there is none.
        videomama: VideoMamaMaskHint, if it is there; reported only.
        out: folder for Matte/, FG/, Processed/ and Comp/.
        kind: "shot" has the layout, "plain" is a plate alone.
        fault: why it cannot be keyed, with what to do next; empty if nothing is known against it.
    """

    name: str
    folder: Path
    plate: Path
    hint: Path | None
    videomama: Path | None
    out: Path
    kind: Literal["shot", "plain"]
    fault: str = ""


def find_clips(path: str | Path) -> list[Clip]:
    """The shots that a path names.

    Args:
        path: a shot's folder; a folder of shots, which may lie one level deeper; or a plain plate: a folder of
            pictures, a picture, a pattern or a movie.
    Returns:
        At least one; a shot with a fault is among them, and says so.
    Raises:
        MediaError: there is no shot, or it cannot be looked at.
    """
    path = Path(path)
    if not _is_folder(path):
        return [_plain_file(path)]
    if shots := shots_in(path):
        return shots
    there = list_folder(path)
    if there.has_pictures:
        whole = path.resolve()
        return [Clip(whole.name, path, path, None, None, whole.with_name(f"{whole.name}_keyed"), "plain")]
    raise MediaError(
        f"{path}: no pictures there, and no shot: a folder with Input/ or Input.mov in it. `ck wizard` makes shots."
    )


def shots_in(path: Path) -> list[Clip]:
    """The shots that have the layout: this folder itself, or else those below it; none if there are none.

    Raises:
        MediaError: the folder cannot be read.
    """
    root = path.resolve()
    there = list_folder(root)
    if is_shot(there):
        return [_shot(root, there, root, root.name)]
    found: dict[Path, Clip] = {}
    for folder, listing in _shot_folders(there, LEVELS):
        # A link to a shot that is below this folder anyway is not a second one.
        if folder.resolve() not in found or not folder.is_symlink():
            found[folder.resolve()] = _shot(folder, listing, root, folder.relative_to(root).as_posix())
    return sorted(found.values(), key=lambda clip: clip.name)


def is_shot(there: Listing) -> bool:
    """Whether a folder has an Input, or a movie alone that takes its place."""
    return bool(there.named(INPUT)) or _lone_movie(there) is not None


def has_marks(there: Listing) -> bool:
    """Whether a folder has an AlphaHint, a VideoMamaMaskHint or an Output."""
    return any(there.named(mark) for mark in MARKS)


def alpha_hint_folder(folder: Path) -> Path:
    """Where a shot's hint pictures belong, there or not yet."""
    return next((path for path in list_folder(folder).named(ALPHA_HINT) if path.is_dir()), folder / ALPHA_HINT)


def _shot_folders(there: Listing, levels: int) -> Iterator[tuple[Path, Listing]]:
    for inner in there.folders:
        if inner.name.casefold() in NOT_SHOTS:
            continue
        try:
            listing = list_folder(inner)
        except MediaError as error:
            log.warning("%s", error)
            continue
        if is_shot(listing):
            yield inner, listing
        elif levels > 1:
            yield from _shot_folders(listing, levels - 1)


def _shot(folder: Path, there: Listing, root: Path, name: str) -> Clip:
    faults: list[str] = []
    plate = _only(there, INPUT, faults) or _lone_movie(there)
    if plate is None:
        plate = there.named(INPUT)[0]
        faults.append(f"{plate}: neither pictures nor a movie there")
    hint, videomama = _only(there, ALPHA_HINT, faults), _only(there, VIDEOMAMA, faults)
    out = next((path for path in there.named(OUTPUT) if path.is_dir()), folder / OUTPUT)
    for path in (folder, out, *(out / name for name, _ in FOLDERS.values())):
        if not path.resolve().is_relative_to(root):
            faults.append(f"{path} leads to {path.resolve()}, outside {root}; key the shot by itself, with -o")
            break
    return Clip(name, folder, plate, hint, videomama, out, "shot", faults[0] if faults else "")


def _only(there: Listing, name: str, faults: list[str]) -> Path | None:
    """The one footage of that name; an empty folder is none."""
    found: list[Path] = []
    for path in there.named(name):
        found += _footage_in(path) if path.is_dir() else [path]
    if len(found) > 1:
        faults.append(f"{len(found)} things could be its {name}: {', '.join(map(str, found))}; move all but one away")
    return found[0] if found else None


def _footage_in(folder: Path) -> list[Path]:
    try:
        there = list_folder(folder)
    except MediaError:
        return [folder]  # opening it says why
    return [folder] if there.has_pictures else list(there.movies)


def _lone_movie(there: Listing) -> Path | None:
    others = [path for path in there.movies if path.stem.casefold() not in {mark.casefold() for mark in MARKS}]
    if len(others) != 1:
        return None
    is_alone = not there.has_pictures and not there.folders
    return others[0] if is_alone or has_marks(there) else None


def _is_folder(path: Path) -> bool:
    try:
        return path.is_dir()
    except OSError as error:
        raise MediaError(f"{path}: cannot be looked at: {error.strerror or error}") from error


def _plain_file(path: Path) -> Clip:
    if path.suffix.lower() in MOVIES:
        if not path.is_file():
            raise MediaError(f"{path}: no such file")
        return Clip(path.name, path.parent, path, None, None, path.with_name(f"{path.stem}_keyed"), "plain")
    plate = find_sequence(path)
    stem = Path(plate.name).stem
    if token := frame_token(stem):
        stem = stem[: token.start()] + stem[token.end() :]
    out = plate.folder / f"{stem.rstrip('._-') or 'shot'}_keyed"
    return Clip(plate.name, plate.folder, path, None, None, out, "plain")
