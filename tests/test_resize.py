import numpy as np

from corridorkey.resize import resize_bilinear, resize_lanczos


def test_constant_pictures_stay_constant():
    x = np.full((37, 53, 3), 0.3, np.float32)
    for resize in (resize_bilinear, resize_lanczos):
        np.testing.assert_allclose(resize(x, (64, 20)), 0.3, atol=1e-6)


def test_shrinking_averages_what_it_covers():
    stripes = np.zeros((64, 64), np.float32)
    stripes[:, ::2] = 1
    small = resize_bilinear(stripes, (16, 16))
    np.testing.assert_allclose(small[4:-4, 4:-4], 0.5, atol=0.02)  # without antialias it would be 0 or 1


def test_growing_is_half_pixel_bilinear():
    np.testing.assert_allclose(resize_bilinear(np.array([[0, 1]], np.float32), (1, 4)), [[0, 0.25, 0.75, 1]])


def test_same_size_is_the_same_picture_and_the_channel_axis_survives():
    x = np.random.default_rng(1).random((9, 7, 1), np.float32)
    assert resize_bilinear(x, (9, 7)) is x
    assert resize_lanczos(x, (18, 14)).shape == (18, 14, 1)
