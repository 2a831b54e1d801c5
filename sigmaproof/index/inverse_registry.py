"""What leads to `registry_data` and `registry_data_type`: texts as they are, and numbers written in hex."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import lru_cache
from itertools import islice
from typing import TYPE_CHECKING

from msgspec import Struct

from sigmaproof.index.shape import Origin
from sigmaproof.logic.checks import AllOf, AnyOf, Check, Matches, Other
from sigmaproof.logic.prove.graph import FALSE, Free, Literal
from sigmaproof.logic.prove.machines import Language, runner
from sigmaproof.logic.prove.reading import Uninterpreted, only
from sigmaproof.logic.prove.search import Limits, OutOfBudget, shortest
from sigmaproof.logic.prove.texts import regex_languages
from sigmaproof.text.fold import Fold
from sigmaproof.text.glob import Glob
from sigmaproof.text.perl import parse

if TYPE_CHECKING:
    from sigmaproof.index.inverse import IndexReader
    from sigmaproof.index.inverse_functions import Typed

_FEW = 16
"""So many numbers are told apart; a test that more of them satisfy, but not all, is not interpreted."""
_PAIRS = 256
"""So many ways at most to write one number as a QWORD."""
_STATES = 20_000
_TOP = 0xFFFFFFFF


class _Form(Struct, frozen=True):
    """How Sysmon writes numbers of one width, and which numbers Elastic makes of them."""

    pattern: Check
    type: str
    most: int

    def spellings(self, number: int) -> list[str] | None:
        """The texts that become this number; None if there are too many."""
        if self.type == "SZ_DWORD":
            return [f"DWORD (0x{number:08X})"]
        least = max(0, -((_TOP - number) // 256))
        highs = range(least, min(number >> 8, _TOP) + 1)
        if len(highs) > _PAIRS:
            return None
        return [f"QWORD (0x{high:08X}-0x{number - (high << 8):08X})" for high in highs]


def _matches(pattern: str) -> Check:
    return Matches(parse(f"(?i){pattern}"), Fold.EXACT)


_FORMS = (
    _Form(_matches(r"^DWORD \(0x[0-9A-F]{8}\)\z"), "SZ_DWORD", _TOP),
    _Form(_matches(r"^QWORD \(0x[0-9A-F]{8}-0x[0-9A-F]{8}\)\z"), "SZ_QWORD", (_TOP << 8) + _TOP),
)
(_DECIMALS,) = regex_languages(parse(r"\A[0-9]{1,14}\z"))
"""The digits of any number, and more."""
_BINARY = Matches(Glob.of("Binary Data"), Fold.EXACT)


def data(reader: IndexReader, sources: tuple[Origin, ...], typed: Typed, check: Check) -> Literal:
    """The check on what `registry_data` makes of a text."""
    if typed.view.wraps or typed.view.number:
        raise Uninterpreted("something computed from `registry_data`")
    graph = reader.graph
    numbers = [(form, reader.plain(sources[0], form.pattern)) for form in _FORMS]
    text = graph.all([reader.of(sources[0], typed, check), *(-is_number for _, is_number in numbers)])
    part = _Numbers(reader, sources[0], typed)
    return graph.any([text, *(part.literal(check, form, is_number) for form, is_number in numbers)])


class _Numbers(Struct, frozen=True):
    """A check on the decimal digits of a number that the source writes in hex."""

    reader: IndexReader
    source: Origin
    typed: Typed

    def literal(self, check: Check, form: _Form, is_number: Literal) -> Literal:
        graph = self.reader.graph
        match check:
            case AnyOf(checks):
                return graph.any(self.literal(one, form, is_number) for one in checks)
            case AllOf(checks):
                return graph.all([is_number, *(self.literal(one, form, is_number) for one in checks)])
            case Other(one):
                return graph.all([is_number, -self.literal(one, form, is_number)])
        languages = self.typed.view.languages(check)
        return graph.any(self._language(one, form, is_number) for one in languages)

    def _language(self, language: Language, form: _Form, is_number: Literal) -> Literal:
        if _every_number(language):
            return is_number
        graph = self.reader.graph
        found = _numbers(language)
        spelled = None if found is None else _spelled(found, form)
        if spelled is None:
            reason = "a test of the decimal digits of a number that the event writes in hex"
            free = Free((form.type, self.source, language), reason, self.source.fields)
            return graph.all([is_number, graph.leaf(free)])
        if not spelled:
            return FALSE
        texts = AnyOf(tuple(Matches(Glob.of(text), Fold.ASCII) for text in spelled))
        return self.reader.plain(self.source, texts)


def _spelled(numbers: Iterable[int], form: _Form) -> list[str] | None:
    found: list[str] = []
    for number in numbers:
        ways = form.spellings(number) if number <= form.most else []
        if ways is None:
            return None
        found += ways
    return found


@lru_cache(maxsize=4096)
def _every_number(language: Language) -> bool:
    return _first([_DECIMALS], [language]) is None


@lru_cache(maxsize=4096)
def _numbers(language: Language) -> tuple[int, ...] | None:
    """The numbers whose digits are in the language; None if there are many."""
    found = list(islice(_texts(language), _FEW + 1))
    if len(found) > _FEW:
        return None
    return tuple(int(text) for text in found if str(int(text)) == text)


def _texts(language: Language) -> Iterator[str]:
    seen: list[Language] = []
    while (text := _first([_DECIMALS, language], seen)) is not None:
        yield text
        seen.append(only(text))


def _first(within: list[Language], without: list[Language]) -> str | None:
    try:
        return shortest(within, without, Limits(float("inf"), _STATES))
    except OutOfBudget as error:
        raise Uninterpreted(f"numbers out of texts: {error}") from error


def data_type(reader: IndexReader, sources: tuple[Origin, ...], typed: Typed, check: Check) -> Literal:
    """The check on what `registry_data_type` makes of a text."""
    inside = [runner(one) for one in typed.view.languages(check)]
    graph = reader.graph
    binary = reader.plain(sources[0], _BINARY)
    kinds = {form.type: reader.plain(sources[0], form.pattern) for form in _FORMS} | {"REG_BINARY": binary}
    kinds["REG_SZ"] = graph.all([reader.exists(sources[0]), *(-one for one in kinds.values())])
    return graph.any(literal for name, literal in kinds.items() if any(one.contains(name) for one in inside))
