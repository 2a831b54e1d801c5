"""Stages over records, against loops over lists of dictionaries."""

from __future__ import annotations

from statistics import stdev
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sigmaproof.index.splunk import SplunkIndex
from sigmaproof.logic.checks import Matches, Present
from sigmaproof.logic.plans.records import (
    Derive,
    Events,
    Given,
    Keep,
    Passing,
    Records,
    Stage,
    Union,
    wild_parts,
)
from sigmaproof.logic.plans.records_aggregates import Measure, measure_function
from sigmaproof.logic.plans.records_groups import Annotate, By, Group, Running
from sigmaproof.logic.plans.records_rows import (
    Distinct,
    Expand,
    Fill,
    First,
    Join,
    Key,
    LookUp,
    Mark,
    Rename,
    Reverse,
    Sort,
)
from sigmaproof.logic.plans.records_values import Choose, Constant
from sigmaproof.logic.run import Table
from sigmaproof.logic.terms import TRUE
from sigmaproof.logic.terms import Test as Leaf
from sigmaproof.text.glob import Glob

INDEX = SplunkIndex()
Row = dict[str, Any]
"""Field → list of texts; `rows` → the events behind it."""

FIELDS = ("u", "h", "n")
IS_A = Leaf("u", Matches(Glob.of("a")))

values = st.sampled_from(["a", "b", "1", "2", "10"])
events = st.lists(
    st.fixed_dictionaries(
        {"_time": st.integers(0, 9)},
        optional={"u": values | st.lists(values, max_size=2), "h": values, "n": st.integers(0, 12)},
    ),
    max_size=8,
)
fields = st.sampled_from(FIELDS)
some_fields = st.lists(fields, min_size=1, max_size=2, unique=True).map(tuple)
measures = st.tuples(
    st.builds(
        Measure,
        st.sampled_from(["count", "dc", "values", "list", "min", "max", "sum", "first"]),
        fields,
        st.just("m"),
    )
)
stages = st.lists(
    st.one_of(
        st.just(Keep(IS_A)),
        st.builds(First, st.integers(0, 4), st.booleans()),
        st.just(Reverse()),
        st.builds(Distinct, some_fields, st.integers(1, 2), st.booleans()),
        st.builds(Expand, fields),
        st.just(Fill(("0",))),
        st.builds(Sort, st.tuples(st.builds(Key, fields, st.booleans()))),
        st.just(Rename((("u", "h"),))),
        st.just(Derive((("u", Choose(IS_A, "h", Constant(("z",)))), ("x", "u")))),
        st.just(Derive((), (Passing(("u*", "n")),))),
        st.builds(Annotate, measures, st.builds(By, some_fields)),
        st.builds(Group, measures, st.builds(By, some_fields, st.booleans())),
        st.builds(Group, measures),
        st.builds(Running, measures, st.builds(By, some_fields), st.integers(0, 2), current=st.booleans()),
    ),
    max_size=4,
)


@given(events, stages)
def test_stages_do_what_loops_do(documents: list[dict[str, Any]], chain: list[Stage]) -> None:
    found = Records((Events(TRUE, INDEX.fields), *chain)).run(Table(documents, INDEX.read))
    rows = [_row(document, number) for number, document in enumerate(documents)]
    for stage in chain:
        rows = naive(stage, rows)
    assert [tuple(row.pop("rows")) for row in rows] == list(found.findings)
    assert found.records is not None
    shown = [{name: list(cell or ()) for name, cell in record.items()} for record in found.records]
    assert shown == [{name: cell for name, cell in row.items() if cell} for row in rows]


def _row(document: dict[str, Any], number: int) -> Row:
    return {"rows": [number]} | {name: list(INDEX.read(document, name) or ()) for name in document}


def naive(stage: Stage, rows: list[Row]) -> list[Row]:
    match stage:
        case Keep():
            return [row for row in rows if "a" in row.get("u", [])]
        case First(count, last):
            return rows[::-1][:count] if last else rows[:count]
        case Reverse():
            return rows[::-1]
        case Distinct(names, count, keep):
            return _distinct(rows, names, count, keep)
        case Expand(field):
            return [
                row | {field: part} for row in rows for part in ([[v] for v in row.get(field, [])] or [[]])
            ]
        case Fill():
            every = {name for row in rows for name, cell in row.items() if cell and name != "rows"}
            return [{name: row.get(name) or ["0"] for name in every} | {"rows": row["rows"]} for row in rows]
        case Sort((key,)):
            there = [row for row in rows if row.get(key.field)]
            there.sort(key=lambda row: _rank(row[key.field][0]), reverse=key.descending)
            return there + [row for row in rows if not row.get(key.field)]
        case Rename():
            return [row | {"h": row["u"], "u": []} if row.get("u") else row for row in rows]
        case Derive(_, filters):
            if filters:
                return [{k: v for k, v in row.items() if k[0] == "u" or k in ("n", "rows")} for row in rows]
            return [
                row | {"u": row.get("h", []) if "a" in row.get("u", []) else ["z"], "x": row.get("u", [])}
                for row in rows
            ]
        case Annotate((measure,), by):
            return [
                row | {"m": figure(measure, [other for other in rows if key in _keys(other, by)])}
                if (key := _first_key(row, by)) is not None
                else row
                for row in rows
            ]
        case Group((measure,), by):
            return _grouped(rows, measure, by)
        case Running((measure,), by, window, _, current):
            return _running(rows, measure, by, window, current)
    raise AssertionError(stage)


def _distinct(rows: list[Row], names: tuple[str, ...], count: int, keep: bool) -> list[Row]:
    seen: list[Any] = []
    kept = []
    for row in rows:
        key = [row.get(name, []) for name in names]
        if [] in key:
            kept += [row] * keep
        else:
            seen.append(key)
            kept += [row] * (seen.count(key) <= count)
    return kept


def _grouped(rows: list[Row], measure: Measure, by: By) -> list[Row]:
    keys = [key for row in rows for key in _keys(row, by)] if by.fields else [()]
    ordered = sorted(dict.fromkeys(keys), key=lambda key: [[_plain_rank(v) for v in cell] for cell in key])
    result = []
    for key in ordered:
        group = [row for row in rows if key in _keys(row, by)]
        cells = {name: list(cell) for name, cell in zip(by.fields, key, strict=True)}
        result.append(
            cells | {"m": figure(measure, group), "rows": sorted({n for row in group for n in row["rows"]})}
        )
    return result


def _running(rows: list[Row], measure: Measure, by: By, window: int, current: bool) -> list[Row]:
    result = []
    for number, row in enumerate(rows):
        key = _first_key(row, by)
        if key is None:
            result.append(row)
            continue
        before = [other for other in rows[: number + current] if _first_key(other, by) == key]
        result.append(row | {"m": figure(measure, before[-window:] if window else before)})
    return result


def _keys(row: Row, by: By) -> list[Any]:
    cells = [row.get(name, []) for name in by.fields]
    if [] in cells:
        return []
    if not by.each:
        return [tuple(map(tuple, cells))]
    keys: list[Any] = [()]
    for cell in cells:
        keys = [(*key, (value,)) for key in keys for value in dict.fromkeys(cell)]
    return keys


def _first_key(row: Row, by: By) -> Any:
    return next(iter(_keys(row, by)), None)


def figure(measure: Measure, rows: list[Row]) -> list[Any]:
    assert isinstance(measure.subject, str)
    found = [value for row in rows for value in row.get(measure.subject, [])]
    numbers = [float(value) for value in found if str(value).isdigit()]
    texts = [str(value) for value in found]
    match measure.function:
        case "count":
            return [len(found)]
        case "dc":
            return [len(set(texts))]
        case "values":
            return sorted(set(texts))
        case "list":
            return texts
        case "min" | "max":
            pick = min if measure.function == "min" else max
            return [pick(numbers if len(numbers) == len(found) else texts)] if found else []
        case "sum":
            return [sum(numbers)] if numbers else []
    return found[:1]


def _rank(value: Any) -> Any:
    return (0, float(value), "") if str(value).isdigit() else (1, 0, str(value))


def _plain_rank(value: Any) -> Any:
    return (0, value, "") if isinstance(value, int | float) else (1, 0, value)


def table(*rows: dict[str, Any]) -> Table:
    return Table(rows, INDEX.read)


NUMBERS = table(*({"_time": time, "n": n} for time, n in enumerate([7, 3, 10, 5, 5, 9])))


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("count", 6),
        ("c", 6),
        ("dc", 5),
        ("distinct_count", 5),
        ("sum", 39),
        ("avg", 6.5),
        ("mean", 6.5),
        ("min", 3),
        ("max", 10),
        ("range", 7),
        ("median", 7),
        ("perc50", 6),
        ("p95", 9.75),
        ("exactperc25", 5),
        ("mode", "5"),
        ("first", "7"),
        ("last", "9"),
        ("earliest", "7"),
        ("latest", "9"),
        ("stdev", stdev([7, 3, 10, 5, 5, 9])),
        ("sumsq", 289),
    ],
)
def test_measures(name: str, expected: Any) -> None:
    known = measure_function(name)
    assert known is not None
    plan = Records((Events(TRUE), Group((Measure(known[0], "n", "m", known[1]),))))
    (record,) = plan.records(NUMBERS)
    assert record.get("m") == (pytest.approx(expected) if isinstance(expected, float) else expected,)


def test_percentiles_as_documented() -> None:
    ten = table(*({"n": n} for n in range(1, 11)))
    for percent, expected in ((95, 9.55), (50, 5.5), (25, 3.25)):
        plan = Records((Events(TRUE), Group((Measure("perc", "n", "m", percent),))))
        assert plan.records(ten)[0].get("m") == (expected,)


@pytest.mark.parametrize(("span", "closed", "expected"), [(2, True, [1, 2, 3, 1]), (2, False, [1, 2, 2, 1])])
def test_windows_in_time(span: int, closed: bool, expected: list[int]) -> None:
    rows = table(*({"_time": time} for time in (0, 1, 2, 9)))
    plan = Records((Events(TRUE), Running((Measure("count", None, "m"),), span=span, closed=closed)))
    assert [record.get("m") for record in plan.records(rows)] == [(count,) for count in expected]


def test_a_window_over_all_groups() -> None:
    rows = table(*({"u": u} for u in "aabba"))
    running = Running((Measure("count", None, "m"),), By(("u",)), window=3, shared=True)
    plan = Records((Events(TRUE), running))
    assert [record.get("m") for record in plan.records(rows)] == [(1,), (2,), (1,), (2,), (1,)]


def test_events_come_newest_first_if_all_have_a_time() -> None:
    plan = Records((Events(TRUE, newest_first=True),))
    assert plan.run(table({"_time": 1}, {"_time": 3}, {"_time": 2})).findings == ((1,), (2,), (0,))
    assert plan.run(table({"_time": 1}, {}, {"_time": 2})).findings == ((0,), (1,), (2,))


def test_mark() -> None:
    mark = Mark(Records((Given(((("u", ("A",)),),)),)), "found")
    found = Records((Events(TRUE), mark)).records(table({"u": "a"}, {"u": "b"}, {}))
    assert [record.get("found") for record in found] == [(True,), None, None]


def test_rows_from_elsewhere() -> None:
    rows = table({"u": "a", "h": "1"}, {"u": "b", "h": "2"}, {"u": "c"})
    other = Records((Given(((("h", ("1",)), ("x", ("new",))),)),))
    for stage, expected in (
        (Join(other, ("h",)), [(0,)]),
        (Join(other, ("h",), left=True), [(0,), (1,), (2,)]),
        (Union((other,)), [(0,), (1,), (2,), ()]),
        (Keep(Leaf("u", Present())), [(0,), (1,), (2,)]),
    ):
        assert list(Records((Events(TRUE), stage)).run(rows).findings) == expected
    looked_up = LookUp(((("h", ("1",)), ("x", ("new",))),), (("h", "h"),), (("x", "y"),))
    assert [record.get("y") for record in Records((Events(TRUE), looked_up)).records(rows)] == [
        ("new",),
        None,
        None,
    ]


@pytest.mark.parametrize(
    ("pattern", "name", "parts"),
    [
        ("a", "a", ()),
        ("a", "b", None),
        ("*", "abc", ("abc",)),
        ("x.*", "x.y", ("y",)),
        ("x.*", "y.x", None),
        ("*_*", "a_b_c", ("a", "b_c")),
        ("*b", "abb", ("ab",)),
        ("a*b*c", "aXbYc", ("X", "Y")),
        ("a*b", "ab", ("",)),
    ],
)
def test_wildcards_in_names(pattern: str, name: str, parts: tuple[str, ...] | None) -> None:
    assert wild_parts(pattern, name) == parts
