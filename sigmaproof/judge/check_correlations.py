"""Correlation rules: what they refer to, what they ask of its events, and what their fixtures leave open."""

from __future__ import annotations

from collections.abc import Iterator

from sigmaproof.errors import Place, Problem
from sigmaproof.judge.check_fields import Surroundings, lacking, placed
from sigmaproof.judge.correlations import Catalogue, base_terms
from sigmaproof.judge.prepare import Preparation
from sigmaproof.languages.sigma import Resolved, Rule, lint_correlation, lower_correlation
from sigmaproof.languages.sigma.errors import Path
from sigmaproof.load.values import Fixture, Kind, Label, RuleDocument, RuleFile
from sigmaproof.load.yaml_text import Lines
from sigmaproof.logic.values import number_of
from sigmaproof.workspace import Workspace

DAY = 86_400
_LONG = {
    "spl": "streamstats keeps 10,000 events of a window, unless limits.conf says otherwise",
    "eql": "a sequence that has begun is held in memory for as long",
}
"""What a language's engine does with a window, however long."""
_REMEDY = "check the field's name, or give the rule an alias for it"


class Correlations:
    """What the correlation rules of one check share."""

    def __init__(self, workspace: Workspace, around: Surroundings) -> None:
        self._preparation = Preparation(workspace, convert=False)
        self._catalogue = Catalogue(self._preparation)
        self._around = around

    def doubts(self, document: RuleDocument, file: RuleFile, lines: Lines) -> Iterator[Problem]:
        """Doubts about one rule. Raises `InvalidInput` if it, or a rule that it refers to, does not load."""
        found = self._catalogue.resolved(document)
        with self._preparation.told(document):
            lower_correlation(found, base_terms(self._around.sources))

        def place(*path: str | int) -> Place:
            return Place(document.path, lines.line(("correlation", *path), document.index))

        for finding in lint_correlation(found):
            yield Problem(finding.code, finding.message, place(*finding.path[1:]))
        yield from self._long(found, place("timespan"))
        if found.correlation.generate and not _named_inside(found, file):
            message = "`generate` means nothing here: rules of other files have queries of their own anyway"
            at = place("generate") if "generate" in document.data["correlation"] else place()
            yield Problem("idle-key", message, at, "take it away")
        for path, part, name in _asked(found):
            yield from self._field(found, part, name, place(*path))

    def _long(self, found: Resolved, place: Place) -> Iterator[Problem]:
        rule = found.correlation
        if rule.span > DAY:
            told = {
                one.name: _LONG[language]
                for one in self._around.siems
                if (language := one.target.language) in _LONG
            }
            if told:
                message = f"{rule.written_span} is more than a day; " + "; ".join(
                    f"{name}: {why}" for name, why in told.items()
                )
                yield Problem(
                    "long-timespan", message, place, "shorten it, or correlate what a daily search finds"
                )

    def _field(self, found: Resolved, at: int, name: str, place: Place) -> Iterator[Problem]:
        """Doubts about a field that the rule asks of the events of one of its parts."""
        part = found.parts[at]
        if isinstance(part, Resolved) and name in part.correlation.group_by:
            return
        for rule in [part] if isinstance(part, Rule) else part.base_rules:
            providers = self._around.sources.providers(rule.logsource) or ()
            whose = f"events of `{rule.name or rule.title}`"
            yield from lacking(name, placed(providers, _event_ids(rule)), self._around, place, whose, _REMEDY)


def _asked(found: Resolved) -> Iterator[tuple[Path, int, str]]:
    """Each field that is asked of each part's events, and where in the rule."""
    rule = found.correlation
    aliases = dict(rule.aliases)
    wanted: list[tuple[Path, str]] = [(("group-by", at), name) for at, name in enumerate(rule.group_by)]
    wanted += [(("condition", "field"), name) for name in rule.fields]
    for path, name in wanted:
        for at, part in enumerate(found.parts):
            called = part.correlation if isinstance(part, Resolved) else part
            names = {rule.rules[at].lower(), called.id.lower(), called.name.lower()}
            alias = next((one for one in aliases.get(name, ()) if one[0].lower() in names), None)
            if alias is not None:
                yield ("aliases", name, alias[0]), at, alias[1]
            else:
                yield path, at, name


def _event_ids(rule: Rule) -> set[int]:
    """The event ids that a rule names."""
    values = [
        value
        for item in rule.items
        if item.field == "EventID" and not item.modifiers
        for value in item.values
    ]
    numbers = (number_of(value) for value in values if isinstance(value, int | str))
    return {int(number) for number in numbers if number is not None}


def _named_inside(found: Resolved, file: RuleFile) -> bool:
    """Whether a rule of the same file is one of those that the correlation names."""
    inside = {
        name.lower() for one in file.documents if one.kind is Kind.RULE for name in (one.id, one.name) if name
    }
    return any(
        name.lower() in inside
        for part in found.parts
        if isinstance(part, Rule)
        for name in (part.id, part.name)
    )


def sequence_doubts(fixture: Fixture) -> Iterator[Problem]:
    """A fixture of a correlation rule whose benign cases are single events: any threshold passes."""
    benign = [case for case in fixture.cases if case.label is Label.BENIGN]
    if benign and not any(len(case.events) > 1 or case.file for case in benign):
        message = "no benign case has several events"
        help_ = (
            "add one that nearly fires: an event too few, a second too late, in two groups, in another order"
        )
        yield Problem("no-benign-sequence", message, Place(fixture.path), help_)
