"""Pipeline files: what ours write, and what strangers' may not do."""

from __future__ import annotations

from pathlib import Path
from textwrap import dedent
from typing import Any

import pytest
from conversions import plain_target, rule_of, told

from sigmaproof.convert import Converter
from sigmaproof.errors import InvalidInput
from sigmaproof.index.model import load_index_model, plain_model

HOSTILE = {
    "a file": ("transformations: [{type: file_placeholders, path: /etc/passwd}]", "reads a file"),
    "an address": (
        "transformations: [{type: http_placeholders, url: 'http://127.0.0.1/'}]",
        "fetches an address",
    ),
    "a program": ("transformations: [{type: command_placeholders, command: [id]}]", "runs a program"),
    "allowed by itself": (
        "transformations: [{type: command_placeholders, command: [id], allow_external_sources: true}]",
        "runs a program",
    ),
    "nested": (
        "transformations: [{type: nest, items: [{type: nest, items: [{type: file_placeholders}]}]}]",
        "reads a file",
    ),
    "a template's file": (
        "postprocessing: [{type: template, template: x.j2, path: /etc}]",
        "templates can read files",
    ),
    "a template's code": (
        "postprocessing: [{type: template, template: x, vars: evil.py, allow_template_vars: true}]",
        "run code",
    ),
    "a template that loads another pipeline": (
        "postprocessing: [{type: template, template: '{{ pipeline.from_yaml(x, True) }}'}]",
        "run code",
    ),
    "a format string": (
        "postprocessing: [{type: simple_template, template: '{rule.__class__.__init__.__globals__}'}]",
        "environment",
    ),
    "nested post-processing": (
        "postprocessing: [{type: nest, items: [{type: simple_template, template: x}]}]",
        "environment",
    ),
    "a template at the end": ("finalizers: [{type: template, template: x}]", "run code"),
    "nested at the end": (
        "finalizers: [{type: nested, finalizers: [{type: template, template: x}]}]",
        "run code",
    ),
    "Python": ("transformations: [{type: field_name_transform, transform_func: eval}]", "Python code"),
    "an unknown step": ("transformations: [{type: field_name_maping}]", 'did you mean "field_name_mapping"'),
    "an unknown key": ("transformatons: []", 'did you mean "transformations"'),
    "no list": ("transformations: {type: nest}", "must be a list"),
    "no mapping": ("transformations: [x]", "must be a mapping"),
    "a Python object": ("vars: !!python/object/apply:os.system [id]", "not valid YAML"),
}


@pytest.mark.parametrize(("text", "reason"), HOSTILE.values(), ids=HOSTILE.keys())
def test_refused_with_its_line(text: str, reason: str, tmp_path: Path) -> None:
    path = tmp_path / "hostile.yml"
    path.write_text(f"name: hostile\npriority: 1\n{text}\n", encoding="utf-8")
    converter = Converter(plain_target("exact_eql", "eql", path), plain_model("eql"))
    with pytest.raises(InvalidInput) as caught:
        converter.convert(rule_of({"s": {"A": "b"}}))
    problem = caught.value.problem
    assert reason in problem.message
    assert (problem.place.path, problem.place.line) == (path, 3)  # type: ignore[union-attr]


def test_the_environment_allows_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """pySigma would run code if these were set."""
    monkeypatch.setenv("PYSIGMA_ALLOW_VARS_EXECUTION", "1")
    monkeypatch.setenv("PYSIGMA_ALLOW_EXTERNAL_SOURCES", "1")
    test_refused_with_its_line(*HOSTILE["a template's code"], tmp_path)


STEP = """
    name: t
    transformations:
      - type: log_sources
        product: windows
        event_id: code
        where: {os: windows}
        blank: ['']
        rest: data.
        fields: {EventID: code}
        channels:
          sysmon:
            where: {channel: Sysmon}
            blank: ['-']
            fields:
              Image: exe
              User: {account: {name: user.name, domain: user.domain}}
              Hashes: {hashes: {md5: md5, sha1: sha1}}
              Details: {registry_data: {data: strings, type: type}}
              Initiated: {table: {field: direction, values: {"true": egress, "false": ingress}}}
              Lost: {unavailable: it is thrown away}
              Name: [name1, name2]
          other:
            where: {channel: Other}
            blank: ['-']
            never: ['', null]
            rest: more.
          security:
            where: {channel: Security}
            variants:
              - {event_id: [1, 2], fields: {Actor: who}}
        sources:
          - category: process_creation
            events:
              - {channel: sysmon, event_id: 1}
              - channel: security
                event_id: 4688
                fields:
                  {Image: exe, ParentImage: parent, ProcessId: NewId, ParentId: data.ProcessId, Hashes: null}
          - {category: registry_set, events: [{channel: sysmon, event_id: 13}]}
          - {service: security, events: [{channel: security}]}
          - {service: sysmon, events: [{channel: sysmon}]}
          - {category: image_load, events: [{channel: other, event_id: 7, may_lack: [B]}]}
          - category: network_connection
            events:
              - {channel: other, event_id: 3}
              - {channel: security, event_id: 3, fields: {A: more.A, B: null}}
"""
_PROCESS = {"category": "process_creation", "product": "windows"}
_REGISTRY = {"category": "registry_set", "product": "windows"}
_SECURITY = {"service": "security", "product": "windows"}
_LOAD = {"category": "image_load", "product": "windows"}
_NETWORK = {"category": "network_connection", "product": "windows"}
_FROM = 'os="windows" ((channel="Sysmon" code=1) OR (channel="Security" code=4688))'
_SYSMON = 'os="windows" channel="Sysmon" code=13'
_OTHER = 'os="windows" channel="Other" code=7'
_BOTH = 'os="windows" code=3 channel IN ("Other", "Security")'

WRITTEN: dict[str, tuple[dict[str, str], dict[str, Any], Any]] = {
    "one name": (_PROCESS, {"Image": "x"}, f'{_FROM} exe="x"'),
    "two names": (_PROCESS, {"ParentImage": "x"}, f'{_FROM} (data.ParentImage="x" OR parent="x")'),
    "absence under two names": (
        _PROCESS,
        {"ParentImage": None},
        f"{_FROM} NOT data.ParentImage=* NOT parent=*",
    ),
    "absence or a text under two names": (
        _PROCESS,
        {"ParentImage": [None, "x"]},
        f'{_FROM} (data.ParentImage="x" OR parent="x" OR (NOT data.ParentImage=* NOT parent=*))',
    ),
    "unequal under two names": (
        _PROCESS,
        {"ParentImage|neq": "x"},
        f'{_FROM} NOT data.ParentImage="x" NOT parent="x"',
    ),
    "a name that means something else elsewhere": (
        _PROCESS,
        {"ProcessId": 5},
        f'{_FROM} ((channel="Sysmon" data.ProcessId=5) OR (channel="Security" NewId=5))',
    ),
    "a field that some events lack": (_PROCESS, {"Hashes|contains": "MD5=ab"}, f'{_FROM} md5="ab*"'),
    "a reference under two names": (
        _PROCESS,
        {"Image|fieldref": "ParentImage"},
        f"{_FROM}\n| where (isnotnull(exe) AND isnotnull('data.ParentImage') AND"
        " lower(exe)=lower('data.ParentImage')) OR (isnotnull(exe) AND isnotnull(parent) AND"
        " lower(exe)=lower(parent))",
    ),
    "an account": (
        _REGISTRY,
        {"User": r"NT AUTHORITY\SYSTEM"},
        f'{_SYSMON} user.domain="NT AUTHORITY" user.name="SYSTEM"',
    ),
    "a part of an account": (
        _REGISTRY,
        {"User|contains": "AUTHORI"},
        f'{_SYSMON} (user.name="*AUTHORI*" OR user.domain="*AUTHORI*")',
    ),
    "an account without a domain": (
        _REGISTRY,
        {"User": "SYSTEM"},
        {"refused": "cannot be said: User: an account without a domain, of which the index keeps nothing"},
    ),
    "a hash without a name": (_REGISTRY, {"Hashes|contains": "AB"}, f'{_SYSMON} (md5="*ab*" OR sha1="*ab*")'),
    "a hash of zeros": (
        _REGISTRY,
        {"Hashes|contains": "MD5=00"},
        {"refused": "cannot be said: Hashes: the index does not keep a hash of zeros"},
    ),
    "a hash that has no field": (
        _REGISTRY,
        {"Hashes|contains": "SHA256=ab"},
        {"refused": "cannot be said: Hashes: the index has no field for sha256 hashes"},
    ),
    "a number of the registry": (
        _REGISTRY,
        {"Details": "DWORD (0x0000000a)"},
        f'{_SYSMON} type="SZ_DWORD" strings="10"',
    ),
    "a number inside a text of the registry": (
        _REGISTRY,
        {"Details|contains": "(0x0000000a)"},
        f'{_SYSMON} ((type="SZ_DWORD" strings="10") OR strings="*(0x0000000a)*")',
    ),
    "a number that is half of a longer one, too": (
        _REGISTRY,
        {"Details|contains": "0x0000000a"},
        {
            "refused": "cannot be said: Details: '*0x0000000a*' matches numbers in hexadecimal, which the"
            " index keeps in decimal"
        },
    ),
    "a part of a number of the registry": (
        _REGISTRY,
        {"Details|contains": "0x0000000"},
        {
            "refused": "cannot be said: Details: '*0x0000000*' matches numbers in hexadecimal, which the"
            " index keeps in decimal"
        },
    ),
    "digits in the registry": (
        _REGISTRY,
        {"Details": "1"},
        f'{_SYSMON} strings="1" NOT type IN ("SZ_DWORD", "SZ_QWORD")',
    ),
    "a word from a table": (_REGISTRY, {"Initiated": "TRUE"}, f'{_SYSMON} direction="egress"'),
    "a value that is in no table": (
        _REGISTRY,
        {"Initiated|contains": "t"},
        {"refused": "cannot be said: Initiated: the index has no word of its own for this value"},
    ),
    "a field that is thrown away": (
        _REGISTRY,
        {"Lost": "x"},
        {"refused": "cannot be said: Lost: it is thrown away"},
    ),
    "several names in one event": (_REGISTRY, {"Name": "x"}, f'{_SYSMON} (name1="x" OR name2="x")'),
    "a blank text": (_REGISTRY, {"Image": ["", "-"]}, f"{_SYSMON} NOT exe=*"),
    "a text that is blank in some events only": (
        _PROCESS,
        {"Image": ["-", "x"]},
        f'{_FROM} ((channel="Sysmon" (NOT exe=* OR exe="x")) OR (channel="Security" exe IN ("-", "x")))',
    ),
    "values that no event has": (_LOAD, {"A": ["", None, "x"]}, f'{_OTHER} more.A="x"'),
    "nothing but values that no event has": (_LOAD, {"A": ["", None]}, f'{_OTHER} more.A=""'),
    "the text for an unknown value": (_LOAD, {"A": "-"}, f"{_OTHER} NOT more.A=*"),
    "any value, known or not": (_LOAD, {"A|contains": ""}, f'{_OTHER} NOT more.A=""'),
    "a field that some events lack, or a text": (
        _LOAD,
        {"B": ["x", None]},
        f'{_OTHER} (more.B="x" OR NOT more.B=*)',
    ),
    "absence, where some events always have the field": (
        _NETWORK,
        {"B": None},
        f'{_BOTH} ((channel="Other" more.B="") OR channel="Security")',
    ),
    "an event id that decides the variant": (
        _SECURITY,
        {"EventID": 2, "Actor": "x"},
        'os="windows" channel="Security" code=2 who="x"',
    ),
    "an event id that excludes the variant": (
        _SECURITY,
        {"EventID": 7, "Actor": "x"},
        'os="windows" channel="Security" code=7 data.Actor="x"',
    ),
    "no event id": (
        _SECURITY,
        {"Actor": "x"},
        'os="windows" channel="Security" (who="x" OR data.Actor="x")',
    ),
    "a category and a service": (
        {**_PROCESS, "service": "sysmon"},
        {"ParentImage": "x"},
        'os="windows" channel="Sysmon" code=1 data.ParentImage="x"',
    ),
    "the product alone": ({"product": "windows"}, {"EventID": 3, "A": "x"}, 'os="windows" code=3 data.A="x"'),
    "another product": ({"product": "linux"}, {"A": "x"}, 'A="x"'),
    "an unknown log source": (
        {"category": "file_access", "product": "windows"},
        {"A": "x"},
        {"refused": "the pipeline knows no events of the log source windows, category file_access"},
    ),
}


@pytest.fixture(scope="module")
def step(tmp_path_factory: pytest.TempPathFactory) -> Converter:
    path = tmp_path_factory.mktemp("pipelines") / "step.yml"
    path.write_text(dedent(STEP), encoding="utf-8")
    return Converter(plain_target("exact_splunk", "spl", path), plain_model("spl"))


@pytest.mark.parametrize(("logsource", "detection", "query"), WRITTEN.values(), ids=WRITTEN.keys())
def test_log_sources(
    step: Converter, logsource: dict[str, str], detection: dict[str, Any], query: Any
) -> None:
    made = told(step.convert(rule_of({"s": detection}, logsource=logsource)))
    assert made == query


def test_a_negation_holds_on_events_that_lack_the_field(step: Converter) -> None:
    rule = rule_of({"s": {"Image": "x"}, "f": {"Hashes|contains": "MD5=ab"}, "condition": "s and not f"})
    made = told(step.convert({**rule, "logsource": _PROCESS}))
    assert made == f'{_FROM} exe="x" NOT md5="ab*"'


WRONG = {
    "an unknown channel": ("- {category: x, events: [{channel: sysmn}]}", 'did you mean "sysmon"'),
    "an unknown kind": (
        "- {category: x, events: [{channel: sysmon, fields: {A: {acount: {}}}}]}",
        'did you mean "account"',
    ),
    "a role that a kind lacks": (
        "- {category: x, events: [{channel: sysmon, fields: {A: {account: {nme: x}}}}]}",
        "takes name, domain",
    ),
    "an unknown key": ("- {categry: x, events: [{channel: sysmon}]}", 'did you mean "category"'),
}


@pytest.mark.parametrize(("source", "message"), WRONG.values(), ids=WRONG.keys())
def test_a_step_that_is_wrong(source: str, message: str, tmp_path: Path) -> None:
    path = tmp_path / "wrong.yml"
    head = dedent(STEP).split("    sources:\n")[0]
    path.write_text(f"{head}    sources:\n      {source}\n", encoding="utf-8")
    converter = Converter(plain_target("exact_splunk", "spl", path), plain_model("spl"))
    with pytest.raises(InvalidInput) as caught:
        converter.convert(rule_of({"s": {"A": "b"}}))
    assert message in caught.value.problem.message
    assert caught.value.problem.place.line > 1  # type: ignore[union-attr]


ROOT = Path(__file__).parents[2] / "converters"
SOURCES = [
    {"category": "process_creation"},
    {"category": "registry_event"},
    {"category": "ps_script"},
    {"category": "network_connection"},
    {"service": "security"},
    {"service": "application"},
]


@pytest.mark.parametrize("logsource", SOURCES, ids=str)
@pytest.mark.parametrize("pipeline", ["windows_ecs", "windows_splunk"])
def test_ours_load(pipeline: str, logsource: dict[str, str]) -> None:
    spl = pipeline == "windows_splunk"
    index = ROOT / "indices" / ("splunk_windows.yml" if spl else "ecs_windows.yml")
    backend, language = ("exact_splunk", "spl") if spl else ("exact_eql", "eql")
    path = ROOT / "pipelines" / f"{pipeline}.yml"
    converter = Converter(plain_target(backend, language, path), load_index_model(index))
    made = told(converter.convert(rule_of({"s": {"A": "b"}}, logsource={"product": "windows", **logsource})))
    assert "A" in made
    assert "XmlWinEventLog:" in made if spl else 'host.os.type : "windows"' in made


def test_both_know_the_same_log_sources() -> None:
    """And every log source that the source models know."""
    from sigmaproof.convert.log_sources import STEP as name
    from sigmaproof.convert.pipelines import load_pipeline
    from sigmaproof.index.sources import load_sources

    known = {}
    for pipeline in ("windows_ecs", "windows_splunk"):
        (item,) = load_pipeline(ROOT / "pipelines" / f"{pipeline}.yml").items
        known[pipeline] = set(item.transformation._known)
    assert known["windows_ecs"] == known["windows_splunk"]
    models = {(category, service) for category, _, service in load_sources(ROOT / "sources").by_key}
    assert known["windows_ecs"] == models
    assert name == "log_sources"
