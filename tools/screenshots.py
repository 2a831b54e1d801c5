"""Makes the pictures of the README and of docs/report-page.md: the page in light and dark, and the console.

    python tools/screenshots.py

It needs Chromium and, for small files, pngquant. The page is that of the repository's own rules.
"""

from __future__ import annotations

import io
import os
import shutil
import subprocess
import sys
from pathlib import Path

from rich.console import Console
from rich.text import Text

ROOT = Path(__file__).parents[1]
PICTURES = ROOT / "docs" / "pictures"
sys.path.insert(0, str(ROOT / "tests" / "report"))

from browser import Tab, chromium  # noqa: E402

RULE = "#/rule/proc_creation_win_wmic_remote_command"
TIMELINE = "#/rule/corr_win_wmic_after_explicit_logon"
VIEWS = {"page-light": ("", False), "page-rule-dark": (RULE, True), "page-timeline": (TIMELINE, False)}
_OPENED = {RULE: 2, TIMELINE: 6}
"""Which case of a rule is open."""


def _sigmaproof(*words: str, color: bool = False) -> str:
    command = [sys.executable, "-m", "sigmaproof", *words]
    environment = {"FORCE_COLOR": "1"} if color else {}
    found = subprocess.run(  # noqa: S603  our own command
        command, cwd=ROOT, capture_output=True, text=True, check=False, env={**os.environ, **environment}
    )
    return found.stdout


def page(tab: Tab, name: str, address: str, *, dark: bool) -> None:
    """One view of the page, as a PNG of few colours."""
    tab.open(ROOT / "build" / "report.html", address, width=1280, height=800, dark=dark)
    if address:
        tab.run(
            f"{{const one = document.querySelectorAll('.case')[{_OPENED[address]}];"
            "one.open = true; one.closest('.panel').scrollIntoView()}"
        )
    picture = PICTURES / f"{name}.png"
    picture.write_bytes(tab.picture())
    if small := shutil.which("pngquant"):
        command = [small, "--force", "--strip", "--speed", "1", "64", "--output", str(picture), str(picture)]
        subprocess.run(command, check=True)  # noqa: S603


def console(name: str, *words: str) -> None:
    """What a command shows at a terminal, as SVG without a font from elsewhere."""
    shown = Console(record=True, width=100, file=io.StringIO(), force_terminal=True)
    shown.print(Text(f"$ sigmaproof {' '.join(words)}"))
    shown.print(Text.from_ansi(_sigmaproof(*words, color=True).rstrip()))
    text = shown.export_svg(title="sigmaproof", unique_id=name)
    start, end = text.index("@font-face"), text.rindex("@font-face")
    rest = text[text.index("}", end) + 1 :]
    (PICTURES / f"{name}.svg").write_text(text[:start] + rest.lstrip(), encoding="utf-8")


def main() -> None:
    """All pictures."""
    PICTURES.mkdir(exist_ok=True)
    (ROOT / "build").mkdir(exist_ok=True)
    _sigmaproof("test", "--prove", "--mutate", "--format", "html", "-o", "build/report.html")
    with chromium() as tab:
        for name, (address, dark) in VIEWS.items():
            page(tab, name, address, dark=dark)
    console("console", "test", "-k", "remote_command and malicious[2]", "-t", "splunk", "-t", "stock-lucene")


if __name__ == "__main__":
    main()
