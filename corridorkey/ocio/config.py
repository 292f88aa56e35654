"""The OpenColorIO config in use, and the colour spaces in it: $OCIO, else one that is built in."""

from __future__ import annotations

import difflib
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import PurePath
from types import ModuleType
from typing import Any

from corridorkey.errors import BackendUnavailableError, SettingsError

# Pinned, so that no update of OpenColorIO changes a picture. It came with 2.4, which is our floor.
BUILT_IN = "studio-config-v2.2.0_aces-v1.3_ocio-v2.4"
SHOW = "`ck colorspaces` lists them"


@dataclass(frozen=True, eq=False)
class SpaceConfig:
    """An OpenColorIO config.

    Attributes:
        raw: OpenColorIO's own object; read by several threads.
        name: for people: the built-in config's name, or the file's, without its folder.
        id: stands for its text; not for the tables it names, which are told by `transform.identity`.
    """

    raw: Any
    name: str
    id: str

    def find(self, name: str) -> str:
        """A colour space's own name.

        Args:
            name: name, alias or role, in any case; or a part that fits one space alone: "logc4".
        Raises:
            SettingsError: there is no such space, it is not clear which is meant, or it holds data, not colour.
        """
        space = self.raw.getColorSpace(name)
        if space is None:
            return self._guess(name)
        found = str(space.getName())
        if space.isData():
            raise SettingsError(f"colour space {found!r} holds data, which is not colour; name another ({SHOW})")
        return found

    def has(self, name: str) -> str:
        """The own name of the colour space that is called exactly this, in any case; empty if there is none."""
        space = self.raw.getColorSpace(name)
        return "" if space is None or space.isData() else str(space.getName())

    def matching(self, word: str) -> list[str]:
        """The spaces with this in their name or in an alias; letters and digits alone count, in any case."""
        part = _plain(word)
        return [name for name, known in self._known.items() if any(part in text for text in known)]

    @cached_property
    def names(self) -> list[str]:
        """The colour spaces that users are shown, without those that hold data, in the config's order."""
        return list(self._known)

    @cached_property
    def linear_names(self) -> list[str]:
        """The scene-linear ones among all spaces."""
        ocio = opencolorio()
        every = self.raw.getColorSpaces(ocio.SEARCH_REFERENCE_SPACE_SCENE, ocio.COLORSPACE_ALL)
        spaces = [str(space.getName()) for space in every if not space.isData()]
        return [name for name in spaces if self._is_linear(name)]

    @cached_property
    def _known(self) -> dict[str, tuple[str, ...]]:
        """Name -> it and its aliases, letters and digits alone."""
        spaces = [space for space in self.raw.getColorSpaces() if not space.isData()]
        return {space.getName(): tuple(map(_plain, (space.getName(), *space.getAliases()))) for space in spaces}

    def _is_linear(self, name: str) -> bool:
        ocio = opencolorio()
        try:
            return bool(self.raw.isColorSpaceLinear(name, ocio.REFERENCE_SPACE_SCENE))
        except errors():  # a table that is not there
            return False

    def _guess(self, name: str) -> str:
        close = self.matching(name) if _plain(name) else []
        if len(close) == 1:
            return close[0]
        if not close:
            texts = {text: own for own, known in self._known.items() for text in known}
            alike = difflib.get_close_matches(_plain(name), texts, n=5, cutoff=0.5)
            close = list(dict.fromkeys(texts[text] for text in alike))
        which = f"; is it {' or '.join(map(repr, close[:4]))}?" if close else ""
        raise SettingsError(f"no colour space {name!r} in {self.name}{which} ({SHOW})")


def opencolorio() -> ModuleType:
    """PyOpenColorIO.

    Raises:
        BackendUnavailableError: it is not installed.
    """
    try:
        import PyOpenColorIO
    except ImportError as error:
        raise BackendUnavailableError(
            f"colour spaces other than srgb and linear need OpenColorIO, which cannot be imported ({error}); "
            'pip install "ck-mlx[color]"'
        ) from error
    module: ModuleType = PyOpenColorIO
    return module


def errors() -> tuple[type[Exception], ...]:
    """What OpenColorIO raises."""
    ocio = opencolorio()
    return ocio.Exception, ocio.ExceptionMissingFile


def is_installed() -> bool:
    """Whether OpenColorIO can be imported."""
    try:
        opencolorio()
    except BackendUnavailableError:
        return False
    return True


def current_config() -> SpaceConfig:
    """The config of $OCIO, or BUILT_IN where that is not set; read once, so that a run keeps to it while it is edited.

    Raises:
        SettingsError: $OCIO names no config that can be read.
        BackendUnavailableError: OpenColorIO is not installed.
    """
    opencolorio()
    return _read(os.environ.get("OCIO", ""))


@contextmanager
def refusing(what: str) -> Iterator[None]:
    """Turn what OpenColorIO raises in a `with` block into a SettingsError "what: reason"."""
    try:
        yield
    except errors() as error:
        raise SettingsError(f"{what}: {' '.join(str(error).split())}") from error


@cache
def _read(place: str) -> SpaceConfig:
    ocio = opencolorio()
    if not place:
        with refusing(f"OpenColorIO {ocio.__version__} lacks the config {BUILT_IN}; install 2.4 or newer"):
            return SpaceConfig(ocio.Config.CreateFromBuiltinConfig(BUILT_IN), BUILT_IN, BUILT_IN)
    with refusing(f"$OCIO: {place} cannot be read; correct it, or unset it for the built-in {BUILT_IN}"):
        raw = ocio.Config.CreateFromFile(place)
        # What follows the colon goes by the tables' places on this machine, and not by what is in them.
        return SpaceConfig(raw, PurePath(place).name, str(raw.getCacheID()).partition(":")[0])


def _plain(text: str) -> str:
    return "".join(filter(str.isalnum, text.casefold()))
