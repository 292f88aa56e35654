"""Which checkpoint a shot is keyed with."""

from __future__ import annotations

from pathlib import Path

from corridorkey.errors import WeightsUnavailableError
from corridorkey.types import Screen
from corridorkey.weights.cache import local_weights
from corridorkey.weights.known import KNOWN

SMALL = "small.safetensors"


def small_checkpoint() -> Path:
    """The embedded checkpoint: inside the installed package, or in the checkout it runs from.

    Raises:
        WeightsUnavailableError: it is in neither place.
    """
    package = Path(__file__).parents[1]
    # A checkout first: an editable install leaves a copy in site-packages that goes stale.
    for folder in (package.parent / "checkpoints", package / "checkpoints"):
        if (folder / SMALL).is_file():
            return folder / SMALL
    raise WeightsUnavailableError(f"{SMALL} is missing from {package}. Install ck-mlx again.")


def choose_checkpoint(name: str = "auto", screen: Screen | None = None) -> Path:
    """The checkpoint that `--checkpoint` names.

    Args:
        name: "auto" is the released one for the screen where it is here, else "small", the embedded one; "green" and
            "blue" are the released ones; anything else is a path.
        screen: the shot's, as far as it is known.
    Returns:
        Path to a canonical checkpoint.
    Raises:
        WeightsUnavailableError: it is not here.
    """
    if name == "small":
        return small_checkpoint()
    if name == "auto":
        return next((w.path for w in local_weights() if w.screen == screen), None) or small_checkpoint()
    if name in KNOWN:
        for weights in local_weights():
            if weights.screen == name:
                return weights.path
        raise WeightsUnavailableError(
            f"the released weights for {name} screens are not here. Run: ck weights fetch {name}, or use "
            "--checkpoint small."
        )
    path = Path(name)
    try:
        there = path.is_file()
    except OSError as error:
        raise WeightsUnavailableError(f"{path}: cannot be read: {error.strerror or error}. Check the path.") from error
    if not there:
        raise WeightsUnavailableError(f"no checkpoint at {path}. Give --checkpoint a file, small, green or blue.")
    return path


def depends_on_screen(name: str) -> bool:
    """Whether `choose_checkpoint` of this name needs the shot's screen: "auto", with released weights here."""
    return name == "auto" and bool(local_weights())
