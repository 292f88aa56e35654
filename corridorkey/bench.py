"""How long a frame takes: keyed again and again by the clock, the network's time told from the rest."""

from __future__ import annotations

import importlib
import sys
import time
from dataclasses import replace
from pathlib import Path
from statistics import median
from typing import Any

from corridorkey.config import KeySettings
from corridorkey.demo import SEED, STYLE
from corridorkey.pipeline import Keyer, guide_frame, key_frame
from corridorkey.screen import measure_screen
from corridorkey.synth import render_shot
from corridorkey.types import Array, Plate, Prediction, Screen

STAGES = ("hint", "prepare", "network", "finish")


class TimedKeyer:
    """A keyer that remembers when its network was at work.

    Attributes:
        contract: the keyer's.
        started, ended: of the last prediction, on `time.perf_counter`'s clock.
    """

    def __init__(self, keyer: Keyer) -> None:
        """The `keyer` does the work."""
        self.keyer, self.contract = keyer, keyer.contract
        self.started = self.ended = 0.0

    def predict(self, x: Array, refiner_scale: float = 1.0) -> Prediction:
        """The keyer's own prediction; it is there when this returns, on whatever device it was made."""
        self.started = time.perf_counter()
        prediction = self.keyer.predict(x, refiner_scale)
        self.ended = time.perf_counter()
        return prediction


def bench_plate(size: tuple[int, int], screen: Screen = "green") -> Plate:
    """The demo's person, rendered at a size.

    Args:
        size: height and width.
        screen: its colour.
    """
    return Plate(next(iter(render_shot(SEED, size, 1, replace(STYLE, screen=screen)))).plate, "srgb")


def time_frames(plate: Plate, screen: Screen, keyer: Keyer, frames: int) -> dict[str, float]:
    """Key a plate as `ck key` does, once to warm up and then by the clock; nothing is read or written.

    Args:
        plate: the frame.
        screen: colour of its screen.
        keyer: a loaded network.
        frames: how often, at least 1.
    Returns:
        Median milliseconds of each of STAGES, and of a whole "frame".
    """
    timed, settings = TimedKeyer(keyer), KeySettings()
    shade = measure_screen([plate.rgb], screen)  # of a clip it is measured once
    rows = []
    for _ in range(1 + frames):
        begun = time.perf_counter()
        guide = guide_frame(plate, screen, timed.contract, screen_rgb=shade)
        guided = time.perf_counter()
        key_frame(plate, guide, timed, settings)
        done = time.perf_counter()
        spent = guided - begun, timed.started - guided, timed.ended - timed.started, done - timed.ended
        rows.append({**dict(zip(STAGES, spent, strict=True)), "frame": done - begun})
    return {stage: 1000 * median(row[stage] for row in rows[1:]) for stage in rows[0]}


def peak_memory() -> int | None:
    """The most bytes that this process has held in RAM so far; None where the system does not tell."""
    try:  # ru_maxrss counts what the parent held when it started this process; VmHWM does not
        return int(Path("/proc/self/status").read_text().split("VmHWM:")[1].split()[0]) << 10
    except (OSError, IndexError, ValueError):
        pass
    try:
        import resource
    except ImportError:
        return None
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)


def device_facts(backend: str, device: str) -> dict[str, Any]:
    """What a framework says of the device it has just computed on.

    Args:
        backend: "mlx" or "torch".
        device: as the keyer names it.
    Returns:
        name: of the GPU, empty for a CPU; threads: of the CPU, None where unknown; peak: bytes of the GPU's memory,
        None for a CPU.
    """
    on_cpu = "cpu" in device
    if backend == "mlx":
        mx: Any = importlib.import_module("mlx.core")
        name = "" if on_cpu else str(mx.device_info(mx.gpu).get("device_name", ""))
        return {"name": name, "threads": None, "peak": None if on_cpu else int(mx.get_peak_memory())}
    torch: Any = importlib.import_module("torch")
    if device.startswith("cuda"):
        name, peak = torch.cuda.get_device_name(device), int(torch.cuda.max_memory_allocated(device))
        return {"name": name, "threads": None, "peak": peak}
    return {"name": "", "threads": int(torch.get_num_threads()) if on_cpu else None, "peak": None}
