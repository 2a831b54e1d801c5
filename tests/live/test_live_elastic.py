"""Temporary indices, bulk load, searches and clean-up, on a fake server."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

import pytest
from fake_elastic import FakeElastic, error, failing, serving, slow

from sigmaproof.errors import UsageError
from sigmaproof.live import transport
from sigmaproof.live.address import Credentials, read_address
from sigmaproof.live.connect import connected
from sigmaproof.live.elastic import PREFIX
from sigmaproof.live.values import Corpus, Engine, LiveError, Question

DOCUMENTS: list[dict[str, Any]] = [{"f": "a"}, {"f": "b"}, {"f": "a", "bad": 1}, {"f": "a"}]
MAPPING = {"f": {"type": "keyword"}}
CORPUS = Corpus("one", DOCUMENTS, MAPPING)


NOBODY = Credentials()


@contextmanager
def engine(fake: FakeElastic, timeout: float = 5, credentials: Credentials = NOBODY) -> Iterator[Engine]:
    with serving(fake):
        address = read_address(fake.url, timeout=timeout, credentials=credentials)
        with connected(address, "lucene") as found:
            yield found


@pytest.mark.parametrize(
    ("fake", "flavour"),
    [
        (FakeElastic(), "opensearch"),
        (FakeElastic("elasticsearch", "9.5.3"), "elasticsearch"),
        (FakeElastic("elasticsearch", "9.5.3", root=False), "elasticsearch"),
    ],
)
def test_product_and_a_search(fake: FakeElastic, flavour: str) -> None:
    with engine(fake) as found:
        assert (found.flavour, found.version) == (flavour, fake.version)
        with found.holding([CORPUS]) as (held,):
            assert list(held.rejected) == [2]
            assert "bad" in held.rejected[2]
            answers = found.ask(
                [
                    Question(held, "lucene", "f:a", {"lenient": False}),
                    Question(held, "lucene", "f:a", among=(1, 3)),
                    Question(held, "lucene", "f("),
                ]
            )
    assert [answer.rows for answer in answers] == [[0, 3], [3], []]
    assert answers[2].error == "parse_exception: cannot parse f("
    assert fake.searches[0]["query"] == {"query_string": {"query": "f:a", "lenient": False}}
    assert not fake.indices


def test_the_mapping_is_the_models() -> None:
    fake = FakeElastic()
    corpora = [
        CORPUS,
        Corpus("dynamic", [], {}, default="dynamic"),
        Corpus("keywords", [], {}, {"analyzer": {}}, "keyword"),
    ]
    with engine(fake) as found, found.holding(corpora) as held:
        assert [one.index.startswith(PREFIX) for one in held] == [True] * 3
        assert len({one.index for one in held}) == 3
    closed, dynamic, keywords = (fake.bodies[one.index]["mappings"] for one in held)
    assert closed == {"dynamic": False, "properties": MAPPING}
    assert dynamic == {"dynamic": True, "properties": {}}
    assert keywords["dynamic_templates"][0]["string"]["mapping"] == {"type": "keyword"}
    assert fake.bodies[held[2].index]["settings"]["index"]["analysis"] == {"analyzer": {}}


def test_ids_that_documents_bring_along() -> None:
    fake = FakeElastic()
    corpus = Corpus("ids", [{"_id": "x", "f": "a"}, {"f": "a"}], MAPPING)
    with engine(fake) as found, found.holding([corpus]) as (held,):
        assert list(fake.indices[held.index]) == ["x", "1"]
        (answer,) = found.ask([Question(held, "lucene", "f:a", among=(0,))])
    assert answer.rows == [0]


def test_many_searches_and_indices_go_in_parts() -> None:
    fake = FakeElastic()
    with engine(fake) as found, found.holding([CORPUS] * 51) as held:
        answers = found.ask([Question(one, "lucene", "f:b") for one in held for _ in range(2)])
    assert all(answer.rows == [1] for answer in answers)
    assert len(answers) == 102
    assert max(len(path) for _, path in fake.requests) < 4000
    assert [path for _, path in fake.requests].count("/_msearch") == 2
    assert not fake.indices


@pytest.mark.parametrize("wrong", [KeyboardInterrupt, SystemExit, RuntimeError])
def test_cleans_up_whatever_happens(wrong: type[BaseException]) -> None:
    fake = FakeElastic()
    seen = []
    with engine(fake) as found, suppress(wrong), found.holding([CORPUS]):
        seen += fake.indices
        raise wrong
    assert seen
    assert not fake.indices


@pytest.mark.parametrize("where", ["_bulk", "_refresh", "_msearch"])
def test_cleans_up_after_failure(where: str) -> None:
    fake = FakeElastic(fault=failing(where, 503, error("busy", "later")))
    with engine(fake) as found, pytest.raises(LiveError, match="later"), found.holding([CORPUS]) as (held,):
        found.ask([Question(held, "lucene", "f:a")])
    assert fake.bodies
    assert not fake.indices


def test_cleans_up_when_the_second_index_fails() -> None:
    fake = FakeElastic()
    fake.fault = lambda method, path: (500, {}) if method == "PUT" and fake.indices else None
    with engine(fake) as found, pytest.raises(LiveError), found.holding([CORPUS, CORPUS]):
        pass
    assert not fake.indices


def test_says_what_it_could_not_delete() -> None:
    fake = FakeElastic(fault=failing("DELETE", 500, error("oops", "read-only")))
    with (
        engine(fake) as found,
        pytest.raises(LiveError, match=f"did not delete {PREFIX}.*read-only"),
        found.holding([CORPUS]),
    ):
        pass


def test_what_went_wrong_first_is_told() -> None:
    fake = FakeElastic(fault=failing("DELETE", 500, {}))
    with engine(fake) as found, pytest.raises(RuntimeError, match="first"), found.holding([CORPUS]):
        raise RuntimeError("first")


def test_time_out() -> None:
    fake = FakeElastic(fault=slow(1.5))
    with (
        engine(fake, timeout=0.3) as found,
        pytest.raises(LiveError, match=r"within 0\.3 s"),
        found.holding([CORPUS]) as (held,),
    ):
        found.ask([Question(held, "lucene", "f:a")])
    assert not fake.indices


def test_nobody_there() -> None:
    with pytest.raises(LiveError, match="no server at"), connected(read_address("http://127.0.0.1:1"), "eql"):
        pass


@pytest.mark.parametrize("body", [b"<html>", {"hello": "world"}, [], "x"])
def test_another_kind_of_server(body: Any) -> None:
    with pytest.raises(LiveError), engine(FakeElastic(fault=lambda method, path: (200, body))):
        pass


def test_a_server_that_turns_out_to_be_another() -> None:
    fake = FakeElastic("opensearch", "3.8.0", root=False)  # no root: taken for Elasticsearch
    with (
        engine(fake) as found,
        pytest.raises(LiveError, match="not as OpenSearch or Elasticsearch"),
        found.holding([CORPUS]),
    ):
        pass


@pytest.mark.parametrize("flavour", ["opensearch", "elasticsearch"])
@pytest.mark.parametrize(
    ("credentials", "header"),
    [
        (Credentials(user="me", password="open sesame"), "Basic "),
        (Credentials(api_key="open sesame"), "ApiKey open sesame"),
        (Credentials(token="open sesame"), "Bearer open sesame"),
    ],
)
def test_credentials_are_sent_and_not_told(flavour: str, credentials: Credentials, header: str) -> None:
    fake = FakeElastic(flavour)
    with engine(fake, credentials=credentials) as found:
        fake.fault = failing("PUT", 403, error("security_exception", "open sesame may not do that"))
        with pytest.raises(LiveError) as told, found.holding([CORPUS]):
            pass
    assert all(one["authorization"].startswith(header) for one in fake.headers)
    assert "sesame" not in str(told.value)
    assert "*** may not" in str(told.value)
    assert "SIGMAPROOF_LIVE_USER" in told.value.problem.help


def test_types_that_a_server_lacks() -> None:
    fake = FakeElastic(lacks=("wildcard",))
    mapping = {"o": {"properties": {"f": {"type": "keyword", "fields": {"w": {"type": "wildcard"}}}}}}
    with engine(fake) as found, found.holding([Corpus("w", [{"f": "a"}], mapping)]) as (held,):
        assert "No handler for type [wildcard]" in held.unable
        assert found.ask([Question(held, "lucene", "f:a")])[0].unable == held.unable
    with engine(fake) as found, found.holding([Corpus("w", [], mapping, stand_ins=True)]) as (held,):
        assert held.stand_ins == (("wildcard", "keyword"),)
    inner = held.corpus.mapping["o"]["properties"]["f"]
    assert inner == {"type": "keyword", "fields": {"w": {"type": "keyword"}}}
    assert mapping["o"]["properties"]["f"]["fields"] == {"w": {"type": "wildcard"}}


def test_an_analyser_that_a_server_lacks() -> None:
    told = error("illegal_argument_exception", "Unknown analyzer type [pattern] for [mine]")
    fake = FakeElastic()
    fake.fault = lambda method, path: (400, told) if method == "PUT" and len(fake.requests) < 3 else None
    mapping = {"f": {"type": "text", "analyzer": "mine"}}
    corpus = Corpus("a", [], mapping, {"analyzer": {"mine": {"type": "pattern"}}}, stand_ins=True)
    with engine(fake) as found, found.holding([corpus]) as (held,):
        assert held.stand_ins == (("mine", "standard"),)
        assert held.corpus.mapping == {"f": {"type": "text", "analyzer": "standard"}}


def test_eql() -> None:
    events = {"hits": {"events": [{"_id": "3"}, {"_id": "0"}]}}
    fake = FakeElastic(eql=(200, events))
    with engine(fake) as found, found.holding([CORPUS]) as (held,):
        options = {"tiebreaker_field": "n", "case_fold": "ascii", "size": None}
        (answer,) = found.ask([Question(held, "eql", "any where true", options, among=(0, 3))])
        assert answer.rows == [3, 0]
        fake.eql = (200, {"hits": {"sequences": [{"events": [{"_id": "0"}, {"missing": True, "_id": ""}]}]}})
        (answer,) = found.ask([Question(held, "eql", "sequence [a where true] ![b where true]")])
        assert answer.findings == ((0, -1),)
        fake.eql = (400, error("verification_exception", "Unknown column [x]"))
        assert "Unknown column" in found.ask([Question(held, "eql", "x")])[0].error
        fake.eql = (200, {"is_partial": True})
        with pytest.raises(LiveError, match="did not finish"):
            found.ask([Question(held, "eql", "x")])
    assert fake.searches[0] == {
        "query": "any where true",
        "size": 10,
        "tiebreaker_field": "n",
        "filter": {"ids": {"values": ["0", "3"]}},
    }


def test_a_server_without_eql_says_so() -> None:
    with engine(FakeElastic()) as found, found.holding([CORPUS]) as (held,):
        (answer,) = found.ask([Question(held, "eql", "any where true")])
    assert answer.unable == "opensearch 3.8.0 has no EQL here"


def test_shard_failures_are_errors() -> None:
    failure = {"shard": 0, "reason": {"type": "query_shard_exception", "reason": "too complex"}}
    reply = {"responses": [{"hits": {"hits": []}, "_shards": {"failed": 1, "failures": [failure]}}]}
    fake = FakeElastic(fault=failing("_msearch", 200, reply))
    with engine(fake) as found, found.holding([CORPUS]) as (held,):
        assert found.ask([Question(held, "lucene", "f:a")])[0].error == "query_shard_exception: too complex"


def test_the_extra_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(name: str) -> None:
        raise ImportError(name)

    monkeypatch.setattr(transport, "import_module", missing)
    with pytest.raises(UsageError, match="not installed: opensearchpy") as told:
        transport.client("opensearchpy.exceptions")
    assert told.value.problem.help == "pip install 'sigmaproof[live]'"
