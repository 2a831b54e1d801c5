"""Backends and pipelines by the names that a target gives them."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Any

from sigma.conversion.base import Backend
from sigma.plugins import InstalledSigmaPlugins
from sigma.processing.pipeline import ProcessingPipeline

from sigmaproof.config import Placeholders
from sigmaproof.convert.pipelines import load_pipeline, values_pipeline
from sigmaproof.errors import InvalidInput, Place, Problem, nearest
from sigmaproof.index.model import IndexModel
from sigmaproof.load.values import Target

_CODE = "invalid-target"

_OURS = {
    "exact_eql": "sigmaproof.convert.exact_eql:ExactEql",
    "exact_esql": "sigmaproof.convert.exact_esql:ExactEsql",
    "exact_lucene": "sigmaproof.convert.exact_lucene:ExactLucene",
    "exact_splunk": "sigmaproof.convert.exact_splunk:ExactSplunk",
}
"""pySigma's backends with their faults repaired. They look a field's type up in the index model."""

_STOCK = {
    "eql": "sigma.backends.elasticsearch:EqlBackend",
    "lucene": "sigma.backends.elasticsearch:LuceneBackend",
    "splunk": "sigma.backends.splunk:SplunkBackend",
}
"""Backends found without pySigma's discovery, which imports every plugin there is."""


def make_backend(target: Target, model: IndexModel, placeholders: Placeholders = ()) -> Backend:
    """The backend of a target with its pipelines. Raises `InvalidInput` naming what is not installed."""
    pipeline = sum((_pipeline(one, target) for one in target.pipelines), values_pipeline(placeholders))
    options = dict(target.backend_options)
    if target.backend in _OURS:
        options["model"] = model
    kind = _backend_class(target)
    try:
        backend = kind(processing_pipeline=pipeline, **options)
    except TypeError as error:
        raise _wrong(target, f"backend {target.backend!r} does not take these options: {error}") from error
    if target.output_format not in backend.formats:
        message = f"backend {target.backend!r} has no output format {target.output_format!r}"
        raise _wrong(target, message + nearest(target.output_format, backend.formats))
    return backend


def is_exact(backend: str) -> bool:
    """Whether a backend of that name is one of ours."""
    return backend in _OURS


def _backend_class(target: Target) -> Any:
    place = {**_OURS, **_STOCK}.get(target.backend)
    if place:
        module, name = place.split(":")
        try:
            return getattr(import_module(module), name)
        except ImportError as error:
            raise _wrong(target, f"backend {target.backend!r} does not load: {error}") from error
    found = _plugins().backends.get(target.backend)
    if found is None:
        known = {*_OURS, *_STOCK, *_plugins().backends}
        message = f"backend {target.backend!r} is not installed{nearest(target.backend, known)}"
        raise _wrong(target, message, f"pip install pysigma-backend-{target.backend}")
    return found


def _pipeline(reference: str | Path, target: Target) -> ProcessingPipeline:
    if isinstance(reference, Path):
        return load_pipeline(reference)
    known: Mapping[str, Any] = _plugins().pipelines
    if reference not in known:
        raise _wrong(target, f"pipeline {reference!r} is not installed{nearest(reference, known)}")
    made = known[reference]
    return made() if callable(made) else made


def _wrong(target: Target, message: str, help_: str = "") -> InvalidInput:
    return InvalidInput(Problem(_CODE, message, Place(target.path), help_))


@cache
def _plugins() -> InstalledSigmaPlugins:
    return InstalledSigmaPlugins.autodiscover()
