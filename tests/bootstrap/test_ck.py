"""ck.py: what it does before anything is installed."""

import ast
import json
import os
import platform
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest

import ck
from tests.bootstrap.stand_ins import CK, CLONE, PYPROJECT, count, fake_venv, python, set_up, venv_step


def old_pythons():
    """Every Python below 3.11 that is on this machine."""
    pyenv = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv"))
    found = list(pyenv.glob("versions/3.*/bin/python"))
    found += [Path(path) for minor in range(6, 11) if (path := shutil.which(f"python3.{minor}"))]
    for path in sorted(found):
        asked = subprocess.run([path, "-c", "import sys; print(*sys.version_info[:2])"], capture_output=True, text=True)
        if asked.returncode == 0 and (3, 6) <= tuple(map(int, asked.stdout.split())) < (3, 11):
            yield path


def test_parses_on_python_3_6():
    ast.parse(CK.read_text(encoding="utf-8"), feature_version=(3, 6))


@pytest.mark.slow
def test_below_3_11_says_what_to_install():
    pythons = list(old_pythons())
    if not pythons:
        pytest.skip("no Python below 3.11 here")
    for old in pythons:
        ran = subprocess.run([old, CK, "demo"], capture_output=True, text=True)
        assert ran.returncode == 4, old
        assert "needs Python 3.11 or newer" in ran.stderr
        assert "nstall one, then run this again" in ran.stderr
        assert ran.stdout == ""


def test_a_python_for_intel_on_a_mac_says_what_to_install(monkeypatch, capsys):
    monkeypatch.setattr(sys, "platform", "darwin")
    monkeypatch.setattr(platform, "machine", lambda: "x86_64")
    monkeypatch.setattr(ck, "set_up", lambda root, extras: pytest.fail("nothing can be installed"))
    assert ck.main(["doctor"]) == ck.MISSING
    assert "needs a Python for Apple Silicon (arm64)" in capsys.readouterr().err


def test_without_a_word_it_shows_its_usage():
    ran = subprocess.run([sys.executable, CK], capture_output=True, text=True)
    assert ran.returncode == 2
    assert "python3 ck.py demo" in ran.stdout


def test_done_is_done_once(root, capsys):
    set_up(root, {"torch"}, [count("n")])
    assert "count n" in capsys.readouterr().out
    set_up(root, {"torch"}, [count("n")])
    assert capsys.readouterr().out == ""
    assert (root / "n").read_text() == "x"


def test_dev_is_added_to_base_and_stays(made):
    python_before = os.lstat(ck.python_of(str(made))).st_mtime_ns
    set_up(made, {"torch", "dev"}, [count("n")])
    set_up(made, {"torch"}, [count("n")])
    assert os.lstat(ck.python_of(str(made))).st_mtime_ns == python_before
    assert (made / "n").read_text() == "x"
    (made / "pyproject.toml").write_text(PYPROJECT + "\n")
    asked = []
    ck.set_up(str(made), {"torch"}, lambda root, extras: asked.append(extras) or [])
    assert asked == [{"torch", "dev"}]


def test_changed_pyproject_installs_into_the_same_venv(made):
    (made / ".venv/mine").touch()
    (made / "pyproject.toml").write_text(PYPROJECT + "\n")
    set_up(made, {"torch"}, [count("n")])
    assert (made / "n").exists()
    assert (made / ".venv/mine").exists()


@pytest.mark.parametrize("part", range(4), ids=["python", "path", "system", "machine"])
def test_another_home_makes_the_venv_anew(made, part):
    stamp = json.loads(Path(ck.stamp_path(str(made))).read_text())
    stamp["home"][part] = "another"
    Path(ck.stamp_path(str(made))).write_text(json.dumps(stamp))
    (made / ".venv/old").touch()
    set_up(made, {"torch"}, [])
    assert not (made / ".venv/old").exists()


def test_failed_step_shows_the_command_and_its_last_20_lines(root):
    fails = python(
        "import sys; print(*range(100), sep='\\n', flush=True); print('a reason', file=sys.stderr); sys.exit(7)"
    )
    with pytest.raises(ck.Stop) as stop:
        set_up(root, {"torch"}, [ck.Step("fetch the moon", [[fails]])])
    code, message = stop.value.args
    assert code == 1
    lines = message.splitlines()
    assert lines[0] == "could not fetch the moon"
    assert lines[2] == "exit status 7: " + ck.shown(fails)
    assert lines[3:] == [*map(str, range(81, 100)), "a reason"]
    assert not Path(ck.stamp_path(str(root))).exists()


def test_after_a_failure_the_venv_is_made_anew(root):
    with pytest.raises(ck.Stop):
        set_up(root, {"torch"}, [count(".venv/half"), ck.Step("fail", [[python("raise SystemExit(1)")]])])
    assert (root / ".venv/half").exists()
    set_up(root, {"torch"}, [])
    assert not (root / ".venv/half").exists()


def test_a_venv_of_the_users_own_is_kept(root):
    ck.take(fake_venv(root), str(root))
    (root / ".venv/mine").touch()
    set_up(root, {"torch"}, [])
    assert (root / ".venv/mine").exists()


def test_second_way_is_taken_when_the_first_fails(root, capsys):
    step = ck.Step("try", [[python("raise SystemExit(1)"), count("never").ways[0][0]], count("n").ways[0]])
    ck.take(step, str(root))
    assert "another way" in capsys.readouterr().out
    assert not (root / "never").exists()
    assert (root / "n").exists()


def test_the_ways_to_make_a_venv(monkeypatch):
    monkeypatch.setattr(shutil, "which", lambda name: None)
    assert [way[0][1:4] for way in venv_step("/clone").ways] == [
        ["-m", "venv", str(Path("/clone/.venv"))],
        ["-m", "venv", "--without-pip"],
    ]
    monkeypatch.setattr(shutil, "which", lambda name: name)
    assert venv_step("/clone").ways[2][0][:2] == ["uv", "venv"]


@pytest.mark.parametrize(("user", "sudo"), [(0, ""), (1000, "sudo ")])
def test_no_way_to_make_a_venv_prints_the_line_and_exits_4(root, monkeypatch, capsys, user, sudo):
    monkeypatch.setattr(os, "geteuid", lambda: user, raising=False)
    monkeypatch.setattr(shutil, "which", lambda name: name if name == "apt-get" else None)
    step = venv_step(str(root))._replace(ways=[[python("print('No module named ensurepip'); raise SystemExit(1)")]])
    monkeypatch.setattr(ck, "venv_step", lambda root: step)
    monkeypatch.setattr(ck, "ROOT", str(root))
    assert ck.main(["demo"]) == 4
    said = capsys.readouterr().err
    version = "{}.{}".format(*sys.version_info[:2])
    assert f"\n    {sudo}apt-get update && {sudo}apt-get install -y python{version}-venv\n" in said
    assert "No module named ensurepip" in said


@pytest.mark.parametrize(
    ("system", "nvidia", "commands"),
    [("linux", None, [2, 1]), ("linux", "nvidia-smi", [1]), ("darwin", None, [1]), ("win32", None, [1])],
)
def test_only_linux_without_nvidia_asks_for_the_cpu_build(made, monkeypatch, system, nvidia, commands):
    exists = os.path.exists
    monkeypatch.setattr(os.path, "exists", lambda path: exists(path) and "nvidia" not in str(path))
    monkeypatch.setattr(ck, "has", lambda root, module: False)
    monkeypatch.setattr(shutil, "which", lambda name: nvidia if name == "nvidia-smi" else None)
    monkeypatch.setattr(sys, "platform", system)
    steps = ck.install_steps(str(made), {"torch"})
    assert [len(step.ways) for step in steps] == commands
    assert steps[-1].ways[0][0][-1] == ".[torch]"


def test_a_torch_that_is_there_is_kept(made, monkeypatch):
    monkeypatch.setattr(ck, "has", lambda root, module: module == "torch")
    assert len(ck.install_steps(str(made), {"torch"})) == 1


def test_python_variables_do_not_reach_the_venv(monkeypatch):
    for name in ("PYTHONHOME", "PYTHONPATH", "PYTHONSAFEPATH", "PIP_TARGET"):
        monkeypatch.setenv(name, "/nowhere")
    monkeypatch.setenv("PIP_RETRIES", "1")
    env = ck.clean_environment()
    assert not {"PYTHONHOME", "PYTHONPATH", "PYTHONSAFEPATH", "PIP_TARGET"} & set(env)
    assert env["PIP_RETRIES"] == "1"


@pytest.mark.parametrize(
    ("system", "machine", "libc", "user", "tools"),
    [
        ("darwin", "arm64", ("", ""), {"mlx"}, {"mlx", "torch"}),
        ("linux", "x86_64", ("glibc", "2.36"), {"torch"}, {"mlx", "torch"}),
        ("linux", "x86_64", ("glibc", "2.31"), {"torch"}, {"torch"}),
        ("linux", "x86_64", ("", ""), {"torch"}, {"torch"}),
        ("win32", "AMD64", ("", ""), {"torch"}, {"torch"}),
    ],
)
def test_users_get_the_backend_of_their_machine_and_the_tests_both(monkeypatch, system, machine, libc, user, tools):
    monkeypatch.setattr(sys, "platform", system)
    monkeypatch.setattr(ck.platform, "machine", lambda: machine)
    monkeypatch.setattr(ck.platform, "libc_ver", lambda: libc)
    assert ck.extras_here(with_tools=False) == {"color", "hub", "video"} | user
    assert ck.extras_here(with_tools=True) == {"color", "dev", "evaluate", "hub", "render", "video"} | tools


def test_words_are_handed_to_ck_in_the_users_own_folder(monkeypatch, tmp_path):
    handed = []
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(ck, "set_up", lambda root, extras: handed.append(extras))
    monkeypatch.setattr(os, "execve", lambda path, command, env: handed.append(command))
    monkeypatch.setattr(ck, "call", lambda command, cwd=None: 0)
    assert ck.main(["key", "my shot", "-o", "out"]) == 0
    assert "dev" not in handed[0]
    assert handed[1] == [ck.python_of(str(CLONE)), "-P", "-m", "corridorkey.cli.main", "key", "my shot", "-o", "out"]
    assert Path.cwd() == tmp_path


@pytest.mark.parametrize(("parity", "tests", "code"), [(0, 0, 0), (1, 0, 1), (0, 2, 2), (1, 2, 2)])
def test_test_runs_parity_and_then_pytest_and_fails_with_either(monkeypatch, parity, tests, code):
    ran = []
    monkeypatch.setattr(ck, "set_up", lambda root, extras: ran.append("dev" in extras))
    monkeypatch.setattr(ck, "call", lambda command, cwd: ran.append(command[2:]) or [parity, tests][len(ran) - 2])
    assert ck.main(["test", "-k", "despill"]) == code
    assert ran == [True, ["parity"], ["pytest", "-k", "despill"]]


def test_ctrl_c_answered_by_the_command_gives_its_exit_code(tmp_path):
    code = "import signal, sys; signal.signal(signal.SIGINT, lambda *_: sys.exit(130)); print(1, flush=True); input()"
    outer = f"import sys, ck; sys.exit(ck.call([sys.executable, '-c', {code!r}]))"
    with subprocess.Popen(
        python(outer), cwd=CLONE, stdin=subprocess.PIPE, stdout=subprocess.PIPE, start_new_session=True
    ) as child:
        child.stdout.readline()
        os.killpg(child.pid, signal.SIGINT)
        assert child.wait(20) == 130
