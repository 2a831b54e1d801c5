"""`diff`: what a change does to events."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from msgspec import Struct

from sigmaproof.commands.diff_loading import Loaded
from sigmaproof.commands.diff_states import States, new_links, states
from sigmaproof.commands.parallel import spread
from sigmaproof.config import Config
from sigmaproof.errors import Exit
from sigmaproof.judge.diff import Diff
from sigmaproof.judge.diff_pairs import Matched
from sigmaproof.judge.select import Selection
from sigmaproof.report.style import Paint

if TYPE_CHECKING:
    from sigmaproof.commands.diff_work import Result, Work

Show = Callable[[int, int, str], None]
_FEW = 8
"""So few rules are not worth another process."""


class Request(Struct, frozen=True):
    """What is asked for."""

    base: str
    head: str | None = None
    """None: the working tree, or this folder."""
    merge_base: bool = False
    budget: float = 5.0
    jobs: int = 0


def diff_states(config: Config, request: Request, select: Selection, show: Show) -> Diff:
    """What became of every rule that a change touches. Raises `UsageError` for states that there are not."""
    with tempfile.TemporaryDirectory(prefix="sigmaproof-") as folder:
        scratch = Path(folder).resolve()
        found = states(config, request.base, request.head, merge_base=request.merge_base, scratch=scratch)
        return _diff(config, found, request, select, show)


def rendered(found: Diff, form: str, code: Exit, paint: Paint, seconds: float) -> str:
    """The comparison as text, `markdown` or `json`."""
    if form == "text":
        from sigmaproof.report.diff_console import render

        return render(found, paint, seconds)
    if form == "markdown":
        from sigmaproof.report.diff_markdown import render as in_markdown

        return in_markdown(found, code)
    from sigmaproof.report.diff_json import render as in_json

    return in_json(found, code)


def _diff(config: Config, states_: States, request: Request, select: Selection, show: Show) -> Diff:
    loaded = Loaded(config, states_)
    # what compares takes as long to import as git takes to look
    from sigmaproof.commands.diff_work import Work

    work = Work(loaded, request.budget)
    work.pairs = [pair for pair in work.pairs if select(_name(pair))]
    results = list(_results(work, request.jobs, show))
    problems = [*new_links(states_), *loaded.head.problems, *work.problems]
    problems += [one for result in results for one in result.problems]
    former = (*loaded.values.problems, *loaded.base.problems)
    notes = [f"the old version: {one.message} ({one.place})" for one in former]
    notes += [one for result in results for one in result.notes]
    return Diff(
        states_.base.name,
        states_.head.name,
        work.targets,
        tuple(one.rule for one in results if one.rule is not None and one.rule.is_news),
        loaded.file_changes(),
        loaded.moved,
        tuple(dict.fromkeys(states_.head.told(problem) for problem in problems)),
        tuple(dict.fromkeys(notes)),
    )


def _name(pair: Matched) -> str:
    one = pair[1] or pair[0]
    assert one is not None
    return f"{one.path.stem} {one.title}"


def _results(work: Work, jobs: int, show: Show) -> Iterator[Result]:
    """Every rule, in order, on several cores if there are many."""
    pairs = work.pairs
    # a document is not the same one in another process: rules go there by number
    found = spread(
        lambda number: work.rule(pairs[number]), range(len(pairs)), jobs if len(pairs) > _FEW else 1
    )
    for done, result in enumerate(found):
        show(done, len(pairs), _name(pairs[done]))
        yield result
