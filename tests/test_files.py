"""Files whole or not at all, and disks that refuse."""

import errno
from pathlib import Path

import pytest

from corridorkey.errors import FrameReadError, FrameWriteError
from corridorkey.files import check_writable, read_file, write_file, write_files


def files(folder):
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())


def denied(*_):
    raise PermissionError(errno.EACCES, "Permission denied")


@pytest.mark.parametrize(
    ("code", "remedy"),
    [
        (errno.ENOSPC, "disk is full; free some space"),
        (errno.EROFS, "read-only"),
        (errno.EACCES, "not allowed"),
        (errno.EIO, "I/O|Input"),
    ],
)
@pytest.mark.parametrize("step", ["write_bytes", "replace"])
def test_a_disk_that_refuses_leaves_the_old_file_and_no_other(tmp_path, monkeypatch, code, remedy, step):
    def refuse(path, *_):
        if step == "write_bytes":
            with path.open("wb") as file:
                file.write(b"half a fi")
        raise OSError(code, "Input/output error")

    write_file(tmp_path / "a.exr", b"old")
    monkeypatch.setattr(Path, step, refuse)
    with pytest.raises(FrameWriteError, match=rf"a\.exr: cannot be written: .*({remedy})"):
        write_file(tmp_path / "a.exr", b"new")
    assert files(tmp_path) == ["a.exr"]
    assert (tmp_path / "a.exr").read_bytes() == b"old"


def test_a_folder_is_checked_before_the_work(tmp_path, monkeypatch):
    check_writable(tmp_path / "new" / "out")
    check_writable(tmp_path)
    assert list(tmp_path.iterdir()) == []
    (tmp_path / "file").touch()
    with pytest.raises(FrameWriteError, match="file: cannot be written: a file is where a folder"):
        check_writable(tmp_path / "file")

    def refuse(path, _):
        path.touch()
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(Path, "write_bytes", refuse)
    with pytest.raises(FrameWriteError, match="disk is full"):
        check_writable(tmp_path / "new")
    assert [path.name for path in tmp_path.iterdir()] == ["file"]


def test_ctrl_c_in_mid_write_leaves_whole_files_only(tmp_path, monkeypatch):
    def interrupt(path, _):
        path.touch()
        raise KeyboardInterrupt

    monkeypatch.setattr(Path, "write_bytes", interrupt)
    with pytest.raises(KeyboardInterrupt):
        write_file(tmp_path / "a.exr", b"new")
    assert files(tmp_path) == []


def test_files_that_belong_together_are_written_together(tmp_path, monkeypatch):
    contents = {tmp_path / "a" / "one": b"1", tmp_path / "b" / "two": b"2"}
    seen, real = [], Path.replace
    monkeypatch.setattr(Path, "replace", lambda part, path: (seen.append(files(tmp_path)), real(part, path)))
    write_files(contents)
    assert [path.read_bytes() for path in contents] == [b"1", b"2"]
    assert files(tmp_path) == ["a/one", "b/two"]
    assert [len(found) for found in seen] == [2, 2]


def test_a_signal_and_then_a_disk_that_refuses_leave_nothing(tmp_path, monkeypatch):
    def replace(part, path):
        if path.name == "one":
            real(part, path)
            raise KeyboardInterrupt
        raise OSError(errno.ENOSPC, "No space left on device")

    real = Path.replace
    monkeypatch.setattr(Path, "replace", replace)
    with pytest.raises(FrameWriteError, match="two: cannot be written: the disk is full"):
        write_files({tmp_path / "one": b"1", tmp_path / "two": b"2"})
    assert files(tmp_path) == []


@pytest.mark.parametrize("look", [check_writable, lambda folder: write_file(folder / "a", b"1")])
def test_a_folder_that_may_not_be_looked_at_is_an_error(tmp_path, monkeypatch, look):
    monkeypatch.setattr(Path, "exists", denied)
    with pytest.raises(FrameWriteError, match="cannot be written: not allowed"):
        look(tmp_path / "out")
    monkeypatch.undo()
    assert files(tmp_path) == []


def test_two_that_check_a_folder_at_once_use_two_names(tmp_path, monkeypatch):
    probes, real = [], Path.unlink
    monkeypatch.setattr(Path, "unlink", lambda path, **options: (probes.append(path.name), real(path, **options)))
    check_writable(tmp_path)
    check_writable(tmp_path)
    assert len(set(probes)) == 2
    assert all(name.startswith(".") and name.endswith(".part") for name in probes)


def test_an_empty_file_and_none_at_all_are_errors(tmp_path):
    (tmp_path / "a").touch()
    with pytest.raises(FrameReadError, match="a: the file is empty"):
        read_file(tmp_path / "a")
    with pytest.raises(FrameReadError, match="b: cannot be read"):
        read_file(tmp_path / "b")


def test_a_folder_that_another_process_removes_in_between_is_made_again(tmp_path, monkeypatch):
    made, mkdir = [], Path.mkdir

    def removed_at_once(self, *args, **kwargs):
        mkdir(self, *args, **kwargs)
        made.append(self)
        if len(made) < 3:
            self.rmdir()

    monkeypatch.setattr(Path, "mkdir", removed_at_once)
    write_file(tmp_path / "out" / "x", b"whole")
    assert (tmp_path / "out" / "x").read_bytes() == b"whole"
    assert len(made) == 3
