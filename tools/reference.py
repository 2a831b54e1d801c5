"""Writes docs/reference/: a page for each command, from its own help, and for each format that people write.

`make reference` runs it; a test says when a page is older than what it tells of.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import click

from sigmaproof.cli import app

ROOT = Path(__file__).parents[1]
FOLDER = ROOT / "docs" / "reference"
FORMATS = {"fixture": "fixtures/*.yml", "target": "converters/*.yml"}
_ABOUT = {
    "test": ("tutorial", "reports", "shell", "pytest", "live"),
    "convert": ("conversion",),
    "export": ("export",),
    "explain": ("correlations",),
    "query": ("how-to/hunt", "live"),
    "prove": ("proof", "modelled"),
    "mutate": ("mutation",),
    "draft": ("mutation",),
    "check": ("check",),
    "diff": ("diff", "how-to/review"),
    "conformance": ("live",),
    "init": ("tutorial",),
}
"""Command → the pages that say more."""
_MADE = "<!-- made by tools/reference.py: change that, or what it reads, and run `make reference` -->"


def pages() -> dict[Path, str]:
    """Every page's path and text."""
    context = click.Context(app, info_name="sigmaproof")
    names = app.list_commands(context)
    made = {FOLDER / "commands.md": _overview(context, names)}
    for name in names:
        command = app.get_command(context, name)
        assert command is not None
        made[FOLDER / f"{name}.md"] = _text(_command(name, command, context))
    for name, where in FORMATS.items():
        schema = json.loads((ROOT / "schemas" / f"{name}.schema.json").read_text(encoding="utf-8"))
        made[FOLDER / f"{name}-format.md"] = _text(_format(name, where, schema))
    return made


def _text(lines: Iterator[str]) -> str:
    return "\n".join((_MADE, "", *lines)) + "\n"


def _overview(context: click.Context, names: list[str]) -> str:
    def lines() -> Iterator[str]:
        yield from ("# Commands", "", "| | |", "|--|--|")
        for name in names:
            command = app.get_command(context, name)
            assert command is not None
            yield f"| [`sigmaproof {name}`]({name}.md) | {command.get_short_help_str(200)} |"
        yield ""
        yield "The product goes to stdout, the rest to stderr; `NO_COLOR` and `FORCE_COLOR` are obeyed."

    return _text(lines())


def _command(name: str, command: click.Command, above: click.Context) -> Iterator[str]:
    context = click.Context(command, info_name=name, parent=above)
    usage = " ".join(command.collect_usage_pieces(context))
    yield from (f"# sigmaproof {name}", "", "```text", f"sigmaproof {name} {usage}", "```", "")
    yield from (" ".join(part.split()) + "\n" for part in (command.help or "").split("\n\n"))
    yield from ("## Options", "", "| option | |", "|--|--|")
    for option in command.params:
        record = option.get_help_record(context)
        if record and isinstance(option, click.Option):
            yield f"| `{_cell(record[0])}` | {_cell(record[1])} |"
    yield from ("", "## Exit codes", "", "| | |", "|--|--|")
    for code, what in re.findall(r"(\d) ([^;]+?)[;.](?= |$)", (command.epilog or "").partition(": ")[2]):
        yield f"| {code} | {what} |"
    if more := _ABOUT.get(name):
        links = (f"[{_title(page)}](../{page}.md)" for page in more)
        yield from ("", f"More: {', '.join(links)}.")


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")


def _title(page: str) -> str:
    text = (ROOT / "docs" / f"{page}.md").read_text(encoding="utf-8")
    return re.search(r"^# (.+)$", text, re.MULTILINE)[1].replace("`", "")  # type: ignore[index]


def _format(name: str, where: str, schema: Mapping[str, Any]) -> Iterator[str]:
    yield from (f"# Format: {name}", "", f"`{where}`. {schema['description']}", "")
    yield from (
        f"Editors complete and check it with `schemas/{name}.schema.json`. Unknown keys are errors.",
        "",
    )
    required = schema.get("required", ())
    if alternatives := [one["required"][0] for one in schema.get("anyOf", ()) if "required" in one]:
        yield from (f"At least one of {', '.join(f'`{one}`' for one in alternatives)} is there.", "")
    yield from _table(schema["properties"], required)
    for part, inner in schema.get("$defs", {}).items():
        yield from ("", f"## {_part(part)}", "", inner.get("description", ""), "")
        if one_of := [one["required"][0] for one in inner.get("oneOf", ()) if "required" in one]:
            yield from (f"Exactly one of {', '.join(f'`{one}`' for one in one_of)} is there.", "")
        yield from _table(inner["properties"], inner.get("required", ()))


def _table(properties: Mapping[str, Any], required: Any) -> Iterator[str]:
    yield from ("| key | value | |", "|--|--|--|")
    for key, value in properties.items():
        told = [value.get("description", "").strip()]
        if key in required:
            told.insert(0, "**Required.**")
        if value.get("default") not in (None, "", [], {}):
            told.append(f"Default: `{json.dumps(value['default'])}`.")
        yield f"| `{key}` | {_cell(_kind(value))} | {_cell(' '.join(one for one in told if one))} |"


def _kind(value: Mapping[str, Any]) -> str:
    """What a value may be, in a few words."""
    if "$ref" in value:
        part = _part(value["$ref"].rpartition("/")[2])
        return f"[{part}](#{part.lower()})"
    if "enum" in value:
        return " or ".join(f"`{one}`" for one in value["enum"])
    if "const" in value:
        return f"`{value['const']}`"
    if "anyOf" in value:
        return " or ".join(_kind(one) for one in value["anyOf"])
    match value.get("type"):
        case "array":
            return f"list of {_kind(value['items'])}"
        case "object":
            inner = value.get("additionalProperties")
            return f"map to {_kind(inner)}" if isinstance(inner, dict) else "map"
        case None:
            return "anything"
        case kind:
            form = {"date-time": "time", "uri": "URL"}.get(value.get("format", ""))
            return form or {"string": "text", "boolean": "`true` or `false`"}.get(kind, kind)


def _part(name: str) -> str:
    return name.removesuffix("Model")


def main() -> None:
    """Writes the pages, and removes those of commands that are no more."""
    made = pages()
    FOLDER.mkdir(exist_ok=True)
    for old in set(FOLDER.glob("*.md")) - set(made):
        old.unlink()
    for path, text in made.items():
        path.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
