"""The wheel, installed outside the clone, keys a frame with the checkpoint inside it."""

import os
import subprocess
import sys
from importlib.metadata import distributions

import numpy as np
import pytest
from PIL import Image

from corridorkey.media import read_exr
from tests.cli.conftest import plate


@pytest.mark.slow
def test_the_wheel_keys_a_frame_with_the_embedded_checkpoint(tmp_path, request):
    pip = [sys.executable, "-m", "pip", "--disable-pip-version-check"]
    clone, site = request.config.rootpath, tmp_path / "site"
    build = ["wheel", str(clone), "--no-deps", "--no-build-isolation", "--wheel-dir", str(tmp_path)]
    subprocess.run([*pip, *build], check=True, capture_output=True)
    (wheel,) = tmp_path.glob("ck_mlx-*.whl")
    subprocess.run([*pip, "install", "--no-deps", "--target", str(site), str(wheel)], check=True, capture_output=True)

    (installed,) = distributions(path=[str(site)])
    scripts = {entry.name: entry.value for entry in installed.entry_points if entry.group == "console_scripts"}
    assert scripts == {
        "ck": "corridorkey.cli.main:main",
        "ck-mlx": "corridorkey.cli.main:main_mlx",
        "ck-torch": "corridorkey.cli.main:main_torch",
    }

    Image.fromarray(plate(size=(96, 160))).save(tmp_path / "frame.png")
    code = (
        "import corridorkey, corridorkey_torch, sys\n"
        "assert corridorkey.__file__.startswith(sys.argv[1]), corridorkey.__file__\n"
        "assert corridorkey_torch.__file__.startswith(sys.argv[1])\n"
        "from corridorkey.weights import small_checkpoint\n"
        "assert str(small_checkpoint()).startswith(sys.argv[1]), small_checkpoint()\n"
        "from corridorkey.cli.main import main\nmain(sys.argv[2:])\n"
    )
    words = ["key", str(tmp_path / "frame.png"), "-o", str(tmp_path / "out"), "--device", "cpu"]
    keyed = subprocess.run(
        [sys.executable, "-c", code, str(site), *words],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(site)},
        capture_output=True,
        text=True,
    )
    assert keyed.returncode == 0, keyed.stderr
    alpha = read_exr(tmp_path / "out" / "Matte" / "frame.exr")[0]["Y"]
    assert alpha.shape == (96, 160)
    assert alpha[48, 53] > 0.9  # the disc
    assert np.median(alpha[:10]) < 0.1  # the screen
