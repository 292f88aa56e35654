"""Fetching from the hub: what is trusted, remembered and kept."""

import hashlib
import multiprocessing

import pytest

from corridorkey.checkpoint import read_info
from corridorkey.errors import SettingsError, WeightsUnavailableError
from corridorkey.weights import LICENCE, accept_licence, cache_folder, fetch_weights, local_weights
from corridorkey.weights.cache import read_record
from tests.weights import stand_ins
from tests.weights.conftest import GREEN, parts
from tests.weights.stand_ins import COMMIT, convert, released_bytes

PTH = GREEN.replace(".safetensors", ".pth")


def test_fetched_weights_are_a_checkpoint_and_are_remembered(hub, get):
    sha256 = hashlib.sha256(hub.files[GREEN]).hexdigest()
    fetched = get()
    assert fetched.new
    assert local_weights() == [fetched.weights]
    weights = fetched.weights
    assert (weights.origin, weights.source_sha256, weights.licence) == ("fetched", sha256, LICENCE)
    assert weights.source == f"{GREEN} at {COMMIT}"
    assert weights.sha256 == hashlib.sha256(weights.path.read_bytes()).hexdigest()
    assert read_info(weights.path).config.screen == "green"
    said = read_record("green").published["CorridorKey_v1.0.safetensors"]
    assert (said["commit"], said["sha256"], said["size"]) == (COMMIT, sha256, len(hub.files[GREEN]))
    # The raw file is gone, and the bytes came from the revision that was asked about.
    assert not list(cache_folder().rglob("CorridorKey*"))
    assert [path for method, path, _ in hub.asked if method == "GET"] == [
        f"/nikopueringer/CorridorKey_v1.0/resolve/{COMMIT}/CorridorKey_v1.0.safetensors"
    ]


def test_what_was_fetched_is_not_fetched_again_unless_forced(hub, get):
    get()
    asked, served = len(hub.asked), hub.served
    assert not get().new
    assert len(hub.asked) == asked
    assert get(force=True).new
    assert hub.served == 2 * served


def test_a_damaged_checkpoint_is_fetched_again(hub, get):
    weights = get().weights
    content = weights.path.read_bytes()
    weights.path.write_bytes(content[:-1] + bytes([content[-1] ^ 1]))
    assert get().new
    assert weights.path.read_bytes() == content
    assert not get().new


def test_pth_is_taken_where_there_is_no_safetensors(hub, get):
    hub.files = {PTH: released_bytes()}
    assert get().weights.source.startswith(PTH)
    hub.files = {}
    with pytest.raises(
        WeightsUnavailableError, match=r"none of CorridorKey_v1\.0\.safetensors, CorridorKey_v1\.0\.pth"
    ):
        get(force=True)
    assert len(local_weights()) == 1


def test_an_answer_by_way_of_another_address_is_followed(hub, get):
    hub.redirects = True
    assert get().new


def test_the_token_stays_with_the_hub_when_another_host_has_the_bytes(hub, get, monkeypatch):
    monkeypatch.setenv("HF_TOKEN", "hf_secret")
    monkeypatch.setenv("NO_PROXY", "127.0.0.1,localhost")
    whole, seen = len(hub.files[GREEN]), []
    answer = stand_ins._Handler._answer

    def told(self, head):
        host = self.headers["Host"].partition(":")[0]
        seen.append((host, self.headers.get("Authorization"), self.headers.get("Range")))
        if host == "localhost" or head:
            answer(self, head)
        else:
            port = self.server.server_address[1]
            self.close_connection = True
            self._plain(302, {"Location": f"http://localhost:{port}{self.path}"})

    monkeypatch.setattr(stand_ins._Handler, "_answer", told)
    hub.drop_after = whole // 2
    assert get().new
    assert hub.served == whole
    assert seen == [
        ("127.0.0.1", "Bearer hf_secret", None),
        ("127.0.0.1", "Bearer hf_secret", None),
        ("localhost", None, None),
        ("127.0.0.1", "Bearer hf_secret", f"bytes={whole // 2}-"),
        ("localhost", None, f"bytes={whole // 2}-"),
    ]


def test_only_what_is_fetched_is_asked_about(hub, get):
    get()
    assert [method for method, _, _ in hub.asked] == ["HEAD", "GET"]


def test_the_licence_comes_first(hub):
    with pytest.raises(SettingsError, match="--accept-licence"):
        fetch_weights("green", convert=convert)
    assert not hub.asked


def test_a_second_try_goes_on_where_the_first_stopped(hub, get):
    whole = len(hub.files[GREEN])
    hub.drop_after = whole // 2
    seen = []

    def half(here, total):
        seen.append((here, total))
        hub.get_status = 503  # the line breaks, and the hub does not come back

    with pytest.raises(WeightsUnavailableError, match="503"):
        get(progress=half)
    assert parts() == [whole // 2]
    assert seen[-1] == (whole // 2, whole)
    hub.drop_after, hub.get_status = None, 200
    assert get().new
    assert hub.served == whole
    assert hub.asked[-1][2] == f"bytes={whole // 2}-"


def test_a_line_that_breaks_heals_within_one_fetch(hub, get):
    hub.drop_after = len(hub.files[GREEN]) // 3
    assert get().new
    assert hub.served == len(hub.files[GREEN])


def test_a_hub_that_ignores_ranges_is_read_from_the_start(hub, get):
    whole = len(hub.files[GREEN])
    hub.drop_after, hub.ranges = whole // 2, False
    with pytest.raises(WeightsUnavailableError, match="line broke"):
        get()
    hub.drop_after = None
    assert get().new


def test_without_lengths_the_hash_still_decides(hub, get):
    hub.lengths = False
    assert get().new
    hub.drop_after = 1000
    with pytest.raises(WeightsUnavailableError):
        get(force=True)
    assert len(local_weights()) == 1


def test_wrong_bytes_are_deleted_and_nothing_old_is_lost(hub, get):
    before = get().weights
    content = hub.files[GREEN]
    hub.says[GREEN] = hashlib.sha256(content).hexdigest()
    hub.files[GREEN] = content[:-1] + bytes([content[-1] ^ 1])
    wrong = hashlib.sha256(hub.files[GREEN]).hexdigest()
    with pytest.raises(WeightsUnavailableError, match=wrong) as raised:
        get(force=True)
    assert before.source_sha256 in str(raised.value)
    assert not parts()
    assert not list(cache_folder().rglob("CorridorKey*"))
    assert local_weights() == [before]
    assert before.path.read_bytes()


def test_another_published_hash_is_refused_until_it_is_accepted(hub, get):
    before = get().weights
    hub.files[GREEN] = released_bytes(seed=2)
    now = hashlib.sha256(hub.files[GREEN]).hexdigest()
    before.path.unlink()
    with pytest.raises(WeightsUnavailableError, match=f"{before.source_sha256}.*{now}.*--accept-change"):
        get()
    fetched = get(accept_change=True)
    assert fetched.weights.source_sha256 == now
    assert get(force=True).weights.source_sha256 == now


def test_the_earlier_checkpoint_stays_and_is_named(hub, get):
    before = get().weights
    hub.files[GREEN] = released_bytes(seed=2)
    fetched = get(force=True, accept_change=True)
    assert fetched.earlier == before.path
    assert before.path.is_file()
    assert local_weights() == [fetched.weights]


def test_ctrl_c_keeps_what_came(hub, get):
    whole = len(hub.files[GREEN])
    hub.drop_after = whole // 2

    def stop(here, total):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        get(progress=stop)
    (kept,) = parts()
    assert 0 < kept <= whole // 2
    hub.drop_after = None
    assert get().new
    assert hub.asked[-1][2] == f"bytes={kept}-"


def _fetch_in_child(queue):
    queue.put(fetch_weights("green", convert=convert).new)


def test_two_processes_at_once_fetch_once(hub):
    accept_licence()
    context = multiprocessing.get_context("spawn")
    queue = context.Queue()
    children = [context.Process(target=_fetch_in_child, args=(queue,)) for _ in range(2)]
    for child in children:
        child.start()
    assert sorted(queue.get(timeout=60) for _ in children) == [False, True]
    for child in children:
        child.join()
    assert hub.served == len(hub.files[GREEN])
    assert len(local_weights()) == 1
