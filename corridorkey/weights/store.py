"""A released file made into a canonical checkpoint in the cache."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from corridorkey.checkpoint import read_info
from corridorkey.files import check_writable, sha256_of
from corridorkey.types import Screen
from corridorkey.weights.cache import LocalWeights, Origin, cache_folder, now, writing

Convert = Callable[..., Any]  # convert(path, out, screen=…, overwrite=True), as corridorkey_convert's convert_file


def released_converter() -> Convert:
    """The converter of this project."""
    from corridorkey_convert import convert_file

    return convert_file


def store(
    raw: Path, screen: Screen, source_sha256: str, origin: Origin, source: str, convert: Convert | None = None
) -> LocalWeights:
    """Convert a file into the cache; the record is the caller's to write.

    Args:
        raw: a released file; it stays as it is.
        screen: colour it is for.
        source_sha256: its hash.
        origin, source: see LocalWeights.
        convert: instead of the project's converter.
    Returns:
        The weights, readable and in place. What lay in the cache before still does.
    Raises:
        CheckpointError: the file is not this network.
        WeightsUnavailableError: the disk refuses.
    """
    out = cache_folder() / screen / source_sha256[:16] / f"{screen}.safetensors"
    with writing():
        check_writable(out.parent)
        (convert or released_converter())(raw, out, screen=screen, overwrite=True)
    licence = read_info(out).licence
    return LocalWeights(screen, out, source, source_sha256, sha256_of(out), origin, now(), licence)
