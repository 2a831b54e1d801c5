"""What is legal in rules and probably not meant: doubts about single rules, and about rules side by side."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from sigmaproof.errors import Place, Problem
from sigmaproof.languages.sigma import Rule, lint
from sigmaproof.load.changed_text import scalar_values
from sigmaproof.load.values import RuleDocument
from sigmaproof.load.yaml_text import Lines

_TEXT = "tag:yaml.org,2002:str"


def rule_doubts(document: RuleDocument, rule: Rule, lines: Lines) -> Iterator[Problem]:
    """What a rule says that its author may not mean."""
    for finding in lint(rule):
        place = Place(document.path, lines.line(finding.path, document.index))
        yield Problem(finding.code, finding.message, place)
    yield from _changed_values(document, rule, lines)


def _changed_values(document: RuleDocument, rule: Rule, lines: Lines) -> Iterator[Problem]:
    """Values that YAML 1.1 reads as something else than their text: `0x3e7`, `1_000`, `12:30:45`, `no`."""
    body = lines.node((rule.section,), document.index)
    for node in () if body is None else scalar_values(body, set()):
        # whoever writes 10, true or null means a number, a truth value or nothing
        plain = node.value.lower()
        if node.tag == _TEXT or node.style or plain in ("true", "false", "null", "~", "", "yes", "no"):
            if plain not in ("yes", "no") or node.style or node.tag == _TEXT:
                continue
        elif plain.lstrip("-").isdigit() and (plain == "0" or not plain.lstrip("-").startswith("0")):
            continue
        shown = node.tag.rpartition(":")[2]
        place = Place(document.path, node.start_mark.line + 1, node.start_mark.column + 1)
        message = f"YAML reads {node.value} as {_TYPES.get(shown, shown)}, not as text"
        yield Problem("changed-text", message, place, f"quote it if text is meant: '{node.value}'")


_TYPES = {"int": "a number", "float": "a number", "bool": "true or false", "timestamp": "a date"}


def twin_titles(documents: Iterable[RuleDocument]) -> Iterator[Problem]:
    """Rules whose title another rule has: two alerts that nobody can tell apart."""
    first: dict[str, RuleDocument] = {}
    for document in documents:
        known = first.setdefault(document.title.casefold(), document)
        if known is not document:
            message = f'the title "{document.title}" is already used at {known.path}:{known.line}'
            yield Problem("duplicate-title", message, Place(document.path, document.line), "say what differs")
