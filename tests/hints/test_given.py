import numpy as np

from corridorkey.hints.given import obey_hint
from corridorkey.prepare import MEAN, STD, prepare
from corridorkey.types import Guide, Plate
from tests.conftest import TINY

SIZE = (90, 160)


def two_blocks():
    """A guide that sees two subjects, the right one with a thin limb."""
    key = np.zeros(SIZE, np.float32)
    key[20:70, 15:45] = 1
    key[20:70, 100:130] = 1
    key[40:44, 130:150] = 0.8
    clean_plate = np.full((45, 80, 3), (0.1, 0.7, 0.2), np.float32)
    return Guide(np.zeros(SIZE, np.float32), "green", key, clean_plate)


def hint_of(*boxes):
    hint = np.zeros(SIZE, np.float32)
    for top, bottom, left, right in boxes:
        hint[top:bottom, left:right] = 1
    return hint


def test_what_the_hint_does_not_touch_is_dropped_and_what_it_touches_stays_whole():
    guide = obey_hint(two_blocks(), hint_of((35, 55, 108, 122)))
    before = two_blocks().key
    assert guide.key[:, :60].max() < 0.01
    np.testing.assert_allclose(guide.key[:, 90:], before[:, 90:], atol=0.02)
    assert guide.hidden[20:25, 10:20].min() > 0.99
    assert guide.hidden[20, 72] < 0.05  # at the end of the limb that the hint lacks


def things():
    """A guide that sees a subject, a long bar and a marker, none of which touch."""
    key = np.zeros(SIZE, np.float32)
    key[20:70, 15:65] = 1
    key[10:14, 80:155] = 1
    key[60:64, 120:124] = 1
    return Guide(np.zeros(SIZE, np.float32), "green", key, np.full((*SIZE, 3), (0.1, 0.7, 0.2), np.float32))


def test_a_hint_says_nothing_of_bars_that_are_thinner_than_it_is_drawn_in():
    drawn_in, exact = (obey_hint(things(), hint_of(box)) for box in ((25, 65, 20, 60), (20, 70, 15, 65)))
    np.testing.assert_allclose(drawn_in.key[10:14, 80:155], 1, atol=0.02)
    assert exact.key[10:14, 80:155].max() < 0.01
    for guide in (drawn_in, exact):
        assert guide.key[60:64, 120:124].max() < 0.01  # a marker is short


def test_a_mark_on_the_subject_says_no_more_of_bars_than_a_hint_that_is_a_little_drawn_in():
    wide = things()
    wide.key[2:22, 80:155] = 1
    guide = obey_hint(wide, hint_of((43, 47, 38, 42)))  # 22 pixels inside
    assert guide.key[2:22, 80:155].max() < 0.01


def test_what_the_key_cannot_see_around_the_hint_is_shown_but_not_the_stand_that_it_leaves_out():
    """Cloth of the screen's colour, which only the hint knows of, and a pole close beside it."""
    guide = things()
    guide.key[:] = 0
    guide.key[20:70, 70:72] = 1
    obeyed = obey_hint(guide, hint_of((25, 65, 20, 66)))
    assert obeyed.hidden[45, 14:66].max() < 0.05
    assert obeyed.hidden[45, 70:72].min() > 0.5
    assert obeyed.hidden[45, 100] > 0.99


def test_a_subject_that_fills_the_frame_has_no_end_to_measure():
    guide = things()
    guide.key[:] = 1
    obeyed = obey_hint(guide, hint_of((25, 65, 20, 60)))
    assert obeyed.key.min() > 0.99
    assert obey_hint(guide, np.zeros(SIZE, np.float32)).key.max() == 0


def test_a_hint_over_everything_changes_nothing_and_an_empty_one_drops_all():
    whole = obey_hint(two_blocks(), np.ones(SIZE, np.float32))
    np.testing.assert_allclose(whole.key, two_blocks().key, atol=1e-6)
    empty = obey_hint(two_blocks(), np.zeros((9, 16), np.float32))
    assert empty.key.max() == 0
    assert empty.hidden.min() == 1


def test_the_network_is_shown_bare_screen_where_something_is_hidden():
    rng = np.random.default_rng(1)
    plate = Plate(rng.random((*SIZE, 3), np.float32), "srgb")
    guide = obey_hint(two_blocks(), hint_of((35, 55, 108, 122)))
    x = prepare(plate, guide, TINY)
    rgb, screen = x[0, ..., :3] * STD + MEAN, x[0, ..., 5:8] * STD + MEAN
    np.testing.assert_allclose(rgb[20:50, 16:34], screen[20:50, 16:34], atol=1e-3)
    assert np.abs(rgb[30:40, 85:98] - screen[30:40, 85:98]).mean() > 0.1


def test_without_a_key_the_hint_is_all_there_is():
    hint = hint_of((0, 10, 0, 10))
    guide = obey_hint(Guide(np.zeros(SIZE, np.float32)), hint)
    assert guide.hint is hint
    assert guide.hidden is None
