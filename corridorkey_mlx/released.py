"""A released weights file, as corridorkey-mlx's users have it, made into a checkpoint once."""

from __future__ import annotations

import logging
from pathlib import Path

from corridorkey.checkpoint import read_info
from corridorkey.errors import CheckpointFormatError
from corridorkey.types import Screen
from corridorkey.weights.cache import cache_folder, local_weights, writing
from corridorkey.weights.known import screen_of

PEERS: Screen = "green"  # corridorkey-mlx has no other network
log = logging.getLogger(__name__)


def canonical_checkpoint(path: Path) -> Path:
    """The file itself, or the canonical checkpoint that was made of it, here or in the user's cache.

    Args:
        path: a file that is there.
    Raises:
        CheckpointError: unreadable, of no known kind, or another network's.
        WeightsUnavailableError: the cache cannot be read or written.
    """
    if _is_canonical(path):
        return path
    from corridorkey_convert.conversion import KNOWN_SCREENS, convert_file
    from corridorkey_convert.source import opened

    with opened(path) as file:
        source = file.sha256()
    known = next((weights for weights in local_weights() if weights.source_sha256 == source), None)
    if known and _is_canonical(known.path):
        return known.path
    screen = known.screen if known else KNOWN_SCREENS.get(source) or screen_of(path.name)
    made = cache_folder() / "engine" / source[:16] / f"{screen or PEERS}.safetensors"
    if not _is_canonical(made):
        if screen is None:
            log.info("%s: screen unknown, taken as green. If it is blue: ck convert %s --screen blue", path, path)
        with writing():
            convert_file(path, made, screen=screen or PEERS, overwrite=True)
    return made


def _is_canonical(path: Path) -> bool:
    try:
        read_info(path)
    except CheckpointFormatError:
        return False
    return True
