"""Which weights are here: the embedded checkpoint, and those that were fetched."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from corridorkey.doctor.backends import is_installed
from corridorkey.doctor.finding import Finding, guarded
from corridorkey.doctor.install import Here, install_line, reinstall_line
from corridorkey.errors import CorridorKeyError

HUB = "huggingface-hub>=1.0"


def weights_findings(here: Here) -> Iterator[Finding]:
    """The embedded checkpoint, the fetched ones, and what fetches them."""
    from corridorkey.weights import local_weights

    yield embedded_finding(here)
    yield from guarded("weights", "fetched", lambda: fetched_findings(local_weights()))
    if is_installed("huggingface_hub"):
        yield Finding("weights", "huggingface-hub", "ok", "installed: `ck weights` can fetch the released weights")
    else:
        value = "not installed: `ck weights` needs it to fetch the released weights; small needs nothing"
        yield Finding("weights", "huggingface-hub", "missing", value, install_line(here, HUB))


def embedded_finding(here: Here) -> Finding:
    """The checkpoint that ships with the package."""
    from corridorkey.weights import small_checkpoint

    try:
        return file_finding("small", small_checkpoint(), reinstall_line(here))
    except CorridorKeyError as error:
        return Finding("weights", "small", "broken", str(error), reinstall_line(here))


def fetched_findings(weights: Iterable[Any]) -> Iterator[Finding]:
    """The fetched weights.

    Args:
        weights: items with screen, path, sha256, source_sha256, origin, date and licence.
    """
    none = True
    for item in weights:
        none = False
        facts = {name: str(getattr(item, name)) for name in ("screen", "source_sha256", "origin", "date", "licence")}
        facts["made_sha256"] = str(item.sha256)
        remedy = f"Remove {item.path}, then: ck weights fetch {item.screen}"
        try:
            yield file_finding(str(item.screen), Path(item.path), remedy, facts)
        except OSError as error:
            value = f"{item.path}: cannot be read: {error.strerror or error}"
            yield Finding("weights", str(item.screen), "broken", value, remedy, facts)
    if none:
        value = "none: `--checkpoint auto` takes small; `ck weights` lists the released ones"
        yield Finding("weights", "fetched", "note", value)


def file_finding(name: str, path: Path, remedy: str, facts: dict[str, Any] | None = None) -> Finding:
    """A checkpoint's file: its hash, and whether its header reads.

    Raises:
        OSError: it cannot be read at all.
    """
    from corridorkey.checkpoint import read_info
    from corridorkey.files import sha256_of

    sha256 = sha256_of(path)
    data = {**(facts or {}), "path": str(path), "sha256": sha256}
    try:
        info = read_info(path)
    except CorridorKeyError as error:
        return Finding("weights", name, "broken", str(error), remedy, data)
    if data.get("made_sha256", sha256) != sha256:
        return Finding("weights", name, "broken", f"{path}: has changed since it was made", remedy, data)
    data["licence"] = data.get("licence") or info.licence
    value = f"{path}, sha256 {sha256[:12]}, licence {data['licence']}"
    return Finding("weights", name, "ok", value, data=data)
