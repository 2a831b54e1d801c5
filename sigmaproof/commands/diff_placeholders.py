"""Placeholders in both states: each has the values of its own configuration."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

from msgspec import Struct

from sigmaproof.commands.diff_states import State, States
from sigmaproof.config import Config, Placeholders, read_placeholders
from sigmaproof.errors import Place, Problem, UsageError
from sigmaproof.judge.diff import Cause


class Values(Struct, frozen=True):
    """The values of both states, and where they are written."""

    base: Placeholders
    head: Placeholders
    path: str
    texts: tuple[str, str] = ("", "")
    """The configuration file of both."""
    problems: tuple[Problem, ...] = ()
    """Why the old values are not known."""

    @property
    def changed(self) -> tuple[str, ...]:
        """The placeholders that do not have the same values in both."""
        old, new = dict(self.base), dict(self.head)
        return tuple(name for name in sorted({*old, *new}) if old.get(name) != new.get(name))

    def used(self, texts: Iterable[object]) -> tuple[str, ...]:
        """Those of them that stand in rules or parts of rules."""
        said = "\n".join(map(repr, texts)) if self.changed else ""
        return tuple(name for name in self.changed if mention(name) in said)

    def causes(self, names: Iterable[str]) -> Iterator[Cause]:
        """What is edited in the values of some placeholders."""
        old, new = dict(self.base), dict(self.head)
        for name in names:
            before, after = old.get(name, ()), new.get(name, ())
            yield from (self._cause(name, one, gone=True) for one in before if one not in after)
            yield from (self._cause(name, one, gone=False) for one in after if one not in before)

    def _cause(self, name: str, value: str, *, gone: bool) -> Cause:
        text = f"%{name}%: '{value}' {'removed' if gone else 'added'}"
        lines = self.texts[0 if gone else 1].split("\n")
        of_name = next((at for at, line in enumerate(lines) if line.lstrip().startswith(name)), 0)
        line = next(
            (at for at, line in enumerate(lines[of_name:], of_name + 1) if value in line), of_name + 1
        )
        return Cause(text, Place(Path(self.path), line), gone)


def mention(name: str) -> str:
    """A placeholder as rules write it."""
    return f"%{name}%"


def placeholder_values(config: Config, states: States) -> Values:
    """The values of both states; those of the working folder where neither has a configuration of its own.

    Raises `UsageError` if the new state's configuration does not load.
    """
    path = states.layout.settings
    if not path:
        return Values(config.placeholders, config.placeholders, "")
    head_text = _content(states.head, path)
    ids = [state.models.listing.files.get(path) for state in (states.base, states.head)]
    texts = [head_text if ids[0] == ids[1] else _content(states.base, path), head_text]
    problems = []
    try:
        base = read_placeholders(Path(path), texts[0])
    except UsageError as error:
        base = ()
        problems.append(error.problem)
    head = read_placeholders(Path(path), texts[1])
    shown = [text.decode("utf-8", "replace") for text in texts]
    return Values(base, head, path, (shown[0], shown[1]), tuple(problems))


def _content(state: State, path: str) -> bytes:
    """A file of a state; nothing if it is not there."""
    return state.models.contents([path]).get(path, b"") if path in state.models.listing.files else b""
