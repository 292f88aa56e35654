"""The hub: what it says of a file, and the file's bytes. Everything that touches huggingface_hub is here.

Its own `hf_hub_download` begins anew after an interruption (2.x), so the bytes are streamed here, through its session.
"""

from __future__ import annotations

import errno
import importlib
import os
import re
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from corridorkey.errors import WeightsUnavailableError

Progress = Callable[[int, int | None], None]  # bytes here, bytes in all


@dataclass(frozen=True, slots=True)
class Published:
    """What the hub says of a file.

    Attributes:
        repo, file: which.
        commit: revision that was asked about.
        sha256: of its content, by the hub.
        size: bytes; None if the hub does not say.
        url: where that very revision lies.
    """

    repo: str
    file: str
    commit: str
    sha256: str
    size: int | None
    url: str


class Interrupted(WeightsUnavailableError):
    """The line broke; what came so far is kept."""


class NotPublished(WeightsUnavailableError):
    """The hub has no such file."""


def require_hub(part: str = "") -> Any:
    """huggingface_hub, or a module of it such as ".utils", imported.

    Raises:
        WeightsUnavailableError: it is not installed, or does not load.
    """
    try:
        return importlib.import_module(f"huggingface_hub{part}")
    except ImportError as error:
        install = f'"{sys.executable}" -m pip install "huggingface-hub>=1.0"'
        raise WeightsUnavailableError(
            f"fetching weights needs huggingface_hub, which does not load here ({error}). Run: {install}"
        ) from error


def published(repo: str, file: str) -> Published:
    """Ask the hub about the newest revision of a file; HF_ENDPOINT is obeyed.

    Raises:
        NotPublished: there is no such file.
        WeightsUnavailableError: the hub cannot be reached or refuses, or gives no hash to hold the bytes against.
    """
    hub = require_hub()
    # Read now, since huggingface_hub read it when it was first imported, which may have been earlier.
    endpoint = os.environ.get("HF_ENDPOINT", "").rstrip("/") or None
    with _saying(repo, file):
        timeout = require_hub(".constants").HF_HUB_ETAG_TIMEOUT
        said = hub.get_hf_file_metadata(hub.hf_hub_url(repo, file, endpoint=endpoint), timeout=timeout)
        url = hub.hf_hub_url(repo, file, revision=said.commit_hash or "main", endpoint=endpoint)
    if not said.commit_hash or not re.fullmatch("[0-9a-f]{64}", said.etag or ""):
        raise WeightsUnavailableError(
            f"{repo}/{file}: the hub gives no commit or no sha256 for it, so it cannot be verified. Is HF_ENDPOINT a "
            "complete mirror? Or get the file another way and use: ck weights import PATH"
        )
    return Published(repo, file, said.commit_hash, said.etag, said.size, url)


def download(source: Published, part: Path, progress: Progress | None = None) -> None:
    """Get a file's bytes, going on where `part` ends; a line that breaks is tried again while bytes come.

    Args:
        source: what to get.
        part: the unfinished file; its folder exists. It is kept when this fails.
        progress: called after each piece.
    Raises:
        Interrupted, WeightsUnavailableError: the hub cannot be reached or refuses, or the disk does.
    """
    while True:
        before = _size(part)
        try:
            with _saying(source.repo, source.file, kept=part):
                _stream(source, part, progress or (lambda *_: None))
            return
        except Interrupted:
            if _size(part) <= before:
                raise


def _stream(source: Published, part: Path, progress: Progress) -> None:
    utils = require_hub(".utils")
    here = _size(part)
    if source.size is not None and here >= source.size:
        return
    # Bytes as they are: a compressed answer has neither the file's length nor its ranges.
    headers = {
        **utils.build_hf_headers(),
        "Accept-Encoding": "identity",
        **({"Range": f"bytes={here}-"} if here else {}),
    }
    timeout = require_hub(".constants").HF_HUB_DOWNLOAD_TIMEOUT
    with utils.get_session().stream(
        "GET", source.url, headers=headers, timeout=timeout, follow_redirects=True
    ) as response:
        if response.status_code == 416:
            part.unlink()
            raise Interrupted(f"{source.repo}/{source.file}: the hub has no more of it than is here. Run this again.")
        utils.hf_raise_for_status(response)
        goes_on = response.status_code == 206 and response.headers.get("Content-Range", "").startswith(f"bytes {here}-")
        here = here if goes_on else 0
        with part.open("ab" if goes_on else "wb") as file:
            # No chunk size: httpx would gather pieces to that size, and a line that breaks would lose them.
            for piece in response.iter_bytes():
                file.write(piece)
                here += len(piece)
                progress(here, source.size)
                if source.size is not None and here > source.size:
                    break  # not the file that was asked for, as its hash will show; it need not fill the disk
    if source.size is not None and here < source.size:
        raise Interrupted(f"{source.repo}/{source.file}: the line broke after {here:,} of {source.size:,} bytes.")


@contextmanager
def _saying(repo: str, file: str, kept: Path | None = None) -> Iterator[None]:
    """Turn what the hub's client raises into this project's errors."""
    errors, name = require_hub(".errors"), f"{repo}/{file}"
    try:
        yield
    except WeightsUnavailableError:
        raise
    except errors.OfflineModeIsEnabled as error:
        raise WeightsUnavailableError(
            f"{name}: HF_HUB_OFFLINE is set, so nothing is fetched. Unset it, or use: ck weights import PATH"
        ) from error
    except errors.HfHubHTTPError as error:
        raise _refused(repo, file, error.response.status_code) from error
    except Exception as error:
        # By name: the hub's client speaks through httpx (1.x) or httpx2 (2.x).
        again = _again(kept)
        kinds = {kind.__name__ for kind in type(error).__mro__}
        if "TimeoutException" in kinds:
            raise Interrupted(f"{name}: the hub does not answer in time. {again}") from error
        if "ConnectError" in kinds or "ProxyError" in kinds:
            raise Interrupted(
                f"{name}: the hub cannot be reached ({error}). Are you online, and HF_ENDPOINT and proxy right? {again}"
            ) from error
        if "InvalidURL" in kinds or "UnsupportedProtocol" in kinds:
            raise WeightsUnavailableError(
                f"{name}: HF_ENDPOINT is no address ({error}). Correct or unset it."
            ) from error
        if isinstance(error, UnicodeError):
            raise WeightsUnavailableError(
                f"{name}: an address or a header cannot be sent ({error}). Are HF_ENDPOINT and HF_TOKEN right?"
            ) from error
        if "HTTPError" in kinds:
            raise Interrupted(f"{name}: the line broke ({error}). {again}") from error
        if isinstance(error, OSError):
            full = error.errno in (errno.ENOSPC, errno.EDQUOT)
            remedy = "The disk is full: free some space." if full else "Allow writing there."
            raise WeightsUnavailableError(f"{kept or name}: {error.strerror or error}. {remedy} {again}") from error
        raise


def _refused(repo: str, file: str, status: int) -> WeightsUnavailableError:
    name = f"{repo}/{file}"
    if status in (401, 403):
        return WeightsUnavailableError(
            f"{name}: the hub does not let you in ({status}). Accept the conditions on https://huggingface.co/{repo} "
            "in a browser, run `hf auth login` (HF_TOKEN, where set, outweighs that), then run this again."
        )
    if status == 404:
        return NotPublished(f"{name}: the hub has no such file (404). Has it moved? Update ck-mlx.")
    return WeightsUnavailableError(f"{name}: the hub answers {status}. Run this again later.")


def _again(kept: Path | None) -> str:
    here = _size(kept) if kept else 0
    return f"{here:,} bytes are kept in {kept.parent}; run this again to go on." if kept and here else "Run this again."


def _size(path: Path) -> int:
    return path.stat().st_size if path.is_file() else 0
