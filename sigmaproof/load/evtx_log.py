"""Windows event logs (.evtx) → records, also from a log that ends too early.

Layout: https://github.com/libyal/libevtx/blob/main/documentation/Windows%20XML%20Event%20Log%20(EVTX).asciidoc
"""

from __future__ import annotations

import io
import struct
from typing import TYPE_CHECKING, Any

import orjson

from sigmaproof.load.damage import Damage, Records, as_event

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_HEADER = 4096
_CHUNK = 65536
_COUNT_AT = 42
_MAX_PADDED = 256 * 1024 * 1024
_AGAIN = "export the log again, from Event Viewer or with wevtutil epl"


def read_evtx(path: Path) -> Records:
    """The records in file order; damaged ones are counted from 1, and a missing end is told last."""
    number = 0
    for number, found in enumerate(_records(_source(path)), start=1):
        yield _damaged(found, number) if isinstance(found, str) else found
    if missing := _missing(path):
        yield Damage(f"the log is cut off after {number} records: {missing}", 0, _AGAIN)


def _damaged(message: str, number: int) -> Damage:
    if number == 1 and "header" in message:
        return Damage(f"not a readable event log: {message}", 0, _AGAIN)
    return Damage(f"record {number} is damaged: {message}", 0, f"{_AGAIN}; the other records are used")


def _source(path: Path) -> str | io.BytesIO:
    """The path, or the file's bytes filled up to a whole chunk: the parser skips a chunk that is cut."""
    size = path.stat().st_size
    rest = (size - _HEADER) % _CHUNK
    if size <= _HEADER or not rest or size > _MAX_PADDED:
        return str(path)
    return io.BytesIO(path.read_bytes() + bytes(_CHUNK - rest))


def _records(source: str | io.BytesIO) -> Iterator[dict[str, Any] | Damage | str]:
    """Events, or the parser's words where one should be."""
    from evtx import PyEvtxParser

    try:
        records = iter(PyEvtxParser(source, number_of_threads=1).records_json())
    except (OSError, RuntimeError, ValueError) as error:
        yield _words(error)
        return
    while True:
        try:
            record = next(records, None)
            if record is None:
                return
            yield as_event(orjson.loads(record["data"]), 0)
        except (OSError, RuntimeError, ValueError) as error:
            yield _words(error)
        except BaseException as error:
            # a panic of the Rust parser is no Exception, and must not end the reading of other files
            if type(error).__name__ != "PanicException":
                raise
            yield _words(error)
            return


def _words(error: BaseException) -> str:
    return " ".join(str(error).split()).rpartition("deserialize evtx stream.: ")[2]


def _missing(path: Path) -> str:
    """What a log's own header says is absent, in words; empty when all is there."""
    with path.open("rb") as file:
        header = file.read(_HEADER)
    size = path.stat().st_size
    if len(header) < _HEADER or not header.startswith(b"ElfFile\0"):
        return ""
    (wanted,) = struct.unpack_from("<H", header, _COUNT_AT)
    whole, rest = divmod(size - _HEADER, _CHUNK)
    if rest:
        return f"its chunk {whole + 1} ends after {rest} of {_CHUNK} bytes"
    return f"{whole} of {wanted} chunks are there" if whole < wanted else ""
