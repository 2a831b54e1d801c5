"""Where --live may go, and with which credentials."""

from __future__ import annotations

import pytest

from sigmaproof.errors import UsageError
from sigmaproof.live.address import Credentials, is_loopback, read_address, read_credentials, target_addresses

LOGIN = Credentials(user="me", password="open sesame")


@pytest.mark.parametrize("host", ["127.0.0.1", "127.8.9.10", "localhost", "::1"])
def test_this_computer(host: str) -> None:
    assert is_loopback(host)


@pytest.mark.parametrize("host", ["192.0.2.1", "0.0.0.0", "::", "2001:db8::1", "no.such.host.invalid", ""])
def test_not_this_computer(host: str) -> None:
    assert not is_loopback(host)


@pytest.mark.parametrize(
    "url",
    [
        "https://192.0.2.1:9200",
        "https://no.such.host.invalid",
        "ftp://127.0.0.1",
        "127.0.0.1:9200",
        "http://",
        "http://127.0.0.1:99999",
        "http://127.0.0.1:9200/?q=1",
        "http://me:secret@127.0.0.1:9200",
        "http://me@127.0.0.1:9200",
    ],
)
def test_refused(url: str) -> None:
    with pytest.raises(UsageError) as error:
        read_address(url)
    assert "secret" not in str(error.value)


def test_remote_when_allowed() -> None:
    found = read_address("https://192.0.2.1:9243/es/", allow_remote=True, credentials=LOGIN)
    assert found.url == "https://192.0.2.1:9243/es"


def test_no_credentials_in_the_clear() -> None:
    with pytest.raises(UsageError, match="in the clear"):
        read_address("http://192.0.2.1:9200", allow_remote=True, credentials=LOGIN)
    assert read_address("http://192.0.2.1:9200", allow_remote=True).port == 9200
    assert read_address("http://127.0.0.1:9200", credentials=LOGIN).credentials.given


def test_default_ports_and_addresses_of_ipv6() -> None:
    assert read_address("http://[::1]").url == "http://[::1]:80"
    assert read_address("https://localhost").port == 443


def test_credentials_of_one_target_before_those_of_all() -> None:
    found = {
        "SIGMAPROOF_LIVE_USER": "all",
        "SIGMAPROOF_LIVE_PASSWORD": "p",
        "SIGMAPROOF_LIVE_ELASTIC_EQL_USER": "one",
    }
    assert read_credentials("elastic-eql", found).user == "one"
    assert read_credentials("splunk", found).user == "all"
    assert not read_credentials("splunk", {}).given


def test_secrets_are_not_shown() -> None:
    address = read_address("http://127.0.0.1:9200", credentials=LOGIN)
    assert "sesame" not in repr(address)
    assert LOGIN.hidden("wrong password: open sesame") == "wrong password: ***"


@pytest.mark.parametrize("pairs", [["elastic"], ["http://127.0.0.1"], ["=http://127.0.0.1"], ["a=b"]])
def test_not_a_target_and_url(pairs: list[str]) -> None:
    with pytest.raises(UsageError):
        target_addresses(pairs, allow_remote=False, timeout=1)


def test_a_target_once() -> None:
    pair = "a=http://127.0.0.1:1"
    assert list(target_addresses([pair], allow_remote=False, timeout=1)) == ["a"]
    with pytest.raises(UsageError, match="twice"):
        target_addresses([pair, pair], allow_remote=False, timeout=1)
