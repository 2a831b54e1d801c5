r"""The parts of a Perl-family pattern that stand for one character: escapes and `[…]`."""

from __future__ import annotations

from msgspec import Struct

from sigmaproof.text.fold import Fold
from sigmaproof.text.named_classes import CASED, POSIX, category
from sigmaproof.text.perl_dialect import Dialect, Rules
from sigmaproof.text.reader import Reader
from sigmaproof.text.regex import LAST, Chars

_HEX = "0123456789abcdefABCDEF"
_OCTAL = "01234567"

_REFUSED = {
    "g": ("back-reference", "no linear engine can run it"),
    "k": ("back-reference", "no linear engine can run it"),
    "G": (r"\G", "there is no previous match"),
    "K": (r"\K", "it moves the start of the match"),
    "R": (r"\R", "it is an atomic group"),
    "X": (r"\X", "grapheme clusters are not modelled"),
    "C": (r"\C", "it splits characters into bytes"),
}


class Named(Struct, frozen=True):
    """A class that an escape stands for."""

    chars: Chars
    cased: bool = False
    """Whether ignoring case widens it."""

    def under(self, rule: Fold) -> Chars:
        """The class under a case rule."""
        return self.chars.insensitive(rule) if self.cased else self.chars


def read_escape(reader: Reader, rules: Rules) -> str | Named:
    """The character or class that the escape stands for; the backslash is already read."""
    offset = reader.at - 1
    letter = reader.take("pattern ends with a backslash")
    if letter in rules.classes:
        return Named(rules.classes[letter])
    if letter in rules.controls:
        return rules.controls[letter]
    if letter in "pP":
        return _property(reader, rules, negated=letter == "P", offset=offset)
    if letter == "0":
        return _octal(reader, rules)
    if letter.isascii() and letter.isdigit():
        reader.refuse("back-reference", "no linear engine can run it", offset)
    if letter.isascii() and letter.isalpha():
        return _letter_escape(reader, rules, letter, offset)
    return letter


def read_class(reader: Reader, rules: Rules, rule: Fold) -> Chars:
    """The class up to and including its `]`; the `[` is already read."""
    start = reader.at - 1
    negated = reader.accept("^")
    folding, fixed, first = Chars(()), Chars(()), True
    while first or not reader.accept("]"):
        if reader.done:
            reader.fail("missing ] to close the class", start)
        member = _member(reader, rules)
        if member is not None:
            if isinstance(member, Named) and not member.cased:
                fixed |= member.chars
            else:
                folding |= _range(reader, rules, member) if isinstance(member, str) else member.chars
            first = False
    chars = folding.insensitive(rule) | fixed
    return ~chars if negated else chars


def _member(reader: Reader, rules: Rules) -> str | Named | None:
    """One member of a class; None for a quotation, whose text is put in place of itself."""
    offset = reader.at
    if reader.sees("[:") and not rules.nested_classes:
        return _posix(reader)
    if rules.nested_classes and (reader.sees("[") or reader.sees("&&")):
        reader.refuse("class operation", "nested classes are not modelled", offset)
    letter = reader.take()
    if letter != "\\":
        return letter
    if reader.sees("Q") or reader.sees("E"):
        reader.refuse(r"\Q", "quotation inside a class is not modelled", offset)
    if reader.sees("b") and rules.dialect is not Dialect.JAVA:
        reader.take()
        return "\b"
    return read_escape(reader, rules)


def _range(reader: Reader, rules: Rules, low: str) -> Chars:
    """`low`, or the range that it begins."""
    offset = reader.at - 1
    if not reader.sees("-") or reader.sees("-]"):
        return Chars.one(low)
    reader.take()
    high = _member(reader, rules)
    if not isinstance(high, str):
        reader.fail("a class cannot end a range", offset)
    if high < low:
        reader.fail(f"range {low}-{high} runs backwards", offset)
    return Chars.of((ord(low), ord(high)))


def _posix(reader: Reader) -> str | Named:
    start = reader.at
    end = reader.pattern.find(":]", start + 2)
    name = reader.pattern[start + 2 : end] if end >= 0 else ""
    bare = name.removeprefix("^")
    if not bare.isalpha():
        return reader.take()  # `[:` that starts no name is two literal characters
    if bare not in POSIX:
        reader.fail(f"unknown class [:{name}:]", start)
    reader.at = end + 2
    chars = POSIX[bare]
    return Named(~chars if name.startswith("^") else chars, bare in CASED)


def _property(reader: Reader, rules: Rules, *, negated: bool, offset: int) -> Named:
    name = reader.take("unfinished property")
    if name == "{":
        name = reader.until("}", "missing } to close the property")
    if name.startswith("^"):
        name, negated = name[1:], not negated
    if rules.dialect is Dialect.JAVA and name.lower() in POSIX and name.istitle():
        chars: Chars | None = POSIX[name.lower()]
    else:
        chars = category(name)
    if chars is None:
        reader.refuse(rf"\p{{{name}}}", "only general categories are modelled", offset)
    return Named(~chars if negated else chars, name in CASED)


def _letter_escape(reader: Reader, rules: Rules, letter: str, offset: int) -> str:
    if letter == "x":
        return _hex(reader, rules, offset)
    if letter == "u" and rules.code_unit_escapes:
        return _code(reader, reader.run(_HEX, 4), offset, digits=4)
    if letter == "c" and rules.control_escapes:
        return chr(ord(reader.take("unfinished control character").upper()) & 0x7F ^ 0x40)
    if letter in _REFUSED:
        reader.refuse(*_REFUSED[letter], offset)
    return reader.fail(f"unknown escape \\{letter}", offset)


def _hex(reader: Reader, rules: Rules, offset: int) -> str:
    if reader.accept("{"):
        digits = reader.until("}", r"missing } to close \x{")
        if not digits or digits.strip(_HEX):
            reader.fail(r"bad code point in \x{…}", offset)
        return _code(reader, digits, offset)
    digits = reader.run(_HEX, 2)
    if rules.dialect is Dialect.PCRE:  # `\x` takes as many digits as there are, none is NUL
        return chr(int(digits or "0", 16))
    return _code(reader, digits, offset, digits=2)


def _code(reader: Reader, text: str, offset: int, digits: int | None = None) -> str:
    if digits is not None and len(text) != digits:
        reader.fail(f"{digits} hexadecimal digits expected", offset)
    value = int(text, 16) if len(text) <= 16 else LAST + 1
    if value > LAST:
        reader.fail("code point out of range", offset)
    return chr(value)


def _octal(reader: Reader, rules: Rules) -> str:
    offset = reader.at - 2
    digits = reader.run(_OCTAL, 2 if rules.dialect is not Dialect.JAVA else 3)
    if rules.dialect is Dialect.JAVA and not digits:
        reader.fail("octal digits expected", offset)
    return chr(int(digits or "0", 8))
