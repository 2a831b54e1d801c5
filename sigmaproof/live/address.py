"""Where a real engine is, and who we are there. Only this computer, unless a person says otherwise."""

from __future__ import annotations

import os
import re
import socket
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from ipaddress import ip_address
from urllib.parse import urlsplit

from msgspec import Struct

from sigmaproof.errors import Problem, UsageError

_PREFIX = "SIGMAPROOF_LIVE_"
_PORTS = {"http": 80, "https": 443}


@dataclass(frozen=True, slots=True)
class Credentials:
    """From environment variables only. Never shown, not even by `repr`."""

    user: str = field(default="", repr=False)
    password: str = field(default="", repr=False)
    api_key: str = field(default="", repr=False)
    token: str = field(default="", repr=False)
    ca_file: str = ""
    """Certificates to trust beside those of the system."""

    @property
    def given(self) -> bool:
        """Whether there is anything to log in with."""
        return bool(self.user or self.password or self.api_key or self.token)

    def hidden(self, text: str) -> str:
        """A text of somebody else's, without our secrets in it."""
        for secret in (self.password, self.api_key, self.token):
            if secret:
                text = text.replace(secret, "***")
        return text


class Address(Struct, frozen=True):
    """A server, and how to get in."""

    scheme: str
    host: str
    port: int
    path: str = ""
    credentials: Credentials = Credentials()
    timeout: float = 60.0
    """Seconds that one request may take."""

    @property
    def url(self) -> str:
        """Without credentials."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{self.scheme}://{host}:{self.port}{self.path}"


def target_addresses(pairs: Iterable[str], *, allow_remote: bool, timeout: float) -> dict[str, Address]:
    """The addresses in `TARGET=URL`, with the credentials of each target. Raises `UsageError`."""
    found: dict[str, Address] = {}
    for pair in pairs:
        target, equals, url = pair.partition("=")
        if not equals or not target or "://" in target:
            raise _wrong("--live is not TARGET=URL", "write --live elastic-lucene=http://127.0.0.1:9200")
        if target in found:
            raise _wrong(f"--live names {target!r} twice")
        found[target] = read_address(
            url, allow_remote=allow_remote, timeout=timeout, credentials=read_credentials(target)
        )
    return found


def read_address(
    url: str, *, allow_remote: bool = False, timeout: float = 60.0, credentials: Credentials = Credentials()
) -> Address:
    """The address in a URL. Raises `UsageError` for one that is not here, or that says a password."""
    try:
        parts = urlsplit(url)
        port = parts.port or _PORTS.get(parts.scheme, 0)
    except ValueError as error:
        raise _wrong(f"--live: not a URL: {error}") from None
    if parts.username is not None or parts.password is not None:
        raise _wrong("--live: a URL must not hold credentials", f"set {_PREFIX}USER and {_PREFIX}PASSWORD")
    if parts.scheme not in _PORTS or not parts.hostname or parts.query or parts.fragment:
        raise _wrong(f"--live: not the URL of a server: {url!r}", "write http://127.0.0.1:9200")
    if not is_loopback(parts.hostname):
        _check_remote(parts.scheme, parts.hostname, allow_remote, credentials)
    return Address(parts.scheme, parts.hostname, port, parts.path.rstrip("/"), credentials, timeout)


def is_loopback(host: str) -> bool:
    """Whether every address of the host is this computer's own."""
    try:
        found = {info[4][0] for info in socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)}
    except (OSError, UnicodeError):
        return False
    return bool(found) and all(ip_address(str(one).partition("%")[0]).is_loopback for one in found)


def read_credentials(target: str = "", environment: Mapping[str, str] = os.environ) -> Credentials:
    """Those of one target (`SIGMAPROOF_LIVE_ELASTIC_EQL_USER`), else those of every target."""
    own = re.sub(r"\W", "_", target).upper()

    def of(name: str) -> str:
        return environment.get(f"{_PREFIX}{own}_{name}") or environment.get(f"{_PREFIX}{name}", "")

    return Credentials(of("USER"), of("PASSWORD"), of("API_KEY"), of("TOKEN"), of("CA_FILE"))


def _check_remote(scheme: str, host: str, allowed: bool, credentials: Credentials) -> None:
    if not allowed:
        help_ = "with --allow-remote, documents of your fixtures are sent there, and indices made and deleted"
        raise _wrong(f"--live: {host} is not this computer", help_)
    if scheme != "https" and credentials.given:
        raise _wrong(f"--live: credentials would travel to {host} in the clear", "use https")


def _wrong(message: str, help_: str = "") -> UsageError:
    return UsageError(Problem("usage", message, help=help_))
