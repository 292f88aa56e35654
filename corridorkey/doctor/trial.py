"""One frame, keyed for real: rendered, guided, predicted and finished, twice, by the clock."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from corridorkey.doctor.child import Answer, ask
from corridorkey.doctor.finding import Finding

SIZE = (288, 512)
FRAME_TIMEOUT = 300.0  # seconds
MOST_ERROR = 0.1  # mean error of alpha over the frame; a healthy backend stays near 0.01


@dataclass(frozen=True, slots=True)
class Attempt:
    """A backend, and a device if it is not the backend's own choice."""

    backend: str
    device: str | None = None

    @property
    def name(self) -> str:
        """For people: "torch", or "torch on cpu"."""
        return f"{self.backend} on {self.device}" if self.device else self.backend


def time_frame(backend: str, device: str | None = None) -> dict[str, Any]:
    """Key a rendered frame twice with the embedded checkpoint. Runs in a child.

    Args:
        backend: "mlx" or "torch".
        device: as load_keyer takes it.
    Returns:
        Seconds to load, for the first and for the second prediction; device, dtype, and how good alpha is.
    """
    import numpy as np

    from corridorkey.backend import load_keyer
    from corridorkey.config import KeySettings
    from corridorkey.demo import SEED, STYLE
    from corridorkey.pipeline import guide_frame, key_frame
    from corridorkey.synth import render_shot
    from corridorkey.types import Plate
    from corridorkey.weights import small_checkpoint

    frame = next(iter(render_shot(SEED, SIZE, 1, STYLE)))
    plate = Plate(frame.plate, "srgb")
    started = time.perf_counter()
    keyer = load_keyer(backend, small_checkpoint(), device=device)
    clock = [time.perf_counter()]
    for _ in range(2):
        keyed = key_frame(plate, guide_frame(plate, "green", keyer.contract), keyer, KeySettings())
        clock.append(time.perf_counter())
    error = float(np.abs(keyed.alpha.squeeze() - frame.alpha.squeeze()).mean())
    finite = all(bool(np.isfinite(array).all()) for array in (keyed.alpha, keyed.fg, keyed.processed))
    return {
        "backend": backend,
        "size": [SIZE[1], SIZE[0]],
        "device": str(getattr(keyer, "device", "its default device")),
        "dtype": str(getattr(keyer, "dtype", "float32")),
        "load_seconds": clock[0] - started,
        "first_seconds": clock[1] - clock[0],
        "second_seconds": clock[2] - clock[1],
        "finite": finite,
        "alpha_error": error if finite else None,
    }


def try_frame(attempt: Attempt, without: tuple[str, ...] = ()) -> Finding:
    """Key one frame in a child.

    Args:
        attempt: with what.
        without: environment variables that the child does not get.
    """
    words = [attempt.backend, attempt.device]
    return frame_finding(attempt, ask("corridorkey.doctor.trial:time_frame", words, FRAME_TIMEOUT, without))


def frame_finding(attempt: Attempt, answer: Answer) -> Finding:
    """The trial's finding: "ok" only if alpha is finite and near the truth."""
    if answer.failure:
        remedy = "Repair what is named above; else take another backend with --backend."
        return Finding("frame", attempt.name, "broken", f"could not be keyed: {answer.failure}", remedy)
    facts: Mapping[str, Any] = answer.facts
    width, height = facts["size"]
    second = facts["second_seconds"]
    clock = f"first {facts['first_seconds']:.2f} s, then {second:.2f} s ({1 / max(second, 1e-6):.2f} fps)"
    value = f"{width}x{height} on {facts['device']}, {facts['dtype']}: {clock}"
    if not facts["finite"]:
        return _wrong(attempt, f"{value}, but it holds NaN or infinity", facts)
    if facts["alpha_error"] > MOST_ERROR:
        return _wrong(attempt, f"{value}, but alpha is {facts['alpha_error']:.2f} off the truth", facts)
    return Finding(
        "frame", attempt.name, "ok", f"{value}, alpha within {facts['alpha_error']:.3f} of the truth", data=facts
    )


def _wrong(attempt: Attempt, value: str, facts: Mapping[str, Any]) -> Finding:
    remedy = (
        "This backend computes wrong numbers here. Use --device cpu or another --backend, and update its framework."
    )
    return Finding("frame", attempt.name, "broken", value, remedy, facts)
