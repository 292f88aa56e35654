"""What `ck key` leaves behind when it is stopped, or may not write."""

import errno
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.cli.conftest import write_shot

INT, TERM = signal.SIGINT, signal.SIGTERM


def written(folder):
    """The frames' files, without the manifest."""
    return sorted(p.name for p in folder.rglob("*/*") if p.is_file())


def test_an_output_folder_that_cannot_be(ck, tmp_path):
    (tmp_path / "file").write_text("in the way")
    result = ck("key", write_shot(tmp_path / "s"), "-o", tmp_path / "file" / "out")
    assert result.code == 1
    assert "write elsewhere" in result.err
    assert (tmp_path / "file").read_text() == "in the way"


def test_a_full_disk_stops_the_run_and_keeps_whole_frames(ck, tmp_path, monkeypatch):
    shot, replace, fitting = write_shot(tmp_path / "s"), Path.replace, {"shot.1002", "shot.1003"}

    def full_after_two(self, target):  # by name: frames are written side by side
        if target.parent.name == "Processed" and target.stem not in fitting:
            raise OSError(errno.ENOSPC, "No space left on device")
        return replace(self, target)

    monkeypatch.setattr(Path, "replace", full_after_two)
    (shot / "shot.1001.png").write_bytes(b"broken")
    result = ck("key", shot)
    assert result.code == 1
    assert "disk is full" in result.err
    assert "frame 1001" in result.err  # what failed before is told all the same
    assert {path.stem for path in (tmp_path / "s_keyed").rglob("shot.*")} == fitting
    assert len(written(tmp_path / "s_keyed")) == 8


def test_names_in_errors_steer_no_terminal(ck, tmp_path, monkeypatch):
    monkeypatch.setattr("click.utils.should_strip_ansi", lambda *_, **__: False)  # as at a terminal
    name = "a\x1b[2J.0001.png"
    (tmp_path / name).write_bytes(b"broken")
    for result in (ck("key", tmp_path / name), ck("key", tmp_path, "--frames", name), ck("info", tmp_path / name)):
        assert result.code in (2, 5)
        assert "\x1b" not in result.err
        assert r"a\x1b[2J.0001.png" in result.err


def test_existing_outputs_are_not_touched_without_overwrite(ck, tmp_path):
    shot = write_shot(tmp_path / "s")
    assert ck("key", shot, "--outputs", "matte").code == 0
    matte = tmp_path / "s_keyed/Matte/shot.1002.exr"
    matte.write_bytes(b"precious")
    result = ck("key", shot, "--outputs", "matte")
    assert result.code == 2
    assert "--overwrite" in result.err
    assert matte.read_bytes() == b"precious"
    assert ck("key", shot, "--outputs", "matte", "--overwrite").code == 0
    assert matte.read_bytes() != b"precious"


def test_an_input_is_never_replaced(ck, tmp_path):
    shot = write_shot(tmp_path / "Comp")
    before = (shot / "shot.1001.png").read_bytes()
    result = ck("key", shot, "-o", tmp_path, "--overwrite")
    assert result.code == 2
    assert "input" in result.err
    assert (shot / "shot.1001.png").read_bytes() == before


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no broken pipes of this kind")
def test_a_reader_that_goes_away_is_no_traceback(tmp_path, tiny_checkpoint):
    shot = write_shot(tmp_path / "s")
    words = ["key", str(shot), "--checkpoint", str(tiny_checkpoint), "--device", "cpu"]
    line = [sys.executable, "-u", "-m", "corridorkey.cli.main", *words]
    with subprocess.Popen(line, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        process.stdout.close()
        err = process.stderr.read()
    assert process.returncode == 1
    assert "Traceback" not in err


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no SIGINT to send to another process")
@pytest.mark.parametrize("signals", [(INT,), (TERM,), (INT, INT), (INT, TERM)])
@pytest.mark.parametrize("after", [0.01, 0.3])  # also while the backend is taken down
def test_signals_never_end_in_a_traceback_or_an_abort(tmp_path, tiny_checkpoint, signals, after):
    shot = write_shot(tmp_path / "s", range(1, 400))
    words = ["key", str(shot), "--checkpoint", str(tiny_checkpoint), "--device", "cpu"]
    line = [sys.executable, "-m", "corridorkey.cli.main", *words]
    comps = tmp_path / "s_keyed/Comp"
    with subprocess.Popen(line, stderr=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        while process.poll() is None and len(list(comps.glob("*.png"))) < 3:
            time.sleep(0.02)
        for number in signals:
            process.send_signal(number)
            time.sleep(after)
        _, err = process.communicate(timeout=60)
    # A shell shows a process that a signal ends on its way out as 128 + number too.
    assert process.returncode in {code for number in signals for code in (128 + number, -number)}, err
    assert "Traceback" not in err
    assert "is whole" in err
    assert 3 <= len(list(comps.glob("shot.*.png"))) < 399
