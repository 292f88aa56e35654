"""OpenColorIO's transforms as arrays: to linear Rec.709, and the matrix from there to another linear space."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from functools import cache
from typing import Any

import cv2
import numpy as np

from corridorkey.bands import in_bands
from corridorkey.errors import SettingsError
from corridorkey.ocio.config import SpaceConfig, opencolorio, refusing
from corridorkey.types import Array

# What configs call linear Rec.709; the first two are the Color Interop Forum's and the ACES configs' own.
_REC709 = ("lin_rec709_scene", "lin_rec709_srgb", "lin_rec709", "lin_srgb", "Utility - Linear - Rec.709")
_BUILT_IN_REC709 = "lin_rec709_srgb"
_LINEAR = 1e-5  # how far a matrix may be from what OpenColorIO makes of random colours, of the largest channel


def apply(cpu: Any, rgb: Array) -> Array:
    """Put colours through a processor.

    Args:
        cpu: from `to_rec709` or `between`.
        rgb: (H, W, 3) float32; left as it is.
    Returns:
        (H, W, 3) float32.
    """
    out = np.array(rgb, np.float32, order="C")
    in_bands(lambda rows: cpu.applyRGB(out[rows]), (out.shape[0], out.shape[1]))  # lets go of Python's lock
    return out


def through(matrix: Array, rgb: Array) -> Array:
    """Put linear colours through a matrix.

    Args:
        matrix: (3, 3) float32; colours are columns.
        rgb: (H, W, 3) or (H, W, 4) float32; an alpha is kept as it is.
    Returns:
        Same shape.
    """
    out = np.empty_like(rgb)

    def convert(rows: slice) -> None:
        out[rows, :, :3] = cv2.transform(np.ascontiguousarray(rgb[rows, :, :3]), matrix)
        out[rows, :, 3:] = rgb[rows, :, 3:]

    in_bands(convert, (rgb.shape[0], rgb.shape[1]))
    return out


def identity(config: SpaceConfig, spaces: Iterable[str]) -> str:
    """What stands for a config and for what it makes of some spaces, the tables' contents too; the same everywhere.

    Returns:
        The built-in config's name, which says it all; else the file's name and 16 hex digits.
    """
    if config.id == config.name:
        return config.name
    texts = [config.id, *(str(_into_rec709(config, name).getCacheID()) for name in spaces)]
    return f"{config.name} {hashlib.blake2b(' '.join(texts).encode(), digest_size=8).hexdigest()}"


@cache
def to_rec709(config: SpaceConfig, name: str) -> Any:
    """From a space to linear Rec.709.

    Raises:
        SettingsError: the config cannot.
    """
    with refusing(f"{config.name} cannot convert {name!r} to linear Rec.709"):
        return _exact(_into_rec709(config, name))


def between(config: SpaceConfig, source: str, target: str) -> Any:
    """From a space to another of the same config.

    Raises:
        SettingsError: the config cannot.
    """
    with refusing(f"{config.name} cannot convert {source!r} to {target!r}"):
        return _exact(config.raw.getProcessor(source, target))


@cache
def rec709_matrix(config: SpaceConfig, name: str) -> Array:
    """The matrix from linear Rec.709 to a linear space.

    Returns:
        (3, 3) float32; colours are columns.
    Raises:
        SettingsError: the config cannot, or the two differ by more than a matrix.
    """
    cpu = _from_rec709(config, name)
    matrix = apply(cpu, np.eye(3, dtype=np.float32)[None])[0].T
    colours = np.random.default_rng(1).uniform(-1, 8, (1, 64, 3)).astype(np.float32)
    wanted, got = apply(cpu, colours), colours @ matrix.T
    if not (np.abs(wanted - got) <= _LINEAR * np.abs(wanted).max()).all():
        raise SettingsError(
            f"colour space {name!r} is not linear, which FG and Processed have to be: Processed is premultiplied"
        )
    return np.ascontiguousarray(matrix)


def _into_rec709(config: SpaceConfig, name: str) -> Any:
    if own := _rec709_of(config):
        return config.raw.getProcessor(name, own)
    return opencolorio().Config.GetProcessorToBuiltinColorSpace(config.raw, name, _BUILT_IN_REC709)


def _from_rec709(config: SpaceConfig, name: str) -> Any:
    own = _rec709_of(config)
    with refusing(f"{config.name} cannot convert linear Rec.709 to {name!r}"):
        if own:
            return _exact(config.raw.getProcessor(own, name))
        return _exact(opencolorio().Config.GetProcessorFromBuiltinColorSpace(_BUILT_IN_REC709, config.raw, name))


def _rec709_of(config: SpaceConfig) -> str:
    return next((own for name in _REC709 if (own := config.has(name))), "")


def _exact(processor: Any) -> Any:
    # The default takes short cuts in logarithms and powers: up to 4e-4 of a small channel, for a sixth of the time.
    return processor.getOptimizedCPUProcessor(opencolorio().OPTIMIZATION_LOSSLESS)
