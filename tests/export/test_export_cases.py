"""What a rule says, as each product is told it; `cases.yml` has the cases."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import yaml
from making import made, target
from products import flaws, read_conf, read_ndjson

from sigmaproof.errors import InvalidInput
from sigmaproof.export import forms, impossible, unexportable
from sigmaproof.export.elastic import elastic_rules
from sigmaproof.export.kibana import kibana_searches
from sigmaproof.export.spans import cron, minutes
from sigmaproof.export.splunk import splunk_app
from sigmaproof.export.threat import threat
from sigmaproof.text import spans

CASES = yaml.safe_load((Path(__file__).parent / "cases.yml").read_text(encoding="utf-8"))
CONF = "sigmaproof_detections/default/savedsearches.conf"


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["name"])
def test_what_products_are_told(case: dict[str, Any]) -> None:
    export, [search] = case.get("export", {}), made(**case["rule"])
    [rule] = read_ndjson(elastic_rules(target(**export), [search])["rules.ndjson"])
    assert flaws(rule, "kibana-detection-rule.json") == []
    wanted = case.get("elastic", {})
    assert {key: rule.get(key) for key in wanted} == wanted
    told = case.get("splunk")
    if told is not None:
        [(stanza, keys)] = read_conf(splunk_app(target("spl", **export), [search])[CONF]).items()
        assert {key: {**keys, "stanza": stanza}.get(key) for key in told} == told


def test_rules_by_language() -> None:
    for language, kind in (("eql", "eql"), ("lucene", "query"), ("esql", "esql")):
        [rule] = read_ndjson(elastic_rules(target(language), made("q"))["rules.ndjson"])
        assert (rule["type"], rule["language"], rule["query"]) == (kind, language, "q")
        assert flaws(rule, "kibana-detection-rule.json") == []


def test_a_sequence_is_a_rule_in_eql() -> None:
    query = "sequence by host.name with maxspan=10m\n  [process where true]\n  [network where true]"
    [search] = made(query, correlation={"type": "temporal_ordered", "timespan": "10m"})
    [rule] = read_ndjson(elastic_rules(target("eql"), [search])["rules.ndjson"])
    assert (rule["type"], rule["query"], rule["from"]) == ("eql", query, "now-16m")
    assert flaws(rule, "kibana-detection-rule.json") == []


THRESHOLD = {
    "query": 'a:"b"',
    "threshold": {"field": ["host.name"], "value": 1, "cardinality": [{"field": "c", "value": 3}]},
    "from": "now-10m",
    "interval": "2m",
}


def test_a_threshold_rule_brings_its_own_schedule() -> None:
    [search] = made(json.dumps(THRESHOLD), correlation={"type": "value_count", "timespan": "10m"})
    [rule] = read_ndjson(elastic_rules(target(interval="5m"), [search])["rules.ndjson"])
    assert {key: rule[key] for key in THRESHOLD} == THRESHOLD
    assert (rule["type"], rule["language"]) == ("threshold", "lucene")
    assert "Asked every 2m over the last 10m" in rule["note"]
    assert flaws(rule, "kibana-detection-rule.json") == []


def test_a_saved_search_has_no_threshold() -> None:
    assert unexportable("kibana-searches", json.dumps(THRESHOLD)) == "a search has no threshold"
    assert unexportable("elastic-rules", json.dumps(THRESHOLD)) == ""
    assert unexportable("kibana-searches", "{a TO b}") == unexportable("kibana-searches", "{}") == ""


def test_several_queries_are_several_searches() -> None:
    first, second = made("a:b", "c:d")
    assert (first.title, second.title) == ("A Rule (1 of 2)", "A Rule (2 of 2)")
    assert first.id == made("e:f")[0].id != second.id
    conf = read_conf(splunk_app(target("spl"), [first, second])[CONF])
    assert [keys["search"] for keys in conf.values()] == ["a:b", "c:d"]


def test_searches_of_one_title_have_names_of_their_own() -> None:
    long = "x" * 120
    found = [*made(id="1" * 36), *made(id="2" * 36, title="A RULE"), *made(id="3" * 36, title=long)]
    found += made(id="4" * 36, title=long)
    conf = read_conf(splunk_app(target("spl"), found)[CONF])
    assert len(conf) == 4
    assert all(
        len(name) <= 99 and name.endswith(f"({one.id[:8]})") for name, one in zip(conf, found, strict=True)
    )


def test_saved_searches_look_at_one_data_view() -> None:
    said = target(elastic={"index": ["a-*", "b-*"]}, prefix="P ")
    text = kibana_searches(said, made('x:"y"', title="T"))["searches.ndjson"]
    view, search = read_ndjson(text)
    assert [flaws(one, "kibana-saved-object.json") for one in (view, search)] == [[], []]
    assert view["attributes"]["title"] == "a-*,b-*"
    [reference] = search["references"]
    source = json.loads(search["attributes"]["kibanaSavedObjectMeta"]["searchSourceJSON"])
    assert source["query"] == {"query": 'x:"y"', "language": "lucene"}
    assert (reference["id"], reference["name"]) == (view["id"], source["indexRefName"])
    assert search["attributes"]["title"] == "P T"


def test_the_app_says_what_it_is() -> None:
    said = target("spl", author=["Ann"], splunk={"app": "blue", "label": "Blue Team", "version": "2.3.4"})
    files = splunk_app(said, made())
    assert list(files) == [
        f"blue/{path}" for path in ("default/app.conf", CONF[22:], "metadata/default.meta")
    ]
    app = read_conf(files["blue/default/app.conf"])
    assert app["launcher"]["version"] == app["id"]["version"] == "2.3.4"
    assert app["package"]["id"] == app["id"]["name"] == "blue"
    assert (app["ui"]["label"], app["launcher"]["author"]) == ("Blue Team", "Ann")
    assert read_conf(files["blue/metadata/default.meta"]) == {
        "": {"access": "read : [ * ], write : [ admin, sc_admin ]"},
        "savedsearches": {"export": "none"},
    }


THREATS = [
    ([], {}),
    (["attack.execution"], {"TA0002": {}}),
    (["attack.t1047"], {"TA0002": {"T1047": []}}),
    (["attack.t1021.006"], {"TA0008": {"T1021": ["T1021.006"]}}),
    (
        ["attack.t1021", "attack.t1021.006", "attack.t1021.003"],
        {"TA0008": {"T1021": ["T1021.003", "T1021.006"]}},
    ),
    (
        ["attack.persistence", "attack.t1546.003", "attack.execution"],  # the rule is not about escalation
        {"TA0002": {}, "TA0003": {"T1546": ["T1546.003"]}},
    ),
    (["attack.t1546.003"], {"TA0003": {"T1546": ["T1546.003"]}, "TA0004": {"T1546": ["T1546.003"]}}),
    (["attack.collection", "attack.t1047"], {"TA0002": {"T1047": []}, "TA0009": {}}),
    (["attack.defense_evasion", "attack.t1562.001"], {"TA0005": {"T1562": ["T1562.001"]}}),
    (["attack.g0010", "attack.s0029", "attack.t9999", "car.2013-05-002", "tlp.red", "attack."], {}),
    (["t1047", "execution"], {}),
]


@pytest.mark.parametrize(("tags", "wanted"), THREATS)
def test_threats(tags: list[str], wanted: Any) -> None:
    found = threat(tags)
    assert wanted == {
        one["tactic"]["id"]: {
            each["id"]: [part["id"] for part in each.get("subtechnique", ())]
            for each in one.get("technique", ())
        }
        for one in found
    }


def fires(schedule: str) -> list[int]:
    """The minutes of a day at which a schedule fires."""

    def among(written: str, size: int) -> set[int]:
        span, _, step = written.partition("/")
        first, _, last = ("0-" + str(size - 1) if span == "*" else span).partition("-")
        return set(range(int(first), int(last or first) + 1, int(step or 1)))

    minute, hour, *rest = schedule.split()
    assert rest == ["*", "*", "*"]
    return sorted(60 * one + other for one in among(hour, 24) for other in among(minute, 60))


@pytest.mark.parametrize("rule", ["a", "b", "c", "d"])
@pytest.mark.parametrize(
    "interval", ["1m", "2m", "5m", "15m", "30m", "60m", "1h", "2h", "6h", "12h", "24h", "1d"]
)
def test_schedules_fire_at_every_interval(interval: str, rule: str) -> None:
    schedule = cron(interval, rule)
    assert schedule is not None
    found = fires(schedule)
    gaps = {later - one for one, later in zip(found, [*found[1:], found[0] + 1440], strict=True)}
    assert gaps == {minutes(interval)}


@pytest.mark.parametrize("interval", ["7m", "90m", "45m", "5h", "2d", "25h"])
def test_intervals_that_no_schedule_says(interval: str) -> None:
    assert cron(interval, "rule") is None


def test_schedules_are_spread() -> None:
    assert {cron("5m", f"rule {number}") for number in range(99)} == {f"{n}-59/5 * * * *" for n in range(5)}


def test_times() -> None:
    assert [spans.written(amount) for amount in (1, 60, 90, 3600, 5400, 86400)] == [
        "1s",
        "1m",
        "90s",
        "1h",
        "90m",
        "24h",
    ]
    assert [minutes(span) for span in ("1m", "2h", "1d")] == [1, 120, 1440]


def test_an_interval_without_a_schedule_is_told() -> None:
    with pytest.raises(InvalidInput, match="no cron schedule says every 7m"):
        splunk_app(target("spl", interval="7m"), made())


def test_forms() -> None:
    assert forms(target("lucene")) == ("elastic-rules", "kibana-searches")
    assert forms(target("lucene", forms=["kibana-searches"])) == ("kibana-searches",)
    assert forms(target("spl")) == ("splunk-app",)
    assert forms(target(None)) == forms(target("unheard_of")) == ()
    assert forms(target("eql", forms=["splunk-app"])) == ()
    assert impossible(target("eql", forms=["splunk-app", "elastic-rules"])) == ("splunk-app",)
    assert impossible(target("eql")) == ()


def test_half_a_character_is_no_query() -> None:
    assert unexportable("elastic-rules", "a\ud800") == "it holds half of a character"
    assert unexportable("elastic-rules", "a\\\n\u2028") == ""
