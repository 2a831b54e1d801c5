"""Fields and regular expressions of a rule against its log source and each target, without converting it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

import msgspec

from sigmaproof.config import Placeholders
from sigmaproof.convert.lucene_regex import Inexpressible, of_search
from sigmaproof.errors import Place, Problem, nearest
from sigmaproof.index.elastic import ElasticIndex
from sigmaproof.index.event_data import EventData
from sigmaproof.index.model import IndexModel, targets_of
from sigmaproof.index.shape import Place as Origin
from sigmaproof.index.sources import CHANNEL, EVENT_ID, PROVIDER, Provider, SourceModels
from sigmaproof.languages.sigma import Rule
from sigmaproof.languages.sigma.nodes import Item, Regexp
from sigmaproof.load.values import RuleDocument
from sigmaproof.load.yaml_text import Lines
from sigmaproof.text.perl import parse
from sigmaproof.text.regex import RegexError
from sigmaproof.workspace import Siem

_FIXED = (CHANNEL, EVENT_ID, PROVIDER)
"""What an index may say by other means, for events that it knows."""
_LUCENE_REGEX = ("lucene", "eql")
"""Languages whose regular expressions are Lucene's."""


class Surroundings(msgspec.Struct, frozen=True):
    """What rules are checked against."""

    sources: SourceModels
    data: EventData
    siems: Sequence[Siem]
    placeholders: Placeholders = ()


def field_doubts(document: RuleDocument, rule: Rule, lines: Lines, around: Surroundings) -> Iterator[Problem]:
    """Fields that events of the log source do not have or a target does not keep, and such expressions."""
    providers = around.sources.providers(rule.logsource)
    if providers is None and around.sources.by_key:
        place = Place(document.path, lines.line(("logsource",), document.index))
        help_ = "add it to converters/sources, or accept that fields and targets are compared as they are"
        yield Problem("unknown-log-source", _unknown(rule), place, help_)
    told: set[str] = set()
    for item in rule.items:
        place = Place(document.path, lines.line(item.path, document.index))
        if item.field and providers and item.field not in told:
            told.add(item.field)
            yield from lacking(item.field, placed(providers), around, place)
        yield from _regexes(item, around.siems, place)


def _unknown(rule: Rule) -> str:
    parts = {name: getattr(rule.logsource, name) for name in ("category", "product", "service")}
    shown = ", ".join(f"{name}: {value}" for name, value in parts.items() if value)
    return f"no source model knows the log source {shown or 'of this rule'}"


Origins = Sequence[tuple[Provider, Origin]]
"""Where events come from, each kind of them with the provider that names its fields."""


def placed(providers: Iterable[Provider], numbers: Iterable[int] = ()) -> Origins:
    """The kinds of events of some providers; of one that means all of a channel, those with the numbers."""
    numbers = tuple(numbers)
    return [
        (one, Origin(one.channel.casefold(), number))
        for one in providers
        for number in one.event_ids or numbers
    ]


def lacking(
    name: str,
    places: Origins,
    around: Surroundings,
    place: Place,
    whose: str = "events of this log source",
    remedy: str = "check the field's name, or the log source",
) -> Iterator[Problem]:
    """Doubts about a field that none of the events have, or that a target does not keep."""
    known = [_known(around, origin) for _, origin in places]
    if not places or any(fields is None for fields in known):
        return
    providers = [provider for provider, _ in places]
    having = [
        (provider.fields.get(name, name), origin)
        for (provider, origin), fields in zip(places, known, strict=True)
        if fields and provider.fields.get(name, name) in fields
    ]
    if not having:
        names = {spoken for one in providers for spoken in one.fields}.union(*(one or () for one in known))
        message = f"{whose} have no field {name!r}{nearest(name, names)}"
        yield Problem("unknown-field", message, place, remedy)
        return
    for siem in around.siems if name not in _FIXED else ():
        if _lost(siem.model, having):
            message = f"{siem.name} keeps nothing of {name!r} for {whose}"
            yield Problem(
                "unmapped-field", message, place, "the query can only miss these events, or be refused"
            )


def _known(around: Surroundings, origin: Origin) -> frozenset[str] | None:
    """The fields that such events can have, those that collection adds included; None if nothing is known."""
    fields = around.data.fields(origin)
    if fields is None or origin.event_id is None:
        return fields
    added = around.sources.added.get((origin.channel, origin.event_id), ())
    return fields | {one.name for one in added}


def _lost(model: IndexModel, having: Iterable[tuple[str, Origin]]) -> bool:
    """Whether an index holds such events, and the field of none of them."""
    shape = model.shape
    if shape is None:
        return False
    held = [(raw, place) for raw, place in having if not shape.only_described or shape.describes(place)]
    return bool(held) and not any(_kept(model, raw, place) for raw, place in held)


def _kept(model: IndexModel, raw: str, place: Origin) -> bool:
    assert model.shape is not None
    plan = model.shape.plan(place)
    targets = list(targets_of(model.shape, place, raw))
    if plan.rest is not None and raw not in plan.moved:
        targets.append(plan.rest + raw)
    index = model.index
    return any(not isinstance(index, ElasticIndex) or index.field(name) is not None for name in targets)


def _regexes(item: Item, siems: Sequence[Siem], place: Place) -> Iterator[Problem]:
    for pattern in (pattern for value in item.patterns for pattern in value):
        reason = _unsayable(pattern) if isinstance(pattern, Regexp) else ""
        names = [siem.name for siem in siems if siem.target.language in _LUCENE_REGEX]
        if reason and names:
            message = f"{', '.join(names)}: {reason}"
            yield Problem(
                "regex-not-sayable", message, place, "say it with `contains`, `endswith` or wildcards"
            )


def _unsayable(pattern: Regexp) -> str:
    """Why Lucene's dialect cannot say an expression; nothing if it can, or if the rule itself is refused."""
    case, lines, dots = (flag in pattern.flags for flag in "ims")
    try:
        of_search(parse(pattern.source, ignore_case=case, multiline=lines, dotall=dots))
    except Inexpressible as error:
        return str(error)
    except RegexError:
        return ""
    return ""
