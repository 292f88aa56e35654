"""Which checkpoint: the embedded one, or a file."""

from __future__ import annotations

from pathlib import Path

from corridorkey.errors import WeightsUnavailableError

SMALL = "small.safetensors"


def small_checkpoint() -> Path:
    """The embedded checkpoint: inside the installed package, or in the checkout it runs from.

    Raises:
        WeightsUnavailableError: it is in neither place.
    """
    package = Path(__file__).parent
    # A checkout first: an editable install leaves a copy in site-packages that goes stale.
    for folder in (package.parent / "checkpoints", package / "checkpoints"):
        if (folder / SMALL).is_file():
            return folder / SMALL
    raise WeightsUnavailableError(f"{SMALL} is missing from {package}. Install ck-mlx again.")


def choose_checkpoint(name: str = "auto") -> Path:
    """The checkpoint that `--checkpoint` names.

    Args:
        name: "auto" and "small" are the embedded one; anything else is a path.
    Returns:
        Path to a canonical checkpoint.
    Raises:
        WeightsUnavailableError: nothing lies at that path.
    """
    if name in ("auto", "small"):
        return small_checkpoint()
    path = Path(name)
    if not path.is_file():
        raise WeightsUnavailableError(f"no checkpoint at {path}. Give --checkpoint a file, or small.")
    return path
