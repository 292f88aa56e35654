import ctypes
import dataclasses
import sys
from types import SimpleNamespace

import pytest

from corridorkey.doctor.machine import (
    chip_name,
    libc_finding,
    machine_findings,
    memory_finding,
    python_findings,
    read_machine,
    system_finding,
)
from corridorkey.doctor.memory import Memory, MemoryStatus, free_of_meminfo, free_of_vm_stat, read_memory
from tests.doctor.stand_ins import CLONE, HERE, LINUX, MAC, ROOT, by_name

VM_STAT = """\
Mach Virtual Memory Statistics: (page size of 16384 bytes)
Pages free:                              100000.
Pages active:                            500000.
Pages inactive:                           20000.
Pages speculative:                         3000.
"""


def test_a_sound_machine_has_nothing_to_do():
    for machine in (LINUX, MAC):
        found = [*python_findings(machine, HERE), *machine_findings(machine)]
        assert {f.state for f in found} == {"ok"}
        assert "64.0 GiB, 32.0 GiB free" in by_name(found, "memory").value


def test_rosetta_is_broken_and_says_what_to_install():
    translated = dataclasses.replace(MAC, machine="x86_64", translated=True)
    finding = by_name(python_findings(translated, HERE), "architecture")
    assert (finding.state, finding.data["rosetta"]) == ("broken", True)
    assert "arm64" in finding.remedy


def test_a_python_of_32_bits_is_broken():
    assert by_name(python_findings(dataclasses.replace(LINUX, bits=32), HERE), "version").state == "broken"


@pytest.mark.parametrize(("here", "line"), [(HERE, "-m venv ck-venv"), (CLONE, f"{ROOT}/ck.py setup")])
def test_outside_a_venv_the_way_into_one_is_named(here, line):
    finding = by_name(python_findings(LINUX, dataclasses.replace(here, in_venv=False)), "venv")
    assert finding.state == "note"
    assert finding.remedy.endswith(line)


@pytest.mark.parametrize(
    ("release", "machine", "state"),
    [("13.6.1", "arm64", "broken"), ("14.0", "arm64", "ok"), ("26.1", "arm64", "ok"), ("14.5", "x86_64", "note")],
)
def test_macos_14_is_the_oldest(release, machine, state):
    assert system_finding(dataclasses.replace(MAC, release=release, machine=machine)).state == state


@pytest.mark.parametrize(
    ("libc", "state"),
    [(("glibc", "2.35"), "ok"), (("glibc", "2.31"), "note"), (("", ""), "broken"), (("glibc", "x.y"), "note")],
)
def test_an_old_glibc_is_named(libc, state):
    finding = libc_finding(libc)
    assert finding.state == state
    assert (finding.remedy != "") == (libc[1] == "2.31" or state == "broken")


@pytest.mark.parametrize(
    ("system", "text", "name"),
    [
        (
            "Linux",
            "processor\t: 0\nmodel name\t: AMD Ryzen 9 7950X\nmodel name\t: AMD Ryzen 9 7950X\n",
            "AMD Ryzen 9 7950X",
        ),
        ("Linux", "processor\t: 0\nHardware\t: BCM2835\nModel\t\t: Raspberry Pi 5\n", "BCM2835"),
        ("Linux", "", ""),
        ("Darwin", "Apple M4 Pro\n", "Apple M4 Pro"),
        ("Windows", "AMD64 Family 25 Model 97", "AMD64 Family 25 Model 97"),
    ],
)
def test_the_chip_is_named(system, text, name):
    assert chip_name(system, text) == name


def test_free_memory_is_read_from_each_systems_words():
    assert free_of_vm_stat(VM_STAT) == 123000 * 16384
    assert free_of_meminfo("MemTotal: 99 kB\nMemAvailable:   2048 kB\n") == 2 << 20
    assert free_of_vm_stat("") is None
    assert free_of_meminfo("") is None


def test_little_and_unknown_memory_are_notes():
    assert memory_finding(Memory(4 << 30, None)).remedy
    assert memory_finding(Memory(None, None)).value == "could not be read"


def test_a_system_whose_memory_cannot_be_read_is_no_traceback():
    if sys.platform != "win32":
        assert read_memory("Windows") == Memory(None, None)


def test_windows_memory_comes_from_its_own_structure(monkeypatch):
    class Kernel:
        def GlobalMemoryStatusEx(self, reference):
            status = ctypes.cast(reference, ctypes.POINTER(MemoryStatus)).contents
            status.physical, status.free = 32 << 30, 20 << 30
            return status.length == 64  # what Windows' own headers make of it

    monkeypatch.setattr(ctypes, "windll", SimpleNamespace(kernel32=Kernel()), raising=False)
    assert read_memory("Windows") == Memory(32 << 30, 20 << 30)


def test_this_machine_is_read():
    machine = read_machine()
    assert machine.cores >= 1
    assert machine.memory.physical is not None
    assert machine.memory.physical > (machine.memory.free or 0) > 0
