"""Rule files: structure, kinds, ids, look-ups, and one clear problem per bad file."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from sigmaproof.errors import InvalidInput
from sigmaproof.load.rules import find_rule, load_rules, parse_rule_file, rule_lines
from sigmaproof.load.values import Kind, Rules

CORPUS = Path(__file__).parents[2] / "../shared/corpus/sigmahq"
RULE = (
    "title: Rule {0}\nid: 0000000{0}-0000-4000-8000-00000000000A\nname: rule_{0}\ndetection:\n  s: {{a: b}}\n"
)


def folder(tmp_path: Path, **files: str) -> Rules:
    for name, text in files.items():
        path = tmp_path / f"{name.replace('__', '/')}.yml"
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return load_rules([tmp_path])


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        ("", 0, "the file is empty"),
        ("---\n", 0, "the file is empty"),
        ("# only a comment\n", 0, "the file is empty"),
        ("title: [\n", 2, "not valid YAML"),
        ("title: a\ntitle: b\ndetection: {}\n", 2, 'duplicate key "title"'),
        ("- a\n", 1, "not a mapping"),
        ("text\n", 1, "not a mapping"),
        ("title: a\ndescription: b\n", 1, "no `detection`, `correlation` or `filter`"),
        ("title: a\ndetecton: {}\n", 1, '(did you mean "detection"?)'),
        ("detection: {}\n", 1, "no title"),
        ("title: ''\ndetection: {}\n", 1, "no title"),
        ("title: 5\ndetection: {}\n", 1, "`title` must be text, not int"),
        ("detection: {}\ntitle: a\n\nid: 5\n", 4, "`id` must be text"),
        ("title: a\ndetection: {}\n---\ndetection: {}\n", 4, "no title"),
        ("title: a\ndetection: {}\ncorrelation: {}\n", 1, "both rule and correlation"),
        ("action: global\nlogsource: {}\n---\ntitle: a\ndetection: {}\n", 1, "rule collections"),
    ],
)
def test_problem(text: str, line: int, words: str) -> None:
    with pytest.raises(InvalidInput) as error:
        parse_rule_file(text, Path("x.yml"))
    problem = error.value.problem
    assert words in problem.message
    assert problem.place.line == line
    assert problem.code == "invalid-rule"


def test_no_hint_from_a_key_that_belongs_there() -> None:
    with pytest.raises(InvalidInput) as error:
        parse_rule_file("title: a\ndescription: b\n", Path("x.yml"))
    assert "did you mean" not in error.value.problem.message


def test_kinds_documents_and_lines() -> None:
    text = (
        RULE.format(1) + "---\ntitle: c\ncorrelation: {type: event_count}\n---\ntitle: f\nfilter: {}\n---\n"
    )
    file = parse_rule_file(text, Path("some_rule.yml"))
    assert [document.kind for document in file.documents] == [Kind.RULE, Kind.CORRELATION, Kind.FILTER]
    assert [document.line for document in file.documents] == [1, 7, 10]
    assert [document.index for document in file.documents] == [0, 1, 2]
    assert rule_lines(file).line(("correlation", "type"), 1) == 8
    first = file.documents[0]
    assert (first.id, first.name, first.title) == ("00000001-0000-4000-8000-00000000000a", "rule_1", "Rule 1")
    assert first.data["detection"] == {"s": {"a": "b"}}
    assert (file.stem, file.kind) == ("some_rule", Kind.RULE)


def test_look_ups_and_order(tmp_path: Path) -> None:
    rules = folder(tmp_path, b__one=RULE.format(1), a__two=RULE.format(2), a__one=RULE.format(3))
    assert [file.path.relative_to(tmp_path).as_posix() for file in rules.files] == [
        "a/one.yml",
        "a/two.yml",
        "b/one.yml",
    ]
    assert [found.title for found in find_rule(rules, "00000002-0000-4000-8000-00000000000A")] == ["Rule 2"]
    assert [found.title for found in find_rule(rules, "one")] == ["Rule 3", "Rule 1"]
    assert [found.title for found in find_rule(rules, "b/one.yml")] == ["Rule 1"]
    assert [found.title for found in find_rule(rules, "two.yml")] == ["Rule 2"]
    assert find_rule(rules, "absent") == ()
    assert rules.by_name["rule_3"].title == "Rule 3"
    assert len(rules.documents) == 3


def test_an_id_counts_once(tmp_path: Path) -> None:
    rules = folder(
        tmp_path, a=RULE.format(1), b="\n" + RULE.format(1), c=RULE.format(2) + "---\n" + RULE.format(2)
    )
    assert [file.stem for file in rules.files] == ["a"]
    other, inside = rules.problems
    assert "already used by" in other.message
    assert "a.yml:1" in other.message
    assert other.place.line == 3
    assert inside.place.line == 8


def test_a_file_given_twice_counts_once(tmp_path: Path) -> None:
    (tmp_path / "a.yml").write_text(RULE.format(1), encoding="utf-8")
    rules = load_rules([tmp_path, tmp_path / "a.yml", tmp_path / "absent"])
    assert len(rules.files) == 1
    assert [problem.message for problem in rules.problems] == ["there is no such file or folder"]


def test_one_bad_file_hides_no_other(tmp_path: Path) -> None:
    (tmp_path / "latin.yml").write_bytes(b"title: a\nauthor: J\xf6rg\n")
    (tmp_path / "link.yml").symlink_to("/dev/zero")
    (tmp_path / ".hidden.yml").write_text("[", encoding="utf-8")
    (tmp_path / "README.md").write_text("[", encoding="utf-8")
    rules = folder(
        tmp_path, good="\ufeff" + RULE.format(1).replace("\n", "\r\n"), broken="a: [", other="a: 1"
    )
    assert [file.stem for file in rules.files] == ["good"]
    assert sorted((problem.place.path.stem, problem.place.line) for problem in rules.problems) == [
        ("broken", 2),
        ("latin", 2),
        ("link", 0),
        ("other", 1),
    ]


@pytest.mark.skipif(not CORPUS.exists(), reason="needs ../shared/corpus")
def test_sigmahq_loads_quickly() -> None:
    begun = time.process_time()
    rules = load_rules(sorted(CORPUS.glob("rules*")))
    assert time.process_time() - begun < 10
    assert (len(rules.files), len(rules.by_id), rules.problems) == (3780, 3780, ())
