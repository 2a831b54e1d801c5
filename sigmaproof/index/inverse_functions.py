"""What a query asks of what a function made, asked of what the function read: an inverse for each one."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

from msgspec import Struct
from msgspec.structs import replace

from sigmaproof.index import inverse_registry
from sigmaproof.index.shape import Constant, Origin, Raw
from sigmaproof.logic.checks import AnyOf, Check, InNetwork, Matches
from sigmaproof.logic.prove.graph import Literal
from sigmaproof.logic.prove.images import (
    IRREGULAR,
    After,
    Before,
    Lowered,
    Prefixed,
    SecondOfTwo,
    SomeWord,
)
from sigmaproof.logic.prove.parts import BLANKS, LastPair, Unmarked
from sigmaproof.logic.prove.reading import PLAIN, Uninterpreted, View, Wrap
from sigmaproof.logic.prove.texts import Pattern
from sigmaproof.text.fold import Fold
from sigmaproof.text.glob import MANY, Glob
from sigmaproof.text.regex import ANY_TEXT, Chars, Concat, literal

if TYPE_CHECKING:
    from sigmaproof.index.inverse import IndexReader

_BACKSLASH, _DOT, _AT = Chars.one("\\"), Chars.one("."), Chars.one("@")
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


def one_of(texts: Iterable[str]) -> Check:
    """Any of these texts, and no other."""
    return AnyOf(tuple(Matches(Glob.of(text), Fold.EXACT) for text in texts))


Inverse = Callable[["IndexReader", tuple[Origin, ...], Typed, Check], Literal]
INVERSES: dict[str, Inverse] = {}


def _inverse(*names: str) -> Callable[[Inverse], Inverse]:
    def register(inverse: Inverse) -> Inverse:
        INVERSES.update(dict.fromkeys(names, inverse))
        return inverse

    return register


def _wrapped(name: str, wrap: Wrap, *, several: bool = False) -> None:
    def inverse(reader: IndexReader, sources: tuple[Origin, ...], typed: Typed, check: Check) -> Literal:
        view = replace(typed.view, several=typed.view.several or several)
        return reader.through(sources[0], replace(typed, view=view), check, wrap)

    INVERSES[name] = inverse


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
    return reader.within(sources[0], typed, check, one_of(["-"]))


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
