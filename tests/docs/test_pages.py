"""The pages: generated ones are up to date, every page is in the menu, and no link leads nowhere."""

from __future__ import annotations

import importlib.util
import re
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
PAGES = sorted(DOCS.rglob("*.md"))
_SPEC = importlib.util.spec_from_file_location("reference", ROOT / "tools" / "reference.py")
assert _SPEC
assert _SPEC.loader
reference = importlib.util.module_from_spec(_SPEC)
_SPEC.loader.exec_module(reference)


def in_menu(entry: Any) -> list[str]:
    if isinstance(entry, str):
        return [entry]
    inner = entry.values() if isinstance(entry, dict) else entry
    return [page for one in inner for page in in_menu(one)]


def test_generated_pages_are_up_to_date() -> None:
    made = reference.pages()
    assert set(made) == set((DOCS / "reference").glob("*.md")), "run `make reference`"
    stale = [path.name for path, text in made.items() if path.read_text(encoding="utf-8") != text]
    assert not stale, "run `make reference`"


def test_every_command_has_its_options_and_exit_codes() -> None:
    page = (DOCS / "reference" / "prove.md").read_text(encoding="utf-8")
    assert "| `--assume-nothing` |" in page
    assert "| 1 | something differs, or there is nothing to prove |" in page


def test_every_page_is_in_the_menu_once() -> None:
    menu = in_menu(yaml.safe_load((ROOT / "mkdocs.yml").read_text(encoding="utf-8"))["nav"])
    assert sorted(menu) == [page.relative_to(DOCS).as_posix() for page in PAGES]


def anchors(page: Path) -> set[str]:
    titles = re.findall(r"^#+ (.+)$", page.read_text(encoding="utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w -]", "", title.lower()).replace(" ", "-") for title in titles}


def flaws(page: Path) -> list[str]:
    """Links of a page that lead to no page, or to no heading of it."""
    wrong = []
    prose = re.sub(r"^```.*?^```", "", page.read_text(encoding="utf-8"), flags=re.MULTILINE | re.DOTALL)
    for link in re.findall(r"\]\(([^)\s]+)\)", re.sub(r"`[^`\n]*`", "", prose)):
        if link.startswith(("http://", "https://")):
            continue
        path, _, heading = link.partition("#")
        there = (page.parent / path).resolve() if path else page
        if not there.exists() or (heading and heading not in anchors(there)):
            wrong.append(link)
    return wrong


@pytest.mark.parametrize(
    "page", [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *PAGES], ids=lambda one: one.stem
)
def test_links_lead_somewhere(page: Path) -> None:
    assert flaws(page) == []


def test_a_wrong_link_is_found(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text("# One `two`\n[a](#one-two) [b](#three) [c](none.md) `[d](x)` [e](https://example.org)\n")
    assert flaws(page) == ["#three", "none.md"]
