"""Movies and picture folders that were dropped somewhere, moved into shots. Nothing is copied, replaced or deleted."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from corridorkey.clips.find import ALPHA_HINT, INPUT, MARKS, NOT_SHOTS, has_marks, is_shot, shots_in
from corridorkey.clips.listing import Listing, list_folder
from corridorkey.errors import FrameWriteError, MediaError
from corridorkey.media.output import FOLDERS
from corridorkey.media.sequence import find_sequence


@dataclass(frozen=True, slots=True)
class Move:
    """A dropped movie or folder, and where it is to be: the new shot's Input."""

    source: Path
    target: Path
    frames: int | None = None
    """How many pictures the folder holds; None for a movie."""

    @property
    def shot(self) -> Path:
        """The new shot's folder."""
        return self.target.parent


@dataclass(frozen=True, slots=True)
class Plan:
    """What would be moved, and what is left where it is, with the reason."""

    moves: tuple[Move, ...] = ()
    refused: tuple[str, ...] = ()


def plan_shots(path: Path) -> Plan:
    """Find what lies loose directly in a folder and could be shots. Nothing is changed.

    Movies become NAME/Input.mov, and folders of pictures NAME/Input/. A folder that is a shot itself, or one of
    loose pictures, holds nothing to organise.

    Raises:
        MediaError: the folder cannot be read.
    """
    root = path.resolve()
    there = list_folder(root)
    if there.named(INPUT) or (is_shot(there) and has_marks(there)):
        return Plan()
    moves: dict[Path, Move] = {}
    refused: list[str] = []
    for move in (*_movies(there), *_picture_folders(there)):
        if isinstance(move, str):
            refused.append(move)
        elif reason := _hindrance(move, moves):
            refused.append(f"{move.source.name}: {reason}")
        else:
            moves[_folded(move.shot)] = move
    return Plan(tuple(moves.values()), tuple(refused))


def organise(plan: Plan) -> Iterator[Move]:
    """Carry a plan out: make each shot's folder and an empty AlphaHint, and rename the footage into it.

    Yields:
        Each move, once it is done.
    Raises:
        FrameWriteError: a move failed; it was undone, those before it stay, and the message says which are which.
    """
    for at, move in enumerate(plan.moves):
        try:
            _carry_out(move)
        except OSError as error:
            done, left = (_names(part) for part in (plan.moves[:at], plan.moves[at + 1 :]))
            raise FrameWriteError(
                f"{move.source}: cannot be moved to {move.target}: {error.strerror or error}; it is where it was. "
                f"Moved before it: {done}. Not moved: {left}. Run this again once that is mended."
            ) from error
        yield move


def _names(moves: tuple[Move, ...]) -> str:
    return ", ".join(move.source.name for move in moves) or "nothing"


def _movies(there: Listing) -> Iterator[Move]:
    reserved = {mark.casefold() for mark in MARKS}
    for path in there.movies:
        if path.stem.casefold() not in reserved:
            yield Move(path, path.parent / path.stem / f"{INPUT}{path.suffix}")


def _picture_folders(there: Listing) -> Iterator[Move | str]:
    reserved = {name.casefold() for name in (*MARKS, *NOT_SHOTS, *(name for name, _ in FOLDERS.values()))}
    for path in there.folders:
        if path.name.casefold() in reserved:
            continue
        try:
            if list_folder(path).has_pictures and not shots_in(path):
                yield Move(path, path / INPUT, len(find_sequence(path)))
        except MediaError as error:
            yield str(error)


def _hindrance(move: Move, others: dict[Path, Move]) -> str:
    if move.source.is_symlink():
        return "is a link, and those are not moved; make the shot's folder yourself"
    if other := others.get(_folded(move.shot)):
        return f"{other.source.name} becomes the shot {move.shot.name} already; rename one of them"
    if move.source != move.shot and _is_there(move.shot):
        return f"there is a {move.shot.name} already; rename one of them"
    return ""


def _folded(path: Path) -> Path:
    return path.with_name(path.name.casefold())


def _is_there(path: Path) -> bool:
    return path.exists() or path.is_symlink()


def _carry_out(move: Move) -> None:
    undo: list[Callable[[], object]] = []
    try:
        source = move.source
        if source == move.shot:
            source = _aside(move.source)
            _rename(move.source, source, undo)
        move.shot.mkdir()  # fails where there is one: what is renamed into it below replaces nothing
        undo.append(move.shot.rmdir)
        _rename(source, move.target, undo)
        for mark in (path for name in MARKS for path in _marks(move.target, name)):
            _rename(mark, move.shot / mark.name, undo)
        if not _marks(move.shot, ALPHA_HINT):
            (move.shot / ALPHA_HINT).mkdir()
    except BaseException:
        _take_back(move, undo)
        raise


def _take_back(move: Move, undo: list[Callable[[], object]]) -> None:
    try:
        for step in reversed(undo):
            step()
    except OSError as error:
        raise FrameWriteError(
            f"{move.source}: neither moved whole nor moved back: {error.strerror or error}. Nothing is lost: look in "
            f"{move.shot} and {_aside(move.shot)}"
        ) from error


def _rename(source: Path, target: Path, undo: list[Callable[[], object]]) -> None:
    if _is_there(target):
        raise FileExistsError(0, f"{target} is there already")

    def back() -> None:
        if _is_there(target) and not _is_there(source):
            target.rename(source)

    undo.append(back)  # first: an interrupt may come right after the renaming
    source.rename(target)


def _aside(folder: Path) -> Path:
    """A name beside a folder, for the moment in which it becomes its own sub-folder."""
    return folder.with_name(f"{folder.name}.becoming-a-shot")


def _marks(folder: Path, name: str) -> list[Path]:
    return list_folder(folder).named(name) if folder.is_dir() else []
