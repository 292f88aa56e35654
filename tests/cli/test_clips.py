"""`ck clips`: the table, the JSON and the exit code."""

import json
import sys

import pytest

from corridorkey.printable import printable
from tests.cli.conftest import write_hint, write_shot
from tests.clips.shots import movie, outputs, pictures, shot


def project(folder):
    """Five shots and dropped footage."""
    write_shot(folder / "sh010/Input", [*range(1001, 1005), 1007])
    outputs(folder / "sh010/Output", [], "Matte")
    write_shot(folder / "sh020/Input", screen=2)
    for number in (1001, 1002):
        write_hint(folder / f"sh020/AlphaHint/shot.{number}.png")
    pictures(shot(folder / "sh030") / "Input", name="other.{:04d}.png")
    outputs(shot(folder / "shots/sh040") / "Output", range(1, 4))
    pictures(folder / "dropped")
    (folder / "A001.mov").touch()
    return folder


def test_the_table_says_all_of_a_shot_in_a_line(ck, tmp_path):
    result = ck("clips", project(tmp_path))
    assert result.code == 0, result.err
    lines = result.out.splitlines()
    assert [" ".join(line.split()) for line in lines[:5]] == [
        "SHOT FRAMES COUNT GAPS HINTS SCREEN STATE",
        "sh010 1001-1007 5 1005-1006 from screen green ready",
        "sh020 1001-1004 4 - 2 of 4 blue hints incomplete",
        "sh030 - - - - - broken, see below",
        "shots/sh040 1-3 3 - from screen - done",
    ]
    assert max(map(len, lines[:5])) <= 100
    assert len({line.index(word) for line, word in zip(lines, ("STATE", "ready", "hints inc"), strict=False)}) == 1
    assert "sh030: " in result.out
    assert "2 sequences" in result.out
    assert "Not shots yet: A001.mov, dropped." in result.out
    assert lines[-1] == "4 shots: 1 ready, 1 hints incomplete, 1 broken, 1 done"


def test_without_a_look_there_is_no_column_for_it(ck, tmp_path):
    result = ck("clips", project(tmp_path), "--no-screen")
    assert "SCREEN" not in result.out
    assert "green" not in result.out
    assert "sh010" in result.out


def test_json_is_json_alone(ck, tmp_path):
    result = ck("clips", project(tmp_path), "--json")
    facts = json.loads(result.out)
    assert {found["name"]: found["state"] for found in facts["shots"]} == {
        "sh010": "ready",
        "sh020": "hints incomplete",
        "sh030": "broken",
        "shots/sh040": "done",
    }
    assert [found["screen"] for found in facts["shots"]] == ["green", "blue", None, None]
    assert facts["not_shots"] == [str(tmp_path / "A001.mov"), str(tmp_path / "dropped")]


def test_which_outputs_make_a_frame_done_can_be_said(ck, tmp_path):
    outputs(shot(tmp_path) / "Output", range(1, 4), "Matte", "Comp")
    assert "partly done (Matte 3, Comp 3 of 3)" in ck("clips", tmp_path, "--no-screen").out
    assert ck("clips", tmp_path, "--no-screen", "--outputs", "matte,comp").out.endswith("1 shot: 1 done\n")
    assert ck("clips", tmp_path, "--outputs", "mate").code == 2


def test_no_shot_is_exit_code_5(ck, tmp_path):
    result = ck("clips", tmp_path)
    assert result.code == 5
    assert "ck wizard" in result.err
    assert ck("clips", tmp_path / "nowhere").code == 5


def test_a_plain_plate_is_listed_too(ck, tmp_path):
    write_shot(tmp_path / "plates")
    assert "1001-1004" in ck("clips", tmp_path / "plates").out


def test_a_look_changes_nothing(ck, tmp_path):
    project(tmp_path)
    before = {path: path.lstat().st_mtime_ns for path in tmp_path.rglob("*")}
    ck("clips", tmp_path)
    assert {path: path.lstat().st_mtime_ns for path in tmp_path.rglob("*")} == before


def test_names_that_would_steer_a_terminal_are_shown_as_text(ck, tmp_path):
    pictures(tmp_path / "sh\x1b[2J\n010/Input")
    result = ck("clips", tmp_path, "--no-screen")
    assert result.code == 0
    assert "\x1b" not in result.out
    assert printable("sh\x1b[2J\n010") == r"sh\x1b[2J\n010"
    assert printable("Ärger 映画") == "Ärger 映画"
    assert printable("\udcff") == r"\udcff"


@pytest.mark.skipif(sys.platform != "linux", reason="other systems take no such names")
def test_json_holds_no_bytes_that_are_no_text(ck, tmp_path):
    pictures(tmp_path / "sh\udcff/Input")
    facts = json.loads(ck("clips", tmp_path, "--no-screen", "--json").out)
    assert facts["shots"][0]["name"] == r"sh\udcff"


def test_a_lone_movie_is_a_shot_and_not_dropped_footage_as_well(ck, tmp_path):
    movie(tmp_path / "A001.mov", 2)
    result = ck("clips", tmp_path, "--no-screen")
    assert "0-1" in result.out
    assert "Not shots yet" not in result.out
