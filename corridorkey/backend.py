"""Which backend runs the network: the flag, then CORRIDORKEY_BACKEND, then what is here."""

from __future__ import annotations

import importlib
import logging
import os
import platform
import sys
from importlib.util import find_spec
from pathlib import Path
from typing import cast

from corridorkey.errors import BackendUnavailableError, SettingsError
from corridorkey.pipeline import Keyer

BACKENDS = {"mlx": "corridorkey_mlx", "torch": "corridorkey_torch"}
log = logging.getLogger(__name__)


def choose_backend(flag: str | None = None) -> str:
    """Decide between "mlx" and "torch".

    Args:
        flag: "auto", "mlx" or "torch"; None reads CORRIDORKEY_BACKEND. "auto" is MLX on Apple Silicon where it can be
            imported, else Torch, else MLX, with a warning that it is slow.
    Returns:
        The backend's name; its framework can be imported.
    Raises:
        SettingsError: unknown name.
        BackendUnavailableError: not installed, with the line that installs it.
    """
    name = flag or os.environ.get("CORRIDORKEY_BACKEND") or "auto"
    if name not in ("auto", *BACKENDS):
        raise SettingsError(f"backend {name!r}: use auto, {' or '.join(BACKENDS)}")
    order = [name] if name != "auto" else ["mlx", "torch"] if _apple_silicon() else ["torch", "mlx"]
    usable = [other for other in BACKENDS if find_spec(other) and find_spec(BACKENDS[other])]
    for candidate in order:
        if candidate in usable:
            if (name, candidate) == ("auto", "mlx") and not _apple_silicon():
                log.warning("MLX keys, slow away from Apple Silicon, because %s", _lack("torch"))
            return candidate
    other = f". Or use --backend {usable[0]}." if usable else ""
    raise BackendUnavailableError("; or ".join(map(_lack, order)) + other)


def load_keyer(
    backend: str, checkpoint: Path, *, size: int | None = None, dtype: str = "float32", device: str | None = None
) -> Keyer:
    """Load a checkpoint with a backend.

    Args:
        backend: from `choose_backend`.
        checkpoint, size, dtype, device: see that backend's own `load_keyer`.
    Returns:
        The keyer.
    Raises:
        BackendUnavailableError: the framework is installed but does not load, or not on that device.
        CheckpointError, SettingsError: as the backend's own.
    """
    try:
        load = importlib.import_module(BACKENDS[backend]).load_keyer
    except (ImportError, OSError, AttributeError) as error:
        raise BackendUnavailableError(
            f"{backend} is installed but does not load ({error}). Reinstall it, or choose another with --backend."
        ) from error
    return cast(Keyer, load(checkpoint, size=size, dtype=dtype, **({"device": device} if device else {})))


def _lack(backend: str) -> str:
    pip = f'"{sys.executable}" -m pip install'
    if find_spec(backend):
        return f"{BACKENDS[backend]} is not installed. Run: {pip} --force-reinstall --no-deps ck-mlx"
    if backend == "torch":
        return f"torch is not installed. Run: {pip} torch"
    if _apple_silicon():
        return f"mlx is not installed. Run: {pip} mlx"
    if sys.platform == "linux":
        return f'mlx is not installed. With glibc 2.35 or newer, run: {pip} "mlx[cpu]"'
    return "mlx is not installed; it is made for Apple Silicon and Linux"


def _apple_silicon() -> bool:
    return sys.platform == "darwin" and platform.machine() == "arm64"
