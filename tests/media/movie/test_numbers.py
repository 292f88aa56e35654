"""Frame numbers, timecode, rates and what an EXR of a frame carries on."""

from fractions import Fraction

import numpy as np
import pytest

from corridorkey.errors import FramePairingError, MediaError
from corridorkey.media import pair_frames, parse_frames, read_exr, write_exr
from corridorkey.media.movie import MovieReader, open_movie
from corridorkey.media.movie.timecode import number_of, text_of

from .made import make, number_in

NTSC, PAL, FILM = Fraction(30000, 1001), Fraction(25), Fraction(24000, 1001)


@pytest.mark.parametrize(
    ("text", "rate", "number"),
    [
        ("00:00:00:00", PAL, 0),
        ("01:00:00:00", Fraction(24), 86400),
        ("01:00:00:00", FILM, 86400),
        ("00:01:00:00", NTSC, 1800),
        ("00:00:59;29", NTSC, 1799),
        ("00:01:00;02", NTSC, 1800),
        ("00:10:00;00", NTSC, 17982),
        ("01:00:00;00", NTSC, 107892),
        ("01:00:00;00", Fraction(60000, 1001), 215784),
        ("00:01:00.02", NTSC, 1800),
        ("10:00:00:00", Fraction(50), 1_800_000),
        ("00:00:00:25", PAL, None),
        ("00:61:00:00", PAL, None),
        ("tomorrow", PAL, None),
    ],
)
def test_timecode_to_number(text, rate, number):
    assert number_of(text, rate) == number


@pytest.mark.parametrize(("rate", "drop"), [(NTSC, True), (Fraction(60000, 1001), True), (PAL, False), (FILM, False)])
def test_every_number_has_one_timecode_and_that_one_leads_back(rate, drop):
    numbers = range(0, 40_000)
    texts = [text_of(number, rate, drop=drop) for number in numbers]
    assert len(set(texts)) == len(texts)
    assert [number_of(text, rate) for text in texts] == list(numbers)
    assert text_of(24 * 3600 * round(rate), PAL) == "00:00:00:00" or drop or rate != PAL


def test_frames_are_numbered_from_0_without_a_timecode(tmp_path):
    movie = open_movie(make(tmp_path / "a.mov"))
    assert (movie.frames, movie.timecode, movie.timecode_at(3)) == (range(12), "", "")
    assert "timeCode" not in movie.header(3)


@pytest.mark.parametrize("suffix", [".mov", ".mp4", ".mkv", ".mxf"])
def test_frames_are_numbered_from_the_start_timecode(tmp_path, suffix):
    codec, pixel_format = ("mpeg2video", "yuv422p") if suffix == ".mxf" else ("libx264", "yuv420p")
    file = make(tmp_path / f"a{suffix}", codec, pixel_format, metadata={"timecode": "01:00:00:10"}, rate=PAL)
    movie = open_movie(file)
    assert movie.timecode == "01:00:00:10"
    assert movie.frames == range(90_010, 90_022)
    assert movie.timecode_at(15) == "01:00:01:00"
    assert movie.index(90_013) == 3
    assert movie.number(3) == 90_013


def test_start_number_wins_over_the_timecode(tmp_path):
    movie = open_movie(make(tmp_path / "a.mov", metadata={"timecode": "01:00:00:10"}), start_number=1001)
    assert movie.frames == range(1001, 1013)
    assert movie.timecode_at(0) == "01:00:00:10"


def test_a_timecode_that_is_none_at_the_rate_is_said_and_not_used(tmp_path, caplog):
    movie = open_movie(make(tmp_path / "a.mkv", metadata={"timecode": "01:00:00:28"}, rate=PAL))
    assert movie.frames == range(12)
    assert "its timecode 01:00:00:28 is none at 25 frames a second" in caplog.text


def test_a_movie_pairs_with_pictures_and_with_a_movie(tmp_path, caplog):
    plate = open_movie(make(tmp_path / "a.mov"), start_number=1001)
    hint = open_movie(make(tmp_path / "b.mov", frames=14), start_number=1001)
    assert (str(plate), plate.name, plate.gaps(), plate.is_still, plate.is_numbered) == (
        str(tmp_path / "a.mov"), "a.mov", "", False, True,
    )  # fmt: skip
    assert (1001 in plate.files, 1000 in plate.files, "x" in plate.files) == (True, False, False)
    with pytest.raises(KeyError):
        plate.files[1013]
    with pytest.raises(MediaError, match=r"a\.mov: there is no frame 1013; it has 1001-1012"):
        plate.index(1013)
    assert set(hint.files) - set(plate.files) == {1013, 1014}
    assert len(plate.files) == len(plate) == 12
    with pytest.raises(FramePairingError, match="it has 1001-1012"):
        pair_frames(plate, wanted=parse_frames("1-10"))


def test_an_exr_carries_rate_aspect_and_timecode(tmp_path):
    file = make(tmp_path / "a.mov", metadata={"timecode": "01:02:03;04"}, rate=NTSC, sample_aspect_ratio=Fraction(8, 9))
    movie = open_movie(file)
    with MovieReader(movie) as reader:
        rgb, header = reader.read(2)
    write_exr(tmp_path / "a.exr", dict(zip("RGB", np.moveaxis(rgb, 2, 0), strict=True)), header)
    _, carried = read_exr(tmp_path / "a.exr")
    code = carried["timeCode"]
    assert (code.hours, code.minutes, code.seconds, code.frame, bool(code.dropFrame)) == (1, 2, 3, 6, True)
    assert carried["framesPerSecond"] == NTSC
    assert carried["pixelAspectRatio"] == pytest.approx(8 / 9)


def test_above_30_a_second_no_timecode_is_carried(tmp_path):
    movie = open_movie(make(tmp_path / "a.mov", metadata={"timecode": "01:00:00:49"}, rate=Fraction(50)))
    assert movie.start == 180_049
    assert "timeCode" not in movie.header(0)


def test_duration_and_the_rest_of_what_is_known(tmp_path):
    movie = open_movie(make(tmp_path / "a.mov", "prores_ks", "yuva444p10le", rate=PAL, frames=10))
    assert movie.duration == Fraction(10, 25)
    assert (movie.codec, movie.has_alpha, movie.has_audio, movie.interlaced) == ("prores", True, False, False)
    assert not movie.is_variable


def test_interlaced_is_warned_of_once(tmp_path, caplog):
    def fields(stream):
        stream.codec_context.field_order = 2

    options = {"profile": "hq", "flags": "+ildct"}
    movie = open_movie(make(tmp_path / "a.mov", "prores_ks", "yuv422p10le", options=options, before=fields))
    with MovieReader(movie) as reader:
        assert number_in(reader.read(5)[0]) == 5
    assert movie.interlaced
    assert caplog.text.count("it is interlaced") == 1
