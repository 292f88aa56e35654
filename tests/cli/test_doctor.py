import json
import os
import subprocess
import sys

import pytest

from corridorkey.cli.doctor import as_text
from corridorkey.doctor import Finding, Report
from tests.doctor.stand_ins import ROOT, snapshot, write_module

KEYS = {"topic", "name", "state", "value", "remedy", "data"}
FINDINGS = (
    Finding("torch", "installed", "ok", "2.13.0"),
    Finding("mlx", "installed", "missing", "not installed", "pip install mlx\nand again"),
    Finding("codecs", "video", "note", "later", "pip install av"),
)


def doctor(home, *words, **variables):
    """`ck doctor` in a process whose every own folder is in `home`."""
    for name in ("home", "cache", "tmp", "work"):
        (home / name).mkdir(exist_ok=True)
    env = {name: value for name, value in os.environ.items() if not name.startswith(("CORRIDORKEY_", "XDG_"))}
    env |= {"HOME": str(home / "home"), "USERPROFILE": str(home / "home"), "XDG_CACHE_HOME": str(home / "cache")}
    env |= {"TMPDIR": str(home / "tmp"), "PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1", **variables}
    line = [sys.executable, "-B", "-m", "corridorkey.cli.main", "doctor", *words]
    return subprocess.run(line, capture_output=True, text=True, env=env, cwd=home / "work", timeout=600)


def test_a_frame_is_keyed_and_nothing_is_left_behind(tmp_path):
    done = doctor(tmp_path, "--json")
    assert done.returncode == 0, done.stderr
    report = json.loads(done.stdout)
    assert set(report) == {"format_version", "can_key", "backend", "device", "findings", "todo"}
    assert report["can_key"] is True
    assert all(set(finding) == KEYS for finding in report["findings"])
    topics = list(dict.fromkeys(finding["topic"] for finding in report["findings"]))
    assert topics == ["python", "machine", "mlx", "torch", "backend", "weights", "codecs", "disk", "frame"]
    (frame,) = [f for f in report["findings"] if f["topic"] == "frame" and f["state"] == "ok"]
    assert frame["data"]["backend"] == report["backend"]
    assert frame["data"]["finite"] is True
    assert frame["data"]["second_seconds"] > 0
    assert not [f for f in report["findings"] if "could not be examined" in f["value"]]
    assert snapshot(tmp_path) == {tmp_path / name for name in ("home", "cache", "tmp", "work")}


def test_no_working_backend_exits_4_with_the_lines_that_repair_it(tmp_path):
    for framework in ("torch", "mlx.core"):
        write_module(tmp_path / "path", framework, "import os\nos.abort()\n")
    path = os.pathsep.join([str(tmp_path / "path"), str(ROOT)])
    done = doctor(tmp_path, PYTHONPATH=path)
    assert done.returncode == 4, done.stdout + done.stderr
    assert "No shot can be keyed here yet." in done.stdout
    todo = done.stdout.partition("No shot can be keyed")[2]
    assert "torch>=2.6" in todo
    assert "mlx" in todo
    assert "Traceback" not in done.stdout + done.stderr
    if sys.platform != "win32":
        assert done.stdout.count("died of SIGABRT") >= 2


def test_the_text_has_each_topic_its_notes_remedies_and_what_to_do():
    text = as_text(Report(FINDINGS, "torch", None, True))
    table, _, todo = text.partition("\n\n")
    assert table.splitlines() == [
        "torch",
        "  ok      installed  2.13.0",
        "mlx",
        "  MISSING installed  not installed",
        "codecs",
        "  note    video      later",
        "                     pip install av",
    ]
    assert todo.splitlines() == [
        "A shot can be keyed here, with --backend torch.",
        "To do: mlx, installed (not installed):",
        "    pip install mlx",
        "    and again",
    ]


def test_a_device_that_has_to_be_named_is_named():
    assert "--backend torch and --device cpu" in as_text(Report((), "torch", "cpu", True))


@pytest.mark.parametrize(("can_key", "code"), [(True, 0), (False, 4)])
def test_the_exit_code_says_whether_a_shot_can_be_keyed(ck, monkeypatch, can_key, code):
    asked = []

    def examine(frame):
        asked.append(frame)
        return Report(FINDINGS, "torch" if can_key else None, None, can_key)

    monkeypatch.setattr("corridorkey.doctor.examine", examine)
    assert ck("doctor", "--no-frame").code == code
    assert json.loads(ck("doctor", "--json").out)["can_key"] is can_key
    assert asked == [False, True]
