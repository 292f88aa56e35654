"""Two set-ups at once, set-ups that were killed, and real ones."""

import subprocess
import sys
import time
from pathlib import Path

import pytest

import ck
from tests.bootstrap.stand_ins import CLONE, count, python, set_up, start, wait_for

WAIT = """
import os, time
until = time.monotonic() + 60
while not os.path.exists("go") and time.monotonic() < until:
    time.sleep(0.05)
"""


@pytest.mark.slow
def test_two_at_once_set_up_once(root):
    code = "open('n', 'a').write('x')" + WAIT
    with start(root, code) as first:
        wait_for(root / "n")
        with start(root, code) as second:
            said = second.stdout.readline()
            (root / "go").touch()
            said += second.stdout.read()
        assert second.returncode == 0
        first.stdout.read()
    assert first.returncode == 0
    assert said.startswith(f"waiting: process {first.pid} (since ")
    assert (root / "n").read_text() == "x"


@pytest.mark.slow
def test_killed_midway_is_healed_by_the_next_run(root):
    code = "import time; open('.venv/half', 'w'); time.sleep(2); open('late', 'w')"
    with start(root, code) as first:
        wait_for(root / ".venv/half")
        first.kill()
    set_up(root, {"torch"}, [count("n")])
    # the step that outlived its ck.py was waited for
    assert (root / "late").exists()
    assert not (root / ".venv/half").exists()
    assert (root / "n").read_text() == "x"
    assert (root / ".venv.lock").read_text() == ""


REAL = """\
import sys, ck
def steps(root, extras):
    return [step for step in ck.install_steps(root, extras) if "CorridorKey" in step.title]
ck.set_up(sys.argv[1], set(sys.argv[2:]), steps)
"""


def really_set_up(root, *extras, **options):
    command = [*python(REAL), str(root), *extras]
    return subprocess.Popen(command, cwd=CLONE, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, **options)


def finish(child):
    said = child.communicate(timeout=600)[0]
    assert child.returncode == 0, said
    return said


def imports(root, *modules):
    code = "import " + ", ".join(modules)
    return subprocess.run([ck.python_of(str(root)), "-c", code], cwd=root.parent, env=ck.clean_environment()).returncode


@pytest.mark.slow
def test_real_set_up_twice_then_dev(root):
    finish(really_set_up(root, "torch"))
    assert imports(root, "shot", "click") == 0
    assert finish(really_set_up(root, "torch")) == ""
    assert "make .venv" not in finish(really_set_up(root, "torch", "dev"))
    assert imports(root, "shot", "click", "iniconfig") == 0


@pytest.mark.slow
def test_real_set_up_ignores_pythonhome_and_pythonpath(root):
    (root / "bad").mkdir()
    (root / "bad/encodings.py").write_text("raise SystemExit('wrong one')")
    code = f"import os; os.environ.update(PYTHONHOME='/nowhere', PYTHONPATH={str(root / 'bad')!r})\n" + REAL
    subprocess.run([*python(code), str(root), "torch"], cwd=CLONE, check=True, stdout=subprocess.PIPE, timeout=600)
    assert imports(root, "shot", "click") == 0


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="the pip of a killed ck.py keeps .venv open on Windows")
@pytest.mark.parametrize("step", ["make .venv", "install CorridorKey"])
def test_real_set_up_killed_midway_is_healed(root, step):
    with really_set_up(root, "torch") as child:
        while step not in child.stdout.readline():
            assert child.poll() is None
        time.sleep(1)
        child.kill()
    assert not Path(ck.stamp_path(str(root))).exists()
    assert "make .venv" in finish(really_set_up(root, "torch"))
    assert imports(root, "shot", "click") == 0
