"""PyMatting, where it is installed."""

from __future__ import annotations

from types import ModuleType

from corridorkey.errors import BackendUnavailableError


def pymatting() -> ModuleType:
    """PyMatting; its first import on a machine compiles for about a minute.

    Raises:
        BackendUnavailableError: it is not installed.
    """
    try:
        import pymatting as library
    except ImportError as error:
        raise BackendUnavailableError(
            f'this baseline needs PyMatting, which cannot be imported ({error}); pip install "ck-mlx[evaluate]"'
        ) from error
    return library  # type: ignore[no-any-return]
