"""Splunk's REST, on a fake server: the real one cannot be run by a test."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from fake_elastic import failing, serving
from fake_splunk import FakeSplunk

from sigmaproof.live import splunk
from sigmaproof.live.address import Credentials, read_address
from sigmaproof.live.connect import connected
from sigmaproof.live.splunk import PREFIX, split
from sigmaproof.live.values import Corpus, Engine, LiveError, Question

DOCUMENTS: list[dict[str, Any]] = [
    {"f": "a", "source": "WinEventLog:Security", "_time": 1700000000.5},
    {"f": "b"},
    {"f": "a", "host": ""},
]
CORPUS = Corpus("one", DOCUMENTS)
NOBODY = Credentials()


@pytest.fixture(autouse=True)
def _in_a_hurry(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(splunk, "_POLL", 0.01)


@contextmanager
def engine(fake: FakeSplunk, timeout: float = 5, credentials: Credentials = NOBODY) -> Iterator[Engine]:
    with serving(fake):
        address = read_address(fake.url, timeout=timeout, credentials=credentials)
        with connected(address, "spl") as found:
            yield found


def test_a_search_on_uploaded_events() -> None:
    fake = FakeSplunk(late=2)
    with engine(fake) as found, found.holding([CORPUS]) as (held,):
        assert (found.flavour, found.version) == ("splunk", "9.4.1")
        assert held.index.startswith(PREFIX)
        asked = [
            Question(held, "spl", 'f="a" OR f="b"'),
            Question(held, "spl", "search f=a | head 5", among=(2,)),
        ]
        answers = found.ask(asked)
    assert [answer.findings for answer in answers] == [((0,), (2,)), ((0,), (2,))]
    assert fake.searches[-2:] == [
        f'search index="{held.index}" (f="a" OR f="b")',
        f'search index="{held.index}" sigmaproof_row IN (r0000002) (f=a) | head 5',
    ]
    assert not fake.events


def test_what_is_uploaded() -> None:
    fake = FakeSplunk()
    with engine(fake) as found, found.holding([CORPUS]) as (held,):
        first, second, _ = (json.loads(text) for text in fake.events[held.index])
    time = "2023-11-14T22:13:20.500000+00:00"
    assert first == {"sigmaproof_row": "r0000000", "sigmaproof_time": time, "f": "a"}
    assert second == {"sigmaproof_row": "r0000001", "f": "b"}
    assert fake.metadata[0]["source"] == "WinEventLog:Security"
    assert fake.metadata[0]["sourcetype"] == "sigmaproof"
    assert "host" not in fake.metadata[2]


def test_results_that_do_not_say_where_they_come_from_are_counted() -> None:
    with engine(FakeSplunk(keeps=("f",))) as found, found.holding([CORPUS]) as (held,):
        assert found.ask([Question(held, "spl", "f=a | table f")])[0].counted == 2
    with engine(FakeSplunk(keeps=("_raw",))) as found, found.holding([CORPUS]) as (held,):
        assert found.ask([Question(held, "spl", "f=a")])[0].rows == [0, 2]


@pytest.mark.parametrize(
    ("query", "told"),
    [
        ("| tstats count from datamodel=Endpoint", "begins with a command"),
        ("index=main f=a", "names its index"),
        ("f=a index IN (main, other)", "names its index"),
    ],
)
def test_searches_that_cannot_be_kept_to_the_index(query: str, told: str) -> None:
    fake = FakeSplunk()
    with engine(fake) as found, found.holding([CORPUS]) as (held,):
        asked = len(fake.searches)
        assert told in found.ask([Question(held, "spl", query)])[0].unable
    assert len(fake.searches) == asked


def test_a_search_that_is_refused() -> None:
    with engine(FakeSplunk()) as found, found.holding([CORPUS]) as (held,):
        (answer,) = found.ask([Question(held, "spl", "f=a | nonsense")])
    assert answer.error == "Unknown search command 'nonsense'."


@pytest.mark.parametrize(
    ("query", "parts"),
    [
        ("a=1 | stats count", ("a=1", "| stats count")),
        ('a="x|y" b=1', ('a="x|y" b=1', "")),
        (r'a="x\"|y" | head', (r'a="x\"|y"', "| head")),
        ("search a=[search b=1 | fields c] | head", ("a=[search b=1 | fields c]", "| head")),
        ("SEARCH a=1", ("a=1", "")),
        ("searching", ("searching", "")),
        ("| makeresults", ("", "| makeresults")),
    ],
)
def test_split(query: str, parts: tuple[str, str]) -> None:
    assert split(query) == parts


def test_events_with_a_text_of_their_own() -> None:
    with engine(FakeSplunk()) as found, found.holding([Corpus("raw", [{"_raw": "a"}])]) as (held,):
        assert "_raw" in found.ask([Question(held, "spl", "a")])[0].unable


@pytest.mark.parametrize("where", ["receivers", "search"])
def test_cleans_up_after_failure(where: str) -> None:
    fake = FakeSplunk(fault=failing(where, 500, {"messages": [{"type": "ERROR", "text": "no"}]}))
    with engine(fake) as found, pytest.raises(LiveError, match="500: no"), found.holding([CORPUS]):
        pass
    assert ("POST", "data/indexes") in fake.requests
    assert not fake.events


def test_cleans_up_after_ctrl_c() -> None:
    fake = FakeSplunk()
    with engine(fake) as found, pytest.raises(KeyboardInterrupt), found.holding([CORPUS]):
        raise KeyboardInterrupt
    assert not fake.events


def test_events_that_never_turn_up() -> None:
    fake = FakeSplunk(late=1_000_000)
    with (
        engine(fake, timeout=0.3) as found,
        pytest.raises(LiveError, match="in time"),
        found.holding([CORPUS]),
    ):
        pass
    assert not fake.events


@pytest.mark.parametrize(
    ("credentials", "header"),
    [
        (Credentials(user="me", password="open sesame"), "Basic "),
        (Credentials(token="open sesame"), "Bearer open sesame"),
    ],
)
def test_credentials_are_sent_and_not_told(credentials: Credentials, header: str) -> None:
    told = {"messages": [{"type": "WARN", "text": "open sesame is wrong"}]}
    fake = FakeSplunk(fault=failing("data/indexes", 403, told))
    with (
        engine(fake, credentials=credentials) as found,
        pytest.raises(LiveError) as error,
        found.holding([CORPUS]),
    ):
        pass
    assert all(one["authorization"].startswith(header) for one in fake.headers)
    assert "*** is wrong" in str(error.value)
    assert "sesame" not in str(error.value)


def test_nobody_there_and_strangers() -> None:
    with pytest.raises(LiveError, match="no server"), connected(read_address("http://127.0.0.1:1"), "spl"):
        pass
    with (
        pytest.raises(LiveError, match="not as Splunk"),
        engine(FakeSplunk(fault=lambda method, path: (200, b"<html>"))),
    ):
        pass
