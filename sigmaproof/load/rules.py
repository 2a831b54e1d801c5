"""Rule files → documents. Only structure is judged here; what a detection means, `languages/sigma` knows."""

from __future__ import annotations

from collections import defaultdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sigmaproof.errors import InvalidInput, Place, Problem, nearest
from sigmaproof.load.files import YAML, read_text, walk
from sigmaproof.load.values import Kind, RuleDocument, RuleFile, Rules
from sigmaproof.load.yaml_text import Flavour, Lines, YamlError, read_yaml

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

CODE = "invalid-rule"
_KINDS = {"detection": Kind.RULE, "correlation": Kind.CORRELATION, "filter": Kind.FILTER}
_OTHERS = {"title", "id", "related", "name", "taxonomy", "status", "description", "license", "references"}
_OTHERS |= {"tags", "author", "date", "modified", "logsource", "fields", "falsepositives", "level", "scope"}


def load_rules(paths: Iterable[Path]) -> Rules:
    """Every rule file under the folders and files given, in path order; a file counts once."""
    files: list[RuleFile] = []
    problems: list[Problem] = []
    for path in _rule_paths(paths, problems):
        try:
            files.append(load_rule_file(path))
        except InvalidInput as error:
            problems.append(error.problem)
    return indexed(files, problems)


def load_rule_file(path: Path) -> RuleFile:
    """One rule file; raises InvalidInput at the first thing that is wrong with it."""
    return parse_rule_file(read_text(path, CODE), path)


def parse_rule_file(text: str, path: Path) -> RuleFile:
    """The same for text at hand, such as a file of another revision."""
    try:
        documents = read_yaml(text, Flavour.RULES)
    except YamlError as error:
        place = Place(path, error.line, error.column)
        raise InvalidInput(Problem(CODE, f"not valid YAML: {error.message}", place, error.help)) from None
    if not documents:
        raise InvalidInput(
            Problem(CODE, "the file is empty", Place(path), "write a rule, or delete the file")
        )
    reader = _Reader(path, text)
    parsed = [reader.document(index, found.data, found.line) for index, found in enumerate(documents)]
    return RuleFile(path, text, tuple(parsed))


def rule_lines(file: RuleFile) -> Lines:
    """Where things stand in a rule file: `rule_lines(file).line(("detection", "a"), document.index)`."""
    return Lines(file.text, Flavour.RULES)


def find_rule(rules: Rules, reference: str) -> tuple[RuleDocument, ...]:
    """The documents that a fixture may mean by an id, a file stem or a path's end; several if ambiguous."""
    by_id = rules.by_id.get(reference.lower())
    if by_id:
        return (by_id,)
    wanted = Path(reference)
    stem = wanted.stem if wanted.suffix in YAML else wanted.name
    parents = wanted.parts[:-1]
    files = [file for file in rules.by_stem.get(stem, ()) if _ends_with(file.path.parts[:-1], parents)]
    return tuple(document for file in files for document in file.documents)


def _ends_with(parts: tuple[str, ...], end: tuple[str, ...]) -> bool:
    return not end or parts[-len(end) :] == end


def _rule_paths(paths: Iterable[Path], problems: list[Problem]) -> Iterator[Path]:
    seen = set()
    for root in paths:
        found, wrong = walk(root, YAML, CODE)
        problems.extend(wrong)
        for path in found:
            if (absolute := path.absolute()) not in seen:
                seen.add(absolute)
                yield path


class _Reader:
    """Checks the documents of one file; each method raises InvalidInput with the line."""

    def __init__(self, path: Path, text: str) -> None:
        self._path, self._text = path, text

    def document(self, index: int, data: Any, line: int) -> RuleDocument:
        if not isinstance(data, dict):
            raise self._wrong("this is not a mapping of rule fields", line, "begin with `title:`")
        if "action" in data:
            raise self._wrong(
                "rule collections (`action:`) are not supported",
                self._line("action", index),
                "write every rule in full, in a file of its own",
            )
        kind = self._kind(data, line)
        title, rule_id, name = (self._word(data, key, index) for key in ("title", "id", "name"))
        if not title:
            raise self._wrong("the rule has no title", line, "add `title:`")
        return RuleDocument(self._path, line, index, kind, title, rule_id.lower(), name, data)

    def _kind(self, data: dict[Any, Any], line: int) -> Kind:
        kinds = [kind for key, kind in _KINDS.items() if key in data]
        # a filter is a rule's detection under another key, and nothing else may come in twos
        if len(kinds) == 1:
            return kinds[0]
        if kinds:
            raise self._wrong(f"both {' and '.join(kinds)} in one document", line, "separate them with `---`")
        guess = next((hint for key in data.keys() - _OTHERS if (hint := nearest(str(key), _KINDS))), "")
        raise self._wrong(
            f"this is not a Sigma rule: no `detection`, `correlation` or `filter`{guess}",
            line,
            "move files that are not rules out of the rules folder",
        )

    def _word(self, data: dict[Any, Any], key: str, index: int) -> str:
        value = data.get(key)
        if value is not None and not isinstance(value, str):
            shown = type(value).__name__
            raise self._wrong(f"`{key}` must be text, not {shown}", self._line(key, index), "quote it")
        return (value or "").strip()

    def _line(self, key: str, index: int) -> int:
        return Lines(self._text, Flavour.RULES).line((key,), index)

    def _wrong(self, message: str, line: int, remedy: str) -> InvalidInput:
        return InvalidInput(Problem(CODE, message, Place(self._path, line), remedy))


def indexed(files: Iterable[RuleFile], found: Iterable[Problem] = ()) -> Rules:
    """The files with what finds a rule in them. Of two that use one id, the second is a problem."""
    problems = list(found)
    by_id: dict[str, RuleDocument] = {}
    by_name: dict[str, RuleDocument] = {}
    by_stem: dict[str, list[RuleFile]] = defaultdict(list)
    kept = []
    for file in files:
        twin = next(((d, by_id[d.id]) for d in file.documents if d.id in by_id), None) or _twin_inside(file)
        if twin:
            problems.append(_duplicate(file, *twin))
            continue
        kept.append(file)
        by_stem[file.stem].append(file)
        by_id.update((document.id, document) for document in file.documents if document.id)
        for document in file.documents:
            if document.name:
                by_name.setdefault(document.name, document)
    stems = {stem: tuple(found) for stem, found in by_stem.items()}
    return Rules(tuple(kept), tuple(problems), by_id, by_name, stems)


def _twin_inside(file: RuleFile) -> tuple[RuleDocument, RuleDocument] | None:
    seen: dict[str, RuleDocument] = {}
    for document in file.documents:
        if document.id and document.id in seen:
            return document, seen[document.id]
        seen[document.id] = document
    return None


def _duplicate(file: RuleFile, second: RuleDocument, first: RuleDocument) -> Problem:
    line = rule_lines(file).line(("id",), second.index)
    place = Place(first.path, first.line)
    return Problem(
        CODE, f"id {second.id} is already used by {place}", Place(file.path, line), "give it a new id"
    )
