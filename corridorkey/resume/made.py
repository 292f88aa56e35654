"""How a run makes its frames: everything the pixels depend on beside the plates and hints."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from corridorkey import __version__
from corridorkey.config import KeySettings
from corridorkey.errors import CheckpointFormatError
from corridorkey.files import sha256_of
from corridorkey.printable import printable
from corridorkey.types import Array, Screen

SHADE = "screen shade"
FOUND = (SHADE, "screen color", "device", "version")  # facts nobody chose: they come of the plates and the machine


@dataclass(frozen=True)
class Made:
    """How a run makes its frames.

    Attributes:
        facts: name -> JSON value: the settings, the screen as decided for the clip, the checkpoint's hash, backend,
            device, dtype, network size, version.
        checkpoint: the weights file's name, for people; its hash is among the facts.
    """

    facts: Mapping[str, Any]
    checkpoint: str = ""

    @cached_property
    def hash(self) -> str:
        """16 hex digits that stand for all the facts."""
        return _digest(self.facts)

    @cached_property
    def alike(self) -> str:
        """The same without the screen's shade: it is measured on some of the plates, and a new one may move it."""
        return _digest({name: value for name, value in self.facts.items() if name != SHADE})

    @cached_property
    def chosen(self) -> str:
        """The same of what was chosen alone, without FOUND."""
        return _digest({name: value for name, value in self.facts.items() if name not in FOUND})

    @property
    def shade(self) -> tuple[float, float, float] | None:
        """The screen's shade, sRGB, as the network is told it; None where none was measured."""
        shade = self.facts.get(SHADE)
        return None if shade is None else (float(shade[0]), float(shade[1]), float(shade[2]))

    def changes(self, earlier: Made) -> list[str]:
        """What differs from an earlier run, one text each: "despill 1.0 -> 0.5"; the shade only if nothing else."""
        old, new = earlier.facts, self.facts
        names = [name for name in sorted(old.keys() | new.keys()) if old.get(name) != new.get(name)]
        if len(names) > 1 and SHADE in names:
            names.remove(SHADE)
        return [f"{name} {_text(old.get(name))} -> {_text(new.get(name))}" for name in names]


def made_by(
    settings: KeySettings,
    *,
    screen: Screen,
    screen_rgb: Array | None,
    checkpoint: Path,
    backend: str,
    device: str,
    dtype: str,
    size: int,
    **more: Any,
) -> Made:
    """Describe a run.

    Args:
        settings: the artist's knobs. Which outputs are written does not count: each is the same with or without others.
        screen, screen_rgb: as decided for the clip.
        checkpoint: the weights file; its bytes are hashed.
        backend: "mlx" or "torch".
        device: "cuda:1" counts as "cuda".
        dtype, size: what the network runs at.
        more: what else the pixels depend on, as JSON values; a file counts by its digest (`identity.digest_file`).
    Returns:
        Made.
    Raises:
        CheckpointFormatError: the checkpoint cannot be read.
    """
    knobs = {name.replace("_", " "): value for name, value in asdict(settings).items() if name != "outputs"}
    found = {
        "screen color": screen,
        SHADE: None if screen_rgb is None else [float(x) for x in screen_rgb],
        "device": device.partition(":")[0],
        "version": __version__,
    }
    run = {"checkpoint": _sha256(checkpoint), "backend": backend, "dtype": dtype, "size": size}
    # Through JSON, so that a run compares equal to what it wrote.
    return Made(json.loads(json.dumps(knobs | run | more | found, default=str)), checkpoint.name)


def _sha256(path: Path) -> str:
    try:
        return sha256_of(path)
    except OSError as error:
        raise CheckpointFormatError(f"{path}: cannot be read: {error.strerror or error}") from error


def _digest(facts: Mapping[str, Any]) -> str:
    text = json.dumps(facts, sort_keys=True, separators=(",", ":"))
    return hashlib.blake2b(text.encode(), digest_size=8).hexdigest()


def _text(value: Any) -> str:
    """A value as a message shows it; it may come from a file, and a terminal may obey control characters."""
    text = value if isinstance(value, str) else json.dumps(value)
    text = text[:12] if len(text) == 64 else text[:80]  # of a hash the beginning
    return printable(text)
