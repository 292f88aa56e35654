import sys

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


def on(monkeypatch, platform, apple=False):
    monkeypatch.setattr(backend.sys, "platform", platform)
    monkeypatch.setattr(backend, "_apple_silicon", lambda: apple)


def test_auto_takes_what_is_there(installed, monkeypatch, caplog):
    on(monkeypatch, "darwin", apple=True)
    installed("torch")
    assert choose_backend() == "torch"
    installed("mlx")
    assert choose_backend() == "mlx"
    assert not caplog.records


def test_auto_without_torch_keys_with_mlx_and_says_why_and_how_to_get_torch(installed, monkeypatch, caplog):
    on(monkeypatch, "linux")
    installed("mlx")
    assert choose_backend() == "mlx"
    (notice,) = caplog.records
    assert notice.levelname == "WARNING"
    assert "slow" in notice.getMessage()
    assert f'torch is not installed. Run: "{sys.executable}" -m pip install torch' in notice.getMessage()


def test_mlx_as_asked_for_is_no_reason_for_a_notice(installed, monkeypatch, caplog):
    on(monkeypatch, "linux")
    installed("mlx")
    assert choose_backend("mlx") == "mlx"
    installed("mlx", "torch")
    assert choose_backend("auto") == "torch"
    assert not caplog.records


@pytest.mark.parametrize(
    ("platform", "apple", "line"),
    [
        ("linux", False, 'With glibc 2.35 or newer, run: "{}" -m pip install "mlx[cpu]". Or use --backend torch.'),
        ("darwin", True, 'Run: "{}" -m pip install mlx. Or use --backend torch.'),
        ("win32", False, "it is made for Apple Silicon and Linux. Or use --backend torch."),
        ("darwin", False, "it is made for Apple Silicon and Linux. Or use --backend torch."),
    ],
)
def test_mlx_that_is_missing_is_named_with_this_platforms_line(installed, monkeypatch, platform, apple, line):
    on(monkeypatch, platform, apple)
    installed("torch")
    with pytest.raises(BackendUnavailableError) as raised:
        choose_backend("mlx")
    assert str(raised.value).startswith("mlx is not installed")
    assert str(raised.value).endswith(line.format(sys.executable))
    assert raised.value.exit_code == 4


@pytest.mark.parametrize(("platform", "apple", "first"), [("linux", False, "torch"), ("darwin", True, "mlx")])
def test_no_backend_names_both_lines_and_this_machines_own_first(installed, monkeypatch, platform, apple, first):
    on(monkeypatch, platform, apple)
    installed()
    with pytest.raises(BackendUnavailableError) as raised:
        choose_backend()
    assert str(raised.value).startswith(f'{first} is not installed. Run: "{sys.executable}" -m pip install {first}')
    assert "pip install torch" in str(raised.value)
    assert "mlx" in str(raised.value)
    with pytest.raises(BackendUnavailableError, match=r"^mlx is not installed"):
        choose_backend("mlx")


def test_a_backend_whose_network_is_not_here_is_said(monkeypatch):
    monkeypatch.setattr(backend, "find_spec", lambda name: None if name == "corridorkey_mlx" else name)
    with pytest.raises(
        BackendUnavailableError, match=r"corridorkey_mlx is not installed.*ck-mlx\. Or.*--backend torch"
    ):
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
