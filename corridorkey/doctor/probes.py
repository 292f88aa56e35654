"""What is asked of a framework, inside a child: each function imports it, and returns JSON types."""

from __future__ import annotations

import functools
import importlib
import platform
import warnings
from collections.abc import Callable
from typing import Any

from corridorkey.backend import BACKENDS
from corridorkey.errors import CorridorKeyError


def torch_facts() -> dict[str, Any]:
    """Torch's version, build and devices, and whether it computes on each."""
    with warnings.catch_warnings(record=True) as warned:
        warnings.simplefilter("always")
        torch: Any = importlib.import_module("torch")
        cuda_available = bool(torch.cuda.is_available())
    facts: dict[str, Any] = {
        "version": str(torch.__version__),
        "cuda": torch.version.cuda,
        "hip": getattr(torch.version, "hip", None),
        "cuda_available": cuda_available,
        "cuda_warning": next((str(w.message) for w in warned if "CUDA" in str(w.message)), ""),
        "mps_built": _tried(lambda: bool(torch.backends.mps.is_built()), False),
        "mps_available": _tried(lambda: bool(torch.backends.mps.is_available()), False),
        "arch_list": _tried(lambda: list(torch.cuda.get_arch_list()), []) if cuda_available else [],
        "gpus": _tried(lambda: _torch_gpus(torch), []) if cuda_available else [],
        "computes": {},
    }
    devices = ["cpu"] + ["cuda"] * cuda_available + ["mps"] * facts["mps_available"]
    for device in devices:
        facts["computes"][device] = _failure(functools.partial(_torch_sum, torch, device), 8.0)
    return facts


def _torch_sum(torch: Any, device: str) -> float:
    return float((torch.ones(4, device=device) * 2).sum())


def _torch_gpus(torch: Any) -> list[dict[str, Any]]:
    found = []
    for index in range(torch.cuda.device_count()):
        its = torch.cuda.get_device_properties(index)
        found.append({"name": its.name, "capability": [its.major, its.minor], "memory": int(its.total_memory)})
    return found


def mlx_facts() -> dict[str, Any]:
    """MLX's version and device, and whether it computes there."""
    mx: Any = importlib.import_module("mlx.core")
    tell = getattr(mx, "device_info", None) or mx.metal.device_info
    info = _tried(lambda: dict(tell()), {})
    return {
        "version": str(mx.__version__),
        "device": str(mx.default_device()),
        "metal": _tried(lambda: bool(mx.metal.is_available()), False),
        "name": str(info.get("device_name", "")) or platform.machine(),
        "memory": _number(info.get("memory_size")),
        "working_set": _number(info.get("max_recommended_working_set_size")),
        "computes": _failure(lambda: float((mx.ones(4) * 2).sum().item()), 8.0),
    }


def device_facts(backend: str) -> dict[str, Any]:
    """The device that a backend takes when none is named, or why it takes none."""
    keyer = importlib.import_module(f"{BACKENDS[backend]}.keyer")
    try:
        return {"device": str(keyer.choose_device()), "failure": ""}
    except CorridorKeyError as error:
        return {"device": None, "failure": str(error)}


def _number(value: object) -> int | None:
    return int(value) if isinstance(value, int | float) else None


def _tried(look: Callable[[], Any], otherwise: Any) -> Any:
    try:
        return look()
    except Exception:  # older and newer versions lack one thing or another
        return otherwise


def _failure(compute: Callable[[], float], wanted: float) -> str:
    """Empty if the computation gives what is wanted, else what went wrong."""
    try:
        got = compute()
    except Exception as error:
        return " ".join(f"{type(error).__name__}: {error}".split())[:300]
    return "" if got == wanted else f"computed {got} instead of {wanted}"
