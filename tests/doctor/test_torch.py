import dataclasses

import pytest

from corridorkey.doctor.about_torch import Gpus, best_build, gpu_finding, serves, torch_findings, torch_missing
from corridorkey.doctor.child import Answer
from corridorkey.doctor.nvidia import Nvidia
from tests.doctor.stand_ins import HERE, MAC_HERE, PIP, RTX, by_name, torch

WINDOWS = dataclasses.replace(HERE, system="win32")
GPU = {"name": "RTX", "capability": [8, 9], "memory": 24 << 30}
ARCHES = ["sm_75", "sm_80", "sm_86", "sm_90", "sm_120", "compute_120"]


def findings(here_are=Gpus(), here=HERE, **facts):  # noqa: B008 (frozen)
    return list(torch_findings(torch(**facts), here_are, here))


@pytest.mark.parametrize(
    ("gpus", "here", "build"),
    [
        (Gpus(), HERE, "cpu"),
        (Gpus(RTX), HERE, "cu124"),
        (Gpus(RTX), WINDOWS, "cu124"),
        (Gpus(amd=True), HERE, "rocm6.4"),
        (Gpus(RTX, amd=True), HERE, "cu124"),
        (Gpus(Nvidia(RTX.gpus, "390.1", (9, 1))), HERE, "cpu"),
        (Gpus(Nvidia(failure="no driver")), HERE, "cpu"),
        (Gpus(apple=True), MAC_HERE, ""),
        (Gpus(), WINDOWS, ""),
    ],
)
def test_the_build_for_each_machine(gpus, here, build):
    assert best_build(gpus, here) == build


def test_torch_is_missing_only_where_nothing_else_works():
    assert torch_missing(Gpus(), HERE, is_needed=True).state == "missing"
    assert torch_missing(Gpus(), HERE, is_needed=False).state == "note"


def test_a_wheel_that_does_not_load_is_broken_and_reinstalled():
    (finding,) = torch_findings(Answer(failure="died of SIGILL"), Gpus(), HERE)
    assert (finding.name, finding.state) == ("installed", "broken")
    assert "SIGILL" in finding.value
    assert finding.remedy.startswith(f"{PIP}--force-reinstall 'torch>=2.6' --index-url")
    (finding,) = torch_findings(Answer(failure="OSError: [WinError 126] fbgemm.dll"), Gpus(), WINDOWS)
    assert "vc_redist" in finding.remedy


def test_a_healthy_torch_has_nothing_to_do():
    assert [f.state for f in findings()] == ["ok"]
    cuda = findings(Gpus(RTX), cuda="12.4", cuda_available=True, gpus=[GPU], arch_list=ARCHES)
    assert {f.state for f in cuda} == {"ok"}
    assert by_name(cuda, "CUDA").value == "RTX, 24.0 GiB, compute capability 8.9"


def test_a_cpu_build_beside_an_nvidia_gpu_is_broken():
    finding = by_name(findings(Gpus(RTX)), "CUDA")
    assert finding.state == "broken"
    assert "is a CPU build, but there is an NVIDIA GPU" in finding.value
    assert finding.remedy.endswith("/whl/cu124")
    ancient = by_name(findings(Gpus(Nvidia(RTX.gpus, "390.1", (9, 1)))), "CUDA")
    assert ancient.remedy.startswith("Update the NVIDIA driver")


def test_a_driver_older_than_the_build_is_named_with_both_ways_out():
    finding = by_name(findings(Gpus(RTX), cuda="13.0"), "CUDA")
    assert finding.state == "broken"
    assert finding.value == "built for CUDA 13.0, but driver 550.40.07 serves up to CUDA 12.4"
    first, line = finding.remedy.splitlines()
    assert "Update the NVIDIA driver" in first
    assert "CUDA 12.4" in first
    assert line.endswith("/whl/cu124")
    assert "--force-reinstall" in line


def test_a_hidden_gpu_is_named(monkeypatch):
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "")
    finding = by_name(findings(Gpus(RTX), cuda="12.4"), "CUDA")
    assert "CUDA_VISIBLE_DEVICES is ''" in finding.value
    monkeypatch.delenv("CUDA_VISIBLE_DEVICES")
    finding = by_name(findings(Gpus(RTX), cuda="12.4", cuda_warning="CUDA unknown error"), "CUDA")
    assert finding.state == "broken"
    assert "CUDA unknown error" in finding.value


def test_a_cuda_build_without_a_gpu_stops_nothing():
    assert by_name(findings(cuda="13.0"), "CUDA").state == "note"


@pytest.mark.parametrize(
    ("capability", "arches", "served"),
    [
        ((8, 9), ARCHES, True),  # by sm_86
        ((7, 5), ARCHES, True),
        ((6, 1), ARCHES, False),
        ((10, 0), ARCHES, False),  # neither binary code nor PTX
        ((10, 0), ["sm_90a", "compute_90"], True),
        ((12, 0), ["sm_90a"], False),
        ((8, 0), ["sm_86"], False),
        ((8, 0), [], True),
    ],
)
def test_which_gpus_a_build_has_code_for(capability, arches, served):
    assert serves(arches, capability) is served


@pytest.mark.parametrize(("capability", "build"), [([6, 1], "cu126"), ([12, 1], "cu130")])
def test_a_gpu_without_code_gets_the_build_that_has_it(capability, build):
    finding = gpu_finding({**GPU, "capability": capability}, ["sm_75", "sm_90"], HERE)
    assert finding.state == "broken"
    assert "no code for it (it has sm_75, sm_90)" in finding.value
    assert finding.remedy.endswith(f"/whl/{build}")


def test_rocm_is_named_and_missed():
    rocm = findings(Gpus(amd=True), hip="6.4", cuda_available=True, gpus=[{**GPU, "name": "RX 7900"}])
    assert by_name(rocm, "ROCm").value == "RX 7900, 24.0 GiB"
    assert "usermod" in by_name(findings(Gpus(amd=True), hip="6.4"), "ROCm").remedy
    lacking = by_name(findings(Gpus(amd=True)), "ROCm")
    assert lacking.state == "missing"
    assert lacking.remedy.endswith("/whl/rocm6.4")


def test_mps_comes_with_advice():
    there = by_name(findings(Gpus(apple=True), MAC_HERE, mps_built=True, mps_available=True), "MPS")
    assert "PYTORCH_ENABLE_MPS_FALLBACK=1" in there.value
    assert "MLX is the better choice" in there.value
    assert "macOS 14" in by_name(findings(Gpus(apple=True), MAC_HERE, mps_built=True), "MPS").value
    assert "not built" in by_name(findings(Gpus(apple=True), MAC_HERE), "MPS").value


def test_a_device_that_computes_wrong_numbers_is_broken():
    finding = by_name(findings(computes={"cpu": "", "cuda": "computed 0.0 instead of 8.0"}), "computes on cuda")
    assert finding.state == "broken"
    assert finding.remedy
