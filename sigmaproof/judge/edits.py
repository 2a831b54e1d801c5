"""What was edited between two versions of a rule, one edit at a time, and which edits an answer is due to."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from copy import deepcopy
from enum import StrEnum
from typing import Any

from msgspec import Struct

Path = tuple[str | int, ...]
Data = Mapping[str, Any]

SECTIONS = ("taxonomy", "logsource", "detection", "filter", "correlation")
"""The keys of a rule that say what it finds; the others are about the rule."""
_NOTHING = object()
_LONGEST = 60
_MOST = 64
"""So many edits are told apart; of more, all together are the cause."""


class Kind(StrEnum):
    """What an edit did."""

    ADDED = "added"
    REMOVED = "removed"
    CHANGED = "changed"
    RENAMED = "renamed"
    """A key, with what stands under it: a selection's name, an item's modifiers."""
    VALUE_ADDED = "value added"
    VALUE_REMOVED = "value removed"


class Edit(Struct, frozen=True):
    """One edit. `path` leads to it in the rule as it is now, or was, if it is gone."""

    kind: Kind
    path: Path
    before: Any = None
    after: Any = None

    def __str__(self) -> str:
        return _told(self)

    @property
    def gone(self) -> bool:
        """Whether its place is in the old version only."""
        return self.kind in (Kind.REMOVED, Kind.VALUE_REMOVED)

    def place(self, data: Data) -> Path:
        """The path to it in the version that has it, down to a value of a list."""
        value = self.before if self.gone else self.after
        listed = _found(data, self.path)
        if self.kind not in (Kind.VALUE_ADDED, Kind.VALUE_REMOVED) or not isinstance(listed, list):
            return self.path
        return (*self.path, next((at for at, one in enumerate(listed) if _same(one, value)), 0))

    @property
    def order(self) -> tuple[int, bool]:
        """In which order edits are undone: what is inside first, names last."""
        return -len(self.path), self.kind is Kind.RENAMED


def edits(before: Data, after: Data) -> tuple[Edit, ...]:
    """Every edit of what a rule finds. Order, and a list of one instead of its value, are no edits."""
    found: list[Edit] = []
    for section in SECTIONS:
        old, new = before.get(section, _NOTHING), after.get(section, _NOTHING)
        found += _edits((section,), old, new)
    return tuple(found)


def undone(data: Data, which: Iterable[Edit]) -> dict[str, Any]:
    """The rule as it is now without some of the edits that made it so."""
    found = deepcopy(dict(data))
    for edit in sorted(which, key=lambda one: one.order):
        _undo(found, edit)
    return found


def causes(data: Data, made: Sequence[Edit], restored: Callable[[dict[str, Any]], bool]) -> tuple[Edit, ...]:
    """The edits that an answer is due to; `restored` tells whether a rule answers as the old version did.

    These are all that change the answer back when they alone are undone; or if none does, a smallest set
    that must be undone together.
    """
    if len(made) > _MOST:
        return tuple(made)
    alone = tuple(one for one in made if restored(undone(data, [one])))
    if alone or not made:
        return alone
    needed = list(made)
    for one in made:
        fewer = [other for other in needed if other is not one]
        if fewer and restored(undone(data, fewer)):
            needed = fewer
    return tuple(needed)


def _edits(path: Path, old: Any, new: Any) -> Iterator[Edit]:
    if old is _NOTHING and new is _NOTHING:
        return
    if old is _NOTHING:
        yield Edit(Kind.ADDED, path, None, new)
    elif new is _NOTHING:
        yield Edit(Kind.REMOVED, path, old, None)
    elif isinstance(old, Mapping) and isinstance(new, Mapping):
        yield from _mappings(path, old, new)
    elif path[-1] == "condition" and len(path) == 2:
        if not _same(old, new):
            yield Edit(Kind.CHANGED, path, old, new)
    elif _items(old) is not None or _items(new) is not None:
        yield from _item_lists(path, _items(old), _items(new), old, new)
    else:
        yield from _values(path, _listed(old), _listed(new))


def _mappings(path: Path, old: Mapping[Any, Any], new: Mapping[Any, Any]) -> Iterator[Edit]:
    gone = [key for key in old if key not in new]
    come = [key for key in new if key not in old]
    names = _renamed(path, {key: old[key] for key in gone}, {key: new[key] for key in come})
    for was, is_ in names.items():
        yield Edit(Kind.RENAMED, (*path, is_), was, is_)
        yield from _edits((*path, is_), old[was], new[is_])
    for key in old:
        if key not in names:
            yield from _edits((*path, key), old[key], new.get(key, _NOTHING))
    for key in come:
        if key not in names.values():
            yield from _edits((*path, key), _NOTHING, new[key])


def _renamed(path: Path, gone: Mapping[Any, Any], come: Mapping[Any, Any]) -> dict[Any, Any]:
    """Keys under another name: selections of the same body, items of the same field."""
    found: dict[Any, Any] = {}
    for was, body in gone.items():
        fits = [key for key, other in come.items() if key not in found.values() and _same(body, other)]
        if len(path) > 1 and not fits:
            field = str(was).partition("|")[0]
            fits = [key for key in come if key not in found.values() and str(key).partition("|")[0] == field]
        if fits:
            found[was] = fits[0]
    return found


def _items(value: Any) -> list[Any] | None:
    """A list of maps, or of lists; None for anything else."""
    if isinstance(value, list) and any(isinstance(one, Mapping | list) for one in value):
        return value
    return None


def _item_lists(
    path: Path, old: list[Any] | None, new: list[Any] | None, was: Any, is_: Any
) -> Iterator[Edit]:
    if old is None or new is None:
        if not _same(_listed(was), _listed(is_)):
            yield Edit(Kind.CHANGED, path, was, is_)
    elif len(old) == len(new):
        for position, pair in enumerate(zip(old, new, strict=True)):
            yield from _edits((*path, position), *pair)
    else:
        yield from _values(path, old, new)


def _values(path: Path, old: Sequence[Any], new: Sequence[Any]) -> Iterator[Edit]:
    left = list(new)
    gone = []
    for value in old:
        twin = next((at for at, other in enumerate(left) if _same(value, other)), None)
        if twin is None:
            gone.append(value)
        else:
            del left[twin]
    if len(old) == len(new) == 1 and gone:
        yield Edit(Kind.CHANGED, path, gone[0], left[0])
        return
    yield from (Edit(Kind.VALUE_REMOVED, path, value, None) for value in gone)
    yield from (Edit(Kind.VALUE_ADDED, path, None, value) for value in left)


def _undo(data: dict[str, Any], edit: Edit) -> None:
    inside: Any = data
    for key in edit.path[:-1]:
        inside = inside[key]
    last = edit.path[-1]
    match edit.kind:
        case Kind.ADDED:
            del inside[last]
        case Kind.REMOVED | Kind.CHANGED:
            inside[last] = edit.before
        case Kind.RENAMED:
            inside[edit.before] = inside.pop(last)
        case Kind.VALUE_ADDED:
            rest = list(_listed(inside[last]))
            del rest[next(at for at, value in enumerate(rest) if _same(value, edit.after))]
            inside[last] = rest
        case Kind.VALUE_REMOVED:
            inside[last] = [*_listed(inside[last]), edit.before]


def _found(data: Any, path: Path) -> Any:
    for key in path:
        data = data[key]
    return data


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def _same(one: Any, other: Any) -> bool:
    """Equal, and of the same types: in YAML, 1 is neither true nor 1.0."""
    if isinstance(one, Mapping) and isinstance(other, Mapping):
        return one.keys() == other.keys() and all(_same(one[key], other[key]) for key in one)
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(_same, one, other))
    return type(one) is type(other) and one == other


def _told(edit: Edit) -> str:
    where = _where(edit.path)
    match edit.kind:
        case Kind.RENAMED:
            return f"{_where((*edit.path[:-1], edit.before))} → {edit.path[-1]}"
        case Kind.CHANGED:
            return f"{where} {_short(edit.before)} → {_short(edit.after)}"
        case Kind.VALUE_ADDED | Kind.VALUE_REMOVED:
            value = edit.before if edit.kind is Kind.VALUE_REMOVED else edit.after
            return f"{where} {_short(value)} {edit.kind.value.removeprefix('value ')}"
    value = edit.before if edit.kind is Kind.REMOVED else edit.after
    shown = "" if isinstance(value, Mapping) else f" {_short(value)}"
    return f"{where}{shown} {edit.kind.value}"


def _where(path: Path) -> str:
    """`selection: CommandLine|contains`; the section is left out where a rule has only one."""
    parts = path[1:] if path[0] in ("detection", "filter") and len(path) > 1 else path
    words = [f"[{one + 1}]" if isinstance(one, int) else str(one) for one in parts]
    return ": ".join(words).replace(": [", "[")


def _short(value: Any) -> str:
    if isinstance(value, list):
        text = ", ".join(map(_short, value))
    else:
        text = f"'{value}'" if isinstance(value, str) else str(value)
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…"
