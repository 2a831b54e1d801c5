"""What is wrong with a rule, and where in its YAML."""

from __future__ import annotations

from sigmaproof.errors import InvalidQuery

Path = tuple[str | int, ...]
"""Keys and list positions from the document's root, such as `("detection", "sel", "Image|endswith", 2)`."""


class InvalidRule(InvalidQuery):
    """A rule that breaks Sigma's specification, or that nobody can mean; `help` names the remedy."""

    def __init__(self, message: str, path: Path = (), help: str = "", caret: str = "") -> None:
        super().__init__(f"{message}\n{caret}" if caret else message)
        self.message, self.path, self.help = message, path, help
        self.caret = caret
        """The condition's line at fault with a caret under the character; empty for other faults."""


class Misused(ValueError):
    """A modifier that does not fit its value; whoever knows the place makes it an `InvalidRule`."""

    def __init__(self, message: str, help: str = "") -> None:
        super().__init__(message)
        self.message, self.help = message, help
