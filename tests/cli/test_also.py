"""`--also`: one run, several formats, each as `--format` writes it."""

from __future__ import annotations

from pathlib import Path

import pytest
from screens import Console


@pytest.mark.parametrize("form", ["json", "sarif", "github", "junit", "markdown", "html"])
@pytest.mark.parametrize("command", ["test", "prove"])
def test_the_same_as_format(command: str, form: str, console: Console, tmp_path: Path) -> None:
    file = tmp_path / "file"
    code, alone, _ = console.run(command, "-t", "splunk", "--format", form)
    again, shown, _ = console.run(command, "-t", "splunk", "--also", f"{form}={file}")
    assert (again, file.read_text(encoding="utf-8")) == (code, alone)
    assert shown != alone
