"""What is keyed again and why, and what is never mixed."""

import os
import shutil

import pytest

from corridorkey.errors import FrameWriteError, SettingsError
from corridorkey.resume import Made, Manifest, Wanted, plan_run
from corridorkey.resume import identity as identities
from tests.resume.shot import FOLDERS, MADE, key, key_one, tree, wanted, write_plates

OTHER = Made({**MADE.facts, "despill": 0.5})


@pytest.fixture
def shot(tmp_path):
    return write_plates(tmp_path / "shot")


@pytest.fixture
def out(tmp_path, shot):
    key(tmp_path / "out", wanted(shot))
    return tmp_path / "out"


def plan(out, frames, mode="resume", made=MADE, outputs=tuple(FOLDERS), **options):
    return plan_run(out, frames, outputs, FOLDERS, made, Manifest(out), mode, **options)


def redate(path, data=None):
    path.write_bytes(path.read_bytes() if data is None else data)
    os.utime(path, ns=(2 * 10**18, 2 * 10**18))


def test_a_fresh_run_does_all_and_says_nothing(tmp_path, shot):
    for mode in ("refuse", "resume", "overwrite"):
        fresh = plan(tmp_path / "new", wanted(shot), mode)
        assert fresh.todo == {1001, 1002, 1003, 1004}
    assert plan(tmp_path / "new", wanted(shot), "refuse").notes == ()
    assert not (tmp_path / "new").exists()


def test_what_is_whole_and_made_alike_is_skipped_and_the_rest_said(shot, out):
    (out / "FG/shot.1001.exr").unlink()
    (out / "Matte/shot.1002.exr").write_bytes(b"half")
    redate(shot / "shot.1003.exr", b"rendered again")
    found = plan(out, wanted(shot))
    assert found.reasons == {
        "with files missing": [1001],
        "with files of another size": [1002],
        "with a new plate": [1003],
    }
    assert found.notes == (
        "resuming: 1 of 4 frames are whole and made alike; to do: 1 with files missing (1001), "
        "1 with files of another size (1002), 1 with a new plate (1003)",
    )
    assert plan(out, wanted(shot), "overwrite").todo == {1001, 1002, 1003, 1004}


def test_the_same_bytes_are_the_same_plate_and_other_bytes_another_whatever_the_date(shot, out):
    redate(shot / "shot.1001.exr")
    second = shot / "shot.1002.exr"
    second.write_bytes(b"X" + second.read_bytes()[1:])  # the same size
    os.utime(second, ns=(10, 10))
    assert plan(out, wanted(shot)).todo == {1002}


def test_a_plate_as_young_as_its_record_is_known_by_its_bytes(tmp_path):
    shot, out = write_plates(tmp_path / "shot"), tmp_path / "out"
    plate = shot / "shot.1001.exr"
    plate.touch()
    key(out, wanted(shot))
    date = plate.stat().st_mtime_ns
    assert plan(out, wanted(shot)).todo == set()
    plate.write_bytes(plate.read_bytes()[::-1])
    os.utime(plate, ns=(date, date))
    identities._digest_of.cache_clear()  # as another process
    assert plan(out, wanted(shot)).todo == {1001}


def test_a_hint_that_comes_goes_or_changes(tmp_path, shot):
    hint = tmp_path / "hint.png"
    hint.write_bytes(b"hint")
    key(tmp_path / "out", wanted(shot, hint=hint))
    assert plan(tmp_path / "out", wanted(shot, hint=hint)).todo == set()
    assert plan(tmp_path / "out", wanted(shot)).reasons == {"with a new hint": [1001, 1002, 1003, 1004]}
    redate(hint, b"tnih")
    assert len(plan(tmp_path / "out", wanted(shot, hint=hint)).todo) == 4


@pytest.mark.parametrize("name", ["garbage", "core"])
def test_a_matte_that_comes_goes_or_changes(tmp_path, shot, name):
    matte, out = tmp_path / "matte.png", tmp_path / "out"
    matte.write_bytes(b"matte")
    bare = wanted(shot)
    with_matte = [frame._replace(**{name: matte}) for frame in bare]
    why = {f"with a new {name} matte": [1001, 1002, 1003, 1004]}
    key(out, bare)
    assert plan(out, with_matte).reasons == why
    key(out, with_matte, "overwrite")
    assert plan(out, with_matte).todo == set()
    assert plan(out, bare).reasons == why
    redate(matte, b"ettam")
    assert plan(out, with_matte).reasons == why


def test_another_picture_of_a_movie_is_another_plate(tmp_path):
    movie = tmp_path / "a.mov"
    movie.write_bytes(b"movie")
    frames = [Wanted(n, f"a.{n}", movie, plate_index=n) for n in range(2)]
    manifest, out = Manifest(tmp_path / "out"), tmp_path / "out"
    manifest.begin(MADE)
    manifest.add(0, "a.0", MADE, identities.identify(movie, 0), None, {})
    manifest.add(1, "a.1", MADE, identities.identify(movie, 0), None, {})
    (out / "Matte").mkdir()
    assert plan(out, frames, outputs=("matte",)).reasons == {"without some of the outputs asked for": [0, 1]}
    key(out, [frames[0]._replace(plate_index=None)], "overwrite")
    assert plan(out, [frames[0]]).reasons == {"with a new plate": [0]}


def test_files_and_records_of_other_making_are_refused(shot, out):
    with pytest.raises(SettingsError, match=r"16 of this run's files.*--resume.*--overwrite.*-o"):
        plan(out, wanted(shot), "refuse")
    with pytest.raises(SettingsError, match=r"4 frames there \(1001-1004\) were made otherwise: despill 1.0 -> 0.5"):
        plan(out, wanted(shot), made=OTHER)
    assert plan(out, wanted(shot), "overwrite", made=OTHER).notes == ()


def test_settings_of_one_clip_are_not_mixed_by_frames_or_outputs(tmp_path, shot):
    out = tmp_path / "out"
    first, second = wanted(shot, range(1001, 1003)), wanted(shot, range(1003, 1005))
    key(out, first, outputs=("matte",))
    for frames, outputs in [(second, ("matte",)), (first, ("fg",))]:
        for mode in ("refuse", "resume"):
            with pytest.raises(SettingsError, match=r"2 frames there \(1001-1002\) were made otherwise: despill"):
                plan(out, frames, mode, OTHER, outputs)
        found = plan(out, frames, "overwrite", OTHER, outputs)
        assert found.notes == ("2 frames there (1001-1002) were made otherwise: despill 1.0 -> 0.5",)
    assert plan(out, second, "refuse", outputs=("matte",)).todo == {1003, 1004}
    other_machine = Made({**MADE.facts, "device": "cuda"})
    assert plan(out, second, "refuse", other_machine, ("matte",)).todo == {1003, 1004}
    with pytest.raises(SettingsError, match="device cpu -> cuda"):
        plan(out, first, "resume", other_machine, ("matte",))


def test_another_clip_in_the_same_folder_is_no_mix(tmp_path, out):
    other = write_plates(tmp_path / "other", head="other.")
    assert len(plan(out, wanted(other), "refuse", OTHER).todo) == 4


def test_files_taken_away_are_no_mix(shot, out):
    for folder, _ in FOLDERS.values():
        shutil.rmtree(out / folder)
    assert len(plan(out, wanted(shot), "refuse", OTHER).todo) == 4


def test_more_outputs_are_made_for_all_and_fewer_for_none(tmp_path, shot):
    out = tmp_path / "out"
    key(out, wanted(shot), outputs=("matte", "comp"))
    assert plan(out, wanted(shot), outputs=("matte",)).todo == set()
    assert plan(out, wanted(shot)).reasons == {"without some of the outputs asked for": [1001, 1002, 1003, 1004]}
    key(out, wanted(shot), "resume", outputs=("fg", "processed"))
    assert plan(out, wanted(shot)).todo == set()


def test_a_resume_takes_the_shade_of_the_frames_that_stay(shot, out):
    moved = Made({**MADE.facts, "screen shade": [0.2, 0.6, 0.2]})
    (out / "Matte/shot.1001.exr").unlink()
    found = plan(out, wanted(shot), made=moved)
    assert (found.todo, found.made.shade) == ({1001}, (0.1, 0.7, 0.2))
    shutil.rmtree(out / "Matte")
    assert plan(out, wanted(shot), made=moved).made.shade == (0.2, 0.6, 0.2)


def test_files_that_nobody_recorded_are_made_again(shot, out):
    (out / "manifest.jsonl").unlink()
    assert plan(out, wanted(shot)).reasons == {"with files nobody recorded": [1001, 1002, 1003, 1004]}


def test_verify_finds_what_the_size_does_not_show(shot, out):
    matte = out / "Matte/shot.1002.exr"
    matte.write_bytes(matte.read_bytes()[::-1])
    assert plan(out, wanted(shot)).todo == set()
    assert plan(out, wanted(shot), verify=True).reasons == {"with files of other content": [1002]}


def test_a_plate_replaced_while_it_was_keyed_is_keyed_again(tmp_path, shot, monkeypatch):
    frames, out = wanted(shot), tmp_path / "out"
    manifest = Manifest(out)
    manifest.begin(MADE)
    read = type(shot).read_bytes

    def replaced(path):
        redate(path, b"new") if path.name == "shot.1001.exr" else None
        return read(path)

    monkeypatch.setattr(type(shot), "read_bytes", replaced)
    for frame in frames:
        key_one(out, frame, manifest, MADE)
    monkeypatch.undo()
    redate(shot / "shot.1001.exr", b"newer")
    assert plan(out, frames).todo == {1001}


def test_names_are_compared_as_the_disk_does(shot, out):
    (out / "Comp/shot.1001.png").rename(out / "Comp/SHOT.1001.PNG")
    tells = not (out / "Comp/shot.1001.png").exists()
    with pytest.raises(SettingsError, match=f"{15 if tells else 16} of this run's files"):
        plan(out, wanted(shot), "refuse")
    assert plan(out, wanted(shot)).todo == {1001}


def test_a_link_that_leads_nowhere_is_a_missing_file(shot, out):
    (out / "Matte/shot.1001.exr").unlink()
    (out / "Matte/shot.1001.exr").symlink_to("nowhere.exr")
    before = tree(out)
    assert plan(out, wanted(shot)).reasons == {"with files missing": [1001]}
    key(out, wanted(shot), "resume")
    assert len(tree(out)) == len(before) + 1


def test_a_folder_that_may_not_be_looked_at_is_an_error(shot, out, monkeypatch):
    def denied(_):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(os, "scandir", denied)
    with pytest.raises(FrameWriteError, match="cannot be looked at: Permission denied"):
        plan(out, wanted(shot))


def test_each_folder_is_looked_at_once_however_many_frames(tmp_path, monkeypatch):
    shot = write_plates(tmp_path / "shot", range(1, 200))
    key(tmp_path / "out", wanted(shot))
    frames, looked, scandir = wanted(shot), [], os.scandir
    monkeypatch.setattr(os, "scandir", lambda folder: (looked.append(str(folder)), scandir(folder))[1])
    monkeypatch.setattr(type(shot), "stat", None)
    assert plan(tmp_path / "out", frames).todo == set()
    assert len(looked) == len(set(looked)) == 5


def test_a_movie_too_long_to_hash_is_known_by_size_and_date(tmp_path, monkeypatch):
    movie = tmp_path / "a.mov"
    movie.write_bytes(b"x" * 100)
    monkeypatch.setattr(identities, "LARGEST", 99)
    known = identities.identify(movie, 7)
    stat = movie.stat()
    assert known.is_still(movie, stat.st_size, stat.st_mtime_ns, 7)
    assert not known.is_still(movie, stat.st_size, stat.st_mtime_ns, 8)
    assert not known.is_still(movie, stat.st_size, stat.st_mtime_ns + 1, 7)
    assert identities.identify(movie).digest == identities.digest_bytes(b"x" * 100)  # a picture always is hashed


def test_a_shade_is_kept_only_where_frames_stay(shot, out):
    for matte in (out / "Matte").iterdir():
        matte.write_bytes(matte.read_bytes()[::-1])
    moved = Made({**MADE.facts, "screen shade": [0.2, 0.6, 0.2]})
    assert plan(out, wanted(shot), made=moved).made.shade == (0.1, 0.7, 0.2)
    assert plan(out, wanted(shot), made=moved, verify=True).made.shade == (0.2, 0.6, 0.2)
