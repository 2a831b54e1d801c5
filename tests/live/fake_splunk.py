"""A small server that talks like Splunk's management port."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, urlsplit

Fault = Callable[[str, str], "tuple[int, Any] | None"]


@dataclass
class FakeSplunk:
    """Its searches find the events whose text holds `wanted`."""

    wanted: str = "a"
    late: int = 0
    """How many times it is asked before its events can be searched."""
    keeps: tuple[str, ...] = ("_raw", "sigmaproof_row")
    """What a search leaves of its events."""
    events: dict[str, list[str]] = field(default_factory=dict)
    metadata: list[dict[str, str]] = field(default_factory=list)
    searches: list[str] = field(default_factory=list)
    requests: list[tuple[str, str]] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)
    fault: Fault = lambda method, path: None
    url: str = ""

    def reply(self, method: str, url: str, body: str) -> tuple[int, Any]:
        path = urlsplit(url).path.removeprefix("/services/")
        given = {key: values[0] for key, values in parse_qs(urlsplit(url).query).items()}
        self.requests.append((method, path))
        if (wrong := self.fault(method, path)) is not None:
            return wrong
        match method, path.split("/"):
            case "GET", ["server", "info"]:
                return 200, {"entry": [{"content": {"version": "9.4.1"}}]}
            case "POST", ["data", "indexes"]:
                self.events[parse_qs(body)["name"][0]] = []
                return 201, {}
            case "POST", ["receivers", "simple"]:
                self.events[given["index"]].append(body)
                self.metadata.append(given)
                return 200, b"<response/>"
            case "DELETE", ["data", "indexes", name]:
                found = self.events.pop(name, None)
                return (404, b"<response/>") if found is None else (200, b"<response/>")
            case "POST", ["search", "jobs"]:
                return self._search(parse_qs(body)["search"][0])
        return 404, {"messages": [{"type": "ERROR", "text": f"no {path}"}]}

    def _search(self, text: str) -> tuple[int, Any]:
        self.searches.append(text)
        index = text.split('"')[1]
        if text.endswith("| stats count"):
            self.late -= 1
            return 200, {"results": [{"count": str(len(self.events[index]) if self.late < 0 else 0)}]}
        if "nonsense" in text:
            return 400, {"messages": [{"type": "FATAL", "text": "Unknown search command 'nonsense'."}]}
        found = [
            {"_raw": raw, **json.loads(raw)}
            for raw in self.events[index]
            if json.loads(raw).get("f") == self.wanted
        ]
        kept = [{key: value for key, value in one.items() if key in self.keeps} for one in found]
        return 200, {"results": kept, "messages": []}
