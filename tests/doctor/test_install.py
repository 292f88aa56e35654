import dataclasses
import shlex

import pytest

from corridorkey.doctor.install import (
    framework_line,
    here,
    install_line,
    mlx_line,
    reinstall_line,
    shown,
    source_of,
    torch_line,
    uninstall_line,
)
from tests.doctor.stand_ins import CLONE, HERE, MAC_HERE, PIP, ROOT

BARE = dataclasses.replace(HERE, has_pip=False)


def test_a_shell_reads_a_line_back_as_it_was_meant():
    line = install_line(dataclasses.replace(HERE, python="/my venv/bin/python"), "mlx[cpu]>=0.32")
    assert shlex.split(line) == ["/my venv/bin/python", "-m", "pip", "install", "mlx[cpu]>=0.32"]


def test_windows_gets_its_own_quotes():
    # without them the command prompt would write to a file named =2.6
    assert shown(["C:\\py\\python.exe", "install", "torch>=2.6"], "win32") == 'C:\\py\\python.exe install "torch>=2.6"'
    assert shown(["C:\\my py\\python.exe"], "win32") == '"C:\\my py\\python.exe"'


def test_without_pip_uv_installs_and_without_uv_pip_comes_first():
    assert install_line(dataclasses.replace(BARE, uv="/bin/uv"), "--force-reinstall", "av") == (
        "uv pip install --python /opt/venv/bin/python --reinstall av"
    )
    assert (
        uninstall_line(dataclasses.replace(BARE, uv="/bin/uv"), "x")
        == "uv pip uninstall --python /opt/venv/bin/python x"
    )
    assert install_line(BARE, "av").splitlines() == ["/opt/venv/bin/python -m ensurepip", f"{PIP}av"]


def test_a_clone_outside_a_venv_is_set_up_by_ck_py():
    outside = dataclasses.replace(CLONE, in_venv=False)
    assert framework_line(outside, "torch") == f"/opt/venv/bin/python {ROOT}/ck.py setup"
    assert framework_line(CLONE, "torch") == f"{PIP}torch"
    # on Linux that would not bring MLX
    assert "mlx[cpu]" in mlx_line(outside)
    assert mlx_line(dataclasses.replace(outside, system="darwin")).endswith("ck.py setup")


def test_another_build_of_torch_is_forced_on_pip():
    assert torch_line(HERE, "cu126", again=True).startswith(f"{PIP}--force-reinstall 'torch>=2.6' --index-url https://")
    assert torch_line(HERE, "cu126").endswith("/whl/cu126")
    assert torch_line(HERE) == f"{PIP}'torch>=2.6'"


def test_mlx_is_another_package_on_linux():
    assert mlx_line(HERE) == f"{PIP}'mlx[cpu]>=0.32'"
    assert mlx_line(MAC_HERE) == f"{PIP}'mlx>=0.32'"


def test_our_own_files_come_from_where_they_came_from():
    assert reinstall_line(CLONE) == f"{PIP}--force-reinstall --no-deps --editable {ROOT}"
    assert reinstall_line(HERE).endswith("--no-deps ck-mlx")
    assert reinstall_line(dataclasses.replace(HERE, source="file:///x.whl")).endswith("file:///x.whl")


@pytest.mark.parametrize(
    ("record", "source"),
    [
        ({"url": "file:///tmp/ck.whl", "archive_info": {}}, "file:///tmp/ck.whl"),
        ({"url": "https://example.org/ck", "vcs_info": {"vcs": "git", "commit_id": "1"}}, "git+https://example.org/ck"),
    ],
)
def test_pips_record_of_a_url_is_read(record, source):
    assert source_of(record) == source


def test_this_python_is_known():
    assert here().root == ROOT
    assert here().is_clone
