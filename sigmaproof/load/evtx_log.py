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
_CHUNK_HEADER = 512
_COUNT_AT = 42
_RECORD = 0x00002A2A
_RECORD_LEAST = 28
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
    return Damage(f"record {number} is damaged: {message}", 0, _AGAIN)


def _source(path: Path) -> str | io.BytesIO:
    """The path; or, when its last chunk is cut, the bytes of its whole records filled up to a chunk.

    The parser passes over a chunk that is cut, and would take the filling for a part of a cut record.
    """
    size = path.stat().st_size
    rest = (size - _HEADER) % _CHUNK
    if size <= _HEADER or not rest or size > _MAX_PADDED:
        return str(path)
    data = path.read_bytes()
    end = _end_of_records(data, size - rest)
    return io.BytesIO(data[:end] + bytes(-(end - _HEADER) % _CHUNK))


def _end_of_records(data: bytes, chunk: int) -> int:
    """Where the last whole record of the chunk ends; the chunk's begin if its header is cut."""
    at = chunk + _CHUNK_HEADER
    if at > len(data):
        return chunk
    while at + 8 <= len(data):
        magic, size = struct.unpack_from("<II", data, at)
        if magic != _RECORD or size < _RECORD_LEAST or at + size > len(data):
            break
        at += size
    return at


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
