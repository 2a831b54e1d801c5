"""Splunk: a temporary index, events through `receivers/simple`, oneshot search jobs.

https://docs.splunk.com/Documentation/Splunk/latest/RESTREF/RESTinput#receivers.2Fsimple
https://docs.splunk.com/Documentation/Splunk/latest/RESTREF/RESTsearch#search.2Fjobs
"""

from __future__ import annotations

import json
import re
import ssl
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

from msgspec import Struct

from sigmaproof.index.splunk import RAW, TIME, SplunkIndex
from sigmaproof.live.address import Address
from sigmaproof.live.cleanup import deleted_after
from sigmaproof.live.transport import client
from sigmaproof.live.values import Answer, Corpus, Held, LiveError, Question

PREFIX = "sigmaproof_live_"
"""How the name of every index begins that we make."""

ROW = "sigmaproof_row"
"""The field that tells events apart. It stands first in their text."""

_METADATA = ("host", "source", "sourcetype")
_SOURCETYPE = "sigmaproof"  # one that no add-on knows: fields are read from the JSON text, nothing else
_ALWAYS = {"earliest_time": "0", "latest_time": "+20y"}
_POLL = 0.5
_NAMES_AN_INDEX = re.compile(r"\bindex\s*(?:=|!=|::|\bIN\b)", re.IGNORECASE)


class SplunkEngine(Struct, frozen=True):
    """One server, through splunk-sdk."""

    address: Address
    service: Any
    version: str
    flavour: str = "splunk"

    @staticmethod
    def at(address: Address) -> SplunkEngine:
        """The server at its management port (8089). Raises `LiveError`."""
        service = _service(address)
        with _told(address):
            about = _json(service.get("server/info", output_mode="json"))
        return SplunkEngine(address, service, str(about["entry"][0]["content"]["version"]))

    @contextmanager
    def holding(self, corpora: Sequence[Corpus]) -> Iterator[list[Held]]:
        """The corpora in indices of their own; whatever happens, the indices are deleted."""
        names = [f"{PREFIX}{uuid4().hex}" for _ in corpora]
        with deleted_after(lambda: self._delete(names)):
            yield [self._load(name, corpus) for name, corpus in zip(names, corpora, strict=True)]

    def ask(self, questions: Sequence[Question]) -> list[Answer]:
        """One search job after the other."""
        return [self._search(one) for one in questions]

    def close(self) -> None:
        """Every request has a connection of its own; there is nothing to let go of."""

    def _load(self, name: str, corpus: Corpus) -> Held:
        if any(RAW in document for document in corpus.documents):
            return Held(corpus, name, unable="events that bring their own _raw cannot be told apart there")
        with _told(self.address):
            self.service.post("data/indexes", name=name, datatype="event", output_mode="json")
            for row, document in enumerate(corpus.documents):
                self.service.post(
                    "receivers/simple", body=_text(row, document), index=name, **_metadata(document)
                )
        self._wait(name, len(corpus.documents))
        return Held(corpus, name)

    def _wait(self, name: str, wanted: int) -> None:
        """Events are searchable a little later than they are taken."""
        end = time.monotonic() + self.address.timeout
        while self._count(name) < wanted:
            if time.monotonic() > end:
                raise LiveError(f"{self.address.url} has not indexed {wanted} events in time")
            time.sleep(_POLL)

    def _count(self, name: str) -> int:
        with _told(self.address):
            found = self._job(f'search index="{name}" | stats count')
        return int(found["results"][0]["count"]) if found["results"] else 0

    def _search(self, question: Question) -> Answer:
        if question.held.unable:
            return Answer(unable=question.held.unable)
        query = str(question.query).strip()
        base, rest = split(query)
        if not base:
            return Answer(unable="a search that begins with a command cannot be kept to a temporary index")
        if _NAMES_AN_INDEX.search(base):
            return Answer(unable="a search that names its index cannot be kept to a temporary one")
        try:
            with _told(self.address):
                found = self._job(f"search {_only(question)} ({base}) {rest}".strip())
        except _Refused as error:
            return Answer(error=str(error))
        return _answer(found)

    def _job(self, search: str) -> Mapping[str, Any]:
        reply = self.service.post(
            "search/jobs", search=search, exec_mode="oneshot", output_mode="json", count=0, **_ALWAYS
        )
        found = _json(reply)
        fatal = [one["text"] for one in found.get("messages", ()) if one.get("type") in ("FATAL", "ERROR")]
        if fatal:
            raise _Refused(" ".join(fatal))
        return {"results": found.get("results", [])}

    def _delete(self, names: Sequence[str]) -> None:
        """Deletes what was made. One that is not there was never made."""
        http_error = client("splunklib.binding").HTTPError
        for name in names:
            with _told(self.address):
                try:
                    self.service.delete(f"data/indexes/{name}")
                except http_error as error:
                    if error.status != 404:
                        raise


class _Refused(LiveError):
    """The server read what we sent, and does not do it."""


def split(query: str) -> tuple[str, str]:
    """The search before the first pipe, and the rest with its pipe. Quotes and subsearches hide pipes."""
    depth, quoted, at = 0, False, 0
    while at < len(query):
        char = query[at]
        if char == "\\":
            at += 1
        elif char == '"':
            quoted = not quoted
        elif not quoted and char in "[]":
            depth += 1 if char == "[" else -1
        elif not quoted and not depth and char == "|":
            break
        at += 1
    base = re.sub(r"\Asearch\s+", "", query[:at].strip(), flags=re.IGNORECASE)
    return base, query[at:]


def _only(question: Question) -> str:
    index = f'index="{question.held.index}"'
    if question.among is None:
        return index
    return f"{index} {ROW} IN ({', '.join(map(_name, question.among)) or 'none'})"


def _name(row: int) -> str:
    return f"r{row:07}"


def _text(row: int, document: Mapping[str, Any]) -> str:
    """The event as JSON; its time stands where the server looks for one."""
    moment = SplunkIndex().read(document, TIME)
    head = {ROW: _name(row)}
    if moment:
        head["sigmaproof_time"] = datetime.fromtimestamp(float(str(moment[0])), UTC).isoformat()
    body = {key: value for key, value in document.items() if key != TIME and key not in _METADATA}
    return json.dumps({**head, **body}, default=str)


def _metadata(document: Mapping[str, Any]) -> dict[str, str]:
    given = {key: str(document[key]) for key in _METADATA if document.get(key) not in (None, "", [])}
    return {"sourcetype": _SOURCETYPE, **given}


def _answer(found: Mapping[str, Any]) -> Answer:
    rows = [_row(one) for one in found["results"]]
    known = [row for row in rows if row is not None]
    if len(known) < len(rows):
        return Answer(counted=len(rows))
    return Answer(tuple((row,) for row in sorted(known)))


def _row(result: Mapping[str, Any]) -> int | None:
    """Which event a result is, if it still says so."""
    name = result.get(ROW)
    if name is None and isinstance(result.get(RAW), str):
        with suppress(ValueError, AttributeError):
            name = json.loads(result[RAW]).get(ROW)
    return int(name[1:]) if isinstance(name, str) else None


def _service(address: Address) -> Any:
    binding, sdk = client("splunklib.binding"), client("splunklib.client")
    login = address.credentials
    context = ssl.create_default_context(cafile=login.ca_file or None)
    who: dict[str, Any] = {"splunkToken": login.token} if login.token else {}
    if login.user:
        who = {"username": login.user, "password": login.password, "basic": True}
    return sdk.Service(
        scheme=address.scheme,
        host=address.host,
        port=address.port,
        handler=binding.handler(timeout=address.timeout, verify=True, context=context),
        **who,
    )


@contextmanager
def _told(address: Address) -> Iterator[None]:
    """Turns the SDK's errors into ours."""
    http_error = client("splunklib.binding").HTTPError
    try:
        yield
    except http_error as error:
        told = address.credentials.hidden(_reason(error))
        if error.status == 400:
            raise _Refused(told) from None
        help_ = "set SIGMAPROOF_LIVE_TOKEN, or SIGMAPROOF_LIVE_USER and SIGMAPROOF_LIVE_PASSWORD"
        refused = error.status in (401, 403)
        raise LiveError(f"{address.url} replies {error.status}: {told}", help_ if refused else "") from None
    except TimeoutError:
        raise LiveError(f"{address.url} did not reply within {address.timeout:g} s") from None
    except OSError as error:
        raise LiveError(f"no server at {address.url}: {address.credentials.hidden(str(error))}") from None
    except (ValueError, KeyError, IndexError):
        raise LiveError(f"{address.url} replies, but not as Splunk does") from None


def _reason(error: Any) -> str:
    """The messages of an error, in one line."""
    with suppress(ValueError, KeyError, TypeError):
        return " ".join(one["text"] for one in json.loads(error.body)["messages"])
    return " ".join(str(error).split())[:500]


def _json(reply: Any) -> Any:
    return json.loads(reply.body.read())
