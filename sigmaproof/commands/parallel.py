"""One piece of work after another, on several cores."""

from __future__ import annotations

import multiprocessing
import os
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from typing import Any, TypeVar

Item = TypeVar("Item")
Result = TypeVar("Result")

_work: Callable[[Any], Any] | None = None
"""What a worker process does with an item; set before it is forked, so that it need not be sent."""


def spread(work: Callable[[Item], Result], items: Sequence[Item], jobs: int) -> Iterator[Result]:
    """The result of every item, in order, from as many processes; 0 is one per core."""
    jobs = min(jobs or os.cpu_count() or 1, len(items))
    if jobs <= 1 or "fork" not in multiprocessing.get_all_start_methods():
        yield from map(work, items)
        return
    global _work
    _work = work
    try:
        with ProcessPoolExecutor(jobs, multiprocessing.get_context("fork")) as pool:
            yield from pool.map(_do, items)
    finally:
        _work = None


def _do(item: Any) -> Any:
    assert _work is not None
    return _work(item)
