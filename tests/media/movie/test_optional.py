"""PyAV is an extra: nothing needs it until a movie is opened."""

import subprocess
import sys

import pytest

from corridorkey.errors import BackendUnavailableError
from corridorkey.media.movie import open_movie


def test_importing_the_package_does_not_import_pyav():
    code = "import sys, corridorkey.media.movie; print('av' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True).stdout == "False\n"


def test_without_pyav_the_install_line_is_said(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "av", None)
    (tmp_path / "a.mov").write_bytes(b"x")
    with pytest.raises(BackendUnavailableError, match=r'movies need PyAV.*pip install "ck-mlx\[video\]"'):
        open_movie(tmp_path / "a.mov")
