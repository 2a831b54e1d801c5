"""Values as text and as numbers."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st
from naive_logic import number

from sigmaproof.logic.values import Value, number_of, text_of

TEXTS = [
    (True, "true"),
    (False, "false"),
    (None, ""),
    (1, "1"),
    (1.0, "1.0"),
    (-0.0, "-0.0"),
    (2**64, "18446744073709551616"),
    ("True", "True"),
]

NUMBERS = [
    ("0", 0),
    ("-0", 0),
    ("10", 10),
    ("1.50", 1.5),
    ("1e3", 1000.0),
    ("1E-3", 0.001),
    ("9007199254740993", 2**53 + 1),
    ("1" * 310, int("1" * 310)),
    ("1" * 311, None),
    ("01", None),
    ("+1", None),
    ("1.", None),
    (".5", None),
    (" 1", None),
    ("1\n", None),
    ("--1", None),
    ("-", None),
    ("", None),
    ("0x10", None),
    ("1_000", None),
    ("١٢", None),
    ("²", None),
    ("inf", None),
    ("nan", None),
    ("true", None),
    (True, None),
    (None, None),
    (2.5, 2.5),
    (10**400, 10**400),
]


@pytest.mark.parametrize(("value", "text"), TEXTS)
def test_text_of(value: Value, text: str) -> None:
    assert text_of(value) == text


@pytest.mark.parametrize(("value", "expected"), NUMBERS)
def test_number_of(value: Value, expected: float | None) -> None:
    found = number_of(value)
    assert found == expected
    assert type(found) is type(expected)


@given(st.integers(-(10**300), 10**300))
def test_an_integer_and_its_text_are_one_number(whole: int) -> None:
    assert number_of(str(whole)) == whole == number_of(whole)


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_a_float_and_its_text_are_one_number(value: float) -> None:
    assert number_of(str(value)) == value


@given(st.text("0123456789.-+eE ", max_size=6))
def test_numbers_are_read_as_the_naive_evaluator_reads_them(text: str) -> None:
    assert number_of(text) == number(text)


def test_what_no_double_holds_is_still_a_number() -> None:
    assert number_of("1e400") == math.inf
