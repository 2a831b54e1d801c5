"""Running case files: groups of documents and queries, and what each query must give."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from sigmaproof.errors import QueryError
from sigmaproof.languages import eql
from sigmaproof.logic.run import Table


@dataclass
class Group:
    name: str
    index: dict[str, Any]
    documents: list[dict[str, Any]]

    @cached_property
    def table(self) -> Table:
        return Table(self.documents, eql.case_index(self.index, {}).read)

    def answer(self, query: str, options: dict[str, Any]) -> list[int] | str:
        """The rows that the query finds, or the kind of error it raises."""
        try:
            lowered = eql.lower_query(query, eql.case_index(self.index, options), options)
        except QueryError as error:
            return type(error).__name__
        return lowered.plan.run(self.table).rows


def cases(path: Path) -> Iterator[tuple[str, Group, dict[str, Any]]]:
    """Every query of a file with its group and a name."""
    for line in path.read_text(encoding="utf-8").splitlines():
        raw = json.loads(line)
        group = Group(raw["group"], raw["index"], raw["documents"])
        for number, query in enumerate(raw["queries"]):
            yield f"{group.name}:{query.get('name', number)}", group, query


def check(group: Group, query: dict[str, Any]) -> None:
    """Asserts what the case says."""
    found = group.answer(query["query"], query.get("options", {}))
    if "error" in query:
        assert found in ("QuerySyntaxError", "InvalidQuery")
    else:
        assert found == query["matched"]
