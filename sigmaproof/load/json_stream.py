"""JSON event files → records, read object by object so that size does not matter."""

from __future__ import annotations

import codecs
import json
import re
from typing import IO, TYPE_CHECKING, Any

import orjson

from sigmaproof.load.damage import MAX_RECORD, TOO_LONG, Damage, Records, as_event

if TYPE_CHECKING:
    from pathlib import Path

_CHUNK = 1024 * 1024
_BLANKS = re.compile(r"[ \t\r\n]*")


def read_ndjson(path: Path) -> Records:
    """One JSON object per line; blank lines are passed over."""
    number = 0
    with path.open("rb") as file:
        while line := file.readline(MAX_RECORD + 1):
            number += 1
            if len(line) > MAX_RECORD:
                yield Damage(TOO_LONG, number, "split the record")
                return
            line = line.removeprefix(codecs.BOM_UTF8) if number == 1 else line
            if line.strip():
                yield _parse_line(line, number)


def _parse_line(line: bytes, number: int) -> dict[str, Any] | Damage:
    try:
        return as_event(orjson.loads(line), number)
    except orjson.JSONDecodeError as error:
        remedy = "repair or delete the line"
        if line.strip() in (b"{", b"[", b"[{"):
            remedy = "one object per line belongs here; name the file .json if its objects span lines"
        return Damage(f"not valid JSON: {error.msg}", number, remedy)


def read_json(path: Path) -> Records:
    """One object, a list of objects, or objects one after the other."""
    with path.open("rb") as file:
        text = _Window(file)
        try:
            yield from _values(text)
        except RecursionError:
            yield Damage("JSON that is nested too deeply", text.line)
        except ValueError as error:
            yield Damage(f"not valid JSON: {error}", text.line, "repair the file, or cut it before this line")


def _values(text: _Window) -> Records:
    if text.peek() == "[":
        yield from _list(text)
        if text.peek():
            raise ValueError("text after the list")
    while text.peek():
        line = text.line
        yield as_event(text.value(), line)


def _list(text: _Window) -> Records:
    text.skip()
    if text.peek() == "]":
        text.skip()
        return
    while True:
        text.peek()
        line = text.line
        yield as_event(text.value(), line)
        if (then := text.peek()) not in ("]", ","):
            raise ValueError("a comma is missing" if then else "the list does not end")
        text.skip()
        if then == "]":
            return


class _Window:
    """The part of a JSON file that the next value needs."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        self._decoder = codecs.getincrementaldecoder("utf-8-sig")()
        self._parse = json.JSONDecoder(parse_constant=_refuse_constant).raw_decode
        self._text, self._at, self._done, self._broken = "", 0, False, False
        self.line = 1

    def peek(self) -> str:
        """The next character that is not blank; empty at the end."""
        while True:
            blanks = _BLANKS.match(self._text, self._at)
            self._step(blanks.end() if blanks else self._at)
            if self._at < len(self._text) or not self._more():
                return self._text[self._at : self._at + 1]

    def skip(self) -> None:
        """Step over one character."""
        self._step(self._at + 1)

    def value(self) -> Any:
        """The value that begins here; raises ValueError with `line` where reading failed."""
        while True:
            try:
                value, end = self._parse(self._text, self._at)
            except json.JSONDecodeError as error:
                if self._more():
                    continue
                self._step(error.pos)
                raise ValueError(error.msg) from None
            # a number at the end of the window may go on after it
            if end < len(self._text) or not self._more():
                break
        if "\\ud" in self._text[self._at : end].lower():
            orjson.loads(
                self._text[self._at : end]
            )  # refuses half a surrogate pair, which no column can hold
        self._step(end)
        return value

    def _step(self, end: int) -> None:
        self.line += self._text.count("\n", self._at, end)
        self._at = end

    def _more(self) -> bool:
        """Read on, twice as far each time, so that a long value costs linear time."""
        if self._done:
            if self._broken:
                raise ValueError("this is not UTF-8 text")
            return False
        rest = self._text[self._at :]
        if len(rest) > MAX_RECORD:
            raise ValueError(TOO_LONG)
        data = self._file.read(max(_CHUNK, len(rest)))
        self._done = not data
        self._text, self._at = rest + self._decode(data), 0
        return not self._done or self._broken

    def _decode(self, data: bytes) -> str:
        try:
            return self._decoder.decode(data, final=not data)
        except UnicodeDecodeError as error:
            self._done = self._broken = True
            good: bytes = error.object[: error.start]
            return good.decode("utf-8-sig" if good.startswith(codecs.BOM_UTF8) else "utf-8")


def _refuse_constant(name: str) -> None:
    raise ValueError(f"{name} is not JSON")
