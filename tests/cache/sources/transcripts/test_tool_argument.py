"""What a call is about is a word or two, none of which can be a secret."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cache.model.entry import read_entry
from cache.refresh.runner import refresh
from cache.sources.transcripts.tool_argument import LONGEST, argument_of
from cache.work.request import Request
from tests.support.secret_shapes import CORE, SHAPES, TOKEN, leaked_below, leaks


@pytest.mark.parametrize(
    ("command", "shown"),
    [
        ("npm test", "npm test"),
        ("npm run build:css", "npm run"),
        ("git commit -m 'fix: the cart'", "git commit"),
        ("git -C /srv status", "git"),
        ("make", "make"),
        ("docker compose up", "docker compose"),
        ("cd /srv/shop && npm test 2>&1 | tail -5", "npm test"),
        ("cd /srv/shop\npytest -q", "pytest"),
        ("/usr/bin/python3.11 -m pytest", "python3.11"),
        ("curl -H 'Authorization: Bearer x' https://example.org", "curl"),
        ("mysql -psecret", "mysql"),
        ("echo hunter", "echo"),
        ("psql postgres://user:pass@host/db", "psql"),
        ("git clone https://user:pass@host/repo", "git clone"),
        ("npm hunter2", "npm"),
        ("TOKEN=hunter2 npm test", ""),
        ("export TOKEN=hunter2; npm test", "export"),
        ("'my program' --all", ""),
        ("$(cat token) x", ""),
        ("./Hunter2", ""),
        ("a" * 17, ""),
        ("cd a && cd b", ""),
        ("\x1b[31mls", ""),
        ("", ""),
    ],
)
def test_of_a_command_the_program_is_shown(command: str, shown: str) -> None:
    assert argument_of("Bash", {"command": command}) == shown


@pytest.mark.parametrize(
    ("tool", "given", "shown"),
    [
        ("Read", {"file_path": "/srv/shop/cart.py"}, "cart.py"),
        ("Edit", {"file_path": "cart.py", "old_string": "a"}, "cart.py"),
        ("Write", {"file_path": "/srv/注文.md"}, "注文.md"),
        ("NotebookEdit", {"notebook_path": "/srv/a.ipynb"}, "a.ipynb"),
        ("Read", {"file_path": "/srv/" + "x" * 25}, ""),
        ("Read", {"file_path": "/srv/"}, ""),
        ("Read", {"file_path": 7}, ""),
        ("Bash", {}, ""),
        ("Grep", {"pattern": "hunter2", "path": "/srv"}, ""),
        ("WebFetch", {"url": "https://example.org/?key=hunter2"}, ""),
        ("mcp__db__query", {"command": "x", "file_path": "/x"}, ""),
    ],
)
def test_of_a_file_its_name_is_shown_and_of_other_tools_nothing(
    tool: str, given: dict[str, object], shown: str
) -> None:
    assert argument_of(tool, given) == shown


@pytest.mark.parametrize("secret", SHAPES.values(), ids=SHAPES)
@pytest.mark.parametrize(
    "command",
    [
        "{}",
        "{} x",
        "npm {}",
        "npm test {}",
        "git {} x",
        "cd {} && ls",
        "cd x; {}",
        "curl -u {}",
        "X={} make",
        "echo {}",
    ],
)
def test_no_part_of_a_secret_is_shown(secret: str, command: str) -> None:
    text = command.format(secret)
    assert leaks(argument_of("Bash", {"command": text})) == []


@pytest.mark.parametrize("kind", ["oat01", "api03", "bearer", "jwt", "mail", "hex", "base64"])
def test_no_file_that_is_called_like_a_secret_is_shown(kind: str) -> None:
    assert leaks(argument_of("Read", {"file_path": f"/srv/{SHAPES[kind]}"})) == []


@given(st.text(max_size=60), st.sampled_from(["Bash", "Read"]))
def test_any_text_gives_a_short_one_in_one_line(text: str, tool: str) -> None:
    found = argument_of(tool, {"command": text, "file_path": text})
    assert len(found) <= LONGEST
    assert tool == "Read" or found.isprintable()


def test_no_secret_of_a_command_is_kept_on_disk(tmp_path: Path) -> None:
    transcript = tmp_path / "session.jsonl"
    calls = [{"command": f"deploy --token {TOKEN}"}, {"command": f"TOKEN={TOKEN} npm test"}, {"command": f"npm {CORE}"}]
    blocks = [{"type": "tool_use", "id": str(at), "name": "Bash", "input": each} for at, each in enumerate(calls)]
    lines = [{"type": "assistant", "message": {"model": "claude-opus-5-5", "content": [block]}} for block in blocks]
    transcript.write_text("".join(json.dumps(each, separators=(",", ":")) + "\n" for each in lines))
    cache = tmp_path / "cache"
    options = {"transcript": str(transcript), "entry": "s"}
    outcome = refresh(Request("activity", cache, Path(), env={}, options=options), clock=lambda: 1e9)
    kept = read_entry(str(cache / "sessions" / "s.json"))
    assert (outcome.state, (kept.value or {})["tool_argument"]) == ("refreshed", "npm")
    assert leaked_below(cache, TOKEN, CORE) == {}
