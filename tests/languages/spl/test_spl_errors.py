"""Where a search stops making sense."""

from __future__ import annotations

import pytest
from hypothesis import event, given
from hypothesis import strategies as st

from sigmaproof.errors import QueryError, QuerySyntaxError
from sigmaproof.index.splunk import SplunkIndex
from sigmaproof.languages import spl


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
