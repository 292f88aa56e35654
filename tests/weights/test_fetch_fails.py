"""What stands in the way of a fetch is said, with what to do about it; nothing half-done is left."""

import errno
import mmap
import os
import shutil
import subprocess
import sys
import threading
import weakref
from contextlib import suppress
from pathlib import Path

import pytest
from huggingface_hub import constants

from corridorkey.errors import WeightsUnavailableError
from corridorkey.weights import cache_folder, local_weights
from tests.convert.crafted import write_zip
from tests.weights import stand_ins
from tests.weights.conftest import GREEN

PTH = GREEN.replace(".safetensors", ".pth")


def test_a_hub_that_sends_nothing_more_ends_the_fetch(hub, get):
    hub.drop_after = 0
    with pytest.raises(WeightsUnavailableError, match=r"line broke.*[Rr]un this again"):
        get()


def test_a_hub_that_never_stops_sending_is_left(hub, get, monkeypatch):
    content = hub.files[GREEN]
    real = stand_ins._Handler._content

    def endless(self, hub, name, head):
        if head:
            real(self, hub, name, head)
            return
        self.send_response(200)
        self.end_headers()
        with suppress(OSError):
            for _ in range(1000):
                self.wfile.write(content)

    monkeypatch.setattr(stand_ins._Handler, "_content", endless)
    came = []
    with pytest.raises(WeightsUnavailableError, match="They were deleted"):
        get(progress=lambda here, _: came.append(here))
    assert came[-1] < 10 * len(content)


@pytest.mark.parametrize(("name", "value"), [("HF_TOKEN", "hf_\u00e4"), ("HF_ENDPOINT", f"http://{'a' * 300}")])
def test_what_cannot_be_sent_is_said(hub, get, monkeypatch, name, value):
    monkeypatch.setenv(name, value)
    with pytest.raises(WeightsUnavailableError, match="HF_ENDPOINT and HF_TOKEN right"):
        get()


@pytest.mark.parametrize("fault", ["git hash", "no commit"])
def test_a_file_nobody_published_a_hash_for_is_refused(hub, get, fault):
    if fault == "git hash":
        hub.says[GREEN] = "0" * 40
    else:
        hub.commits = False
    with pytest.raises(WeightsUnavailableError, match="cannot be verified"):
        get()
    assert not hub.served


def test_a_file_that_is_not_this_network_is_said_and_removed(hub, get):
    hub.files[GREEN] = b"something else altogether"
    with pytest.raises(WeightsUnavailableError, match=r"as published.*not this network"):
        get()
    assert not list(cache_folder().rglob("CorridorKey*"))
    assert not local_weights()


@pytest.mark.parametrize("kind", ["another network", "a broken .pth"])
def test_a_refused_file_is_no_longer_open_when_it_is_removed(hub, get, monkeypatch, tmp_path, kind):
    if kind == "another network":
        hub.files[GREEN] = hub.files[GREEN].replace(b"refiner.final", b"refiner.other")
    else:
        hub.files[GREEN] = write_zip(tmp_path / "a.pth", b"\x80\x02X").read_bytes()
    mapped, open_then = [], []

    class Mapped(mmap.mmap):
        def __init__(self, *_, **__):
            mapped.append(weakref.ref(self))

    def removed(folder, **more):
        open_then.extend(ref() for ref in mapped)

    monkeypatch.setattr("corridorkey_convert.source.mmap.mmap", Mapped)
    monkeypatch.setattr(shutil, "rmtree", removed)
    with pytest.raises(WeightsUnavailableError, match="not this network"):
        get()
    assert open_then == [None]


@pytest.mark.parametrize(
    ("status", "words"),
    [(401, "hf auth login"), (403, r"https://huggingface\.co/nikopueringer"), (404, "404"), (500, "500"), (429, "429")],
)
@pytest.mark.parametrize("where", ["status", "get_status"])
def test_what_the_hub_refuses_is_said(hub, get, status, words, where):
    setattr(hub, where, status)
    with pytest.raises(WeightsUnavailableError, match=words):
        get()
    assert not local_weights()


def test_no_hub_there(hub, get, monkeypatch):
    monkeypatch.setenv("HF_ENDPOINT", "http://127.0.0.1:9")
    with pytest.raises(WeightsUnavailableError, match="cannot be reached"):
        get()
    monkeypatch.setenv("HF_ENDPOINT", "nonsense")
    with pytest.raises(WeightsUnavailableError, match="HF_ENDPOINT"):
        get()


def test_a_hub_that_does_not_answer(hub, get, monkeypatch):
    hub.silent = threading.Event()
    monkeypatch.setattr(constants, "HF_HUB_ETAG_TIMEOUT", 0.2)
    with pytest.raises(WeightsUnavailableError, match="does not answer in time"):
        get()


def test_offline_mode_is_obeyed(hub, get):
    code = "from corridorkey.weights import fetch_weights; fetch_weights('green')"
    env = {**os.environ, "HF_HUB_OFFLINE": "1"}
    done = subprocess.run([sys.executable, "-c", code], env=env, capture_output=True, text=True)
    assert "HF_HUB_OFFLINE is set" in done.stderr
    assert not hub.asked


def test_without_huggingface_hub_the_install_line_is_given(get, monkeypatch):
    with monkeypatch.context() as patched:
        patched.setitem(sys.modules, "huggingface_hub.utils", None)
        with pytest.raises(WeightsUnavailableError, match='-m pip install "huggingface-hub') as raised:
            get()
    assert sys.executable in str(raised.value)


def test_no_room_is_known_before_the_download(hub, get, monkeypatch):
    usage = shutil.disk_usage(cache_folder())._replace(free=len(hub.files[GREEN]))
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage)
    with pytest.raises(WeightsUnavailableError, match="MB are needed"):
        get()
    assert not hub.served


def test_a_disk_that_fills_up_keeps_what_came(hub, get, monkeypatch):
    opened = Path.open

    class Full:
        def __init__(self, file):
            self.file = file

        def __enter__(self):
            return self

        def __exit__(self, *_):
            self.file.close()

        def write(self, piece):
            self.file.write(piece[:100])
            raise OSError(errno.ENOSPC, "No space left on device")

    def full(self, *words, **more):
        file = opened(self, *words, **more)
        return Full(file) if self.name.startswith("CorridorKey") else file

    with monkeypatch.context() as patched:
        patched.setattr(Path, "open", full)
        with pytest.raises(WeightsUnavailableError, match=r"disk is full.*100 bytes are kept"):
            get()
    assert get().new
    assert hub.asked[-1][2] == "bytes=100-"


def test_a_read_only_cache(hub, get, monkeypatch):
    def refused(self, *_):
        raise OSError(errno.EROFS, "Read-only file system")

    monkeypatch.setattr(Path, "write_bytes", refused)
    with pytest.raises(WeightsUnavailableError, match=r"cannot be written: Read-only file system"):
        get()
    assert not hub.served


def test_a_file_in_the_caches_place(hub, get):
    (cache_folder() / "green").write_text("in the way")
    with pytest.raises(WeightsUnavailableError, match="cannot be written"):
        get()
    assert (cache_folder() / "green").read_text() == "in the way"
