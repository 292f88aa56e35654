"""Which backend runs the network: the flag, then CORRIDORKEY_BACKEND, then what is here."""

from __future__ import annotations

import importlib
import os
import platform
import sys
from importlib.util import find_spec
from pathlib import Path
from typing import cast

from corridorkey.errors import BackendUnavailableError, SettingsError
from corridorkey.pipeline import Keyer

BACKENDS = {"mlx": "corridorkey_mlx", "torch": "corridorkey_torch"}


def choose_backend(flag: str | None = None) -> str:
    """Decide between "mlx" and "torch".

    Args:
        flag: "auto", "mlx" or "torch"; None reads CORRIDORKEY_BACKEND. "auto" is MLX on Apple Silicon, else Torch.
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
            return candidate
    if usable:
        raise BackendUnavailableError(f"{name} cannot be used here. Use --backend {usable[0]}.")
    install = f'"{sys.executable}" -m pip install torch'
    raise BackendUnavailableError(f"no backend: {' and '.join(order)} cannot be used here. Run: {install}")


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


def _apple_silicon() -> bool:
    return sys.platform == "darwin" and platform.machine() == "arm64"
