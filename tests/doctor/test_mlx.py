import dataclasses
import sys

import pytest

from corridorkey.doctor import about_mlx
from corridorkey.doctor.about_mlx import mlx_findings, mlx_missing, whose_package
from corridorkey.doctor.child import Answer
from corridorkey.doctor.machine import mlx_is_made_for
from tests.doctor.stand_ins import CLONE, HERE, LINUX, MAC, MAC_HERE, PIP, ROOT, by_name, mlx, write_module


@pytest.fixture
def packages(tmp_path, monkeypatch):
    """Two folders on the import path, the peer's first; returns both."""
    peers, ours = tmp_path / "peers", tmp_path / "ours"
    for folder in (ours, peers):
        folder.mkdir()
        monkeypatch.syspath_prepend(folder)
    monkeypatch.setattr(sys, "path", [str(peers), str(ours)])
    monkeypatch.delitem(sys.modules, "corridorkey_mlx", raising=False)  # where it was imported already
    return peers, ours


def test_metal_with_its_working_set_is_ok():
    finding = by_name(mlx_findings(mlx(), MAC, MAC_HERE), "device")
    assert finding.state == "ok"
    assert finding.value == "Device(gpu, 0), Apple M4 Pro, 48.0 GiB memory, 36.0 GiB recommended working set"
    assert finding.data["working_set"] == 36 << 30


def test_mlx_on_linux_is_ok_and_slow():
    finding = by_name(mlx_findings(mlx(metal=False, memory=None, working_set=None), LINUX, HERE), "device")
    assert (finding.state, finding.value) == ("ok", "Device(gpu, 0), Apple M4 Pro: no Metal, slow")


def test_a_mac_without_metal_is_noted_with_the_line_to_try():
    finding = by_name(mlx_findings(mlx(metal=False), MAC, MAC_HERE), "device")
    assert (finding.state, finding.remedy) == ("note", f"{PIP}--force-reinstall 'mlx>=0.32'")


def test_an_mlx_that_aborts_or_miscomputes_is_broken():
    (finding,) = mlx_findings(Answer(failure="died of SIGABRT"), MAC, MAC_HERE)
    assert finding.state == "broken"
    assert finding.remedy == f"{PIP}--force-reinstall 'mlx>=0.32'"
    finding = by_name(mlx_findings(mlx(computes="computed 0.0 instead of 8.0"), MAC, MAC_HERE), "device")
    assert finding.state == "broken"


def test_mlx_is_missing_on_a_mac_and_only_noted_elsewhere():
    assert mlx_missing(MAC, MAC_HERE).state == "missing"
    assert mlx_missing(LINUX, HERE).remedy.endswith("'mlx[cpu]>=0.32'")
    assert mlx_missing(LINUX, HERE).state == "note"


def test_mlx_is_not_offered_where_it_has_no_wheels():
    old = dataclasses.replace(LINUX, libc=("glibc", "2.31"))
    rosetta = dataclasses.replace(MAC, machine="x86_64", translated=True)
    windows = dataclasses.replace(LINUX, system="Windows", libc=("", ""))
    for machine in (old, rosetta, windows, dataclasses.replace(LINUX, libc=("", ""))):
        assert not mlx_missing(machine, HERE).remedy


def test_the_package_of_this_clone_is_ours():
    finding = whose_package(ROOT, CLONE)
    assert finding.state == "ok"
    assert finding.data == {"ours": True, "path": str(ROOT / "corridorkey_mlx")}


def test_a_peers_package_is_named_by_its_path_and_not_executed(packages):
    peers, ours = packages
    write_module(peers, "corridorkey_mlx", "raise SystemExit('executed')")
    write_module(ours, "corridorkey_mlx", "")
    finding = whose_package(ours, HERE)
    assert finding.state == "broken"
    assert str(peers.resolve()) in finding.value
    assert finding.data["ours"] is False
    remove, reinstall = finding.remedy.splitlines()
    assert remove.endswith("pip uninstall --yes corridorkey-mlx")
    assert reinstall == f"{PIP}--force-reinstall --no-deps ck-mlx"
    assert "corridorkey_mlx" not in sys.modules or "peers" not in str(sys.modules["corridorkey_mlx"].__path__)


def test_two_packages_in_one_folder_are_told_apart_by_pips_records(packages, monkeypatch):
    _, ours = packages
    write_module(ours, "corridorkey_mlx", "")
    assert whose_package(ours, HERE).data["ours"] is True
    monkeypatch.setattr(about_mlx, "_is_installed", lambda name: name == "corridorkey-mlx")
    finding = whose_package(ours, HERE)
    assert finding.state == "broken"
    assert "overwritten" in finding.value


def test_a_folder_without_a_network_and_none_at_all(packages):
    _, ours = packages
    assert whose_package(ours, HERE).state == "missing"
    (ours / "corridorkey_mlx").mkdir()
    finding = whose_package(ours, HERE)
    assert (finding.state, finding.data["ours"]) == ("note", False)


@pytest.mark.parametrize(
    ("system", "machine", "libc", "made"),
    [
        ("Darwin", "arm64", ("", ""), True),
        ("Darwin", "x86_64", ("", ""), False),
        ("Linux", "x86_64", ("glibc", "2.35"), True),
        ("Linux", "x86_64", ("glibc", "2.31"), False),
        ("Linux", "x86_64", ("", ""), False),
        ("Windows", "AMD64", ("", ""), False),
    ],
)
def test_where_mlx_has_wheels(system, machine, libc, made):
    assert mlx_is_made_for(system, machine, libc) is made
