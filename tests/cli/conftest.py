"""The console fixture, and snapshots that are read like screens."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from screens import Console
from syrupy.assertion import SnapshotAssertion
from syrupy.extensions.amber import AmberSnapshotExtension
from syrupy.extensions.amber.serializer import AmberDataSerializer


class _Plain(AmberDataSerializer):
    @classmethod
    def serialize(cls, data: Any, **options: Any) -> str:
        return str(data)


class _Screens(AmberSnapshotExtension):
    serializer_class = _Plain


@pytest.fixture
def screen_snapshot(snapshot: SnapshotAssertion) -> SnapshotAssertion:
    return snapshot.use_extension(_Screens)


@pytest.fixture
def console(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Console:
    for name in ("NO_COLOR", "FORCE_COLOR", "TERM"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("COLUMNS", "100")
    monkeypatch.setenv("GITHUB_WORKSPACE", str(Path(__file__).parents[2]))  # should there be no .git
    return Console(monkeypatch, capsys)
