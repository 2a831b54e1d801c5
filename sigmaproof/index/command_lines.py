"""Command lines as indexing pipelines take them apart."""

from __future__ import annotations

import re
from collections.abc import Iterator

_SLASHES = re.compile(r'(\\*)("?)')
_PLAIN = re.compile(r'[^ \t"\\]+')
_QUOTED = re.compile(r'[^"\\]+')
_NOT_BLANK = "\x85\xa0\u2007\u202f"
"""What Python calls a blank and Java does not."""
_DETAIL = re.compile(r"(.+)\((.+)\):\s*(.+)?")
_BINDING = re.compile(r"name=(.+);\s*value=(.+)")


def windows_args(line: str) -> list[str]:
    """The arguments by the rules of the Microsoft C runtime before 2008.

    Blanks and tabs separate; quotes group; 2n backslashes before a quote are n backslashes, 2n+1 are n and a
    plain quote; a doubled quote inside quotes is one plain quote and ends the quoted part. The program's name
    is no exception, as it is in CommandLineToArgvW. Elastic's Sysmon and PowerShell pipelines do this:
    https://www.elastic.co/docs/reference/beats/winlogbeat/winlogbeat-module-sysmon
    https://daviddeley.com/autohotkey/parameters/parameters.htm#WINARGV
    """
    found, at = [], 0
    while at < len(line):
        if line[at] in " \t":
            at += 1
        else:
            argument, at = _next_argument(line, at)
            found.append(argument)
    return found


def _next_argument(line: str, at: int) -> tuple[str, int]:
    """The argument that begins there, and where reading goes on."""
    parts: list[str] = []
    quoted = False
    while at < len(line):
        plain = (_QUOTED if quoted else _PLAIN).match(line, at)
        if plain:
            parts.append(plain[0])
            at = plain.end()
            continue
        run = _SLASHES.match(line, at)
        slashes, quote = (len(run[1]), run[2]) if run else (0, "")
        if not slashes and not quote:
            return "".join(parts), at + 1
        if not quote:
            parts.append("\\" * slashes)
            at += slashes
            continue
        at += slashes + 1
        doubled = quoted and slashes % 2 == 0 and line[at : at + 1] == '"'
        parts.append("\\" * (slashes // 2) + ('"' if slashes % 2 or doubled else ""))
        at += doubled
        quoted ^= slashes % 2 == 0
    return "".join(parts), at


def quoted_words(line: str) -> list[str]:
    """The words between blanks outside of quotes, quotes kept, an empty word between two blanks.

    This is what Elastic's Security pipeline does to the command line of event 4688.
    """
    return list(_quoted_words(line))


def _quoted_words(line: str) -> Iterator[str]:
    start, quoted = 0, False
    for at, char in enumerate(line):
        quoted ^= char == '"'
        if char.isspace() and char not in _NOT_BLANK and not quoted:
            yield line[start:at]
            start = at + 1
    if line:
        yield line[start:]


def invocation_details(payload: str) -> list[dict[str, str]]:
    """The lines of PowerShell's `Payload`, such as `CommandInvocation(Add-Type): "Add-Type"`, taken apart."""
    lines = payload.replace("\r\n", "\n").split("\n")
    return [found for line in lines if (found := _detail(line)).get("value")]


def _detail(line: str) -> dict[str, str]:
    found = _DETAIL.fullmatch(line)
    if found is None:
        return {"value": line}
    kind, command, value = found[1], found[2], found[3] or ""
    binding = _BINDING.fullmatch(value) if kind == "ParameterBinding" else None
    if binding is None:
        return {"type": kind, "related_command": command, "value": value}
    return {"type": kind, "related_command": command, "name": binding[1], "value": binding[2]}
