"""Commands: arguments to AST, one small function per command."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from lark import Token, Transformer, v_args
from msgspec import Struct
from msgspec.structs import replace

from sigmaproof.errors import InvalidQuery, UnsupportedQuery, nearest
from sigmaproof.languages.spl import ast, times
from sigmaproof.languages.spl.options import Switches
from sigmaproof.languages.spl.parse import Column, Option, parser, run, unquoted
from sigmaproof.languages.spl.parse_expressions import (
    parse_eval,
    parse_expression,
    parse_head,
    parse_stats,
    parse_where,
)
from sigmaproof.languages.spl.parse_search import parse_search
from sigmaproof.languages.spl.reader import RawCommand
from sigmaproof.languages.spl.unmodelled import unmodelled
from sigmaproof.logic.plans.records_rows import Distinct, Expand, First, Key, Reverse, Sort
from sigmaproof.logic.plans.records_transactions import Transactions

_TRUE = frozenset({"t", "true", "1"})
_MOST_ROWS = 100_000


def parse_command(raw: RawCommand, query: str, switches: Switches) -> ast.Command:
    """One command. Raises `UnsupportedQuery` for a command that is not modelled."""
    text, base = raw.arguments, raw.start
    match raw.name:
        case "search":
            edges = switches.edge_operators == "ignore"
            return ast.Filter(parse_search(text, query, base, edges=edges))
        case "where":
            return parse_where(text, query, base)
        case "eval":
            return parse_eval(text, query, base)
        case "stats" | "eventstats" | "streamstats":
            return parse_stats(raw.name, text, query, base)
        case "tstats":
            return _tstats(text, query, base, edges=switches.edge_operators == "ignore")
        case "inputlookup":
            return _inputlookup(text, query, base)
        case "head" if "(" in text:
            return parse_head(text, query, base)
        case "transaction":
            return _transaction(text, query, base)
    name = _SYNONYMS.get(raw.name, raw.name)
    if name not in _STARTS:
        if name in unmodelled("commands"):
            raise UnsupportedQuery(f"the command {raw.name!r} is not modelled")
        hint = nearest(raw.name, COMMANDS | unmodelled("commands"))
        raise InvalidQuery(f"there is no command {raw.name!r}{hint}")
    command: ast.Command = _run(name, text, query, base)
    return command


def _run(start: str, text: str, query: str, base: int) -> Any:
    return run(parser("arguments", _STARTS, _Build), start, text, query, base)


class _As(Struct, frozen=True):
    name: str


class _Options:
    """The options among a command's arguments, taken one by one; an unknown one is an error."""

    def __init__(self, command: str, items: tuple[Any, ...]) -> None:
        self.command = command
        self.given = {item.key: str(item.value) for item in items if isinstance(item, Option)}

    def text(self, key: str, default: str = "") -> str:
        return self.given.pop(key, default)

    def number(self, key: str, default: int) -> int:
        value = self.given.pop(key, str(default))
        if not re.fullmatch(r"-?\d+", value):
            raise InvalidQuery(f"{self.command}: {key}= takes a number, not {value!r}")
        return int(value)

    def span(self, key: str) -> int:
        value = self.given.pop(key, "-1")
        span = 0 if value == "-1" else times.span_seconds(value)
        if span is None or span < 0:
            raise InvalidQuery(f"{self.command}: {key}={value} is no span of time")
        return span

    def flag(self, key: str, default: bool = False) -> bool:
        return self.given.pop(key, str(default)).lower() in _TRUE

    def end(self, *ignored: str) -> None:
        for key in self.given.keys() - set(ignored):
            raise UnsupportedQuery(f"{self.command}: the option {key}= is not modelled")


def _names(items: tuple[Any, ...]) -> tuple[str, ...]:
    return tuple(item.name for item in items if isinstance(item, Column))


@v_args(inline=True)
class _Build(Transformer[Token, Any]):
    """Callbacks of `arguments.lark`."""

    def column(self, token: Token) -> Column:
        return Column(unquoted(token), token.type != "FIELD")

    def columns(self, *items: Any) -> tuple[str, ...]:
        return _names(items)

    def option(self, key: Token, value: Token) -> Option:
        return Option(str(key), unquoted(value))

    def named(self, _as: Token, column: Column) -> _As:
        return _As(column.name)

    def regex(self, column: Column | None, operator: Token | None, pattern: Token) -> ast.Command:
        return ast.RegexFilter(column.name if column else "_raw", operator == "!=", unquoted(pattern))

    def rex(self, *items: Any) -> ast.Command:
        options = _Options("rex", items)
        patterns = [item for item in items if isinstance(item, Token)]
        if len(patterns) != 1:
            raise InvalidQuery("rex takes one regular expression in double quotes")
        mode = options.text("mode")
        if mode not in ("", "sed"):
            raise InvalidQuery(f"rex: mode= is sed or nothing, not {mode!r}")
        found = ast.Rex(
            options.text("field", "_raw"),
            unquoted(patterns[0]),
            options.number("max_match", 1),
            mode == "sed",
        )
        options.end()
        return found

    def fields(self, *items: Any) -> ast.Command:
        return ast.Fields(items[-1], drop=items[0] == "-")

    def table(self, names: tuple[str, ...]) -> ast.Command:
        return ast.Fields(names, table=True)

    def rename(self, *pairs: Any) -> ast.Command:
        return ast.Rename(tuple(pair for pair in pairs if isinstance(pair, tuple)))

    def renaming(self, old: Column, new: _As) -> tuple[str, str]:
        return old.name, new.name

    def dedup(self, *items: Any) -> ast.Command:
        options, names = _Options("dedup", items), _names(items)
        at = next((n for n, item in enumerate(items) if item == Column("sortby")), len(items))
        keys, names = tuple(_sort_keys(items[at + 1 :])), _names(items[:at])
        count, names = (int(names[0]), names[1:]) if names and names[0].isdigit() else (1, names)
        if not names or count < 1:
            raise InvalidQuery("dedup needs a field, and a count above 0")
        empty, events, consecutive = map(options.flag, ("keepempty", "keepevents", "consecutive"))
        options.end()
        distinct = Distinct(names, count, empty, events, consecutive)
        return ast.Staged((Sort(keys), distinct) if keys else (distinct,))

    def sort(self, *items: Any) -> ast.Command:
        options = _Options("sort", items)
        keys = list(_sort_keys(items))
        limit = options.number("limit", 10_000)
        options.end()
        if keys and keys[0].field.isdigit():
            limit, keys[:1] = int(keys[0].field), []
        if len(keys) > 1 and keys[-1].field in ("d", "desc"):
            keys = [replace(key, descending=not key.descending) for key in keys[:-1]]
        return ast.Staged((Sort(tuple(keys), limit),))

    def ranked(self, kind: Token, column: Column) -> Key:
        sign = kind[:1] if kind[:1] in "+-" else ""
        return Key(column.name, sign == "-", str(kind)[len(sign) :])

    def head(self, *items: Any) -> ast.Command:
        return ast.Staged((First(_count("head", items)),))

    def tail(self, *items: Any) -> ast.Command:
        return ast.Staged((First(_count("tail", items), last=True),))

    def transaction(self, *items: Any) -> Transactions:
        options = _Options("transaction", items)
        span, pause = options.span("maxspan"), options.span("maxpause")
        most, evicted = options.number("maxevents", 1000), options.flag("keepevicted")
        options.end("maxopentxn", "maxopenevents", "connected")
        return Transactions(_names(items), span, pause, most, keep_evicted=evicted)

    def reverse(self) -> ast.Command:
        return ast.Staged((Reverse(),))

    def fillnull(self, *items: Any) -> ast.Command:
        options = _Options("fillnull", items)
        value = options.text("value", "0")
        options.end()
        names = items[-1] if items and isinstance(items[-1], tuple) else ()
        return ast.FillNull(value, names)

    def bin(self, *items: Any) -> ast.Command:
        options, names = _Options("bin", items), _names(items)
        if len(names) != 1:
            raise InvalidQuery("bin takes one field")
        if not (span := options.text("span")):
            raise UnsupportedQuery("bin without span=")
        options.end()
        return ast.Bin(names[0], next((item.name for item in items if isinstance(item, _As)), names[0]), span)

    def mvexpand(self, column: Column, *items: Any) -> ast.Command:
        options = _Options("mvexpand", items)
        limit = options.number("limit", 0)
        options.end()
        return ast.Staged((Expand(column.name, limit),))

    def makemv(self, *items: Any) -> ast.Command:
        options = _Options("makemv", items)
        delimiter, empty = options.text("delim", " "), options.flag("allowempty")
        options.end("setsv")
        return ast.MakeMv(items[-1].name, delimiter, empty)

    def convert(self, *items: Any) -> ast.Command:
        options = _Options("convert", items)
        conversions = tuple(item for item in items if isinstance(item, tuple))
        time_format = options.text("timeformat", "%m/%d/%Y %H:%M:%S")
        options.end()
        return ast.Convert(conversions, time_format)

    def conversion(self, function: Token, column: Column, new: _As | None = None) -> tuple[str, str, str]:
        if "*" in column.name:
            raise UnsupportedQuery(f"convert: the wildcard {column.name!r}")
        return str(function), column.name, new.name if new else column.name

    def makeresults(self, *items: Any) -> ast.Command:
        options = _Options("makeresults", items)
        count = options.number("count", 1)
        options.end("annotate", "splunk_server")
        if count > _MOST_ROWS:
            raise UnsupportedQuery(f"makeresults of more than {_MOST_ROWS} rows")
        return ast.MakeResults(count)

    def multisearch(self, *subsearches: Token) -> ast.Command:
        if len(subsearches) < 2:
            raise InvalidQuery("multisearch needs at least two subsearches")
        return ast.MultiSearch()

    def append(self, *items: Any) -> ast.Command:
        _Options("append", items).end("maxtime", "maxout", "timeout", "extendtimerange")
        return ast.Append()

    def join(self, *items: Any) -> ast.Command:
        options = _Options("join", items)
        kind = options.text("type", "inner")
        if kind not in ("inner", "left", "outer"):
            raise InvalidQuery(f"join: type= is inner, outer or left, not {kind!r}")
        found = ast.Join(
            _names(items), kind != "inner", options.number("max", 1), options.flag("overwrite", True)
        )
        options.end()
        return found

    def lookup(self, *items: Any) -> ast.Command:
        table = next(item for item in items if isinstance(item, Column))
        matches = [item for item in items if isinstance(item, tuple)]
        keep = any(isinstance(item, Token) and item.upper() == "OUTPUTNEW" for item in items)
        _Options("lookup", items).end("local", "update")
        return ast.Lookup(table.name, matches[0], matches[1] if len(matches) > 1 else None, keep)

    def matches(self, *items: Any) -> tuple[Any, ...]:
        return tuple(item for item in items if isinstance(item, tuple))

    def match(self, column: Column, new: _As | None = None) -> tuple[str, str]:
        return column.name, new.name if new else column.name

    def inputlookup(self, *items: Any) -> tuple[Any, ...]:
        return items

    def tstats_by(self, *items: Any) -> tuple[tuple[str, ...], str | None]:
        options = _Options("tstats", items)
        span = options.text("span") or None
        options.end()
        return _names(items), span


def _sort_keys(items: tuple[Any, ...]) -> Iterator[Key]:
    sign = ""
    for item in items:
        if isinstance(item, Column):
            sign, name = (item.name[0], item.name[1:]) if item.name[0] in "+-" else (sign, item.name)
            yield Key(name, sign == "-")
        elif isinstance(item, Key):
            yield replace(item, descending=item.descending or sign == "-")
        sign = item if isinstance(item, Token) and item.type == "SIGN" else ""


def _count(command: str, items: tuple[Any, ...]) -> int:
    options, names = _Options(command, items), _names(items)
    limit = options.number("limit", 10)
    options.end()
    if names and not names[0].isdigit():
        raise UnsupportedQuery(f"{command} with an expression")
    return int(names[0]) if names else limit


_EDGE = re.compile(
    r'\b(?P<key>startswith|endswith)\s*=\s*(?:(?P<eval>eval)?\((?P<group>(?:"(?:[^"\\]|\\.)*"|[^"])*?)\)(?=\s|$)'
    r'|"(?P<quoted>(?:[^"\\]|\\.)*)"|(?P<word>[^\s()"]+))',
    re.DOTALL,
)


def _transaction(text: str, query: str, base: int) -> ast.Transaction:
    edges = {found["key"]: _edge(found) for found in _EDGE.finditer(text)}
    rest = _EDGE.sub(lambda found: " " * len(found[0]), text)
    gathering: Transactions = _run("transaction", rest, query, base)
    return ast.Transaction(gathering, edges.get("startswith"), edges.get("endswith"))


def _edge(found: re.Match[str]) -> ast.Filter | ast.Where:
    """A search in parentheses, one in quotes (a text to look for), or `eval(…)`."""
    if found["eval"]:
        return ast.Where(parse_expression(found["group"]))
    text = found["group"] or (f'"{found["quoted"]}"' if found["word"] is None else found["word"])
    return ast.Filter(parse_search(text, text, 0))


_CLAUSE = re.compile(
    r'"(?:[^"\\]|\\.)*"|\([^()]*\)|(?<!\S)(from|where|by)(?![^\s"(])', re.IGNORECASE | re.DOTALL
)


def _tstats(text: str, query: str, base: int, *, edges: bool) -> ast.Command:
    clauses = _clauses(text)
    first = min((start for _, start, _ in clauses.values()), default=len(text))
    stats = parse_stats("tstats", text[:first], query, base)
    if any(isinstance(part.argument, ast.Call) for part in stats.aggregates):
        raise InvalidQuery("tstats: eval() inside a function is not allowed")
    model = _model(clauses["from"][2]) if "from" in clauses else ""
    where: ast.Search = ast.Series(())
    if "where" in clauses:
        _, start, body = clauses["where"]
        where = parse_search(body, query, base + start + len("where"), edges=edges)
    by: tuple[tuple[str, ...], str | None] = ((), None)
    if "by" in clauses:
        by = _run("tstats_by", clauses["by"][2], query, base + clauses["by"][1] + len("by"))
    fill = stats.options.get("fillnull_value")
    return ast.Tstats(stats.aggregates, model, where, *by, None if fill is None else str(fill))


def _clauses(text: str) -> dict[str, tuple[str, int, str]]:
    """`from`, `where` and `by`, each with where it starts and what follows it."""
    found = [match for match in _CLAUSE.finditer(text) if match.group(1)]
    ends = [match.start() for match in found[1:]] + [len(text)] * bool(found)
    return {
        match.group(1).lower(): (match.group(1), match.start(), text[match.end() : end])
        for match, end in zip(found, ends, strict=True)
    }


def _model(text: str) -> str:
    found = re.fullmatch(r'\s*datamodel\s*=?\s*"?([\w.]+)"?\s*', text)
    if found is None:
        raise InvalidQuery(f"tstats: from takes datamodel=Model.Root, not {text.strip()!r}")
    return found.group(1)


def _inputlookup(text: str, query: str, base: int) -> ast.Command:
    clause = _clauses(text).get("where")
    head = text[: clause[1]] if clause else text
    items: tuple[Any, ...] = _run("inputlookup", head, query, base)
    options = _Options("inputlookup", items)
    append, start, most = options.flag("append"), options.number("start", 0), options.number("max", 10**9)
    options.end()
    where = parse_search(clause[2], query, base + clause[1] + len("where")) if clause else ast.Series(())
    return ast.InputLookup(_names(items)[0], where, append, start, most)


_SYNONYMS = {"bucket": "bin"}
_STARTS = (
    "append", "bin", "convert", "dedup", "fields", "fillnull", "head", "inputlookup", "join", "lookup",
    "makemv", "makeresults", "multisearch", "mvexpand", "regex", "rename", "reverse", "rex", "sort", "table",
    "tail", "transaction", "tstats_by",
)  # fmt: skip
COMMANDS = frozenset(_STARTS) - {"tstats_by"} | {
    "bucket", "eval", "eventstats", "search", "stats", "streamstats", "tstats", "where",
}  # fmt: skip
GENERATING = frozenset({"search", "tstats", "makeresults", "multisearch", "inputlookup"})
