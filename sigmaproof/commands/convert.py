"""`convert`: each target's query for each rule."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from sigmaproof.config import Config
from sigmaproof.errors import Exit, InvalidInput, Problem
from sigmaproof.judge.prepare import Preparation
from sigmaproof.judge.results import Conversion
from sigmaproof.judge.select import selection
from sigmaproof.judge.suite import prepared_rule
from sigmaproof.load.values import Kind, RuleDocument, Rules
from sigmaproof.report.json import json_text
from sigmaproof.report.style import Paint, harmless, tame
from sigmaproof.workspace import Workspace

Say = Callable[[Problem], None]


def convert_rules(config: Config, expression: str, form: str, say: Say, paint: Paint) -> tuple[str, Exit]:
    """The queries as text or JSON; every rule that has none is told through `say`."""
    workspace, select = Workspace(config), selection(expression)
    preparation = Preparation(workspace)
    problems = list(workspace.rules.problems)
    made = []
    for document in workspace.rules.documents:
        if document.kind is Kind.FILTER or not select(f"{document.path.stem} {document.title}"):
            continue
        try:
            if not only_a_part(document, workspace.rules):
                made.append((document, prepared_rule(preparation, document).conversions))
        except InvalidInput as error:
            problems.append(error.problem)
    problems += preparation.problems
    if not made and not problems:
        say(Problem("nothing-selected", "no rule was selected", help="`sigmaproof list rules` names them"))
    for problem in dict.fromkeys(problems):
        say(problem)
    text = _json(made) if form == "json" else "\n".join(_text(made, paint))
    return text, _code(made, problems)


def only_a_part(document: RuleDocument, rules: Rules) -> bool:
    """Whether a rule stands in the file of a correlation rule that does not `generate` its rules' queries."""
    file = next(file for file in rules.files if file.path == document.path)
    above = [one.data for one in file.documents if one.kind is Kind.CORRELATION]
    return bool(above) and document.kind is Kind.RULE and not any(map(_generates, above))


def _generates(data: Mapping[str, Any]) -> bool:
    section = data.get("correlation")
    return True in (data.get("generate"), section.get("generate") if isinstance(section, Mapping) else None)


def _code(made: list[tuple[RuleDocument, tuple[Conversion, ...]]], problems: list[Problem]) -> Exit:
    without = [one for _, conversions in made for one in conversions if one.refused or one.error]
    if problems or without:
        return Exit.BROKEN_INPUT
    return Exit.EXPECTED if made else Exit.VERDICT


def _text(made: list[tuple[RuleDocument, tuple[Conversion, ...]]], paint: Paint) -> Iterator[str]:
    for document, conversions in made:
        yield paint.bold(harmless(str(document.path)))
        for one in conversions:
            yield f"  {harmless(one.target)}"
            yield from (_indented(tame(harmless(query, lines=True))) for query in one.queries)
            if one.refused:
                yield f"    refused: {harmless(one.refused)}"
            if one.error:
                yield _indented(tame(f"invalid: {harmless(one.error, lines=True)}"))
            yield from (f"    note: {harmless(note)}" for note in one.notes)
        yield ""


def _indented(text: str) -> str:
    return "\n".join(f"    {line}" for line in text.splitlines())


def _json(made: list[tuple[RuleDocument, tuple[Conversion, ...]]]) -> str:
    records = [
        {
            "rule": document.path.as_posix(),
            "id": document.id,
            "target": one.target,
            "queries": list(one.queries),
            "refused": one.refused or None,
            "error": one.error or None,
            "notes": list(one.notes),
        }
        for document, conversions in made
        for one in conversions
    ]
    return json_text(records, indent=True)
