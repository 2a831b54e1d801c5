"""JSON Schemas of the written formats, for editors: `python -m sigmaproof.load.schemas [FOLDER]`."""

from __future__ import annotations

import ast
import inspect
import json
import sys
from itertools import pairwise
from pathlib import Path
from textwrap import dedent
from typing import TYPE_CHECKING, Any

from sigmaproof.load.formats import FixtureModel, Model, TargetModel

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pydantic import BaseModel

DIALECT = "https://json-schema.org/draft/2020-12/schema"
SCHEMAS: Mapping[str, type[BaseModel]] = {
    "fixture.schema.json": FixtureModel,
    "target.schema.json": TargetModel,
}


def schema_text(model: type[BaseModel]) -> str:
    """The model's JSON Schema as its file holds it."""
    written = model.model_json_schema()
    _describe(model, written)
    for used in Model.__subclasses__():
        _describe(used, written.get("$defs", {}).get(used.__name__, {}))
    schema = {"$schema": DIALECT, **_tidy(written)}
    return json.dumps(schema, indent=2, ensure_ascii=False) + "\n"


def _describe(model: type[BaseModel], schema: dict[str, Any]) -> None:
    """Adds what the class says of each attribute.

    pydantic would do so itself, but for every class at every start, and reading sources is slow.
    """
    if not schema:
        return
    [body] = ast.parse(dedent(inspect.getsource(model))).body
    for attribute, below in pairwise(body.body if isinstance(body, ast.ClassDef) else ()):
        match attribute, below:
            case ast.AnnAssign(target=ast.Name(id=name)), ast.Expr(value=ast.Constant(value=str(text))):
                schema["properties"][name]["description"] = inspect.cleandoc(text)


def _tidy(schema: Any) -> Any:
    """Without the titles that pydantic derives from names, and without defaults that mean "not written"."""
    if isinstance(schema, list):
        return [_tidy(part) for part in schema]
    if not isinstance(schema, dict):
        return schema
    properties = schema.get("properties")
    found = {key: _tidy(part) for key, part in schema.items() if not _noise(key, part)}
    if isinstance(properties, dict):
        found["properties"] = {name: _tidy(part) for name, part in properties.items()}
    return found


def _noise(key: str, part: Any) -> bool:
    return (key == "title" and isinstance(part, str) and part[:1].isupper()) or (
        key == "default" and part is None
    )


def write_schemas(folder: Path) -> None:
    """Write every schema into `folder`."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, model in SCHEMAS.items():
        (folder / name).write_text(schema_text(model), encoding="utf-8")


if __name__ == "__main__":
    write_schemas(Path(sys.argv[1] if len(sys.argv) > 1 else "schemas"))
