"""Preparing a rule: what it means, and what each target makes of it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

from msgspec import Struct

from sigmaproof.convert import Converter, Queries, Refused
from sigmaproof.errors import InvalidInput, Place, Problem, QueryError, UnsupportedQuery
from sigmaproof.index.events import EventIndex
from sigmaproof.index.sources import SourceModels
from sigmaproof.judge.meaning import Meaning, RawEvent, queries_meaning
from sigmaproof.judge.results import Conversion
from sigmaproof.judge.verdicts import Code, Status
from sigmaproof.judge.verify import NoAnswer, Side
from sigmaproof.languages.sigma import InvalidRule, NoValues, Rule, lower, read_rule, with_filters
from sigmaproof.languages.sigma.nodes import shown
from sigmaproof.load.rules import rule_lines
from sigmaproof.load.values import Kind, RuleDocument
from sigmaproof.logic.plans import Select
from sigmaproof.workspace import Siem, Workspace

Convert = Callable[[Converter], Queries | Refused]


class Prepared(Struct, frozen=True):
    """A rule that is ready to run on raw events, beside its conversions."""

    document: RuleDocument
    rule: Rule
    meaning: Meaning
    conversions: tuple[Conversion, ...]
    sides: Mapping[str, Side]
    sources: SourceModels
    notes: tuple[str, ...] = ()

    def raw(self, event: RawEvent) -> RawEvent:
        """The event as its log source writes it, if it was written in Sigma's field names."""
        return self.sources.raw(event, self.rule.logsource)


class Preparation:
    """What the rules of one run share: source models, filters and converters."""

    def __init__(self, workspace: Workspace, *, convert: bool = True) -> None:
        self.workspace = workspace
        self.problems = list(workspace.target_problems) if convert else []
        """Grows while rules are prepared: a backend or pipeline shows only in use that it does not load."""
        siems = workspace.siems if convert else ()
        values = workspace.config.placeholders
        self._converters = [(siem, Converter(siem.target, siem.model, values)) for siem in siems]
        self._texts = {file.path: file for file in workspace.rules.files}
        self._filters = tuple(self._load_filters())

    @property
    def targets(self) -> tuple[str, ...]:
        """The names of the targets that load, as far as is known, in order."""
        return tuple(siem.name for siem, _ in self._converters)

    def rule(self, document: RuleDocument) -> Prepared:
        """What a rule means, and its queries. Raises `InvalidInput` for a rule that does not load."""
        rule = self.whole(document)
        with self.told(document):
            located = self.workspace.sources.located(lower(rule), rule.logsource)
        meaning = Meaning(Select(located.term), EventIndex())
        filters = self.filters
        converted = list(self.converted(lambda converter: converter.convert(document.data, filters)))
        sides = {conversion.target: side for conversion, side in converted}
        conversions = tuple(conversion for conversion, _ in converted)
        notes = (located.note,) if located.note else ()
        return Prepared(document, rule, meaning, conversions, sides, self.workspace.sources, notes)

    def queries(self, document: RuleDocument) -> dict[str, tuple[str, ...]]:
        """A rule's queries by target, without a look at what they mean; none where it is refused."""
        filters = self.filters
        made = self._made(lambda converter: converter.convert(document.data, filters))
        return {siem.name: one.texts for siem, one in made if isinstance(one, Queries)}

    def whole(self, document: RuleDocument) -> Rule:
        """The rule in a document with the filters that it takes in. Raises `InvalidInput`."""
        return self.filtered(self.read(document))

    def filtered(self, rule: Rule) -> Rule:
        """The rule with the filters that apply to it."""
        return with_filters(rule, [found for _, found in self._filters])

    def read(self, document: RuleDocument) -> Rule:
        """The rule in a document. Raises `InvalidInput` with the line at fault."""
        with self.told(document):
            return self.with_values(read_rule(document.data))

    def with_values(self, rule: Rule) -> Rule:
        """The rule with the values that the configuration gives to placeholders."""
        return replace(rule, placeholders=self.workspace.config.placeholders)

    @contextmanager
    def told(self, document: RuleDocument) -> Iterator[None]:
        """What is wrong with a rule, or not modelled, becomes `InvalidInput` with the line at fault."""
        try:
            yield
        except InvalidRule as error:
            line = rule_lines(self._texts[document.path]).line(error.path, document.index)
            place = Place(document.path, line)
            raise InvalidInput(Problem("invalid-rule", error.message, place, error.help)) from error
        except NoValues as error:
            line = rule_lines(self._texts[document.path]).line(error.path, document.index)
            place = Place(document.path, line)
            raise InvalidInput(Problem("unsupported", str(error), place, error.help)) from error
        except UnsupportedQuery as error:
            raise self._unsupported(document, str(error)) from error

    def item_lines(self, prepared: Prepared) -> dict[str, int]:
        """The lines of a rule's detection items and their values, by the words that explanations use."""
        lines = rule_lines(self._texts[prepared.document.path])
        index = prepared.document.index
        found: dict[str, int] = {}
        for item in prepared.rule.items:
            found.setdefault(str(item), lines.line(item.path, index))
            for position, value in enumerate(item.values):
                found.setdefault(shown(value), lines.line((*item.path, position), index))
        return found

    def _unsupported(self, document: RuleDocument, reason: str) -> InvalidInput:
        return InvalidInput(Problem("unsupported", reason, Place(document.path, document.line)))

    def _load_filters(self) -> Iterator[tuple[RuleDocument, Rule]]:
        for document in self.workspace.rules.documents:
            if document.kind is Kind.FILTER:
                try:
                    yield document, self.read(document)
                except InvalidInput as error:
                    self.problems.append(error.problem)

    @property
    def filters(self) -> list[Mapping[str, Any]]:
        """The documents of the filters that load."""
        return [document.data for document, _ in self._filters]

    def converted(self, convert: Convert) -> Iterator[tuple[Conversion, Side]]:
        """What every target makes of a rule."""
        for siem, made in self._made(convert):
            if isinstance(made, Refused):
                yield Conversion(siem.name, refused=made.reason), _refused(siem, made.reason)
            else:
                yield self._query_side(siem, made.texts)

    def _made(self, convert: Convert) -> Iterator[tuple[Siem, Queries | Refused]]:
        for one in tuple(self._converters):
            siem, converter = one
            try:
                yield siem, convert(converter)
            except InvalidInput as error:
                # the target does not load, for this rule or any other
                self.problems.append(error.problem)
                self._converters.remove(one)

    def _query_side(self, siem: Siem, texts: tuple[str, ...]) -> tuple[Conversion, Side]:
        target = siem.target
        if target.language is None:
            reason = "not verified: the target names no language"
            return Conversion(siem.name, texts, refused=reason), _refused(siem, reason)
        try:
            meaning = queries_meaning(
                texts, target.language, siem.model.index, siem.model.document, target.options
            )
        except UnsupportedQuery as error:
            reason = f"not modelled: {error}"
            return Conversion(siem.name, texts, refused=reason), _refused(siem, reason)
        except QueryError as error:
            message = error.told()
            side = NoAnswer(Status.ERROR, Code.INVALID_QUERY, f"{siem.name} rejects the query: {message}")
            return Conversion(siem.name, texts, error=message), side
        return Conversion(siem.name, texts, notes=meaning.notes), meaning


def _refused(siem: Siem, reason: str) -> NoAnswer:
    help_ = "say the rule in other words, or record the refusal under `differs:` with `kind: never`"
    return NoAnswer(Status.REFUSED, Code.UNSUPPORTED, f"{siem.name}: {reason}", help_)
