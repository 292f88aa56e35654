"""A skip is a fact to report: where MLX can be, its absence fails the tests that want it."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.backends import NO_MLX, needs_mlx

ROOT = Path(__file__).parent.parent.parent
WITHOUT_MLX = """
import sys, pytest
import parity.backends
sys.modules["mlx"] = None
if {elsewhere}:
    parity.backends.mlx_belongs_here = lambda: False
words = ["-q", "-ra", "-p", "no:cacheprovider", "--basetemp", {folder!r}]
sys.exit(pytest.main([*words, "tests/network/test_decoder.py", "-k", "one_step"]))
"""


@needs_mlx
@pytest.mark.parametrize(("elsewhere", "code", "said"), [(False, 1, "1 error"), (True, 0, "1 skipped")])
def test_a_missing_mlx_is_an_error_here_and_a_skip_where_it_is_not_made(elsewhere, code, said, tmp_path):
    # A folder of its own: the default is one for all runs of pytest, which trip over each other there.
    words = [sys.executable, "-c", WITHOUT_MLX.format(elsewhere=elsewhere, folder=str(tmp_path / "tests"))]
    done = subprocess.run(words, cwd=ROOT, capture_output=True, text=True, encoding="utf-8")
    assert done.returncode == code, done.stdout + done.stderr
    assert said in done.stdout
    assert (NO_MLX in done.stdout) is elsewhere
