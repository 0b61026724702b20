"""Whatever stands on standard input, in the cache, the configuration and the environment: rows that do no harm.

20,000 examples in process and 500 whole processes.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given
from hypothesis import strategies as st

from cache.model.billing import billing_of
from cache.model.jsonio import parse_json
from cache.model.osapi import setting, system
from cache.model.stdin_limits import reported_limits
from cache.readings.snapshot import save_news, take_snapshot
from statusline.attempt import FAILURES
from statusline.config import Config, read_config
from statusline.config_table import PRESET_NAMES
from statusline.gather import add_surroundings, gather
from statusline.payload import Session
from statusline.segments.registry import TABLE
from statusline.tick import NOTHING_TO_SAY, row_of
from tests.support.examples import examples
from tests.support.hypothesis_values import (
    ANY_JSON,
    CACHES,
    CONFIGURATIONS,
    ENVIRONMENTS,
    LIMITS,
    NOW,
    RECORDED,
    SESSIONS,
    TRANSCRIPT,
    WHOLE,
)
from tests.support.package_layout import copy_layout
from tests.support.row_rules import SEQUENCE, judge
from tests.support.tick_world import World

SLOW = [HealthCheck.too_slow]  # to make an example is, not to look at it
PRESETS = st.sampled_from([Config({"preset": name}) for name in PRESET_NAMES])
ITEMS: list[object] = [*sorted(set(TABLE) - {"command"}), {"segment": "command", "name": "one"}]
EVERYTHING = Config(
    {
        "rows": [ITEMS[number::8] for number in range(8)],
        "commands": {"one": {"command": "jobs"}},
    }
)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("cache")
    made.chmod(0o700)
    return made


@contextmanager
def environment(chosen: dict[str, str]) -> Iterator[None]:
    """Let the tick see these variables and no others: ``posix`` has a table of its own, in bytes."""
    table: dict[Any, Any] = system.environ
    before = dict(table)
    table.clear()
    table.update({name.encode(): value.encode() for name, value in chosen.items()})
    try:
        yield
    finally:
        table.clear()
        table.update(before)


def rows(given: object, env: dict[str, str], config: Config, cache: str = "") -> str:
    """Run a tick in process, but for the start of refreshers; return its rows, having judged them."""
    with environment(env):
        session = Session(parse_json(json.dumps(given)), setting)
        limits = reported_limits(session.part("rate_limits"), NOW)
        snapshot, _ = gather(session, config, cache, limits, NOW, of_plan=not billing_of())
        save_news(cache, snapshot, NOW)
        text = row_of(session, snapshot, config, NOW) or NOTHING_TO_SAY
    if FAILURES:
        raise FAILURES.pop()  # here, so that hypothesis looks for the smallest example
    if text != NOTHING_TO_SAY:
        judge(text, room(env, config), len(config.rows) * (2 if config.wrap else 1))
    return text


def room(env: dict[str, str], config: Config) -> int:
    """Return the cells of a row by Claude Code's rule."""
    return max(int(env["COLUMNS"]) - 4 - 2 * config.padding, 1)


@examples(1300, without=SLOW)
@given(ANY_JSON, ENVIRONMENTS, PRESETS)
def test_any_json_on_stdin_gives_a_row(given: object, env: dict[str, str], preset: Config) -> None:
    rows(given, env, preset)


@examples(1800, without=SLOW)
@given(SESSIONS, ENVIRONMENTS, PRESETS)
def test_anything_in_any_field_of_a_payload_gives_a_row(given: object, env: dict[str, str], preset: Config) -> None:
    rows(given, env, preset)


@pytest.fixture(scope="module")
def kept(folder: Path) -> dict[str, Path]:
    """Return where the entries of this session stand, by job; for some that is told by what would be started."""
    (folder / "work" / ".git").mkdir(parents=True)
    (folder / "work" / ".git" / "HEAD").write_text("ref: refs/heads/main\n")
    session = Session(at_work(folder, {}), setting)
    due = add_surroundings(take_snapshot("", "", {}, NOW), session, EVERYTHING, str(folder), NOW)
    found = {job.job: Path(f"{job.stem}.json") for job in due}
    for path in found.values():
        path.parent.mkdir(exist_ok=True)
    assert set(found) == {"git", "activity", "command"}
    return found | {name: folder / f"{name}.json" for name in ("usage", "transcripts", "readings")}


def at_work(folder: Path, limits: object) -> dict[str, Any]:
    """Return a session that works in a checkout in this folder."""
    found = {**RECORDED[-1], "cwd": str(folder / "work"), "session_id": "s", "transcript_path": TRANSCRIPT}
    return {**found, "workspace": {"current_dir": found["cwd"]}, "rate_limits": limits}


@examples(900, without=SLOW)
@given(LIMITS, CACHES, st.sampled_from(["60", "400"]))
def test_anything_in_the_cache_gives_a_row(
    folder: Path, kept: dict[str, Path], limits: object, cache: dict[str, bytes], columns: str
) -> None:
    for job, path in kept.items():
        path.unlink(missing_ok=True)
        if job in cache:
            path.write_bytes(cache[job])
    rows(at_work(folder, limits), {"COLUMNS": columns, "HOME": "/home/user"}, EVERYTHING, str(folder))


def test_what_is_kept_for_these_tests_is_what_the_line_shows(folder: Path, kept: dict[str, Path]) -> None:
    """Else they would try nothing."""
    for job, path in kept.items():
        path.write_text(json.dumps(WHOLE[job]))
    text = rows(at_work(folder, {}), {"COLUMNS": "400", "HOME": "/home/user"}, EVERYTHING, str(folder))
    text = SEQUENCE.sub("", text)
    for said in ("24% ▼36", "93%!! ▲42", "+2 ~3 ?1", "Bash", "2 agents", "3/7", "12 turns", "3 jobs", "1 expired"):
        assert said in text


@examples(1200, without=SLOW)
@given(st.sampled_from(RECORDED), ENVIRONMENTS, CONFIGURATIONS)
def test_anything_in_the_configuration_gives_a_row(
    folder: Path, given: object, env: dict[str, str], config: bytes
) -> None:
    (folder / "config.json").write_bytes(config)
    rows(given, env, read_config(str(folder / "config.json")))


@pytest.fixture(scope="module")
def harmless(door: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the door of an installation whose refresher ends at once: what it would do is not in question here."""
    made = copy_layout(door, tmp_path_factory.mktemp("package") / "package")
    (made.parents[1] / "cache" / "__main__.py").write_text("")
    return made


@examples(500, without=SLOW)
@given(
    st.one_of(SESSIONS, ANY_JSON).map(json.dumps).map(str.encode) | st.binary(max_size=60),
    ENVIRONMENTS,
    CACHES,
    CONFIGURATIONS,
)
def test_a_whole_process_ends_well_whatever_it_is_given(
    folder: Path, harmless: Path, given: bytes, env: dict[str, str], cache: dict[str, bytes], config: bytes
) -> None:
    world = World(folder / "home", harmless, extra={"NO_COLOR": "", **env, "HOME": str(folder / "home")})
    path = world.home / ".config" / "hudline" / "config.json"
    for each in (world.cache, path.parent):
        each.mkdir(parents=True, exist_ok=True)
    for each in world.cache.glob("*.json"):
        each.unlink()
    for job in {"usage", "transcripts", "readings"} & set(cache):
        (world.cache / f"{job}.json").write_bytes(cache[job])
    path.write_bytes(config)
    done = world.tick(given)
    assert (done.returncode, done.stderr) == (0, b"")
    text = done.stdout.decode()
    assert text.endswith("\n")
    chosen = read_config(str(path))
    if text != f"{NOTHING_TO_SAY}\n":
        judge(text[:-1], room(env, chosen), len(chosen.rows) * (2 if chosen.wrap else 1))
