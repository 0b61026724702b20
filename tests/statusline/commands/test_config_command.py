"""`statusline config` in the installed program: path, show, check, schema and segments, and its exit codes."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import fastjsonschema
import pytest
from wcwidth import wcswidth

from statusline.commands.cli import main
from statusline.commands.config_check.descriptions import NUMBERS, OPTION_DESCRIPTIONS, SIGN_MEANINGS
from statusline.commands.config_check.legend import by_topic, described, signs_in
from statusline.commands.config_check.segment_options import GENERAL
from statusline.render.other_glyphs import SIGNS
from statusline.segments.registry import TABLE

if TYPE_CHECKING:
    from pathlib import Path

    from tests.support.installed_home import Home

SLIPS = """{
  "preset": "full",
  "theme": "mon",
  "thresholds": {"context": [60, 70]},
  "commands": {"jobs": {"command": "true", "every": 1}},
  "prices": {"claude-opus-5": {"input": 9, "output": -1}}
}
"""


@pytest.fixture
def file(home: Path) -> Path:
    (home / ".config" / "hudline").mkdir(parents=True)
    return home / ".config" / "hudline" / "config.json"


@pytest.fixture
def at_home(installed: Home, home: Path) -> Any:
    """Return what runs ``statusline config`` in a home of this test's own."""

    def run(*words: str, **env: str) -> tuple[int, str, str]:
        ran = replace(installed, warm=True).run("config", *words, cwd=home, HOME=str(home), **env)
        return ran.returncode, ran.stdout, ran.stderr

    return run


def test_the_path_is_printed_whether_the_file_exists_or_not(at_home: Any, file: Path, tmp_path: Path) -> None:
    assert at_home("path") == (0, f"{file}\n", "")
    assert at_home("path", STATUSLINE_CONFIG="/elsewhere/c.json") == (0, "/elsewhere/c.json\n", "")


def test_without_a_file_there_are_defaults_and_no_problems(at_home: Any, file: Path) -> None:
    assert at_home("check") == (0, f"{file} does not exist: defaults apply\n", "")
    code, said, _ = at_home("show")
    assert code == 0
    rows = [line.split(maxsplit=2) for line in said.splitlines()]
    assert {origin for _, origin, _ in rows} == {"default"}
    values = {key: json.loads(value) for key, _, value in rows}
    assert values["theme"] == "auto"
    assert values["rows[0]"][0] == "model"
    assert values["refresh.usage"] == 300


def test_show_has_the_origin_of_each_value(at_home: Any, file: Path) -> None:
    file.write_text(SLIPS)
    code, said, _ = at_home("show", "--json", STATUSLINE_OAUTH="off")
    found = json.loads(said)
    assert code == 0
    assert found["path"] == str(file)
    origins = {key: each["from"] for key, each in found["settings"].items()}
    assert origins["preset"] == "line 2"
    assert origins["rows"] == "preset"
    assert origins["theme"] == "default: line 3 is wrong"
    assert origins["thresholds.context"] == "line 4"
    assert origins["commands.jobs"] == "line 5, in part"
    assert origins["prices.claude-opus-5"] == "line 6, in part"
    assert found["settings"]["prices.claude-opus-5"]["value"] == {"input": 9}
    assert origins["oauth"] == "STATUSLINE_OAUTH"
    assert origins["glyphs"] == "default"
    assert found["settings"]["oauth"]["value"] == "off"
    assert found["settings"]["commands.jobs"]["value"] == {
        "command": "true",
        "every": 60,
        "timeout": 5,
        "shared": False,
    }
    assert [each["line"] for each in found["problems"]] == [3, 5, 6]


def test_check_names_line_key_and_nearest_name_and_ends_with_1(at_home: Any, file: Path) -> None:
    file.write_text(SLIPS)
    code, said, errors = at_home("check")
    assert (code, errors) == (1, "")
    first, second, third = said.splitlines()
    assert first.startswith(f"{file}:3: theme: expected ")
    assert first.endswith('found "mon"; did you mean "mono"?')
    assert second == f"{file}:5: commands.jobs.every: expected a whole number from 5 to 86400, found 1"
    assert third == f"{file}:6: prices.claude-opus-5.output: expected a number from 0 to 10000, found -1"
    file.write_text('{"theme": "mono"}')
    assert at_home("check") == (0, f"{file}: no problems found\n", "")


def test_a_warning_is_no_problem(at_home: Any, file: Path) -> None:
    file.write_text('{\n "rows": [["pr"]]}')
    code, said, _ = at_home("check")
    assert (code, said.count("\n")) == (0, 1)
    assert said.startswith(f"{file}:2: rows: warning: ")
    code, said, _ = at_home("--json")
    found = json.loads(said)
    assert (code, found["problems"], [each["line"] for each in found["warnings"]]) == (0, [], [2])
    assert found["settings"]["rows"]["from"] == "line 2"


def test_on_a_terminal_a_problem_is_broken_between_words(
    file: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    file.write_text(SLIPS)
    monkeypatch.setenv("STATUSLINE_CONFIG", str(file))
    monkeypatch.setenv("COLUMNS", "45")
    assert main(["config", "check"]) == 1
    whole = capsys.readouterr().out
    monkeypatch.setattr("sys.stdout.isatty", lambda: True)
    assert main(["config", "check"]) == 1
    said = capsys.readouterr().out
    assert said.split() == whole.split()
    assert all(len(line) <= 45 or len(line.split()) == 1 for line in said.splitlines())
    assert len([line for line in said.splitlines() if not line.startswith("  ")]) == len(whole.splitlines())


def test_without_an_argument_it_prints_path_settings_and_problems(at_home: Any, file: Path) -> None:
    code, said, _ = at_home()
    assert code == 0
    assert said.startswith(f"{file} does not exist: defaults apply\n\npreset ")
    assert said.endswith("\n\nno problems found\n")
    file.write_text("{")
    code, said, _ = at_home()
    assert code == 1
    assert f"{file}:1: not JSON: the file ends too early" in said
    (oauth,) = (line for line in said.splitlines() if line.startswith("oauth"))
    assert oauth.split() == ["oauth", "the", "file", "is", "not", "JSON", '"off"']


def test_the_schema_is_one_that_validates(at_home: Any) -> None:
    code, said, _ = at_home("schema")
    assert code == 0
    valid = fastjsonschema.compile(json.loads(said), use_default=False)
    valid({"$schema": "./schema.json", "preset": "quiet", "rows": [["model", {"segment": "context", "bar": True}]]})
    with pytest.raises(fastjsonschema.JsonSchemaValueException):
        valid({"thems": "mono"})


@pytest.mark.parametrize("content", [b"\xff\xfe{}", None])
def test_a_file_that_cannot_be_read_is_a_sentence_not_a_traceback(
    at_home: Any, file: Path, content: bytes | None
) -> None:
    if content is None:
        file.mkdir()
    else:
        file.write_bytes(content)
    code, said, errors = at_home("check")
    assert (code, said) == (1, "")
    assert errors.startswith(f"statusline config: {file} is not ")
    assert "Traceback" not in errors


def test_an_unknown_argument_exits_with_2(at_home: Any) -> None:
    assert at_home("chekc")[0] == 2


@pytest.mark.parametrize("columns", [30, 80, 200])
def test_all_segments_and_signs_are_listed_at_any_width(at_home: Any, file: Path, columns: int) -> None:
    file.write_text('{"glyphs": "ascii"}')
    code, said, errors = at_home("segments", COLUMNS=str(columns))
    assert (code, errors) == (0, "")
    lines = said.splitlines()
    assert max(map(wcswidth, lines)) <= columns
    first = [line.split()[0] for line in lines if line.startswith("  ") and line[2] != " "]
    assert first[: len(TABLE)] == [
        name for segments in by_topic().values() for name in (each.name for each in segments)
    ]
    assert sorted(first[: len(TABLE)]) == sorted(TABLE)
    assert first[len(TABLE) : len(TABLE) + len(OPTION_DESCRIPTIONS)] == list(OPTION_DESCRIPTIONS)
    assert first[len(TABLE) + len(OPTION_DESCRIPTIONS) :] == [
        text.split()[0] for text in (*(sign for sign, _ in signs_in("ascii")), *NUMBERS)
    ]
    text = " ".join(said.split())
    for each in map(described, TABLE):
        assert " ".join(each.text.split()) in text


def test_the_segments_are_there_as_json_too(at_home: Any) -> None:
    code, said, _ = at_home("segments", "--json")
    assert code == 0
    rows = {each["name"]: each for each in json.loads(said)}
    assert list(rows) == list(TABLE)
    assert "ctx 42%" in rows["context"]["samples"]
    assert set(GENERAL) <= set(rows["context"]["options"]) != set(GENERAL)


@pytest.mark.parametrize("glyphs", SIGNS)
def test_every_sign_has_a_meaning(glyphs: str) -> None:
    """Except for joints, and signs within numbers."""
    plain = {"arrow", "thin", "dash", "times"}
    assert {name for name, sign in SIGNS[glyphs].items() if sign.strip()} - plain <= set(SIGN_MEANINGS)
    assert set(SIGN_MEANINGS) <= set(SIGNS[glyphs])
