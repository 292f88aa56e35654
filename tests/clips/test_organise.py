"""Dropped footage becomes shots: by renaming only, never over anything, and never by halves."""

from pathlib import Path

import pytest

from corridorkey.clips import find_clips, organise, plan_shots
from corridorkey.errors import FrameWriteError
from tests.clips.shots import pictures, shot


def tree(folder):
    return sorted(path.relative_to(folder).as_posix() + "/" * path.is_dir() for path in folder.rglob("*"))


def planned(folder):
    return [(move.source.name, move.target.relative_to(folder).as_posix()) for move in plan_shots(folder).moves]


@pytest.fixture
def dropped(tmp_path):
    (tmp_path / "A001.MOV").write_bytes(b"a movie")
    pictures(tmp_path / "plates", range(1001, 1004))
    shot(tmp_path / "sh010")
    shot(tmp_path / "shots/sh020")
    return tmp_path


def test_a_plan_names_movies_and_picture_folders_and_changes_nothing(dropped):
    before = tree(dropped)
    assert planned(dropped) == [("A001.MOV", "A001/Input.MOV"), ("plates", "plates/Input")]
    assert plan_shots(dropped).moves[1].frames == 3
    assert tree(dropped) == before


def test_organised_footage_is_found_as_shots(dropped):
    for _ in organise(plan_shots(dropped)):
        pass
    assert [clip.name for clip in find_clips(dropped)] == ["A001", "plates", "sh010", "shots/sh020"]
    assert (dropped / "A001/Input.MOV").read_bytes() == b"a movie"
    assert tree(dropped / "plates") == ["AlphaHint/", "Input/", *(f"Input/p.{n}.png" for n in (1001, 1002, 1003))]
    assert tree(dropped / "A001") == ["AlphaHint/", "Input.MOV"]
    assert plan_shots(dropped).moves == ()


def test_hints_and_outputs_inside_a_picture_folder_stay_the_shots_own(tmp_path):
    pictures(tmp_path / "s")
    pictures(tmp_path / "s/alphahint")
    (tmp_path / "s/Output/FG").mkdir(parents=True)
    list(organise(plan_shots(tmp_path)))
    (clip,) = find_clips(tmp_path)
    assert (clip.plate.name, clip.hint.name, clip.out.name) == ("Input", "alphahint", "Output")
    assert not (tmp_path / "s/AlphaHint").exists() or clip.hint.samefile(tmp_path / "s/AlphaHint")
    assert (tmp_path / "s/Output/FG").is_dir()


def test_a_lone_movie_is_dropped_footage_until_something_marks_the_shot(tmp_path):
    (tmp_path / "A001.mov").touch()
    assert planned(tmp_path) == [("A001.mov", "A001/Input.mov")]
    (tmp_path / "AlphaHint").mkdir()
    assert planned(tmp_path) == []


def test_what_cannot_be_moved_safely_is_left_and_said(tmp_path):
    for name in ("A.mov", "a.mp4", "there.mov", ".hidden.mov", "AlphaHint.mov"):
        (tmp_path / name).touch()
    (tmp_path / "there").mkdir()
    (tmp_path / "link.mov").symlink_to(tmp_path / "A.mov")
    pictures(tmp_path / "two")
    pictures(tmp_path / "two", name="other.{:04d}.png")
    pictures(tmp_path / "FG")
    (tmp_path / "notes").mkdir()
    plan = plan_shots(tmp_path)
    # AlphaHint.mov beside several movies marks no shot, as none of them is the input.
    assert [move.source.name for move in plan.moves] == ["A.mov"]
    refused = "\n".join(plan.refused)
    for said in ("a.mp4: A.mov becomes", "there.mov: there is a there already", "link.mov: is a link", "2 sequences"):
        assert said in refused
    assert len(plan.refused) == 4


@pytest.mark.parametrize("appears", ["A001/", "A001", "plates.becoming-a-shot/"])
def test_nothing_that_has_appeared_since_is_replaced(dropped, appears):
    plan = plan_shots(dropped)
    if appears.endswith("/"):
        (dropped / appears).mkdir()
    else:
        (dropped / appears).write_bytes(b"mine")
    before = tree(dropped)
    with pytest.raises(FrameWriteError, match="is where it was"):
        list(organise(plan))
    after = tree(dropped)
    assert set(before) - set(after) <= {"A001.MOV"}
    assert [name for name in after if "plates/p" in name] == [f"plates/p.{n}.png" for n in (1001, 1002, 1003)]


@pytest.mark.parametrize("at", range(4))
def test_a_disk_that_refuses_at_any_step_leaves_each_source_whole_and_says_which(dropped, monkeypatch, at):
    plan, steps = plan_shots(dropped), []
    before = tree(dropped / "plates")

    def failing(real):
        def step(*words, **options):
            steps.append(words)
            if len(steps) == 4 + at:  # three steps for the movie, the rest for the folder
                raise PermissionError(13, "Permission denied")
            return real(*words, **options)

        return step

    with monkeypatch.context() as patch:
        patch.setattr(Path, "rename", failing(Path.rename))
        patch.setattr(Path, "mkdir", failing(Path.mkdir))
        with pytest.raises(FrameWriteError) as error:
            list(organise(plan))
    assert "Moved before it: A001.MOV. Not moved: nothing." in str(error.value)
    assert tree(dropped / "plates") == before
    assert (dropped / "A001/Input.MOV").read_bytes() == b"a movie"
    assert not list(dropped.glob("*becoming*"))
    assert [move.source.name for move in plan_shots(dropped).moves] == ["plates"]


@pytest.mark.parametrize("at", [2, 3])
def test_an_interrupt_takes_the_move_at_hand_back(dropped, monkeypatch, at):
    plan, real, calls = plan_shots(dropped), Path.rename, []
    before = tree(dropped / "plates")

    def interrupted(*words):
        calls.append(words)
        real(*words)
        if len(calls) == at:
            raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(Path, "rename", interrupted)
        with pytest.raises(KeyboardInterrupt):
            list(organise(plan))
    assert tree(dropped / "plates") == before
    assert (dropped / "A001/Input.MOV").exists()
    assert not list(dropped.glob("*becoming*"))


def test_what_cannot_be_moved_back_is_said(dropped, monkeypatch):
    plan, real, calls = plan_shots(dropped), Path.rename, []

    def stuck(*words):
        calls.append(words)
        if len(calls) > 2:
            raise PermissionError(13, "Permission denied")
        return real(*words)

    monkeypatch.setattr(Path, "rename", stuck)
    with pytest.raises(FrameWriteError, match=r"Nothing is lost: look in .*becoming-a-shot"):
        list(organise(plan))
    assert len(list((dropped / "plates.becoming-a-shot").iterdir())) == 3
