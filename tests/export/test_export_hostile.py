"""Rules of strangers: nothing they write leaves its place, and a query is read again as it was proven."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from making import made, target
from products import flaws, read_conf, read_ndjson

from sigmaproof.export.conf import unwritable
from sigmaproof.export.elastic import elastic_rules
from sigmaproof.export.kibana import kibana_searches
from sigmaproof.export.splunk import splunk_app

CONF = "sigmaproof_detections/default/savedsearches.conf"
KEYS = set(read_conf(splunk_app(target("spl"), made())[CONF])["A Rule"])
NASTY = [
    "x]\n[default]\nsearch = | delete",
    "x\\",
    "x\\\nsearch = | delete",
    "x\rsearch = | delete",
    "x\u2028[default]\u2028disabled = 0",
    "x\x85[y]",
    "x\x0b[y]\x0c[z]",
    "# x",
    "[x",
    "x = y",
    "%(x)s %x %% $result.x$ $env:HOME",
    '"},{"type":"query"}\n{"a":1}',
    "\ud800",
    "\u202egnp.exe",
    "default",
    "",
    "\n",
]
SAID = ["description", "author", "license", "references", "falsepositives", "tags", "level"]
SAID += ["date", "modified", "correlation"]
words = st.one_of(
    st.sampled_from(NASTY), st.text(st.sampled_from("\\\n\r[]#=% \t\"x'{}\u2028\ud800$`!"), max_size=12)
)
anything = st.one_of(
    words, st.integers(), st.none(), st.lists(words, max_size=3), st.dictionaries(words, words)
)


@given(
    st.fixed_dictionaries(
        {"title": words},
        optional=dict.fromkeys(SAID, anything),
    ),
    words,
)
def test_hostile_words_stay_where_they_are(rule: dict[str, object], prefix: str) -> None:
    found = made("a:b", "c:d", **rule)
    [one, other] = read_ndjson(elastic_rules(target(prefix=prefix), found)["rules.ndjson"])
    assert [*flaws(one, "kibana-detection-rule.json"), *flaws(other, "kibana-detection-rule.json")] == []
    assert "!{" not in one["note"]
    objects = read_ndjson(kibana_searches(target(prefix=prefix), found)["searches.ndjson"])
    assert [flaw for each in objects for flaw in flaws(each, "kibana-saved-object.json")] == []
    files = splunk_app(target("spl", prefix=prefix), found)
    conf = read_conf(files[CONF])
    assert [keys.keys() == KEYS for keys in conf.values()] == [True, True]
    assert [keys["search"] for keys in conf.values()] == ["a:b", "c:d"]
    assert all(name.casefold() != "default" and name.isprintable() for name in conf)
    assert all(keys["disabled"] == "1" and keys["description"].endswith("proven)") for keys in conf.values())
    assert not any(set("[]\\%$") & set(name) for name in conf)


@pytest.mark.parametrize("text", [text for text in NASTY if text and text != "\ud800"])
def test_hostile_words_of_a_target(text: str) -> None:
    said = target("spl", author=[text], splunk={"label": text})
    app = read_conf(splunk_app(said, made())["sigmaproof_detections/default/app.conf"])
    assert list(app) == ["install", "ui", "launcher", "package", "id"]
    assert app["ui"].keys() == {"is_visible", "label"}


@given(st.text(st.sampled_from('\\\n\r[]#=| \t"a*\u2028\u200b\ud800\x0b\xa0'), max_size=8))
def test_a_query_is_read_again_or_refused(query: str) -> None:
    if unwritable(query):
        return
    [keys] = read_conf(splunk_app(target("spl"), made(query))[CONF]).values()
    assert keys["search"] == query


@pytest.mark.parametrize(
    ("query", "why"),
    [
        ("a=b", ""),
        ('a="b\\\\c" \\"', ""),
        ("a\n| where b", ""),
        ("a\t\u200bb", ""),
        ("a ", "blanks"),
        ("\na", "blanks"),
        ("a\\", "backslash"),
        ("a\\\n| b", "backslash"),
        ("a\n# b", "comment"),
        ("a\n [b]", "comment"),
        ("a\n\nb", "comment"),
        ("a\rb", "control"),
        ("a\u2028b", "control"),
        ("a\ud800", "control"),
    ],
)
def test_what_a_conf_cannot_hold(query: str, why: str) -> None:
    assert why in unwritable(query)
    assert bool(unwritable(query)) is bool(why)


@given(st.text(st.characters(exclude_categories=["Cs"]), min_size=1))
def test_a_query_is_read_again_from_ndjson(query: str) -> None:
    [rule] = read_ndjson(elastic_rules(target(), made(query))["rules.ndjson"])
    assert rule["query"] == query
    *_, search = read_ndjson(kibana_searches(target(), made(query))["searches.ndjson"])
    source = json.loads(search["attributes"]["kibanaSavedObjectMeta"]["searchSourceJSON"])
    assert source["query"]["query"] == query
