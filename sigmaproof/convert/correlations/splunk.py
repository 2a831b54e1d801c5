"""Correlations in SPL: events in the order of their time, each with what its window amounts to.

`streamstats time_window=` slides along as Sigma's window does: it ends with each event, and both ends are in.
https://help.splunk.com/en/splunk-enterprise/search/spl-search-reference/search-commands/streamstats
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import pairwise
from typing import Any

from sigmaproof.convert.correlations.bases import Base, Held
from sigmaproof.convert.correlations.wanted import Wanted, amount, compared
from sigmaproof.convert.exact_splunk import field_name
from sigmaproof.convert.splunk_where import Where, value_of
from sigmaproof.convert.tree import Every, Tree, some
from sigmaproof.convert.values import Unsayable
from sigmaproof.logic.plans.hits import Counted
from sigmaproof.logic.plans.measures import Different, Ranked, Together, Total, Way
from sigmaproof.logic.plans.orders import InOrder

_RULE, _VALUE, _EVENT = "rule", "value", "event"


def write(backend: Any, want: Wanted, bases: Sequence[Base]) -> list[str]:
    """The search. Raises `Unsayable`."""
    return ["\n| ".join(_Search(backend, want, bases).commands())]


class _Search:
    def __init__(self, backend: Any, want: Wanted, bases: Sequence[Base]) -> None:
        self.backend, self.want, self.bases = backend, want, bases
        self.amount = amount(want)
        groups = [self._group(at) for at in range(len(want.names))]
        self.groups = dict(zip(want.names, groups, strict=True))
        self.value = self._value() if want.rules[0].values else ""
        differ = [texts for texts in groups if len(set(texts)) > 1]
        self.copied = (
            want.counted is not Counted.RULES or bool(differ) or not isinstance(want.measure, InOrder)
        )
        """Whether an event of several rules is one row for each, and not one for all."""
        self.typed = want.counted is Counted.RULES or bool(differ)
        if differ and want.counted is Counted.NUMBERS:
            raise Unsayable("no conversion is written for numbers in groups that the rules call differently")

    def commands(self) -> Iterable[str]:
        search = str(self.backend.query(some(base.tree for base in self.bases)))
        if self.typed:
            # the types below say it all
            search = search.split("\n| where ")[0]
        yield search
        if self._told_apart:
            yield f"streamstats count AS {_EVENT}"
        if self.typed:
            yield f"eval {_RULE}=mvappend({', '.join(reversed(list(self._types())))})"
            yield f"where isnotnull({_RULE})"
            if self.copied:
                yield f"mvexpand {_RULE}"
        computed = [
            f"{field_name(name)}={text}"
            for name, texts in self.groups.items()
            if (text := self._joined(texts)) != value_of(name)
        ]
        if self.value:
            computed.append(f"{_VALUE}={self.value}")
        if computed:
            yield f"eval {', '.join(computed)}"
        needed = [*(f"isnotnull({value_of(name)})" for name in self.groups), *self._needed()]
        if needed:
            yield f"where {' AND '.join(needed)}"
        yield "sort 0 _time"
        if isinstance(self.want.measure, InOrder):
            yield from self._in_order()
        else:
            yield from self._counted()

    @property
    def _told_apart(self) -> bool:
        """Whether events are numbered, since one can be several rows and is to be counted once."""
        return self.typed and self.want.counted is Counted.EVENTS

    def _types(self) -> Iterable[str]:
        where = Where(xml="xml_data" in (self.backend.kinds or ()))
        for number, base in enumerate(self.bases):
            yield f'if({_condition(base.tree, where)}, "{number}", null())'

    def _needed(self) -> Iterable[str]:
        if self.want.counted is Counted.VALUES:
            yield f"isnotnull({_VALUE})"
        elif self.want.counted is Counted.NUMBERS:
            yield f"isnum({_VALUE})"

    # ---- fields ----

    def _group(self, at: int) -> list[str]:
        """What the group's field is, rule by rule."""
        return [_read(base, rule.by[at]) for base, rule in zip(self.bases, self.want.rules, strict=True)]

    def _value(self) -> str:
        """What is counted or added up; several fields are one text that tells where each begins."""
        texts = []
        for base, rule in zip(self.bases, self.want.rules, strict=True):
            parts = [_read(base, name) for name in rule.values]
            first, last = parts[:-1], parts[-1]
            texts.append("".join(f'len({one}).":".{one}.' for one in first) + last)
        if len(set(texts)) > 1 and self.want.counted is Counted.NUMBERS:
            raise Unsayable("no conversion is written for numbers of fields that the rules call differently")
        return self._joined(texts)

    def _joined(self, texts: Sequence[str]) -> str:
        if len(set(texts)) == 1:
            return texts[0]
        cases = (f'{_RULE}="{number}", {text}' for number, text in enumerate(texts))
        return f"case({', '.join(cases)})"

    @property
    def _by(self) -> str:
        return f" BY {', '.join(map(field_name, self.groups))}" if self.groups else ""

    # ---- windows ----

    def _counted(self) -> Iterable[str]:
        window = f"streamstats time_window={self.want.span}s"
        lasting = self.want.measure.lasting
        first = "" if lasting else " min(_time) AS begin"
        yield f"{window} {self._function()} AS {self.amount}{first}{self._by}"
        condition = self._condition()
        if lasting:
            yield f"where {condition}"
            return
        # only windows that no later event joins are asked
        yield "reverse"
        yield f"streamstats current=f last(_time) AS next{self._by}"
        yield f"where ({condition}) AND (isnull(next) OR next > begin + {self.want.span})"
        yield "reverse"

    def _function(self) -> str:
        match self.want.measure:
            case Total(mean=mean):
                return f"{'avg' if mean else 'sum'}({_VALUE})"
            case Ranked(percent=percent):
                return f"exactperc{float(percent):g}({_VALUE})"
            case Together():
                return f"values({_RULE})"
        if self.want.counted is Counted.EVENTS:
            return f"dc({_EVENT})" if self._told_apart else "count"
        return f"dc({_RULE if self.want.counted is Counted.RULES else _VALUE})"

    def _condition(self) -> str:
        measure = self.want.measure
        if isinstance(measure, Together):
            ways = [_way(way, self.amount) for way in measure.ways]
            return ways[0] if len(ways) == 1 else " OR ".join(f"({way})" for way in ways)
        return compared(
            self.amount, measure.bounds if isinstance(measure, Different | Total | Ranked) else ()
        )

    def _in_order(self) -> Iterable[str]:
        """For each step, when the latest events that did the steps up to it began."""
        orders = self.want.orders
        if self.copied and any(one > two for order in orders for one, two in pairwise(order)):
            raise Unsayable(
                "cannot be said in SPL: rules in turn that call the fields of a group differently"
            )
        steps = sorted({order[: n + 1] for order in orders for n in range(len(order))}, key=_shortest)
        number = {step: at for at, step in enumerate(steps, 1)}
        for step, at in number.items():
            since = f"before{at}" if step[:-1] else "_time"
            if step[:-1]:
                yield f"streamstats current=f max(begun{number[step[:-1]]}) AS {since}{self._by}"
            yield f"eval begun{at}=if({self._is_of(step[-1])}, {since}, null())"
        ends = [number[order] for order in orders]
        yield f"streamstats {', '.join(f'max(begun{end}) AS begin{end}' for end in ends)}{self._by}"
        yield f"where {' OR '.join(f'begin{end} >= _time - {self.want.span}' for end in ends)}"

    def _is_of(self, rule: int) -> str:
        return f'{_RULE}="{rule}"' if self.copied else f'isnotnull(mvfind({_RULE}, "^{rule}$"))'


def _shortest(steps: tuple[int, ...]) -> tuple[int, tuple[int, ...]]:
    return len(steps), steps


def _way(way: Way, rules: str) -> str:
    found = [f'isnotnull(mvfind({rules}, "^{rule}$"))' for rule in way.there]
    found += [f'isnull(mvfind({rules}, "^{rule}$"))' for rule in sorted(way.not_there)]
    return " AND ".join(found)


def _read(base: Base, field: str) -> str:
    """A field's value, whatever kind of event it is."""
    held = base.name(field)
    if held is not None:
        return _held(held)
    cases = (f"{_condition(kind.guard)}, {_held(kind.fields[field])}" for kind in base.kinds)
    return f"case({', '.join(cases)})"


def _condition(tree: Tree | None, where: Where | None = None) -> str:
    """A condition that is looked at for itself: null will do where it does not hold."""
    if tree is None:
        return "true()"
    return (where or Where()).whole(tree.parts if isinstance(tree, Every) else [tree])


def _held(names: Held) -> str:
    return '."\\\\".'.join(map(value_of, names))
