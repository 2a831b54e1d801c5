"""Files → frozen values. Nothing here runs code, opens a connection or leaves the folder it was given.

Every reader returns values and problems: one bad file is one `Problem` and never hides the others.

    from sigmaproof.load.rules import find_rule, load_rules
    from sigmaproof.load.fixtures import load_fixtures
    from sigmaproof.load.targets import load_targets
    from sigmaproof.load.events import events_of, iter_events, load_events

    load_rules(paths: Iterable[Path]) -> Rules                  # .files .problems .by_id .by_name .by_stem
    find_rule(rules: Rules, reference: str) -> tuple[RuleDocument, ...]
    load_fixtures(root: Path) -> Fixtures                       # .fixtures .problems .notes, also of info.yml
    load_targets(folder: Path) -> Targets                       # .targets .problems
    load_events(path: Path) -> EventFile                        # .events .problems .complete
    iter_events(path: Path, report: Callable[[Problem], None], *, raw: bool = False) -> Iterator[Event]
    events_of(case: Case) -> EventFile                          # inline events, or those of the case's file
    Lines(text: str, flavour: Flavour).line(("detection", "selection"), document=0) -> int   # load.yaml_text

The values are in `sigmaproof.load.values`; the formats that people write are pydantic models in
`load.formats`, from which `python -m sigmaproof.load.schemas` writes `schemas/`.
"""
