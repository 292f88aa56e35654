"""ck.toml as a file: what is read, what is refused, and that no path leads out of its folder."""

import os
import sys

import pytest

from corridorkey.config_file import MOST, inside, read_config, user_config
from corridorkey.errors import SettingsError


def test_plain_settings_are_read(tmp_path):
    path = tmp_path / "ck.toml"
    path.write_bytes(
        b'\xef\xbb\xbfdespill = 0.8\r\nsize = 1024\r\noutputs = ["matte", "fg"]\r\nscreen-color = "blue"\r\n'
    )
    assert read_config(path) == {"despill": 0.8, "size": 1024, "outputs": ["matte", "fg"], "screen-color": "blue"}
    assert read_config(tmp_path / "none.toml") == {}
    assert read_config(path / "ck.toml") == {}


def test_a_comment_may_look_as_it_likes(tmp_path):
    (tmp_path / "ck.toml").write_text(f"  # {'.' * 200}\ndespill = 1\n")
    assert read_config(tmp_path / "ck.toml") == {"despill": 1}


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"a = 1\ndespill 0.8\n", "line 2"),
        (b"a = 1\na = 2\n", "ck.toml"),
        (b"a = " + b"[" * 5000, "nested too deeply"),
        (b"a = " + b"9" * 5000, "ck.toml"),
        (b"ok = 1\nname = '\xff'", "line 2 is not UTF-8"),
        (b"#" * (MOST + 1), "larger than 1 MB"),
        (b"[key]\ndespill = 1\n", "key: use a word"),
        (b"a.b = 1\n", "a: use a word"),
        (b"outputs = [1, 2]\n", "outputs: use a word"),
        (b"day = 2020-01-01\n", "day: use a word"),
        (b'"a\\u001b[2J" = {}\n', r"a\\x1b\[2J: use a word"),
        (b"a = \0", "ck.toml"),
        (b"b = 1\n" + b"a." * 400_000 + b"a = 1", "line 2 has more than 100 dots"),
    ],
)
def test_what_is_no_list_of_settings_is_refused(tmp_path, content, why):
    path = tmp_path / "ck.toml"
    path.write_bytes(content)
    with pytest.raises(SettingsError, match=why) as error:
        read_config(path)
    assert str(path) in str(error.value)
    assert str(error.value).isprintable()


def test_a_folder_of_that_name_is_refused(tmp_path):
    (tmp_path / "ck.toml").mkdir()
    with pytest.raises(SettingsError, match="a folder"):
        read_config(tmp_path / "ck.toml")


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="Windows has no pipes among its files")
def test_a_pipe_is_refused_and_not_waited_for(tmp_path):
    os.mkfifo(tmp_path / "ck.toml")
    with pytest.raises(SettingsError, match="no file"):
        read_config(tmp_path / "ck.toml")


def test_one_that_may_not_be_read_is_an_error(tmp_path, monkeypatch):
    (tmp_path / "ck.toml").write_text("despill = 1")

    def refused(*_, **__):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("pathlib.Path.open", refused)
    with pytest.raises(SettingsError, match="Permission denied"):
        read_config(tmp_path / "ck.toml")


def test_paths_stay_inside(tmp_path):
    folder = tmp_path / "shot"
    (folder / "hints").mkdir(parents=True)
    assert inside(folder, "hints/h.####.exr") == (folder / "hints/h.####.exr").resolve()
    assert inside(folder, "hints/../m.png") == (folder / "m.png").resolve()
    assert inside(folder, str(folder / "m.png")) == (folder / "m.png").resolve()
    for text in ("..", "../other/h.png", "hints/../../x", str(tmp_path / "x.png"), "/etc/passwd", "a\0b"):
        with pytest.raises(SettingsError, match=r"leads out of|is no path"):
            inside(folder, text)


@pytest.mark.skipif(sys.platform == "win32", reason="links need a right of their own on Windows")
def test_links_do_not_lead_out(tmp_path):
    folder = tmp_path / "shot"
    folder.mkdir()
    (folder / "out").symlink_to(tmp_path)
    (folder / "round").symlink_to(folder / "round")
    with pytest.raises(SettingsError, match="leads out of"):
        inside(folder, "out/hint.png")
    with pytest.raises(SettingsError, match="is no path"):
        inside(folder, "round/hint.png")


def test_the_users_own_lies_in_this_systems_place(user_ck_toml):
    assert user_config() == user_ck_toml
