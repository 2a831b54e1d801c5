"""What is made on a server is deleted again, whatever happens in between."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

from sigmaproof.live.values import LiveError


@contextmanager
def deleted_after(delete: Callable[[], None]) -> Iterator[None]:
    """Deletes at the end, and after a failure or an interrupt too; what went wrong first is what counts."""
    try:
        yield
    except BaseException:
        with suppress(LiveError):
            delete()
        raise
    delete()
