"""From a URL to an engine: which product is it, and which version?"""

from __future__ import annotations

import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sigmaproof.live.address import Address
from sigmaproof.live.elastic import ElasticEngine
from sigmaproof.live.splunk import SplunkEngine
from sigmaproof.live.transport import ElasticsearchTransport, OpenSearchTransport, Transport, reason
from sigmaproof.live.values import Engine, LiveError

_NO_ROOT = (400, 404, 405)
"""What a server says to `GET /` whose module for it is missing."""


@contextmanager
def connected(address: Address, language: str) -> Iterator[Engine]:
    """The engine at an address. Raises `LiveError` when it is not there, or is none that we know."""
    engine = SplunkEngine.at(address) if language == "spl" else _elastic(address)
    try:
        with _orderly_end():
            yield engine
    finally:
        engine.close()


@contextmanager
def _orderly_end() -> Iterator[None]:
    """Lets SIGTERM end us as Ctrl-C does, so that what was made on a server is deleted."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGTERM, lambda number, _: sys.exit(128 + number))
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def _elastic(address: Address) -> Engine:
    # OpenSearch's client speaks to both, Elasticsearch's to its own server only
    transport: Transport = OpenSearchTransport(address)
    try:
        flavour, version = _product(transport)
        if flavour == "elasticsearch":
            transport.close()
            transport = ElasticsearchTransport(address)
    except BaseException:
        transport.close()
        raise
    return ElasticEngine(transport, flavour, version)


def _product(transport: Transport) -> tuple[str, str]:
    reply = transport.send("GET", "/")
    if reply.status in _NO_ROOT:
        reply = transport.send("GET", "/_nodes/_local")
        nodes = reply.body.get("nodes", {}) if reply.ok and isinstance(reply.body, dict) else {}
        about: Any = next(iter(nodes.values()), {})
        return "elasticsearch", _version(transport, about.get("version"), reason(reply.body))
    about = reply.body.get("version", {}) if isinstance(reply.body, dict) else {}
    flavour = "opensearch" if about.get("distribution") == "opensearch" else "elasticsearch"
    return flavour, _version(transport, about.get("number"), reason(reply.body))


def _version(transport: Transport, version: object, told: str) -> str:
    if isinstance(version, str) and version[:1].isdigit():
        return version
    address = transport.address
    raise LiveError(
        f"{address.url} is neither OpenSearch nor Elasticsearch: {address.credentials.hidden(told)}"
    )
