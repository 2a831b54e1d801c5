"""Running case files: groups of documents and queries, and what each query must give."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sigmaproof.errors import QueryError
from sigmaproof.languages import spl
from sigmaproof.logic.run import Table


@dataclass(frozen=True)
class Group:
    name: str
    index: dict[str, Any] | None
    documents: list[dict[str, Any]]

    def answer(self, query: str, options: dict[str, Any]) -> list[int] | str:
        """The rows that the query finds, or what is wrong with it."""
        index = spl.case_index(self.index, options)
        try:
            plan = spl.lower_query(query, index, options).plan
        except QueryError as error:
            return f"{type(error).__name__}: {error}"
        return sorted(set(plan.run(Table(self.documents, index.read)).rows))


def cases(path: Path) -> Iterator[tuple[str, Group, dict[str, Any]]]:
    """Every query of a file with its group and a name."""
    for line in path.read_text(encoding="utf-8").splitlines():
        raw = json.loads(line)
        group = Group(raw["group"], raw.get("index"), raw["documents"])
        for number, query in enumerate(raw["queries"]):
            yield f"{group.name}:{number}", group, query


def check(group: Group, query: dict[str, Any]) -> None:
    """Asserts what the case says."""
    found = group.answer(query["query"], query.get("options", {}))
    if "error" in query:
        assert isinstance(found, str), query
    elif "matched" in query:
        assert found == sorted(query["matched"]), query
    else:
        assert isinstance(found, list), (query, found)
