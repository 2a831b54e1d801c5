"""What a query asks of an index, asked of the raw event: every field of a document replaced by its origin.

At one place (channel, event id, provider) every field has one origin. What a function makes of a raw text is
put back by its inverse image; what has none stays a test that only running it decides.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from functools import lru_cache
from typing import Any

from msgspec import field
from msgspec.structs import replace

from sigmaproof.index.derive import FUNCTIONS
from sigmaproof.index.elastic import ACCEPTED, ElasticIndex, FieldType
from sigmaproof.index.elastic_values import NUMBERS, Malformed, reading
from sigmaproof.index.inverse_functions import INVERSES, Typed, one_of
from sigmaproof.index.model import IndexModel
from sigmaproof.index.shape import EVENT, Constant, Derived, Looked, Origin, Place, Plan, Raw, When
from sigmaproof.index.splunk import RAW, TIME, SplunkIndex
from sigmaproof.logic.checks import Check, Exists, IsNull, Present
from sigmaproof.logic.prove.graph import FALSE, TRUE, Free, Literal, Slot
from sigmaproof.logic.prove.machines import Language, runner
from sigmaproof.logic.prove.networks import NO_ADDRESS
from sigmaproof.logic.prove.reading import (
    Reader,
    Uninterpreted,
    View,
    Wrap,
    texts_of,
    value,
)
from sigmaproof.logic.prove.sequences import Chain
from sigmaproof.logic.prove.texts import Pattern
from sigmaproof.logic.terms import Test, subject_fields
from sigmaproof.logic.values import text_of
from sigmaproof.text.regex import ANY_CHAR, Chars, Complement, Concat, Repeat

NOTHING = Constant(None)
_DIGIT = Chars.of((0x30, 0x39))
_NO_INTEGER = Pattern(Complement(Concat((Repeat(Chars.one("-"), 0, 1), Repeat(_DIGIT, 1, None)))))
_REJECTED: Mapping[str, Language] = {**dict.fromkeys(NUMBERS, _NO_INTEGER), "ip": NO_ADDRESS}
"""Per type, texts for which the index rejects a document."""


class IndexReader(Reader, frozen=True, kw_only=True):
    """How a query reads the raw events of one place through an index model."""

    model: IndexModel
    place: Place | None = None
    """None: the documents are the raw events."""
    types: dict[str, FieldType | None] = field(default_factory=dict)
    """What is known of the index's fields already."""

    def cell(self, field: str, check: Check, *, ever: bool = False) -> Literal:
        """Some value of the index's field satisfies the check; or there is none, and that satisfies it."""
        if field == ACCEPTED:
            return TRUE  # events that the index rejects are left out of the question
        if field == RAW and self._in_lines:
            return self._line(check)
        typed = self._typed(field)
        if typed.odd:
            raise Uninterpreted(typed.odd)
        some = self.of(typed.origin, typed, Present() if isinstance(check, Exists) else check)
        if isinstance(check, IsNull):
            some = FALSE
        if ever or not check.on_absent:
            return some
        return self.graph.any([some, -self.of(typed.origin, typed, Present())])

    def free(self, test: Test, reason: str) -> Literal:
        """A test that only running it decides; named by the raw fields behind it."""
        named = subject_fields(test.subject)
        raw = dict.fromkeys(name for one in named for name in self.raw_names(one))
        origins = tuple(self._typed(one).origin for one in named)
        return self.graph.leaf(Free((test, origins), reason, tuple(raw)))

    def several(self, field: str) -> Literal:
        """The index's field has more than one value. Raises `Uninterpreted`."""
        return FALSE if field == ACCEPTED else self._several(self._typed(field).origin)

    def _several(self, origin: Origin) -> Literal:
        origin = self.settled(origin)
        match origin:
            case Constant(found):
                return TRUE if isinstance(found, tuple) and len(found) > 1 else FALSE
            case Raw(name):
                return Reader.several(self, name)
            case Looked(source, table):
                listed = [key for key, found in table if isinstance(found, tuple) and len(found) > 1]
                of_table = [self.plain(source, one_of(listed))] if listed else []
                return self.graph.any([self._several(source), *of_table])
            case Derived(name, sources) if not FUNCTIONS[name].several:
                return self.graph.any(map(self._several, sources))
        raise Uninterpreted(f"how many values `{origin.function}` gives")

    def raw_names(self, field: str) -> tuple[str, ...]:
        """The raw fields behind a field of the index."""
        names = self._typed(field).origin.fields if field != ACCEPTED else ()
        return tuple(name for name in names if name != EVENT and name not in self.constants)

    def _everything(self) -> Iterable[str]:
        """The fields of the index that its mapping does not name: those behind a test of every field."""
        index = self.model.index
        declared = index.by_name if isinstance(index, ElasticIndex) else {}
        for name in self._brought(Reader._everything(self)):
            if name not in declared and not name.startswith("_"):
                yield name

    def _brought(self, raw: Iterable[str]) -> Iterable[str]:
        """The fields that documents bring along."""
        if self._bare:
            return raw
        plan = self._plan
        kept = [] if plan.rest is None else [plan.rest + name for name in raw if name not in plan.moved]
        return dict.fromkeys([*plan.origins, *kept])

    @property
    def _bare(self) -> bool:
        """Whether documents are the raw events."""
        return self.place is None or self.model.shape is None

    @property
    def _in_lines(self) -> bool:
        index = self.model.index
        return self._bare and isinstance(index, SplunkIndex) and index.lines

    def _line(self, check: Check) -> Literal:
        """Some line of the event's text, and that is some value, has what the check asks for anywhere."""
        if isinstance(check, Present | Exists):
            return TRUE
        found = texts_of(check)
        if not all(map(_within_a_line, found)):
            raise Uninterpreted("a text over several values")
        names = Reader._everything(self)
        return self.graph.any(self._raw(name, Typed(Raw(name)), check) for name in names)

    def _typed(self, field: str) -> Typed:
        index = self.model.index
        if not isinstance(index, ElasticIndex):
            origin = Derived("epoch_seconds", (Raw(EVENT),)) if field == TIME else self._origin(field)
            return Typed(origin, odd="the whole event as one text" if field == RAW and self._bare else "")
        if field not in self.types:
            self.types[field] = index.field(field)
        kind = self.types[field]
        if kind is None:
            return Typed(NOTHING)
        if kind.type == "constant_keyword":
            return Typed(Constant(kind.value))
        origin = self._origin(kind.source)
        if isinstance(origin, Raw) and kind.type in _REJECTED:
            self.graph.forbid(origin.field, _REJECTED[kind.type])
        view = View(number=kind.type in NUMBERS, mapped=kind.type == "ip")
        odd = f"values of type {kind.type}" if kind.type in ("date", "date_nanos") else ""
        return Typed(origin, view, _indexed(kind), odd)

    def _origin(self, name: str) -> Origin:
        if self.place is None or self.model.shape is None:
            return Raw(name)
        if self.model.shape.only_described and not self.model.shape.describes(self.place):
            return NOTHING
        plan = self._plan
        found = plan.origins.get(name)
        if found is not None:
            return self.settled(found)
        raw = name.removeprefix(plan.rest) if plan.rest is not None else ""
        if plan.rest is None or not name.startswith(plan.rest) or raw in plan.moved:
            return NOTHING
        return self.settled(Raw(raw))

    @property
    def _plan(self) -> Plan:
        assert self.model.shape is not None
        assert self.place is not None
        return self.model.shape.plan(self.place)

    def settled(self, origin: Origin) -> Origin:
        """An origin that reads only what is known of the event is a constant."""
        if isinstance(origin, Constant) or EVENT in origin.fields or not origin.fields:
            return origin
        if any(name not in self.constants for name in origin.fields):
            return origin
        found = origin.of(self.constants)
        return Constant(tuple(found) if isinstance(found, list) else found)

    @property
    def _blank(self) -> frozenset[str]:
        return self._plan.blank if self.place is not None and self.model.shape is not None else frozenset()

    def of(self, origin: Origin, typed: Typed, check: Check) -> Literal:
        """The origin gives a value, and the check holds for what the index makes of it."""
        origin = self.settled(origin)
        match origin:
            case Constant(found):
                return TRUE if self._constant(found, typed, check) else FALSE
            case Raw(name):
                return self._raw(name, typed, check)
            case Looked():
                return self._looked(origin, typed, check)
            case Derived(function, sources):
                known = INVERSES.get(function)
                if known is None:
                    raise Uninterpreted(f"`{function}` has no inverse")
                return known(self, sources, typed, check)

    def _constant(self, found: Any, typed: Typed, check: Check) -> bool:
        values = found if isinstance(found, tuple) else () if found is None else (found,)
        if typed.view.wraps:
            inside = [runner(one) for one in typed.view.languages(check)]
            return any(one.contains(text_of(text)) for one in inside for text in values)
        return bool(values) and _any_holds(values, typed, check.predicate())

    def _raw(self, name: str, typed: Typed, check: Check) -> Literal:
        if name == EVENT:
            raise Uninterpreted("the whole event as one text")
        if not self.possible(name):
            return FALSE
        slots = [Slot(name, place) for place in range(self.values.several)]
        texts = replace(self.values, nulls=False) if self.values.nulls else self.values
        view = self._blanked(typed.view)
        return self.graph.any(value(self.graph, slot, check, texts, view) for slot in slots)

    def _blanked(self, view: View) -> View:
        """The view of a field in whose place the index may have nothing."""
        return replace(view, blank=tuple(sorted({*view.blank, *self._blank}))) if self._blank else view

    def _looked(self, origin: Looked, typed: Typed, check: Check) -> Literal:
        holds = check.predicate()
        good = [key for key, found in origin.table if _any_holds(found, typed, holds)]
        plain = Typed(origin.source)
        literals = [self.of(origin.source, plain, one_of(good))] if good else []
        if origin.keep:
            listed = self.of(origin.source, plain, one_of([key for key, _ in origin.table]))
            literals.append(self.graph.all([-listed, self.of(origin.source, typed, check)]))
        return self.graph.any(literals)

    def exists(self, origin: Origin) -> Literal:
        """The origin gives a value."""
        return self.plain(origin, Present())

    def plain(self, origin: Origin, check: Check) -> Literal:
        """The origin gives a value that satisfies the check, whatever the type of the index's field."""
        return self.of(origin, Typed(origin), check)

    def through(self, origin: Origin, typed: Typed, check: Check, wrap: Wrap) -> Literal:
        """The check on what a function makes of the origin."""
        if typed.view.number:
            raise Uninterpreted("a number out of a text")
        view = replace(typed.view, wraps=(*typed.view.wraps, wrap))
        return self.of(origin, replace(typed, view=view), check)

    def within(self, origin: Origin, typed: Typed, check: Check, plain: Check) -> Literal:
        """The check, on those values of the origin that satisfy a plain one."""
        return self.graph.all([self.of(origin, typed, check), self.of(origin, Typed(origin), plain)])

    def forbid(self, origin: Origin, language: Language) -> None:
        """No event has such a text where the origin reads."""
        for name in origin.fields:
            self.graph.forbid(name, language)


def _within_a_line(language: Language) -> bool:
    """Whether a text of several lines is in the language exactly if one of its lines is."""
    if not isinstance(language, Chain) or not language.chars:
        return False
    first, *inner, last = language.loops
    inside = [*language.chars, *(loop for loop in inner if loop is not None)]
    return first == last == ANY_CHAR and not any("\n" in one for one in inside)


def _indexed(kind: FieldType) -> Callable[[Any], Any]:
    read = reading(kind.type, kind.formats)

    def indexed(one: Any) -> Any:
        found = read(one)
        return None if isinstance(found, Malformed) else found

    return indexed


def _any_holds(found: Any, typed: Typed, holds: Callable[[Any], bool]) -> bool:
    held = [typed.read(one) for one in (found if isinstance(found, tuple) else (found,)) if one is not None]
    return any(one is not None and holds(one) for one in held)


@lru_cache(maxsize=16384)
def held_as_it_is(model: IndexModel, field: str) -> tuple[str, str] | None:
    """The raw field that a field of the index holds as it is or after a fixed text, and that text."""
    if model.shape is None:
        return field, ""
    kind = model.index.field(field) if isinstance(model.index, ElasticIndex) else None
    source = kind.source if kind else field
    if any(source in entry.origins for entry in model.shape.entries if entry.when != When()):
        return None
    origin = model.shape.plan(Place()).origins.get(source)
    match origin:
        case Raw(name) | Derived("text", (Raw(name),)):
            return name, ""
        case Derived("joined", (Constant(str(before)), Raw(name))) | Derived(
            "collect", (Raw(name) as before, _)
        ):
            return name, before if isinstance(before, str) else ""
        case None if model.shape.plan(Place()).rest == "":
            return field, ""
    return None
