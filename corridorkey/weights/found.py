"""Import of weights that are already on this machine, as in an ancestor's checkout."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from corridorkey.errors import CheckpointError, SettingsError, WeightsUnavailableError
from corridorkey.files import sha256_of
from corridorkey.types import Screen
from corridorkey.weights.cache import LocalWeights, read_record, write_record
from corridorkey.weights.known import KNOWN, screen_of
from corridorkey.weights.store import Convert, store

SUFFIXES = (".safetensors", ".pth")
# From a clone's checkpoints folder itself up to two folders above the clone.
PLACES = (".", "checkpoints", *(f"{above}CorridorKeyModule/checkpoints" for above in ("", "*/", "*/*/")))


@dataclass(frozen=True, slots=True)
class Import:
    """What became of one file.

    Attributes:
        path: the file; it was not changed.
        weights: what was made of it; None if nothing was.
        note: why it was taken as that screen, or why not.
    """

    path: Path
    weights: LocalWeights | None
    note: str


def import_weights(path: Path, screen: Screen | None = None, convert: Convert | None = None) -> Iterator[Import]:
    """Convert released weights into the cache.

    Args:
        path: a file, a folder of checkpoints, or a folder above an ancestor's `CorridorKeyModule/checkpoints`.
        screen: what a file without a published name is for; for a single file it outweighs the name.
        convert: instead of the project's converter.
    Yields:
        Import for each weights file, as soon as it is dealt with: for each screen the first file that converts,
        safetensors before .pth, is taken.
    Raises:
        SettingsError: an unknown screen.
        WeightsUnavailableError: no weights file there, or the cache cannot be written.
    """
    if screen not in (None, *KNOWN):
        raise SettingsError(f"screen {screen!r}: use {' or '.join(KNOWN)}")
    try:
        files = weights_files(path)
    except OSError as error:
        raise WeightsUnavailableError(f"{path}: cannot be read: {error.strerror or error}. Check the path.") from error
    done: dict[Screen, Path] = {}
    for file in files:
        of_name = screen_of(file.name)
        taken_as = screen if path.is_file() and screen else of_name or screen
        if taken_as is None:
            yield Import(file, None, "its name is none of the published ones; give --screen green or blue")
        elif screen not in (None, taken_as):
            yield Import(file, None, f"has the published name of the {taken_as} weights, and {screen} was asked for")
        elif taken_as in done:
            yield Import(file, None, f"not needed, {done[taken_as].name} was taken for {taken_as}")
        else:
            why = "it has that published name" if taken_as == of_name else "--screen says so"
            result = _import(file, taken_as, why, convert)
            done.update({taken_as: file} if result.weights else {})
            yield result


def weights_files(path: Path) -> list[Path]:
    """The weights files at a path, the preferred ones first.

    Raises:
        WeightsUnavailableError: there is none.
    """
    if path.is_file():
        return [path]
    found = {
        file.resolve(): file
        for place in PLACES
        for folder in ([path] if place == "." else sorted(path.glob(place)))
        for file in (folder.iterdir() if folder.is_dir() else ())
        if file.suffix.lower() in SUFFIXES and file.is_file()
    }
    if not found:
        looked = f"{path} and in CorridorKeyModule/checkpoints below it" if path.is_dir() else path
        raise WeightsUnavailableError(f"no .pth or .safetensors at {looked}. Give the file itself, or its folder.")
    return sorted(found.values(), key=_preference)


def _preference(path: Path) -> tuple[bool, int, str]:
    names = [name for released in KNOWN.values() for name in released.names]
    return path.suffix.lower() == ".pth", names.index(path.name) if path.name in names else len(names), str(path)


def _import(file: Path, screen: Screen, why: str, convert: Convert | None) -> Import:
    try:
        source = file.resolve()
        weights = store(file, screen, sha256_of(file), "imported", str(source), convert)
    except (CheckpointError, SettingsError, OSError) as error:
        return Import(file, None, str(error))
    write_record(screen, dataclasses.replace(read_record(screen), checkpoint=weights))
    return Import(file, weights, f"taken as {screen}, {why}")
