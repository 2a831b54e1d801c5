"""Correlation rules of every type, over rules about two log sources."""

from __future__ import annotations

BASES = """\
title: Failed logon
name: failed
logsource: {product: windows, service: security}
detection:
  sel: {EventID: 4625, Status|startswith: '0xc'}
  condition: sel
---
title: Wmic
name: wmic
logsource: {product: windows, category: process_creation}
detection:
  sel: {Image|endswith: '\\wmic.exe'}
  other: {CommandLine|contains: 'nothing at all'}
  condition: sel and not other
---
title: Net
name: net
logsource: {product: windows, category: process_creation}
detection:
  sel: {Image|endswith: '\\net.exe'}
  condition: sel
---
title: Any program
name: program
logsource: {product: windows, category: process_creation}
detection:
  sel: {Image|endswith: '.exe'}
  condition: sel
"""

CORRELATION = """\
---
title: Together
name: together
correlation:
  type: {type}
  rules: {rules}
  group-by: {by}
  timespan: {span}
{more}"""


def rules(kind: str, named: str = "[wmic]", by: str = "[Computer]", span: str = "5m", **more: str) -> str:
    """The text of a correlation rule with what it refers to."""
    lines = "".join(f"  {key}: {value}\n" for key, value in more.items())
    return BASES + CORRELATION.format(type=kind, rules=named, by=by, span=span, more=lines)


TWO, THREE = "[failed, wmic]", "[failed, wmic, net]"
COUNTED = {
    f"event_count {operator}": rules("event_count", condition=f"{{{operator}: 3}}")
    for operator in ("gt", "gte", "lt", "lte", "eq", "neq")
}
VALUES = {
    f"value_count {operator}": rules("value_count", condition=f"{{field: CommandLine, {operator}: 3}}")
    for operator in ("gt", "gte", "lt", "lte", "eq", "neq")
}
NUMBERS = {
    f"{kind} {operator}": rules(
        kind,
        condition=f"{{field: ProcessId, {operator}: 40{', percentile: 90' if 'percentile' in kind else ''}}}",
    )
    for kind in ("value_sum", "value_avg", "value_median", "value_percentile")
    for operator in ("gte", "lt")
}
TEMPORAL = {
    "temporal": rules("temporal", TWO),
    "temporal, three rules": rules("temporal", THREE),
    "temporal gte": rules("temporal", THREE, condition="{gte: 2}"),
    "temporal lt": rules("temporal", THREE, condition="{lt: 2}"),
    "temporal, expression": rules("temporal", THREE, condition="failed and (wmic or net)"),
    "temporal, negated": rules("temporal", THREE, condition="failed and wmic and not net"),
    "temporal_ordered": rules("temporal_ordered", TWO),
    "temporal_ordered, three rules": rules("temporal_ordered", THREE),
    "temporal_ordered, twice one": rules("temporal_ordered", "[wmic, failed, wmic]"),
    "temporal_ordered, one event for two": rules("temporal_ordered", "[wmic, program, wmic]"),
    "temporal_ordered, one event for two, again": rules("temporal_ordered", "[program, wmic, program]"),
    "temporal_ordered, expression": rules("temporal_ordered", THREE, condition="failed and (wmic or net)"),
    "temporal_ordered gte, one event for two": rules(
        "temporal_ordered", "[failed, wmic, program]", condition="{gte: 2}"
    ),
    "temporal_ordered gte": rules("temporal_ordered", THREE, condition="{gte: 2}"),
}
OTHERS = {
    "a range": rules("event_count", condition="{gte: 2, lte: 3}"),
    "several rules": rules("event_count", "[wmic, net]", condition="{gte: 3}"),
    "no group": rules("event_count", by="[]", condition="{gte: 3}"),
    "one event": rules("event_count", condition="{gte: 1}"),
    "several values": rules("value_count", condition="{field: [CommandLine, ParentCommandLine], gte: 3}"),
    "an account": rules("event_count", by="[User]", condition="{gte: 3}"),
    "a count under an alias": rules(
        "event_count",
        "[failed, net]",
        by="[who]",
        aliases="{who: {failed: SubjectLogonId, net: LogonId}}",
        condition="{gte: 3}",
    ),
    "a count of what two rules find": rules(
        "event_count",
        "[net, program]",
        by="[who]",
        aliases="{who: {net: LogonId, program: LogonGuid}}",
        condition="{lt: 3}",
    ),
    "values under an alias": rules(
        "value_count",
        "[failed, net]",
        by="[who]",
        aliases="{who: {failed: SubjectLogonId, net: LogonId}, what: {failed: LogonType, net: CommandLine}}",
        condition="{field: what, gte: 3}",
    ),
    "an alias": rules(
        "temporal",
        "[failed, net]",
        by="[who]",
        aliases="{who: {failed: SubjectLogonId, net: LogonId}}",
    ),
}
CHAINED = {
    "a chain": rules("event_count", condition="{gte: 3}")
    .replace("Together", "Burst")
    .replace("together", "burst")
    + CORRELATION.format(type="temporal_ordered", rules="[burst, net]", by="[Computer]", span="10m", more="")
}
ALL = {**COUNTED, **VALUES, **NUMBERS, **TEMPORAL, **OTHERS}
"""Rules about rules on single events."""
