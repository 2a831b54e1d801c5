"""Options of the language: what a search refers to, and one named switch per undocumented point."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any, Literal, get_args, get_type_hints

from msgspec import Struct

from sigmaproof.errors import Problem, UsageError, nearest

Definitions = Mapping[str, Any]


class Switches(Struct, frozen=True):
    """How the points are read that Splunk's documents leave open; docs/semantics/spl.md explains each."""

    non_generating_first: Literal["error", "no-rows"] = "error"
    comments: Literal["strip", "keep"] = "strip"
    search_precedence: Literal["documented", "and-first"] = "documented"
    tstats_precedence: Literal["documented", "and-first"] = "documented"
    edge_operators: Literal["reject", "ignore"] = "reject"
    double_equals: Literal["reject", "accept"] = "reject"
    empty_values: Literal["present", "missing"] = "present"
    escaped_asterisk: Literal["wildcard", "literal"] = "wildcard"
    unquoted_escapes: Literal["process", "keep"] = "process"
    letter_case: Literal["unicode", "ascii"] = "unicode"
    cidr: Literal["network-or-text", "network", "text"] = "network-or-text"
    cidr_in_list: Literal["network-or-text", "network", "text"] = "network-or-text"
    cidr_mapped: Literal["no", "yes"] = "no"
    in_letter_case: Literal["any", "upper"] = "any"
    multivalue_not_equal: Literal["any", "all"] = "any"
    eval_null: Literal["null", "false"] = "null"
    eval_numeric_text: Literal["number", "text"] = "number"
    eval_mixed_order: Literal["lexicographic", "null"] = "lexicographic"
    null_assignment: Literal["unset", "keep"] = "unset"
    empty_capture: Literal["unset", "set"] = "unset"
    unmatched_group: Literal["keep", "keep-unless-converter", "unset"] = "keep-unless-converter"
    regex_pipe: Literal["unescape", "keep"] = "unescape"
    regex_multivalue: Literal["any", "first"] = "any"
    multivalue_by: Literal["each", "joined"] = "each"
    distinct_letter_case: Literal["sensitive", "insensitive"] = "sensitive"
    week_spans: Literal["accept", "reject"] = "accept"
    tstats_fill: Literal["by", "everywhere"] = "by"
    median_even: Literal["higher", "mean"] = "higher"
    time_window_end: Literal["closed", "open"] = "closed"
    event_order: Literal["newest-first", "as-given"] = "newest-first"


class SplOptions(Struct, frozen=True):
    """Everything that is not in the search itself."""

    switches: Switches = Switches()
    macros: Definitions = {}
    """`name` or `name(2)` → text, or `{args: [a, b], definition: text}`."""
    eventtypes: Definitions = {}
    tags: Definitions = {}
    savedsearches: Definitions = {}
    """Name → search."""
    data_models: Definitions = {}
    """`Model.Root` → `{where: search, fields: {name: eval expression}}`."""
    lookups: Definitions = {}
    """Name → list of rows."""
    now: float | None = None
    """The epoch second that `now()` and relative times count from."""
    major_breakers: str = " \t\r\n[]<>(){}|!;,'\"*&?+"
    minor_breakers: str = "/:=@.-$#%\\_"

    @staticmethod
    def of(options: Mapping[str, Any]) -> SplOptions:
        """The options by name. Raises `UsageError` for a name or a value that there is none of."""
        own = set(SplOptions.__struct_fields__) - {"switches"}
        switches = {name: value for name, value in options.items() if name not in own}
        return SplOptions(_switches(switches), **{name: options[name] for name in own & options.keys()})


@cache
def choices() -> Mapping[str, tuple[str, ...]]:
    """Every switch with its values."""
    return {name: get_args(hint) for name, hint in get_type_hints(Switches).items()}


def _switches(given: Mapping[str, Any]) -> Switches:
    known = choices()
    for name, value in given.items():
        if name not in known:
            raise _usage(f"there is no SPL option {name!r}{nearest(name, known)}")
        if value not in known[name]:
            hint = nearest(str(value), known[name])
            raise _usage(f"SPL option {name!r} is one of {', '.join(known[name])}, not {value!r}{hint}")
    return Switches(**given)


def _usage(message: str) -> UsageError:
    return UsageError(Problem("invalid-option", message))
