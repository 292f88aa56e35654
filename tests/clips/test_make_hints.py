"""Chroma hints as files: where they go, what they hold, and what they never touch."""

import numpy as np
import pytest
from PIL import Image

from corridorkey.clips import find_clips, lacks_hints, make_hints, report
from corridorkey.errors import MediaError, ScreenError, SettingsError
from corridorkey.media import read_hint
from tests.cli.conftest import SIZE, write_hint
from tests.clips.shots import movie, pictures, shot, write_shot


def clip_at(folder):
    (clip,) = find_clips(folder)
    return clip


def test_hints_take_the_plates_names_and_show_the_subject(tmp_path):
    write_shot(tmp_path / "s/Input", suffix=".tif")
    (tmp_path / "s/alphahint").mkdir()
    assert lacks_hints(clip_at(tmp_path))
    paths = list(make_hints(clip_at(tmp_path)))
    assert paths == [tmp_path / f"s/alphahint/shot.{n}.png" for n in range(1001, 1005)]
    hint = read_hint(paths[0])
    assert hint.shape == SIZE
    assert hint[SIZE[0] // 2, SIZE[1] // 3] > 0.9
    assert hint[2, -2] < 0.1
    assert not lacks_hints(clip_at(tmp_path))
    assert report(clip_at(tmp_path), screen=False).hinted == 4


def test_only_missing_hints_are_made_and_the_others_stay_as_they_are(tmp_path):
    write_shot(tmp_path / "Input")
    mine = write_hint(tmp_path / "AlphaHint/shot.1002.png")
    before = mine.read_bytes(), mine.stat().st_mtime_ns
    write_hint(tmp_path / "AlphaHint/shot.1001.png")
    assert [path.name for path in make_hints(clip_at(tmp_path))] == ["shot.1003.png", "shot.1004.png"]
    assert (mine.read_bytes(), mine.stat().st_mtime_ns) == before


def test_hints_of_other_names_get_no_second_sequence_beside_them(tmp_path):
    folder = shot(tmp_path, hints=[1, 2])
    assert not lacks_hints(clip_at(folder))
    with pytest.raises(MediaError, match="not the plate's"):
        list(make_hints(clip_at(folder)))
    assert len(list((folder / "AlphaHint").iterdir())) == 2


def test_no_hint_is_written_out_of_the_shot(tmp_path):
    write_shot(tmp_path / "p/s/Input")
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "p/s/AlphaHint").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(SettingsError, match="out of the shot"):
        list(make_hints(clip_at(tmp_path / "p")))
    assert not list((tmp_path / "elsewhere").iterdir())


def test_a_shot_without_a_screen_gets_none(tmp_path):
    pictures(tmp_path / "Input")
    with pytest.raises(ScreenError):
        list(make_hints(clip_at(tmp_path)))
    assert not (tmp_path / "AlphaHint").exists()


def test_hints_are_eight_bit_grey(tmp_path):
    write_shot(tmp_path / "Input", range(1, 2))
    (path,) = make_hints(clip_at(tmp_path))
    with Image.open(path) as picture:
        assert picture.mode == "L"
        assert np.asarray(picture).max() == 255


def test_a_movie_gets_hints_under_its_frames_numbers(tmp_path):
    movie(tmp_path / "Input.mov", 3)
    paths = list(make_hints(clip_at(tmp_path)))
    assert [path.name for path in paths] == [f"Input.{number:04d}.png" for number in range(3)]
    assert report(clip_at(tmp_path), screen=False).hinted == 3


@pytest.mark.parametrize("kind", ["no movie", "plain", "still"])
def test_where_none_can_be_made_none_is_lacking(tmp_path, kind):
    if kind == "no movie":
        (tmp_path / "Input.mov").touch()
    else:
        pictures(tmp_path / ("Input" if kind == "still" else "."))
    if kind == "still":
        pictures(tmp_path / "AlphaHint", [1], "all.png")
    assert not lacks_hints(clip_at(tmp_path))
