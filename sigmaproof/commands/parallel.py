"""One piece of work after another, on several cores."""

from __future__ import annotations

import gc
import multiprocessing
import os
import signal
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from itertools import islice
from typing import Any, TypeVar

Item = TypeVar("Item")
Result = TypeVar("Result")

_AHEAD = 64
"""Items under way or done for each process, while an earlier one is waited for."""
_GARBAGE = 50_000
"""Objects between two collections of garbage in a worker: terms and automata are hardly ever any."""

_work: Callable[[Any], Any] | None = None
"""What a worker process does with an item; set before it is forked, so that it need not be sent."""


def spread(
    work: Callable[[Item], Result],
    items: Sequence[Item],
    jobs: int,
    lost: Callable[[Item], Result] | None = None,
) -> Iterator[Result]:
    """The result of every item, in order, from as many processes; 0 is one per core.

    `lost` is the result of an item whose process dies, out of memory or by a signal; without it,
    `BrokenProcessPool` is raised. The other items are done all the same.
    """
    jobs = min(jobs or os.cpu_count() or 1, len(items))
    if jobs <= 1 or "fork" not in multiprocessing.get_all_start_methods():
        yield from map(work, items)
        return
    done = 0
    while done < len(items):
        try:
            for result in _pooled(work, items[done:], jobs):
                yield result
                done += 1
        except BrokenProcessPool:
            if lost is None:
                raise
            # one of those under way has ended its process; alone in one, each shows whether it was that one
            for item in items[done : done + jobs * _AHEAD]:
                yield _alone(work, item, lost)
                done += 1


def _alone(work: Callable[[Item], Result], item: Item, lost: Callable[[Item], Result]) -> Result:
    try:
        return next(_pooled(work, [item], 1))
    except BrokenProcessPool:
        return lost(item)


def _pooled(work: Callable[[Item], Result], items: Sequence[Item], jobs: int) -> Iterator[Result]:
    global _work
    _work = work
    gc.collect()
    gc.freeze()  # what is there now stays, in memory that all processes share
    pool = ProcessPoolExecutor(jobs, multiprocessing.get_context("fork"), _start)
    try:
        under_way: deque[Future[Result]] = deque()
        waiting = iter(items)
        under_way += (pool.submit(_do, item) for item in islice(waiting, jobs * _AHEAD))
        while under_way:
            yield under_way.popleft().result()
            under_way += (pool.submit(_do, item) for item in islice(waiting, 1))
    except (GeneratorExit, KeyboardInterrupt):
        _end_workers()
        raise
    finally:
        _work = None
        pool.shutdown(cancel_futures=True)
        gc.unfreeze()


def _start() -> None:
    """In a worker: ends at once when the person at the keyboard ends the run, without a word."""
    signal.signal(signal.SIGINT, lambda *_: os._exit(130))
    gc.set_threshold(_GARBAGE)


def _end_workers() -> None:
    for process in multiprocessing.active_children():
        process.terminate()


def _do(item: Any) -> Any:
    assert _work is not None
    return _work(item)
