"""Where things are kept between runs: the user's own cache folder.

It is `$SIGMAPROOF_CACHE`, else `$XDG_CACHE_HOME/sigmaproof`, else `~/.cache/sigmaproof`;
`SIGMAPROOF_CACHE=off` keeps nothing. What lies there is believed, so it has to be a folder that strangers'
changes do not reach: never one inside the repository that is checked.
"""

from __future__ import annotations

import os
from pathlib import Path


def cache_folder() -> Path | None:
    """Where things are kept between runs; None for nowhere."""
    chosen = os.environ.get("SIGMAPROOF_CACHE", "")
    if chosen == "off":
        return None
    if chosen:
        return Path(chosen)
    base = os.environ.get("XDG_CACHE_HOME", "")
    try:
        return (Path(base) if base else Path.home() / ".cache") / "sigmaproof"
    except RuntimeError:
        return None


def made(folder: Path) -> bool:
    """Whether a folder of the cache is there, for the user alone, after making it if need be."""
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError:
        return False
    return True
