"""Renderers of `mutate`: one per file, each from a `Mutation` to text. None of them judges anything."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from typing import TYPE_CHECKING

from sigmaproof.report import View

if TYPE_CHECKING:
    from sigmaproof.judge.mutate.results import Mutation

FORMATS = ("text", "json", "markdown")


def renderer(name: str) -> Callable[[Mutation, View], str]:
    """The renderer of one of `FORMATS`."""
    render: Callable[[Mutation, View], str] = import_module(f"{__name__}.{name}").render
    return render


def percent(rate: float | None) -> str:
    """A kill rate as people read it; cut, not rounded: 100 % is only what is whole."""
    return "–" if rate is None else f"{int(rate * 10) / 10:.1f} %"
