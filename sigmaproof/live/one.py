"""One query on a real engine, beside the embedded one."""

from __future__ import annotations

from collections.abc import Sequence

from sigmaproof.errors import Exit, Problem
from sigmaproof.index.model import IndexModel
from sigmaproof.judge.meaning import RawEvent
from sigmaproof.judge.verdicts import Code
from sigmaproof.live.address import Address
from sigmaproof.live.compare import Compared, case_of, compare
from sigmaproof.live.connect import connected
from sigmaproof.live.embedded import Options, Twin
from sigmaproof.live.values import Corpus, Held, named
from sigmaproof.logic.run import Document


def compare_query(
    address: Address,
    language: str,
    query: str,
    model: IndexModel,
    events: Sequence[RawEvent],
    options: Options,
) -> tuple[Problem, Exit]:
    """What is to be told of the real engine's answer, and the exit code for it. Raises `LiveError`."""
    documents: list[Document] = []
    case = case_of(model, events, documents)
    corpus = Corpus(model.name, documents, model.mapping, model.analysis, model.default, stand_ins=True)
    with connected(address, language) as engine, engine.holding([corpus]) as (held,):
        twin = Twin.of(engine, language, model, held, options)
        (compared,) = compare(twin, held, engine.ask, [(query, case)])
        return _told(named(engine), held, compared)


def _told(name: str, held: Held, compared: Compared) -> tuple[Problem, Exit]:
    if compared.unable:
        return Problem(Code.UNSUPPORTED, f"{name}: {compared.unable}"), Exit.BROKEN_INPUT
    if compared.disagreement:
        return Problem(Code.ENGINE_DISAGREES, f"{name} {compared.disagreement}"), Exit.VERDICT
    if compared.refused:
        return Problem("live", f"{name} refuses the query as well"), Exit.EXPECTED
    stand_ins = "".join(f", with {old} as {new}" for old, new in held.stand_ins)
    rejected = f", {len(held.rejected)} of them rejected" if held.rejected else ""
    told = f"{name} agrees: {compared.matches} of {len(held.corpus.documents)} events{rejected}{stand_ins}"
    return Problem("live", told), Exit.EXPECTED
