"""Exit codes, what goes to stdout and what to stderr, colours, files, closed pipes, start-up."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from screens import SAMPLE, Console

ESCAPE = "\x1b["


@pytest.fixture
def copy(tmp_path: Path, console: Console) -> Path:
    """The sample repository to break, with the console in it."""
    shutil.copytree(SAMPLE, tmp_path / "sample")
    console.go(tmp_path / "sample")
    return tmp_path / "sample"


# the command line, and the files to change before it  →  the exit code, on which stream something is said
BAD_RULE = "title: x\nlogsource: {}\ndetection: {a: {b|c: d}, condition: a}\n"
BAD_TARGET, NO_BACKEND = "titel: x\nbackend: lucene\n", "title: x\nbackend: nothing\n"
EXPLAIN = "explain whoami_privileges -t elastic -e a=b"
CODES = [
    ("test -k whoami", {}, 0, "out"),
    ("test", {}, 1, "out"),
    ("test -k nothing_like_it", {}, 1, "out"),
    ("test -k whoami", {"sigma_rules/more.yml": "title: x\n"}, 2, "out"),
    ("test", {"sigma_rules/more.yml": "title: x\n"}, 2, "out"),
    ("test -k whoami --format json", {"sigma_rules/more.yml": "title: x\n"}, 2, "both"),
    ("test -k whoami --format junit", {"sigma_rules/more.yml": "title: x\n"}, 2, "both"),
    ("test -k whoami", {"converters/other.yml": NO_BACKEND}, 2, "out"),
    ("test -t nothing", {}, 3, "err"),
    ("test --nothing", {}, 3, "err"),
    ("test", {"pyproject.toml": "[tool.sigmaproof]\nruls = 1\n"}, 3, "err"),
    ("test", {"pyproject.toml": "[tool.sigmaproof\n"}, 3, "err"),
    ("convert", {}, 0, "out"),
    ("convert", {"sigma_rules/more.yml": "title: x\n"}, 2, "both"),
    ("convert", {"sigma_rules/whoami_privileges.yml": BAD_RULE}, 2, "both"),
    ("convert", {"converters/elastic.yml": NO_BACKEND}, 2, "both"),
    ("convert -k nothing_like_it", {}, 1, "err"),
    ("explain whoami_privileges -e a=b", {}, 0, "out"),
    ("explain whoami_privileges -e a=b", {"sigma_rules/whoami_privileges.yml": "title: x\n"}, 2, "err"),
    (EXPLAIN, {"converters/elastic.yml": BAD_TARGET}, 2, "both"),
    (EXPLAIN, {"converters/elastic.yml": NO_BACKEND}, 2, "both"),
    ("explain whoami_privileges --events e.json", {"e.json": '{"a": 1'}, 2, "err"),
    ("explain whoami_privileges --events e.json", {"e.json": "[]"}, 2, "err"),
    ("explain whoami_privileges --events e.ndjson", {"e.ndjson": '{"a": 1}\n{"a"'}, 2, "both"),
    ("query lucene a:1 --events e.ndjson", {"e.ndjson": '{"a": "1"}\n{"a"'}, 2, "both"),
    ("query lucene a:( --events e.ndjson", {"e.ndjson": "{}"}, 2, "err"),
    ("list rules", {"sigma_rules/more.yml": "title: x\n"}, 2, "both"),
    ("list targets", {"converters/elastic.yml": BAD_TARGET}, 2, "both"),
    ("conformance c.ndjson", {"c.ndjson": "{"}, 2, "err"),
]  # fmt: skip


@pytest.mark.parametrize(("line", "files", "code", "stream"), CODES)
def test_exit_codes_and_streams(
    line: str, files: dict[str, str], code: int, stream: str, copy: Path, console: Console
) -> None:
    for name, text in files.items():
        (copy / name).write_text(text, encoding="utf-8")
    found, out, err = console.run(*line.split())
    assert found == code, out + err
    said = {(True, False): "out", (False, True): "err", (True, True): "both", (False, False): "none"}
    assert said[bool(out), bool(err)] == stream, (out, err)
    assert "Traceback" not in out + err
    if code == 2:
        assert re.search(r"error\[[a-z-]+\]: .+", out + err)
        assert re.search(r"--> \S+", out + err) or line.startswith("query lucene a:(")


def test_products_stay_clean(copy: Path, console: Console) -> None:
    """What another program reads from stdout is not mixed with talk, whatever is broken."""
    (copy / "sigma_rules" / "more.yml").write_text("title: x\n")
    for line in ("test --format json", "convert --format json"):
        json.loads(console.run(*line.split())[1])


@pytest.mark.parametrize("form", ["console", "json", "junit", "github"])
def test_a_report_in_a_file_is_the_report(form: str, copy: Path, console: Console) -> None:
    console.set(FORCE_COLOR="1")
    code, out, _ = console.run("test", "--format", form, "-o", "report")
    assert (code, out) == (1, "")
    written = (copy / "report").read_text(encoding="utf-8")
    assert ESCAPE not in written
    console.set(FORCE_COLOR="")
    shown = console.run("test", "--format", form)[1]
    assert re.sub(r"\d+\.\d\d s\b", "N.NN s", written) == shown


COLORS = [
    ({}, False),
    ({"NO_COLOR": "1"}, False),
    ({"NO_COLOR": ""}, False),
    ({"FORCE_COLOR": "1"}, True),
    ({"FORCE_COLOR": ""}, False),
    ({"FORCE_COLOR": "1", "NO_COLOR": "1"}, False),
    ({"FORCE_COLOR": "1", "NO_COLOR": ""}, True),
]


@pytest.mark.parametrize(("environment", "colored"), COLORS)
def test_colors(environment: dict[str, str], colored: bool, console: Console) -> None:
    console.set(**environment)
    for line in ("test", "convert", "explain whoami_privileges -e a=b"):
        assert (ESCAPE in console.run(*line.split())[1]) is colored
    assert (ESCAPE in console.run("test", "-t", "nothing")[2]) is colored


def test_colors_paint_words_and_change_none(console: Console) -> None:
    plain = console.run("test")[1]
    console.set(FORCE_COLOR="1")
    assert re.sub(r"\x1b\[[0-9;]*m", "", console.run("test")[1]) == plain


@pytest.mark.parametrize("form", ["json", "junit", "github"])
def test_formats_for_programs_have_no_colors(form: str, console: Console) -> None:
    console.set(FORCE_COLOR="1")
    assert ESCAPE not in console.run("test", "--format", form)[1]


def sigmaproof(*words: str, code: str = "from sigmaproof.cli import main; main()") -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", f"import sys; sys.argv = ['sigmaproof', *sys.argv[1:]]; {code}", *words],
        cwd=SAMPLE,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


@pytest.mark.parametrize(("words", "code"), [(("list", "rules"), 0), (("test", "-t", "splunk"), 1)])
def test_a_reader_may_stop_reading(words: tuple[str, ...], code: int) -> None:
    process = sigmaproof(*words, code="sys.stdin.read(); from sigmaproof.cli import main; main()")
    assert process.stdin
    assert process.stdout
    assert process.stderr
    process.stdout.close()
    process.stdin.close()
    assert process.wait(20) == code
    assert process.stderr.read() == ""


HEAVY = ("sigma", "polars", "pyarrow", "evtx", "pydantic", "lark", "rich", "yaml", "ruamel", "re2", "pysat")


@pytest.mark.parametrize("words", [("--help",), ("--version",), ("test", "--help"), ("list", "languages")])
def test_start_up_imports_little(words: tuple[str, ...]) -> None:
    """Help is there at once: nothing heavy is imported before it is needed."""
    told = "print(*(name for name in sys.modules if name.partition('.')[0] in %r), file=sys.stderr)"
    code = (
        f"import atexit; atexit.register(lambda: {told % (HEAVY,)}); from sigmaproof.cli import main; main()"
    )
    process = sigmaproof(*words, code=code)
    out, err = process.communicate(timeout=20)
    assert process.returncode == 0
    assert out
    if words != ("list", "languages"):
        assert err.split() == []
    assert not {"sigma", "polars", "evtx"} & set(err.split())


def test_as_a_module() -> None:
    run = subprocess.run(
        [sys.executable, "-m", "sigmaproof", "list", "targets"], cwd=SAMPLE, capture_output=True, text=True
    )
    assert (run.returncode, run.stderr) == (0, "")
    assert run.stdout.startswith("elastic\t")
