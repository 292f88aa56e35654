"""What a shot has and lacks."""

import json
import sys

import pytest

from corridorkey.clips import find_clips, report
from tests.clips.shots import movie, outputs, pictures, shot, write_shot


def look(path, **options):
    (clip,) = find_clips(path)
    return report(clip, **{"screen": False, **options})


def test_frames_and_gaps(tmp_path):
    found = look(shot(tmp_path, [*range(1001, 1012), *range(1014, 1041)]))
    assert (found.span, found.count, found.gaps) == ("1001-1040", 38, "1012-1013")
    assert (found.state, found.hints) == ("ready", "none")
    assert found.problems == ("gaps in the plate: 1012-1013; they are kept",)


def test_hint_coverage_names_what_is_missing_and_what_is_too_much(tmp_path):
    found = look(shot(tmp_path, range(1, 9), hints=[*range(3, 7), 20]))
    assert (found.hints, found.hinted, found.hint_missing, found.hint_extra) == ("frames", 4, "1-2, 7-8", "20")
    assert (found.state, found.detail) == ("hints incomplete", "4 of 8")


def test_a_still_hint_covers_every_frame(tmp_path):
    shot(tmp_path)
    pictures(tmp_path / "AlphaHint", [1], "all.png")
    found = look(tmp_path)
    assert (found.hints, found.hinted, found.state) == ("still", 3, "ready")


def test_done_means_every_output_wanted(tmp_path):
    shot(tmp_path, range(1, 6))
    outputs(tmp_path / "Output", range(1, 6), "Matte", "Comp")
    found = look(tmp_path)
    assert (found.state, found.detail, found.done) == ("partly done", "Matte 5, Comp 5 of 5", 0)
    assert found.outputs == {"matte": 5, "fg": 0, "processed": 0, "comp": 5}
    assert look(tmp_path, outputs=("matte", "comp")).state == "done"
    outputs(tmp_path / "Output", [1, 2, 4], "FG", "Processed")
    found = look(tmp_path)
    assert (found.state, found.detail, found.done, found.missing) == ("partly done", "3 of 5", 3, "3, 5")
    outputs(tmp_path / "Output", [3, 5], "FG", "Processed")
    assert look(tmp_path).state == "done"


def test_outputs_of_other_frames_do_not_count(tmp_path):
    shot(tmp_path, range(1, 3))
    outputs(tmp_path / "Output", range(7, 9))
    found = look(tmp_path)
    assert (found.state, found.done) == ("ready", 0)


@pytest.mark.parametrize(("screen", "name"), [(1, "green"), (2, "blue")])
def test_the_screen_is_what_keying_would_find(tmp_path, screen, name):
    write_shot(tmp_path / "Input", screen=screen)
    found = look(tmp_path, screen=True)
    assert (found.screen, found.state) == (name, "ready")
    assert found.screen_note.startswith(f"{name} screen")
    assert look(tmp_path).screen is None


def test_no_screen_is_said_and_breaks_nothing(tmp_path):
    found = look(shot(tmp_path), screen=True)
    assert (found.state, found.screen, found.count) == ("no screen seen", None, 3)
    assert "--screen-color" in found.problems[-1]


def test_two_sequences_or_unreadable_frames_break_a_shot(tmp_path):
    pictures(tmp_path / "a/Input")
    pictures(tmp_path / "a/Input", name="other.{:04d}.png")
    found = look(tmp_path / "a")
    assert found.state == "broken"
    assert "2 sequences" in found.detail
    (tmp_path / "b/Input").mkdir(parents=True)
    (tmp_path / "b/Input/p.0001.png").write_bytes(b"\x89PNG\r\n\x1a\nno")
    assert look(tmp_path / "b", screen=True).state == "broken"


def test_videomama_hints_are_reported(tmp_path):
    shot(tmp_path)
    pictures(tmp_path / "videomamamaskhint")
    assert "videomamamaskhint" in look(tmp_path).problems[-1]


def test_a_movie_is_counted_looked_at_and_its_hints_are_paired(tmp_path):
    movie(tmp_path / "Input.mov", 5)
    pictures(tmp_path / "AlphaHint", [0, 1, 3, 9], "m.{:04d}.png")
    outputs(tmp_path / "Output", [0, 1, 2, 7], stem="Input")
    found = look(tmp_path, screen=True)
    assert (found.span, found.count, found.gaps, found.screen) == ("0-4", 5, "", "green")
    assert (found.hinted, found.hint_missing, found.hint_extra) == (3, "2, 4", "9")
    assert (found.done, found.missing) == (3, "3-4")


def test_a_movie_is_a_hint_too(tmp_path):
    shot(tmp_path, range(5))
    movie(tmp_path / "AlphaHint.mov", 4)
    found = look(tmp_path)
    assert (found.hints, found.hinted, found.hint_missing) == ("frames", 4, "4")


def test_movies_without_their_reader_break_that_shot_alone(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "av", None)
    (tmp_path / "Input.mov").write_bytes(b"movie")
    found = look(tmp_path, screen=True)
    assert (found.state, found.count) == ("broken", None)
    assert "install" in found.detail


def test_json_holds_every_fact_under_stable_names(tmp_path):
    facts = json.loads(json.dumps(look(shot(tmp_path / "a", hints=[1, 2, 3])).to_json()))
    assert list(facts) == [
        "name", "kind", "folder", "plate", "hint", "videomama", "out", "state", "detail", "count", "span", "gaps",
        "hints", "hinted", "hint_missing", "hint_extra", "screen", "screen_note", "outputs", "done", "missing",
        "problems",
    ]  # fmt: skip
    assert facts["hint"] == str(tmp_path / "a/AlphaHint")
    assert facts["videomama"] is None


def test_a_long_sequence_is_counted_by_its_names_alone(tmp_path):
    folder = tmp_path / "Input"
    folder.mkdir()
    for number in range(3000):
        (folder / f"p.{number:04d}.png").touch()
    outputs(tmp_path / "Output", range(1000))
    found = look(tmp_path)
    assert (found.span, found.count, found.detail) == ("0-2999", 3000, "1000 of 3000")
