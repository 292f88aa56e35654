"""`ck weights` as a user runs it."""

import io
import json

import pytest

from corridorkey.weights import LICENCE, cache_folder, licence_accepted, local_weights, small_checkpoint
from tests.weights import conftest as shared
from tests.weights.conftest import GREEN, parts, use_tiny_network
from tests.weights.stand_ins import released_bytes

hub = shared.hub


@pytest.fixture(autouse=True)
def tiny_network(monkeypatch):
    use_tiny_network(monkeypatch)


class Terminal(io.StringIO):
    def isatty(self):
        return True


def test_an_empty_cache_is_listed_without_a_request(ck, hub):
    result = ck("weights", "list")
    assert result.code == 0, result.err
    assert "not here: ck weights fetch green" in result.out
    assert "not here: ck weights fetch blue" in result.out
    assert str(small_checkpoint()) in result.out
    assert LICENCE in result.out
    assert "Apache-2.0" in result.out
    assert not hub.asked
    assert not cache_folder().exists()


def test_a_fetch_from_the_terms_to_the_list(ck, hub):
    result = ck("weights", "fetch", "green", "--accept-licence")
    assert result.code == 0, result.err
    assert "https://github.com/nikopueringer/CorridorKey" in result.out
    assert "--checkpoint green" in result.out
    (weights,) = local_weights()
    assert str(weights.path) in result.out
    assert weights.source_sha256 in result.out
    again = ck("weights", "fetch", "green")
    assert again.code == 0
    assert "already here" in again.out
    assert "may not be sold" not in again.out
    listed = {row["name"]: row for row in json.loads(ck("weights", "list", "--json").out)}
    assert list(listed) == ["green", "blue", "small"]
    assert listed["green"]["path"] == str(weights.path)
    assert (listed["green"]["origin"], listed["green"]["date"]) == ("fetched", weights.date)
    assert listed["green"]["source_sha256"] == weights.source_sha256
    assert listed["blue"]["path"] is None
    plain = ck("weights", "list").out
    assert f"fetched {weights.date} from {GREEN}" in plain


def test_a_script_has_to_accept_the_terms(ck, hub, monkeypatch):
    monkeypatch.setattr("sys.stdin", io.StringIO("y\n"))
    result = ck("weights", "fetch", "green")
    assert result.code == 2
    assert "may not be sold" in result.out
    assert "--accept-licence" in result.err
    assert not hub.asked
    assert not licence_accepted()


@pytest.mark.parametrize(("answer", "code"), [("y\n", 0), ("n\n", 2), ("\n", 2)])
def test_at_a_terminal_the_user_is_asked(ck, hub, monkeypatch, answer, code):
    monkeypatch.setattr("sys.stdin", Terminal(answer))
    assert ck("weights", "fetch", "green").code == code
    assert licence_accepted() == bool(local_weights()) == (code == 0)


def test_a_bar_is_shown_at_a_terminal_only(ck, hub, monkeypatch):
    assert not ck("weights", "fetch", "green", "--accept-licence").err
    terminal = Terminal()
    monkeypatch.setattr("sys.stderr", terminal)
    assert ck("weights", "fetch", "green", "--force").code == 0
    assert "100%" in terminal.getvalue()


def test_a_changed_file_needs_its_own_word(ck, hub):
    ck("weights", "fetch", "green", "--accept-licence")
    earlier = local_weights()[0].path
    hub.files[GREEN] = released_bytes(seed=2)
    result = ck("weights", "fetch", "green", "--force")
    assert result.code == 4
    assert "--accept-change" in result.err
    result = ck("weights", "fetch", "green", "--force", "--accept-change")
    assert result.code == 0
    assert f"earlier ones are still at {earlier}" in result.out


def test_ctrl_c_says_what_is_kept(ck, hub, monkeypatch):
    def stopped(source, part, progress=None):
        part.write_bytes(hub.files[GREEN][:1000])
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr("corridorkey.weights.fetch.download", stopped)
        result = ck("weights", "fetch", "green", "--accept-licence")
    assert result.code == 130
    assert "1,000 bytes are kept" in result.err
    assert "run this again" in result.err
    assert parts() == [1000]
    assert ck("weights", "fetch", "green").code == 0
    assert hub.asked[-1][2] == "bytes=1000-"


def test_what_fails_is_one_line_and_exit_4(ck, hub):
    hub.status = 403
    result = ck("weights", "fetch", "blue", "--accept-licence")
    assert result.code == 4
    assert "hf auth login" in result.err
    assert "CorridorKeyBlue_1.0" in result.err
    assert result.err.count("\n") == 1


def test_usage(ck):
    assert ck("weights", "fetch", "red").code == 2
    assert ck("weights", "import", "x", "--screen", "red").code == 2
    assert ck("weights", "--help").code == 0


def test_import_reports_each_file(ck, tmp_path):
    folder = tmp_path / "CorridorKeyModule" / "checkpoints"
    folder.mkdir(parents=True)
    (folder / "CorridorKey_v1.0.pth").write_bytes(released_bytes())
    (folder / "CorridorKeyBlue_1.0.safetensors").write_bytes(b"broken")
    (folder / "mine.safetensors").write_bytes(released_bytes())
    result = ck("weights", "import", tmp_path)
    assert result.code == 0, result.err
    lines = {line.split(": ")[0].rpartition("checkpoints")[2][1:]: line for line in result.out.splitlines()[:3]}
    assert "imported to" in lines["CorridorKey_v1.0.pth"]
    assert "taken as green, it has that published name" in lines["CorridorKey_v1.0.pth"]
    assert "not imported" in lines["CorridorKeyBlue_1.0.safetensors"]
    assert "--screen" in lines["mine.safetensors"]
    assert "may not be sold" in result.out
    assert "imported" in ck("weights", "list").out


def test_nothing_imported_is_a_failure(ck, tmp_path):
    (tmp_path / "mine.pth").write_bytes(b"broken")
    result = ck("weights", "import", tmp_path, "--screen", "green")
    assert result.code == 4
    assert "mine.pth" in result.out
    assert "nothing was imported" in result.err
    assert ck("weights", "import", tmp_path / "none").code == 4
