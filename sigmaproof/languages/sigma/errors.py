"""What is wrong with a rule, and where in its YAML."""

from __future__ import annotations

from sigmaproof.errors import InvalidQuery

Path = tuple[str | int, ...]
"""Keys and list positions from the document's root, such as `("detection", "sel", "Image|endswith", 2)`."""


class InvalidRule(InvalidQuery):
    """A rule that breaks Sigma's specification, or that nobody can mean."""

    def __init__(self, message: str, path: Path = (), help: str = "", condition: str = "", offset: int = 0):
        super().__init__(message)
        self.message, self.path, self.help = message, path, help
        self.condition, self.offset = condition, offset

    def caret(self) -> str:
        """The condition's line at fault with a caret under the character; nothing for other faults."""
        if not self.condition:
            return ""
        start = self.condition.rfind("\n", 0, self.offset) + 1
        line = self.condition[start:].split("\n", 1)[0]
        return f"{line}\n{' ' * (self.offset - start)}^"


class Misused(ValueError):
    """A modifier that does not fit its value; whoever knows the place makes it an `InvalidRule`."""

    def __init__(self, message: str, help: str = "") -> None:
        super().__init__(message)
        self.message, self.help = message, help
