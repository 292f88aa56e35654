"""The examination as a whole."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from functools import partial
from pathlib import Path

from corridorkey.doctor.about_torch import Gpus, has_amd
from corridorkey.doctor.backends import DEVICE_VARIABLE, Backends, choice_finding, device_finding, examine_backends
from corridorkey.doctor.codecs import codec_findings
from corridorkey.doctor.disk import disk_findings
from corridorkey.doctor.finding import Finding, Report, guarded
from corridorkey.doctor.install import Here, here
from corridorkey.doctor.machine import machine_findings, python_findings, read_machine
from corridorkey.doctor.nvidia import nvidia_findings, read_nvidia
from corridorkey.doctor.trial import Attempt, try_frame
from corridorkey.doctor.weights import weights_findings


def examine(frame: bool = True) -> Report:
    """Look at this machine: nothing is installed, changed or fetched.

    Args:
        frame: whether one frame is keyed, for the time it takes; without, a backend whose framework computes counts.
    Returns:
        Report.
    """
    at, machine = here(), read_machine()
    findings = guarded("python", "version", lambda: python_findings(machine, at))
    findings += guarded("machine", "system", lambda: machine_findings(machine))
    nvidia = None

    def look_for_nvidia() -> Iterator[Finding]:
        nonlocal nvidia
        nvidia = read_nvidia()
        yield from nvidia_findings(nvidia)

    drivers = guarded("torch", "NVIDIA driver", look_for_nvidia)
    backends = examine_backends(machine, at, Gpus(nvidia, has_amd(), machine.is_apple_silicon))
    findings += [f for f in backends.findings if f.topic == "mlx"]
    findings += [*drivers, *(f for f in backends.findings if f.topic == "torch")]

    chosen, choice = choice_finding(backends.works, at)
    findings.append(choice)
    plan = attempts(chosen, backends)
    devices = device_findings(plan, at)
    findings += devices
    findings += guarded("weights", "small", lambda: weights_findings(at))
    findings += guarded("codecs", "EXR 16 bit", lambda: codec_findings(at))
    findings += guarded("disk", "cache folder", _disk)

    taken = next(iter(plan), None)
    if frame:
        taken, frames = try_all(plan, any(f.state == "broken" for f in devices))
        findings += frames
    if taken is None:
        return Report(tuple(findings), None, None, can_key=False)
    return Report(tuple(findings), taken.backend, taken.device, can_key=not _cannot_write(findings))


def attempts(chosen: str | None, backends: Backends) -> list[Attempt]:
    """What to key a frame with until one works: the choice, the other backend, Torch on the CPU where it took a GPU.

    Args:
        chosen: the backend that a run takes; None if it cannot be used.
        backends: what was found out about them.
    """
    names = dict.fromkeys([*([chosen] if chosen else []), *backends.works])
    computes = backends.facts.get("torch", {}).get("computes", {})
    has_bad_gpu = any(failure for device, failure in computes.items() if device != "cpu")
    plan = [Attempt(name) for name in names if name != "torch" or not has_bad_gpu]
    return plan + [Attempt("torch", "cpu")] * ("torch" in names and len(computes) > 1)


def device_findings(plan: Sequence[Attempt], at: Here) -> list[Finding]:
    """Whether CORRIDORKEY_DEVICE fits what would be taken."""
    if not plan:
        return []
    return guarded("backend", "device", lambda: filter(None, [device_finding(plan[0].backend, at)]))


def try_all(plan: Sequence[Attempt], is_device_unusable: bool) -> tuple[Attempt | None, list[Finding]]:
    """Key a frame with each until one works.

    Args:
        plan: from `attempts`.
        is_device_unusable: whether CORRIDORKEY_DEVICE is to be passed over.
    Returns:
        The one that worked, or None; and a finding for each that was tried.
    """
    tried: list[Finding] = []
    for attempt in plan:
        # the variable is meant for the backend that would be taken
        without = (DEVICE_VARIABLE,) if is_device_unusable or attempt != plan[0] else ()
        found = guarded("frame", attempt.name, partial(_tried, attempt, without))
        tried += found
        if found[-1].state == "ok":
            return attempt, tried
    return None, tried or [Finding("frame", "none", "note", "not tried: no backend works here")]


def _tried(attempt: Attempt, without: tuple[str, ...]) -> Iterator[Finding]:
    yield try_frame(attempt, without)


def _disk() -> Iterable[Finding]:
    from corridorkey.weights import cache_folder

    return disk_findings(Path.cwd(), cache_folder())


def _cannot_write(findings: Sequence[Finding]) -> bool:
    """Whether EXR, which every run writes, is broken."""
    return any(f.topic == "codecs" and f.name.startswith("EXR") and f.state == "broken" for f in findings)
