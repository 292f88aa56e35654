"""Both networks for one test body, and the one reason for which a platform has Torch's alone."""

from __future__ import annotations

from importlib import import_module
from importlib.util import find_spec
from types import ModuleType
from typing import Any

import pytest

from corridorkey.types import Array
from parity.backends import BACKENDS, Backend, mlx_belongs_here, no_gradients, on_cpu

NO_MLX = "MLX is made for Apple Silicon and for Linux with glibc 2.35 or newer, not for this platform"
MLX_BELONGS_HERE = bool(find_spec("mlx")) or mlx_belongs_here()  # where it does, its absence fails

needs_mlx = pytest.mark.skipif(not MLX_BELONGS_HERE, reason=NO_MLX)
NAMES = ["torch", pytest.param("mlx", marks=needs_mlx)]


def part(network: Backend, name: str) -> ModuleType:
    """A module of a backend's package, such as "norms"."""
    return import_module(f"corridorkey_{network.name}.{name}")


def filled(network: Backend, layer: Any, **values: Array) -> Any:
    """The layer with these parameters and buffers, evaluating."""
    if network.name == "torch":
        layer.load_state_dict({name: network.array(value) for name, value in values.items()}, strict=False)
    else:
        layer.load_weights([(name, network.array(value)) for name, value in values.items()], strict=False)
    return layer.eval()


def cast(network: Backend, x: Any, dtype: str) -> Any:
    """The framework's array in another dtype."""
    if network.name == "torch":
        return x.to(getattr(import_module("torch"), dtype))
    return x.astype(getattr(import_module("mlx.core"), dtype))


def on_picture(network: Backend, layer: Any, x: Array, *arguments: Any, dtype: str = "float32") -> Array:
    """Runs what takes pictures on (B, H, W, C), whichever way round its framework wants and gives them back."""
    with no_gradients():
        given = cast(network, network.array(x), dtype)
        if network.name == "torch":
            y = layer(given.permute(0, 3, 1, 2), *arguments).permute(0, 2, 3, 1)
        else:
            y = layer(given, *arguments)
        return network.numpy(cast(network, y, "float32"))


__all__ = [
    "BACKENDS",
    "MLX_BELONGS_HERE",
    "NAMES",
    "NO_MLX",
    "cast",
    "filled",
    "needs_mlx",
    "on_cpu",
    "on_picture",
    "part",
]
