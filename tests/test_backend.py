import pytest

from corridorkey import backend
from corridorkey.backend import choose_backend
from corridorkey.errors import BackendUnavailableError, SettingsError
from corridorkey.weights import choose_checkpoint, small_checkpoint


@pytest.fixture
def installed(monkeypatch):
    """Pretend that only these are installed."""

    def only(*names):
        monkeypatch.delenv("CORRIDORKEY_BACKEND", raising=False)
        monkeypatch.setattr(backend, "find_spec", lambda name: name if name.rpartition("_")[2] in names else None)

    return only


@pytest.mark.parametrize(
    ("flag", "variable", "apple", "chosen"),
    [
        (None, None, False, "torch"),
        (None, None, True, "mlx"),
        ("auto", "mlx", False, "torch"),
        (None, "mlx", False, "mlx"),
        ("torch", "mlx", True, "torch"),
    ],
)
def test_the_flag_then_the_variable_then_the_machine(installed, monkeypatch, flag, variable, apple, chosen):
    installed("torch", "mlx")
    monkeypatch.setattr(backend, "_apple_silicon", lambda: apple)
    if variable:
        monkeypatch.setenv("CORRIDORKEY_BACKEND", variable)
    assert choose_backend(flag) == chosen


def test_auto_takes_what_is_there(installed, monkeypatch):
    monkeypatch.setattr(backend, "_apple_silicon", lambda: True)
    installed("torch")
    assert choose_backend() == "torch"
    with pytest.raises(BackendUnavailableError, match=r"mlx cannot be used here\. Use --backend torch"):
        choose_backend("mlx")
    installed()
    with pytest.raises(BackendUnavailableError, match=r"mlx and torch.*pip install torch"):
        choose_backend()


def test_a_backend_this_version_has_no_network_for_is_said(monkeypatch):
    monkeypatch.setattr(backend, "find_spec", lambda name: None if name == "corridorkey_mlx" else name)
    with pytest.raises(BackendUnavailableError, match="Use --backend torch"):
        choose_backend("mlx")


@pytest.mark.parametrize("error", [ImportError("libtorch"), OSError("WinError 126"), AttributeError("load_keyer")])
def test_a_framework_that_does_not_load_is_no_traceback(monkeypatch, tmp_path, error):
    def broken(name):
        raise error

    monkeypatch.setattr(backend.importlib, "import_module", broken)
    with pytest.raises(BackendUnavailableError, match="does not load"):
        backend.load_keyer("torch", tmp_path / "x.safetensors")


def test_an_unknown_backend_is_refused():
    with pytest.raises(SettingsError, match="jax"):
        choose_backend("jax")


def test_auto_and_small_are_the_embedded_checkpoint(tmp_path):
    assert choose_checkpoint("auto") == choose_checkpoint("small") == small_checkpoint()
    other = tmp_path / "x.safetensors"
    other.touch()
    assert choose_checkpoint(str(other)) == other
