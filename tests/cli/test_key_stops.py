"""What `ck key` leaves behind when it is stopped, or may not write."""

import errno
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from corridorkey.media import read_exr
from tests.cli.conftest import write_shot


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
    shot, replace, so_far = write_shot(tmp_path / "s"), Path.replace, []

    def full_after_two(self, target):
        if target.parent.name == "Processed":
            so_far.append(target)
        if len(so_far) > 2:
            raise OSError(errno.ENOSPC, "No space left on device")
        return replace(self, target)

    monkeypatch.setattr(Path, "replace", full_after_two)
    (shot / "shot.1001.png").write_bytes(b"broken")
    result = ck("key", shot)
    assert result.code == 1
    assert "disk is full" in result.err
    assert "frame 1001" in result.err  # what failed before is told all the same
    assert {path.stem for path in (tmp_path / "s_keyed").rglob("shot.*")} == {"shot.1002", "shot.1003"}
    assert len(written(tmp_path / "s_keyed")) == 8


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


def stopped(shot, checkpoint, *signals, after=0.0):
    """A run that gets signals, one so long after the other, once it has written three frames."""
    words = ["key", str(shot), "--checkpoint", str(checkpoint), "--device", "cpu"]
    line = [sys.executable, "-m", "corridorkey.cli.main", *words]
    comp = shot.with_name(f"{shot.name}_keyed") / "Comp"
    with subprocess.Popen(line, stderr=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        while process.poll() is None and len(list(comp.glob("*.png"))) < 3:
            time.sleep(0.02)
        for at, number in enumerate(signals):
            time.sleep(after if at else 0)
            process.send_signal(number)
        _, err = process.communicate(timeout=60)
    assert "Traceback" not in err
    return process.returncode, err


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no SIGINT to send to another process")
@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_signal_leaves_whole_frames_only(tmp_path, tiny_checkpoint, number, code):
    shot = write_shot(tmp_path / "s", range(1, 400))
    got, err = stopped(shot, tiny_checkpoint, number)
    assert got == code, err
    assert "whole" in err
    frames = {path.stem for path in (tmp_path / "s_keyed" / "Comp").glob("shot.*.png")}
    assert 3 <= len(frames) < 399
    for folder in ("Matte", "FG", "Processed", "Comp"):
        assert {path.stem for path in (tmp_path / "s_keyed" / folder).iterdir()} == frames, folder
    for name in frames:
        assert read_exr(tmp_path / "s_keyed" / "Matte" / f"{name}.exr")[0]["Y"].shape == (48, 80)


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no SIGINT to send to another process")
@pytest.mark.parametrize("second", [signal.SIGINT, signal.SIGTERM])
@pytest.mark.parametrize("after", [0.01, 0.1, 0.5])  # also while the backend is taken down
def test_a_second_signal_never_ends_in_a_traceback_or_an_abort(tmp_path, tiny_checkpoint, second, after):
    shot = write_shot(tmp_path / "s", range(1, 400))
    code, err = stopped(shot, tiny_checkpoint, signal.SIGINT, second, after=after)
    # A shell shows a process that a signal ends on its way out as 128 + number too.
    assert code in (130, -signal.SIGINT, 128 + second, -second), err
    assert "is whole" in err
