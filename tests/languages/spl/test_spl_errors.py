"""Where a search stops making sense."""

from __future__ import annotations

import time
from contextlib import suppress

import pytest
from hypothesis import event, given
from hypothesis import strategies as st

from sigmaproof.errors import QueryError, QuerySyntaxError
from sigmaproof.index.splunk import SplunkIndex
from sigmaproof.languages import spl
from sigmaproof.logic.run import Table


@pytest.mark.parametrize(
    "picture",
    [
        "OR A=1\n^",
        "A=1 OR\n    ^",
        "A=1 OR OR B=2\n       ^",
        "(A=1\n    ^",
        "A=1)\n   ^",
        'A="x\n  ^',
        "A=1 B=AND\n      ^",
        "A=1 [search B=2\n    ^",
        "A=1 ] B=2\n    ^",
        "A=1 | | head\n     ^",
        '* | rex field=C D "(?<x>y)"\n                ^',
        "* | regex A=foo\n            ^",
        "* | eval C D=1\n           ^",
        '* | where A="x" and B=1\n                ^',
        "* | stats dc(a, b)\n              ^",
        "* | stats count by\n                ^",
        "* | rename a\n            ^",
        '| rex field=A "(?<x>y)"\n  ^',
        "A=1 | search OR B=2\n             ^",
        "A=1 [search B=2 OR] C=3\n                ^",
    ],
)
def test_caret(picture: str) -> None:
    query = picture.rpartition("\n")[0]
    with pytest.raises(QuerySyntaxError) as caught:
        spl.lower_query(query, SplunkIndex(), {})
    assert caught.value.caret() == picture


WORDS = r"""
    a b=1 OR AND NOT IN " "x" count field= (?<g> if( isnull( CASE( TERM( ``` 1.5 span=5m [search as by ( ) [ ]
    | ` = ! < > , * \ ' datamodel=Endpoint.Processes
"""
COMMANDS = "where eval rex stats tstats sort head bin join rename regex fillnull dedup search"
PIECES = st.sampled_from([*WORDS.split(), " ", *(f" | {name} " for name in COMMANDS.split())])


@given(st.lists(PIECES, max_size=12).map("".join))
def test_nonsense_is_read_or_refused(query: str) -> None:
    try:
        spl.lower_query(query, SplunkIndex(), {})
    except QueryError as error:
        offset = getattr(error, "offset", 0)
        event(type(error).__name__)
    else:
        offset = 0
        event("read")
    assert offset >= 0


@pytest.mark.parametrize(
    "query",
    [
        "* | where " + " XOR ".join(f"a{n}=b{n}" for n in range(60)),
        "* | where " + "if(a=1," * 40 + "true()" + ",b=2)" * 40,
        "* " + "| eval a=a.a " * 40 + "| search a=x",
        "* " + '| eval a=replace(a, ".", "xx") ' * 40,
        "* | eval x=case(" + ",".join(f'a="{n}",{n}' for n in range(800)) + ") | search x=5",
        "x" * 100_000,
        "* | eval x=" + "9" * 5000,
        "| makeresults count=99999999999",
        "earliest=-99999999999y",
        *(
            f"* | eval x={call}"
            for call in (
                'sha256("\ud800")', "round(1e308,20)", "mvrange(0,10,0.1)", 'strftime(1e20,"%Y")',
                'strptime("1 1","%d %d")', 'relative_time(0,"+99999999mon")', 'substr("abc",1e308)',
            )
        ),
    ],
    ids=lambda query: query[:40].encode("ascii", "replace").decode(),
)  # fmt: skip
def test_what_would_explode_ends(query: str) -> None:
    documents = [{"a": "x" * 200}, {"a": "5"}]
    index = SplunkIndex()
    start = time.process_time()
    with suppress(QueryError):
        spl.lower_query(query, index, {}).plan.run(Table(documents, index.read))
    assert time.process_time() - start < 5
