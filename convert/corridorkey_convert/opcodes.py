"""A pickle's opcodes, interpreted: plain values are built, everything else is asked of `Builder` or refused.

Pickle is a small program. Python's own machine imports what the program names and calls it; this one knows only the
opcodes that Python writes for plain data, imports nothing and calls nothing but the builder's three methods.

Source: the opcodes' meaning as in Python's pickletools.
"""

from __future__ import annotations

import pickletools
import struct
from collections import OrderedDict
from collections.abc import Callable
from typing import Any, NoReturn, Protocol

OPCODES = 1_000_000  # at most; the released file needs about 20 000
STACK = 200_000
MARKS = 1_000
LARGEST_INT_KEY = 1 << 40  # larger ones can be chosen so that a dict becomes slow,
LONGEST_KEY = 4_096  # and so can long texts that are equal
LONGEST_NUMBER = 4_096  # bytes; to add to one of millions takes a while, and a tensor's place is added to at each use


class Refused(Exception):
    """The pickle is malformed or asks for something no weights file needs; says what, without the file's name."""


class Builder(Protocol):
    """What a pickle's names stand for."""

    def find(self, name: str) -> object:
        """What stands for a global such as `collections.OrderedDict`; raises Refused for all that are not known."""

    def call(self, function: object, arguments: tuple[Any, ...]) -> object:
        """What `function`, found before, makes of its arguments; raises Refused."""

    def load(self, reference: object) -> object:
        """What lies outside of the pickle under a persistent id; raises Refused."""


def interpret(program: bytes, builder: Builder) -> object:
    """The value that a pickle describes.

    Args:
        program: a pickle of protocol 2 to 5.
        builder: stands for everything that is no plain value.
    Returns:
        dict, list, tuple, str, bytes, int, float, bool, None, or what the builder made.
    Raises:
        Refused: malformed, or it asks for what the builder does not know.
    """
    return _Machine(program, builder).run()


class _Machine:
    def __init__(self, program: bytes, builder: Builder) -> None:
        self.program, self.at, self.builder = program, 0, builder
        self.stack: list[Any] = []
        self.marks: list[int] = []
        self.memo: dict[int, Any] = {}

    def run(self) -> object:
        for _ in range(OPCODES):
            code = self.take(1)[0]
            if code == ord("."):
                return self.pop()
            step = _STEPS.get(code)
            if step is None:
                self.refuse(code)
            step(self)
            if len(self.stack) > STACK or len(self.marks) > MARKS:
                raise Refused("its pickle is nested too deeply or holds too much")
        raise Refused("its pickle is longer than a weights file needs")

    def refuse(self, code: int) -> NoReturn:
        if code == ord("i"):  # INST calls what it names
            self.builder.find(f"{self.line()}.{self.line()}")
        known = _OPCODE_NAMES.get(code)
        raise Refused(f"its pickle uses {known or f'the unknown opcode {code:#04x}'}, which no weights need")

    # Bytes of the program

    def take(self, count: int) -> bytes:
        taken = self.program[self.at : self.at + count]
        if len(taken) != count:
            raise Refused("its pickle is cut short")
        self.at += count
        return taken

    def number(self, form: str) -> Any:
        return struct.unpack(form, self.take(struct.calcsize(form)))[0]

    def line(self) -> str:
        end = self.program.find(b"\n", self.at)
        if end < 0:
            raise Refused("its pickle is cut short")
        return self.text(end - self.at, skip=1)

    def text(self, count: int, skip: int = 0) -> str:
        raw = self.take(count)
        self.take(skip)
        try:
            return raw.decode("utf-8", "surrogatepass")
        except UnicodeDecodeError:
            raise Refused("its pickle holds a text that is not UTF-8") from None

    # The stack

    def push(self, value: object) -> None:
        self.stack.append(value)

    def pop(self) -> Any:
        if len(self.stack) <= (self.marks[-1] if self.marks else 0):
            raise Refused("its pickle takes a value that is not there")
        return self.stack.pop()

    def popped(self, count: int) -> tuple[Any, ...]:
        return tuple(self.pop() for _ in range(count))[::-1]

    def since_mark(self) -> list[Any]:
        if not self.marks:
            raise Refused("its pickle ends a group that was not begun")
        start = self.marks.pop()
        group = self.stack[start:]
        del self.stack[start:]
        return group

    def top(self, kind: type) -> Any:
        if len(self.stack) <= (self.marks[-1] if self.marks else 0) or not isinstance(self.stack[-1], kind):
            raise Refused(f"its pickle fills a {kind.__name__} that is not there")
        return self.stack[-1]

    # Steps that are more than a line

    def memoise(self, index: int) -> None:
        if not self.stack:
            raise Refused("its pickle remembers a value that is not there")
        self.memo[index] = self.stack[-1]

    def recall(self, index: int) -> None:
        if index not in self.memo:
            raise Refused("its pickle recalls what it never remembered")
        self.push(self.memo[index])

    def mark(self) -> None:
        self.marks.append(len(self.stack))

    def set_items(self, flat: list[Any]) -> None:
        target = self.top(dict)
        if len(flat) % 2:
            raise Refused("its pickle has a key without a value")
        for key, value in zip(flat[::2], flat[1::2], strict=True):
            if not _may_be_key(key):
                raise Refused(f"its pickle has a {type(key).__name__} as a key, or one that is too large")
            target[key] = value

    def append(self, values: list[Any]) -> None:
        self.top(list).extend(values)

    def whole(self, count: int) -> None:
        if not 0 <= count <= LONGEST_NUMBER:
            raise Refused("its pickle is malformed, or has a number larger than any weights need")
        self.push(int.from_bytes(self.take(count), "little", signed=True))

    def find(self, module: object, name: object) -> None:
        if not isinstance(module, str) or not isinstance(name, str):
            raise Refused("its pickle asks for a name that is no text")
        self.push(self.builder.find(f"{module}.{name}"))

    def reduce(self) -> None:
        function, arguments = self.popped(2)
        if not isinstance(arguments, tuple):
            raise Refused("its pickle calls with no arguments")
        self.push(self.builder.call(function, arguments))

    def build(self) -> None:
        # A state dict carries its modules' versions as an attribute; nothing here has attributes.
        state = self.pop()
        if not isinstance(state, dict) or not isinstance(self.top(object), OrderedDict):
            raise Refused("its pickle sets an object's state")


_OPCODE_NAMES = {ord(op.code): op.name for op in pickletools.opcodes}
_Step = Callable[[_Machine], None]
_NAMED: dict[str, _Step] = {
    "PROTO": lambda m: _check_protocol(m.number("<B")),
    "FRAME": lambda m: m.number("<Q"),
    "MARK": _Machine.mark,
    "NONE": lambda m: m.push(None),
    "NEWTRUE": lambda m: m.push(True),
    "NEWFALSE": lambda m: m.push(False),
    "BININT": lambda m: m.push(m.number("<i")),
    "BININT1": lambda m: m.push(m.number("<B")),
    "BININT2": lambda m: m.push(m.number("<H")),
    "LONG1": lambda m: m.whole(m.number("<B")),
    "LONG4": lambda m: m.whole(m.number("<i")),
    "BINFLOAT": lambda m: m.push(m.number(">d")),
    "BINUNICODE": lambda m: m.push(m.text(m.number("<I"))),
    "SHORT_BINUNICODE": lambda m: m.push(m.text(m.number("<B"))),
    "BINUNICODE8": lambda m: m.push(m.text(m.number("<Q"))),
    "BINBYTES": lambda m: m.push(m.take(m.number("<I"))),
    "SHORT_BINBYTES": lambda m: m.push(m.take(m.number("<B"))),
    "BINBYTES8": lambda m: m.push(m.take(m.number("<Q"))),
    "EMPTY_TUPLE": lambda m: m.push(()),
    "TUPLE": lambda m: m.push(tuple(m.since_mark())),
    "TUPLE1": lambda m: m.push(m.popped(1)),
    "TUPLE2": lambda m: m.push(m.popped(2)),
    "TUPLE3": lambda m: m.push(m.popped(3)),
    "EMPTY_LIST": lambda m: m.push([]),
    "APPEND": lambda m: m.append([m.pop()]),
    "APPENDS": lambda m: m.append(m.since_mark()),
    "EMPTY_DICT": lambda m: m.push({}),
    "SETITEM": lambda m: m.set_items(list(m.popped(2))),
    "SETITEMS": lambda m: m.set_items(m.since_mark()),
    "BINPUT": lambda m: m.memoise(m.number("<B")),
    "LONG_BINPUT": lambda m: m.memoise(m.number("<I")),
    "MEMOIZE": lambda m: m.memoise(len(m.memo)),
    "BINGET": lambda m: m.recall(m.number("<B")),
    "LONG_BINGET": lambda m: m.recall(m.number("<I")),
    "GLOBAL": lambda m: m.find(m.line(), m.line()),
    "STACK_GLOBAL": lambda m: m.find(*m.popped(2)),
    "REDUCE": _Machine.reduce,
    "BUILD": _Machine.build,
    "BINPERSID": lambda m: m.push(m.builder.load(m.pop())),
}
_STEPS: dict[int, _Step] = {ord(op.code): _NAMED[op.name] for op in pickletools.opcodes if op.name in _NAMED}


def _may_be_key(key: object) -> bool:
    if isinstance(key, str | bytes):
        return len(key) <= LONGEST_KEY
    return key is None or (isinstance(key, int) and abs(key) <= LARGEST_INT_KEY)


def _check_protocol(version: int) -> None:
    if version > 5:
        raise Refused(f"its pickle has protocol {version}, newer than any weights file's")
