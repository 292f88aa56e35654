"""`--show-config`: every setting and where it comes from; nothing is keyed."""

import json

from tests.cli.conftest import write_hint, write_shot


def rows(text):
    """name -> (value, origin)"""
    return {line.split()[0]: tuple(line.split(maxsplit=2)[1:]) for line in text.splitlines() if "  " in line}


def test_every_value_and_its_origin(ck, tmp_path, user_ck_toml, monkeypatch):
    monkeypatch.setenv("CORRIDORKEY_DEVICE", "cpu")
    user_ck_toml.write_text("exr-bits = 32\ndespill = 0.1\n")
    shot = write_shot(tmp_path / "s")
    (shot / "ck.toml").write_text('outputs = ["matte", "rgba"]\ndespill = 0.5\n')
    result = ck("key", shot, "--show-config", "--size", "64")
    assert result.code == 0, result.err
    found = rows(result.out)
    assert found["despill"] == ("0.5", str(shot / "ck.toml"))
    assert found["outputs"] == ("matte,rgba", str(shot / "ck.toml"))
    assert found["exr-bits"] == ("32", str(user_ck_toml))
    assert found["device"] == ("cpu", "environment")
    assert found["size"] == ("64", "flag")
    assert found["refiner"] == ("1.0", "default")
    assert found["resume"] == ("off", "default")
    assert "made from the screen" in result.out
    assert found["backend"] == ("auto", "default")
    assert "show-config" not in found
    assert not (tmp_path / "s_keyed").exists()


def test_a_shots_own_hint_and_folder_are_shown(ck, tmp_path):
    shot = write_shot(tmp_path / "a/Input", range(1, 2)).parent
    write_hint(shot / "AlphaHint/shot.0001.png")
    found = rows(ck("key", shot, "--show-config").out)
    assert found["hint"] == (str(shot / "AlphaHint"), "shot")
    assert found["out"] == (str(shot / "Output"), "default")
    (shot / "ck.toml").write_text('hint = "none"\n')
    said, origin = rows(ck("key", shot, "--show-config").out)["hint"]
    assert (said, origin.split()[-1]) == ("made", str(shot / "ck.toml"))
    found = rows(ck("key", shot, "--show-config", "--hint", "h.png", "-o", "o").out)
    assert (found["hint"], found["out"]) == (("h.png", "flag"), ("o", "flag"))


def test_json_is_one_object(ck, tmp_path):
    for name in "ab":
        write_shot(tmp_path / name / "Input", range(1, 2))
    (tmp_path / "b/ck.toml").write_text("despill = 0.5\n")
    result = ck("key", tmp_path, "--show-config", "--log-format", "json")
    assert result.code == 0
    facts = json.loads(result.out)
    assert [shot["shot"] for shot in facts["shots"]] == ["a", "b"]
    assert [shot["settings"]["despill"]["value"] for shot in facts["shots"]] == [1.0, 0.5]
    assert facts["shots"][1]["settings"]["despill"]["from"] == str((tmp_path / "b/ck.toml").resolve())
    assert facts["shots"][0]["settings"]["hint"] == {"value": None, "from": "default"}


def test_several_shots_have_headings_and_errors_are_errors(ck, tmp_path):
    for name in "ab":
        write_shot(tmp_path / name / "Input", range(1, 2))
    result = ck("key", tmp_path, "--show-config")
    assert {"a", "b"} <= set(result.out.splitlines())
    (tmp_path / "b/ck.toml").write_text("despill = 5")
    assert ck("key", tmp_path, "--show-config").code == 2
    assert ck("key", tmp_path / "none", "--show-config").code == 5
