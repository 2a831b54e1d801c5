"""Places as code scanning and annotations want them: from the top of the repository, wherever one works.

GitHub's runner cuts its workspace off a path that is absolute, and takes any other as it stands:
https://github.com/actions/runner/blob/main/src/Runner.Worker/ActionCommandManager.cs
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from pathlib import Path

from msgspec.structs import replace

from sigmaproof.errors import Place
from sigmaproof.report.findings import Finding


def located(found: Iterable[Finding]) -> Iterator[Finding]:
    """Findings with places from the repository's top; outside of a repository they stay as they are."""
    here = Path.cwd()
    top = top_folder(here)
    for finding in found:
        if top is None:
            yield finding
        else:
            place, related = (_from(top, here, one) for one in (finding.place, finding.related))
            yield replace(finding, place=place, related=related)


def top_folder(start: Path) -> Path | None:
    """The repository's folder that a folder is in, or the workspace of a GitHub job without a repository."""
    for folder in (start, *start.parents):
        if _is_top(folder / ".git"):
            return folder
    # where git is missing, GitHub's checkout unpacks an archive
    workspace = os.environ.get("GITHUB_WORKSPACE")
    return Path(workspace) if workspace and start.is_relative_to(workspace) else None


def _is_top(git: Path) -> bool:
    """Git's folder; in a worktree or a submodule, a file that says where that is."""
    try:
        return (git / "HEAD").is_file() or git.read_bytes()[:8] == b"gitdir: "
    except OSError:
        return False


def _from(top: Path, here: Path, place: Place | None) -> Place | None:
    if place is None:
        return None
    # links inside of the repository are files of it, so only dots are taken out
    path = Path(os.path.normpath(here / place.path))
    return replace(place, path=path.relative_to(top)) if path.is_relative_to(top) else place
