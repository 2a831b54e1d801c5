"""Data models for `tstats`: the shipped ones (`data_models.toml`), and those that the options bring."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Any

from msgspec import Struct

from sigmaproof.errors import InvalidQuery, UnsupportedQuery, nearest

INDEXED = ("_time", "_raw", "host", "index", "source", "sourcetype")
"""Fields that every event has in the index itself."""

NODE = "nodename"
"""What a search calls the dataset that an event belongs to."""


class DataSet(Struct, frozen=True):
    """A root dataset: the search for its events, and its fields as expressions, by their full names."""

    root: str
    where: str
    fields: tuple[tuple[str, str], ...]

    def knows(self, name: str) -> None:
        """Raises for a field that the dataset does not have."""
        known = [field for field, _ in self.fields]
        if name in known or name in (*INDEXED, NODE):
            return
        if name.startswith(f"{self.root}."):
            raise UnsupportedQuery(
                f"tstats: the data model's field {name!r} is not mapped{nearest(name, known)}"
            )
        raise InvalidQuery(
            f"tstats: {name!r} is neither an indexed field nor one of the data model{nearest(name, known)}"
        )


def data_set(name: str, supplied: Mapping[str, Any]) -> DataSet:
    """The dataset that `datamodel=` names."""
    known = {**_shipped(), **supplied}
    if "." not in name:
        roots = [full for full in known if full.startswith(f"{name}.")]
        name = roots[0] if len(roots) == 1 else name
    if name not in known:
        model = name.partition(".")[0]
        roots = [full for full in known if full.startswith(f"{model}.")]
        if model in _ROOTS and name not in _ROOTS[model]:
            raise InvalidQuery(f"tstats: {name!r} is no root dataset of {model}: {', '.join(_ROOTS[model])}")
        raise UnsupportedQuery(f"tstats: the data model {name!r} is not mapped{nearest(name, known)}")
    root = name.partition(".")[2]
    fields = tuple((f"{root}.{field}", text) for field, text in known[name].get("fields", {}).items())
    return DataSet(root, known[name].get("where", ""), fields)


@cache
def _shipped() -> Mapping[str, Any]:
    return tomllib.loads((files(__package__) / "data_models.toml").read_text(encoding="utf-8"))


_ROOTS = {
    "Endpoint": tuple(
        f"Endpoint.{root}" for root in ("Processes", "Registry", "Filesystem", "Ports", "Services")
    ),
    "Web": ("Web.Web",),
    "Network_Resolution": ("Network_Resolution.DNS",),
    "Network_Traffic": ("Network_Traffic.All_Traffic",),
}
"""Root datasets of the Common Information Model, whether they are mapped or not."""
