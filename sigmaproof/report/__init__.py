"""Renderers: one per file, each from a `Report` to text. None of them judges anything.

A format is a module here with `render(report: Report, view: View) -> str`. Nothing else has to be registered.
"""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from typing import TYPE_CHECKING

from msgspec import Struct

if TYPE_CHECKING:
    from sigmaproof.judge.results import Report

FORMATS = ("console", "json", "junit", "github", "sarif", "markdown", "html")


class View(Struct, frozen=True):
    """How a person wants to see a report."""

    verbose: bool = False
    """Show what passed, too."""
    color: bool = False
    seconds: float | None = None
    """How long the run took; None leaves it out."""


def renderer(name: str) -> Callable[[Report, View], str]:
    """The renderer of one of `FORMATS`."""
    render: Callable[[Report, View], str] = import_module(f"{__name__}.{name}").render
    return render
