"""Where fetched and imported weights lie, and the records of what they are.

<the user's cache>/corridorkey/weights/
    licence.json                        the terms were accepted, and when
    green.json                          which checkpoint is in use; what the hub has published
    green/<source's sha256, 16>/green.safetensors
    downloads/<its sha256, 16>/…        unfinished; removed once converted
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal

from platformdirs import user_cache_path

from corridorkey.errors import FrameWriteError, WeightsUnavailableError
from corridorkey.files import write_file
from corridorkey.types import Screen
from corridorkey.weights.known import KNOWN

Origin = Literal["fetched", "imported"]


@dataclass(frozen=True, slots=True)
class LocalWeights:
    """Released weights that are on this machine, as a canonical checkpoint.

    Attributes:
        screen: colour they are for.
        path: the checkpoint.
        source: what it was made from: repository, file and commit, or a path.
        source_sha256: hash of that file; for fetched weights the hub's own.
        sha256: the checkpoint's own hash when it was made.
        origin: "fetched" or "imported".
        date: when, UTC.
        licence: from the checkpoint's header.
    """

    screen: Screen
    path: Path
    source: str
    source_sha256: str
    sha256: str
    origin: Origin
    date: str
    licence: str


@dataclass(frozen=True, slots=True)
class Record:
    """What is remembered for one screen.

    Attributes:
        checkpoint: the weights in use; None if there are none.
        published: file -> what the hub said of it (repo, commit, sha256, size, date), once its bytes were verified.
    """

    checkpoint: LocalWeights | None = None
    published: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)


def cache_folder() -> Path:
    """The folder for weights in this system's place for a user's caches; it need not exist."""
    return user_cache_path("corridorkey", appauthor=False) / "weights"


def read_record(screen: Screen) -> Record:
    """The record of one screen; an empty one where nothing was recorded.

    Raises:
        WeightsUnavailableError: it is there, but cannot be read.
    """
    raw = _read(cache_folder() / f"{screen}.json")
    try:
        kept = raw.get("checkpoint")
        path = kept and cache_folder() / kept["path"]
        published = {file: {**said, "sha256": said["sha256"]} for file, said in raw.get("published", {}).items()}
        return Record(LocalWeights(**{**kept, "path": path}) if kept else None, published)
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise _unreadable(cache_folder() / f"{screen}.json", error) from error


def write_record(screen: Screen, record: Record) -> None:
    """Replace the record of one screen, whole or not at all.

    Raises:
        WeightsUnavailableError: the disk refuses.
    """
    kept = record.checkpoint
    # Relative, so that a cache that is moved or mounted elsewhere stays whole.
    checkpoint = kept and {**asdict(kept), "path": kept.path.relative_to(cache_folder()).as_posix()}
    _write(cache_folder() / f"{screen}.json", {"checkpoint": checkpoint, "published": dict(record.published)})


def local_weights() -> list[LocalWeights]:
    """The released weights that are here, green first; nothing is looked for outside the cache.

    Raises:
        WeightsUnavailableError: a record cannot be read.
    """
    found = (read_record(screen).checkpoint for screen in KNOWN)
    return [weights for weights in found if weights is not None and weights.path.is_file()]


def licence_accepted() -> bool:
    """Whether the user of this cache has accepted the terms of the released weights."""
    return bool(_read(cache_folder() / "licence.json").get("accepted"))


def accept_licence() -> None:
    """Remember that they were accepted.

    Raises:
        WeightsUnavailableError: the disk refuses.
    """
    _write(cache_folder() / "licence.json", {"accepted": now()})


def now() -> str:
    """The time as records carry it: ISO 8601, UTC, seconds."""
    return datetime.now(UTC).isoformat(timespec="seconds")


@contextmanager
def writing() -> Iterator[None]:
    """Turn a refusal of the disk into an error that says what to do about the cache.

    Raises:
        WeightsUnavailableError: something in the body could not be written.
    """
    try:
        yield
    except (FrameWriteError, OSError) as error:
        cause = error if isinstance(error, OSError) else error.__cause__
        reason = getattr(cause, "strerror", None) or cause
        raise WeightsUnavailableError(
            f"{cache_folder()}: cannot be written: {reason}. Free some space or allow writing there, then try again."
        ) from error


def _read(path: Path) -> dict[str, Any]:
    try:
        raw = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    except (OSError, ValueError) as error:
        raise _unreadable(path, error) from error
    if not isinstance(raw, dict):
        raise _unreadable(path, "no JSON object")
    return raw


def _write(path: Path, content: Mapping[str, Any]) -> None:
    with writing():
        write_file(path, (json.dumps(content, indent=2) + "\n").encode())


def _unreadable(path: Path, error: object) -> WeightsUnavailableError:
    return WeightsUnavailableError(f"{path}: unreadable record ({error}). Delete it, then fetch or import again.")
