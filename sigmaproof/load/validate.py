"""A pydantic model over YAML text, with every complaint as a problem at its line."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any, TypeVar

from msgspec import Struct
from pydantic import BaseModel, ValidationError

from sigmaproof.errors import InvalidInput, Place, Problem, nearest
from sigmaproof.load.files import YAML, read_text, walk
from sigmaproof.load.yaml_text import Flavour, Lines, YamlError, read_lined

if TYPE_CHECKING:
    from pathlib import Path

    from pydantic_core import ErrorDetails

M = TypeVar("M", bound=BaseModel)
_TYPES = {
    "string_type": "must be text",
    "int_type": "must be a whole number",
    "bool_type": "must be true or false",
    "dict_type": "must be a mapping",
    "model_type": "must be a mapping",
    "list_type": "must be a list",
}
_FORMS = {
    "at": "write a span such as 0s, 30s or 1.5h",
    "every": "write a span such as 30s, 4m or 1.5h",
    "file": "name a file that ends in .evtx, .json, .ndjson, .jsonl or .txt",
    "issue": "write the address of the issue, beginning with https://",
    "language": "write a name such as eql, lucene or spl",
}


class Source(Struct, frozen=True):
    """A YAML file of one document, with its lines at hand."""

    path: Path
    code: str
    text: str
    data: Any
    lines: Lines

    def problem(self, message: str, path: tuple[str | int, ...] = (), remedy: str = "") -> Problem:
        """A problem at the line of a key path."""
        return Problem(self.code, message, Place(self.path, self.lines.line(path)), remedy)

    def line_text(self, number: int) -> str:
        """A line of the file, counted from 1; empty where there is none."""
        lines = self.text.split("\n")
        return lines[number - 1].removesuffix("\r") if 0 < number <= len(lines) else ""


def read_source(path: Path, code: str, *, empty: str) -> Source:
    """The one mapping of a YAML 1.2 file; raises InvalidInput."""
    text = read_text(path, code)
    try:
        documents, lines = read_lined(text, Flavour.CORE)
    except YamlError as error:
        place = Place(path, error.line, error.column)
        raise InvalidInput(Problem(code, f"not valid YAML: {error.message}", place, error.help)) from None
    if not documents:
        raise InvalidInput(Problem(code, "the file is empty", Place(path), empty))
    if len(documents) > 1:
        place = Place(path, documents[1].line)
        raise InvalidInput(
            Problem(code, "a second document in the file", place, "put it in a file of its own")
        )
    if not isinstance(documents[0].data, dict):
        place = Place(path, documents[0].line)
        raise InvalidInput(Problem(code, "this is not a mapping of keys", place, empty))
    return Source(path, code, text, documents[0].data, lines)


def check(model: type[M], data: Any, source: Source, at: tuple[str | int, ...] = ()) -> M | list[Problem]:
    """The model of `data`, which stands at `at` in the source; or what is wrong with it."""
    try:
        return model.model_validate(data)
    except ValidationError as error:
        found = {
            _problem(detail, model, source, at): None for detail in _most_fitting(error.errors(), source, at)
        }
        return list(found)


def read_model(path: Path, model: type[M], code: str, *, empty: str) -> tuple[Source, M]:
    """A YAML file as a model. Raises InvalidInput at the first thing that is wrong with it."""
    source = read_source(path, code, empty=empty)
    found = check(model, source.data, source)
    if isinstance(found, list):
        raise InvalidInput(found[0])
    return source, found


def models(folder: Path, model: type[M], code: str, *, empty: str) -> Iterator[tuple[Source, M]]:
    """The YAML files of a folder as models; none without the folder. Raises InvalidInput at a problem."""
    if not folder.exists():
        return
    paths, problems = walk(folder, YAML, code)
    if problems:
        raise InvalidInput(problems[0])
    for path in paths:
        yield read_model(path, model, code, empty=empty)


def _most_fitting(
    details: list[ErrorDetails], source: Source, at: tuple[str | int, ...]
) -> Iterator[ErrorDetails]:
    """One complaint per place: a value that fits no branch of a choice fails in every branch."""
    chosen: dict[tuple[str | int, ...], ErrorDetails] = {}
    for detail in sorted(details, key=lambda detail: detail["type"].endswith("_type")):
        where = _existing(detail["loc"], source, at)
        if detail["type"] in ("missing", "extra_forbidden"):
            where = (*where, detail["type"], str(detail["loc"][-1]))
        if detail["type"] != "none_required":
            chosen.setdefault(where, detail)
    for where, detail in chosen.items():
        deeper = (other for other in chosen if len(other) > len(where) and other[: len(where)] == where)
        if not (detail["type"].endswith("_type") and any(deeper)):
            yield detail


def _existing(loc: Iterable[str | int], source: Source, at: tuple[str | int, ...]) -> tuple[str | int, ...]:
    """The part of a complaint's place that is in the file: names of a choice's branches are not."""
    value, found = source.data, []
    for part in (*at, *loc):
        if isinstance(value, dict) and part not in value:
            continue
        if not isinstance(value, dict | list) or (isinstance(value, list) and not isinstance(part, int)):
            continue
        value = value[part]  # type: ignore[index]
        found.append(part)
    return tuple(found)


def _problem(
    detail: ErrorDetails, model: type[BaseModel], source: Source, at: tuple[str | int, ...]
) -> Problem:
    where = _existing(detail["loc"], source, at)
    last = str(detail["loc"][-1]) if detail["loc"] else ""
    if detail["type"] == "extra_forbidden":
        known = _known_keys(model, detail["loc"])
        message = f'unknown key "{last}"{nearest(last, known)}'
        return source.problem(message, where, f"known keys: {', '.join(known)}")
    if detail["type"] == "missing":
        return source.problem(f"`{last}` is missing", where)
    if detail["type"] == "value_error":
        return source.problem(detail["msg"].removeprefix("Value error, "), where)
    return source.problem(
        f"{_shown(where)} {_words(detail)}", where, _FORMS.get(str(where[-1]), "") if where else ""
    )


def _shown(where: tuple[str | int, ...]) -> str:
    if not where:
        return "the file"
    if isinstance(where[-1], int) and len(where) > 1:
        return f"`{where[-2]}[{where[-1] + 1}]`"
    return f"`{where[-1]}`"


def _words(detail: ErrorDetails) -> str:
    """What is wrong with a value, as the rest of a sentence that begins with its name."""
    kind, given = detail["type"], detail["input"]
    if kind == "literal_error":
        known = [word.strip("'") for word in detail["ctx"]["expected"].replace(" or ", ", ").split(", ")]
        return f'is "{given}", not one of {", ".join(known)}{nearest(str(given), known)}'
    if kind.endswith("too_short"):
        least = detail["ctx"]["min_length"]
        return "is empty" if least == 1 else f"needs at least {least} characters"
    if kind == "string_pattern_mismatch":
        return f'"{given}" has a form that is not known'
    return _TYPES.get(kind) or f"is not right: {detail['msg'][:1].lower()}{detail['msg'][1:]}"


def _known_keys(model: type[BaseModel], loc: tuple[str | int, ...]) -> list[str]:
    """The keys that are known where an unknown one stands."""
    for part in loc[:-1]:
        field = model.model_fields.get(str(part))
        inner = next(_models(field.annotation), None) if field else None
        model = inner or model
    return list(model.model_fields)


def _models(annotation: Any) -> Iterator[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for inner in getattr(annotation, "__args__", ()):
        yield from _models(inner)
