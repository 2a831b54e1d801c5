"""HTTP to OpenSearch and Elasticsearch, through the official client of each."""

from __future__ import annotations

from importlib import import_module
from typing import Any, Protocol

from msgspec import Struct

from sigmaproof.errors import Problem, UsageError
from sigmaproof.live.address import Address
from sigmaproof.live.values import LiveError

_JSON = {"accept": "application/json", "content-type": "application/json"}


class Reply(Struct, frozen=True):
    """What a server replied: an error, too, is a reply."""

    status: int
    body: Any

    @property
    def ok(self) -> bool:
        return 200 <= self.status < 300


class Transport(Protocol):
    """One server."""

    @property
    def address(self) -> Address: ...

    def send(self, method: str, path: str, body: str | None = None) -> Reply:
        """The server's reply. Raises `LiveError` when there is none, or when it does not let us in."""

    def close(self) -> None:
        """Lets go of the connections."""


def client(module: str) -> Any:
    """The module of an official client. Raises `UsageError` when it is not installed."""
    try:
        return import_module(module)
    except ImportError:
        message = f"--live needs a package that is not installed: {module.partition('.')[0]}"
        raise UsageError(Problem("usage", message, help="pip install 'sigmaproof[live]'")) from None


class OpenSearchTransport:
    """Through opensearch-py."""

    def __init__(self, address: Address) -> None:
        self.address = address
        self._errors = client("opensearchpy.exceptions")
        self._client = client("opensearchpy").OpenSearch(
            hosts=[address.url],
            timeout=address.timeout,
            max_retries=0,
            **_opensearch_login(address),
        )

    def send(self, method: str, path: str, body: str | None = None) -> Reply:
        try:
            found = self._client.transport.perform_request(method, path, body=body, headers=_JSON)
        except self._errors.ConnectionTimeout:
            raise _late(self.address) from None
        except self._errors.ConnectionError as error:
            raise _absent(self.address, error.info) from None
        except self._errors.TransportError as error:
            return checked(self.address, Reply(int(error.status_code), error.info))
        except self._errors.SerializationError:
            raise _strange(self.address) from None
        return Reply(200, found)

    def close(self) -> None:
        self._client.close()


class ElasticsearchTransport:
    """Through elasticsearch-py, which refuses servers that are not Elasticsearch."""

    def __init__(self, address: Address) -> None:
        self.address = address
        self._errors = client("elasticsearch")
        self._client = client("elasticsearch").Elasticsearch(
            address.url,
            request_timeout=address.timeout,
            max_retries=0,
            **_elasticsearch_login(address),
        )

    def send(self, method: str, path: str, body: str | None = None) -> Reply:
        try:
            found = self._client.perform_request(method, path, body=body, headers=_JSON)
        except self._errors.ConnectionTimeout:
            raise _late(self.address) from None
        except self._errors.UnsupportedProductError:
            raise _strange(self.address) from None
        except self._errors.SerializationError:
            raise _strange(self.address) from None
        except self._errors.TransportError as error:
            raise _absent(self.address, error.message) from None
        except self._errors.ApiError as error:
            return checked(self.address, Reply(error.status_code, error.body))
        return Reply(200, found.body)

    def close(self) -> None:
        self._client.close()


def checked(address: Address, reply: Reply) -> Reply:
    """The reply, unless it says that we may not, or not now. Raises `LiveError`."""
    if reply.status in (401, 403):
        help_ = "set SIGMAPROOF_LIVE_USER and SIGMAPROOF_LIVE_PASSWORD, or SIGMAPROOF_LIVE_API_KEY"
        told = address.credentials.hidden(reason(reply.body))
        raise LiveError(f"{address.url} does not let us: {told}", help_)
    if reply.status in (429, 502, 503, 504):
        told = address.credentials.hidden(reason(reply.body))
        raise LiveError(f"{address.url} is busy or not ready ({reply.status}): {told}")
    return reply


def reason(body: Any) -> str:
    """The innermost reason in an error of the server's, in one line."""
    error = body.get("error", body) if isinstance(body, dict) else body
    if not isinstance(error, dict):
        return " ".join(str(error).split())[:500]
    failed = error.get("failed_shards") or error.get("root_cause") or [error]
    inner = failed[0].get("reason", failed[0]) if isinstance(failed[0], dict) else failed[0]
    inner = inner if isinstance(inner, dict) else failed[0]
    while isinstance(inner.get("caused_by"), dict):
        inner = inner["caused_by"]
    return " ".join(f"{inner.get('type', 'error')}: {inner.get('reason', '')}".split())[:500]


def _opensearch_login(address: Address) -> dict[str, Any]:
    login = address.credentials
    options: dict[str, Any] = {"ca_certs": login.ca_file} if login.ca_file else {}
    if address.scheme == "https":
        options["verify_certs"] = True
    if login.user:
        options["http_auth"] = (login.user, login.password)
    elif login.api_key or login.token:
        kind = "ApiKey" if login.api_key else "Bearer"
        options["headers"] = {"authorization": f"{kind} {login.api_key or login.token}"}
    return options


def _elasticsearch_login(address: Address) -> dict[str, Any]:
    login = address.credentials
    options: dict[str, Any] = {"ca_certs": login.ca_file} if login.ca_file else {}
    if login.user:
        options["basic_auth"] = (login.user, login.password)
    elif login.api_key:
        options["api_key"] = login.api_key
    elif login.token:
        options["bearer_auth"] = login.token
    return options


def _late(address: Address) -> LiveError:
    return LiveError(f"{address.url} did not reply within {address.timeout:g} s", "see --live-timeout")


def _absent(address: Address, told: object) -> LiveError:
    # the client's own text may quote the URL and headers; of ours only the first line is of use
    first = address.credentials.hidden(str(told)).splitlines() or [""]
    return LiveError(f"no server at {address.url}: {first[0][:200]}")


def _strange(address: Address) -> LiveError:
    return LiveError(f"{address.url} replies, but not as OpenSearch or Elasticsearch do")
