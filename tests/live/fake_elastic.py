"""A small server that talks like OpenSearch or Elasticsearch, and does as badly as a test asks for."""

from __future__ import annotations

import json
import re
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

Fault = Callable[[str, str], "tuple[int, Any] | None"]
"""Given method and path: a status and a body instead of the right reply, or nothing."""


@dataclass
class FakeElastic:
    """Its queries are `field:value`, equality as texts; `*:*` finds all; anything else is an error."""

    flavour: str = "opensearch"
    version: str = "3.8.0"
    root: bool = True
    eql: Any = None
    """The reply to an EQL search; None for a server that has none."""
    lacks: tuple[str, ...] = ()
    """Types that it does not have."""
    indices: dict[str, dict[str, Any]] = field(default_factory=dict)
    bodies: dict[str, Any] = field(default_factory=dict)
    """What each index was made with; it stays after the index is gone."""
    requests: list[tuple[str, str]] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)
    searches: list[Any] = field(default_factory=list)
    fault: Fault = lambda method, path: None
    url: str = ""

    def reply(self, method: str, path: str, body: str) -> tuple[int, Any]:
        path = path.partition("?")[0]
        self.requests.append((method, path))
        if (wrong := self.fault(method, path)) is not None:
            return wrong
        match method, path.strip("/").split("/"):
            case "GET", [""] if self.root:
                return 200, {"version": {"number": self.version, "distribution": self.flavour}}
            case "GET", ["_nodes", "_local"]:
                return 200, {"nodes": {"a": {"version": self.version}}}
            case "PUT", [index]:
                return self._create(index, json.loads(body))
            case "POST", ["_bulk"]:
                return 200, self._bulk([json.loads(line) for line in body.splitlines()])
            case "POST", [_, "_refresh"]:
                return 200, {}
            case "POST", ["_msearch"]:
                return 200, self._msearch([json.loads(line) for line in body.splitlines()])
            case "POST", [_, "_eql", "search"] if self.eql is not None:
                self.searches.append(json.loads(body))
                return self.eql
            case "DELETE", [names]:
                for name in names.split(","):
                    self.indices.pop(name, None)
                return 200, {"acknowledged": True}
        return 400, {"error": f"no handler found for uri [{path}] and method [{method}]", "status": 400}

    def _create(self, index: str, body: Any) -> tuple[int, Any]:
        self.bodies[index] = body
        for name in self.lacks:
            if f'"type": "{name}"' in json.dumps(body):
                return 400, error("mapper_parsing_exception", f"No handler for type [{name}] declared on [f]")
        self.indices[index] = {}
        return 200, {"acknowledged": True}

    def _bulk(self, lines: list[Any]) -> Any:
        items = []
        for action, document in zip(lines[::2], lines[1::2], strict=True):
            place = action["index"]
            if document.get("bad"):
                wrong = {"type": "mapper_parsing_exception", "reason": "bad"}
                items.append({"index": {"status": 400, "error": wrong}})
                continue
            self.indices[place["_index"]][place["_id"]] = document
            items.append({"index": {"status": 201}})
        return {"items": items}

    def _msearch(self, lines: list[Any]) -> Any:
        self.searches += lines[1::2]
        pairs = zip(lines[::2], lines[1::2], strict=True)
        return {"responses": [self._search(self.indices[head["index"]], body) for head, body in pairs]}

    def _search(self, documents: dict[str, Any], body: Any) -> Any:
        query, among = body["query"], list(documents)
        if "bool" in query:
            among = query["bool"]["filter"][0]["ids"]["values"]
            query = query["bool"]["must"][0]
        text = query["query_string"]["query"]
        found = re.fullmatch(r"\(?(\S+?):\"?([^\s\")]+)\"?\)?", text)
        if not found:
            return {**error("parse_exception", f"cannot parse {text}"), "status": 400}
        hits = [one for one in among if text == "*:*" or str(documents[one].get(found[1])) == found[2]]
        return {"hits": {"hits": [{"_id": one} for one in hits]}, "_shards": {"failed": 0}}


def error(kind: str, reason: str) -> dict[str, Any]:
    """An error as the servers write it."""
    cause = {"type": kind, "reason": reason}
    return {"error": {"root_cause": [cause], **cause}}


def slow(seconds: float) -> Fault:
    """A server that takes its time over searches."""

    def fault(method: str, path: str) -> None:
        if path.startswith("/_msearch"):
            time.sleep(seconds)

    return fault


def failing(wanted: str, status: int, body: Any) -> Fault:
    """A server that fails where a path holds a text."""
    return lambda method, path: (status, body) if wanted in f"{method} {path}" else None


@contextmanager
def serving(fake: Any) -> Iterator[Any]:
    """The fake on a port of loopback; its `url` says where."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def _any(self) -> None:
            body = self.rfile.read(int(self.headers.get("content-length") or 0)).decode()
            fake.headers.append({key.lower(): value for key, value in self.headers.items()})
            status, reply = fake.reply(self.command, self.path, body)
            raw = reply if isinstance(reply, bytes) else json.dumps(reply).encode()
            self.send_response(status)
            if getattr(fake, "flavour", "") == "elasticsearch":
                self.send_header("X-Elastic-Product", "Elasticsearch")
            if self.close_connection:  # the client asked for it, and waits for the word
                self.send_header("connection", "close")
            self.send_header("content-type", "application/json")
            self.send_header("content-length", str(len(raw)))
            self.end_headers()
            self.wfile.write(raw)

        do_GET = do_PUT = do_POST = do_DELETE = _any

        def log_message(self, *_: object) -> None: ...

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    fake.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        yield fake
    finally:
        server.shutdown()
        server.server_close()
