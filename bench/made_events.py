"""Events made from a rule's own tests: values that fit each test, values that nearly do, and none."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from ipaddress import ip_network
from random import Random
from typing import Any

from sigmaproof.index.event_data import EventData
from sigmaproof.index.event_forms import written
from sigmaproof.index.shape import Place
from sigmaproof.index.sources import CHANNEL, EVENT_ID, PROVIDER, Provider
from sigmaproof.logic.checks import AllOf, AnyOf, InNetwork, Matches, Number, Other
from sigmaproof.logic.terms import Term, tests
from sigmaproof.logic.values import ANY_FIELD
from sigmaproof.text.glob import MANY, Glob
from sigmaproof.text.regex import Chars, Choice, Concat, Group, Regex, Repeat

_FILL = ("", "x", "a b", "\\", "-1", "Z\n", "0", "é", '"', "k")
_STRAY = (
    *("", "-", "C:\\Windows\\System32\\svchost.exe", "0", "true", "NT AUTHORITY\\SYSTEM", "%%1537"),
    *("0x1f", "10.0.0.5", "MD5=0CC175B9C0F1B6A831C399E269772661", "SeDebugPrivilege"),
    "{12345678-9abc-def0-1234-56789abcdef0}",
)


def made_events(
    term: Term,
    providers: Sequence[Provider],
    data: EventData,
    count: int,
    random: Random,
    carried: Collection[str] | None = None,
) -> list[dict[str, Any]]:
    """Raw events from the rule's log source, each field absent, right, or nearly right.

    Events have no fields that events from there never have, all that they always have of those that the rule
    names, and no value that the log cannot write. What is asked of any field is put in one that is `carried`.
    """
    anywhere = min(carried) if carried else "Message"
    pool: dict[str, list[Any]] = {}
    for test in tests(term):
        if isinstance(test.subject, str) and test.subject not in (CHANNEL, EVENT_ID):
            name = anywhere if test.subject == ANY_FIELD else test.subject
            pool.setdefault(name, []).extend(_values(test.check, random))
    return [_possible(_event(pool, providers, random), pool, data, random) for _ in range(count)]


def _possible(
    event: dict[str, Any], pool: Mapping[str, list[Any]], data: EventData, random: Random
) -> dict[str, Any]:
    place = Place.of(event)
    known, always = data.fields(place), data.always(place)
    made = {name: event[name] for name in (CHANNEL, EVENT_ID, PROVIDER) if name in event}
    for name in pool:
        if name not in made and (name in event or name in always) and (known is None or name in known):
            others = random.sample(pool[name], min(4, len(pool[name])))
            tried = [*([event[name]] if name in event else []), *others, *_STRAY]
            real = [one for one in tried if written(data, made | {name: one})]
            made |= {name: real[0]} if real else {}
    return made


def _event(pool: Mapping[str, list[Any]], providers: Sequence[Provider], random: Random) -> dict[str, Any]:
    event: dict[str, Any] = {}
    if providers:
        provider = random.choice(providers)
        event = {CHANNEL: provider.channel, EVENT_ID: random.choice([*provider.event_ids, 1, 4624])}
        if provider.event_ids and random.random() < 0.9:
            event[EVENT_ID] = random.choice(provider.event_ids)
        if provider.provider:
            event[PROVIDER] = provider.provider
    for name, values in pool.items():
        if name in event:  # a channel's own provider, or one that the rule names: there are no others
            event[name] = random.choice([event[name], *values])
        elif random.random() < 0.9:
            event[name] = _varied(random.choice([*values, *random.sample(_STRAY, 1)]), random)
    return event


def _varied(value: Any, random: Random) -> Any:
    if not isinstance(value, str):
        return value
    match random.randrange(8):
        case 0:
            return value.swapcase()
        case 1:
            return random.choice(_FILL) + value
        case 2:
            return value + random.choice(_FILL)
        case 3 if value:
            at = random.randrange(len(value))
            return value[:at] + value[at + 1 :]
    return value


def _values(check: Any, random: Random) -> Iterator[Any]:
    match check:
        case Matches(Glob() as glob):
            for _ in range(2):
                yield "".join(
                    part if isinstance(part, str) else random.choice(_FILL) if part is MANY else "q"
                    for part in glob.parts
                )
        case Matches(regex):
            for _ in range(3):
                yield random.choice(_FILL) + _sample(regex, random) + random.choice(_FILL)
        case Number(_, than):
            yield from (than, than + 1, than - 1, str(than))
        case InNetwork(network):
            found = ip_network(network)
            yield from (str(found[0]), str(found[-1]), "8.8.8.8", "not an address")
        case AllOf(checks) | AnyOf(checks):
            for one in checks:
                yield from _values(one, random)
        case Other(inner):
            yield from _values(inner, random)


def _sample(regex: Regex, random: Random) -> str:
    match regex:
        case Chars():
            low, high = random.choice(regex.ranges) if regex.ranges else (120, 120)
            return chr(random.randint(max(low, 32), min(max(high, 32), 126))) if low < 127 else chr(low)
        case Concat(parts):
            return "".join(_sample(part, random) for part in parts)
        case Choice(options):
            return _sample(random.choice(options), random) if options else ""
        case Group(_, inner):
            return _sample(inner, random)
        case Repeat(inner, least, most):
            times = (
                least + random.randrange(3) if most is None else random.randint(least, min(most, least + 3))
            )
            return "".join(_sample(inner, random) for _ in range(times))
    return ""
