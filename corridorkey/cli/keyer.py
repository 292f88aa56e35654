"""The keyer of a command: loaded in a process that is the command's own."""

from __future__ import annotations

from pathlib import Path

from corridorkey.backend import load_keyer
from corridorkey.pipeline import Keyer


def command_keyer(
    backend: str, checkpoint: Path, *, size: int | None = None, dtype: str = "float32", device: str | None = None
) -> Keyer:
    """`backend.load_keyer`, and the limits that only a program may set for its process.

    Args, Raises: as there.
    """
    keyer = load_keyer(backend, checkpoint, size=size, dtype=dtype, device=device)
    if backend == "mlx":
        from corridorkey_mlx.memory import bound_cache

        bound_cache()
    return keyer
