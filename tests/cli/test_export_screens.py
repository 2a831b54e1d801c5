"""What `export` shows, over the sample repository."""

from __future__ import annotations

import re
from pathlib import Path

from screens import Console
from syrupy.assertion import SnapshotAssertion

TARGETS = ("--targets", "../../../converters")


def test_export(console: Console, screen_snapshot: SnapshotAssertion, tmp_path: Path) -> None:
    folder = tmp_path / "build"
    words = ("export", *TARGETS, "-t", "splunk", "-t", "stock-lucene", "-o", str(folder))
    assert console.screen(*words).replace(str(folder), "build") == screen_snapshot(name="left-out")
    again = console.screen(*words, "--allow-unverified")
    assert again.replace(str(folder), "build") == screen_snapshot(name="allow-unverified")
    manifest = (folder / "manifest.json").read_text(encoding="utf-8")
    assert re.sub("[0-9a-f]{64}", "…", manifest) == screen_snapshot(name="manifest")
