"""The `env` of a repository's settings reaches the status line: it cannot name a program or a new file."""

from __future__ import annotations

import json
import shutil
import subprocess
import time
from pathlib import Path
from typing import Any

import pytest

from tests.support.faults.tls_endpoint import TlsEndpoint, Way, certificates, sends
from tests.support.git_checkouts import Marker, sessions_below
from tests.support.kept_numbers import keep, window
from tests.support.loopback_server import Answer, Loopback
from tests.support.processes import running
from tests.support.tick_world import TOKEN, World, payload, until
from tests.support.warm_command import run_command


@pytest.fixture
def world(door: Path, tmp_path: Path) -> World:
    return World(tmp_path, door)


@pytest.fixture
def marker(world: World) -> Marker:
    """Return a program in the repository."""
    return Marker(world.home / "repo")


def in_repository(world: World, **changes: Any) -> dict[str, Any]:
    given = payload("oauth-01-startup")
    folder = str(world.home / "repo")
    given["cwd"] = given["workspace"]["current_dir"] = given["workspace"]["project_dir"] = folder
    return {**given, **changes}


def settled(world: World) -> None:
    until(lambda: not running(world.cache, "__main__.py"))


def programs(marker: Marker) -> dict[str, Any]:
    run = {"command": str(marker.program), "every": 5}
    return {"commands": {"x": run}, "rows": [["model", {"segment": "command", "name": "x"}]]}


def installed(world: World, config: dict[str, Any]) -> Path:
    file = world.home / ".config" / "hudline" / "config.json"
    file.parent.mkdir(parents=True)
    file.write_text(json.dumps(config))
    return file


@pytest.mark.parametrize("path", ["repo/c.json", "link.json", "repo/../repo/c.json", "/repo/c.json"])
def test_a_configuration_in_the_project_runs_no_command(world: World, marker: Marker, path: str) -> None:
    (world.home / "repo" / "c.json").write_text(json.dumps(programs(marker)))
    (world.home / "link.json").symlink_to("repo/c.json")
    world.extra["STATUSLINE_CONFIG"] = f"{world.home}/{path}"
    for _ in range(2):
        assert world.line(in_repository(world)).startswith("Opus"), "its rows count"
        settled(world)
    assert marker.runs == ""


@pytest.mark.parametrize("link", ["up", "chain-0", "c.json"])
def test_nor_does_one_that_is_named_through_the_working_directory(world: World, marker: Marker, link: str) -> None:
    """By links of the repository that cannot be followed to the end."""
    folder = world.home / "repo"
    (folder / "c.json").write_text(json.dumps(programs(marker)))
    (folder / "up").symlink_to("../repo/c.json")
    for number in range(12):
        (folder / f"chain-{number}").symlink_to(f"chain-{number + 1}" if number < 11 else "c.json")
    world.extra["STATUSLINE_CONFIG"] = f"/proc/self/cwd/{link}"
    assert world.line(in_repository(world), cwd=folder).startswith("Opus")
    settled(world)
    assert marker.runs == ""


def test_a_configuration_elsewhere_does(world: World, marker: Marker) -> None:
    (world.home / "chosen.json").write_text(json.dumps(programs(marker)))
    world.extra["STATUSLINE_CONFIG"] = str(world.home / "chosen.json")
    world.line(in_repository(world))
    until(lambda: marker.runs)


def test_the_installed_one_does_also_where_the_project_is_the_home(world: World, marker: Marker) -> None:
    file = installed(world, programs(marker))
    world.extra["STATUSLINE_CONFIG"] = str(file)
    given = in_repository(world)
    given["workspace"]["project_dir"] = str(world.home)
    world.line(given)
    until(lambda: marker.runs)


@pytest.mark.parametrize("installed_watches", [False, True])
def test_of_watches_only_those_of_the_installed_configuration_run(
    world: World, marker: Marker, installed_watches: bool
) -> None:
    mine = Marker(world.home / "mine")
    if installed_watches:
        installed(world, {"watch": [{"at": [1], "command": str(mine.program)}]})
    (world.home / "repo" / "c.json").write_text(json.dumps({"watch": [{"at": [1], "command": str(marker.program)}]}))
    world.extra["STATUSLINE_CONFIG"] = f"{world.home}/repo/c.json"
    world.cache.mkdir(parents=True, mode=0o700)
    numbers = payload("oauth-02-after-message-rate-limits", now=time.time())["rate_limits"]
    world.line(in_repository(world, rate_limits=numbers))
    settled(world)
    assert marker.runs == ""
    assert bool(mine.runs) == installed_watches


@pytest.mark.parametrize("name", ["STATUSLINE_SECURITY_BIN", "STATUSLINE_CLAUDE_BIN"])
@pytest.mark.parametrize("with_address", [False, True])
def test_no_program_of_the_project_is_run(world: World, marker: Marker, name: str, with_address: bool) -> None:
    """One `env` block can set all of these variables."""
    (world.home / "repo").mkdir(exist_ok=True)
    world.extra[name] = str(marker.program)
    if with_address:
        world.extra["STATUSLINE_API_BASE"] = "http://127.0.0.1:9"
    if name == "STATUSLINE_CLAUDE_BIN":
        world.sign_in("sk-ant-oat01-CANARY")
        (world.home / ".local" / "bin" / "claude").unlink()
    given = in_repository(world)
    del given["version"]
    world.line(given)
    settled(world)
    assert world.kept(), "the job has run"
    assert marker.runs == ""


@pytest.mark.parametrize("name", ["STATUSLINE_LOG", "STATUSLINE_DEBUG"])
def test_only_logs_are_made(world: World, name: str) -> None:
    world.extra[name] = str(world.home / ".bash_profile")
    world.line(in_repository(world))
    settled(world)
    assert not (world.home / ".bash_profile").exists()


def test_a_shell_does_nothing_with_a_log(world: World, marker: Marker) -> None:
    installed(world, {"preset": "full"})
    log = world.home / "hudline.log"
    world.extra["STATUSLINE_LOG"] = str(log)
    for path in (f"{world.home}/'$({marker.program})/t.jsonl", f"{world.home}/\n{marker.program}\n\x1b]0;x\x07.jsonl"):
        world.line(in_repository(world, transcript_path=path, session_id=path))
        settled(world)
    text = log.read_text()
    assert str(marker.program) in text, "the test can fail"
    assert all(line.isprintable() and line.startswith("# ") for line in text.splitlines())
    subprocess.run(["sh", str(log)], check=True, capture_output=True)
    assert marker.runs == ""


@pytest.mark.parametrize("token", ["sk-ant-oat01-aB3FAKEzQ9", "sk-ant-oat01-aB3aB3", "FAKE"])
def test_a_real_token_is_not_sent_to_an_address_of_this_machine(world: World, token: str) -> None:
    world.sign_in(token)
    with Loopback(Answer()) as server:
        world.extra["STATUSLINE_API_BASE"] = server.base
        world.line(in_repository(world))
        settled(world)
        assert server.requests == []
    assert world.kept()["problem"] == "bad_base"


def in_folder(folder: Path, **changes: Any) -> dict[str, Any]:
    """Return the payload of a session that was started in a folder."""
    given = payload("oauth-01-startup", **changes)
    given["cwd"] = given["workspace"]["current_dir"] = given["workspace"]["project_dir"] = str(folder)
    return given


@pytest.fixture(params=["a subfolder", "a worktree in it", "a worktree beside it", "a submodule"])
def started_in(request: pytest.FixtureRequest, world: World) -> tuple[Path, Path]:
    """Return the folder of a session, and the checkout that it belongs to."""
    main = world.home / "repo"
    main.mkdir()
    return sessions_below(main)[request.param], main


def test_a_configuration_in_the_checkout_around_the_project_runs_nothing(
    world: World, started_in: tuple[Path, Path]
) -> None:
    folder, main = started_in
    marker = Marker(main / "tools")
    watch = {"watch": [{"at": [1], "command": str(marker.program)}]}
    (main / "c.json").write_text(json.dumps(programs(marker) | watch))
    world.extra["STATUSLINE_CONFIG"] = str(main / "c.json")
    numbers = payload("oauth-02-after-message-rate-limits", now=time.time())["rate_limits"]
    world.cache.mkdir(parents=True, mode=0o700)
    for _ in range(2):
        world.line(in_folder(folder, rate_limits=numbers))
        settled(world)
    assert marker.runs == ""


def test_nor_is_a_git_there_run(world: World, started_in: tuple[Path, Path]) -> None:
    folder, main = started_in
    marker = Marker(main / "tools")
    shutil.copy(marker.program, marker.program.with_name("git"))
    world.extra["PATH"] = f"{marker.program.parent}:/usr/bin:/bin"
    world.line(in_folder(folder))
    until(lambda: [*(world.cache / "git").glob("*.json")], seen=lambda: [*world.cache.rglob("*")])
    settled(world)
    assert marker.runs == ""


def test_nor_is_a_claude_in_the_project_or_around_it(world: World, started_in: tuple[Path, Path]) -> None:
    """For its version, without which no request is made."""
    folder, main = started_in
    marker = Marker(main / "tools")
    shutil.copy(marker.program, marker.program.with_name("claude"))
    world.sign_in()
    (world.home / ".local" / "bin" / "claude").unlink()
    (main / "home").mkdir()
    shutil.copytree(world.home / ".claude", main / "home" / ".claude")
    (main / "home" / ".local" / "bin").mkdir(parents=True)
    shutil.copy(marker.program, main / "home" / ".local" / "bin" / "claude")
    world.extra |= {"PATH": f"{marker.program.parent}:/usr/bin:/bin", "HOME": str(main / "home")}
    given = in_folder(folder)
    del given["version"]
    world.line(given)
    until(lambda: world.kept().get("problem"))
    settled(world)
    assert world.kept()["problem"] == "no_version"
    assert marker.runs == ""
    env = world.env | {"CLAUDE_PROJECT_DIR": str(folder), "HOME": str(world.home)}
    env["XDG_CACHE_HOME"] = str(world.home / "other")
    for words in (("refresh", "--force"), ("doctor",)):
        run_command(*words, env=env, cwd=folder)
        assert marker.runs == "", words


def test_the_users_own_commands_and_watches_find_no_program_there(world: World, started_in: tuple[Path, Path]) -> None:
    folder, main = started_in
    marker, mine = Marker(main / "tools"), Marker(world.home / "mine")
    shutil.copy(marker.program, marker.program.with_name("date"))
    shutil.copy(mine.program, mine.program.with_name("own"))
    command = f"date; echo ran >> {mine.file}; own"
    watch, run = {"at": [1], "command": command}, {"command": command, "every": 5}
    row = ["model", {"segment": "command", "name": "x"}]
    installed(world, {"watch": [watch], "commands": {"x": run}, "rows": [row]})
    world.extra["PATH"] = f"{main}/tools:tools:/proc/self/cwd/tools:{mine.program.parent}:/usr/bin:/bin"
    world.cache.mkdir(parents=True, mode=0o700)
    numbers = payload("oauth-02-after-message-rate-limits", now=time.time())["rate_limits"]
    world.line(in_folder(folder, rate_limits=numbers), cwd=folder)
    until(lambda: mine.runs.count("ran") == 3, seen=lambda: mine.runs)  # at two limits, and on the line
    settled(world)
    assert len(mine.runs.splitlines()) == 6
    assert marker.runs == ""
    env = world.env | {"CLAUDE_PROJECT_DIR": str(folder)}
    run_command("watch", "--try", env=env, cwd=folder)
    assert len(mine.runs.splitlines()) == 8
    assert marker.runs == ""


def behind_a_proxy(world: World, variable: str, path: str) -> TlsEndpoint:
    """Return the man in the middle that the environment names; his authority is in the repository and beside it."""
    folder = world.home / "repo"
    folder.mkdir(exist_ok=True)
    known = certificates(folder)
    shutil.copy(folder / "authority.pem", world.home / "company.pem")
    (world.home / "link.pem").symlink_to("repo/authority.pem")
    endpoint = TlsEndpoint(Way(sends(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}")), known)
    world.extra[variable] = path.format(world.home)
    world.sign_in()
    return endpoint


INSIDE = ["{}/repo/authority.pem", "{}/link.pem", "/proc/self/cwd{}/repo/authority.pem"]


@pytest.mark.parametrize(
    ("variable", "path", "is_sent"),
    [
        *(("SSL_CERT_FILE", path, False) for path in INSIDE),
        ("NODE_EXTRA_CA_CERTS", INSIDE[0], False),
        ("SSL_CERT_FILE", "{}/company.pem", True),
        ("NODE_EXTRA_CA_CERTS", "{}/company.pem", True),
    ],
)
def test_certificates_of_the_project_do_not_open_a_request(
    world: World, variable: str, path: str, is_sent: bool
) -> None:
    """With a proxy, which the `env` can name as well, they would give it the token."""
    with behind_a_proxy(world, variable, path) as endpoint:
        world.extra["HTTPS_PROXY"] = endpoint.proxy
        world.line(in_repository(world))
        until(lambda: endpoint.tunnels)
        settled(world)
        assert [TOKEN in each.decode() for each in endpoint.requests] == [True] * is_sent


@pytest.mark.parametrize(
    ("path", "is_sent"), [*((path, False) for path in INSIDE), ("authority.pem", False), ("{}/company.pem", True)]
)
def test_nor_in_a_command_that_the_session_runs(world: World, path: str, is_sent: bool) -> None:
    folder = world.home / "repo"
    with behind_a_proxy(world, "NODE_EXTRA_CA_CERTS", path) as endpoint:
        env = world.env | {"HTTPS_PROXY": endpoint.proxy, "CLAUDE_PROJECT_DIR": str(folder)}
        run_command("refresh", "--force", env=env, cwd=folder)
        assert endpoint.tunnels
        assert [TOKEN in each.decode() for each in endpoint.requests] == [True] * is_sent
        del env["CLAUDE_PROJECT_DIR"]
        if path == INSIDE[0]:
            run_command("refresh", "--force", env=env | {"STATUSLINE_CACHE_DIR": f"{world.home}/other"}, cwd=folder)
            assert len(endpoint.requests) == 1, "in a terminal the variable is the user's"


def plain_line(world: World, given: dict[str, Any], **env: str) -> str:
    """Return the row of the command ``statusline`` without arguments, for which nothing is installed."""
    folder = given["workspace"]["project_dir"]
    return run_command(env=world.env | env, cwd=Path(folder), stdin=json.dumps(given)).stdout


@pytest.mark.parametrize(
    ("variable", "path", "runs"),
    [
        ("STATUSLINE_CONFIG", "repo/hudline/config.json", False),
        ("XDG_CONFIG_HOME", "repo", False),
        ("STATUSLINE_CONFIG", "mine/hudline/config.json", True),
        ("XDG_CONFIG_HOME", "mine", True),
    ],
)
@pytest.mark.parametrize("is_told", [True, False])
def test_the_plain_command_trusts_no_configuration_of_the_project_either(
    world: World, marker: Marker, variable: str, path: str, runs: bool, is_told: bool
) -> None:
    """Also where Claude Code does not name the project in the environment."""
    for folder in ("repo", "mine"):
        file = world.home / folder / "hudline" / "config.json"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(json.dumps(programs(marker)))
    env = {variable: str(world.home / path), "XDG_CACHE_HOME": str(world.home / "caches")}
    env |= {"CLAUDE_PROJECT_DIR": str(world.home / "repo")} if is_told else {}
    for _ in range(2):
        assert "Opus" in plain_line(world, in_repository(world), **env)
        until(lambda: not running(world.home / "caches" / "hudline", "__main__.py"))
    assert bool(marker.runs) == runs


def test_nor_does_a_command_that_the_session_runs(world: World, marker: Marker) -> None:
    (world.home / "repo" / "c.json").write_text(json.dumps({"watch": [{"at": [1], "command": str(marker.program)}]}))
    world.sign_in()
    body = json.dumps({"five_hour": {"utilization": 99, "resets_at": time.time() + 3600}})
    with Loopback(Answer(body=body)) as server:
        env = world.env | {"STATUSLINE_API_BASE": server.base, "STATUSLINE_CONFIG": str(world.home / "repo" / "c.json")}
        for project in (world.home / "repo", world.home / "other"):
            assert marker.runs == ""
            given = env | {"CLAUDE_PROJECT_DIR": str(project), "STATUSLINE_CACHE_DIR": str(world.home / project.name)}
            tried = run_command("watch", "--try", env=given, cwd=world.home)
            assert (marker.runs == "") == (project.name == "repo"), tried
            marker.forget()
            world.extra["XDG_CACHE_HOME"] = str(world.home / f"cache-of-{project.name}")
            run_command("refresh", "--force", env=given | world.extra, cwd=world.home)
            assert (marker.runs == "") == (project.name == "repo")


@pytest.mark.parametrize("variable", ["STATUSLINE_CACHE_DIR", "XDG_CACHE_HOME"])
@pytest.mark.parametrize("is_told", [True, False])
def test_a_cache_of_the_project_is_not_believed(world: World, variable: str, is_told: bool) -> None:
    """It would pass its numbers off as live ones, and not know when the endpoint was asked."""
    world.extra["STATUSLINE_START"] = "off"
    for folder in ("repo", "mine"):
        keep(world.home / folder / "hudline", window("five_hour", 2.5 if folder == "repo" else 97))
    project, own = world.home / "repo", {"XDG_CACHE_HOME": str(world.home / "mine")}
    session = {"CLAUDE_PROJECT_DIR": str(project)} if is_told else {}
    below = "/hudline" if variable == "STATUSLINE_CACHE_DIR" else ""

    def shown(*words: str, folder: str, **env: str) -> str:
        env = world.env | own | {variable: f"{world.home}/{folder}{below}"} | env
        given = "" if words else json.dumps(in_repository(world))
        return run_command(*words, env=env, cwd=project, stdin=given).stdout

    assert "97%" in shown(folder="mine", **session)
    assert " 2%" not in shown(folder="repo", **session)
    if is_told and variable == "STATUSLINE_CACHE_DIR":
        for words in (("usage",), ("export",), ("prompt",), ("usage", "--all")):
            assert "97" in shown(*words, folder="mine", **session), words
            assert "97" in shown(*words, folder="repo", **session), words
            assert "97" not in shown(*words, folder="repo"), "in a terminal the variable is the user's"


def test_a_guard_does_not_believe_it_either(world: World) -> None:
    keep(world.home / "repo" / "cache", window("five_hour", 2.5))
    keep(world.cache, window("five_hour", 97))
    env = world.env | {"STATUSLINE_CACHE_DIR": str(world.home / "repo" / "cache")}
    words = ("guard", "--min-left", "50", "--window", "5h")
    assert run_command(*words, env=env, cwd=world.home).returncode == 0
    env["CLAUDE_PROJECT_DIR"] = str(world.home / "repo")
    assert run_command(*words, env=env, cwd=world.home).returncode == 1


def test_the_installed_line_does_not_either(world: World) -> None:
    keep(world.home / "repo" / "cache", window("five_hour", 2.5))
    keep(world.cache, window("five_hour", 97))
    world.extra["STATUSLINE_START"] = "off"
    (world.home / "link").symlink_to("repo")
    shutil.copytree(world.home / "repo" / "cache", world.home / "chosen")
    for path, percent in (("repo/cache", 97), ("link/cache", 97), ("chosen", 2)):
        world.extra["STATUSLINE_CACHE_DIR"] = f"{world.home}/{path}"
        assert f" {percent}%" in world.line(in_repository(world)), path


def test_a_cache_that_the_environment_names_is_used_where_the_message_names_no_folder(world: World) -> None:
    """Claude Code always names one; a script that tries the line may not."""
    keep(world.home / "mine" / "hudline", window("five_hour", 97))
    world.extra |= {"STATUSLINE_START": "off", "STATUSLINE_CACHE_DIR": str(world.home / "mine" / "hudline")}
    assert "97%" in world.line({"model": {"display_name": "Opus"}})


@pytest.mark.parametrize(("is_checkout", "percent"), [(False, 97), (True, 2)])
def test_home_may_hold_the_cache_where_it_is_the_project_but_no_checkout(
    world: World, is_checkout: bool, percent: int
) -> None:
    """As in a container, where the system knows another home; a repository that sets HOME to itself is a checkout."""
    keep(world.home / "chosen", window("five_hour", 97))
    keep(world.cache, window("five_hour", 2.5))
    if is_checkout:
        (world.home / ".git").mkdir()
    given = payload("oauth-01-startup", now=time.time())
    given["workspace"] |= {"project_dir": str(world.home), "current_dir": str(world.home)}
    given |= {"cwd": str(world.home)}
    given.pop("rate_limits", None)
    world.extra |= {"STATUSLINE_START": "off", "STATUSLINE_CACHE_DIR": str(world.home / "chosen")}
    assert f" {percent}%" in world.line(given)
