"""Event tables (CSV, Parquet) → records: a row is an event, an empty cell is an absent field."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from datetime import date, time, timedelta
from decimal import Decimal
from typing import IO, TYPE_CHECKING, Any

from sigmaproof.load.damage import MAX_RECORD, TOO_LONG, Damage, Records

if TYPE_CHECKING:
    from pathlib import Path

_ROWS = 10_000


def read_csv(path: Path) -> Records:
    """Rows under a header line; all values are text."""
    with path.open("rb") as file:
        rows = csv.DictReader(_text_lines(file), strict=True)
        try:
            for row in rows:
                yield _row(row, rows.line_num)
        except UnicodeDecodeError:
            yield Damage("this is not UTF-8 text", rows.reader.line_num + 1, "save the file as UTF-8")
        except (csv.Error, ValueError) as error:
            yield Damage(
                f"not valid CSV: {error}", rows.reader.line_num, "repair the row, or save the file again"
            )


def _text_lines(file: IO[bytes]) -> Iterator[str]:
    encoding = "utf-8-sig"
    while line := file.readline(MAX_RECORD + 1):
        if len(line) > MAX_RECORD:
            raise ValueError(TOO_LONG)
        yield line.decode(encoding)
        encoding = "utf-8"


def _row(row: dict[Any, Any], line: int) -> dict[str, Any] | Damage:
    if None in row:
        return Damage("more cells than the header has names", line, "quote cells that contain a comma")
    return {name: value for name, value in row.items() if value not in (None, "")}


def read_parquet(path: Path) -> Records:
    """Rows in file order; times become ISO text, bytes become hex digits."""
    import polars

    try:
        table = polars.scan_parquet(path, glob=False)
        for start in range(0, table.select(polars.len()).collect().item(), _ROWS):
            for row in table.slice(start, _ROWS).collect().iter_rows(named=True):
                yield {name: _plain(value) for name, value in row.items() if value is not None}
    except polars.exceptions.PolarsError as error:
        words = str(error).partition("\n")[0]
        yield Damage(f"not readable as Parquet: {words}", 0, "write the file again")


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _plain(inner) for name, inner in value.items() if inner is not None}
    if isinstance(value, list):
        return [_plain(inner) for inner in value]
    if isinstance(value, date | time):
        return value.isoformat()
    if isinstance(value, bytes):
        return value.hex()
    return str(value) if isinstance(value, Decimal | timedelta) else value
