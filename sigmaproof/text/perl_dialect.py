"""How the members of the Perl family differ."""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum

from msgspec import Struct

from sigmaproof.text.fold import Fold
from sigmaproof.text.named_classes import (
    DIGIT,
    HORIZONTAL,
    NEWLINE,
    SPACE,
    VERTICAL,
    WORD,
)
from sigmaproof.text.regex import Anchor, Chars


class Dialect(Enum):
    """Whose regular expressions they are."""

    SIGMA = "sigma"
    """A superset of RE2's syntax, as the rules in the wild use it. `$` is the very end, as in RE2."""
    PCRE = "pcre"
    """Splunk's `rex`, `regex` and `match()`. `$` is the end, or before a newline that ends the text."""
    JAVA = "java"
    """java.util.regex, as EQL applies it to the result of a function. `$` as in PCRE."""


class Flags(Struct, frozen=True):
    """The inline flags in force at one place of a pattern."""

    ignore_case: bool = False
    multiline: bool = False
    dotall: bool = False
    extended: bool = False
    ungreedy: bool = False
    unicode_case: bool = False


class Rules(Struct, frozen=True):
    """What a dialect decides."""

    dialect: Dialect
    flags: Mapping[str, str]
    """Inline flag letters, with the field of `Flags` that each sets."""
    controls: Mapping[str, str]
    """Escapes that stand for one control character."""
    classes: Mapping[str, Chars]
    """Escapes that stand for a class."""
    line_breaks: Chars = NEWLINE
    """What `.` does not match."""
    dollar: Anchor = Anchor.BEFORE_FINAL_NEWLINE
    code_unit_escapes: bool = True
    r"""`\u0041` is a letter."""
    control_escapes: bool = True
    r"""`\cA` is a control character."""
    literal_brace: bool = True
    """A `{` that starts no quantifier is itself."""
    nested_classes: bool = False
    """`[` and `&&` inside a class mean something."""

    def fold(self, flags: Flags) -> Fold:
        """How letters compare under these flags. Java folds ASCII only, unless told `(?u)`."""
        if not flags.ignore_case:
            return Fold.EXACT
        return Fold.ASCII if self.dialect is Dialect.JAVA and not flags.unicode_case else Fold.SIMPLE


def _with_complements(classes: Mapping[str, Chars]) -> Mapping[str, Chars]:
    return {**classes, **{letter.upper(): ~chars for letter, chars in classes.items()}}


_BASIC = {"d": DIGIT, "w": WORD, "s": SPACE}
_PERL = {**_BASIC, "h": HORIZONTAL, "v": VERTICAL}
_FLAGS = {"i": "ignore_case", "m": "multiline", "s": "dotall", "x": "extended"}
_CONTROLS = {"t": "\t", "n": "\n", "r": "\r", "f": "\f", "a": "\a", "e": "\x1b"}

RULES: Mapping[Dialect, Rules] = {
    Dialect.SIGMA: Rules(
        Dialect.SIGMA,
        flags={**_FLAGS, "U": "ungreedy"},
        controls={**_CONTROLS, "v": "\v"},
        classes=_with_complements(_BASIC),
        dollar=Anchor.END,
        control_escapes=False,
    ),
    Dialect.PCRE: Rules(
        Dialect.PCRE,
        flags={**_FLAGS, "U": "ungreedy"},
        controls=_CONTROLS,
        classes={**_with_complements(_PERL), "N": ~NEWLINE},
        code_unit_escapes=False,
    ),
    Dialect.JAVA: Rules(
        Dialect.JAVA,
        flags={**_FLAGS, "u": "unicode_case"},
        controls=_CONTROLS,
        classes=_with_complements(_PERL),
        line_breaks=Chars.of((0x0A, 0x0A), (0x0D, 0x0D), (0x85, 0x85), (0x2028, 0x2029)),
        literal_brace=False,
        nested_classes=True,
    ),
}
