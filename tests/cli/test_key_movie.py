"""`ck key --movie`: what it is called, how long its frames last, and when there is none."""

import json
import shutil
from fractions import Fraction

import numpy as np
import pytest

from corridorkey.media.exr import encode_exr
from tests.cli.conftest import plate, write_shot

KINDS = {"h264": ".mp4", "prores4444": ".mov"}


@pytest.mark.parametrize(
    ("shot", "named", "movie"),
    [
        ("sh.010/Input", "sh.010", "sh.010/Output/sh.010_h264.mp4"),
        ("show/a/sh 010 é/Input", "show", "show/a/sh 010 é/Output/sh 010 é_h264.mp4"),
        ("take.v2", "take.v2", "take.v2_keyed/take.v2_h264.mp4"),
        ("s", "s/shot.####.png", "s/shot_keyed/shot_h264.mp4"),
        ("s", "s/shot.1001.png", "s/shot_keyed/shot_h264.mp4"),
    ],
)
def test_a_movie_is_called_as_its_shot(ck, tmp_path, shot, named, movie):
    write_shot(tmp_path / shot, range(1001, 1003))
    result = ck("key", tmp_path / named, "--movie", "h264", "--outputs", "comp")
    assert result.code == 0, result.err
    assert [path.relative_to(tmp_path).as_posix() for path in tmp_path.rglob("*.mp4")] == [movie]


@pytest.mark.parametrize("kind", KINDS)
def test_a_movie_of_pictures_has_the_rate_and_aspect_they_say(ck, tmp_path, kind):
    from corridorkey.media.movie import open_movie

    (tmp_path / "s").mkdir()
    header = {"framesPerSecond": Fraction(30000, 1001), "pixelAspectRatio": 2.0}
    for n in range(1, 3):
        file = tmp_path / "s" / f"x.{n:04d}.exr"
        rgb = np.moveaxis((plate(n) / np.float32(255)) ** np.float32(2.2), 2, 0)
        file.write_bytes(encode_exr(file, dict(zip("RGB", rgb, strict=True)), header))
    assert ck("key", tmp_path / "s", "--movie", kind).code == 0
    made = open_movie(tmp_path / "s_keyed" / f"s_{kind}{KINDS[kind]}")
    assert (made.rate, made.pixel_aspect) == (Fraction(30000, 1001), 2)


@pytest.mark.parametrize("kind", KINDS)
def test_frames_shown_for_different_times_stay_so(ck, tmp_path, kind):
    from corridorkey.media.movie import open_movie
    from corridorkey.media.movie.writer import MovieWriter

    shown = [Fraction(t, 50) for t in (0, 1, 4, 5, 9)]
    with MovieWriter(tmp_path / "a.mp4", "h264", (80, 48), Fraction(25), is_variable=True) as movie:
        for n, time in enumerate(shown):
            movie.write(plate(n) / np.float32(255), time)
    assert ck("key", tmp_path / "a.mp4", "--movie", kind, "--frames", "1-4").code == 0
    made = open_movie(tmp_path / "a_keyed" / f"a_1-4_{kind}{KINDS[kind]}")
    assert [round(float(made.time(n)), 3) for n in range(4)] == [float(time - shown[1]) for time in shown[1:]]


def test_no_movie_is_made_with_holes_and_a_resume_makes_it(ck, tmp_path):
    shot = write_shot(tmp_path / "s")
    good = (shot / "shot.1002.png").read_bytes()
    (shot / "shot.1002.png").write_text("no picture")
    result = ck("key", shot, "--movie", "h264", "--outputs", "comp")
    assert result.code == 3
    assert "s_h264.mp4: not made" in result.err
    assert not list(tmp_path.rglob("*.mp4"))
    (shot / "shot.1002.png").write_bytes(good)
    result = ck("key", shot, "--movie", "h264", "--outputs", "comp", "--resume")
    assert result.code == 0, result.err
    assert (tmp_path / "s_keyed/s_h264.mp4").exists()


def test_a_movie_that_is_there_is_replaced_only_if_asked_and_never_if_it_is_the_hint(ck, tmp_path):
    shot = write_shot(tmp_path / "s", range(2))
    out, words = tmp_path / "s_keyed", ("--movie", "prores4444", "--outputs", "processed")
    assert ck("key", shot, *words).code == 0
    movie = out / "s_prores4444.mov"
    before = movie.read_bytes()
    shutil.rmtree(out / "Processed")
    result = ck("key", shot, *words)
    assert result.code == 2
    assert "is there" in result.err
    result = ck("key", shot, *words, "--overwrite", "--hint", movie)
    assert result.code == 2
    assert "is an input" in result.err
    assert movie.read_bytes() == before
    (shot / "shot.0001.png").write_bytes((shot / "shot.0000.png").read_bytes())
    assert ck("key", shot, *words, "--resume").code == 0
    assert movie.read_bytes() != before


def test_pieces_of_a_shot_each_have_their_movie(ck, tmp_path):
    shot, words = write_shot(tmp_path / "s"), ("--movie", "h264", "--outputs", "comp")
    for piece in ("1001-1002", "1003", "1004"):
        assert ck("key", shot, *words, "--frames", piece).code == 0
    assert ck("key", shot, *words, "--frames", "1001-1004", "--resume").code == 0  # nothing is left out: the whole
    movies = sorted(path.name for path in (tmp_path / "s_keyed").glob("*.mp4"))
    assert movies == ["s_1001-1002_h264.mp4", "s_1003_h264.mp4", "s_1004_h264.mp4", "s_h264.mp4"]


def test_without_pyav_a_movie_is_refused_before_the_work(ck, tmp_path, monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "av", None)
    shot = write_shot(tmp_path / "s")
    result = ck("key", shot, "--movie", "h264")
    assert result.code == 4
    assert "PyAV" in result.err
    assert not (tmp_path / "s_keyed").exists()


def test_verify_is_refused_where_it_would_do_nothing(ck, tmp_path):
    shot = write_shot(tmp_path / "s", range(1))
    assert "--resume" in ck("key", shot, "--verify").err
    assert not (tmp_path / "s_keyed").exists()


def test_shots_of_one_name_each_have_their_line(ck, tmp_path):
    shots = [write_shot(tmp_path / show / "sh010", range(1)) for show in ("a", "b")]
    result = ck("key", *shots, "--outputs", "matte")
    assert result.code == 0
    table = result.out.split("2 of 2 shots keyed")[1]
    assert [str(tmp_path / show / "sh010_keyed") in table for show in ("a", "b")] == [True, True]


def test_a_shot_named_twice_is_keyed_once(ck, tmp_path):
    write_shot(tmp_path / "show" / "sh010" / "Input", range(2))
    result = ck("key", tmp_path / "show", tmp_path / "show" / "sh010", "--outputs", "matte")
    assert result.code == 0, result.err
    records = (tmp_path / "show/sh010/Output/manifest.jsonl").read_text().splitlines()
    assert sorted(json.loads(line).get("frame", -1) for line in records) == [-1, 0, 1]


@pytest.mark.parametrize("mode", ["--overwrite", "--resume"])
def test_no_shot_replaces_what_another_of_the_same_command_made(ck, tmp_path, mode):
    shots = [write_shot(tmp_path / "s", range(1), suffix) for suffix in (".png", ".tif")]
    plates = [shots[0] / f"shot.0000{suffix}" for suffix in (".png", ".tif")]
    result = ck("key", *plates, "--outputs", "matte", mode)
    assert result.code == 3
    assert "would replace that of" in result.err
    assert "1 of 2 shots keyed" in result.out
