"""One target's converter: pySigma, with its backend and pipelines, around rules as plain mappings."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any

from sigmaproof.config import Placeholders
from sigmaproof.convert.cache import ConversionCache
from sigmaproof.convert.conversion import Conversion, Queries, Refused
from sigmaproof.index.model import IndexModel
from sigmaproof.load.values import Target
from sigmaproof.logic.plans.correlated import Correlated

if TYPE_CHECKING:
    from sigma.collection import SigmaCollection
    from sigma.conversion.base import Backend


class Converter:
    """Converts rules for one target.

    The backend and its pipelines are built at the first conversion: a run whose conversions are all known
    never imports pySigma.
    """

    def __init__(self, target: Target, model: IndexModel, placeholders: Placeholders = ()) -> None:
        self.target = target
        self._model = model
        self._placeholders = placeholders
        self._cache = ConversionCache(target, placeholders)

    @cached_property
    def _backend(self) -> Backend:
        from sigmaproof.convert.backends import make_backend

        return make_backend(self.target, self._model, self._placeholders)

    def convert(self, rule: Mapping[str, Any], filters: Iterable[Mapping[str, Any]] = ()) -> Conversion:
        """The queries for a rule under these filters, or why there are none.

        Raises `InvalidInput` when the target's backend or a pipeline does not load.
        """
        documents = [rule, *filters]
        key = self._cache.key(documents)
        kept = self._cache.load(key)
        if kept is not None:
            return kept
        made = self._converted(documents)
        self._cache.store(key, made)
        return made

    def correlation(
        self,
        plan: Correlated,
        rules: Mapping[int, Mapping[str, Any]],
        filters: Iterable[Mapping[str, Any]],
        document: Mapping[str, Any],
    ) -> Conversion:
        """The queries for a correlation rule. `rules`: the documents of those that the plan numbers.

        Raises `InvalidInput` when the target's backend or a pipeline does not load.
        """
        documents = [document, *rules.values(), *filters]
        key = self._cache.key(documents)
        kept = self._cache.load(key)
        if kept is not None:
            return kept
        from sigmaproof.convert.backends import is_exact

        if is_exact(self.target.backend):
            made = self._asked(lambda: self._correlated(plan, rules, list(filters)))
        else:
            made = self._converted([*rules.values(), *filters, document])
        self._cache.store(key, made)
        return made

    def _correlated(
        self,
        plan: Correlated,
        rules: Mapping[int, Mapping[str, Any]],
        filters: Sequence[Mapping[str, Any]],
    ) -> Sequence[str]:
        from sigmaproof.convert.correlations import written
        from sigmaproof.convert.correlations.wanted import wanted

        want = wanted(plan, rules)
        return written(self.target.backend, self._backend, want, lambda rule: self._read([rule, *filters]))

    def _converted(self, documents: Iterable[Mapping[str, Any]]) -> Conversion:
        def converted() -> list[Any]:
            collection = self._read(documents)
            return _listed(self._backend.convert(collection, output_format=self.target.output_format))

        return self._asked(converted)

    def _asked(self, convert: Callable[[], Sequence[Any]]) -> Conversion:
        from sigma.exceptions import SigmaError

        _ = self._backend  # what does not load is no refusal
        try:
            written = convert()
        except SigmaError as error:
            return Refused(_reason(error))
        # pySigma's plugins raise whatever their code runs into on a rule they did not foresee
        except (
            AttributeError,
            KeyError,
            TypeError,
            ValueError,
            NotImplementedError,
            RecursionError,
        ) as error:
            return Refused(f"the backend fails on this rule: {type(error).__name__}: {error}")
        texts = tuple(one if isinstance(one, str) else json.dumps(one) for one in written)
        return Queries(texts) if texts else Refused("the backend writes no query for this rule")

    def _read(self, documents: Iterable[Mapping[str, Any]]) -> SigmaCollection:
        from sigma.collection import SigmaCollection

        from sigmaproof.convert.backends import is_exact

        if not is_exact(self.target.backend):
            return SigmaCollection.from_dicts(list(map(dict, documents)))

        from sigmaproof.convert.modifiers import repaired_modifiers
        from sigmaproof.convert.repairs import repaired

        with repaired_modifiers():
            return SigmaCollection.from_dicts(list(map(repaired, documents)))


def _listed(written: Any) -> list[Any]:
    return list(written) if isinstance(written, list | tuple) else [written]


def _reason(error: Exception) -> str:
    text = str(error).strip()
    return text.split("\n", 1)[0] if text else type(error).__name__
