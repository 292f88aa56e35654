"""The NVIDIA driver and its GPUs, as nvidia-smi tells them."""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from corridorkey.doctor.finding import Finding

QUERY = ("--query-gpu=name,driver_version,memory.total", "--format=csv,noheader")
TIMEOUT = 30.0  # seconds; without its daemon it takes several

# the builds of Torch 2.6 and newer, newest first; one serves every driver of its CUDA's version or newer
BUILDS = {(13, 0): "cu130", (12, 8): "cu128", (12, 6): "cu126", (12, 4): "cu124", (11, 8): "cu118"}


@dataclass(frozen=True, slots=True)
class Nvidia:
    """What nvidia-smi said.

    Attributes:
        gpus: (name, memory as it writes it) of each.
        driver: its version.
        cuda: the newest CUDA that it serves, (12, 4); None if it does not say.
        failure: what nvidia-smi said instead; empty if it worked.
    """

    gpus: tuple[tuple[str, str], ...] = ()
    driver: str = ""
    cuda: tuple[int, int] | None = None
    failure: str = ""

    @property
    def build(self) -> str:
        """The newest build of Torch that this driver serves; empty if none or unknown."""
        if self.cuda is None:
            return ""
        return next((build for version, build in BUILDS.items() if version <= self.cuda), "")


def read_nvidia() -> Nvidia | None:
    """Ask nvidia-smi; None where neither it nor the driver is."""
    smi = shutil.which("nvidia-smi")
    if smi is None:
        # containers that were not given the GPU have the driver's folder, but not its tool
        is_loaded = Path("/proc/driver/nvidia/version").exists()
        return Nvidia(failure="its driver is loaded, but nvidia-smi is not on PATH") if is_loaded else None
    said = []
    for options in (QUERY, ()):
        try:
            done = subprocess.run([smi, *options], stdin=subprocess.DEVNULL, capture_output=True, timeout=TIMEOUT)
        except subprocess.TimeoutExpired:
            return Nvidia(failure=f"nvidia-smi did not answer within {TIMEOUT:.0f} s")
        except OSError as error:
            return Nvidia(failure=f"{smi} cannot be started: {error.strerror or error}")
        text = done.stdout.decode("utf-8", "replace")
        if done.returncode:
            if "No devices were found" in text:
                return None
            words = " ".join((text + done.stderr.decode("utf-8", "replace")).split())
            return Nvidia(failure=words[:300] or f"nvidia-smi ended with status {done.returncode}")
        said.append(text)
    return parse_nvidia(*said)


def parse_nvidia(rows: str, header: str) -> Nvidia | None:
    """Nvidia from what nvidia-smi writes; None if it lists no GPU.

    Args:
        rows: "name, driver, memory" of each GPU.
        header: its plain output; since driver 610 that says "CUDA UMD Version".
    """
    cells = [[cell.strip() for cell in line.rsplit(",", 2)] for line in rows.splitlines() if line.count(",") >= 2]
    if not cells:
        return None
    cuda = re.search(r"CUDA (?:UMD )?Version\s*:\s*(\d+)\.(\d+)", header)
    return Nvidia(
        gpus=tuple((name, memory) for name, _, memory in cells),
        driver=cells[0][1],
        cuda=(int(cuda[1]), int(cuda[2])) if cuda else None,
    )


def nvidia_findings(nvidia: Nvidia | None) -> Iterator[Finding]:
    """The GPUs and their driver; nothing where there are none."""
    if nvidia is None:
        return
    if nvidia.failure:
        remedy = (
            "Install or reload the NVIDIA driver (a restart loads an updated one); in a container, pass the GPU in."
        )
        yield Finding("torch", "NVIDIA driver", "broken", nvidia.failure, remedy)
        return
    for name, memory in nvidia.gpus:
        yield Finding("torch", "NVIDIA GPU", "ok", f"{name}, {memory}", data={"name": name, "memory": memory})
    cuda = "an unknown CUDA" if nvidia.cuda is None else f"CUDA {dotted(nvidia.cuda)}"
    facts = {"version": nvidia.driver, "cuda": None if nvidia.cuda is None else dotted(nvidia.cuda)}
    yield Finding("torch", "NVIDIA driver", "ok", f"{nvidia.driver}, up to {cuda}", data=facts)


def dotted(version: tuple[int, int]) -> str:
    """12.4 for (12, 4)."""
    return f"{version[0]}.{version[1]}"
