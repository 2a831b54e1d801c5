"""Frozen values are msgspec's structs; a dataclass's `field` in one would silently become its default."""

import dataclasses
import importlib
import pkgutil
from collections.abc import Iterator

import msgspec

import sigmaproof


def test_no_struct_has_a_dataclass_field_for_a_default() -> None:
    for module in pkgutil.walk_packages(sigmaproof.__path__, "sigmaproof."):
        if not module.name.endswith("__main__"):
            importlib.import_module(module.name)
    kinds = set(_below(msgspec.Struct))
    assert len(kinds) > 100
    wrong = [
        one for one in kinds for value in one.__struct_defaults__ if isinstance(value, dataclasses.Field)
    ]
    assert not wrong


def _below(kind: type[msgspec.Struct]) -> Iterator[type[msgspec.Struct]]:
    for one in kind.__subclasses__():
        yield one
        yield from _below(one)
