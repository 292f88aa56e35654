"""The machine and its Python: each finding a pure function of what `read_machine` read."""

from __future__ import annotations

import os
import platform
import struct
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from corridorkey import __version__
from corridorkey.doctor.finding import Finding, described
from corridorkey.doctor.install import Here, shown
from corridorkey.doctor.memory import Memory, read_memory

OLDEST_MACOS = 14  # MLX's wheels
OLDEST_GLIBC = (2, 35)  # MLX's wheels for Linux
GIB = 1 << 30
LITTLE_MEMORY = 8 * GIB


@dataclass(frozen=True, slots=True)
class Machine:
    """What was read of a machine.

    Attributes:
        system, machine, release: as `platform` tells them: "Darwin", "Linux", "Windows"; "arm64"; the system's version.
        python: version, as "3.12.1".
        bits: of a pointer.
        chip: the processor's name.
        translated: whether this process runs under Rosetta.
        cores: that this process may use.
        memory: physical and free, in bytes.
        libc: C library and version, ("glibc", "2.36"); empty where it is not glibc.
    """

    system: str
    machine: str
    release: str
    python: str
    bits: int
    chip: str
    translated: bool
    cores: int
    memory: Memory
    libc: tuple[str, str]

    @property
    def is_apple_silicon(self) -> bool:
        """Whether the hardware is, whatever this Python was built for."""
        return self.system == "Darwin" and (self.machine == "arm64" or self.translated)


def mlx_is_made_for(system: str, machine: str, libc: tuple[str, str]) -> bool:
    """Whether MLX has wheels for a platform, named as in `Machine`: Apple Silicon, and Linux with a recent glibc."""
    if system == "Darwin":
        return machine == "arm64"
    parts = libc[1].split(".")[:2]
    is_recent = all(part.isdigit() for part in parts) and tuple(map(int, parts)) >= OLDEST_GLIBC
    return system == "Linux" and libc[0] == "glibc" and is_recent


def read_machine() -> Machine:
    """Read this machine; what cannot be read stays empty."""
    system = platform.system()
    # mac_ver says 10.16 to a Python that was built long ago
    mac = (sysctl("kern.osproductversion") or platform.mac_ver()[0]) if system == "Darwin" else ""
    release = {"Darwin": mac, "Windows": platform.version()}
    return Machine(
        system=system,
        machine=platform.machine(),
        release=release.get(system) or platform.release(),
        python=platform.python_version(),
        bits=8 * struct.calcsize("P"),
        chip=chip_name(system, _processor_text(system)),
        translated=system == "Darwin" and sysctl("sysctl.proc_translated") == "1",
        cores=len(os.sched_getaffinity(0)) if sys.platform == "linux" else os.cpu_count() or 1,
        memory=read_memory(system),
        libc=platform.libc_ver() if system == "Linux" else ("", ""),
    )


def sysctl(name: str) -> str:
    """A value of macOS' sysctl; empty if there is none."""
    try:
        done = subprocess.run(["/usr/sbin/sysctl", "-n", name], capture_output=True, timeout=10)
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return done.stdout.decode("utf-8", "replace").strip() if done.returncode == 0 else ""


def chip_name(system: str, text: str) -> str:
    """The processor's name.

    Args:
        system: as `platform.system()`.
        text: Linux: /proc/cpuinfo; elsewhere the name itself.
    """
    if system != "Linux":
        return text.strip()
    fields = [line.partition(":") for line in text.splitlines()]
    names = {key.strip().lower(): value.strip() for key, _, value in fields}
    return names.get("model name") or names.get("hardware") or names.get("model") or ""


def _processor_text(system: str) -> str:
    if system == "Darwin":
        return sysctl("machdep.cpu.brand_string")
    try:
        return Path("/proc/cpuinfo").read_text("utf-8", "replace") if system == "Linux" else platform.processor()
    except OSError:
        return ""


def python_findings(machine: Machine, here: Here) -> Iterator[Finding]:
    """This Python: its version, its place, and whether it is built for this machine."""
    yield Finding("python", "ck-mlx", "ok", f"{__version__} in {here.root}", data={"version": __version__})
    facts = {"version": machine.python, "path": here.python, "bits": machine.bits}
    version = f"{machine.python} ({machine.bits}-bit) at {here.python}"
    if machine.bits == 64:
        yield Finding("python", "version", "ok", version, data=facts)
    else:
        remedy = "Install a 64-bit Python from https://www.python.org/downloads/: no framework has wheels for this one."
        yield Finding("python", "version", "broken", version, remedy, facts)
    if machine.translated and machine.machine == "x86_64":
        value = "this Python is built for Intel and runs under Rosetta: neither MLX nor current Torch exist for it"
        remedy = (
            "Install a Python for arm64 (the installer of https://www.python.org/downloads/ has it), and set up anew."
        )
        yield Finding("python", "architecture", "broken", value, remedy, {"rosetta": True})
    else:
        yield Finding("python", "architecture", "ok", machine.machine, data={"rosetta": False})
    if here.in_venv:
        yield Finding("python", "venv", "ok", "a virtual environment", data={"in_venv": True})
    else:
        folder = "ck-venv"
        way = (
            [here.python, "-m", "venv", folder]
            if not here.is_clone
            else [here.python, str(here.root / "ck.py"), "setup"]
        )
        value = "not a virtual environment: many systems refuse to install into it"
        yield Finding("python", "venv", "note", value, shown(way, here.system), {"in_venv": False})


def machine_findings(machine: Machine) -> Iterator[Finding]:
    """System, chip, cores, memory and C library."""
    yield system_finding(machine)
    facts = {"name": machine.chip, "machine": machine.machine, "cores": machine.cores}
    yield Finding("machine", "chip", "ok", f"{machine.chip or machine.machine}, {machine.cores} cores", data=facts)
    yield memory_finding(machine.memory)
    if machine.system == "Linux":
        yield libc_finding(machine.libc)


def system_finding(machine: Machine) -> Finding:
    """The operating system; MLX and current Torch want macOS 14."""
    name = {"Darwin": "macOS"}.get(machine.system, machine.system)
    value, facts = f"{name} {machine.release}", {"system": machine.system, "release": machine.release}
    if machine.system != "Darwin":
        return Finding("machine", "system", "ok", value, data=facts)
    major = machine.release.partition(".")[0]
    if major.isdigit() and int(major) < OLDEST_MACOS:
        remedy = f"Update macOS to {OLDEST_MACOS} or newer: MLX has no wheels for {machine.release}."
        return Finding("machine", "system", "broken", value, remedy, facts)
    if not machine.is_apple_silicon:
        return Finding("machine", "system", "note", f"{value} on Intel: MLX needs Apple Silicon", data=facts)
    return Finding("machine", "system", "ok", value, data=facts)


def memory_finding(memory: Memory) -> Finding:
    """Physical and free memory."""
    facts = {"physical": memory.physical, "free": memory.free}
    if memory.physical is None:
        return Finding("machine", "memory", "note", "could not be read", data=facts)
    free = "" if memory.free is None else f", {memory.free / GIB:.1f} GiB free"
    value = f"{memory.physical / GIB:.1f} GiB{free}"
    if memory.physical < LITTLE_MEMORY:
        remedy = "The released networks want 16 GB; here use `--checkpoint small`, or a smaller `--size`."
        return Finding("machine", "memory", "note", value, remedy, facts)
    return Finding("machine", "memory", "ok", value, data=facts)


def libc_finding(libc: tuple[str, str]) -> Finding:
    """The C library; MLX's wheels want a recent glibc, Torch's any of these years."""
    name, version = libc
    facts = {"name": name, "version": version}
    if name != "glibc":
        value = "not glibc (Alpine?): MLX and Torch have no wheels for it"
        return Finding("machine", "libc", "broken", value, "Use a distribution with glibc, such as Debian.", facts)
    try:
        is_recent = tuple(int(part) for part in version.split(".")[:2]) >= OLDEST_GLIBC
    except ValueError as error:
        return Finding("machine", "libc", "note", f"glibc {version!r}: {described(error)}", data=facts)
    if is_recent:
        return Finding("machine", "libc", "ok", f"glibc {version}", data=facts)
    wanted = ".".join(map(str, OLDEST_GLIBC))
    value = f"glibc {version}: too old for MLX, which needs {wanted}; Torch works"
    remedy = "Use the Torch backend here, or a newer distribution (Debian 12, Ubuntu 22.04)."
    return Finding("machine", "libc", "note", value, remedy, facts)
