"""Torch: whether its build, the driver and the GPU belong together."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from corridorkey.doctor.child import Answer
from corridorkey.doctor.finding import Finding
from corridorkey.doctor.install import Here, torch_line
from corridorkey.doctor.machine import GIB
from corridorkey.doctor.nvidia import BUILDS, Nvidia, dotted

ROCM_BUILD = "rocm6.4"
OLDEST_ARCH_BUILD = "cu126"  # the last that serves Maxwell, Pascal and Volta
_NEWER_DRIVER = "Update the NVIDIA driver (https://www.nvidia.com/drivers)"
_VC_REDIST = "https://aka.ms/vs/17/release/vc_redist.x64.exe"


@dataclass(frozen=True, slots=True)
class Gpus:
    """What Torch could run on.

    Attributes:
        nvidia: what nvidia-smi said; None if there is none.
        amd: whether the kernel offers AMD's compute device.
        apple: whether this is Apple Silicon.
    """

    nvidia: Nvidia | None = None
    amd: bool = False
    apple: bool = False

    @property
    def has_nvidia(self) -> bool:
        """Whether nvidia-smi lists a GPU."""
        return self.nvidia is not None and bool(self.nvidia.gpus)


def has_amd() -> bool:
    """Whether the kernel offers AMD's compute device."""
    return Path("/dev/kfd").exists()


def best_build(gpus: Gpus, here: Here) -> str:
    """The build of Torch for this machine, as `torch_line` takes it; empty for the package index's own."""
    if here.system == "darwin":
        return ""
    if gpus.nvidia is not None and gpus.has_nvidia:
        # a driver older than every build leaves the CPU
        return gpus.nvidia.build or ("cpu" if gpus.nvidia.cuda else "")
    if here.system != "linux":
        return ""  # PyPI's build for Windows is the CPU's
    return ROCM_BUILD if gpus.amd else "cpu"


def torch_missing(gpus: Gpus, here: Here, is_needed: bool) -> Finding:
    """The finding where Torch is not installed.

    Args:
        gpus, here: choose the build to install.
        is_needed: whether no other backend works.
    """
    line = torch_line(here, best_build(gpus, here))
    return Finding("torch", "installed", "missing" if is_needed else "note", "not installed", line, {"version": None})


def torch_broken(failure: str, gpus: Gpus, here: Here) -> Finding:
    """The finding where Torch is installed and does not load."""
    remedy = torch_line(here, best_build(gpus, here), again=True)
    if here.system == "win32":
        remedy = f"Install Microsoft's Visual C++ runtime ({_VC_REDIST}); if that does not help, run:\n{remedy}"
    return Finding("torch", "installed", "broken", f"installed, but does not load: {failure}", remedy)


def torch_findings(answer: Answer, gpus: Gpus, here: Here) -> Iterator[Finding]:
    """Torch's build held against the machine.

    Args:
        answer: of `probes.torch_facts`.
        gpus: what is here.
        here: this Python.
    """
    if answer.failure:
        yield torch_broken(answer.failure, gpus, here)
        return
    facts = answer.facts
    build = f"CUDA {facts['cuda']}" if facts["cuda"] else f"ROCm {facts['hip']}" if facts["hip"] else "no CUDA"
    kept = {name: facts[name] for name in ("version", "cuda", "hip", "cuda_available", "mps_available")}
    yield Finding("torch", "installed", "ok", f"{facts['version']}, built with {build}", data=kept)
    if facts["hip"]:
        yield from _rocm_findings(facts)
    else:
        yield from _cuda_findings(facts, gpus, here)
    if gpus.apple:
        yield _mps_finding(facts)
    for device, failure in facts["computes"].items():
        if failure:
            remedy = torch_line(here, best_build(gpus, here), again=True)
            yield Finding("torch", f"computes on {device}", "broken", failure, remedy)


def _cuda_findings(facts: Mapping[str, Any], gpus: Gpus, here: Here) -> Iterator[Finding]:
    if gpus.amd and not gpus.has_nvidia and here.system == "linux":
        value = f"an AMD GPU is here, but Torch {facts['version']} is not built for ROCm"
        yield Finding("torch", "ROCm", "missing", value, torch_line(here, ROCM_BUILD, again=True))
    if facts["cuda_available"]:
        for gpu in facts["gpus"]:
            yield gpu_finding(gpu, facts["arch_list"], here)
    elif not facts["cuda"]:
        if gpus.nvidia is not None and gpus.has_nvidia:
            value = f"Torch {facts['version']} is a CPU build, but there is an NVIDIA GPU"
            line = torch_line(here, gpus.nvidia.build, again=True)
            yield Finding("torch", "CUDA", "broken", value, line if gpus.nvidia.build else f"{_NEWER_DRIVER}.")
    else:
        yield _no_cuda(facts, gpus.nvidia, here)


def _no_cuda(facts: Mapping[str, Any], nvidia: Nvidia | None, here: Here) -> Finding:
    """A CUDA build that finds no device."""
    if nvidia is None or not nvidia.gpus:
        return Finding(
            "torch", "CUDA", "note", f"built for CUDA {facts['cuda']}, but no NVIDIA GPU answers: runs on the CPU"
        )
    built = version_of(facts["cuda"])
    if nvidia.cuda is not None and built > nvidia.cuda:
        value = f"built for CUDA {facts['cuda']}, but driver {nvidia.driver} serves up to CUDA {dotted(nvidia.cuda)}"
        if not nvidia.build:
            return Finding("torch", "CUDA", "broken", value, f"{_NEWER_DRIVER}.")
        number = dotted(next(version for version, build in BUILDS.items() if build == nvidia.build))
        line = torch_line(here, nvidia.build, again=True)
        return Finding(
            "torch", "CUDA", "broken", value, f"{_NEWER_DRIVER}, or install the build for CUDA {number}:\n{line}"
        )
    hidden = os.environ.get("CUDA_VISIBLE_DEVICES")
    if hidden is not None:
        value = f"CUDA_VISIBLE_DEVICES is {hidden!r}, and Torch finds no GPU"
        return Finding("torch", "CUDA", "broken", value, "Unset CUDA_VISIBLE_DEVICES, or name a GPU that is here.")
    value = f"built for CUDA {facts['cuda']}, but finds no GPU: {facts['cuda_warning'] or 'it does not say why'}"
    return Finding("torch", "CUDA", "broken", value, "Restart; if that does not help, reinstall the NVIDIA driver.")


def gpu_finding(gpu: Mapping[str, Any], arch_list: Sequence[str], here: Here) -> Finding:
    """Whether Torch's build has code for a GPU.

    Args:
        gpu: name, capability (major, minor), memory in bytes.
        arch_list: what it was compiled for, "sm_80" and "compute_90".
        here: this Python.
    """
    major, minor = gpu["capability"]
    value = f"{gpu['name']}, {gpu['memory'] / GIB:.1f} GiB, compute capability {major}.{minor}"
    if serves(arch_list, (major, minor)):
        return Finding("torch", "CUDA", "ok", value, data=dict(gpu))
    is_old = (major, minor) < min(map(arch_version, arch_list))
    build = OLDEST_ARCH_BUILD if is_old else next(iter(BUILDS.values()))
    why = f"{value}: this build of Torch has no code for it (it has {', '.join(arch_list)})"
    return Finding("torch", "CUDA", "broken", why, torch_line(here, build, again=True), dict(gpu))


def serves(arch_list: Sequence[str], capability: tuple[int, int]) -> bool:
    """Whether code for these architectures runs on a GPU of that compute capability.

    Binary code (sm) runs within a major version, from its minor one on; PTX (compute) on every newer GPU. A list that
    is empty says nothing against it.
    """
    for arch in arch_list:
        version = arch_version(arch)
        if version <= capability and (arch.startswith("compute") or version[0] == capability[0]):
            return True
    return not arch_list


def arch_version(arch: str) -> tuple[int, int]:
    """(9, 0) for "sm_90a"."""
    match = re.search(r"_(\d+)(\d)[a-z]?$", arch)
    return (int(match[1]), int(match[2])) if match else (0, 0)


def version_of(text: str) -> tuple[int, int]:
    """(12, 8) for "12.8"; (0, 0) if it is no version."""
    match = re.match(r"(\d+)\.(\d+)", text)
    return (int(match[1]), int(match[2])) if match else (0, 0)


def _rocm_findings(facts: Mapping[str, Any]) -> Iterator[Finding]:
    for gpu in facts["gpus"]:
        yield Finding("torch", "ROCm", "ok", f"{gpu['name']}, {gpu['memory'] / GIB:.1f} GiB", data=dict(gpu))
    if not facts["cuda_available"]:
        remedy = "Load AMD's driver (amdgpu), run this, and log in anew:\nsudo usermod -aG render,video $USER"
        yield Finding("torch", "ROCm", "broken", f"built for ROCm {facts['hip']}, but finds no GPU", remedy)


def _mps_finding(facts: Mapping[str, Any]) -> Finding:
    if facts["mps_available"]:
        advice = "PYTORCH_ENABLE_MPS_FALLBACK=1 lets an operation that MPS lacks run on the CPU"
        return Finding("torch", "MPS", "note", f"available; MLX is the better choice on Apple Silicon. {advice}.")
    why = "built in, but not available (macOS 14 or newer?)" if facts["mps_built"] else "not built into this Torch"
    return Finding("torch", "MPS", "note", f"{why}: Torch runs on the CPU; MLX is the better choice here")
