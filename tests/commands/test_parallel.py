"""Work on several processes: in order, whatever becomes of one of them."""

from __future__ import annotations

import os
import signal
from concurrent.futures.process import BrokenProcessPool

import pytest

from sigmaproof.commands.parallel import spread

ITEMS = list(range(300))


def squared(item: int) -> int:
    return item * item


def deadly(item: int) -> int:
    if item in (7, 200):
        os.kill(os.getpid(), signal.SIGKILL)
    return item * item


@pytest.mark.parametrize("jobs", [0, 1, 3])
def test_in_order(jobs: int) -> None:
    assert list(spread(squared, ITEMS, jobs)) == [item * item for item in ITEMS]


def test_the_others_go_on() -> None:
    found = list(spread(deadly, ITEMS, 2, lambda item: -item))
    assert found == [-item if item in (7, 200) else item * item for item in ITEMS]


def test_told_without_a_way_on() -> None:
    with pytest.raises(BrokenProcessPool):
        list(spread(deadly, ITEMS, 2))


def test_ended_early() -> None:
    found = spread(squared, ITEMS, 2)
    assert next(found) == 0
    found.close()


def test_nothing_to_do() -> None:
    assert list(spread(squared, [], 0)) == []
