"""What every test of movies needs."""

import pytest


@pytest.fixture(autouse=True)
def quiet_encoders(monkeypatch):
    """SVT-AV1 writes to the terminal unless told not to."""
    monkeypatch.setenv("SVT_LOG", "0")
