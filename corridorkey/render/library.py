"""Mitsuba, where it is installed."""

from __future__ import annotations

from importlib import import_module
from types import ModuleType

from corridorkey.errors import BackendUnavailableError

VARIANT = "scalar_rgb"  # needs no LLVM on the machine, and an LLVM that Dr.Jit cannot use ends the process


def mitsuba() -> ModuleType:
    """Mitsuba, set to render on one thread: several processes share the work, each with frames of its own.

    Raises:
        BackendUnavailableError: it is not installed.
    """
    try:
        drjit, library = import_module("drjit"), import_module("mitsuba")
    except ImportError as error:
        raise BackendUnavailableError(
            f'rendering hair needs Mitsuba, which cannot be imported ({error}); pip install "ck-mlx[render]"'
        ) from error
    if library.variant() != VARIANT:
        library.set_variant(VARIANT)
        library.set_log_level(library.LogLevel.Error)
        drjit.set_thread_count(0)  # none beside the one that asks
    return library
