"""YAML text → plain values: rules with pySigma's scalars (YAML 1.1), everything else with YAML 1.2's.

Text comes from strangers: depth, aliases and numbers are bounded, and no tag runs code.
"""

from __future__ import annotations

import re
from enum import Enum
from typing import TYPE_CHECKING, Any

import yaml
from msgspec import Struct

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

MAX_DEPTH = 100
MAX_EXPANDED = 100_000
"""Nodes of a document that uses aliases, counting each alias as what it stands for."""
MAX_NUMBER = 400
"""Characters of a number: base-60 numbers take quadratic time, others end as infinity."""

_FAR_RIGHT = re.compile(r"[ ?:-]{24}")
_ANCHOR, _ALIAS = (re.compile(rf"(?:^|[\s\[{{,:?-]){sign}\S", re.MULTILINE) for sign in ("&", r"\*"))
"""Whatever can be an anchor or an alias; in command lines, most of it is none."""
_MERGED = re.compile(r"<<\s*:")
_MERGE = "tag:yaml.org,2002:merge"
_HINTS = {
    "cannot start any token": "indent with blanks, not tabs, and quote a value that begins with % @ or `",
    "mapping values are not allowed": "quote a value that contains a colon and a blank",
    "control characters": "remove the control character, or write it as an escape in double quotes",
    "unknown escape": "use single quotes: backslashes are plain text in them",
    "tab character": "indent with blanks, not tabs",
    "expected '-' indicator": "quote the whole value, or put command lines under a `|` block",
    "did not find expected key": "check the indentation, and quote the whole value, not a part of it",
    "parsing a flow": "close the bracket, or quote a value that begins with [ or {",
    "undefined alias": "quote a value that begins with an asterisk",
    "duplicate key": "merge the two, or rename one",
}


class YamlError(Exception):
    """Text that is not usable YAML; lines and columns count from 1, 0 when unknown."""

    def __init__(self, message: str, line: int = 0, column: int = 0) -> None:
        super().__init__(message)
        self.message, self.line, self.column = message, line, column

    @property
    def help(self) -> str:
        """What to do about it, where that is known."""
        return next((hint for words, hint in _HINTS.items() if words in self.message), "")


class Document(Struct, frozen=True):
    """One document of a YAML text: its value and the line where that begins."""

    data: Any
    line: int


class _Loader(yaml.CSafeLoader):
    """PyYAML's safe loader without duplicate keys and without numbers that take forever."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        written = list(node.value)
        mapping = super().construct_mapping(node, deep)
        if len(mapping) != len(written) or any(key.tag == _MERGE for key, _ in written):
            self._refuse_duplicates(written)
        return mapping

    def _refuse_duplicates(self, written: list[tuple[yaml.Node, yaml.Node]]) -> None:
        seen = set()
        for key, _ in written:
            value = "<<" if key.tag == _MERGE else self.construct_object(key, deep=True)
            if value in seen:
                raise _at(key, f'duplicate key "{value}"')
            seen.add(value)

    def number(self, node: yaml.ScalarNode) -> int | float:
        """A YAML 1.1 number of a sensible length."""
        if len(node.value) > MAX_NUMBER:
            raise _at(node, f"a number of {len(node.value)} characters")
        floating = node.tag.endswith(":float")
        return self.construct_yaml_float(node) if floating else self.construct_yaml_int(node)


class _CoreLoader(_Loader):
    """The same with the scalars of YAML 1.2's core schema, https://yaml.org/spec/1.2.2/#103-core-schema."""

    yaml_implicit_resolvers: dict[str, list[tuple[str, re.Pattern[str]]]] = {}  # noqa: RUF012

    def core_int(self, node: yaml.ScalarNode) -> int:
        """A decimal, `0o` or `0x` integer; leading zeros are nothing special."""
        if len(node.value) > MAX_NUMBER:
            raise _at(node, f"a number of {len(node.value)} characters")
        base = {"0o": 8, "0x": 16}.get(node.value[:2], 10)
        return int(node.value, base)


def _resolve_core() -> None:
    integer, floating = (
        r"[-+]?[0-9]+|0o[0-7]+|0x[0-9a-fA-F]+",
        r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?",
    )
    scalars = {
        "null": ("~|null|Null|NULL|", ["~", "n", "N", ""]),
        "bool": ("true|True|TRUE|false|False|FALSE", list("tTfF")),
        "int": (integer, list("-+0123456789")),
        "float": (rf"{floating}|[-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN)", list("-+.0123456789")),
        "merge": ("<<", ["<"]),
    }
    for name, (pattern, first) in scalars.items():
        _CoreLoader.add_implicit_resolver(f"tag:yaml.org,2002:{name}", re.compile(rf"(?:{pattern})\Z"), first)


_resolve_core()
for _name in ("int", "float"):
    _Loader.add_constructor(f"tag:yaml.org,2002:{_name}", _Loader.number)
_CoreLoader.add_constructor("tag:yaml.org,2002:int", _CoreLoader.core_int)


class Flavour(Enum):
    """Which words are more than text: `no`, `0123`, `12:30:45` are text in CORE, not in RULES."""

    RULES = _Loader
    CORE = _CoreLoader


def read_yaml(text: str, flavour: Flavour) -> list[Document]:
    """The documents of the text in order, without empty ones; raises YamlError, and nothing else."""
    return read_lined(text, flavour)[0]


def read_lined(text: str, flavour: Flavour) -> tuple[list[Document], Lines]:
    """The documents of the text, and where things stand in them; raises YamlError, and nothing else."""
    try:
        _refuse_depth(text)
        loaded = [(data, node) for data, node in _load(text, flavour) if data is not None]
        documents = [Document(data, node.start_mark.line + 1) for data, node in loaded]
        # merging moves keys to where they are not written
        roots = None if _MERGED.search(text) else [node for _, node in loaded]
        return documents, Lines(text, flavour, roots)
    except yaml.reader.ReaderError as error:
        raise _unreadable(text, error) from None
    except yaml.MarkedYAMLError as error:
        raise _marked(error) from None
    except yaml.YAMLError as error:
        raise YamlError(str(error)) from None
    except UnicodeEncodeError as error:
        raise YamlError("a half of a surrogate pair", text.count("\n", 0, error.start) + 1) from None


def _load(text: str, flavour: Flavour) -> Iterator[tuple[Any, yaml.Node]]:
    loader = flavour.value(text)
    aliases = _ANCHOR.search(text) is not None and _ALIAS.search(text) is not None
    try:
        while loader.check_node():
            node = loader.get_node()
            if aliases:
                _refuse_expansion(node)
            yield _construct(loader, node), node
    finally:
        loader.dispose()


def _construct(loader: _Loader, node: yaml.Node) -> Any:
    try:
        return loader.construct_document(node)
    except (ArithmeticError, AttributeError, LookupError, TypeError, ValueError) as error:
        # PyYAML's constructors let these through: `2001-13-45`, `!!bool foo`, `!!int ""`
        raise _first_bad_scalar(loader, node) or YamlError(str(error), node.start_mark.line + 1) from None


def _first_bad_scalar(loader: _Loader, root: yaml.Node) -> YamlError | None:
    for node in _scalars(root, set()):
        try:
            loader.construct_object(node)
        except YamlError as error:
            return error
        except Exception:
            return _at(node, f'"{node.value[:60]}" is not a valid {node.tag.rpartition(":")[2]}')
    return None


def _scalars(node: yaml.Node, seen: set[int]) -> Iterator[yaml.ScalarNode]:
    if id(node) in seen:
        return
    seen.add(id(node))
    if isinstance(node, yaml.ScalarNode):
        yield node
    for child in _children(node):
        yield from _scalars(child, seen)


def _children(node: yaml.Node) -> Iterator[yaml.Node]:
    if isinstance(node, yaml.MappingNode):
        for pair in node.value:
            yield from pair
    elif isinstance(node, yaml.SequenceNode):
        yield from node.value


def _refuse_depth(text: str) -> None:
    # The C composer recurses and would crash; most text cannot be deep and needs no second reading:
    # at most 50 levels of brackets, and 2 levels (a list in a mapping) per column of 24.
    if text.count("[") + text.count("{") <= MAX_DEPTH // 2 and not _FAR_RIGHT.search(text):
        return
    depth = 0
    for event in yaml.parse(text, yaml.CSafeLoader):
        if isinstance(event, yaml.CollectionStartEvent):
            depth += 1
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1
        if depth > MAX_DEPTH:
            raise _at(event, f"more than {MAX_DEPTH} levels of nesting")


def _refuse_expansion(root: yaml.Node) -> None:
    """Refuse a document that means far more than it says, or itself."""
    sizes: dict[int, tuple[int, int]] = {}
    open_nodes: set[int] = set()

    def measure(node: yaml.Node) -> tuple[int, int]:
        if id(node) in sizes:
            return sizes[id(node)]
        if id(node) in open_nodes:
            raise _at(node, "an alias that contains itself")
        open_nodes.add(id(node))
        parts = [measure(child) for child in _children(node)]
        size, depth = 1 + sum(part[0] for part in parts), 1 + max((part[1] for part in parts), default=0)
        if depth > MAX_DEPTH or (size > MAX_EXPANDED and size > len(sizes) + len(open_nodes)):
            raise _at(node, f"aliases that expand to more than {MAX_EXPANDED} values or {MAX_DEPTH} levels")
        sizes[id(node)] = size, depth
        return size, depth

    measure(root)


def _at(node: yaml.Node | yaml.Event, message: str) -> YamlError:
    mark: Any = node.start_mark  # the stubs allow None, both loaders always mark
    return YamlError(message, mark.line + 1, mark.column + 1)


def _marked(error: yaml.MarkedYAMLError) -> YamlError:
    mark = error.problem_mark or error.context_mark
    message = ", ".join(part for part in (error.context, error.problem) if part)
    if mark is None:
        return YamlError(message)
    return YamlError(message, mark.line + 1, mark.column + 1)


def _unreadable(text: str, error: yaml.reader.ReaderError) -> YamlError:
    before = text.encode("utf-8", "replace")[: error.position].decode("utf-8", "ignore")
    return YamlError(
        f"unacceptable character #x{ord(text[len(before)]):04x}: {error.reason}",
        before.count("\n") + 1,
        len(before) - before.rfind("\n"),
    )


class Lines:
    """Where things stand in a YAML text; the text is read again only when first asked."""

    __slots__ = ("_flavour", "_roots", "_text")

    def __init__(self, text: str, flavour: Flavour, roots: list[yaml.Node] | None = None) -> None:
        self._text, self._flavour = text, flavour
        self._roots = roots

    def line(self, path: Sequence[str | int], document: int = 0) -> int:
        """The line of the key or list item at that path, or of the nearest one above it; 0 if none."""
        line = 0
        for key, _ in self._steps(path, document):
            line = key.start_mark.line + 1
        return line

    def node(self, path: Sequence[str | int], document: int = 0) -> yaml.Node | None:
        """What stands at exactly that path."""
        steps = list(self._steps(path, document))
        return steps[-1][1] if len(steps) == len(path) + 1 else None

    def _steps(self, path: Sequence[str | int], document: int) -> Iterator[tuple[yaml.Node, yaml.Node]]:
        if self._roots is None:
            self._roots = self._compose()
        if document >= len(self._roots):
            return
        node = self._roots[document]
        yield node, node
        for part in path:
            step = _step(node, part)
            if step is None:
                return
            yield step
            node = step[1]

    def _compose(self) -> list[yaml.Node]:
        try:
            _refuse_depth(self._text)
            nodes = yaml.compose_all(self._text, self._flavour.value)
            return [node for node in nodes if not _is_null(node)]
        except (YamlError, yaml.YAMLError, UnicodeEncodeError):
            return []


def _is_null(node: Any) -> bool:
    return isinstance(node, yaml.ScalarNode) and node.tag.endswith(":null")


def _step(node: yaml.Node, part: str | int) -> tuple[yaml.Node, yaml.Node] | None:
    if isinstance(node, yaml.MappingNode):
        return next((pair for pair in node.value if pair[0].value == str(part)), None)
    if isinstance(node, yaml.SequenceNode) and isinstance(part, int) and 0 <= part < len(node.value):
        return node.value[part], node.value[part]
    return None
