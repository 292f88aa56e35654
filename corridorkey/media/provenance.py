"""Where a picture came from: `ck:` attributes on every output, the same on every run."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

from corridorkey import __version__
from corridorkey.config import KeySettings
from corridorkey.printable import printable
from corridorkey.types import Screen

PREFIX = "ck:"


def provenance_of(
    settings: KeySettings, *, screen: Screen, checkpoint: Path, sha256: str, backend: str, dtype: str
) -> dict[str, str]:
    """What a run's outputs say of how they were made. No date, no machine and no folder: a second run gives the same.

    Args:
        settings: the artist's knobs. Which outputs are written is left out: each is the same with or without others.
        screen: as decided for the clip.
        checkpoint: the weights file; its name alone is told.
        sha256: of its bytes, hexadecimal.
        backend: "mlx" or "torch".
        dtype: what the network runs in.
    Returns:
        Attribute name -> text, for `write_frame`.
    """
    knobs = {name: value for name, value in asdict(settings).items() if name != "outputs"}
    return {
        "ck:backend": backend,
        "ck:checkpoint": f"{printable(checkpoint.name)} sha256:{sha256}",
        "ck:dtype": dtype,
        "ck:screen": screen,
        "ck:settings": json.dumps(knobs, sort_keys=True, separators=(",", ":")),
    }


def stamped(header: Mapping[str, Any], plate: Path, provenance: Mapping[str, str] | None = None) -> dict[str, Any]:
    """A plate's attributes with its outputs' stamp in place of an earlier key's.

    Args:
        header: the plate's attributes.
        plate: its file; its name alone is told.
        provenance: from `provenance_of`; None tells the plate and the version alone.
    """
    own = {name: value for name, value in header.items() if not name.startswith(PREFIX)}
    return own | dict(provenance or {}) | {"ck:plate": printable(plate.name), "ck:version": __version__}


def stamp_of(header: Mapping[str, Any]) -> dict[str, Any]:
    """The stamp alone of what `stamped` returns."""
    return {name: value for name, value in sorted(header.items()) if name.startswith(PREFIX)}
