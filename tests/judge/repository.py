"""A repository small enough to break one thing at a time."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from sigmaproof.config import Config
from sigmaproof.judge.results import Report
from sigmaproof.judge.suite import run_suite
from sigmaproof.workspace import Workspace

RULE = """\
title: A copy by {name}
id: 00000000-0000-4000-8000-00000000000{number}
logsource: {{category: test, product: any}}
detection:
  one:
    CommandLine|contains: {name}
  condition: one
"""
FIXTURE = """\
malicious: |
  run {name} now
benign: |
  nothing at all
"""
FILES = {
    "sigma_rules/robocopy.yml": RULE.format(name="robocopy", number=1),
    "sigma_rules/xcopy.yml": RULE.format(name="xcopy", number=2),
    "fixtures/robocopy.yml": FIXTURE.format(name="robocopy"),
    "fixtures/xcopy.yml": FIXTURE.format(name="xcopy"),
    "converters/siem.yml": "title: A SIEM\nbackend: exact_splunk\nlanguage: spl\n",
}


def written(root: Path, changes: Mapping[str, str | bytes | None]) -> Path:
    """The repository under `root` with these files changed; None leaves one out."""
    for name, content in {**FILES, **changes}.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        if content is not None:
            path.write_bytes(content.encode() if isinstance(content, str) else content)
    return root


def run(root: Path, targets: tuple[str, ...] = ()) -> Report:
    """A whole run over the repository."""
    config = Config().overridden(
        rules=[root / "sigma_rules"],
        fixtures=[root / "fixtures"],
        converters=root / "converters",
        targets=targets,
    )
    return run_suite(Workspace(config))
