"""A movie or a playlist, whatever it is called, makes nobody open another file or an address."""

import struct
import sys
from contextlib import suppress
from pathlib import Path

import av
import pytest

from corridorkey.errors import FrameReadError
from corridorkey.media.movie import MovieReader, open_movie
from tests.fuzz.canary import Canary
from tests.media.movie.crafted import elsewhere, replace_atom
from tests.media.movie.made import make, number_in

PLAYLISTS = {
    "m3u8": "#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXTINF:1,\n{}\n#EXT-X-ENDLIST\n",
    "m3u8 of others": "#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=1\n{}\n",
    "m3u8 with a key": '#EXTM3U\n#EXT-X-KEY:METHOD=AES-128,URI="{0}"\n#EXT-X-MAP:URI="{0}"\n#EXTINF:1,\n{0}\n',
    "ffconcat": "ffconcat version 1.0\nfile '{}'\n",
    "concat": "file '{}'\n",
    "mpd": '<?xml version="1.0"?><MPD xmlns="urn:mpeg:dash:schema:mpd:2011" type="static">'
    '<Period><AdaptationSet mimeType="video/mp4"><Representation id="1" bandwidth="1"><BaseURL>{0}</BaseURL>'
    '<SegmentList><Initialization sourceURL="{0}"/><SegmentURL media="{0}"/></SegmentList></Representation>'
    "</AdaptationSet></Period></MPD>",
    "ism": '<?xml version="1.0"?><SmoothStreamingMedia><StreamIndex Type="video" Url="{}"/></SmoothStreamingMedia>',
    "sdp": "v=0\no=- 0 0 IN IP4 127.0.0.1\ns=x\nc=IN IP4 127.0.0.1\na=control:{}\nt=0 0\nm=video 5004 RTP/AVP 96\n",
    "smil": "<smil><body><video src='{}'/></body></smil>",
    "asx": "<asx version='3'><entry><ref href='{}'/></entry></asx>",
    "ram": "{}\n",
    "letter": "a letter about {}",
    "idx": "# VobSub index file, v7\nid: en, index: 0\ntimestamp: 00:00:00:000, filepos: 0\n# {}\n",
}
NAMES = ("a.mov", "a.mp4", "a.mkv", "a.webm", "a.m3u8", "a.ffconcat", "a.mpd", "a.sdp", "a.ism", "a.idx", "a")


@pytest.fixture
def canary(tmp_path):
    with Canary(tmp_path / "canary.ts") as found:
        yield found


def look(path: Path) -> list[int]:
    """Every frame that comes out, as the number seen in it; our own errors are as good."""
    seen = []
    with suppress(FrameReadError):
        movie = open_movie(path)
        with MovieReader(movie) as reader:
            seen = [number_in(reader.read(index)[0]) for index in range(len(movie))]
    return seen


@pytest.mark.skipif(sys.platform == "win32", reason="no named pipes there")
def test_the_canary_notices(tmp_path, canary):
    (tmp_path / "a.ffconcat").write_text(PLAYLISTS["ffconcat"].format(canary.path))
    with suppress(av.error.FFmpegError), av.open(str(tmp_path / "a.ffconcat"), options={"safe": "0"}):
        pass
    assert canary.is_disturbed


@pytest.mark.parametrize("kind", PLAYLISTS)
def test_playlists_lead_nowhere_whatever_they_are_called(tmp_path, canary, kind):
    for target in (canary.path, canary.path.name, canary.path.as_uri(), canary.url, f"concat:{canary.path}"):
        for name in NAMES:
            (tmp_path / name).write_text(PLAYLISTS[kind].format(target))
            with pytest.raises(FrameReadError, match="not a movie of a kind that is read"):
                open_movie(tmp_path / name)
    assert not canary.is_disturbed


@pytest.mark.parametrize("name", ["a.%d.mov", "canary.*", "canary%c.ts", "canary.ts,a"])
def test_a_name_is_no_pattern(tmp_path, canary, name):
    with pytest.raises(FrameReadError, match="cannot be read"):
        open_movie(tmp_path / name)
    assert not canary.is_disturbed


def reference(url: str) -> bytes:
    """A `dref` payload (ISO/IEC 14496-12, 8.7.2): the pictures are at `url`."""
    entry = b"url " + bytes(4) + url.encode() + b"\0"
    return struct.pack(">III", 0, 1, len(entry) + 4) + entry


@pytest.mark.parametrize("container", ["mov", "mp4"])
def test_data_references_lead_nowhere(tmp_path, canary, container):
    whole = make(tmp_path / f"whole.{container}", frames=3).read_bytes()
    url = canary.path.as_uri()
    for payload in (elsewhere(str(canary.path)), elsewhere("canary.ts"), reference(url), reference(canary.url)):
        for name in NAMES[:4]:
            (tmp_path / name).write_bytes(replace_atom(whole, b"dref", lambda _, found=payload: found))
            assert look(tmp_path / name) in ([], [0, 1, 2])
    assert not canary.is_disturbed


def test_reference_movies_lead_nowhere(tmp_path, canary):
    def atom(kind: bytes, payload: bytes) -> bytes:
        return struct.pack(">I4s", len(payload) + 8, kind) + payload

    for url in (canary.path.as_uri(), "canary.ts", canary.url):
        leads = bytes(4) + b"url " + struct.pack(">I", len(url) + 1) + url.encode() + b"\0"
        movie = atom(b"moov", atom(b"rmra", atom(b"rmda", atom(b"rdrf", leads))))
        (tmp_path / "a.mov").write_bytes(atom(b"ftyp", b"qt  " + bytes(4)) + movie)
        assert look(tmp_path / "a.mov") == []
    assert not canary.is_disturbed


@pytest.mark.parametrize("target", ["canary.ts", "{}"])
def test_linked_segments_lead_nowhere(tmp_path, canary, target):
    name = target.format(canary.path).encode()
    title = "t" * (len(name) + 40)
    path = make(tmp_path / "a.mkv", "ffv1", "gbrp10le", frames=3, metadata={"title": title})
    # Matroska's NextFilename and NextUUID in the title's place, padded by a Void.
    links = b"\x3e\x83\xbb" + _size(len(name)) + name + b"\x3e\xb9\x23\x90" + bytes(range(16))
    old = b"\x7b\xa9" + _size(len(title)) + title.encode()
    room = len(old) - len(links) - 2
    data = path.read_bytes()
    assert data.count(old) == 1
    path.write_bytes(data.replace(old, links + b"\xec" + _size(room) + bytes(room)))
    assert look(path) == [0, 1, 2]
    assert not canary.is_disturbed


def test_attachments_stay_inside(tmp_path, canary):
    with av.open(str(tmp_path / "a.mkv"), "w") as file:
        stream = file.add_stream("ffv1", rate=24)
        stream.width, stream.height, stream.pix_fmt = 64, 48, "gbrp10le"
        for name in ("../escaped.txt", str(tmp_path / "escaped.txt"), "canary.ts"):
            file.add_attachment(name, "text/plain", b"attached")
        frame = av.VideoFrame(64, 48, "gbrp10le")
        file.mux(stream.encode(frame))
        file.mux(stream.encode())
    before = sorted(tmp_path.parent.rglob("*"))
    assert len(look(tmp_path / "a.mkv")) == 1
    assert sorted(tmp_path.parent.rglob("*")) == before
    assert not canary.is_disturbed


def _size(length: int) -> bytes:
    """As EBML writes a length."""
    return bytes([0x80 | length]) if length < 127 else (0x4000 | length).to_bytes(2, "big")
