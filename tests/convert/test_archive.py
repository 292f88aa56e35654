"""A zip that lies, or is damaged, is refused before anything in it is used."""

import io
import struct
import tracemalloc
import zipfile

import numpy as np
import pytest
import torch

from corridorkey.errors import CheckpointFormatError
from corridorkey_convert import read_tensors
from corridorkey_convert.archive import Archive
from corridorkey_convert.source import opened
from tests.convert.crafted import state, tensor, write_zip

NAME = "encoder.model.pos_embed"


@pytest.fixture
def good(tmp_path):
    return write_zip(tmp_path / "a.pth", state(tensor()), note=b"abc")


def patched(path, old: bytes, new: bytes, count: int = 1) -> None:
    data = path.read_bytes()
    assert old in data
    path.write_bytes(data.replace(old, new, count))


def refusal(path) -> str:
    with pytest.raises(CheckpointFormatError) as caught:
        read_tensors(path)
    assert str(caught.value).startswith(f"{path}: ")
    return str(caught.value)


def test_entries_are_those_that_zipfile_finds(tmp_path):
    torch.save({NAME: torch.ones(3)}, tmp_path / "a.pth")
    with zipfile.ZipFile(tmp_path / "a.pth") as known, opened(tmp_path / "a.pth") as source:
        archive = Archive(source)
        assert list(archive.entries) == known.namelist()
        assert all(bytes(archive.read(name)) == known.read(name) for name in known.namelist())


def test_zip64_sizes_are_read(tmp_path):
    with zipfile.ZipFile(tmp_path / "a.pth", "w") as archive:
        archive.writestr("archive/data.pkl", state(tensor()))
        with archive.open("archive/data/0", "w", force_zip64=True) as entry:
            entry.write(np.arange(4, dtype="<f4").tobytes())
    np.testing.assert_array_equal(read_tensors(tmp_path / "a.pth")[NAME], [[0, 1], [2, 3]])


def test_a_file_cut_short_anywhere_is_refused(good):
    data = good.read_bytes()
    for end in range(4, len(data)):
        good.write_bytes(data[:end])
        refusal(good)
    good.write_bytes(data + b"\0")
    assert "end" in refusal(good)


def test_a_wrong_checksum_is_refused(good):
    patched(good, np.float32(3).tobytes(), np.float32(2.5).tobytes())
    assert "archive/data/0 is damaged: its checksum is wrong" in refusal(good)


def test_names_are_unique_and_stay_inside(good, tmp_path):
    patched(good, b"archive/note", b"archive/data", 2)
    good.write_bytes(good.read_bytes().replace(b"archive/data/0", b"archive/data\\0"))
    assert "is called 'archive/data\\\\0'" in refusal(good)
    for name in ("/data", "a/../data", "a\0b", "\x1b[2J"):
        with zipfile.ZipFile(tmp_path / "b.pth", "w") as archive:
            archive.writestr("x" * len(name), b"")
        patched(tmp_path / "b.pth", b"x" * len(name), name.encode(), 2)
        assert "an entry is called" in refusal(tmp_path / "b.pth")
    twice = write_zip(tmp_path / "c.pth", state(tensor()), one=b"1", two=b"2")
    patched(twice, b"archive/two", b"archive/one", 2)
    assert "two entries are called 'archive/one'" in refusal(twice)


def test_the_directory_must_agree_with_the_entries(good):
    data = good.read_bytes()
    central = data.index(b"PK\1\2")
    end = data.index(b"PK\5\6")
    for at, form, value in (
        (central + 42, "<I", 1),  # where the entry begins
        (central + 42, "<I", 2**31),
        (central + 20, "<I", 2**31),  # its packed size
        (central + 24, "<I", 0xFFFFFFFF),  # its size, said to be in a zip64 field
        (central + 10, "<H", 8),  # deflated
        (central + 10, "<H", 99),  # packed by nobody knows what
        (central + 8, "<H", 1),  # encrypted
        (central + 28, "<H", 5000),  # length of its name
        (data.index(b"PK\3\4") + 26, "<H", 5),  # the same, in the entry itself
        (end + 8, "<H", 5),  # entries on this disk
        (end + 12, "<I", 5),  # size of the directory
        (end + 16, "<I", 5),  # where it begins
        (end + 20, "<H", 5),  # length of the comment
    ):
        wrong = bytearray(data)
        struct.pack_into(form, wrong, at, value)
        good.write_bytes(wrong)
        refusal(good)


def test_entries_may_not_lie_over_each_other(tmp_path):
    path = write_zip(tmp_path / "a.pth", state(tensor()), one=b"1" * 99, two=b"22")
    data = bytearray(path.read_bytes())
    local, inside = data.index(b"archive/two") - 30, data.index(b"1" * 99)
    data[inside : inside + 43] = data[local : local + 43]
    struct.pack_into("<I", data, data.rindex(b"archive/two") - 4, inside)
    path.write_bytes(data)
    assert "'archive/two' lies over another entry" in refusal(path)


def test_a_compression_bomb_is_refused(tmp_path):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("archive/data.pkl", state(tensor()))
        with archive.open("archive/data/0", "w", force_zip64=True) as entry:
            for _ in range(20):
                entry.write(bytes(1 << 20))
    data = buffer.getvalue()
    (tmp_path / "a.pth").write_bytes(data)
    assert "unpack to far more" in refusal(tmp_path / "a.pth")


def test_a_compressed_entry_is_held_in_memory_once(tmp_path):
    data = np.random.default_rng(1).integers(0, 4, 24 << 20, np.uint8).tobytes()
    with zipfile.ZipFile(tmp_path / "a.pth", "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        archive.writestr("archive/0", data)
    with opened(tmp_path / "a.pth") as source:
        archive = Archive(source)
        tracemalloc.start()
        got = archive.read("archive/0")
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
    assert got == data
    assert got.readonly
    assert peak < 1.5 * len(data)


@pytest.mark.parametrize("size", [0, 1, (1 << 20) - 1, 1 << 20, (1 << 20) + 1, (3 << 20) + 7])
def test_compressed_entries_of_every_length_unpack_whole(tmp_path, monkeypatch, size):
    monkeypatch.setattr("corridorkey_convert.archive.RATIO", 2000)
    # Runs so long that the last input is consumed before the last output is out.
    data = (bytes(200) + bytes(range(56))) * (size // 256 + 1)
    with zipfile.ZipFile(tmp_path / "a.pth", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("archive/0", data[:size])
    with opened(tmp_path / "a.pth") as source:
        archive = Archive(source)
        assert archive.read("archive/0") == data[:size]


def test_an_entry_that_unpacks_to_more_than_it_says_is_refused(tmp_path):
    with zipfile.ZipFile(tmp_path / "a.pth", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("archive/data.pkl", state(tensor()) + bytes(5000))
    size = struct.pack("<I", len(state(tensor())) + 5000)
    patched(tmp_path / "a.pth", size, struct.pack("<I", len(state(tensor()))), 2)
    assert "not as large as the zip says" in refusal(tmp_path / "a.pth")


@pytest.mark.parametrize(
    ("limit", "method", "words"),
    [
        ("archive.ENTRIES", zipfile.ZIP_STORED, "directory is not"),
        ("archive.INFLATED", zipfile.ZIP_DEFLATED, "far more"),
    ],
)
def test_a_zip_has_its_limits(tmp_path, monkeypatch, limit, method, words):
    with zipfile.ZipFile(tmp_path / "a.pth", "w", method) as archive:
        for name in ("data.pkl", "data/0", "data/1"):
            archive.writestr(f"archive/{name}", b"abc")
    monkeypatch.setattr(f"corridorkey_convert.{limit}", 2)
    assert words in refusal(tmp_path / "a.pth")


def test_tensors_have_a_limit(good, monkeypatch):
    assert read_tensors(good)
    monkeypatch.setattr("corridorkey_convert.pth.TENSORS", 0)
    assert "more tensors" in refusal(good)


def test_a_pickle_too_large_is_refused_unread(tmp_path, monkeypatch):
    monkeypatch.setattr("corridorkey_convert.pth.PICKLE", 10)
    assert "more than a weights file needs" in refusal(write_zip(tmp_path / "a.pth", state(tensor())))


def test_a_zip_of_something_else_is_refused(tmp_path):
    with zipfile.ZipFile(tmp_path / "a.pth", "w") as archive:
        archive.writestr("hello.txt", b"hello")
    assert "no data.pkl" in refusal(tmp_path / "a.pth")
    with zipfile.ZipFile(tmp_path / "a.pth", "w"):
        pass
    assert "empty zip" in refusal(tmp_path / "a.pth")
