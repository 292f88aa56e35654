"""The two networks behind one face, so that every comparison is written once."""

from __future__ import annotations

import platform
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass
from importlib.util import find_spec
from typing import Any

import numpy as np

from corridorkey.doctor.machine import mlx_is_made_for
from corridorkey.types import Array


@dataclass(frozen=True, slots=True)
class Backend:
    """One of the two packages.

    Attributes:
        name: "torch" or "mlx".
        load_greenformer, load_keyer: the package's own.
        array: float32 NumPy array to the framework's.
    """

    name: str
    load_greenformer: Callable[..., Any]
    load_keyer: Callable[..., Any]
    array: Callable[[Array], Any]

    @staticmethod
    def numpy(x: Any) -> Array:
        """The framework's array, on any device and of any dtype, as float32 NumPy."""
        if hasattr(x, "cpu"):
            return np.asarray(x.float().cpu(), np.float32)
        import mlx.core as mx

        return np.array(x.astype(mx.float32))


def torch_backend() -> Backend:
    """Torch, without TF32."""
    import torch

    import corridorkey_torch

    torch.backends.cudnn.allow_tf32 = torch.backends.cuda.matmul.allow_tf32 = False
    return Backend("torch", corridorkey_torch.load_greenformer, corridorkey_torch.load_keyer, torch.from_numpy)


def mlx_backend() -> Backend:
    """MLX; `parity/__init__.py` keeps TF32 away."""
    import mlx.core as mx

    import corridorkey_mlx

    return Backend("mlx", corridorkey_mlx.load_greenformer, corridorkey_mlx.load_keyer, mx.array)


BACKENDS = {"torch": torch_backend, "mlx": mlx_backend}


def backends() -> list[Backend]:
    """Both; Torch alone where MLX is not made for the platform.

    Raises:
        ImportError: one of them should be here and is not.
    """
    names = ["torch", "mlx"] if find_spec("mlx") or mlx_belongs_here() else ["torch"]
    return [BACKENDS[name]() for name in names]


def mlx_belongs_here() -> bool:
    """Whether MLX has wheels for this platform."""
    return mlx_is_made_for(platform.system(), platform.machine(), platform.libc_ver())


def on_cpu(name: str) -> AbstractContextManager[Any]:
    """Keeps what is made and run inside on the CPU, the device of every bound; Torch stays there by itself."""
    if name == "torch":
        return nullcontext()
    import mlx.core as mx

    return mx.stream(mx.cpu)


@contextmanager
def no_gradients() -> Iterator[None]:
    """Torch's inference mode where Torch is here; MLX records nothing unless asked."""
    if find_spec("torch"):
        import torch

        with torch.inference_mode():
            yield
    else:
        yield
