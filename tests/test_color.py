import numpy as np

from corridorkey.color import linear_to_srgb, srgb_to_linear


def test_the_curve_has_the_standards_values():
    # IEC 61966-2-1: 18 % grey is 46.1 %, both ends are fixed, the linear toe has a slope of 12.92.
    linear = np.array([0, 0.001, 0.18, 0.5, 1], np.float32)
    expected = np.array([0, 0.01292, 0.461356, 0.735357, 1], np.float32)
    np.testing.assert_allclose(linear_to_srgb(linear), expected, atol=2e-6)


def test_round_trip_is_exact_to_float32_beyond_white_too():
    x = np.linspace(0, 8, 10_001, dtype=np.float32)
    np.testing.assert_allclose(srgb_to_linear(linear_to_srgb(x)), x, rtol=2e-6, atol=1e-7)


def test_negative_values_are_floored_and_float32_stays_float32():
    for curve in (linear_to_srgb, srgb_to_linear):
        out = curve(np.array([-1, -1e-6], np.float32))
        assert out.dtype == np.float32
        assert (out == 0).all()
