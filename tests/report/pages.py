"""Pages to look at: made from words that strangers choose, or as large as a public rule set."""

from __future__ import annotations

import random
from collections.abc import Iterator
from pathlib import Path

from reports import report_of

from sigmaproof.errors import Place, Problem
from sigmaproof.judge.mutate.results import Fate, Judged, RuleMutation, Witness
from sigmaproof.judge.prove import Difference, Missing, Standing, Verdict
from sigmaproof.judge.results import Conversion
from sigmaproof.judge.story import GroupStory, Moment
from sigmaproof.load.values import Label
from sigmaproof.logic.explain import Trace
from sigmaproof.logic.times import SECOND
from sigmaproof.report.html.page import About, Explained, Page, PageRule, Timeline

TARGETS = ("elastic-eql", "elastic-lucene", "splunk")
TACTICS = ("execution", "persistence", "stealth", "lateral-movement")


def page_of_words(words: str) -> Page:
    """A page with everything that there can be, in which every text that people write is these words."""
    report = report_of(words)
    (result,) = report.rules
    (case,) = (one.case for one in result.cases)
    differs = Difference(Missing.QUERY, {words: words}, words, words, words)
    mutants = (
        Judged(words, words, 3, Fate.SURVIVED, witness=Witness(Label.BENIGN, {words: words})),
        Judged(words, words, 3, Fate.UNDECIDED, reasons=(words,)),
    )
    explained = Explained(1, {words: words}, Trace(True, "test", words))
    about = About(words, words, words, words, words, ("attack.t1047", "attack.execution", words), words, 2)
    rule = PageRule(
        result.path,
        1,
        words,
        about,
        results=(result,),
        explained={(case.path, case.line, case.name): explained},
        verdicts={
            "one": Verdict(Standing.DIFFERS, (differs,)),
            "two": Verdict(Standing.REFUSED, reasons=(words,)),
        },
        mutation=RuleMutation(result.path, 1, words, mutants=mutants),
    )
    broken = PageRule(
        Path("b.yml"), 1, words, problem=Problem("invalid-rule", words, Place(Path("b.yml"), 1))
    )
    return Page(("test", "prove", "mutate"), report.targets, (rule, broken), report.problems, report.notes)


def page_of_timelines(words: str, events: int = 3, groups: int = 2) -> Page:
    """A page with a correlation rule whose case is a timeline: of each group, so many events that match."""
    report = report_of(words)
    (result,) = report.rules
    (case,) = (one.case for one in result.cases)
    known = tuple(
        (number * SECOND if number else None, {words: words, "Channel": "x"}) for number in range(events + 1)
    )
    found = tuple(
        GroupStory(
            f"{words}: {number}",
            (events * SECOND,) if not number else (),
            ((events + 1) * SECOND,) if not number else (),
            tuple(Moment(row * SECOND, row, row % 2, row, row % 3 == 0) for row in range(1, events)),
        )
        for number in range(groups)
    )
    shown = Timeline(words, (words, "other"), 2 * SECOND, known, found)
    explained = {(case.path, case.line, case.name): shown}
    rule = PageRule(result.path, 1, words, results=(result,), explained=explained)
    return Page(("test",), report.targets, (rule,))


def large_page(rules: int) -> Page:
    """A page of proofs over so many rules; the same each time."""
    return Page(("prove",), TARGETS, tuple(_rules(rules, random.Random(7))))


def _rules(count: int, chance: random.Random) -> Iterator[PageRule]:
    for number in range(count):
        name = f"proc_creation_win_generated_{number:04}"
        tags = (f"attack.{chance.choice(TACTICS)}", f"attack.t1{chance.randrange(300):03}")
        level = chance.choice(("low", "medium", "high", "critical"))
        source = f"title: Generated {number}\nlevel: {level}\ndetection:\n" + "    # a line of a rule\n" * 40
        yield PageRule(
            Path("rules") / f"{name}.yml",
            1,
            f"Generated Rule {number}",
            About(f"{number:08}-0000-4000-8000-000000000000", level, "test", "", "windows", tags, source),
            tuple(Conversion(target, (f"process where x : {number}",)) for target in TARGETS),
            verdicts={target: _verdict(chance) for target in TARGETS},
        )


def _verdict(chance: random.Random) -> Verdict:
    (standing,) = chance.choices(list(Standing), [90, 1, 3, 4, 2])
    found = Difference(Missing.QUERY, {"CommandLine": "a B"}, "matches", "case differs", "letter case")
    return Verdict(standing, (found,) if standing is Standing.DIFFERS else ())
