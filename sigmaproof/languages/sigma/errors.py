"""What is wrong with a rule, and where in its YAML."""

from __future__ import annotations

from sigmaproof.errors import InvalidQuery, UnsupportedQuery

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


class NoValues(UnsupportedQuery):
    """A placeholder that nothing is known of; `path` leads to its detection item, if it is the rule's own."""

    def __init__(self, message: str, name: str, path: Path) -> None:
        super().__init__(message)
        self.name = name
        self.path = path

    @property
    def help(self) -> str:
        """What to do."""
        return f"give its values in pyproject.toml: `[tool.sigmaproof.placeholders]`, `{self.name} = [...]`"
