"""The manifest as a file: torn, foreign, hostile, newer, long."""

import dataclasses
import errno
import io
import json
import tracemalloc
import zlib
from pathlib import Path

import pytest

from corridorkey.errors import FrameReadError, FrameWriteError, SettingsError
from corridorkey.resume import Identity, Made, Manifest, Output
from corridorkey.resume.manifest import NAME
from corridorkey.resume.record import Record, frame_line, made_line
from tests.resume.shot import MADE

PLATE = Identity("shot.1001.exr", 10, 20, "ab" * 16)


def record(number, stem=None, size=5, made=MADE):
    stem = stem or f"shot.{number}"
    return Record(number, stem, made.hash, PLATE, None, {"matte": Output(f"Matte/{stem}.exr", size, "cd" * 16)})


def written(out, *lines):
    (out / NAME).write_bytes(b"".join(lines))
    return Manifest(out)


def sealed(values):
    raw = json.dumps(values, separators=(",", ":"))[:-1].encode()
    return raw + b',"check":"%08x"}\n' % zlib.crc32(raw)


def test_what_is_added_is_read_again(tmp_path):
    manifest = Manifest(tmp_path / "new")
    manifest.begin(MADE)
    still = Identity("hint.png", 7, 0, "ef" * 16, 3)
    manifest.add(1001, "shot.1001", MADE, PLATE, still, record(1001).outputs)
    manifest.add(1001, "shot.1001", MADE, PLATE, still, record(1001, size=6).outputs)
    again = Manifest(tmp_path / "new")
    assert list(again.records(["shot.1001", "shot.1002"])) == [
        dataclasses.replace(record(1001, size=6), hint=still),
        None,
    ]
    assert again.mades == {MADE.hash: MADE}
    assert again.mades[MADE.hash].checkpoint == "small.safetensors"


def test_mattes_are_on_record_and_lines_without_them_are_as_they_were(tmp_path):
    manifest = Manifest(tmp_path)
    manifest.begin(MADE)
    garbage, core = Identity("g.png", 7, 0, "ef" * 16), Identity("c.mov", 9, 0, "01" * 16, 4)
    manifest.add(1001, "shot.1001", MADE, PLATE, None, record(1001).outputs, garbage, core)
    manifest.add(1002, "shot.1002", MADE, PLATE, None, record(1002).outputs, core=core)
    manifest.add(1003, "shot.1003", MADE, PLATE, None, record(1003).outputs)
    assert list(Manifest(tmp_path).records(f"shot.{n}" for n in (1001, 1002, 1003))) == [
        dataclasses.replace(record(1001), garbage=garbage, core=core),
        dataclasses.replace(record(1002), core=core),
        record(1003),
    ]
    lines = [json.loads(line) for line in (tmp_path / NAME).read_text().splitlines()[1:]]
    before = ["v", "frame", "stem", "made", "plate", "hint", "outputs", "time", "check"]
    assert list(lines[2]) == before
    assert list(lines[1]) == [*before[:6], "core", *before[6:]]


def test_outputs_of_another_matte_do_not_stay_on_record(tmp_path):
    manifest = Manifest(tmp_path)
    manifest.begin(MADE)
    one, other = (Identity("g.png", 7, 0, digest * 32) for digest in "12")
    fg = {"fg": Output("FG/shot.1001.exr", 5, "ab" * 16)}
    for garbage, kept in ((one, {"matte"}), (one, {"matte", "fg"}), (other, {"fg"})):
        outputs = record(1001).outputs if kept == {"matte"} else fg
        Manifest(tmp_path).add(1001, "shot.1001", MADE, PLATE, None, outputs, garbage)
        assert next(Manifest(tmp_path).records(["shot.1001"])).outputs.keys() == kept


def test_a_person_can_read_a_line(tmp_path):
    Manifest(tmp_path).begin(MADE)
    Manifest(tmp_path).add(1001, "Käse.1001", MADE, PLATE, None, {"fg": Output.of("FG/Käse.1001.exr", b"123")})
    made, frame = map(json.loads, (tmp_path / NAME).read_text(encoding="utf-8").splitlines())
    assert made["facts"]["despill"] == 1.0
    assert "Käse" in (tmp_path / NAME).read_text(encoding="utf-8")
    assert frame["outputs"]["fg"][:2] == ["FG/Käse.1001.exr", 3]
    assert frame["frame"] == 1001
    assert frame["made"] == made["made"]


@pytest.mark.parametrize("stem", ["Käse 🎬.1001", 'a"b\\c.1', "line\nbreak.1", '{"v":1,.1', "\udcff.0001", " ", "\x00"])
def test_any_name_a_disk_takes_can_be_recorded(tmp_path, stem):
    manifest = written(tmp_path, made_line(MADE), frame_line(record(1, stem)), frame_line(record(2)))
    assert [found and found.stem for found in manifest.records([stem, "shot.2"])] == [stem, "shot.2"]
    assert manifest.ignored == 0


@pytest.mark.parametrize("cut", [1, 30, 100, -30, -2])
def test_a_torn_line_is_passed_over_and_what_is_written_on_it_is_read(tmp_path, caplog, cut):
    torn = frame_line(record(2))[:cut]
    manifest = written(tmp_path, made_line(MADE), frame_line(record(1)), torn, frame_line(record(3)), torn)
    assert [found and found.frame for found in manifest.records(["shot.1", "shot.2", "shot.3"])] == [1, None, 3]
    assert manifest.ignored == 1
    assert "1 lines are torn or not ours" in caplog.text


@pytest.mark.parametrize("seen", [1, 100, -1])
def test_a_line_that_is_just_being_added_is_waited_for(tmp_path, monkeypatch, seen):
    line = frame_line(record(1))
    path = tmp_path / "manifest.jsonl"
    path.write_bytes(made_line(MADE) + line[:seen])

    def rest(_seconds: float) -> None:
        with path.open("ab") as file:
            file.write(line[seen:] + frame_line(record(2)))

    monkeypatch.setattr("corridorkey.resume.manifest.time.sleep", rest)
    manifest = Manifest(tmp_path)
    assert [found.frame for found in manifest.records(["shot.1", "shot.2"])] == [1, 2]
    assert manifest.ignored == 0


def test_a_line_that_lost_only_its_end_is_whole(tmp_path):
    manifest = written(tmp_path, made_line(MADE), frame_line(record(1)).rstrip(), frame_line(record(2)))
    assert [found.frame for found in manifest.records(["shot.1", "shot.2"])] == [1, 2]


@pytest.mark.parametrize(
    "garbage",
    [
        b"\n\n  \n",
        b"hello\n",
        b"\x00\xff\xfe" * 1000,
        b"x" * 3_000_000,
        b"[" * 100_000 + b"\n",
        b'{"frame":1}\n',
        frame_line(record(1)).replace(b'"frame":1', b'"frame":2'),
        sealed({"v": 1}),
        sealed({"v": 0, "frame": 1}),
        sealed({"v": 1, "made": MADE.hash, "checkpoint": "x", "facts": {"despill": 7}}),  # not what the hash stands for
        sealed({"v": 1, "made": "0" * 16, "checkpoint": "x", "facts": [1]}),
        b'{"v":1,"frame":1,"stem":' + b"[" * 50_000 + b"\n",
    ],
)
def test_what_is_not_ours_is_passed_over(tmp_path, garbage):
    manifest = written(tmp_path, made_line(MADE), frame_line(record(1)), garbage, b"\n", frame_line(record(3)))
    assert [found.frame for found in manifest.records(["shot.1", "shot.3"])] == [1, 3]
    assert list(manifest.mades) == [MADE.hash]


@pytest.mark.parametrize("values", [{}, {"plate": 3}, {"plate": [1], "hint": None, "outputs": {}}, {"outputs": [1]}])
def test_a_checked_line_that_lacks_something_is_no_record(tmp_path, values):
    line = sealed({"v": 1, "frame": 1, "stem": "a", "made": MADE.hash, **values})
    assert list(written(tmp_path, made_line(MADE), line).records(["a"])) == [None]


def test_a_record_of_unknown_making_counts_for_nothing(tmp_path):
    assert list(written(tmp_path, frame_line(record(1))).records(["shot.1"])) == [None]


def test_a_newer_format_is_an_error_that_says_so(tmp_path):
    with pytest.raises(SettingsError, match=r"manifest.jsonl: a newer version .*format 2.*Update"):
        written(tmp_path, frame_line(record(1)), sealed({"v": 2, "whatever": 1}))


def test_a_manifest_that_cannot_be_read_or_written_is_an_error(tmp_path, monkeypatch):
    (tmp_path / NAME).mkdir()
    with pytest.raises(FrameReadError, match=NAME):
        Manifest(tmp_path)
    manifest = Manifest(tmp_path / "new")

    def full(*_, **__):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(Path, "open", full)
    with pytest.raises(FrameWriteError, match=rf"{NAME}: cannot be written: the disk is full"):
        manifest.begin(MADE)


def test_a_disk_that_takes_half_a_line_is_full(tmp_path, monkeypatch):
    opened = Path.open
    manifest = Manifest(tmp_path)

    class Short(io.FileIO):
        def write(self, line):
            return super().write(line[:10])

    monkeypatch.setattr(Path, "open", lambda path, mode, **_: Short(path, mode) if mode == "ab" else opened(path, mode))
    with pytest.raises(FrameWriteError, match=NAME):
        manifest.begin(MADE)
    assert not manifest.mades


def test_a_line_that_says_a_thing_twice_is_no_record(tmp_path):
    raw = frame_line(record(1))[:-21] + b',"made":[]'
    twice = raw + b',"check":"%08x"}\n' % zlib.crc32(raw)
    assert list(written(tmp_path, made_line(MADE), twice).records(["shot.1"])) == [None]


def test_outputs_of_an_earlier_run_stay_on_record_if_made_alike(tmp_path):
    matte, comp = Output("Matte/a.exr", 1, "0" * 32), Output("Comp/a.png", 2, "0" * 32)
    Manifest(tmp_path).begin(MADE)
    Manifest(tmp_path).add(1, "a", MADE, PLATE, None, {"matte": matte})
    Manifest(tmp_path).add(1, "a", MADE, dataclasses.replace(PLATE, mtime=99), None, {"comp": comp})
    assert next(Manifest(tmp_path).records(["a"])).outputs == {"matte": matte, "comp": comp}
    Manifest(tmp_path).add(1, "a", MADE, dataclasses.replace(PLATE, digest="1" * 32), None, {"comp": comp})
    assert next(Manifest(tmp_path).records(["a"])).outputs == {"comp": comp}


def test_a_frame_on_record_takes_little_memory(tmp_path):
    with (tmp_path / NAME).open("wb") as file:
        file.write(made_line(MADE))
        file.writelines(frame_line(record(number)) for number in range(20_000))
    tracemalloc.start()
    try:
        manifest = Manifest(tmp_path)
        most = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert len(manifest) == 20_000
    assert most < 20_000 * 400


def test_changes_are_told_and_hostile_values_are_shown_harmless():
    old = Made({**MADE.facts, "despill": 0.5, "note": "\x1b[2J", "checkpoint": "a" * 64})
    new = Made({**MADE.facts, "screen shade": None, "checkpoint": "b" * 64})
    assert new.changes(old) == [
        f"checkpoint {'a' * 12} -> {'b' * 12}",
        "despill 0.5 -> 1.0",
        "note \\x1b[2J -> null",
    ]
