"""Machines that are not here."""

import dataclasses
import sys
from pathlib import Path

from corridorkey.doctor.child import Answer
from corridorkey.doctor.install import Here
from corridorkey.doctor.machine import Machine
from corridorkey.doctor.memory import Memory
from corridorkey.doctor.nvidia import Nvidia

ROOT = Path(__file__).parents[2]
LINUX = Machine(
    "Linux", "x86_64", "6.1", "3.12.1", 64, "AMD EPYC", False, 8, Memory(64 << 30, 32 << 30), ("glibc", "2.36")
)
MAC = dataclasses.replace(LINUX, system="Darwin", machine="arm64", release="15.1", chip="Apple M4 Pro", libc=("", ""))
HERE = Here("/opt/venv/bin/python", Path("/opt/venv/lib"), "linux", in_venv=True, has_pip=True, uv=None)
MAC_HERE = dataclasses.replace(HERE, system="darwin")
CLONE = dataclasses.replace(HERE, root=ROOT)
PIP = "/opt/venv/bin/python -m pip install "
RTX = Nvidia((("NVIDIA GeForce RTX 4090", "24564 MiB"),), "550.40.07", (12, 4))

TORCH_FACTS = {
    "version": "2.13.0", "cuda": None, "hip": None, "cuda_available": False, "cuda_warning": "", "mps_built": False,
    "mps_available": False, "arch_list": [], "gpus": [], "computes": {"cpu": ""},
}  # fmt: skip
MLX_FACTS = {
    "version": "0.32.4", "device": "Device(gpu, 0)", "metal": True, "name": "Apple M4 Pro", "memory": 48 << 30,
    "working_set": 36 << 30, "computes": "",
}  # fmt: skip


def torch(**facts) -> Answer:
    return Answer({**TORCH_FACTS, **facts})


def mlx(**facts) -> Answer:
    return Answer({**MLX_FACTS, **facts})


def by_name(findings, name):
    """The one finding of that name."""
    (found,) = [finding for finding in findings if finding.name == name]
    return found


def write_program(path: Path, text: str) -> Path:
    """A program in Python's own words, to be found on PATH."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!{sys.executable}\n{text}")
    path.chmod(0o755)
    return path


def write_module(folder: Path, name: str, text: str) -> Path:
    """A package `name` in `folder`."""
    path = folder.joinpath(*name.split("."), "__init__.py")
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return path


def snapshot(folder: Path) -> set[Path]:
    """All that lies in a folder."""
    return set(folder.rglob("*"))
