"""Unfinished files: whose they are, and which are removed."""

import os
import re
import subprocess
import sys

import pytest

from corridorkey import parts
from corridorkey.files import write_file
from corridorkey.parts import is_running, part_of, sweep


@pytest.fixture
def gone():
    """Id of a process that has ended."""
    with subprocess.Popen([sys.executable, "-c", ""]) as process:
        process.wait()
    return process.pid


def left(path, **changed):
    """A part as another process would have left it."""
    host, pid, process = re.fullmatch(r".*\.(\w{6})-(\d+)-(\w{8})\.\d+\.part", part_of(path).name).groups()
    named = {"host": host, "pid": pid, "process": process, **changed}
    part = path.with_name(f".{path.name}.{named['host']}-{named['pid']}-{named['process']}.1.part")
    part.write_bytes(b"half")
    return part


def old(path, seconds):
    os.utime(path, (path.stat().st_atime - seconds, path.stat().st_mtime - seconds))
    return path


def test_what_a_dead_process_left_is_removed_and_what_a_living_one_writes_stays(tmp_path, gone):
    dead = left(tmp_path / "a.exr", pid=gone, process="0" * 8)
    reborn = left(tmp_path / "b.exr", process="0" * 8)  # this process's id, in a life before
    mine = old(left(tmp_path / "c.exr"), 10**6)
    living = left(tmp_path / "d.exr", pid=os.getppid(), process="0" * 8)
    assert set(sweep([tmp_path, tmp_path / "missing"])) == {dead, reborn}
    assert mine.exists()
    assert living.exists()


def test_another_hosts_is_removed_only_when_old(tmp_path, gone):
    young = left(tmp_path / "a.exr", host="000000", pid=gone)
    stale = old(left(tmp_path / "b.exr", host="000000", pid=gone), 2 * 86400)
    nameless = tmp_path / ".c.exr.0a1b2c3d.part"
    nameless.touch()
    nameless_stale = tmp_path / ".d.exr.0a1b2c3d.part"
    nameless_stale.touch()
    old(nameless_stale, 2 * 86400)
    assert set(sweep([tmp_path])) == {stale, nameless_stale}
    assert young.exists()
    assert nameless.exists()


def test_other_programs_files_stay(tmp_path):
    names = ["a.exr.part", ".a.part", ".part", "a.exr", ".a.exr.1f2e.part", ".a.0a1b2c-x-0a1b2c3d.1.part"]
    for name in names:
        (tmp_path / name).touch()
        old(tmp_path / name, 10**6)
    assert sweep([tmp_path]) == []
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted(names)


def test_a_part_that_may_not_be_removed_stays(tmp_path, gone, monkeypatch):
    left(tmp_path / "a.exr", pid=gone, process="0" * 8)

    def denied(_):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(os, "unlink", denied)
    assert sweep([tmp_path]) == []


def test_names_are_hidden_short_enough_and_never_the_same(tmp_path):
    names = {part_of(tmp_path / "a.exr").name for _ in range(100)}
    assert len(names) == 100
    assert all(name.startswith(".a.exr.") and name.endswith(".part") for name in names)
    longest = tmp_path / ("ä" * 125 + ".exr")
    write_file(longest, b"1")
    assert longest.read_bytes() == b"1"
    for name in ("x" * 196 + ".exr", "🎬" * 60, "a\nb", "Käse"):
        assert len(os.fsencode(part_of(tmp_path / name).name)) <= 255
        assert parts._OWNED.fullmatch(part_of(tmp_path / name).name)


def test_which_ids_run(gone):
    assert is_running(os.getpid())
    assert is_running(os.getppid())
    assert not is_running(gone)
    assert not is_running(10**10 - 1)
    assert not is_running(0)
