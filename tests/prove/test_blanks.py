"""The characters at which texts are cut into words."""

from __future__ import annotations

import sys

from sigmaproof.logic.prove.parts import BLANKS


def test_blanks_are_what_python_takes_for_blank() -> None:
    blank = {code for code in range(sys.maxunicode + 1) if chr(code).isspace()}
    assert {code for first, last in BLANKS.ranges for code in range(first, last + 1)} == blank
