"""A small project to set up, and a guard that no test makes a real .venv unawares."""

import sys

import pytest

import ck
from tests.bootstrap.stand_ins import PYPROJECT, fake_venv, set_up


@pytest.fixture
def root(tmp_path):
    """A clone without weight, under a path with a space and an umlaut."""
    root = tmp_path / "Schöne Aufnahme"
    (root / "shot").mkdir(parents=True)
    (root / "shot/__init__.py").touch()
    (root / "pyproject.toml").write_text(PYPROJECT)
    return root


@pytest.fixture
def made(root):
    """The same with a .venv that was made and stamped."""
    set_up(root, {"torch"}, [])
    return root


# A link to a venv's Python would be the Python below it, which on Debian has no pip.@pytest.fixture(autouse=True)
def no_real_venv(request, monkeypatch):
    if not request.node.name.startswith("test_real"):
        if sys.platform == "win32":
            pytest.skip("the stand-in for .venv is a shell script")
        monkeypatch.setattr(ck, "venv_step", fake_venv)
