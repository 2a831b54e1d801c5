"""Simplifying a literal changes nothing of what it says of any event, and takes guards away."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import product

from hypothesis import given
from hypothesis import strategies as st

from sigmaproof.logic.prove.graph import FALSE, NULL, NUMBER, TRUE, Free, Graph, Kind, Leaf, Literal, Slot
from sigmaproof.logic.prove.machines import Language, runner
from sigmaproof.logic.prove.sequences import ALL
from sigmaproof.logic.prove.simplify import simplified
from sigmaproof.logic.prove.texts import languages
from sigmaproof.text.fold import Fold
from sigmaproof.text.glob import MANY, ONE, Glob

A, B = Slot("A"), Slot("B")
TEXTS = ["", "-", "a", "ab", "1"]
GLOBS = [
    Glob.of(""),
    Glob.of("-"),
    Glob.of("a"),
    Glob.of("a", MANY),
    Glob.of(MANY, "b"),
    Glob.of(ONE),
    Glob.of("1"),
]
VALUES: list[Language | Kind] = [
    ALL,
    NULL,
    NUMBER,
    *(one for glob in GLOBS for one in languages(glob, Fold.EXACT)),
]
Held = str | int | None | Kind
"""A text, a number, no value, or null."""
HELD: list[Held] = [*TEXTS, 1, None, NULL]

UNITS = st.one_of(
    st.builds(Leaf, st.sampled_from([A, B]), st.sampled_from(VALUES)),
    st.just(Free("whim", "only running tells", ())),
)
TREES = st.recursive(UNITS, lambda inner: st.tuples(st.booleans(), st.lists(inner, min_size=1, max_size=4)))


def built(graph: Graph, tree: object) -> Literal:
    if isinstance(tree, Leaf | Free):
        return graph.leaf(tree)
    negative, parts = tree  # type: ignore[misc]
    found = graph.all(built(graph, one) for one in parts)
    return -found if negative else found


def holds(graph: Graph, one: Literal, event: Mapping[Slot, Held], whim: bool) -> bool:
    if one < 0:
        return not holds(graph, -one, event, whim)
    if one == TRUE or one in graph.parts:
        return all(holds(graph, part, event, whim) for part in graph.parts.get(one, ()))
    leaf = graph.leaves[one]
    return whim if isinstance(leaf, Free) else fits(leaf.values, event[leaf.slot])


def fits(values: Language | Kind, held: Held) -> bool:
    """A number is asked as its text is; null has none."""
    if held is None or isinstance(held, Kind):
        return held is values
    if isinstance(values, Kind):
        return values is NUMBER and isinstance(held, int)
    return runner(values).contains(str(held))


def events() -> Iterator[Mapping[Slot, Held]]:
    for one, other in product(HELD, HELD):
        yield {A: one, B: other}


@given(TREES)
def test_a_simplified_literal_is_true_of_the_same_events(tree: object) -> None:
    graph = Graph()
    literal = built(graph, tree)
    found = simplified(graph, literal)
    for event in events():
        for whim in (False, True):
            assert holds(graph, found, event, whim) is holds(graph, literal, event, whim)


@given(TREES)
def test_simplifying_again_changes_nothing(tree: object) -> None:
    graph = Graph()
    once = simplified(graph, built(graph, tree))
    assert simplified(graph, once) == once


def leaf(graph: Graph, slot: Slot, *parts: object) -> Literal:
    return graph.leaf(Leaf(slot, languages(Glob.of(*parts), Fold.EXACT)[0]))  # type: ignore[arg-type]


def test_what_a_test_says_of_its_field_is_not_said_again() -> None:
    graph = Graph()
    test, dash = leaf(graph, A, "a", MANY), leaf(graph, A, "-")
    assert simplified(graph, graph.all([graph.present(A), test, -dash])) == test


def test_a_guard_goes_from_the_inside_of_a_negation() -> None:
    graph = Graph()
    test, other, there = leaf(graph, A, "a"), leaf(graph, B, "b"), graph.present(A)
    query = graph.all([other, there, -graph.all([there, test])])
    assert simplified(graph, query) == simplified(graph, graph.all([other, there, -test]))


def test_what_is_absent_is_no_text_besides() -> None:
    graph = Graph()
    blank, whim = leaf(graph, A), graph.leaf(Free("whim", "only running tells", ()))
    query = graph.all([whim, -blank, -graph.all([graph.present(A), whim])])
    assert simplified(graph, query) == graph.all([whim, -graph.present(A)])


def test_a_text_that_is_found_late_can_rule_out_what_came_before() -> None:
    graph = Graph()
    one, dash, there = leaf(graph, A, ONE), leaf(graph, A, "-"), graph.present(B)
    assert simplified(graph, graph.all([-one, -there, graph.any([dash, there])])) == FALSE


def test_two_texts_at_once_are_never() -> None:
    graph = Graph()
    both = graph.all([leaf(graph, A, "a"), leaf(graph, A, "ab")])
    assert simplified(graph, graph.any([both, graph.all([both, leaf(graph, B, "b")])])) == FALSE


def test_equal_sides_are_seen_at_once() -> None:
    graph = Graph()
    one = graph.all([leaf(graph, A, "a"), leaf(graph, B, "b")])
    assert graph.all([one, -one]) == FALSE == graph.all([-one, one])
