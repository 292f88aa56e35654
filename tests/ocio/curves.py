"""The makers' published curves, code value to scene-linear, in float64: numbers from outside OpenColorIO."""

import numpy as np


def logc3(x):  # ARRI, EI 800
    return np.where(
        x > 5.367655 * 0.010591 + 0.092809,
        (10 ** ((x - 0.385537) / 0.24719) - 0.052272) / 5.555556,
        (x - 0.092809) / 5.367655,
    )


def logc4(x):  # ARRI LogC4 specification
    a, b, c = (2**18 - 16) / 117.45, (1023 - 95) / 1023, 95 / 1023
    s = 7 * np.log(2) * 2 ** (7 - 14 * c / b) / (a * b)
    t = (2 ** (14 * (-c / b) + 6) - 64) / a
    return np.where(x < 0, x * s + t, (2 ** (14 * (x - c) / b + 6) - 64) / a)


def slog3(x):  # Sony, technical summary for S-Gamut3.Cine/S-Log3
    low = (x * 1023 - 95) * 0.01125 / (171.2102946929 - 95)
    return np.where(x >= 171.2102946929 / 1023, 10 ** ((x * 1023 - 420) / 261.5) * 0.19 - 0.01, low)


def vlog(x):  # Panasonic V-Log/V-Gamut reference manual
    return np.where(x < 0.181, (x - 0.125) / 5.6, 10 ** ((x - 0.598206) / 0.241514) - 0.00873)


def log3g10(x):  # RED white paper on Log3G10, version 3
    return np.where(x < 0, x / 15.1927, (10 ** (np.maximum(x, 0) / 0.224282) - 1) / 155.975327) - 0.01


def acescct(x):  # S-2016-001
    return np.where(x <= 0.155251141552511, (x - 0.0729055341958355) / 10.5402377416545, 2 ** (x * 17.52 - 9.72))


# space -> its curve, the code value of 18 % grey that its maker gives, and the linear space of its primaries
PUBLISHED = {
    "ARRI LogC3 (EI800)": (logc3, 0.391, "Linear ARRI Wide Gamut 3"),
    "ARRI LogC4": (logc4, 0.2784, "Linear ARRI Wide Gamut 4"),
    "S-Log3 S-Gamut3": (slog3, 420 / 1023, "Linear S-Gamut3"),
    "S-Log3 S-Gamut3.Cine": (slog3, 420 / 1023, "Linear S-Gamut3.Cine"),
    "V-Log V-Gamut": (vlog, 433 / 1023, "Linear V-Gamut"),
    "Log3G10 REDWideGamutRGB": (log3g10, 1 / 3, "Linear REDWideGamutRGB"),
    "ACEScct": (acescct, 0.4135884, "ACEScg"),
}
