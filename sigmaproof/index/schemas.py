"""JSON Schemas of source and index models, for editors: `python -m sigmaproof.index.schemas [FOLDER]`."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from pathlib import Path

from pydantic import BaseModel

from sigmaproof.index.model import IndexModelFile
from sigmaproof.index.sources import SourceModelFile
from sigmaproof.load.schemas import schema_text

SCHEMAS: Mapping[str, type[BaseModel]] = {
    "source.schema.json": SourceModelFile,
    "index.schema.json": IndexModelFile,
}


def write_schemas(folder: Path) -> None:
    """Write both schemas into `folder`."""
    for name, model in SCHEMAS.items():
        (folder / name).write_text(schema_text(model), encoding="utf-8")


if __name__ == "__main__":
    write_schemas(Path(sys.argv[1] if len(sys.argv) > 1 else "schemas"))
