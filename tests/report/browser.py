"""Headless Chromium, driven by its own protocol over two pipes: no driver and no package beside it.

https://chromedevtools.github.io/devtools-protocol/
"""

from __future__ import annotations

import base64
import fcntl
import json
import os
import select
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
_OPTIONS = (
    "--headless=new",
    "--no-sandbox",  # as root, in containers; the pages are our own
    "--disable-gpu",
    "--disable-quic",
    "--disable-dev-shm-usage",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
    "--hide-scrollbars",
    "--force-color-profile=srgb",
    "--remote-debugging-pipe",
)
_SECONDS = 20
_KEYS = {"Enter": (13, "\r"), "Escape": (27, ""), "ArrowDown": (40, ""), "ArrowUp": (38, ""), "Tab": (9, "")}


def executable() -> str | None:
    """Chromium or Chrome, if this machine has one: `$SIGMAPROOF_CHROMIUM` or a name on the path."""
    named = os.environ.get("SIGMAPROOF_CHROMIUM")
    return named or next((found for name in _NAMES if (found := shutil.which(name))), None)


class Tab:
    """One page, and all that went wrong in it."""

    def __init__(self, reading: int, writing: int) -> None:
        self._reading, self._writing = reading, writing
        self._number, self._rest = 0, b""
        self._session = ""
        self.errors: list[str] = []
        self.requests: list[str] = []
        target = self._ask("Target.createTarget", url="about:blank")["targetId"]
        self._session = self._ask("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        for domain in ("Page", "Runtime", "Log", "Network"):
            self._ask(f"{domain}.enable")

    def open(
        self, path: Path, address: str = "", *, width: int = 1400, height: int = 900, dark: bool = False
    ) -> None:
        """Loads the file in a window of that size."""
        self.window(width, height, dark=dark)
        self._ask("Page.navigate", url="about:blank")
        self._ask("Page.navigate", url=f"{path.resolve().as_uri()}{address}")
        self.wait(
            "document.readyState === 'complete' && !document.getElementById('view-rules')?.matches(':empty')"
        )

    def window(self, width: int, height: int, *, dark: bool = False) -> None:
        """Sets the window's size and the person's preference."""
        self._ask(
            "Emulation.setDeviceMetricsOverride",
            width=width,
            height=height,
            deviceScaleFactor=1,
            mobile=False,
        )
        wanted = "dark" if dark else "light"
        self._ask("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": wanted}])

    def run(self, script: str) -> Any:
        """The value of an expression in the page; a promise is waited for."""
        found = self._ask("Runtime.evaluate", expression=script, returnByValue=True, awaitPromise=True)
        if "exceptionDetails" in found:
            raise AssertionError(json.dumps(found["exceptionDetails"])[:2000])
        return found["result"].get("value")

    def wait(self, condition: str) -> None:
        """Until the expression is true."""
        until = time.monotonic() + _SECONDS
        while not self.run(condition):
            assert time.monotonic() < until, f"not so within {_SECONDS} s: {condition}"
            time.sleep(0.02)

    def settle(self) -> None:
        """Until what was done is drawn."""
        self.run("new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))")

    def press(self, key: str) -> None:
        """Presses and lets go of a key."""
        number, text = _KEYS.get(key, (0, key))
        kind = "keyDown" if text else "rawKeyDown"
        pressed: dict[str, Any] = {"key": key, "code": key, "text": text, "windowsVirtualKeyCode": number}
        self._ask("Input.dispatchKeyEvent", type=kind, **pressed)
        self._ask("Input.dispatchKeyEvent", type="keyUp", key=key, code=key)
        self.settle()

    def type(self, text: str) -> None:
        """Types into whatever has the focus."""
        self._ask("Input.insertText", text=text)
        self.settle()

    def picture(self, *, whole: bool = False) -> bytes:
        """The page as PNG."""
        self.settle()
        return base64.b64decode(
            self._ask("Page.captureScreenshot", format="png", captureBeyondViewport=whole)["data"]
        )

    def printed(self) -> bytes:
        """The page as PDF."""
        return base64.b64decode(self._ask("Page.printToPDF", printBackground=True)["data"])

    def without_policy(self) -> None:
        """Lets tools be injected that do what the page itself must not."""
        self._ask("Page.setBypassCSP", enabled=True)

    def _ask(self, method: str, **params: Any) -> dict[str, Any]:
        self._number += 1
        message: dict[str, Any] = {"id": self._number, "method": method, "params": params}
        if self._session:
            message["sessionId"] = self._session
        os.write(self._writing, json.dumps(message).encode() + b"\0")
        for answer in self._messages():
            if answer.get("id") == self._number:
                assert "error" not in answer, answer
                found: dict[str, Any] = answer["result"]
                return found
            self._hear(answer.get("method", ""), answer.get("params", {}))
        raise AssertionError("unreachable")

    def _messages(self) -> Iterator[dict[str, Any]]:
        while True:
            while b"\0" in self._rest:
                message, _, self._rest = self._rest.partition(b"\0")
                yield json.loads(message)
            ready, _, _ = select.select([self._reading], [], [], _SECONDS)
            assert ready, f"no answer within {_SECONDS} s"
            read = os.read(self._reading, 1 << 20)
            assert read, "the browser has ended"
            self._rest += read

    def _hear(self, method: str, params: dict[str, Any]) -> None:
        if method == "Runtime.exceptionThrown":
            self.errors.append(str(params["exceptionDetails"])[:2000])
        elif method == "Runtime.consoleAPICalled" and params["type"] in ("error", "warning", "assert"):
            self.errors.append(str(params["args"])[:2000])
        elif method == "Log.entryAdded" and params["entry"]["level"] in ("error", "warning"):
            self.errors.append(str(params["entry"])[:2000])
        elif method == "Network.requestWillBeSent":
            self.requests.append(params["request"]["url"])


def _high(descriptor: int) -> int:
    """The same under a number that the shell's 3 and 4 do not overwrite."""
    found = fcntl.fcntl(descriptor, fcntl.F_DUPFD_CLOEXEC, 20)
    os.close(descriptor)
    return found


@contextmanager
def chromium() -> Iterator[Tab]:
    """A browser with one tab, gone afterwards."""
    command = executable()
    assert command is not None
    low_in, ours_out = os.pipe()
    ours_in, low_out = os.pipe()
    to_them, from_them = _high(low_in), _high(low_out)
    # the browser reads from 3 and writes to 4
    shell = f'exec "$@" 3<&{to_them} 4>&{from_them} {to_them}<&- {from_them}>&-'
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as profile:
        process = subprocess.Popen(
            ["bash", "-c", shell, "chromium", command, *_OPTIONS, f"--user-data-dir={profile}"],
            pass_fds=(to_them, from_them),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        os.close(to_them)
        os.close(from_them)
        try:
            yield Tab(ours_in, ours_out)
        finally:
            process.terminate()
            process.wait(10)
            os.close(ours_in)
            os.close(ours_out)
