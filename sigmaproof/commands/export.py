"""`export`: the rules whose queries are known to be right, as files that each product imports."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from hashlib import sha256
from typing import Any

import orjson
from msgspec import Struct

from sigmaproof.commands.convert import only_a_part
from sigmaproof.commands.prove import Show, prove_rules
from sigmaproof.commands.prove_results import Proofs
from sigmaproof.config import Config
from sigmaproof.errors import Exit, InvalidInput, Place, Problem
from sigmaproof.export import FORMS, forms, impossible, unexportable
from sigmaproof.export.search import Search, searches
from sigmaproof.judge.correlations import prepare_correlation
from sigmaproof.judge.prepare import Preparation
from sigmaproof.judge.prove import Standing, Verdict
from sigmaproof.load.values import Kind, RuleDocument
from sigmaproof.workspace import Siem, Workspace

_RIGHT = (Standing.PROVEN, Standing.TESTED)
_PART = "it stands in the file of a correlation rule, and is a part of that"


class Request(Struct, frozen=True):
    """What a person asks for."""

    allow_unverified: bool = False
    budget: float = 5.0
    jobs: int = 0


class Entry(Struct, frozen=True):
    """One rule for one target: exported, or left out."""

    target: str
    document: RuleDocument
    verdict: Verdict
    modelled: bool
    content: str
    """A hash of what the rule and the filters say."""
    searches: tuple[Search, ...] = ()
    left_out: str = ""
    """Why; empty for one that is exported."""


class Exports(Struct, frozen=True):
    """What a run made: nothing is written yet."""

    targets: tuple[Siem, ...]
    entries: tuple[Entry, ...]
    files: Mapping[str, Mapping[str, str]]
    """Target → path below its folder → text."""
    problems: tuple[Problem, ...] = ()

    @property
    def left_out(self) -> tuple[Entry, ...]:
        """What is not exported."""
        return tuple(one for one in self.entries if one.left_out)

    @property
    def exported(self) -> Counter[str]:
        """How many rules are, by target."""
        return Counter(one.target for one in self.entries if not one.left_out)

    @property
    def exit_code(self) -> Exit:
        """The exit code that this run calls for: as `prove` has it, and 1 if nothing is exported."""
        missing = {one.verdict.standing for one in self.left_out if one.left_out != _PART}
        if self.problems or missing & {Standing.REFUSED, *_RIGHT}:
            return Exit.BROKEN_INPUT  # what is right and left out cannot be written down
        return Exit.VERDICT if Standing.DIFFERS in missing or not self.exported else Exit.EXPECTED


def export_rules(config: Config, request: Request, show: Show) -> Exports:
    """Proves every rule, and makes the files of those that may be exported."""
    proofs = prove_rules(config, request.budget, request.jobs, None, show)
    workspace = Workspace(config)
    preparation = Preparation(workspace)
    entries = tuple(_entries(workspace, preparation, proofs, request))
    files: dict[str, Mapping[str, str]] = {}
    problems = [*proofs.problems, *preparation.problems]
    for siem in workspace.siems:
        try:
            files[siem.name] = _files(siem, entries)
        except InvalidInput as error:
            problems.append(error.problem)
        problems += _impossible(siem)
    return Exports(workspace.siems, entries, files, tuple(dict.fromkeys(problems)))


def _files(siem: Siem, entries: tuple[Entry, ...]) -> Mapping[str, str]:
    """A target's files; none without a rule."""
    found = [search for one in entries if one.target == siem.name for search in one.searches]
    made: dict[str, str] = {}
    for form in forms(siem.target):
        if held := [one for one in found if not unexportable(form, one.query)]:
            made.update(FORMS[form](siem.target, held))
    return made


def _impossible(siem: Siem) -> Iterator[Problem]:
    for form in impossible(siem.target):
        language = siem.target.language or "no language"
        message = f"{siem.name}: queries in {language} cannot be exported as {form}"
        known = ", ".join(forms(siem.target)) or "nothing"
        yield Problem("invalid-target", message, Place(siem.target.path), f"possible here: {known}")


def _entries(
    workspace: Workspace, preparation: Preparation, proofs: Proofs, request: Request
) -> Iterator[Entry]:
    known = {(rule.path, rule.line): rule for rule in proofs.rules}
    siems = {siem.name: siem for siem in workspace.siems}
    filters = [one.data for one in workspace.rules.documents if one.kind is Kind.FILTER]
    for document in workspace.rules.documents:
        rule = known.get((document.path, document.line))
        if document.kind is Kind.FILTER or rule is None or rule.problem is not None:
            continue
        part = only_a_part(document, workspace.rules)
        queries = _queries(preparation, document)
        content = _digest([document.data, *filters])
        for name, verdict in rule.verdicts:
            entry = Entry(name, document, verdict, rule.modelled, content)
            texts = queries.get(name, ())
            yield _decided(
                entry, siems[name], texts, _PART if part else _reason(name, verdict, texts, request)
            )


def _queries(preparation: Preparation, document: RuleDocument) -> dict[str, tuple[str, ...]]:
    """A rule's queries by target."""
    if document.kind is Kind.RULE:
        return preparation.queries(document)
    return {one.target: one.queries for one in prepare_correlation(preparation, document).conversions}


def _decided(entry: Entry, siem: Siem, texts: tuple[str, ...], reason: str) -> Entry:
    """The entry with its searches, or with the reason why it has none."""
    if not reason:
        reason = _unwritable(siem, texts)
    if reason:
        return _with(entry, left_out=reason)
    model = siem.model.title if entry.modelled else "fields as the rule names them"
    assumes = [one.value for one in entry.verdict.assumes]
    found = searches(entry.document, entry.target, texts, entry.verdict.standing.value, model, assumes)
    return _with(entry, searches=found)


def _unwritable(siem: Siem, texts: tuple[str, ...]) -> str:
    """What stands against a target's queries in every form that they could have."""
    possible = forms(siem.target)
    if not possible:
        return f"nothing is known to export queries in {siem.target.language or 'no language'} as"
    against = [[f"{form}: {why}" for text in texts if (why := unexportable(form, text))] for form in possible]
    return against[0][0] if all(against) else ""


def _with(entry: Entry, *, searches: tuple[Search, ...] = (), left_out: str = "") -> Entry:
    return Entry(
        entry.target, entry.document, entry.verdict, entry.modelled, entry.content, searches, left_out
    )


def _reason(target: str, verdict: Verdict, texts: tuple[str, ...], request: Request) -> str:
    """Why a rule is not exported; nothing if it may be."""
    standing = verdict.standing
    if standing in _RIGHT or (request.allow_unverified and standing is not Standing.REFUSED and texts):
        return ""
    details = [f"{one.direction.value} an event: {one.kind}" for one in verdict.differences]
    told = "; ".join([*details, *(one.removeprefix(f"{target}: ") for one in verdict.reasons)])
    return f"{standing.value}: {told}" if told else standing.value


def _digest(data: Any) -> str:
    text = orjson.dumps(data, default=str, option=orjson.OPT_NON_STR_KEYS)
    return sha256(text).hexdigest()
