"""A Python with one of the two frameworks: what is installed here but for the other. Nothing is downloaded."""

import os
import shutil
import subprocess
import sys
import venv
from collections.abc import Callable, Iterable
from importlib import metadata
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from corridorkey.media import read_exr
from tests.backends import needs_mlx
from tests.cli.conftest import plate

pytestmark = pytest.mark.slow
APPLE_SILICON = sys.platform == "darwin" and os.uname().machine == "arm64"
NOTICE = "MLX keys, slow away from Apple Silicon, because torch is not installed. Run: "
Runs = Callable[..., subprocess.CompletedProcess[str]]


def belongings(names: Iterable[str]) -> set[str]:
    """What these distributions put into site-packages."""
    files = [path for name in names for path in metadata.files(name) or ()]
    return {path.parts[0] for path in files if path.parts[0] != ".."}


def link(source: Path, target: Path) -> None:
    try:
        target.symlink_to(source, target_is_directory=source.is_dir())
    except OSError:  # Windows, to those who may not make links
        (shutil.copytree if source.is_dir() else shutil.copy)(source, target)


def python_without(folder: Path, names: Iterable[str]) -> str:
    """A virtual environment's Python that sees everything installed here but these distributions."""
    venv.create(folder, with_pip=False)
    python = str(folder / ("Scripts/python.exe" if os.name == "nt" else "bin/python"))
    asked = subprocess.check_output([python, "-c", "import sysconfig; print(sysconfig.get_path('purelib'))"], text=True)
    site, left_out = Path(asked.strip()), belongings(names)
    for place in (Path(p) for p in sys.path if Path(p).name in ("site-packages", "dist-packages")):
        for entry in place.iterdir():
            # a .pth file may lead back to what is left out
            if entry.name not in left_out and entry.suffix != ".pth" and not (site / entry.name).exists():
                link(entry, site / entry.name)
    return python


def runs_in(python: str, clone: Path) -> Runs:
    """Runs code in that Python, with our packages from the clone and none of this shell's choices."""

    def run(code: str, *words: object) -> subprocess.CompletedProcess[str]:
        env = {name: value for name, value in os.environ.items() if not name.startswith(("CORRIDORKEY", "PYTHON"))}
        env |= {"PYTHONPATH": os.pathsep.join(map(str, (clone, clone / "convert"))), "PYTHONNOUSERSITE": "1"}
        line = [python, "-W", "error", "-c", code, *map(str, words)]
        return subprocess.run(line, env=env, capture_output=True, text=True)

    return run


@pytest.fixture(scope="module")
def no_torch(tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest) -> Runs:
    folder = tmp_path_factory.mktemp("no_torch") / "venv"
    return runs_in(python_without(folder, ["torch"]), request.config.rootpath)


@pytest.fixture(scope="module")
def no_mlx(tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest) -> Runs:
    here = {str(found.name) for found in metadata.distributions()}
    folder = tmp_path_factory.mktemp("no_mlx") / "venv"
    return runs_in(python_without(folder, here & {"mlx", "mlx-cpu", "mlx-metal"}), request.config.rootpath)


@pytest.fixture
def shot(tmp_path: Path) -> Path:
    path = tmp_path / "frame.png"
    Image.fromarray(plate(size=(96, 160))).save(path)
    return path


def ck(run: Runs, program: str, *words: object) -> subprocess.CompletedProcess[str]:
    """`ck`, `ck-mlx` or `ck-torch`, as its console script calls it."""
    main = program.replace("ck", "main").replace("-", "_")
    return run(f"from corridorkey.cli.main import {main}; {main}()", *words)


def assert_keyed(done: subprocess.CompletedProcess[str], out: Path) -> None:
    assert done.returncode == 0, done.stderr
    alpha = read_exr(out / "Matte" / "frame.exr")[0]["Y"]
    assert alpha.shape == (96, 160)
    assert alpha[48, 53] > 0.9  # the disc
    assert np.median(alpha[:10]) < 0.1  # the screen


ABSENT = (
    "import sys\nfrom importlib import metadata, util\n"
    "name = sys.argv[1]\n"
    "assert util.find_spec(name) is None\n"
    "assert name not in {found.name for found in metadata.distributions()}\n"
)


@needs_mlx
def test_the_mlx_package_needs_no_torch(no_torch):
    code = "import corridorkey_mlx\nassert corridorkey_mlx.CorridorKeyMLXEngine\nassert 'torch' not in sys.modules\n"
    done = no_torch(ABSENT + code, "torch")
    assert done.returncode == 0, done.stderr


@needs_mlx
def test_ck_mlx_keys_without_torch(no_torch, shot, tmp_path):
    done = ck(no_torch, "ck-mlx", "key", shot, "-o", tmp_path / "out", "--device", "cpu", "--verbose")
    assert_keyed(done, tmp_path / "out")
    assert "mlx on Device(cpu, 0)" in done.stdout
    assert "Apple" not in done.stderr


@needs_mlx
def test_ck_without_torch_keys_with_mlx_and_says_so_away_from_apple_silicon(no_torch, shot, tmp_path):
    done = ck(no_torch, "ck", "key", shot, "-o", tmp_path / "out", "--device", "cpu")
    assert_keyed(done, tmp_path / "out")
    assert (f"ck: {NOTICE}" in done.stderr) is not APPLE_SILICON
    assert ("-m pip install torch" in done.stderr) is not APPLE_SILICON


@needs_mlx
def test_ck_torch_without_torch_says_how_to_get_it(no_torch, shot, tmp_path):
    done = ck(no_torch, "ck-torch", "key", shot, "-o", tmp_path / "out")
    assert done.returncode == 4
    assert done.stderr.startswith("ck: torch is not installed. Run: ")
    assert done.stderr.endswith("-m pip install torch. Or use --backend mlx.\n")
    assert not (tmp_path / "out").exists()


def test_ck_torch_keys_without_mlx(no_mlx, shot, tmp_path):
    absent = no_mlx(ABSENT, "mlx")
    assert absent.returncode == 0, absent.stderr
    done = ck(no_mlx, "ck-torch", "key", shot, "-o", tmp_path / "out", "--device", "cpu", "--verbose")
    assert_keyed(done, tmp_path / "out")
    assert "torch on cpu" in done.stdout


def test_ck_mlx_without_mlx_says_how_to_get_it(no_mlx, shot, tmp_path):
    done = ck(no_mlx, "ck-mlx", "key", shot, "-o", tmp_path / "out")
    assert done.returncode == 4
    assert done.stderr.startswith("ck: mlx is not installed")
    if APPLE_SILICON:
        assert "-m pip install mlx. Or use --backend torch.\n" in done.stderr
    elif sys.platform == "linux":
        assert 'With glibc 2.35 or newer, run: "' in done.stderr
        assert '-m pip install "mlx[cpu]". Or use --backend torch.\n' in done.stderr
    else:
        assert "it is made for Apple Silicon and Linux" in done.stderr
    assert "Traceback" not in done.stderr
    assert not (tmp_path / "out").exists()
