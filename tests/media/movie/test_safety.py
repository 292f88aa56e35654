"""Files that lie, lead elsewhere, or break off."""

import shutil

import av
import numpy as np
import pytest

from corridorkey.errors import FrameReadError
from corridorkey.media import limits
from corridorkey.media.movie import MovieReader, open_movie

from .crafted import elsewhere, replace_atom
from .made import frame_of, make, number_in, picture, rgb_frame


def outcomes(path, **asked):
    """Per frame: the number seen in it, or the error."""
    movie, found = open_movie(path, **asked), []
    with MovieReader(movie) as reader:
        for index in range(len(movie)):
            try:
                found.append(number_in(reader.read(index)[0]))
            except FrameReadError as error:
                found.append(str(error))
    return movie, found, reader


def test_pictures_and_patterns_of_pictures_are_refused(tmp_path):
    for i in range(3):
        make(tmp_path / f"shot.{i}.png", "png", "rgb24", frames=1, container={"update": "1"})
    for name in ("shot.1.png", "shot.%d.png"):
        with pytest.raises(FrameReadError, match=r"cannot be (opened|read)"):
            open_movie(tmp_path / name)


@pytest.mark.parametrize("name", ["concat:a.ts|b.ts", "http://127.0.0.1:1/a.mov", "a\0b.mov", "pipe:0"])
def test_a_name_is_a_name_and_no_address(tmp_path, name):
    with pytest.raises(FrameReadError, match="cannot be read"):
        open_movie(tmp_path / name)


def test_a_file_called_like_an_address_is_opened_as_a_file(tmp_path, monkeypatch):
    shutil.copy(make(tmp_path / "a.ts"), tmp_path / "concat:a.ts|a.ts")
    monkeypatch.chdir(tmp_path)
    assert len(open_movie(tmp_path.__class__("concat:a.ts|a.ts"))) == 12


def test_a_mov_cannot_have_its_pictures_in_another_file(tmp_path):
    whole = make(tmp_path / "whole.mov", "prores_ks", "yuv422p10le")
    leads_away = replace_atom(whole.read_bytes(), b"dref", lambda _: elsewhere(str(whole)))
    file = tmp_path / "away.mov"
    file.write_bytes(leads_away)
    # The reference works where it is allowed: the file is well made, and refusing is ours.
    with av.open(str(file), options={"enable_drefs": "1", "use_absolute_path": "1"}) as container:
        assert len(list(container.decode(video=0))) == 12
    with pytest.raises(FrameReadError, match=r"away\.mov: "):
        open_movie(file)


def test_an_encrypted_movie_is_an_error(tmp_path):
    secret = {"encryption_scheme": "cenc-aes-ctr", "encryption_key": "00" * 16, "encryption_kid": "11" * 16}
    with pytest.raises(FrameReadError, match=r"a\.mp4: it is encrypted"):
        open_movie(make(tmp_path / "a.mp4", container=secret))


def test_sound_alone_and_cover_pictures_are_no_movie(tmp_path):
    def tone(file, cover):
        stream = file.add_stream("aac", rate=48000)
        picture = file.add_stream("mjpeg", rate=24) if cover else None
        if picture is not None:
            picture.width, picture.height, picture.pix_fmt = 64, 48, "yuvj420p"
            picture.disposition = av.stream.Disposition.attached_pic
        sound = av.AudioFrame.from_ndarray(np.zeros((1, 1024), np.float32), format="fltp", layout="mono")
        sound.sample_rate, sound.pts = 48000, 0
        packets = stream.encode(sound) + stream.encode(None)
        if picture is not None:
            frame = frame_of(
                [np.full((48, 64), 9, np.uint8), *[np.full((24, 32), 128, np.uint8)] * 2], "yuvj420p", True
            )
            frame.pts = 0
            packets = picture.encode(frame) + picture.encode(None) + packets
        file.mux(packets)

    for name, cover in (("a.mp4", False), ("b.mp4", True)):
        with av.open(str(tmp_path / name), "w") as file:
            tone(file, cover)
        with pytest.raises(FrameReadError, match=rf"{name}: there are no moving pictures in it"):
            open_movie(tmp_path / name)


def test_an_empty_file_a_folder_and_nothing(tmp_path):
    (tmp_path / "empty.mov").touch()
    (tmp_path / "folder.mov").mkdir()
    for name, why in (
        ("empty", "the file is empty"),
        ("folder", "cannot be read"),
        ("none", "cannot be read: No such"),
    ):
        with pytest.raises(FrameReadError, match=rf"{name}\.mov: {why}"):
            open_movie(tmp_path / f"{name}.mov")


def test_a_movie_whose_index_was_never_written(tmp_path):
    whole = make(tmp_path / "whole.mov").read_bytes()
    (tmp_path / "cut.mov").write_bytes(whole[: whole.index(b"moov") - 4])
    with pytest.raises(FrameReadError, match=r"cut\.mov: cannot be opened as a movie: .*truncated"):
        open_movie(tmp_path / "cut.mov")


@pytest.mark.parametrize(("codec", "pixel_format"), [("prores_ks", "yuv422p10le"), ("libx264", "yuv420p")])
def test_frames_that_a_cut_off_file_only_promises_are_named(tmp_path, caplog, codec, pixel_format):
    options = {"g": "1"} if codec == "libx264" else {}
    whole = make(tmp_path / "a.mov", codec, pixel_format, container={"movflags": "faststart"}, options=options)
    data = whole.read_bytes()
    whole.write_bytes(data[: data.index(b"mdat") + (len(data) - data.index(b"mdat")) // 2])
    movie, found, _ = outcomes(whole, start_number=1001)
    assert len(movie) == 12
    there = [index for index, seen in enumerate(found) if seen == index]
    assert 1 <= len(there) <= 9
    lost = found[len(there) + 1 :]
    assert there == list(range(len(there)))
    assert lost
    assert all(isinstance(text, str) and "missing or damaged beyond decoding" in text for text in lost)
    assert "frame 1012 is" in lost[-1]
    assert "--frames" in lost[-1]


def test_a_picture_that_does_not_decode_is_missed_and_the_others_keep_their_numbers(tmp_path):
    file = make(tmp_path / "a.mov", "png", "rgb24", frames=12)
    data = bytearray(file.read_bytes())
    starts = [i for i in range(len(data)) if data[i : i + 8] == b"\x89PNG\r\n\x1a\n"]
    for lost in (4, 5):
        data[starts[lost] : starts[lost] + 60] = bytes(60)
    file.write_bytes(data)
    movie, found, _ = outcomes(file, start_number=100)
    assert [seen for seen in found if isinstance(seen, int)] == [0, 1, 2, 3, 6, 7, 8, 9, 10, 11]
    assert "frames 104-105 are missing" in found[4]
    assert "frame 105 is missing" in found[5]
    assert len(movie) == 12


def test_a_damaged_beginning_does_not_lose_the_rest(tmp_path):
    file = make(tmp_path / "a.mov", "png", "rgb24", frames=5)
    data = bytearray(file.read_bytes())
    start = data.index(b"\x89PNG")
    data[start : start + 60] = bytes(60)
    file.write_bytes(data)
    _, found, _ = outcomes(file)
    assert found[1:] == [1, 2, 3, 4]
    assert "frame 0 is missing" in found[0]


def test_flipped_bits_are_said_once_with_the_frame(tmp_path, caplog):
    # Noise below the number: a slice of ProRes that is nearly empty may hold any bits.
    frames = [picture(number, 160, 120) for number in range(12)]
    for rgb in frames:
        rgb[60:] = np.random.default_rng(0).random((60, 160, 3))
    pictures = [rgb_frame(rgb, "yuv422p10le") for rgb in frames]
    file = make(tmp_path / "a.mov", "prores_ks", "yuv422p10le", frames=pictures, size=(160, 120))
    data = bytearray(file.read_bytes())
    at = [i for i in range(len(data)) if data[i : i + 4] == b"icpf"]
    for frame in (3, 7):
        for place in range(at[frame + 1] - 2000, at[frame + 1] - 600):
            data[place] ^= 0x55
    file.write_bytes(data)
    movie, found, reader = outcomes(file, start_number=1001)
    assert len(found) == len(movie) == 12
    assert reader.damaged == [1004, 1008]
    assert caplog.text.count("frame 1004 is damaged, and was patched up") == 1
    assert "damaged frames were patched up: 1004, 1008" in caplog.text


def test_a_movie_with_frames_but_no_pictures_in_them(tmp_path):
    file = make(tmp_path / "a.mov", "png", "rgb24", frames=3)
    data = file.read_bytes().replace(b"\x89PNG\r\n\x1a\n", bytes(8))
    file.write_bytes(data)
    with pytest.raises(FrameReadError, match=r"a\.mov: .*cannot be decoded"):
        open_movie(file)


def test_a_size_beyond_the_limit_is_refused_before_decoding(tmp_path, monkeypatch):
    file = make(tmp_path / "a.mov", "prores_ks", "yuv422p10le")
    monkeypatch.setattr(limits, "MAX_PIXELS", 1000)
    with pytest.raises(FrameReadError, match=r"a\.mov: the header says 64 × 48 pixels"):
        open_movie(file)
