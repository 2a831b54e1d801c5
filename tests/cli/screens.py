"""Runs the command line as the console script does, in this process, and gives back what a person sees."""

from __future__ import annotations

import re
import sys
from pathlib import Path

import pytest

from sigmaproof.cli import main

SAMPLE = Path(__file__).parent / "sample"
_SECONDS = re.compile(r"\d+\.\d\d s\b")


class Console:
    """A person at the sample repository."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
        self._monkeypatch, self._capsys = monkeypatch, capsys
        self.go(SAMPLE)

    def go(self, folder: Path) -> None:
        """Changes the working folder."""
        self._monkeypatch.chdir(folder)

    def set(self, **environment: str) -> None:
        """Sets environment variables."""
        for name, value in environment.items():
            self._monkeypatch.setenv(name, value)

    def run(self, *words: str) -> tuple[int, str, str]:
        """Exit code, stdout and stderr of one command; how long it took is masked."""
        self._monkeypatch.setattr(sys, "argv", ["sigmaproof", *words])
        self._capsys.readouterr()
        try:
            main()
            code = 0
        except SystemExit as leaving:
            code = int(leaving.code or 0)
        out, err = self._capsys.readouterr()
        return code, _SECONDS.sub("N.NN s", out), _SECONDS.sub("N.NN s", err)

    def screen(self, *words: str) -> str:
        """One command with everything that it shows."""
        code, out, err = self.run(*words)
        parts = [f"$ sigmaproof {' '.join(words)}"]
        parts += [out.rstrip("\n")] if out else []
        parts += ["--- stderr", err.rstrip("\n")] if err else []
        return "\n".join([*parts, f"--- exit {code}"])
