import errno
import logging
import os
from pathlib import Path

import numpy as np
import pytest

from corridorkey.errors import FramePairingError, MediaError
from corridorkey.media.frames import parse_frames
from corridorkey.media.pairs import pair_frames, spread
from corridorkey.media.sequence import Sequence, find_sequence


@pytest.fixture
def make(tmp_path):
    def build(*names, folder="shot"):
        for name in names:
            (tmp_path / folder).mkdir(exist_ok=True)
            (tmp_path / folder / name).touch()
        return tmp_path / folder

    return build


def test_a_folder_is_its_one_sequence(make):
    shot = find_sequence(make("sh.1003.exr", "sh.1001.exr", "sh.1002.exr"))
    assert shot.frames == (1001, 1002, 1003)
    assert shot.path(1002).name == "sh.1002.exr"
    assert shot.name == "sh.####.exr"
    assert (shot.is_still, shot.is_numbered, shot.gaps(), len(shot)) == (False, True, "", 3)


def test_hidden_unfinished_and_foreign_files_are_ignored(make):
    folder = make(
        "a.1.png", "a.2.png", ".a.3.png", ".a.4.png.1f2e.part", "a.5.png.part", "notes.txt", "Thumbs.db", "clip.mov"
    )
    (folder / "a.6.png").mkdir()
    assert find_sequence(folder).frames == (1, 2)


def test_gaps_are_ranges(make):
    assert find_sequence(make("a.1.png", "a.2.png", "a.5.png", "a.7.png")).gaps() == "3-4, 6"


def test_many_gaps_are_counted(make):
    gaps = find_sequence(make(*(f"a.{n}.png" for n in range(1, 61, 2)))).gaps()
    assert gaps.endswith("36, 38, 40 and 9 more frames")
    far = find_sequence(make("a.1.png", "a.999999999999999999.png", folder="far")).gaps()
    assert far == "2-999999999999999998"


def test_mixed_padding_is_one_sequence_in_numeric_order(make):
    shot = find_sequence(make("a.9.png", "a.10.png", "a.100.png"))
    assert shot.frames == (9, 10, 100)
    assert shot.path(9).name == "a.9.png"
    assert shot.name == "a.#.png"


def test_case_of_the_suffix_does_not_matter(make):
    folder = make("a.1.EXR", "a.2.exr")
    for shot in (folder, folder / "a.#.exr", folder / "a.%d.Exr"):
        assert find_sequence(shot).frames == (1, 2)


@pytest.mark.parametrize("suffixes", [("tif", "tiff"), ("jpeg", "jpg"), ("TIF", "tiff")])
def test_two_spellings_of_a_suffix_are_one_sequence(make, suffixes):
    folder = make(f"a.1.{suffixes[0]}", f"a.2.{suffixes[1]}")
    assert find_sequence(folder).frames == (1, 2)
    assert find_sequence(folder / f"a.#.{suffixes[0]}").frames == (1, 2)


def test_one_number_in_two_spellings_is_an_error(make):
    folder = make("a.1.tif", "a.1.tiff")
    for shot in (folder, folder / "a.#.tif"):
        with pytest.raises(MediaError, match="both frame 1; move one"):
            find_sequence(shot)


@pytest.mark.parametrize("code", [errno.EACCES, errno.ENAMETOOLONG])
@pytest.mark.parametrize("question", ["is_dir", "exists"])
def test_what_cannot_be_looked_at_is_an_error(tmp_path, monkeypatch, question, code):
    def refuse(_):
        raise OSError(code, os.strerror(code))

    monkeypatch.setattr(Path, question, refuse)
    with pytest.raises(MediaError, match=rf"a\.png: cannot be looked at: {os.strerror(code)}"):
        find_sequence(tmp_path / "a.png")


def test_negative_numbers_need_a_dot_or_an_underscore(make):
    assert find_sequence(make("a.-0002.exr", "a.-0001.exr", "a.0000.exr", folder="x")).frames == (-2, -1, 0)
    assert find_sequence(make("a-0001.exr", "a-0002.exr", folder="y")).frames == (1, 2)
    assert find_sequence(make("-1.exr", "0.exr", folder="z")).frames == (-1, 0)


def test_one_number_twice_is_an_error(make):
    with pytest.raises(MediaError, match="both frame 1; move one"):
        find_sequence(make("a.1.png", "a.01.png"))


def test_one_number_with_two_suffixes_is_an_error_that_lists_both(make):
    with pytest.raises(MediaError, match=r"2 sequences there: a\.#\.exr \(1\), a\.#\.png \(1\); name one"):
        find_sequence(make("a.1.png", "a.1.exr"))


def test_several_sequences_are_listed(make):
    with pytest.raises(MediaError, match=r"2 sequences there: a\.#\.png \(1-2\), b\.##\.png \(11-12\)"):
        find_sequence(make("a.1.png", "a.2.png", "b.11.png", "b.12.png"))


@pytest.mark.parametrize("names", [(), ("a.txt",), (".hidden.png",)])
def test_a_folder_without_pictures_is_an_error(make, tmp_path, names):
    folder = make(*names) if names else tmp_path
    with pytest.raises(MediaError, match="no pictures there; EXR, PNG, TIFF, JPEG are read"):
        find_sequence(folder)


def test_a_picture_is_a_still(make):
    folder = make("woman_green.png", "other.png")
    still = find_sequence(folder / "woman_green.png")
    assert (still.frames, still.is_still, still.is_numbered) == ((1,), True, False)
    assert still.path(1) == folder / "woman_green.png"


@pytest.mark.parametrize(
    ("name", "number"),
    [("a.1001.exr", 1001), ("a_007.png", 7), ("0042.png", 42), ("IMG2.jpg", None), ("a-5.jpg", None)],
)
def test_a_still_is_numbered_after_a_dot_or_an_underscore(make, name, number):
    still = find_sequence(make(name) / name)
    assert still.is_still
    assert still.is_numbered == (number is not None)
    assert still.frames == (1 if number is None else number,)
    assert still.path(still.frames[0]).name == name
    assert ("#" in still.name) == still.is_numbered


def test_a_folder_with_one_numbered_picture_is_a_sequence_of_one(make):
    assert not find_sequence(make("a.1001.exr")).is_still
    assert find_sequence(make("woman.png", folder="b")).is_still


@pytest.mark.parametrize("pattern", ["a.####.exr", "a.@@@@.exr", "a.%04d.exr"])
def test_patterns_stand_for_four_digits_or_more_without_zeros(make, pattern):
    folder = make("a.0001.exr", "a.9999.exr", "a.10000.exr", "a.012345.exr", "a.001.exr", "b.0002.exr", "a.0003.png")
    assert find_sequence(folder / pattern).frames == (1, 9999, 10000)


def test_unpadded_patterns(make):
    folder = make("a1.png", "a22.png", "a03.png", "a-4.png")
    for pattern in ("a%d.png", "a#.png", "a%0d.png"):
        assert find_sequence(folder / pattern).frames == (1, 22)
    folder = make("a.-4.png", "a.5.png", folder="negative")
    assert find_sequence(folder / "a.#.png").frames == (-4, 5)


@pytest.mark.parametrize("digits", ["#" * 19, "@" * 200, "%019d", "%999d"])
def test_endless_digits_in_a_pattern_are_an_error(tmp_path, digits):
    with pytest.raises(MediaError, match="at most 18 are read"):
        find_sequence(tmp_path / f"a.{digits}.png")


def test_a_pattern_without_a_match_is_an_error(make):
    with pytest.raises(MediaError, match="no file has such a name"):
        find_sequence(make("a.1.exr") / "a.####.exr")
    with pytest.raises(MediaError, match="folder cannot be read"):
        find_sequence(make("a.1.exr") / "missing" / "a.####.exr")


def test_the_last_token_of_a_pattern_is_its_number(make):
    folder = make("shot@home.0001.png", "shot@home.0002.png", "#1_##.0003.png")
    assert find_sequence(folder / "shot@home.####.png").frames == (1, 2)
    assert find_sequence(folder / "#1_##.%04d.png").frames == (3,)
    with pytest.raises(MediaError, match=r"no file has such a name.*and @ is the frame number here"):
        find_sequence(folder / "shot.####@home.png")


def test_a_file_named_like_a_pattern_is_that_file(make):
    assert find_sequence(make("a.#.png") / "a.#.png").is_still


def test_missing_movie_and_foreign_files_say_what_to_do(make):
    folder = make("clip.mov", "a.webp")
    with pytest.raises(MediaError, match="no such file or folder"):
        find_sequence(folder / "b.png")
    with pytest.raises(MediaError, match="a movie, where pictures are wanted"):
        find_sequence(folder / "clip.mov")
    with pytest.raises(MediaError, match="convert it to one of EXR, PNG, TIFF, JPEG"):
        find_sequence(folder / "a.webp")


def test_a_frame_that_is_not_there_is_an_error(make):
    with pytest.raises(MediaError, match=r"no frame 3; it has 1-2"):
        find_sequence(make("a.1.png", "a.2.png")).path(3)


@pytest.mark.parametrize("pattern", ["", "a.######.exr"])
def test_a_file_of_a_large_folder_costs_no_look_at_the_disk(tmp_path, monkeypatch, pattern):
    for i in range(300):
        (tmp_path / f"a.{i:06d}.exr").touch()
    looked = []

    def counted(real):
        return lambda path, *rest, **options: (looked.append(path), real(path, *rest, **options))[1]

    for name in ("stat", "lstat"):
        monkeypatch.setattr(os, name, counted(getattr(os, name)))
    shot = find_sequence(tmp_path / pattern)
    monkeypatch.undo()
    assert len(shot) == 300
    assert 0 < len(looked) < 10


def test_pairs_go_by_frame_number_not_by_position(make):
    plate = find_sequence(make("p.1001.exr", "p.1002.exr", "p.1004.exr"))
    hint = find_sequence(make("h_4.png", "h_1002.png", "h_1001.png", "h_1004.png", folder="hint"))
    pairs = pair_frames(plate, hint)
    assert [(p.number, p.plate.name, p.hint.name) for p in pairs] == [
        (1001, "p.1001.exr", "h_1001.png"),
        (1002, "p.1002.exr", "h_1002.png"),
        (1004, "p.1004.exr", "h_1004.png"),
    ]


def test_missing_hints_are_listed(make):
    plate = find_sequence(make(*(f"p.{n}.exr" for n in range(1, 9))))
    hint = find_sequence(make("h.1.png", "h.5.png", folder="hint"))
    with pytest.raises(FramePairingError, match=r"for plate frames 2-4, 6-8; add the hints"):
        pair_frames(plate, hint)
    assert len(pair_frames(plate, hint, parse_frames("1,5"))) == 2


def test_extra_hints_gaps_and_absent_frames_are_reported(make, caplog):
    plate = find_sequence(make("p.1.exr", "p.3.exr"))
    hint = find_sequence(make(*(f"h.{n}.png" for n in range(1, 6)), folder="hint"))
    with caplog.at_level(logging.WARNING):
        pair_frames(plate, hint)
        pair_frames(plate, None, parse_frames("1-2,9"))
    gaps, extra, absent = (record.getMessage() for record in caplog.records)
    assert gaps.endswith("they are kept: 2")
    assert extra.endswith("not used: 2, 4-5")
    assert absent.endswith("not there: 2, 9")


def test_a_still_hint_serves_every_frame(make):
    plate = find_sequence(make("p.1.exr", "p.2.exr"))
    folder = make("h.0007.png", "mask.png", folder="hint")
    for name in ("h.0007.png", "mask.png"):
        pairs = pair_frames(plate, find_sequence(folder / name))
        assert [p.hint for p in pairs] == [folder / name] * 2


def test_a_hint_folder_with_one_frame_is_not_spread_over_the_others(make):
    plate = find_sequence(make("p.1.exr", "p.2.exr"))
    with pytest.raises(FramePairingError, match="plate frames 2;"):
        pair_frames(plate, find_sequence(make("h.1.png", folder="hint")))


def test_a_plate_without_a_number_takes_no_numbered_hints(make):
    plate = find_sequence(make("woman.png"))
    with pytest.raises(FramePairingError, match="has no frame number"):
        pair_frames(plate, find_sequence(make("h.1.png", "h.2.png", folder="hint")))


def test_no_wanted_frame_is_an_error(make):
    with pytest.raises(FramePairingError, match=r"none of the frames 5-6 is there; it has 1-2"):
        pair_frames(find_sequence(make("a.1.png", "a.2.png")), None, parse_frames("5-6"))


def test_without_a_hint_pairs_have_none(make):
    assert [p.hint for p in pair_frames(find_sequence(make("a.1.png", "a.2.png")))] == [None, None]


@pytest.mark.parametrize("count", [1, 2, 8, 9, 10, 11, 40, 1000])
def test_a_look_is_spread_over_the_whole_of_a_plate(tmp_path, count):
    plate = Sequence(tmp_path, "x.####.exr", {n: f"x.{n:04d}.exr" for n in range(1001, 1001 + count)})
    numbers = [pair.number for pair in spread(plate, 9)]
    assert numbers == sorted(set(1001 + np.linspace(0, count - 1, 9).round().astype(int)))
    assert spread(plate, 1)[0].number == 1001
