"""The page in headless Chromium: searched, filtered, read by keys alone, printed, checked by axe."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from browser import Tab, chromium, executable
from pages import large_page, page_of_timelines, page_of_words

from sigmaproof.report.html import page_text
from sigmaproof.report.html.page import Page

MANY = 3_780
HOSTILE = "</script><img src=x onerror=alert(1)><b>{{x}}"
FOUND = "document.getElementById('found').textContent"
FOCUSED = "document.activeElement.textContent"

pytestmark = pytest.mark.skipif(
    executable() is None, reason="no Chromium on the path; SIGMAPROOF_CHROMIUM names one"
)


@pytest.fixture(scope="module")
def browser() -> Iterator[Tab]:
    with chromium() as tab:
        yield tab


@pytest.fixture
def tab(browser: Tab) -> Iterator[Tab]:
    """A tab in which nothing may go wrong, and from which nothing but the page may be asked for."""
    browser.errors.clear()
    browser.requests.clear()
    yield browser
    assert browser.errors == []
    assert [url for url in browser.requests if not url.startswith(("file://", "data:", "about:"))] == []


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("pages")
    made = {
        "many": large_page(MANY),
        "some": large_page(60),
        "hostile": page_of_words(HOSTILE),
        "timeline": page_of_timelines(HOSTILE),
        "long": page_of_timelines(HOSTILE, events=900, groups=9),
        "none": Page(("test",), (), ()),
    }
    for name, page in made.items():
        (folder / f"{name}.html").write_text(page_text(page), encoding="utf-8")
    return {name: folder / f"{name}.html" for name in made}


def rows(tab: Tab) -> int:
    return int(tab.run("document.querySelectorAll('.rows .row').length"))


def choose(tab: Tab, name: str, value: str) -> None:
    tab.run(
        f"{{const field = document.getElementById('by-{name}'); field.value = {json.dumps(value)};"
        "field.dispatchEvent(new Event('change'))}"
    )
    tab.settle()


def test_many_rules(tab: Tab, pages: dict[str, Path]) -> None:
    """Only rows in sight exist, wherever the window is; a search through all of them is drawn at once."""
    tab.open(pages["many"])
    assert tab.run(FOUND) == "3,780 rules"
    assert 10 < rows(tab) < 80
    tab.run("window.scrollTo(0, document.body.scrollHeight)")
    tab.settle()
    assert "Generated Rule 3779" in tab.run("document.querySelector('.rows').textContent")
    assert rows(tab) < 80
    taken = tab.run("{const began = performance.now(); narrow({q: 'generated'}); performance.now() - began}")
    assert taken < 500


def test_search_and_filters(tab: Tab, pages: dict[str, Path]) -> None:
    tab.open(pages["many"])
    tab.press("/")
    tab.type("GENERATED_0042")
    assert tab.run(FOUND) == "1 of 3,780 rules"
    tab.press("Escape")
    assert tab.run(FOUND) == "3,780 rules"
    counts = {}
    for name, value in (
        ("verdict", "proven"),
        ("target", "splunk"),
        ("level", "high"),
        ("tactic", "stealth"),
    ):
        choose(tab, name, value)
        counts[name] = int(tab.run(FOUND).split()[0].replace(",", ""))
    assert MANY > counts["verdict"] >= counts["target"] > counts["level"] > counts["tactic"] > 0
    assert "verdict=proven&target=splunk&level=high&tactic=stealth" in tab.run("location.hash")
    again = tab.run("location.hash")
    tab.open(pages["many"], again)
    assert int(tab.run(FOUND).split()[0]) == counts["tactic"]
    tab.run("document.getElementById('clear').click()")
    choose(tab, "sort", "worst")
    first = "[...document.querySelectorAll('.rows .row')][0].textContent"
    assert "differs" in tab.run(first)


def test_keys_alone(tab: Tab, pages: dict[str, Path]) -> None:
    tab.open(pages["many"])
    tab.press("j")
    assert tab.run(FOCUSED) == "Generated Rule 0"
    for _ in range(60):
        tab.press("ArrowDown")
    assert tab.run(FOCUSED) == "Generated Rule 60"
    top = tab.run("document.activeElement.getBoundingClientRect().top")
    assert 0 < top < 900
    tab.press("Enter")
    tab.wait("!document.getElementById('view-rule').hidden")
    assert tab.run(FOCUSED) == "Generated Rule 60"
    assert tab.run("document.title") == "Generated Rule 60 · sigmaproof"
    tab.press("n")
    tab.wait("document.activeElement.textContent === 'Generated Rule 61'")
    tab.press("Escape")
    tab.wait("!document.getElementById('view-rules').hidden")
    assert tab.run(FOCUSED) == "Generated Rule 61"
    tab.press("?")
    assert tab.run("document.getElementById('help').open")


def test_hostile_words_are_text(tab: Tab, pages: dict[str, Path]) -> None:
    tab.open(pages["hostile"])
    assert HOSTILE in tab.run("document.querySelector('.name').textContent")
    tab.run("document.querySelector('.name a').click()")
    tab.wait("!document.getElementById('view-rule').hidden")
    tab.run("document.querySelectorAll('details').forEach(one => { one.open = true; })")
    tab.wait("document.querySelectorAll('details[open] .casebody').length >= 3")
    text = tab.run("document.getElementById('view-rule').textContent")
    assert text.count(HOSTILE) > 20
    assert tab.run("document.querySelectorAll('img, b[onerror], #view-rule script').length") == 0
    for address in ("#/attack", "#/problems", "#/rule/%E0%A4%A", "#/rule/nothing"):
        tab.run(f"location.hash = {address!r}")
        tab.settle()


def test_markup_is_refused(tab: Tab, pages: dict[str, Path]) -> None:
    """The policy holds: text cannot become markup even where a script tries, and no style can be added."""
    tab.open(pages["hostile"])
    tried = (
        "(() => { try { document.body.innerHTML = '<p>'; return 'made'; } catch (e) { return e.name; } })()"
    )
    assert tab.run(tried) == "TypeError"
    tab.run("document.body.append(Object.assign(document.createElement('style'), {textContent: 'p {}'}))")
    tab.settle()
    assert any("Content Security Policy" in one for one in tab.errors)
    tab.errors.clear()


def test_a_timeline(tab: Tab, pages: dict[str, Path]) -> None:
    """What is drawn is also said: by words at each group, and in a table that keys open."""
    tab.open(pages["timeline"], RULE)
    tab.run("document.querySelector('.case summary').click()")
    tab.wait("document.querySelectorAll('.timeline .group').length === 3")
    assert tab.run("document.querySelectorAll('.timeline .dot:not(.swatch)').length") == 5
    first, second, apart = tab.run(
        "[...document.querySelectorAll('.timeline .group')].map(one => one.innerText)"
    )
    assert f"{HOSTILE}: 0" in first
    assert "fires at +2 s" in first
    assert "does not fire, comes to 2" in second
    assert "In no group" in apart
    label = tab.run("document.querySelector('.plot').getAttribute('aria-label')")
    assert label == f"{HOSTILE}: 0 fires at +2 s: 2 events. The table has them."
    place = "getComputedStyle(document.querySelector('.fires:not(.swatch)')).left"
    width = tab.run("document.querySelector('.inner').getBoundingClientRect().width")
    assert abs(float(tab.run(place).removesuffix("px")) - width) < 1
    tab.run("document.querySelector('.astable summary').focus()")
    tab.press("Enter")
    tab.wait("document.querySelectorAll('.astable tbody').length === 3")
    cells = tab.run(
        "[...document.querySelectorAll('.astable tr')]"
        ".map(one => [...one.children].map(two => two.innerText))"
    )
    assert cells[0] == ["time", "event", "rule", "comes to", "behind a match", "fields"]
    assert cells[2][:5] == ["0 s", "2", "other", "1", "no"]
    assert cells[-2][:3] == ["no time", "1", "–"]
    tab.press("Tab")
    assert tab.run("document.activeElement.getAttribute('aria-label')") == "Events in time"


def test_a_long_timeline_is_drawn_at_once(tab: Tab, pages: dict[str, Path]) -> None:
    tab.open(pages["long"], RULE)
    tab.run("document.querySelector('.case').open = true")
    tab.wait("document.querySelectorAll('.timeline .group').length === 10")
    assert tab.run("document.querySelectorAll('.timeline .dot').length") < 400
    taken = tab.run(
        "{const began = performance.now(); timeline(detailsOf(RULES[0]).fixtures[0].cases[0].timeline);"
        " performance.now() - began}"
    )
    assert taken < 200


def test_an_empty_page(tab: Tab, pages: dict[str, Path]) -> None:
    tab.open(pages["none"])
    assert tab.run("document.querySelector('h1').textContent") == "No rule was looked at."


def test_light_and_dark(tab: Tab, pages: dict[str, Path]) -> None:
    ground = "getComputedStyle(document.body).backgroundColor"
    tab.open(pages["hostile"], dark=True)
    dark = tab.run(ground)
    tab.run("document.getElementById('theme').click()")
    light = tab.run(ground)
    assert dark != light
    tab.open(pages["hostile"], dark=True)
    assert tab.run(ground) == light, "what a person chose is kept"
    tab.run("localStorage.clear()")


def test_print_has_every_row(tab: Tab, pages: dict[str, Path]) -> None:
    tab.open(pages["many"], "#/?q=generated_00", dark=True)
    tab.run("window.dispatchEvent(new Event('beforeprint'))")
    assert rows(tab) == tab.run("list.rules.length") == 100
    assert tab.run("document.documentElement.dataset.theme") == "light"
    tab.run("window.dispatchEvent(new Event('afterprint'))")
    assert tab.printed().startswith(b"%PDF")
    assert rows(tab) < 80


@pytest.mark.parametrize("width", [360, 800, 1400])
def test_nothing_is_wider_than_the_window(tab: Tab, pages: dict[str, Path], width: int) -> None:
    looked_at = [("hostile", address) for address in ("", "#/attack", "#/problems", RULE)]
    for name, address in [*looked_at, ("timeline", RULE)]:
        tab.open(pages[name], address, width=width)
        for _ in range(2):
            tab.run("document.querySelectorAll('details').forEach(one => { one.open = true; })")
            tab.settle()
        assert tab.run("document.documentElement.scrollWidth") <= width


def axe() -> str | None:
    """axe-core's script, which is not part of this repository: $AXE_CORE, or npm's global one."""
    named = os.environ.get("AXE_CORE")
    if named or not shutil.which("npm"):
        return named
    root = subprocess.run(["npm", "root", "-g"], capture_output=True, text=True, check=False).stdout.strip()
    path = Path(root) / "axe-core" / "axe.min.js"
    return str(path) if path.is_file() else None


AXE = axe()
WITHOUT_AXE = "no axe-core: npm install axe-core, and name its axe.min.js in AXE_CORE"
RULE = f"#/rule/{Path(f'{HOSTILE}.yml').stem}"
LOOKED_AT = (
    ("some", ""),
    ("some", "#/attack"),
    ("hostile", ""),
    ("hostile", "#/problems"),
    ("hostile", "#/rule/nothing"),
    ("hostile", RULE),
    ("timeline", RULE),
)


@pytest.mark.skipif(
    AXE is None, reason="no axe-core: npm install axe-core, and name its axe.min.js in AXE_CORE"
)
@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("width", [400, 1400])
def test_accessibility(tab: Tab, pages: dict[str, Path], width: int, dark: bool) -> None:
    script = Path(str(AXE)).read_text(encoding="utf-8")
    tab.without_policy()
    for name, address in LOOKED_AT:
        tab.open(pages[name], address, width=width, dark=dark)
        for _ in range(2):  # what is opened may hold more of them
            tab.run("document.querySelectorAll('details').forEach(one => { one.open = true; })")
            tab.settle()
        tab.run(f"{script}; 0")
        found: dict[str, Any] = tab.run("axe.run({resultTypes: ['violations']})")
        told = [(one["id"], [node["html"][:200] for node in one["nodes"]]) for one in found["violations"]]
        assert told == [], f"{name} {address}"
