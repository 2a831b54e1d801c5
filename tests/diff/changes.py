"""A small repository, under git or not, before and after a change."""

from __future__ import annotations

import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from sigmaproof.commands.diff import Request, diff_states
from sigmaproof.config import Config
from sigmaproof.judge.diff import Diff, RuleChange
from sigmaproof.judge.select import selection

RULE = """\
title: A copy by {name}
id: 00000000-0000-4000-8000-00000000000{number}
logsource: {{category: test, product: any}}
detection:
  tool:
    Image|endswith: \\{name}.exe
  words:
    CommandLine|contains:
      - /mir
      - /purge
  filter:
    User: backup
  condition: tool and words and not filter
"""
FIXTURE = """\
malicious: |
  {name} c:\\a d:\\b /mir
benign: |
  {name} c:\\a d:\\b
cases:
  - name: the backup
    label: benign
    event: {{Image: 'c:\\{name}.exe', CommandLine: '{name} /mir', User: backup}}
event: {{Image: 'C:\\Windows\\{name}.exe'}}
"""
FILTER = """\
title: Not on test machines
logsource: {category: test, product: any}
filter:
  rules: [00000000-0000-4000-8000-000000000001]
  machine:
    Computer: test
  condition: not machine
"""
FILES = {
    "sigma_rules/robocopy.yml": RULE.format(name="robocopy", number=1),
    "sigma_rules/xcopy.yml": RULE.format(name="xcopy", number=2),
    "fixtures/robocopy.yml": FIXTURE.format(name="robocopy"),
    "fixtures/xcopy.yml": FIXTURE.format(name="xcopy"),
    "converters/siem.yml": "title: A SIEM\nbackend: exact_splunk\nlanguage: spl\npipelines: [names]\n",
    "converters/pipelines/names.yml": "name: names\npriority: 1\ntransformations: []\n",
}
PLACES = {"robocopy": FILES["sigma_rules/robocopy.yml"], "xcopy": FILES["sigma_rules/xcopy.yml"]}
_WHO = ("-c", "user.name=a", "-c", "user.email=a@example.org", "-c", "commit.gpgsign=false")


def changed(files: Mapping[str, str], change: Mapping[str, Any]) -> dict[str, str]:
    """The files with a change: a new text, None to remove, `{old: new}` to edit, `{from: path}` to copy."""
    found = dict(files)
    for path, how in change.items():
        match how:
            case None:
                found.pop(path)
            case str():
                found[path] = how
            case {"from": source, **edits}:
                found[path] = _edited(files[source], edits)
            case _:
                found[path] = _edited(found[path], how)
    return found


def _edited(text: str, edits: Mapping[str, str]) -> str:
    for old, new in edits.items():
        assert old in text, f"{old!r} is not there"
        text = text.replace(old, new)
    return text


def write(root: Path, files: Mapping[str, str]) -> Path:
    """The files, and no others, below a folder."""
    for path in [*root.rglob("*")] if root.exists() else []:
        if path.is_file() and ".git" not in path.relative_to(root).parts:
            path.unlink()
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text.encode())
    return root


def git(root: Path, *words: str) -> str:
    done = subprocess.run(["git", *_WHO, *words], cwd=root, capture_output=True, text=True, check=True)
    return done.stdout.strip()


def commit(root: Path) -> str:
    """Everything as a commit; gives its id."""
    git(root, "add", "--all")
    git(root, "commit", "--quiet", "--allow-empty", "--message", "a state")
    return git(root, "rev-parse", "HEAD")


def repository(root: Path, files: Mapping[str, str]) -> str:
    """A new repository with these files; gives its first commit."""
    write(root, files)
    git(root, "init", "--quiet", "--initial-branch", "main")
    return commit(root)


def compared(base: str, head: str | None = None, *, expression: str = "", **options: Any) -> Diff:
    """`sigmaproof diff` in the working folder."""
    request = Request(base, head, jobs=1, **options)
    return diff_states(Config(), request, selection(expression), lambda done, of, name: None)


def summary(found: Diff) -> dict[str, Any]:
    """What a case file says of a comparison."""
    told: dict[str, Any] = {rule.place.path.as_posix(): _rule(rule) for rule in found.rules}
    return {
        "rules": told,
        "exit": int(found.exit_code(fail_on_change=False)),
        "files": [f"{one.fate.value} {one.kind} {one.path}" for one in found.files],
        "problems": [f"{one.code} {one.place}" for one in found.problems],
    }


def _rule(rule: RuleChange) -> dict[str, Any]:
    found: dict[str, Any] = {"is": f"{rule.fate.value}, {rule.rule.standing.value}"}
    if rule.before:
        found["was"] = rule.before.path.as_posix()
    for one in rule.rule.witnesses:
        found["gains" if one.now else "loses"] = [f"{cause.text} @{_line(cause)}" for cause in one.causes]
    found["queries"] = {one.target: one.change.standing.value for one in rule.queries}
    cases = {
        case.case.name: [f"{one.side}: {_fires(one.fires)} {one.mark or ''}".strip() for one in case.changed]
        for case in rule.cases
        if case.changed
    }
    if cases:
        found["cases"] = cases
    return found


def _line(cause: Any) -> str:
    return f"{'-' if cause.before else ''}{cause.place.line or cause.place.path.as_posix()}"


def _fires(fires: bool | None) -> str:
    return {True: "fires", False: "silent", None: "judged"}[fires]
