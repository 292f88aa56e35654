import sys

import pytest

from corridorkey.doctor import nvidia
from corridorkey.doctor.nvidia import Nvidia, nvidia_findings, parse_nvidia, read_nvidia
from tests.doctor.stand_ins import RTX, by_name, write_program

ROWS = "NVIDIA GeForce RTX 4090, 550.40.07, 24564 MiB\n"
OLD = "| NVIDIA-SMI 550.40.07              Driver Version: 550.40.07      CUDA Version: 12.4     |\n"
NEW = "| NVIDIA-SMI 610.43.02              KMD Version: 610.43.02     CUDA UMD Version: 13.3     |\n"


@pytest.fixture
def smi(tmp_path, monkeypatch):
    if sys.platform == "win32":
        pytest.skip("the stand-in for nvidia-smi is a script of POSIX")

    def install(text):
        write_program(tmp_path / "nvidia-smi", text)
        monkeypatch.setenv("PATH", str(tmp_path))

    return install


@pytest.mark.parametrize(
    ("header", "cuda", "build"),
    [(OLD, (12, 4), "cu124"), (NEW, (13, 3), "cu130"), (OLD.replace("12.4", "12.9"), (12, 9), "cu128"), ("", None, "")],
)
def test_the_newest_build_that_a_driver_serves(header, cuda, build):
    found = parse_nvidia(ROWS, header)
    assert found is not None
    assert (found.gpus, found.driver, found.cuda, found.build) == (RTX.gpus, "550.40.07", cuda, build)


def test_a_driver_older_than_every_build_serves_none():
    assert Nvidia(RTX.gpus, "390.1", (9, 1)).build == ""


def test_a_comma_in_a_gpus_name_is_its_own():
    found = parse_nvidia("Tesla, the old one, 470.1, 8192 MiB\n", "")
    assert found is not None
    assert found.gpus == (("Tesla, the old one", "8192 MiB"),)


def test_nvidia_smi_is_asked_for_both(smi):
    smi(f"import sys\nsys.stdout.write({ROWS!r} if len(sys.argv) > 1 else {OLD!r})")
    assert read_nvidia() == RTX
    found = list(nvidia_findings(RTX))
    assert by_name(found, "NVIDIA GPU").value == "NVIDIA GeForce RTX 4090, 24564 MiB"
    assert by_name(found, "NVIDIA driver").data == {"version": "550.40.07", "cuda": "12.4"}


def test_a_driver_that_does_not_answer_is_broken(smi, monkeypatch):
    smi("import sys\nprint('NVIDIA-SMI has failed because it could not talk to the driver')\nsys.exit(9)")
    (finding,) = nvidia_findings(read_nvidia())
    assert finding.state == "broken"
    assert finding.value.startswith("NVIDIA-SMI has failed")
    smi("import time\ntime.sleep(600)")
    monkeypatch.setattr(nvidia, "TIMEOUT", 0.5)
    (finding,) = nvidia_findings(read_nvidia())
    assert "did not answer" in finding.value


def test_no_gpu_is_nothing_to_say(smi):
    smi("import sys\nprint('No devices were found')\nsys.exit(6)")
    assert read_nvidia() is None
    assert list(nvidia_findings(None)) == []
