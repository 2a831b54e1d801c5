"""How long and how often, in the words of each product."""

from __future__ import annotations

from hashlib import sha256

from sigmaproof.load.formats import seconds


def minutes(span: str) -> int:
    """A span of a target's file in minutes: none is shorter than one."""
    return int(seconds(span)) // 60


def cron(interval: str, rule: str) -> str | None:
    """A schedule for an interval, at a minute of the rule's own; None where the interval has none.

    Rules at different minutes spread the load: all of them at :00 is what schedulers skip searches for.
    """
    every, own = (
        minutes(interval),
        int.from_bytes(sha256(rule.encode("utf-8", "replace")).digest()[:4], "big"),
    )
    if every == 1:
        return "* * * * *"
    if every < 60 and 60 % every == 0:
        return f"{own % every}-59/{every} * * * *"
    hours, rest = divmod(every, 60)
    if rest or hours > 24 or 24 % hours:
        return None
    hour = {1: "*", 24: str(own // 60 % 24)}.get(hours, f"{own // 60 % hours}-23/{hours}")
    return f"{own % 60} {hour} * * *"
