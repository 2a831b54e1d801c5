"""Against a real server, where there is one: `make live` does far more of it."""

from __future__ import annotations

import os

import pytest

from sigmaproof.live.address import read_address, read_credentials
from sigmaproof.live.connect import connected
from sigmaproof.live.values import Corpus, Question

URL = os.environ.get("SIGMAPROOF_TEST_LIVE_URL", "")


@pytest.mark.skipif(
    not URL, reason="SIGMAPROOF_TEST_LIVE_URL names no OpenSearch or Elasticsearch on loopback"
)
def test_a_real_server() -> None:
    mapping = {"f": {"type": "keyword"}, "n": {"type": "long"}}
    corpus = Corpus("real", [{"f": "WMIC.exe", "n": 1}, {"f": "x", "n": "not a number"}], mapping)
    address = read_address(URL, credentials=read_credentials())
    with connected(address, "lucene") as engine, engine.holding([corpus]) as (held,):
        strict = {"default_field": "f", "lenient": False}
        queries = ["f:*WMIC*", "f:*wmic*", "n:word", "f:(", "g:x"]
        answers = engine.ask([Question(held, "lucene", query, strict) for query in queries])
    assert list(held.rejected) == [1]
    assert [answer.rows for answer in answers] == [[0], [], [], [], []]
    assert [bool(answer.error) for answer in answers] == [False, False, True, True, False]
