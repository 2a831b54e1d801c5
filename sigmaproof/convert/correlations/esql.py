"""Correlations in ES|QL: the events of a group beside each other, and what the window of each amounts to.

ES|QL has no windows that slide along. So every event is put beside the others of its group that are near:
those of its own span of time (`bin`) and of the one before. `MV_EXPAND` of the same values twice does that.
https://www.elastic.co/docs/reference/query-languages/esql/commands/mv_expand
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from sigmaproof.convert.correlations.bases import Base, Held
from sigmaproof.convert.correlations.esql_orders import can_be_last, in_order
from sigmaproof.convert.correlations.wanted import Wanted, amount, compared
from sigmaproof.convert.tree import some
from sigmaproof.convert.values import Unsayable
from sigmaproof.logic.plans.hits import Counted
from sigmaproof.logic.plans.measures import Ranked, Together, Total, Way
from sigmaproof.logic.plans.orders import InOrder

_BEHIND = 'SUBSTRING(seen, LOCATE(seen, "\\n") + 1)'
"""What stands behind the event's time and id."""

_TIME = "TO_LONG(TO_DATETIME(SUBSTRING({}, 1, 24)))"


def write(backend: Any, want: Wanted, bases: Sequence[Base]) -> list[str]:
    """The query. Raises `Unsayable`."""
    return ["\n| ".join(_Query(backend, want, bases).commands())]


class _Query:
    def __init__(self, backend: Any, want: Wanted, bases: Sequence[Base]) -> None:
        self.backend, self.want, self.bases = backend, want, bases
        self.amount, self.lasting = amount(want), want.measure.lasting
        self.groups = {
            name: [self._read(base, rule.by[at]) for base, rule in zip(bases, want.rules, strict=True)]
            for at, name in enumerate(want.names)
        }
        differ = any(len(set(texts)) > 1 for texts in self.groups.values())
        self.typed = want.counted is Counted.RULES or differ
        if differ and want.counted is Counted.NUMBERS:
            raise Unsayable("no conversion is written for numbers in groups that the rules call differently")

    def commands(self) -> Iterable[str]:
        span = self.want.span * 1000
        query = self.backend.query(some(base.tree for base in self.bases))
        yield query.replace(
            f"FROM {self.backend.sources}", f"FROM {self.backend.sources} METADATA _id, _index", 1
        )
        if self.typed:
            types = [f'CASE({self._condition(base)}, "{n} ", "")' for n, base in enumerate(self.bases)]
            joined = types[0] if len(types) == 1 else f"CONCAT({', '.join(types)})"
            yield f'EVAL rule = SPLIT({joined}, " ")'
            yield "MV_EXPAND rule"
            yield 'WHERE rule != ""'
        groups = {self._name(name): self._joined(texts) for name, texts in self.groups.items()}
        values = self._values()
        columns = groups | (values or {"token": self._token()})
        yield "EVAL " + ", ".join(f"{name} = {text}" for name, text in columns.items() if name != text)
        yield "WHERE " + " AND ".join(f"{name} IS NOT NULL" for name in columns)
        # an event with several values counts with each of them
        yield from (f"MV_EXPAND {name}" for name in values)
        if self.want.counted is Counted.NUMBERS:
            yield "WHERE TO_DOUBLE(token) IS NOT NULL"
        if len(values) > 1:
            pairs = "".join(f'TO_STRING(LENGTH({name})), ":", {name}, ' for name in [*values][:-1])
            yield f"EVAL token = CONCAT({pairs}{[*values][-1]})"
        yield f"EVAL bin = TO_LONG(@timestamp) / {span}"
        bins = "MV_APPEND(bin, bin + 1)"
        yield f"EVAL bin = {bins if self.lasting else f'MV_APPEND({bins}, bin - 1)'}"
        yield "MV_EXPAND bin"
        yield 'EVAL seen = CONCAT(TO_STRING(@timestamp), " ", _index, " ", _id, "\\n", token)'
        by = [self._name(name) for name in self.groups]
        yield f"STATS seen = VALUES(seen) BY {', '.join([*by, 'bin'])}"
        yield "EVAL event = seen"
        yield "MV_EXPAND event"
        yield f"EVAL at = {_TIME.format('event')}"
        last = f" AND {can_be_last(self.want.orders)}" if isinstance(self.want.measure, InOrder) else ""
        yield f"WHERE at / {span} == bin{last}"
        yield "MV_EXPAND seen"
        yield f"EVAL since = {_TIME.format('seen')}"
        yield f"WHERE at - since <= {span} AND {'since <= at' if self.lasting else f'since - at <= {span}'}"
        if isinstance(self.want.measure, InOrder):
            yield from in_order(self.want.orders, by)
        else:
            yield from self._counted(by, span)
        yield "EVAL @timestamp = TO_DATETIME(at)"
        yield f"KEEP {', '.join(['@timestamp', *by])}"

    def _counted(self, by: Sequence[str], span: int) -> Iterable[str]:
        yield f"EVAL token = {_BEHIND}"
        yield f"STATS {', '.join(self._measures())} BY {', '.join([*by, 'event', 'at'])}"
        if isinstance(self.want.measure, Ranked):
            # VALUES has equal ones once; what is in front of a number tells them apart, and goes then
            yield 'EVAL numbers = SPLIT(REPLACE(MV_CONCAT(numbers, "\\t"), "[^\\t\\n]*\\n", ""), "\\t")'
            percent = repr(float(self.want.measure.percent))
            yield f"EVAL {self.amount} = MV_PERCENTILE(TO_DOUBLE(numbers), {percent})"
        yield f"WHERE {self._whole(span)}"

    def _measures(self) -> Iterable[str]:
        inside = "" if self.lasting else " WHERE since <= at"
        match self.want.measure:
            case Together():
                for number in range(len(self.bases)):
                    extra = "" if self.lasting else " AND since <= at"
                    yield f'rule{number} = COUNT(*) WHERE token == "{number}"{extra}'
            case Total(mean=mean):
                yield f"{self.amount} = {'AVG' if mean else 'SUM'}(TO_DOUBLE(token)){inside}"
            case Ranked():
                yield f"numbers = VALUES(seen){inside}"
            case _:
                once = self.want.counted is Counted.EVENTS and not self.typed
                counted = "COUNT(*)" if once else "COUNT_DISTINCT(token)"
                yield f"{self.amount} = {counted}{inside}"
        if not self.lasting:
            yield "begin = MIN(since) WHERE since <= at"
            yield "next = MIN(since) WHERE seen > event"

    def _whole(self, span: int) -> str:
        measure = self.want.measure
        condition = (
            " OR ".join(f"({_way(way)})" for way in measure.ways)
            if isinstance(measure, Together)
            else compared(self.amount, self.want.bounds, "==")
        )
        # only windows that no later event joins are asked
        return condition if self.lasting else f"({condition}) AND (next IS NULL OR next > begin + {span})"

    # ---- fields ----

    def _token(self) -> str:
        if self.want.counted is Counted.EVENTS:
            return 'CONCAT(_index, " ", _id)' if self.typed else '""'
        return "rule"

    def _values(self) -> dict[str, str]:
        """What is counted or added up, in columns; one of them is the token."""
        columns: dict[str, str] = {}
        count = len(self.want.rules[0].values)
        for at in range(count):
            texts = [
                f"TO_STRING({self._read(base, rule.values[at])})"
                for base, rule in zip(self.bases, self.want.rules, strict=True)
            ]
            if len(set(texts)) > 1 and not self.typed:
                raise Unsayable(
                    "no conversion is written for values of fields that the rules call differently"
                )
            columns["token" if count == 1 else f"value{at + 1}"] = self._joined(texts)
        return columns

    def _joined(self, texts: Sequence[str]) -> str:
        if len(set(texts)) == 1:
            return texts[0]
        cases = (f'rule == "{number}", {text}' for number, text in enumerate(texts))
        return f"CASE({', '.join(cases)})"

    def _read(self, base: Base, field: str) -> str:
        held = base.name(field)
        if held is not None:
            return self._held(held)
        cases = [
            f"{'true' if kind.guard is None else self.backend.write(kind.guard, outermost=True)}, "
            f"{self._held(kind.fields[field])}"
            for kind in base.kinds
        ]
        return f"CASE({', '.join(cases)})"

    def _held(self, names: Held) -> str:
        texts = [self._name(name) for name in names]
        return texts[0] if len(texts) == 1 else f'CONCAT({texts[0]}, "\\\\", {texts[1]})'

    def _condition(self, base: Base) -> str:
        return str(self.backend.write(base.tree, outermost=True))

    def _name(self, field: str) -> str:
        return str(self.backend.name_of(field))


def _way(way: Way) -> str:
    found = [f"rule{rule} > 0" for rule in way.there]
    return " AND ".join([*found, *(f"rule{rule} == 0" for rule in sorted(way.not_there))])


def _unsayable(what: str) -> Unsayable:
    return Unsayable(f"cannot be said in ES|QL: {what}")
