"""What stands in for the slow parts of a set-up."""

import subprocess
import sys
import time
from pathlib import Path

import ck

venv_step = ck.venv_step
CLONE = Path(ck.__file__).parent
CK = CLONE / "ck.py"
PYPROJECT = """\
[build-system]
requires = ["hatchling"]
build-backend = "hatchling.build"
[project]
name = "shot"
version = "1"
[project.optional-dependencies]
torch = ["click"]
dev = ["iniconfig"]
[tool.hatch.build.targets.wheel]
packages = ["shot"]
"""


def python(code):
    return [sys.executable, "-c", code]


STAND_IN = """\
import os, shlex, sys
os.makedirs(".venv/bin")
with open(".venv/bin/python", "w") as file:
    file.write('#!/bin/sh\\nexec ' + shlex.quote(sys.executable) + ' "$@"\\n')
os.chmod(".venv/bin/python", 0o755)
"""


def fake_venv(root):
    """Stands in for `python -m venv`: a .venv whose Python is the one that runs the tests, with its modules."""
    return ck.Step("make .venv", [[python(STAND_IN)]])


def set_up(root, extras, steps):
    ck.set_up(str(root), set(extras), lambda root, extras: list(steps))


def count(name):
    """A step that leaves one more line in a file."""
    return ck.Step(f"count {name}", [[python(f"open({name!r}, 'a').write('x')")]])


RUN = """\
import sys, ck
step = ck.Step("count", [[[sys.executable, "-c", sys.argv[2]]]])
ck.venv_step = lambda root: ck.Step("make .venv", [[[sys.executable, "-c", sys.argv[3]]]])
ck.set_up(sys.argv[1], {"torch"}, lambda root, extras: [step])
"""


def start(root, code):
    return subprocess.Popen([*python(RUN), root, code, STAND_IN], cwd=CLONE, stdout=subprocess.PIPE, text=True)


def wait_for(path):
    until = time.monotonic() + 30
    while not path.exists():
        assert time.monotonic() < until, f"{path} never came"
        time.sleep(0.05)
