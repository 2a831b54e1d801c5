"""Which rule of the new version is which rule of the old one."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence
from difflib import SequenceMatcher

from sigmaproof.judge.edits import SECTIONS
from sigmaproof.load.values import RuleDocument

Matched = tuple[RuleDocument | None, RuleDocument | None]
_SIMILAR = 0.75
_MOST = 2_000
"""So many combinations are looked at for similarity."""


def pairs(before: Iterable[RuleDocument], after: Iterable[RuleDocument]) -> list[Matched]:
    """Every rule of either version, beside its other version if there is one.

    The same rule has the same id; or else the same place, the same file name, or nearly the same detection.
    Rules of different ids are one rule only if they have the same place.
    """
    old, new = list(before), list(after)
    found: list[Matched] = []
    for key in (_id, _place, _name):
        found += _matched(old, new, key)
    found += _similar(old, new)
    found += [(None, one) for one in new] + [(one, None) for one in old]
    return sorted(found, key=_order)


def _matched(
    old: list[RuleDocument], new: list[RuleDocument], key: Callable[[RuleDocument], Hashable]
) -> Iterator[Matched]:
    """Takes out those whose keys are equal."""
    known = {key(one): one for one in old if key(one)}
    for one in list(new):
        was = known.pop(key(one), None)
        if was is not None and was.kind is one.kind:
            old.remove(was)
            new.remove(one)
            yield was, one


def _similar(old: list[RuleDocument], new: list[RuleDocument]) -> Iterator[Matched]:
    if len(old) * len(new) > _MOST:
        return
    scored = ((_likeness(was, is_), at, was, is_) for at, was in enumerate(old) for is_ in new)
    for score, _, was, is_ in sorted(scored, key=lambda one: (-one[0], one[1])):
        if score >= _SIMILAR and was in old and is_ in new:
            old.remove(was)
            new.remove(is_)
            yield was, is_


def _likeness(was: RuleDocument, is_: RuleDocument) -> float:
    if was.kind is not is_.kind or (was.id and is_.id):
        return 0.0
    matcher = SequenceMatcher(None, _text(was), _text(is_), autojunk=False)
    return matcher.ratio() if matcher.quick_ratio() >= _SIMILAR else 0.0


def _text(document: RuleDocument) -> Sequence[str]:
    return repr([document.data.get(section) for section in SECTIONS]).split()


def _id(document: RuleDocument) -> Hashable:
    return document.id


def _place(document: RuleDocument) -> Hashable:
    return document.path, document.index


def _name(document: RuleDocument) -> Hashable:
    return document.path.stem, document.index


def _order(pair: Matched) -> tuple[str, int]:
    one = pair[1] or pair[0]
    assert one is not None
    return str(one.path), one.index
