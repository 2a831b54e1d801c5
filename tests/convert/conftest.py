"""Conversions on an index that keeps fields as rules name them."""

from __future__ import annotations

from typing import Any

import pytest
from conversions import EXACT, STOCK, Convert, plain_target, rule_of, told

from sigmaproof.convert import Converter
from sigmaproof.index.model import plain_model


@pytest.fixture(scope="session")
def convert() -> Convert:
    converters = {
        (backend, language): Converter(plain_target(backend, language), plain_model(language))
        for names in (EXACT, STOCK)
        for language, backend in names.items()
    }

    def run(detection: dict[str, Any], language: str, *filters: Any, stock: bool = False, **more: Any) -> Any:
        backend = (STOCK if stock else EXACT)[language]
        return told(converters[backend, language].convert(rule_of(detection, **more), filters))

    return run
