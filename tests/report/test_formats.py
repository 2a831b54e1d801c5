"""Each format against its published schema and limits: of runs, of proofs, of hostile text."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
import xmlschema
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft7Validator
from markdown_it import MarkdownIt
from reports import report_of

from sigmaproof.commands.proofs import FORMATS as PROOF_FORMATS
from sigmaproof.commands.proofs import rendered
from sigmaproof.commands.prove import Proofs, RuleProof, prove_rules
from sigmaproof.config import Config
from sigmaproof.errors import Place, Problem
from sigmaproof.judge.prove import Difference, Missing, Standing, Verdict
from sigmaproof.judge.results import CaseResult, Report
from sigmaproof.judge.select import selection
from sigmaproof.judge.suite import run_suite
from sigmaproof.judge.verdicts import Code
from sigmaproof.report import View, renderer
from sigmaproof.report.codes import CODES
from sigmaproof.report.comment import DIFF, GITHUB, PROVE, TEST, block, code, inline
from sigmaproof.report.findings import findings
from sigmaproof.report.style import Paint, tame
from sigmaproof.workspace import Workspace

ROOT = Path(__file__).parents[2]
SAMPLE = ROOT / "tests" / "cli" / "sample"
SCHEMAS = ROOT / "tests" / "schemas"
SARIF = Draft7Validator(json.loads((SCHEMAS / "sarif-2.1.0.json").read_text(encoding="utf-8")))
JUNIT = xmlschema.XMLSchema(SCHEMAS / "junit-10.xsd")
ORDERS = "::error::x\n  ::add-mask::y\n##[command]rm\na ##[b]"
HOSTILE = [
    "x",
    ORDERS,
    "\x1b\ud800",
    "</details>@all `` ``` | <img src=x> [a](b)",
    "a b%20ü",
    "`",
    " ",
    "\\|`|",
]


def config(*targets: str) -> Config:
    return Config(root=SAMPLE).overridden(rules=[], fixtures=[], converters=None, targets=targets)


@pytest.fixture(scope="module")
def run() -> Report:
    return run_suite(Workspace(config()))


@pytest.fixture(scope="module")
def proofs() -> Proofs:
    return prove_rules(config(), 5.0, 1, None, lambda *_: None)


def made_proofs(words: str) -> Proofs:
    """Proofs in which every text that people write is these words."""
    differs = Difference(Missing.QUERY, {words: words}, words, words, words)
    verdicts = (
        ("one", Verdict(Standing.DIFFERS, (differs, differs))),
        ("two", Verdict(Standing.REFUSED, reasons=(words, words))),
        ("three", Verdict(Standing.TESTED, reasons=(words,))),
        ("four", Verdict(Standing.NOT_VERIFIED, reasons=(words,))),
        ("five", Verdict(Standing.PROVEN)),
    )
    path = Path(words.replace("/", "-") or "x")
    rule = RuleProof(path, 1, words, verdicts, items={words: 3})
    problem = Problem("invalid-rule", words, Place(path, 7), words)
    return Proofs(("one", "two", "three", "four", "five"), (rule,), (problem, Problem("x", words)))


def proof_text(proofs: Proofs, form: str) -> str:
    return rendered(proofs, form, Paint(), 0.1)


def sarif_of(text: str) -> Any:
    log = json.loads(text)
    assert [f"{flaw.json_path}: {flaw.message[:200]}" for flaw in SARIF.iter_errors(log)] == []
    (one,) = log["runs"]
    rules = one["tool"]["driver"]["rules"]
    for result in one["results"]:
        assert rules[result["ruleIndex"]]["id"] == result["ruleId"]
    return one


def test_sarif_of_a_run(run: Report) -> None:
    found = sarif_of(renderer("sarif")(run, View()))
    places = [
        (
            one["ruleId"],
            one["locations"][0]["physicalLocation"]["artifactLocation"]["uri"].rpartition("/")[2],
            one["locations"][0]["physicalLocation"]["region"]["startLine"],
        )
        for one in found["results"]
    ]
    assert places == [
        ("missed", "certutil_download.yml", 4),
        ("missed", "certutil_download.yml", 6),
        ("false-alarm", "certutil_download.yml", 9),
        ("false-alarm", "certutil_download.yml", 10),
    ]
    related = [one.get("relatedLocations", [{}])[0] for one in found["results"]]
    lines = [one.get("physicalLocation", {}).get("region", {}).get("startLine") for one in related]
    assert lines == [9, None, 11, 7]


def test_sarif_of_proofs_points_at_detection_items(proofs: Proofs) -> None:
    found = sarif_of(proof_text(proofs, "sarif"))
    rule = (SAMPLE / "sigma_rules" / "certutil_download.yml").read_text(encoding="utf-8").splitlines()
    results = [one for one in found["results"] if "certutil" in json.dumps(one["locations"])]
    lines = [one["locations"][0]["physicalLocation"]["region"]["startLine"] for one in results]
    assert results
    assert {one["ruleId"] for one in results} == {"differs"}
    assert all("|" in rule[line - 1] or rule[line - 1].strip().startswith("-") for line in lines)


def test_fingerprints_outlive_moved_lines() -> None:
    report = report_of("x")
    (rule,) = report.rules
    (case,) = rule.cases
    from msgspec.structs import replace

    moved = replace(case.case, line=99)
    again = replace(report, rules=(replace(rule, cases=(CaseResult(moved, case.outcomes),)),))
    marks = [
        [one["partialFingerprints"] for one in sarif_of(renderer("sarif")(found, View()))["results"]]
        for found in (report, again)
    ]
    assert marks[0] == marks[1]
    assert len({str(mark) for mark in marks[0]}) >= 4


@pytest.mark.parametrize("words", HOSTILE, ids=ascii)
def test_sarif_of_hostile_text(words: str) -> None:
    for text in (renderer("sarif")(report_of(words), View()), proof_text(made_proofs(words), "sarif")):
        for one in sarif_of(text)["results"]:
            assert one["locations"][0]["physicalLocation"]["artifactLocation"]["uri"].isascii()


@pytest.mark.parametrize("words", HOSTILE, ids=ascii)
def test_junit_is_valid(words: str) -> None:
    JUNIT.validate(renderer("junit")(report_of(words), View()))
    JUNIT.validate(proof_text(made_proofs(words), "junit"))


def test_junit_of_runs_is_valid(run: Report, proofs: Proofs) -> None:
    JUNIT.validate(renderer("junit")(run, View()))
    JUNIT.validate(proof_text(proofs, "junit"))


def test_a_wrong_junit_report_is_found(run: Report) -> None:
    text = renderer("junit")(run, View()).replace("<failure ", "<failed ").replace("</failure>", "</failed>")
    assert not JUNIT.is_valid(text)


RUNNER = re.compile(r"^\s*::|##\[", re.MULTILINE)
"""What the runner of a workflow takes for an order, wherever it is printed."""


@pytest.mark.parametrize("form", ["console", "json", "junit", "sarif", "markdown", "html"])
def test_no_report_gives_orders(form: str) -> None:
    text = renderer(form)(report_of(ORDERS), View(verbose=True))
    assert not RUNNER.search(text)
    assert "error" in text


@pytest.mark.parametrize("form", [form for form in PROOF_FORMATS if form != "github"])
def test_no_proof_gives_orders(form: str) -> None:
    assert not RUNNER.search(proof_text(made_proofs(ORDERS), form))


def test_annotations_of_proofs_are_one_line_each() -> None:
    lines = proof_text(made_proofs(ORDERS), "github").split("\n")
    assert len(lines) == 2 + 2 + 1
    assert all(line.startswith("::error ") and "##[" not in line for line in lines)


@given(st.text(st.sampled_from(":# [\n\tx"), max_size=12))
def test_tamed_text_gives_no_orders(text: str) -> None:
    assert not RUNNER.search(tame(text))
    assert tame(tame(text)) == tame(text)


def test_what_is_no_order_stays() -> None:
    for text in ("wmic /node:::1", "a::b", ":x", "# [x]", "node ::1"):
        assert tame(text) == text


def test_lossless_formats_keep_what_they_tame() -> None:
    found = json.loads(renderer("json")(report_of(ORDERS), View()))
    assert found["results"][0]["case"] == ORDERS


MARKDOWN = MarkdownIt("commonmark").enable("table")
OURS = re.compile(r"(<details>|</details>|<summary>|</summary>|<b>[a-z -]+</b>|<code>[^<>]*</code>)")


def foreign(markdown: str) -> list[str]:
    """What formats in a comment and is not ours."""
    found = []
    for token in MARKDOWN.parse(markdown):
        if token.type == "html_block":
            found += re.findall(r"<[^>]*>", OURS.sub("", token.content))
        for child in token.children or ():
            if child.type not in ("text", "code_inline", "softbreak", "strong_open", "strong_close"):
                found.append(child.type)
            elif child.type == "text" and "@all" in child.content:
                found.append(child.content)
    return found


@pytest.mark.parametrize("words", HOSTILE, ids=ascii)
def test_markdown_of_others_does_not_format(words: str) -> None:
    for text in (renderer("markdown")(report_of(words), View()), proof_text(made_proofs(words), "markdown")):
        assert foreign(text) == []
        lines = text.split("\n")
        assert lines.count("<details>") == lines.count("</details>")


@given(st.text(st.sampled_from("`|\\ a<\n~"), min_size=1, max_size=10))
def test_code_is_code(text: str) -> None:
    (span,) = (
        one for one in MARKDOWN.parse(f"a {code(text)} b")[1].children or () if one.type == "code_inline"
    )
    assert span.content.strip() == " ".join(code_shown(text).split(" ")).strip()
    fences = [one for one in MARKDOWN.parse(block(text)) if one.type == "fence"]
    assert len(fences) == 1
    assert "<" not in inline(text).replace("<code>", "").replace("</code>", "")


def code_shown(text: str) -> str:
    return text.replace("\n", "\\n").replace("|", "\\|")


def test_comments_fit(run: Report) -> None:
    assert TEST + PROVE + DIFF < GITHUB
    many = report_of("words " * 200)
    (rule,) = many.rules
    large = Report(many.targets, rule_times(rule, 400), many.problems * 50, many.notes)
    text = renderer("markdown")(large, View())
    assert TEST / 2 < len(text) <= TEST
    left = re.search(r"\*\*([\d,]+) more not shown here", text)
    assert left
    total = 400 * 3 + 100
    assert int(left[1].replace(",", "")) == total - text.count("<details>")
    assert text.count("<details>") == text.count("</details>") > 0


def rule_times(rule: Any, count: int) -> Any:
    return (rule,) * count


PROOF = """\
### ❌ sigmaproof prove: differs: 1 query

| target | proven | differs | tested | refused | not verified |
|---|---|---|---|---|---|
| `splunk` |  | 1 |  |  |  |

<details>
<summary><b>differs</b> (letter case) · <code>rule</code> on <code>splunk</code></summary>

Only the rule finds this event:

```json
{
  "CommandLine": "A"
}
```

```text
rule:  CommandLine 'a'
query: CommandLine: case differs, actual A
```

</details>"""


def test_what_a_proof_looks_like() -> None:
    differs = Difference(
        Missing.QUERY,
        {"CommandLine": "A"},
        "CommandLine 'a'",
        "CommandLine: case differs, actual A",
        "letter case",
    )
    verdict = Verdict(Standing.DIFFERS, (differs,))
    rule = RuleProof(Path("rules/rule.yml"), 1, "Rule", (("splunk", verdict),), items={"CommandLine 'a'": 8})
    proofs = Proofs(("splunk",), (rule,))
    assert proof_text(proofs, "markdown") == PROOF
    assert proof_text(proofs, "github") == (
        "::error file=rules/rule.yml,line=8,title=differs%3A rule on splunk::splunk: only the rule "
        'finds this event (letter case)%0A{"CommandLine":"A"}%0Arule:  CommandLine \'a\'%0A'
        "query: CommandLine: case differs, actual A"
    )


def test_proofs_fit() -> None:
    few = made_proofs("words " * 500)
    text = proof_text(Proofs(few.targets, few.rules * 300, few.problems), "markdown")
    assert PROVE / 2 < len(text) <= PROVE
    assert "more not shown here" in text


def test_the_verdict_comes_first(run: Report) -> None:
    green = run_suite(Workspace(config()), selection("whoami"))
    heads = [renderer("markdown")(one, View()).split("\n")[0] for one in (run, green, Report((), ()))]
    assert [head.split(" ")[1] for head in heads] == ["❌", "✅", "❌"]
    assert heads[1].endswith("every case is as expected")
    assert heads[2].endswith("nothing ran")


def test_every_code_is_explained(run: Report) -> None:
    assert {str(one) for one in Code} <= set(CODES)
    written = {
        found
        for path in (ROOT / "sigmaproof").rglob("*.py")
        for found in re.findall(r"(?:Problem\(\s*|CODE = )\"([a-z-]+)\"", path.read_text(encoding="utf-8"))
    }
    # told by commands that have no report
    never = {
        "usage",
        "git",
        "nothing-selected",
        "invalid-case",
        "invalid-configuration",
        "unknown-target",
        "never-exercised",
    }
    # a new code is explained in report/codes.py, and in the table of docs/reports.md
    assert written - never <= set(CODES)
    assert {one.code for one in findings(run)} <= set(CODES)


def test_the_table_of_codes_is_whole() -> None:
    page = (ROOT / "docs" / "reports.md").read_text(encoding="utf-8").partition("## Codes")[2]
    assert re.findall(r"^\| `([a-z0-9-]+)` \| (.*) \|$", page, re.MULTILINE) == list(CODES.items())
