"""Completion as the shells ask for it."""

from __future__ import annotations

import pytest
from screens import Console

COMPLETED = [
    ("sigmaproof ch", ["check"]),
    ("sigmaproof test --wa", ["--watch"]),
    ("sigmaproof test -t ", ["elastic", "splunk"]),
    ("sigmaproof test --target spl", ["splunk"]),
    ("sigmaproof test --targets ../../../converters -t stock-s", ["stock-splunk"]),
    ("sigmaproof test --format ju", ["junit"]),
    ("sigmaproof list ru", ["rules"]),
]


@pytest.mark.parametrize(("line", "found"), COMPLETED)
def test_completion(line: str, found: list[str], console: Console) -> None:
    words = line.split(" ")
    console.set(
        _SIGMAPROOF_COMPLETE="bash_complete", COMP_WORDS=line.rstrip(), COMP_CWORD=str(len(words) - 1)
    )
    code, out, _ = console.run()
    assert code == 0
    assert [one.partition(",")[2] for one in out.splitlines()] == found


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_each_shell_has_a_script(shell: str, console: Console, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("click.shell_completion.BashComplete._check_version", lambda *_: None)
    console.set(_SIGMAPROOF_COMPLETE=f"{shell}_source")
    code, out, _ = console.run()
    assert code == 0
    assert f"_SIGMAPROOF_COMPLETE={shell}_complete" in out


def test_a_broken_configuration_completes_nothing(
    console: Console, tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.mktemp("broken")
    (folder / "pyproject.toml").write_text("[tool.sigmaproof]\nrule = 1\n", encoding="utf-8")
    console.go(folder)
    console.set(_SIGMAPROOF_COMPLETE="bash_complete", COMP_WORDS="sigmaproof test -t", COMP_CWORD="3")
    code, out, err = console.run()
    assert (code, out.strip(), err) == (0, "", "")
