"""Detection rules of Elastic Security, a JSON object per line, as Kibana imports them.

https://www.elastic.co/docs/api/doc/kibana/operation/operation-createrule
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sigmaproof.export.search import Search, one_line
from sigmaproof.export.threat import threat
from sigmaproof.export.threshold import threshold
from sigmaproof.load.formats import ExportModel, seconds
from sigmaproof.load.values import Target
from sigmaproof.text import spans

FILE = "rules.ndjson"
_TYPES = {"eql": "eql", "esql": "esql", "lucene": "query"}
_RISK = {"informational": 1, "low": 21, "medium": 47, "high": 73, "critical": 99}
_LINK = re.compile(r"https?://\S+")


def elastic_rules(target: Target, searches: Sequence[Search]) -> Mapping[str, str]:
    """The rules as one file to import."""
    return {FILE: ndjson(rule(target, one) for one in searches)}


def ndjson(records: Iterable[Mapping[str, Any]]) -> str:
    """A record per line. Only ASCII: some readers take U+2028 and its like for the end of a line."""
    return "".join(f"{json.dumps(one, separators=(',', ':'))}\n" for one in records)


def rule(target: Target, search: Search) -> dict[str, Any]:
    """One detection rule."""
    said, about = target.export or ExportModel(), search.about
    kind, elastic = _TYPES[target.language or ""], said.elastic
    every = int(seconds(said.interval))
    found: dict[str, Any] = {
        "rule_id": search.id,
        "name": f"{said.prefix}{search.title}",
        "description": about.description or about.title,
        "type": kind,
        "language": target.language,
        "query": search.query,
        "enabled": said.enabled,
        "from": f"now-{spans.written(every + int(seconds(elastic.lookback)) + about.span)}",
        "to": "now",
        "interval": spans.written(every),
        "severity": "low" if about.level == "informational" else about.level,
        "risk_score": _risk(elastic.risk, about.level),
        "version": about.version,
        "max_signals": elastic.max_alerts,
        "author": list(about.authors or said.author),
        "references": [one for one in about.references if _LINK.fullmatch(one)],
        "false_positives": list(about.false_positives),
        "tags": list(dict.fromkeys((*about.tags, *said.tags))),
        "threat": threat(about.tags),
        "note": note(target, search),
    }
    if asked := threshold(search.query):
        found |= {"type": "threshold", **asked}
    if kind != "esql":
        found["index"] = list(elastic.index)  # ES|QL names its indices itself
    if about.license:
        found["license"] = about.license
    if about.level in elastic.building_blocks:
        found["building_block_type"] = "default"
    return found


def _risk(said: Mapping[Any, int], level: str) -> int:
    return said.get(level, _RISK[level])


def note(target: Target, search: Search) -> str:
    """Where a rule is from and what is known of its query, in Markdown."""
    about = search.about
    assumed = f", assuming {', '.join(search.assumes)}" if search.assumes else ""
    lines = [
        "## Origin",
        "",
        f"Sigma rule {_code(about.id)}, file {_code(about.file)}, converted for {_code(target.name)}.",
        f"Verdict: {search.verdict}{assumed}. Index: {one_line(search.model)}.",
    ]
    if asked := threshold(search.query):
        every, back = asked["interval"], asked["from"].removeprefix("now-")
        lines += [
            "",
            f"Asked every {every} over the last {back}, not as a window slides along: do not change that.",
        ]
    others = [one for one in about.references if not _LINK.fullmatch(one)]
    lines += ["", "References without a link:", "", *(f"- {_code(one)}" for one in others)] if others else []
    return "\n".join(lines)


def _code(text: str) -> str:
    """Text of others as code. Kibana reads `!{` as an order to draw something that can be clicked."""
    return f"`{text.replace('`', chr(39)).replace('!{', '! {')}`"
