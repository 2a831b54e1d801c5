"""The page without a browser: one file, its own policy, and data that stays data whatever it holds."""

from __future__ import annotations

import hashlib
import json
import re
from base64 import b64encode
from html.parser import HTMLParser
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace
from pages import large_page, page_of_timelines, page_of_words
from reports import report_of

from sigmaproof.report import View, renderer
from sigmaproof.report.html import attack, page_text
from sigmaproof.report.html.details import MOST_CASES, details
from sigmaproof.report.html.page import Page, PageRule, Timeline
from sigmaproof.report.html.timelines import timeline_data

HOSTILE = [
    "</script><script>alert(1)</script>",
    "<!--<script>",
    "--> ]]> </style></title><img src=x onerror=alert(1)>",
    "'\"`{{ 7*7 }}{% raw %}",
    "\u2028\u2029\x00\x1b[31m\ud800",
    "::error::x\n##[command]rm",
    "javascript:alert(1)",
    "a\u202eb",
]


class Elements(HTMLParser):
    """Every element with its attributes, and the text of scripts and styles."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.texts: list[str] = []
        self._open = False
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))
        self.texts.append("")
        self._open = True

    def handle_endtag(self, tag: str) -> None:
        self._open = False

    def handle_data(self, data: str) -> None:
        if self._open:
            self.texts[-1] += data

    def of(self, tag: str) -> list[tuple[dict[str, str | None], str]]:
        pairs = zip(self.found, self.texts, strict=True)
        return [(attributes, text) for (name, attributes), text in pairs if name == tag]

    def data(self, name: str) -> Any:
        (text,) = (text for attributes, text in self.of("script") if attributes.get("id") == name)
        return json.loads(text)


def elements(page: Page, **options: Any) -> Elements:
    return Elements(page_text(page, **options))


def test_one_file_and_its_policy() -> None:
    page = elements(page_of_words("x"))
    (policy,) = (one["content"] for one, _ in page.of("meta") if one.get("http-equiv"))
    assert policy is not None
    assert policy.startswith("default-src 'none'; ")
    scripts = [text for attributes, text in page.of("script") if "type" not in attributes]
    styles = [text for _, text in page.of("style")]
    for (text,), name in ((scripts, "script-src"), (styles, "style-src")):
        digest = b64encode(hashlib.sha256(text.encode()).digest()).decode()
        assert f"{name} 'sha256-{digest}';" in policy
    assert "require-trusted-types-for 'script'; trusted-types 'none'" in policy
    named = [value for _, one in page.found for key, value in one.items() if key in ("src", "href", "srcset")]
    assert all(value is not None and value.startswith(("#", "data:,")) for value in named)
    assert not [one for _, one in page.found if "style" in one or any(key.startswith("on") for key in one)]


def test_scripts_make_no_markup() -> None:
    """What makes text markup, runs text, or reaches out is not used at all."""
    for file in files("sigmaproof.report.html").iterdir():
        if file.name.endswith((".js", ".html", ".css")):
            text = file.read_text(encoding="utf-8")
            wrong = r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\b|Function\(|fetch\(|XMLHttp|https?://(?!www\.w3\.org/2000/svg)|url\("
            assert not re.search(wrong, text), file.name


@pytest.mark.parametrize("words", HOSTILE, ids=ascii)
def test_foreign_text_is_data(words: str) -> None:
    plain, hostile = elements(page_of_words("x")), elements(page_of_words(words))
    assert [tag for tag, _ in hostile.found] == [tag for tag, _ in plain.found]
    assert hostile.of("style") == plain.of("style")
    code = [[text for one, text in page.of("script") if "type" not in one] for page in (plain, hostile)]
    assert code[0] == code[1]
    assert len(hostile.data("overview")["rules"]) == 2
    assert hostile.data("rule-0")["fixtures"][0]["cases"][0]["outcomes"]


@pytest.mark.parametrize("words", HOSTILE, ids=ascii)
def test_the_page_is_printable(words: str) -> None:
    """Nothing that steers a terminal or turns the direction of text, and no orders to a workflow."""
    text = page_text(page_of_words(words))
    assert not re.search(r"[\x00-\x08\x0b-\x1f\x7f\u2028\u2029\u202a-\u202e\ud800-\udfff]", text)
    assert not re.search(r"^\s*::|##\[", text, re.MULTILINE)


def test_words_are_there() -> None:
    words = "</script><b>"
    page = elements(page_of_words(words))
    one = page.data("rule-0")
    assert page.data("overview")["rules"][0]["title"] == words
    assert (one["source"], one["line"], one["description"]) == (words, 2, words)
    case = one["fixtures"][0]["cases"][0]
    assert case["trace"] == [[0, True, words, "(absent)", ""]]
    assert [outcome[:3] for outcome in case["outcomes"]][:2] == [["sigma", 0, "TP"], ["one", 1, "FN"]]
    told = case["outcomes"][1][3]
    assert json.loads(told["event"]) == {"a": words}
    assert told["rule"][0][2] == "all of"
    first = next(target for target in one["targets"] if target["name"] == "one")
    assert first["proof"]["differences"][0]["rule"] == words
    assert one["mutation"]["counts"] == {"killed": 0, "survived": 1, "undecided": 1, "equivalent": 0}


def test_the_same_results_give_the_same_bytes() -> None:
    assert page_text(page_of_words("x")) == page_text(page_of_words("x"))


def test_a_report_alone_is_a_page() -> None:
    page = Elements(renderer("html")(report_of("x"), View()))
    overview = page.data("overview")
    assert overview["asked"] == ["test"]
    assert overview["sides"] == ["sigma", "one", "two", "three", "four"]
    assert overview["rules"][0]["cells"][0] == [[1, 0, 0, 0, 0, 0], 0]


def test_a_page_that_grows_too_large_says_what_it_leaves_out() -> None:
    whole = large_page(30)
    size = sum(
        len(text) for one, text in elements(whole).of("script") if (one.get("id") or "").startswith("rule-")
    )
    page = elements(whole, most=size // 2)
    kept = [one["id"] for one, _ in page.of("script") if (one.get("id") or "").startswith("rule-")]
    overview = page.data("overview")
    assert 10 <= len(kept) <= 15
    assert overview["left_out"]["rules"] == 30 - len(kept)
    assert len(overview["rules"]) == 30
    assert elements(whole).data("overview")["left_out"] is None


def test_many_cases_and_long_texts_are_bounded() -> None:
    (rule, _) = page_of_words("x" * 30_000).rules
    (result,) = rule.results
    many = replace(rule, results=(replace(result, cases=result.cases * (MOST_CASES + 7)),))
    found = details(many)
    assert found["fixtures"][0]["left_out"] == 7
    assert len(found["fixtures"][0]["cases"]) == MOST_CASES
    assert len(json.dumps(details(rule))) < 400_000


def test_a_timeline_is_data() -> None:
    (found,) = elements(page_of_timelines("x")).data("rule-0")["fixtures"][0]["cases"]
    assert found["timeline"] == {
        "question": "x",
        "rules": ["x", "other"],
        "start": "1970-01-01T00:00:01Z",
        "span": 2.0,
        "long": 2.0,
        "groups": [
            {
                "name": "x: 0",
                "most": "2",
                "fires": [[2.0, 3.0]],
                "moments": [[0.0, 1, 1, "1", False], [1.0, 2, 0, "2", False]],
            },
            {"name": "x: 1", "most": "2", "moments": [[0.0, 1, 1, "1", False], [1.0, 2, 0, "2", False]]},
        ],
        "apart": [[None, 0], [2.0, 3]],
        "events": {str(row): '{"x":"x"}' for row in range(4)},
    }


@pytest.mark.parametrize("words", HOSTILE, ids=ascii)
def test_a_timeline_of_foreign_text_is_data(words: str) -> None:
    plain, hostile = elements(page_of_timelines("x")), elements(page_of_timelines(words))
    assert [tag for tag, _ in hostile.found] == [tag for tag, _ in plain.found]
    assert not re.search(
        r"[\x00-\x08\x0b-\x1f\x7f\u202a-\u202e\ud800-\udfff]", page_text(page_of_timelines(words))
    )


def test_long_timelines_are_bounded() -> None:
    (rule,) = page_of_timelines("x" * 3_000, events=5_000, groups=30).rules
    (found,) = details(rule)["fixtures"][0]["cases"]
    shown = found["timeline"]
    assert (len(shown["groups"]), shown["more_groups"]) == (12, 18)
    assert {(len(one["moments"]), one["more"]) for one in shown["groups"]} == {(60, 4_939)}
    assert [one[1] for one in shown["groups"][0]["moments"]][29:31] == [30, 4970]
    assert len(json.dumps(shown)) < 120_000


def test_values_of_one_event_are_one_event() -> None:
    """An event that brings several values joins its window several times, and is shown once."""
    (rule,) = page_of_timelines("x").rules
    (timeline,) = rule.explained.values()
    assert isinstance(timeline, Timeline)
    moment = timeline.groups[0].moments[0]
    group = replace(timeline.groups[0], moments=(moment, replace(moment, amount=7), replace(moment, rule=0)))
    found = timeline_data(replace(timeline, groups=(group,)))
    assert [one[3] for one in found["groups"][0]["moments"]] == ["7", "1"]


def test_rules_of_one_name_are_told_apart() -> None:
    rules = tuple(PageRule(Path(folder) / "x.yml", 1, folder) for folder in "ab")
    keys = [one["key"] for one in elements(Page(("prove",), (), rules)).data("overview")["rules"]]
    assert keys == ["x", "x~2"]


def test_of_several_rules_in_a_file_the_last_has_its_name() -> None:
    rules = tuple(
        PageRule(Path("a") / f"{name}.yml", line, name) for name, line in (("x", 1), ("x", 9), ("y", 1))
    )
    keys = [one["key"] for one in elements(Page(("prove",), (), rules)).data("overview")["rules"]]
    assert keys == ["x~2", "x", "y"]


@pytest.mark.parametrize(
    ("tags", "placed"),
    [
        ("execution t1047", [("execution", "T1047")]),
        ("execution lateral-movement t1047", [("execution", "T1047")]),
        ("lateral_movement t1021.006", [("lateral-movement", "T1021.006")]),
        ("stealth execution t1218.011", [("stealth", "T1218.011")]),
        ("defense-evasion t1218.011", [("defense-evasion", "T1218.011")]),
        ("execution t9999", [("execution", "T9999")]),
        ("impact t1047", [("impact", "T1047")]),
        ("t1047", [("no tactic", "T1047")]),
        ("execution s0075 g0049 t10471 t1047.1", []),
    ],
)
def test_techniques_below_their_tactics(tags: str, placed: list[tuple[str, str]]) -> None:
    assert list(attack.placed([f"attack.{tag}" for tag in tags.split()])) == placed


def test_names_of_techniques() -> None:
    assert attack.title("T1047") == "Windows Management Instrumentation"
    assert attack.title("T1021.006") == "Remote Services: Windows Remote Management"
    assert attack.title("T9999.001") == ""
    assert "MITRE" in attack.notice()
