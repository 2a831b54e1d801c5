"""HTML: one file that needs nothing else, for people to look around in.

What it shows is data in script elements of type application/json, drawn by a script of ours as text. The
page's policy lets no other script or style run, nothing be loaded, and no text become markup.
"""

from __future__ import annotations

import hashlib
from base64 import b64encode
from collections.abc import Iterator, Sequence
from functools import cache
from importlib.resources import files
from typing import Any

from jinja2 import Environment
from markupsafe import Markup

from sigmaproof.judge.results import Report
from sigmaproof.report import View
from sigmaproof.report.html.details import details
from sigmaproof.report.html.overview import overview
from sigmaproof.report.html.page import Page, PageRule
from sigmaproof.report.json import json_text

MOST = 40_000_000
"""Characters of rules' details: beyond these, a rule is a line in the lists only, and the page says so."""
_SCRIPTS = (
    "dom",
    "model",
    "filters",
    "list",
    "summary",
    "proofs",
    "timeline",
    "cases",
    "rule",
    "attack",
    "main",
)
_ESCAPED = "<>&\u2028\u2029"


def render(report: Report, view: View) -> str:
    """A run as a page. It knows nothing of the rules but what the run says; `page_text` can show more."""
    rules = (PageRule(one.path, one.line, one.title, results=(one,)) for one in report.rules)
    return page_text(Page(("test",), report.targets, tuple(rules), report.problems, report.notes))


def page_text(page: Page, most: int = MOST) -> str:
    """The page; the same results give the same bytes."""
    style = _asset("page.css")
    script = "\n".join(["'use strict';", *(_asset(f"{name}.js") for name in _SCRIPTS)])
    kept = list(_fitting(page.rules, most))
    left_out = sum(one is None for one in kept)
    text: str = _template().render(
        style=Markup(style),  # noqa: S704  both are files of ours
        script=Markup(script),  # noqa: S704
        style_hash=_hash(style),
        script_hash=_hash(script),
        heading=f"sigmaproof {', '.join(page.asked)}",
        overview=_data(overview(page, left_out, most)),
        details=[(number, one) for number, one in enumerate(kept) if one is not None],
    )
    return text


def _fitting(rules: Sequence[PageRule], most: int) -> Iterator[Markup | None]:
    """The details of each rule, as long as they fit."""
    for rule in rules:
        text = _data(details(rule))
        most -= len(text)
        yield text if most >= 0 else None


def _data(data: Any) -> Markup:
    """JSON that no parser of HTML takes for anything but text."""
    text = json_text(data)
    for char in _ESCAPED:
        text = text.replace(char, f"\\u{ord(char):04x}")
    return Markup(text)  # noqa: S704


def _hash(text: str) -> str:
    return f"sha256-{b64encode(hashlib.sha256(text.encode()).digest()).decode()}"


def _asset(name: str) -> str:
    return files(__package__).joinpath(name).read_text(encoding="utf-8")


@cache
def _template() -> Any:
    return Environment(autoescape=True, trim_blocks=True, lstrip_blocks=True).from_string(_asset("page.html"))


__all__ = ["MOST", "page_text", "render"]
