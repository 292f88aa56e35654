"""Exact frames: B-frames, open groups, edit lists, odd first times, variable rates."""

import io
import random
import threading
from fractions import Fraction

import av
import pytest

from corridorkey.errors import FrameReadError
from corridorkey.media.movie import MovieReader, open_movie
from corridorkey.media.movie import reader as reader_module

from .made import make, number_in, picture, rgb_frame

OPEN = {"x264-params": "keyint=8:min-keyint=8:scenecut=0:bframes=3:b-adapt=0:open-gop=1"}
OPEN265 = {"x265-params": "log-level=none:keyint=8:min-keyint=8:scenecut=0:bframes=3:open-gop=1"}


def check(movie, numbers=None, seed=0, offset=0):
    """Every frame in order, backwards, and in a random order, each from one reader."""
    count = len(movie)
    order = list(range(count))
    random.Random(seed).shuffle(order)
    with MovieReader(movie) as reader:
        for index in [*range(count), *reversed(range(count)), *order]:
            expected = index + offset if numbers is None else numbers[index]
            assert number_in(reader.read(index)[0]) == expected, index


@pytest.mark.parametrize("suffix", [".mp4", ".mkv", ".ts", ".avi"])
@pytest.mark.parametrize(("codec", "options"), [("libx264", OPEN), ("libx265", OPEN265)])
def test_open_groups_with_b_frames(tmp_path, suffix, codec, options):
    if (codec, suffix) == ("libx265", ".avi"):
        suffix = ".mov"
    movie = open_movie(make(tmp_path / f"a{suffix}", codec, frames=30, options=options))
    assert len(movie) == 30
    check(movie)


@pytest.mark.parametrize(("suffix", "codec"), [(".mpg", "mpeg2video"), (".ts", "mpeg2video"), (".mxf", "mpeg2video")])
def test_mpeg2_with_b_frames(tmp_path, suffix, codec):
    options = {"g": "6", "bf": "2", "b": "3000000"}
    check(open_movie(make(tmp_path / f"a{suffix}", codec, frames=30, options=options, rate=Fraction(25))))


def test_from_each_frame_alone(tmp_path):
    movie = open_movie(make(tmp_path / "a.mp4", frames=30, options=OPEN))
    for index in range(30):
        with MovieReader(movie) as reader:
            assert number_in(reader.read(index)[0]) == index


def test_sequential_reading_decodes_each_packet_once(tmp_path, monkeypatch):
    movie = open_movie(make(tmp_path / "a.mp4", frames=40, options={"g": "4"}))
    fed, opened = [], []
    monkeypatch.setattr(
        MovieReader, "_feed", lambda self, packet, feed=MovieReader._feed: (fed.append(1), feed(self, packet))
    )
    open_container = reader_module.open_container
    monkeypatch.setattr(reader_module, "open_container", lambda path: (opened.append(1), open_container(path))[1])
    with MovieReader(movie) as reader:
        for index in range(40):
            reader.read(index)
    assert len(fed) == 41  # and the flush
    assert len(opened) == 1


def test_a_far_frame_is_reached_from_the_keyframe_before_it(tmp_path, monkeypatch):
    movie = open_movie(make(tmp_path / "a.mp4", frames=120, options={"g": "10", "bf": "2"}))
    fed = []
    monkeypatch.setattr(
        MovieReader, "_feed", lambda self, packet, feed=MovieReader._feed: (fed.append(1), feed(self, packet))
    )
    with MovieReader(movie) as reader:
        assert number_in(reader.read(104)[0]) == 104
        assert number_in(reader.read(55)[0]) == 55
    assert len(fed) < 60


@pytest.mark.parametrize("first", [-500, 250, 100_000])
def test_odd_first_times(tmp_path, first):
    times = [first + 40 * i for i in range(20)]
    movie = open_movie(make(tmp_path / "a.mkv", frames=20, times=times, options={"g": "7", "bf": "2"}))
    assert len(movie) == 20
    assert movie.frames == range(20)
    assert movie.time(3) == Fraction(3, 25)
    check(movie)


def test_variable_rate_is_numbered_in_the_order_of_showing(tmp_path):
    times = [0, 40, 80, 200, 210, 400, 440, 480, 500, 900, 940, 1000]
    movie = open_movie(make(tmp_path / "a.mp4", frames=12, times=times, options={"g": "5", "bf": "2"}))
    assert movie.is_variable
    assert [movie.time(i) for i in range(12)] == [Fraction(t, 1000) for t in times]
    check(movie)


def test_a_constant_rate_rounded_to_milliseconds_is_not_variable(tmp_path):
    movie = open_movie(make(tmp_path / "a.mkv", frames=30, rate=Fraction(24000, 1001)))
    assert not movie.is_variable
    assert movie.rate == Fraction(24000, 1001)


def test_an_edit_list_cuts_what_it_cuts(tmp_path):
    whole = make(tmp_path / "whole.mov", frames=30, options={"g": "10", "bf": "2", "x264-params": "scenecut=0"})
    # Copied from the second group on, 5 frames of it before zero: the muxer writes an edit list that cuts them.
    with av.open(str(whole)) as source, av.open(str(tmp_path / "cut.mov"), "w") as cut:
        stream = source.streams.video[0]
        out = cut.add_stream_from_template(stream)
        tick = int(1 / 24 / stream.time_base)
        for packet in source.demux(stream):
            if packet.size and packet.pts >= 10 * tick:
                packet.pts, packet.dts = packet.pts - 15 * tick, packet.dts - 15 * tick
                packet.stream = out
                cut.mux(packet)
    movie = open_movie(tmp_path / "cut.mov")
    assert len(movie) == 15
    check(movie, offset=15)


def test_a_reader_works_in_another_thread_than_its_opener(tmp_path):
    movie = open_movie(make(tmp_path / "a.mov", "prores_ks", "yuv422p10le"))
    found = []
    with MovieReader(movie) as reader:
        thread = threading.Thread(target=lambda: found.extend(number_in(reader.read(i)[0]) for i in (3, 4, 1)))
        thread.start()
        thread.join()
    assert found == [3, 4, 1]


def test_asking_beyond_the_end_is_an_error(tmp_path):
    movie = open_movie(make(tmp_path / "a.mov", "prores_ks", "yuv422p10le"), start_number=1001)
    with MovieReader(movie) as reader, pytest.raises(FrameReadError, match=r"a\.mov: there is no frame 1013"):
        reader.read(12)


def test_a_size_that_changes_is_an_error_naming_the_frame(tmp_path):
    # Each PNG in it says its own size.
    with av.open(str(tmp_path / "b.mov"), "w") as file:
        small, large = (_png(file if size == 64 else None, size) for size in (64, 80))
        for index, packets in enumerate((small[1], large[1])):
            for packet in packets:
                packet.pts = packet.dts = index
                packet.stream = small[0]
                file.mux(packet)
    movie = open_movie(tmp_path / "b.mov")
    with MovieReader(movie) as reader:
        assert reader.read(0)[0].shape == (48, 64, 3)
        with pytest.raises(FrameReadError, match=r"b\.mov: frame 1 .*80 × 48 pixels, other than the first"):
            reader.read(1)


def _png(file, width):
    with av.open(io.BytesIO(), "w", format="mov") as other:
        file = file or other
        stream = file.add_stream("png", rate=24)
        stream.width, stream.height, stream.pix_fmt = width, 48, "rgb24"
        frame = rgb_frame(picture(width, width, 48), "rgb24")
        frame.pts = 0
        return stream, stream.encode(frame) + stream.encode()


def test_a_broadcast_joined_in_the_middle_begins_at_its_first_whole_frame(tmp_path, caplog):
    whole = make(tmp_path / "whole.ts", frames=30, options={"g": "6", "bf": "2", "x264-params": "scenecut=0"})
    data = whole.read_bytes()
    packets = [data[at : at + 188] for at in range(0, len(data), 188)]
    (tmp_path / "joined.ts").write_bytes(b"".join(packets[len(packets) // 3 :]))
    movie = open_movie(tmp_path / "joined.ts")
    assert "at its beginning need one that was cut off" in caplog.text
    first = 30 - len(movie)
    assert 6 <= first <= 18
    assert first % 6 == 0
    check(movie, offset=first)
