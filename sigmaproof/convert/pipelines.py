"""Pipeline files: read, checked, and handed to pySigma.

Anyone may send a pipeline file. pySigma's own steps can read files, fetch addresses and run programs, and its
templates reach every method of the objects that they are given (from which a pipeline with `vars:`, which is
Python, is one call away). So only steps that look at the rule alone are allowed, by name.
https://github.com/SigmaHQ/pySigma/blob/main/sigma/processing/transformations/__init__.py
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from copy import deepcopy
from pathlib import Path
from typing import Any

from sigma.exceptions import SigmaError
from sigma.processing.pipeline import ProcessingItem, ProcessingPipeline
from sigma.processing.transformations import ValueListPlaceholderTransformation

from sigmaproof.config import Placeholders
from sigmaproof.convert import keyword_fields, log_sources
from sigmaproof.errors import InvalidInput, Problem, nearest
from sigmaproof.load.validate import Source, read_source

CODE = "invalid-pipeline"

_KEYS = ("name", "priority", "transformations", "postprocessing", "finalizers", "vars", "allowed_backends")
_STEPS: Mapping[str, frozenset[str]] = {
    "transformations": frozenset(
        {
            *(log_sources.STEP, keyword_fields.STEP),
            *("field_name_mapping", "field_name_prefix_mapping", "field_name_prefix", "field_name_suffix"),
            *("add_condition", "change_logsource", "drop_detection_item", "extract_fields", "hashes_fields"),
            *("add_field", "remove_field", "set_field", "set_state", "set_value", "set_custom_attribute"),
            *("replace_string", "map_string", "regex", "case", "convert_type", "nest"),
            *("wildcard_placeholders", "value_placeholders", "query_expression_placeholders"),
            *("rule_failure", "detection_item_failure", "strict_field_mapping_failure"),
        }
    ),
    "postprocessing": frozenset({"embed", "json", "replace", "nest"}),
    "finalizers": frozenset({"concat", "json", "yaml", "nested"}),
}
_OURS = {log_sources.STEP: log_sources, keyword_fields.STEP: keyword_fields}
_INNER = {"transformations": "items", "postprocessing": "items", "finalizers": "finalizers"}
_REFUSED = {
    "file_placeholders": "it reads a file",
    "http_placeholders": "it fetches an address",
    "command_placeholders": "it runs a program",
    "template": "templates can read files and run code",
    "simple_template": "templates can read the environment of this process",
    "field_name_transform": "it needs Python code",
}

At = tuple[str | int, ...]


def load_pipeline(path: Path) -> ProcessingPipeline:
    """The pipeline in a file. Raises `InvalidInput` with the line of what is wrong or not allowed."""
    source = read_source(path, CODE, empty="write a pipeline: name, priority, transformations")
    problem = next(_problems(source), None)
    if problem is not None:
        raise InvalidInput(problem)
    for step in _OURS.values():
        step.register()
    try:
        return ProcessingPipeline.from_dict(deepcopy(source.data))
    except (SigmaError, KeyError, TypeError, ValueError, AttributeError) as error:
        raise InvalidInput(source.problem(f"pySigma cannot read this pipeline: {error}")) from error


def values_pipeline(placeholders: Placeholders) -> ProcessingPipeline:
    """The step that puts the configuration's values in the place of placeholders; others stay as they are."""
    names = [name for name, _ in placeholders]
    if not names:
        return ProcessingPipeline()
    step = ProcessingItem(ValueListPlaceholderTransformation(include=names))
    return ProcessingPipeline([step], vars={name: list(values) for name, values in placeholders})


def _problems(source: Source) -> Iterator[Problem]:
    for key in source.data:
        if key not in _KEYS:
            known = f"known keys: {', '.join(_KEYS)}"
            yield source.problem(f'unknown key "{key}"{nearest(str(key), _KEYS)}', (key,), known)
    for section in _STEPS:
        yield from _steps(source, section, source.data.get(section), (section,))


def _steps(source: Source, section: str, steps: Any, at: At) -> Iterator[Problem]:
    if steps is None:
        return
    if not isinstance(steps, list):
        yield source.problem(f"`{at[-1]}` must be a list of steps", at)
        return
    for position, step in enumerate(steps):
        yield from _step(source, section, step, (*at, position))


def _step(source: Source, section: str, step: Any, at: At) -> Iterator[Problem]:
    if not isinstance(step, dict):
        yield source.problem("a step must be a mapping with a `type`", at)
        return
    kind, allowed = str(step.get("type", "")), _STEPS[section]
    if kind not in allowed:
        reason = _REFUSED.get(kind)
        message = (
            f'a step of type "{kind}" is not allowed: {reason}' if reason else f'no step of type "{kind}"'
        )
        hint = "" if reason else nearest(kind, allowed)
        yield source.problem(message + hint, (*at, "type"), f"steps: {', '.join(sorted(allowed))}")
    elif kind in _OURS:
        parts = {key: value for key, value in step.items() if key not in log_sources.PYSIGMA_KEYS}
        yield from _OURS[kind].problems(parts, source, at)
    inner = _INNER[section]
    yield from _steps(source, section, step.get(inner), (*at, inner))
