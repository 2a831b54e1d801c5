"""What a query asks of an index, asked of the raw event: every field of a document replaced by its origin.

At one place (channel, event id, provider) every field has one origin. What a function makes of a raw text is
put back by its inverse image; what has none stays a test that only running it decides.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from functools import lru_cache
from typing import Any

from msgspec import Struct, field
from msgspec.structs import replace

from sigmaproof.index import inverse_registry
from sigmaproof.index.elastic import ACCEPTED, ElasticIndex, FieldType
from sigmaproof.index.elastic_values import NUMBERS, Malformed, reading
from sigmaproof.index.model import IndexModel
from sigmaproof.index.shape import EVENT, Constant, Derived, Looked, Origin, Place, Plan, Raw, When
from sigmaproof.index.splunk import RAW, TIME, SplunkIndex
from sigmaproof.logic.checks import AnyOf, Check, Exists, InNetwork, IsNull, Matches, Present
from sigmaproof.logic.prove.graph import FALSE, TRUE, Free, Literal, Slot
from sigmaproof.logic.prove.images import (
    IRREGULAR,
    After,
    Before,
    Lowered,
    Prefixed,
    SecondOfTwo,
    SomeWord,
)
from sigmaproof.logic.prove.machines import Language, runner
from sigmaproof.logic.prove.networks import NO_ADDRESS
from sigmaproof.logic.prove.parts import BLANKS, LastPair, Unmarked
from sigmaproof.logic.prove.reading import (
    PLAIN,
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
from sigmaproof.text.fold import Fold
from sigmaproof.text.glob import MANY, Glob
from sigmaproof.text.regex import ANY_CHAR, ANY_TEXT, Chars, Complement, Concat, Repeat, literal

NOTHING = Constant(None)
_BACKSLASH, _DOT, _AT = Chars.one("\\"), Chars.one("."), Chars.one("@")
_DIGIT = Chars.of((0x30, 0x39))
_NO_INTEGER = Pattern(Complement(Concat((Repeat(Chars.one("-"), 0, 1), Repeat(_DIGIT, 1, None)))))
_REJECTED: Mapping[str, Language] = {**dict.fromkeys(NUMBERS, _NO_INTEGER), "ip": NO_ADDRESS}
"""Per type, texts for which the index rejects a document."""
_IRREGULAR = Pattern(Concat((ANY_TEXT, Chars.one(IRREGULAR[0]) | Chars.one(IRREGULAR[1]), ANY_TEXT)))
_MAPPED = "::ffff:"
_BRACKETED = Pattern(Concat((literal("[" + _MAPPED), ANY_TEXT)))
_V4, _V6 = (InNetwork(network) for network in ("0.0.0.0/0", "::/0"))


class Typed(Struct, frozen=True):
    """An origin under the type of the index's field."""

    origin: Origin
    view: View = PLAIN
    read: Callable[[Any], Any] = lambda one: one
    """A value of the document, as the index holds it; None if it holds none."""
    odd: str = ""
    """Why the type is not interpreted."""


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
                known = _INVERSES.get(function)
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
        view = replace(typed.view, blank=tuple(sorted({*typed.view.blank, *self._blank})))
        slots = [Slot(name, place) for place in range(self.values.several)]
        texts = replace(self.values, nulls=False)
        return self.graph.any(value(self.graph, slot, check, texts, view) for slot in slots)

    def _looked(self, origin: Looked, typed: Typed, check: Check) -> Literal:
        holds = check.predicate()
        good = [key for key, found in origin.table if _any_holds(found, typed, holds)]
        plain = Typed(origin.source)
        literals = [self.of(origin.source, plain, _one_of(good))] if good else []
        if origin.keep:
            listed = self.of(origin.source, plain, _one_of([key for key, _ in origin.table]))
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


def _one_of(texts: Iterable[str]) -> Check:
    return AnyOf(tuple(Matches(Glob.of(text), Fold.EXACT) for text in texts))


Inverse = Callable[[IndexReader, tuple[Origin, ...], Typed, Check], Literal]
_INVERSES: dict[str, Inverse] = {}


def _inverse(*names: str) -> Callable[[Inverse], Inverse]:
    def register(inverse: Inverse) -> Inverse:
        _INVERSES.update(dict.fromkeys(names, inverse))
        return inverse

    return register


def _wrapped(name: str, wrap: Wrap, *, several: bool = False) -> None:
    def inverse(reader: IndexReader, sources: tuple[Origin, ...], typed: Typed, check: Check) -> Literal:
        view = replace(typed.view, several=typed.view.several or several)
        return reader.through(sources[0], replace(typed, view=view), check, wrap)

    _INVERSES[name] = inverse


_wrapped("file_name", lambda one: After(one, _BACKSLASH, required=True, filled=True))
_wrapped("last_path_part", lambda one: After(one, _BACKSLASH))
_wrapped("extension", lambda one: After(one, _DOT, required=True, filled=True))
_wrapped("directory", lambda one: Before(one, _BACKSLASH, last=True, required=True))
_wrapped("before_at", lambda one: Before(one, _AT))
_wrapped("account_domain", lambda one: Before(one, _BACKSLASH, required=True, filled=True, only=True))
_wrapped("words", lambda one: SomeWord(one, BLANKS), several=True)
_wrapped("message_codes", lambda one: SomeWord(Unmarked(one, "%"), BLANKS), several=True)
_inverse("registry_data")(inverse_registry.data)
_inverse("registry_data_type")(inverse_registry.data_type)
_wrapped("account_name", lambda one: SecondOfTwo(one, _BACKSLASH))


@_inverse("text")
def _text(reader: IndexReader, sources: tuple[Origin, ...], typed: Typed, check: Check) -> Literal:
    return reader.of(sources[0], typed, check)


@_inverse("lowercase")
def _lowercase(reader: IndexReader, sources: tuple[Origin, ...], typed: Typed, check: Check) -> Literal:
    reader.forbid(sources[0], _IRREGULAR)
    return reader.through(sources[0], typed, check, Lowered)


@_inverse("integer")
def _integer(reader: IndexReader, sources: tuple[Origin, ...], typed: Typed, check: Check) -> Literal:
    if typed.view.wraps:
        raise Uninterpreted("a text out of a number")
    return reader.of(sources[0], replace(typed, view=replace(typed.view, number=True)), check)


@_inverse("hash_of")
def _hash_of(reader: IndexReader, sources: tuple[Origin, ...], typed: Typed, check: Check) -> Literal:
    hashes, algorithm = sources
    if not isinstance(algorithm, Constant):
        raise Uninterpreted("a hash by an algorithm that the event names")
    reader.forbid(hashes, _IRREGULAR)
    return reader.through(hashes, typed, check, lambda one: LastPair(Lowered(one), str(algorithm.value)))


@_inverse("path_extension")
def _path_extension(reader: IndexReader, sources: tuple[Origin, ...], typed: Typed, check: Check) -> Literal:
    found = reader.through(sources[0], typed, check, lambda one: After(one, _DOT, required=True))
    plain = Typed(sources[0])
    return reader.graph.all([found, reader.of(sources[0], plain, Matches(Glob.of(MANY, "\\", MANY)))])


@_inverse("unless_dash")
def _unless_dash(reader: IndexReader, sources: tuple[Origin, ...], typed: Typed, check: Check) -> Literal:
    if not isinstance(reader.settled(sources[0]), Raw | Constant):
        raise Uninterpreted("`unless_dash` of something computed")
    view = replace(typed.view, blank=(*typed.view.blank, "-", ""))
    return reader.of(sources[0], replace(typed, view=view), check)


@_inverse("only_dash")
def _only_dash(reader: IndexReader, sources: tuple[Origin, ...], typed: Typed, check: Check) -> Literal:
    return reader.within(sources[0], typed, check, _one_of(["-"]))


@_inverse("address")
def _address(reader: IndexReader, sources: tuple[Origin, ...], typed: Typed, check: Check) -> Literal:
    if isinstance(check, InNetwork):
        return reader.of(sources[0], typed, check)
    return reader.within(sources[0], typed, check, AnyOf((_V4, _V6)))


@_inverse("plain_ip")
def _plain_ip(reader: IndexReader, sources: tuple[Origin, ...], typed: Typed, check: Check) -> Literal:
    reader.forbid(sources[0], _BRACKETED)
    inside = reader.through(sources[0], typed, check, lambda one: Prefixed(_MAPPED, one))
    mapped = reader.through(sources[0], Typed(sources[0]), _V4, lambda one: Prefixed(_MAPPED, one))
    plain = reader.of(sources[0], typed, check)
    graph = reader.graph
    return graph.any([graph.all([mapped, inside]), graph.all([-mapped, plain])])


@_inverse("first")
def _first(reader: IndexReader, sources: tuple[Origin, ...], typed: Typed, check: Check) -> Literal:
    literals: list[Literal] = []
    nothing: list[Literal] = []
    for source in sources:
        literals.append(reader.graph.all([*nothing, reader.of(source, typed, check)]))
        nothing.append(-reader.exists(source))
    return reader.graph.any(literals)


@_inverse("collect")
def _collect(reader: IndexReader, sources: tuple[Origin, ...], typed: Typed, check: Check) -> Literal:
    return reader.graph.any(reader.of(source, typed, check) for source in sources)


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
