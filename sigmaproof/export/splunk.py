"""A Splunk app of scheduled saved searches, as the folder that is installed.

https://docs.splunk.com/Documentation/Splunk/latest/Admin/Savedsearchesconf
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

from sigmaproof.errors import InvalidInput, Place, Problem
from sigmaproof.export.conf import LONGEST_NAME, conf, name
from sigmaproof.export.search import Search, one_line
from sigmaproof.export.spans import cron, minutes
from sigmaproof.load.formats import ExportModel
from sigmaproof.load.values import Target

_SEVERITY = {"informational": 2, "low": 3, "medium": 4, "high": 5, "critical": 6}
_META = """\
[]
access = read : [ * ], write : [ admin, sc_admin ]

[savedsearches]
export = none
"""


def splunk_app(target: Target, searches: Sequence[Search]) -> Mapping[str, str]:
    """The files of the app. Raises `InvalidInput` for an interval that no schedule can say."""
    said = target.export or ExportModel()
    names = stanza_names(said.prefix, searches)
    stanzas = [(names[one.id], _saved_search(target, said, one)) for one in searches]
    app = said.splunk.app
    return {
        f"{app}/default/app.conf": _app_conf(said),
        f"{app}/default/savedsearches.conf": conf(stanzas),
        f"{app}/metadata/default.meta": _META,
    }


def stanza_names(prefix: str, searches: Sequence[Search]) -> dict[str, str]:
    """Search → its name. A title that occurs twice, is cut or is Splunk's own has a part of the id."""
    wanted = {one.id: name(one_line(f"{prefix}{one.title}")) for one in searches}
    count = Counter(title.casefold() for title in wanted.values())

    def named(number: str, title: str) -> str:
        plain = count[title.casefold()] == 1 and title.casefold() != "default"
        if title and plain and len(title) < LONGEST_NAME:
            return title
        return f"{title[: LONGEST_NAME - 11].rstrip()} ({number[:8]})".lstrip()

    return {number: named(number, title) for number, title in wanted.items()}


def _saved_search(target: Target, said: ExportModel, search: Search) -> dict[str, str | int]:
    about, splunk = search.about, said.splunk
    schedule = splunk.cron or cron(said.interval, search.id)
    if schedule is None:
        raise _no_schedule(target, said.interval)
    latest = minutes(splunk.delay)
    earliest = latest + minutes(said.interval) + -(-about.span // 60)
    told = " ".join(filter(None, (one_line(about.description), _tags(about.tags))))
    return {
        "description": f"{told} (Sigma rule {name(about.id)}, {search.verdict})".strip(),
        "search": search.query,
        "disabled": 0 if said.enabled else 1,
        "enableSched": 1,
        "cron_schedule": schedule,
        "realtime_schedule": 0,  # no window is skipped when the scheduler is busy
        "dispatch.earliest_time": f"-{earliest}m@m",
        "dispatch.latest_time": f"-{latest}m@m",
        "counttype": "number of events",
        "relation": "greater than",
        "quantity": 0,
        "alert.track": 1,
        "alert.digest_mode": 1,
        "alert.severity": _SEVERITY[about.level],
        "alert.expires": splunk.expires,
        "alert.suppress": 0,
    }


def _tags(tags: Sequence[str]) -> str:
    numbers = (
        one.lower().removeprefix("attack.").upper() for one in tags if one.lower().startswith("attack.t")
    )
    listed = ", ".join(sorted(numbers))
    return f"ATT&CK: {listed}." if listed else ""


def _app_conf(said: ExportModel) -> str:
    splunk = said.splunk
    label = one_line(splunk.label).strip("\\")
    return conf(
        [
            ("install", {"is_configured": 0, "build": 1}),
            ("ui", {"is_visible": 0, "label": label}),
            (
                "launcher",
                {
                    "author": one_line(", ".join(said.author)).strip("\\") or "sigmaproof",
                    "description": "Detections converted from Sigma rules.",
                    "version": splunk.version,
                },
            ),
            ("package", {"id": splunk.app, "check_for_updates": 0}),
            ("id", {"name": splunk.app, "version": splunk.version}),
        ]
    )


def _no_schedule(target: Target, interval: str) -> InvalidInput:
    message = f"{target.name}: no cron schedule says every {interval}"
    help_ = "an interval that divides an hour or a day, such as 5m, 1h or 12h; or `export.splunk.cron`"
    return InvalidInput(Problem("invalid-target", message, Place(target.path), help_))
