import pytest
from hypothesis import given
from hypothesis import strategies as st

from corridorkey.errors import SettingsError
from corridorkey.media.frames import MAX_FRAMES, frames_text, parse_frames

numbers = st.integers(-(10**6), 10**6)
items = st.one_of(
    numbers.map(lambda n: (str(n), {n})),
    st.tuples(numbers, st.integers(0, 300), st.integers(1, 40), st.sampled_from(["x", ":"])).map(
        lambda t: (f"{t[0]}-{t[0] + t[1]}{t[3]}{t[2]}", set(range(t[0], t[0] + t[1] + 1, t[2])))
    ),
)


@pytest.mark.parametrize(
    ("spec", "frames"),
    [
        ("7", [7]),
        ("1001-1003", [1001, 1002, 1003]),
        ("1-10x3", [1, 4, 7, 10]),
        ("1-10:3", [1, 4, 7, 10]),
        ("1-9x3", [1, 4, 7]),
        (" 5 , 1-2 ", [1, 2, 5]),
        ("3,1-4,2", [1, 2, 3, 4]),
        ("-3--1", [-3, -2, -1]),
        ("-1-1", [-1, 0, 1]),
        ("0007", [7]),
    ],
)
def test_a_spec_names_its_frames(spec, frames):
    assert list(parse_frames(spec)) == frames


@given(st.lists(items, min_size=1, max_size=6))
def test_membership_and_iteration_agree_with_sets(parts):
    spec = parse_frames(",".join(text for text, _ in parts))
    expected = set().union(*(members for _, members in parts))
    assert list(spec) == sorted(expected)
    assert all(n in spec for n in expected)
    assert all((n in spec) == (n in expected) for n in range(min(expected) - 3, min(expected) + 50))


@given(st.lists(items, min_size=1, max_size=6))
def test_the_text_of_a_spec_reads_back_as_the_same_spec(parts):
    spec = parse_frames(",".join(text for text, _ in parts))
    assert parse_frames(str(spec)) == spec


@given(st.text(alphabet="0123456789-,x: a", max_size=12))
def test_any_text_is_either_a_spec_or_a_settings_error(text):
    try:
        spec = parse_frames(text)
    except SettingsError:
        return
    assert all(len(span) for span in spec.ranges)


@pytest.mark.parametrize(
    "spec", ["", " ", ",", "1,", "a", "1-", "1-2x", "1-2x-1", "1..5", "1-2-3", "1.5", "x2", "٣", "5x2"]
)
def test_what_is_no_spec_is_refused(spec):
    with pytest.raises(SettingsError, match="cannot read"):
        parse_frames(spec)


def test_backwards_range_says_how_to_write_it():
    with pytest.raises(SettingsError, match="10-1 runs backwards; write the lower number first"):
        parse_frames("10-1")


def test_step_zero_is_refused():
    with pytest.raises(SettingsError, match="step of 1-5x0 is 0"):
        parse_frames("1-5x0")


def test_ten_million_frames_are_the_most():
    assert MAX_FRAMES in parse_frames(f"1-{MAX_FRAMES}")
    with pytest.raises(SettingsError, match="more than 10,000,000"):
        parse_frames(f"0-{MAX_FRAMES}")
    with pytest.raises(SettingsError, match="more than 10,000,000"):
        parse_frames("1-999999999999999999")


def test_frames_text_is_compact():
    assert frames_text([1001, 1003, 1002, 1007]) == "1001-1003, 1007"
    assert frames_text([-2, -1, 4]) == "-2--1, 4"
    assert frames_text([]) == ""


def test_frames_text_counts_what_it_leaves_out():
    assert frames_text([1, 3, 5, 6], most=2) == "1, 3 and 2 more frames"
