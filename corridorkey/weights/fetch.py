"""Released weights from the hub: asked about, fetched, verified, converted, remembered."""

from __future__ import annotations

import dataclasses
import shutil
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from corridorkey.errors import CheckpointError, SettingsError, WeightsUnavailableError
from corridorkey.files import PART, check_writable, sha256_of
from corridorkey.types import Screen
from corridorkey.weights.cache import (
    LocalWeights,
    Record,
    cache_folder,
    licence_accepted,
    now,
    read_record,
    write_record,
    writing,
)
from corridorkey.weights.hub import NotPublished, Progress, Published, download, published, require_hub
from corridorkey.weights.known import KNOWN
from corridorkey.weights.store import Convert, store

SPARE = 64 << 20  # bytes to leave free on the disk


@dataclass(frozen=True, slots=True)
class Fetched:
    """What a fetch came to.

    Attributes:
        weights: in the cache.
        new: whether anything was downloaded.
        earlier: a checkpoint that was in use before and still lies there; None if there is none.
    """

    weights: LocalWeights
    new: bool
    earlier: Path | None = None


def fetch_weights(
    screen: Screen,
    *,
    force: bool = False,
    accept_change: bool = False,
    progress: Progress | None = None,
    convert: Convert | None = None,
) -> Fetched:
    """Bring the released weights for a screen into the cache, unless they were fetched before and are still unchanged.

    Args:
        screen: which.
        force: fetch them again.
        accept_change: take them although the hub publishes another file than the one fetched earlier.
        progress: called with the bytes here and the bytes in all.
        convert: instead of the project's converter.
    Returns:
        Fetched.
    Raises:
        SettingsError: the licence was not accepted.
        WeightsUnavailableError: they cannot be had, verified or written; whatever was here before still is.
    """
    if not licence_accepted():
        raise SettingsError("the licence of the released weights was not accepted. Read it, then add --accept-licence.")
    if not force and (weights := _fetched_before(screen)):
        return Fetched(weights, new=False)
    with _alone(screen):
        # Another process may have fetched them while this one waited.
        if not force and (weights := _fetched_before(screen)):
            return Fetched(weights, new=False)
        record = read_record(screen)
        source = _newest(screen)
        if not accept_change:
            _check_unchanged(source, record)
        raw = _verified(source, progress)
        weights = _converted(raw, screen, source, convert)
        said = {**dataclasses.asdict(source), "date": now()}
        write_record(screen, Record(weights, {**record.published, source.file: said}))
        shutil.rmtree(raw.parent, ignore_errors=True)
    earlier = record.checkpoint and record.checkpoint.path
    return Fetched(weights, True, earlier if earlier and earlier != weights.path and earlier.is_file() else None)


def unfinished_bytes() -> tuple[int, Path]:
    """Bytes of downloads that were interrupted, and the folder they lie in."""
    folder = cache_folder() / "downloads"
    return sum(file.stat().st_size for file in folder.glob("*/*") if file.is_file()), folder


def _fetched_before(screen: Screen) -> LocalWeights | None:
    weights = read_record(screen).checkpoint
    if weights is None or weights.origin != "fetched" or not weights.path.is_file():
        return None
    # A damaged file's error says to fetch it again, which must then help.
    return weights if sha256_of(weights.path) == weights.sha256 else None


@contextmanager
def _alone(screen: Screen) -> Iterator[None]:
    lock = require_hub(".utils").WeakFileLock
    with writing():
        check_writable(cache_folder())
        cache_folder().mkdir(parents=True, exist_ok=True)
    with lock(cache_folder() / f"{screen}.lock"):
        yield


def _newest(screen: Screen) -> Published:
    released = KNOWN[screen]
    for file in released.files:
        try:
            return published(released.repo, file)
        except NotPublished:
            continue
    raise WeightsUnavailableError(
        f"{released.repo}: the hub has none of {', '.join(released.files)} (404). Has it moved? Update ck-mlx."
    )


def _check_unchanged(source: Published, record: Record) -> None:
    known = record.published.get(source.file)
    if known and known["sha256"] != source.sha256:
        raise WeightsUnavailableError(
            f"{source.repo}/{source.file} has changed on the hub. Fetched on {known.get('date')}: sha256 "
            f"{known['sha256']}; published now: {source.sha256}. Find out why. To take the new file: --accept-change."
        )


def _verified(source: Published, progress: Progress | None) -> Path:
    raw = cache_folder() / "downloads" / source.sha256[:16] / source.file
    part = raw.with_name(raw.name + PART)
    with writing():
        raw.parent.mkdir(parents=True, exist_ok=True)
        if not raw.is_file():
            _check_space(source, part)
    if not raw.is_file():
        download(source, part, progress)
        with writing():
            part.replace(raw)
    got = sha256_of(raw)
    if got != source.sha256:
        # Going on from wrong bytes would never get it right.
        raw.unlink()
        raise WeightsUnavailableError(
            f"{source.repo}/{source.file}: the bytes that came have sha256 {got}, the hub says {source.sha256}. "
            "They were deleted; run this again."
        )
    return raw


def _check_space(source: Published, part: Path) -> None:
    here = part.stat().st_size if part.is_file() else 0
    need = 2 * (source.size or 0) - here + SPARE  # the download, and the checkpoint made of it
    free = shutil.disk_usage(part.parent).free
    if free < need:
        raise WeightsUnavailableError(
            f"{cache_folder()}: {need / 1e6:,.0f} MB are needed there, {free / 1e6:,.0f} MB are free. Free some space."
        )


def _converted(raw: Path, screen: Screen, source: Published, convert: Convert | None) -> LocalWeights:
    origin = f"{source.repo}/{source.file} at {source.commit}"
    try:
        return store(raw, screen, source.sha256, "fetched", origin, convert)
    except CheckpointError as error:
        _let_go(error)
        shutil.rmtree(raw.parent, ignore_errors=True)
        raise WeightsUnavailableError(
            f"{origin} came as published (sha256 {source.sha256}), but it is not this network: {error} Update ck-mlx."
        ) from error


def _let_go(error: BaseException | None) -> None:
    # Its frames keep the file mapped, and Windows deletes no file that is.
    while error is not None:
        traceback.clear_frames(error.__traceback__)
        error = error.__context__
