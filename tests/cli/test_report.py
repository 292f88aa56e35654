import logging
import sys

import pytest

from corridorkey.cli.report import logging_to, report_frames
from corridorkey.cli.voice import TextVoice
from corridorkey.errors import FrameReadError, FrameWriteError
from corridorkey.run import KeyedFile


def test_failed_frames_are_listed_and_exit_3(tmp_path, capsys):
    frames = [KeyedFile(7, ()), KeyedFile(8, (), FrameReadError("x.0008.png: broken"))]
    with pytest.raises(SystemExit) as stopped:
        report_frames(frames, 2, tmp_path)
    assert stopped.value.code == 3
    captured = capsys.readouterr()
    assert "frame 8: x.0008.png: broken" in captured.err
    assert "1 of 2 frames keyed" in captured.out


def test_names_from_the_disk_steer_no_terminal(tmp_path, capsys):
    out = tmp_path / "a\x07"  # click itself drops colours where there is no terminal, and bells nowhere
    frames = [KeyedFile(8, (), FrameReadError("x\x07.png: broken"))]
    with pytest.raises(SystemExit):
        report_frames(frames, 1, out)
    voice = TextVoice()
    voice.movie(out / "m.mov")
    voice.plan([f"out {out}"], {})
    voice.listen(verbose=False)
    logging.getLogger("corridorkey").warning("%s: cannot be read", out)
    captured = capsys.readouterr()
    assert "\x07" not in captured.out + captured.err
    assert captured.out.count(r"a\x07") == 3
    assert captured.err.endswith(f"{tmp_path}/a\\x07: cannot be read\n")


def test_a_bar_with_rate_and_time_left_on_a_terminal(tmp_path, capsys, monkeypatch):
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    report_frames((KeyedFile(n, ()) for n in range(1, 4)), 3, tmp_path)
    captured = capsys.readouterr()
    assert "keying" in captured.err
    assert "3/3" in captured.err
    assert "fps" in captured.err
    assert "3 of 3 frames keyed" in captured.out


def test_plain_lines_elsewhere(tmp_path, capsys):
    report_frames((KeyedFile(n, ()) for n in range(1, 4)), 3, tmp_path)
    lines = capsys.readouterr().err.splitlines()
    assert len(lines) == 2  # the first and the last; those between come every five seconds
    assert lines[0].startswith("frame 1: 1 of 3, ")
    assert lines[1].endswith("0 s left")


def test_a_log_is_begun_in_a_folder_that_another_process_has_just_removed(tmp_path, monkeypatch):
    """As `check_writable` does in a process that begins at the same time."""
    opened, folder, removed = logging.FileHandler, tmp_path / "run", []

    def removed_first(path, **how):
        if not removed:
            folder.rmdir()
            removed.append(folder)
        return opened(path, **how)

    monkeypatch.setattr(logging, "FileHandler", removed_first)
    with logging_to(folder / "log.txt"):
        logging.getLogger("corridorkey").info("begun")
    assert removed
    assert (folder / "log.txt").read_text().endswith("begun\n")


def test_a_log_that_cannot_be_written_is_told(tmp_path):
    (tmp_path / "run").write_bytes(b"")
    with pytest.raises(FrameWriteError, match="run: cannot be written: a file is where a folder should be"):
        logging_to(tmp_path / "run" / "log.txt").__enter__()
