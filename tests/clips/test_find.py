"""Which folders are shots, and what of them is plate, hint and output."""

import pytest

from corridorkey.clips import find_clips
from corridorkey.errors import MediaError
from tests.clips.shots import pictures, shot


def names(clips):
    return [clip.name for clip in clips]


def touch(path):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.touch()
    return path


def test_a_shot_folder_is_one_shot(tmp_path):
    folder = shot(tmp_path / "sh010", hints=[1])
    pictures(folder / "VideoMamaMaskHint")
    (clip,) = find_clips(folder)
    assert (clip.name, clip.kind, clip.fault) == ("sh010", "shot", "")
    assert clip.plate == folder / "Input"
    assert clip.hint == folder / "AlphaHint"
    assert clip.videomama == folder / "VideoMamaMaskHint"
    assert clip.out == folder / "Output"


@pytest.mark.parametrize("name", ["Input", "input", "INPUT"])
@pytest.mark.parametrize("hint", ["AlphaHint", "alphahint", "ALPHAHINT.MP4", "AlphaHint.mov"])
@pytest.mark.parametrize("out", ["Output", "output"])
def test_names_are_known_in_any_case(tmp_path, name, hint, out):
    pictures(tmp_path / "s" / name)
    if "." in hint:
        touch(tmp_path / "s" / hint)
    else:
        pictures(tmp_path / "s" / hint)
    (tmp_path / "s" / out).mkdir()
    (clip,) = find_clips(tmp_path)
    assert (clip.plate.name, clip.hint.name, clip.out.name) == (name, hint, out)


@pytest.mark.parametrize("movie", ["Input.mov", "INPUT.MXF", "input.Mp4", "Input/scene.mov"])
def test_a_movie_is_an_input(tmp_path, movie):
    touch(tmp_path / "s" / movie)
    (clip,) = find_clips(tmp_path)
    assert clip.plate == tmp_path / "s" / movie
    assert not clip.fault


def test_a_lone_movie_counts_and_hints_beside_it_are_no_second_one(tmp_path):
    touch(tmp_path / "a/A001.mov")
    touch(tmp_path / "b/B001.mov")
    touch(tmp_path / "b/AlphaHint.mov")
    touch(tmp_path / "two/A.mov")
    touch(tmp_path / "two/B.mov")
    a, b = find_clips(tmp_path)
    assert (a.plate.name, b.plate.name, b.hint.name) == ("A001.mov", "B001.mov", "AlphaHint.mov")


def test_a_movie_among_other_folders_is_dropped_footage_not_a_shot(tmp_path):
    touch(tmp_path / "A001.mov")
    shot(tmp_path / "sh010")
    assert names(find_clips(tmp_path)) == ["sh010"]


def test_shots_are_found_one_level_deeper_and_no_further(tmp_path):
    for path in ("b", "shots/a", "shots/deep/c", ".hidden/d", "Output/e", "IgnoredClips/f"):
        shot(tmp_path / path)
    assert names(find_clips(tmp_path)) == ["b", "shots/a"]


def test_an_empty_hint_folder_is_no_hint(tmp_path):
    shot(tmp_path)
    (tmp_path / "AlphaHint").mkdir()
    touch(tmp_path / "AlphaHint/.DS_Store")
    touch(tmp_path / "AlphaHint/notes.txt")
    (clip,) = find_clips(tmp_path)
    assert clip.hint is None
    assert not clip.fault


def test_an_empty_input_folder_gives_way_to_the_movie(tmp_path):
    (tmp_path / "Input").mkdir()
    touch(tmp_path / "Input.mov")
    (clip,) = find_clips(tmp_path)
    assert clip.plate == tmp_path / "Input.mov"


@pytest.mark.parametrize(
    ("extra", "said"), [("Input.mov", "Input.mov"), ("input/p.0001.png", "input"), ("AlphaHint.mp4", "AlphaHint.mp4")]
)
def test_two_that_could_be_the_same_thing_are_a_fault_of_that_shot_only(tmp_path, extra, said):
    shot(tmp_path / "a", hints=[1])
    if extra.startswith("input") and (tmp_path / "a/input").exists():  # a disk that tells no case
        extra, said = "Input.mp4", "Input.mp4"
    touch(tmp_path / "a" / extra)
    shot(tmp_path / "b")
    a, b = find_clips(tmp_path)
    assert said in a.fault
    assert "move all but one away" in a.fault
    assert not b.fault


def test_an_input_with_nothing_in_it_is_a_fault(tmp_path):
    (tmp_path / "a/Input").mkdir(parents=True)
    (clip,) = find_clips(tmp_path)
    assert "neither pictures nor a movie" in clip.fault


def test_linked_footage_is_fine_but_nothing_is_written_outside(tmp_path):
    store, project = tmp_path / "store", tmp_path / "project"
    pictures(store / "plates")
    (store / "render").mkdir()
    for name in ("reads", "writes"):
        (project / name).mkdir(parents=True)
        (project / name / "Input").symlink_to(store / "plates")
    (project / "writes/Output").mkdir()
    (project / "writes/Output/FG").symlink_to(store / "render")
    (project / "away").symlink_to(shot(store / "shot"))
    away, reads, writes = find_clips(project)
    assert not reads.fault
    for clip in (away, writes):
        assert "outside" in clip.fault


def test_a_linked_path_is_the_folder_it_leads_to_and_links_make_no_second_shot(tmp_path):
    shot(tmp_path / "real/sh010")
    (tmp_path / "real/latest").symlink_to(tmp_path / "real/sh010")
    (tmp_path / "real/loop").symlink_to(tmp_path / "real")
    (tmp_path / "link").symlink_to(tmp_path / "real")
    (clip,) = find_clips(tmp_path / "link")
    assert (clip.name, clip.fault) == ("sh010", "")


def test_plain_plates_are_keyed_beside_themselves(tmp_path):
    folder = pictures(tmp_path / "plates")
    wanted = {
        folder: tmp_path / "plates_keyed",
        folder / "p.####.png": folder / "p_keyed",
        folder / "p.0002.png": folder / "p_keyed",
        touch(tmp_path / "A001.mov"): tmp_path / "A001_keyed",
    }
    for path, out in wanted.items():
        (clip,) = find_clips(path)
        assert (clip.kind, clip.plate, clip.hint, clip.out) == ("plain", path, None, out)


@pytest.mark.parametrize("path", ["", "nowhere", "nowhere.mov", "nowhere.png", "x" * 300])
def test_no_shot_is_an_error_that_says_so(tmp_path, path):
    with pytest.raises(MediaError):
        find_clips(tmp_path / path)


def test_a_link_that_leads_nowhere_hides_no_shot(tmp_path):
    touch(tmp_path / "a/Input/shot.0001.png")
    for folder in (tmp_path, tmp_path / "a"):
        (folder / "circle").symlink_to("circle")
        (folder / "gone.mov").symlink_to("nothing.mov")
    assert names(find_clips(tmp_path)) == ["a"]
