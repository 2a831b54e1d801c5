"""Inverse images: a raw text is in one exactly if what the function makes of the text satisfies the check."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sigmaproof.index.derive import FUNCTIONS
from sigmaproof.index.inverse import IndexReader
from sigmaproof.index.model import plain_model
from sigmaproof.index.shape import Constant, Entry, Place, Shape, When
from sigmaproof.index.shape import Derived as DerivedOrigin
from sigmaproof.index.shape import Raw as RawOrigin
from sigmaproof.logic.checks import AllOf, AnyOf, Check, Matches, Other, Present
from sigmaproof.logic.prove.graph import NULL, TRUE, Free, Graph, Leaf, Literal
from sigmaproof.logic.prove.machines import runner
from sigmaproof.text.fold import Fold
from sigmaproof.text.glob import MANY, ONE, Glob

PIECES = {
    "words": ["a", "b ", " ", "\t", "\u00a0", "c"],
    "message_codes": ["%", "%%", "1537", " ", "\r\n", "4416"],
    "hash_of": ["MD5=", "md5=", "SHA1=", "0", "00", "a1", "F", ",", "=", "5"],
    "registry_data": [
        "DWORD (0x",
        "qword (0x",
        "0000000",
        "00000001",
        "F",
        "-0x",
        ")",
        "Binary Data",
        "1",
        "2",
    ],
    "registry_data_type": ["DWORD (0x00000001)", "QWORD (0x00000000-0x00000001)", "Binary Data", "a", ""],
}
CHECKS: dict[str, list[Check]] = {
    "words": [Matches(Glob.of("a")), Matches(Glob.of(MANY, "b"), Fold.SIMPLE), Present()],
    "message_codes": [Matches(Glob.of("1537")), Matches(Glob.of("4416", MANY)), Matches(Glob.of("%"))],
    "hash_of": [Matches(Glob.of("a1", MANY)), Matches(Glob.of(MANY, "f")), Present()],
    "registry_data": [
        Matches(Glob.of("1"), Fold.ASCII),
        Matches(Glob.of(MANY, "dword", MANY), Fold.SIMPLE),
        Matches(Glob.of(ONE)),
        Present(),
        AnyOf((Matches(Glob.of("15")), Matches(Glob.of("258")))),
        AllOf((Matches(Glob.of("2", ONE, "8")), AnyOf((Matches(Glob.of("258")), Matches(Glob.of("248")))))),
        Other(Matches(Glob.of("0"))),
    ],
    "registry_data_type": [Matches(Glob.of("SZ_DWORD")), Matches(Glob.of(MANY, "SZ", MANY)), Present()],
}


def origin(function: str) -> DerivedOrigin:
    sources = (RawOrigin("A"), Constant("md5")) if function == "hash_of" else (RawOrigin("A"),)
    return DerivedOrigin(function, sources)


def literal(function: str, check: Check) -> tuple[Graph, Literal]:
    plain = plain_model("eql")
    shape = Shape((Entry("all", When(), {"x": origin(function)}),))
    model = type(plain)("t", "t", "elastic", "", plain.index, shape=shape, default="keyword")
    graph = Graph()
    reader = IndexReader(graph, model=model, place=Place("c", 1))
    return graph, reader.cell("x", check)


def holds(graph: Graph, one: Literal, text: str) -> bool:
    if one < 0:
        return not holds(graph, -one, text)
    if one == TRUE or one in graph.parts:
        return all(holds(graph, part, text) for part in graph.parts.get(one, ()))
    leaf = graph.leaves[one]
    assert not isinstance(leaf, Free), leaf.reason
    assert isinstance(leaf, Leaf)
    return leaf.values is not NULL and runner(leaf.values).contains(text)  # type: ignore[arg-type]


def satisfied(found: Any, check: Check) -> bool:
    values = found if isinstance(found, list) else [] if found is None else [found]
    return any(check.predicate()(value) for value in values)


@pytest.mark.parametrize(
    ("function", "check"), [(name, check) for name, checks in CHECKS.items() for check in checks], ids=str
)
def test_image(function: str, check: Check) -> None:
    graph, one = literal(function, check)

    @given(st.lists(st.sampled_from(PIECES[function]), max_size=7).map("".join))
    def same(text: str) -> None:
        assert holds(graph, one, text) is satisfied(origin(function).of({"A": text}), check)

    same()


@pytest.mark.parametrize(
    "text", ["DWORD (0x00000001)", "dword (0x00000102)", "QWORD (0x00000001-0x00000002)"]
)
@pytest.mark.parametrize("check", CHECKS["registry_data"], ids=str)
def test_numbers_of_the_registry(text: str, check: Check) -> None:
    graph, one = literal("registry_data", check)
    assert holds(graph, one, text) is satisfied(FUNCTIONS["registry_data"].apply(text), check)


def test_a_part_of_a_number_is_not_interpreted() -> None:
    graph, _ = literal("registry_data", Matches(Glob.of(MANY, "1", MANY)))
    assert [leaf.reason for leaf in graph.leaves.values() if isinstance(leaf, Free)]
