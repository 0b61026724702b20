"""The git job as its own process and as a function: what it keeps, how it spaces itself, what it imports."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from cache.jobs.git import LIMIT_S, collect, other_checkouts
from cache.model.entry import NOTHING_YET, Entry, entry_from, has_changed, is_due, read_entry
from cache.model.git_head import Repository, repository_of
from cache.model.jsonio import mapping
from cache.readings.snapshot import plain_name
from cache.refresh.runner import OTHERS_S, follow_up, refresh
from cache.sources.git.status import Status, read_status
from cache.work.request import Request
from statusline.claims import SLOT_S
from tests.support.git_checkouts import ENV, checkout, commit, git
from tests.support.paths import ROOT

NOW = 1_800_000_000.0


@pytest.fixture
def work(tmp_path: Path) -> Path:
    return checkout(tmp_path / "work", one="1\n")


def request(work: Path, **options: str) -> Request:
    return Request(
        "git",
        work.parent / "cache",
        Path(),
        env={"HOME": os.devnull, "PATH": ENV["PATH"]},
        options={"entry": "work", "root": str(work), "session": "s", "lines": "7"} | options,
    )


def test_what_is_found_is_kept_in_the_shape_that_the_line_reads(work: Path) -> None:
    git(work, "clone", "-q", "--bare", ".", "../bare")
    git(work, "remote", "add", "origin", "../bare")
    git(work, "push", "-q", "-u", "origin", "main")
    git(work, "fetch", "-q")
    commit(work, "ahead", one="2\n")
    (work / "new").write_text("x")
    outcome = refresh(request(work), clock=lambda: NOW)
    assert (outcome.state, outcome.problem) == ("refreshed", None)
    kept = json.loads((work.parent / "cache" / "git" / "work.json").read_text())
    value = kept["value"]
    assert 0 < value.pop("took_s") < 60
    assert abs(value.pop("fetched_at") - time.time()) < 600
    assert len(value.pop("environment")) == 16
    assert value == {
        "staged": 0,
        "modified": 0,
        "twice": 0,
        "untracked": 1,
        "conflicts": 0,
        "ahead": 1,
        "behind": 0,
        "stash": 0,
        "upstream": "origin/main",
        "branch": "main",
        "cut": False,
        "lines": {"s": 7},
        "root": str(work),
        "asked_at": NOW,
        "every": "",
    }
    assert kept["fetched_at"] == NOW
    assert NOW + 60 <= kept["due_at"] < NOW + 600


def test_a_change_of_head_or_index_makes_it_due(work: Path) -> None:
    entry, _ = collect(request(work), NOTHING_YET, NOW)
    assert not is_due(entry, NOW + 59)
    assert is_due(entry, NOW + 3600)
    assert not has_changed(entry)
    (work / "one").write_text("changed\n")
    assert not has_changed(entry)
    git(work, "add", "one")
    assert has_changed(entry)
    entry, _ = collect(request(work), entry, NOW)
    git(work, "checkout", "-q", "-b", "other")
    assert has_changed(entry)


def kept(entry: Entry) -> Entry:
    """Return an entry as a tick reads it, which looks at a few files only."""
    return entry_from(entry.as_json())


def test_a_push_and_a_fetch_are_noticed_at_once(work: Path) -> None:
    there = work.parent / "there.git"
    git(work, "init", "-q", "--bare", str(there))
    git(work, "remote", "add", "origin", str(there))
    git(work, "push", "-q", "-u", "origin", "HEAD")
    commit(work, "more", one="5\n")
    entry = kept(collect(request(work), NOTHING_YET, NOW)[0])
    assert mapping(entry.value)["ahead"] == 1
    git(work, "push", "-q")
    assert has_changed(entry)
    entry = kept(collect(request(work), entry, NOW)[0])
    assert mapping(entry.value)["ahead"] == 0
    assert not has_changed(entry)
    git(work, "pack-refs", "--all")
    entry = kept(collect(request(work), entry, NOW)[0])
    commit(work, "again", one="6\n")
    entry = kept(collect(request(work), entry, NOW)[0])
    git(work, "push", "-q")
    assert has_changed(entry)


@pytest.mark.parametrize("reflogs", ["true", "false"])
@pytest.mark.parametrize("place", ["work", "side"])
def test_a_commit_that_leaves_the_index_as_it_is_is_noticed(work: Path, place: str, reflogs: str) -> None:
    git(work, "config", "core.logAllRefUpdates", reflogs)
    git(work, "worktree", "add", "-q", "-b", "feat/größe", "../side")
    at = work.parent / place
    commit(at, "second", one="5\n")
    git(work, "init", "-q", "--bare", "../there.git")
    git(work, "remote", "add", "origin", "../there.git")
    git(at, "push", "-q", "-u", "origin", "HEAD")
    for change, ahead, behind in (
        ("commit -q --amend -m better", 1, 1),
        ("reset -q --soft HEAD~1", 0, 1),
        ("commit -q -m again", 1, 1),
        ("pack-refs --all", 1, 1),
        ("commit -q --allow-empty -m empty", 2, 1),
    ):
        entry = kept(collect(request(at), NOTHING_YET, NOW)[0])
        assert not has_changed(entry)
        git(at, *change.split())
        assert has_changed(entry), change
        value = mapping(collect(request(at), entry, NOW)[0].value)
        assert (value["ahead"], value["behind"]) == (ahead, behind), change
    entry = kept(collect(request(at), entry, NOW)[0])
    git(at, "push", "-q", "-f")
    assert has_changed(entry), "a tick looks at the upstream, too"


def test_a_commit_without_a_branch_is_noticed(work: Path) -> None:
    git(work, "checkout", "-q", "--detach")
    entry = kept(collect(request(work), NOTHING_YET, NOW)[0])
    git(work, "commit", "-q", "--allow-empty", "-m", "empty")
    assert has_changed(entry)


@pytest.mark.parametrize("place", ["work", "side"])
def test_a_stash_that_is_dropped_is_noticed(work: Path, place: str) -> None:
    git(work, "worktree", "add", "-q", "../side")
    for text in ("a", "b", "c"):
        (work / "one").write_text(text)
        git(work, "stash")
    for dropped in ("1", "0", "0"):
        entry = kept(collect(request(work.parent / place), NOTHING_YET, NOW)[0])
        assert not has_changed(entry)
        git(work, "stash", "drop", "-q", dropped)
        assert has_changed(entry)
    assert mapping(collect(request(work.parent / place), entry, NOW)[0].value)["stash"] == 0


def test_a_push_and_a_fetch_in_a_linked_worktree_are_noticed_at_once(work: Path) -> None:
    git(work, "init", "-q", "--bare", "../there.git")
    git(work, "remote", "add", "origin", "../there.git")
    git(work, "worktree", "add", "-q", "../side")
    side = work.parent / "side"
    git(side, "push", "-q", "-u", "origin", "side")
    commit(side, "more", one="5\n")
    entry = kept(collect(request(side), NOTHING_YET, NOW)[0])
    git(side, "push", "-q")
    assert has_changed(entry)
    git(side, "pack-refs", "--all")
    git(work, "clone", "-q", "-b", "side", "../there.git", "../another")
    commit(work.parent / "another", "theirs", one="6\n")
    git(work.parent / "another", "push", "-q")
    entry = kept(collect(request(side), entry, NOW)[0])
    git(side, "fetch", "-q")
    assert has_changed(entry)
    entry = kept(collect(request(side), entry, NOW)[0])
    assert not has_changed(entry)
    assert mapping(entry.value)["behind"] == 1


@pytest.mark.parametrize("packed", [False, True])
def test_a_commit_on_the_branch_that_is_the_upstream_is_noticed(work: Path, *, packed: bool) -> None:
    git(work, "worktree", "add", "-q", "--track", "-b", "side", "../side", "main")
    side = work.parent / "side"
    if packed:
        git(work, "pack-refs", "--all")
    entry = kept(collect(request(side), NOTHING_YET, NOW)[0])
    assert (mapping(entry.value)["upstream"], mapping(entry.value)["behind"]) == ("main", 0)
    commit(work, "more", one="5\n")
    assert has_changed(entry)


def test_a_push_while_git_works_is_noticed(work: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    git(work, "init", "-q", "--bare", "../there.git")
    git(work, "remote", "add", "origin", "../there.git")
    git(work, "push", "-q", "-u", "origin", "main")
    commit(work, "more", one="5\n")
    entry = kept(collect(request(work), NOTHING_YET, NOW)[0])

    def read_then_push(*args: Any, **options: Any) -> Status:
        status = read_status(*args, **options)
        git(work, "push", "-q")
        return status

    monkeypatch.setattr("cache.jobs.git.read_status", read_then_push)
    entry = kept(collect(request(work), entry, NOW)[0])
    assert mapping(entry.value)["ahead"] == 1
    assert has_changed(entry)


def test_a_repository_in_the_reftable_format_is_watched_by_its_tables(work: Path) -> None:
    tables = work / ".git" / "reftable" / "tables.list"
    tables.parent.mkdir()
    tables.write_text("one\n")
    (work / ".git" / "HEAD").write_text("ref: refs/heads/.invalid\n")
    entry = kept(collect(request(work), NOTHING_YET, NOW)[0])
    tables.write_text("one\ntwo\n")
    assert has_changed(entry)


def test_a_linked_worktree_in_the_reftable_format_is_watched_by_its_own_tables_and_the_shared_ones(work: Path) -> None:
    git(work, "worktree", "add", "-q", "../side")
    side, own = work.parent / "side", work / ".git" / "worktrees" / "side"
    for folder in (work / ".git", own):
        (folder / "reftable").mkdir()
        (folder / "reftable" / "tables.list").write_text("one\n")
    (own / "HEAD").write_text("ref: refs/heads/.invalid\n")
    for folder in (work / ".git", own):
        entry = kept(collect(request(side), NOTHING_YET, NOW)[0])
        assert not has_changed(entry)
        (folder / "reftable" / "tables.list").write_text("one\ntwo\n")
        assert has_changed(entry)


def test_a_linked_worktree_is_watched_by_its_own_files(work: Path) -> None:
    git(work, "worktree", "add", "-q", "../side")
    side = work.parent / "side"
    entry, _ = collect(request(side, root=str(side)), NOTHING_YET, NOW)
    commit(work, "elsewhere", one="3\n")
    assert not has_changed(entry)
    commit(side, "here", one="4\n")
    assert has_changed(entry)


def test_the_longer_nothing_changes_the_longer_it_waits(work: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("cache.jobs.git.SHARE", 0)  # however slow git is here
    entry, now = NOTHING_YET, int(NOW)

    def waits(count: int, **options: str) -> Iterator[int]:
        nonlocal entry, now
        for _ in range(count):
            entry, _ = collect(request(work, **options), entry_from(entry.as_json()), now)
            yield entry.due_at - now
            now = entry.due_at

    assert [*waits(5)] == [60, 120, 180, 180, 180]
    (work / "one").write_text("changed\n")
    assert [*waits(2)] == [60, 120]
    git(work, "checkout", "-q", "-b", "other")
    assert [*waits(2)] == [60, 120]
    assert [*waits(2, changed="yes", lines="9")] == [60, 60]
    assert [*waits(2, every="10")] == [50, 50], "five times as long at most"
    assert [*waits(3, every="600")] == [600, 720, 720], "the line shows a value for 300 s after it is due"


def test_many_other_checkouts_are_checked_less_often_each(work: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("cache.jobs.git.SHARE", 0)
    folder = work.parent / "cache" / "git"
    folder.mkdir(parents=True)
    for number in range(30):
        (folder / f"{number}.json").touch()
        at = NOW - (60 if number < 20 else 4000)  # ten have not been in use for an hour
        os.utime(folder / f"{number}.json", (at, at))
        (folder / f"{number}.start").touch()
    entry, now, waits = NOTHING_YET, int(NOW), []
    for _ in range(7):
        entry, _ = collect(request(work), entry_from(entry.as_json()), now)
        waits.append(entry.due_at - now)
        now = entry.due_at
    assert waits == [60, 120, 240, 480, 607, 607, 607]
    (work / "one").write_text("changed\n")
    entry, _ = collect(request(work), entry_from(entry.as_json()), now)
    assert entry.due_at == now + 60


def test_a_look_before_its_time_does_not_make_the_wait_longer_than_nothing_has_changed(
    work: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("cache.jobs.git.SHARE", 0)
    entry, now = NOTHING_YET, int(NOW)
    for ahead_s, wait_s in ((0, 60), (60, 120), (60, 120), (70, 140), (9999, 180)):
        now += ahead_s
        entry, _ = collect(request(work), entry, now)
        assert entry.due_at - now == wait_s, ahead_s


class Checkouts:
    """Some unchanged checkouts that ticks have asked for, and the refresher's clock."""

    def __init__(self, work: Path, names: Sequence[str]) -> None:
        self.work, self.now = work, NOW
        self.roots = {name: checkout(work.parent / "many" / name, one="1\n") for name in names}
        for _ in range(3):  # after waits of 60 s and 120 s
            for name in names:
                self.ask(name)
            self.now += 100

    def request(self, name: str, **options: str) -> Request:
        root = self.roots[name]
        return request(self.work, entry=plain_name(str(root)), root=str(root), **options)

    def ask(self, name: str) -> None:
        asked = replace(self.request(name), force=True)
        assert refresh(asked, lambda: self.now).problem is None

    def entry(self, name: str) -> Entry:
        return read_entry(str(self.request(name).entry_file))

    def checked(self, name: str, **env: str) -> str:
        """Run the job for a checkout; return the names of all that it checked."""
        asked = replace(self.request(name, changed="yes"), env={**request(self.work).env, **env})
        follow_up(asked, refresh(asked, lambda: self.now), lambda: self.now)
        return "".join(each for each in self.roots if self.entry(each).fetched_at == self.now)


@pytest.fixture
def checkouts(work: Path, monkeypatch: pytest.MonkeyPatch) -> Checkouts:
    monkeypatch.setattr("cache.jobs.git.SHARE", 0)
    monkeypatch.setattr("cache.refresh.runner.limit", lambda _: None)  # it would end the tests
    return Checkouts(work, "abcd")


def test_one_process_checks_all_other_checkouts_when_half_of_their_wait_is_over(checkouts: Checkouts) -> None:
    waits = {checkouts.entry(name).due_at - checkouts.entry(name).fetched_at for name in "abcd"}
    assert waits == {180}
    checkouts.now -= 20  # 80 s after the last look
    assert checkouts.checked("a") == "a"
    (checkouts.roots["b"] / "new").write_text("x")
    checkouts.now += 10
    assert checkouts.checked("a") == "abcd"
    assert mapping(checkouts.entry("b").value)["untracked"] == 1
    assert mapping(checkouts.entry("b").value)["lines"] == {"s": 7}, "what the sessions had changed is left as it was"
    assert not is_due(checkouts.entry("b"), checkouts.now + 59)
    assert is_due(checkouts.entry("b"), checkouts.now + 60), "something has changed there"
    checkouts.now += 49
    assert checkouts.checked("a") == "a", "b is no longer quiet"
    checkouts.now += 1
    assert checkouts.checked("a") == "ab", "and due in ten seconds"


def test_a_checkout_that_no_tick_has_asked_for_in_an_hour_is_left_alone(checkouts: Checkouts) -> None:
    for _ in range(11):
        checkouts.now += 300
        checkouts.ask("c")
        assert checkouts.checked("a") == "abcd"
    checkouts.now += 300
    assert checkouts.checked("a") == "ac"


def test_only_checkouts_asked_for_in_the_same_way_are_checked_together(checkouts: Checkouts) -> None:
    checkouts.now += 300
    assert checkouts.checked("a", PATH=f"/nowhere:{ENV['PATH']}") == "a"
    assert checkouts.checked("a", GIT_CONFIG_GLOBAL="/dev/null") == "a"
    checkouts.now += 300
    file = checkouts.request("c").entry_file
    moved = file.rename(file.with_name("elsewhere.json"))  # a name that ticks give where GIT_DIR is set
    content = moved.read_bytes()
    assert checkouts.checked("b") == "bd"
    assert moved.read_bytes() == content


def test_a_checkout_with_a_short_wait_is_not_checked_at_every_occasion(checkouts: Checkouts) -> None:
    checkouts.now += 300
    refresh(replace(checkouts.request("b", every="10", changed="yes")), lambda: checkouts.now)
    checkouts.now += 4
    assert checkouts.checked("a") == "acd"
    checkouts.now += 1
    assert checkouts.checked("a") == "ab"


def test_an_entry_from_the_future_or_after_a_failure_is_not_quiet(checkouts: Checkouts) -> None:
    file = checkouts.request("b").entry_file
    kept = json.loads(file.read_text())
    checkouts.now += 300
    for change in ({"problem": "overdue"}, {"value": {**kept["value"], "asked_at": checkouts.now + 100}}, {}):
        file.write_text(json.dumps({**kept, **change}))
        assert ("b" in checkouts.checked("a")) is not bool(change), change


@pytest.mark.parametrize(
    "odd",
    [
        {"value": {"every": "9" * 5000}},
        {"value": {"every": "٣" * 5000}},
        {"value": {"every": 60, "root": 7, "asked_at": "now", "took_s": "long"}},
        {"value": {"took_s": 1e308, "asked_at": 1e308}},
        {"value": {"root": "/\ud800"}},
        {"value": {"root": "/a\0b"}},
        {"fetched_at": -1e308, "due_at": 1e308},
        {"fetched_at": 1e308, "due_at": -1e308},
    ],
)
def test_a_malformed_entry_does_not_keep_the_others_from_being_checked(
    checkouts: Checkouts, odd: dict[str, Any]
) -> None:
    checkouts.now += 300
    entry = json.loads(checkouts.request("b").entry_file.read_text())
    entry["value"] |= {"root": "/zz", **odd.pop("value", {})}
    root = entry["value"]["root"]
    name = plain_name(root) if isinstance(root, str) else "zz"
    checkouts.request("b").entry_file.with_name(f"{name}.json").write_text(json.dumps({**entry, **odd}))
    assert checkouts.checked("a") == "abcd"
    checkouts.now += 300
    assert checkouts.checked("a") == "abcd"


@pytest.mark.parametrize("text", ["9" * 5000, "9" * 21, "x", ""])
def test_an_option_that_is_no_number_of_a_tick_is_like_none(work: Path, text: str) -> None:
    entry, failure = collect(request(work, every=text, lines=text), NOTHING_YET, NOW)
    assert failure is None
    assert (entry.due_at, mapping(entry.value)["lines"]) == (NOW + 60, {"s": 0})


def test_two_environments_in_one_checkout_do_not_make_it_look_changed(checkouts: Checkouts) -> None:
    asked, entry = checkouts.request("a"), checkouts.entry("a")
    for path, wait_s in ((f"/nowhere:{ENV['PATH']}", 180), (ENV["PATH"], 180)):
        entry, _ = collect(replace(asked, env={**asked.env, "PATH": path}), entry, entry.due_at)
        assert entry.due_at - entry.fetched_at == wait_s


def test_a_checkout_is_checked_as_often_as_its_own_session_wants(checkouts: Checkouts) -> None:
    asked = replace(checkouts.request("b", every="900"), force=True)
    refresh(asked, lambda: checkouts.now)
    checkouts.now += 800
    assert "b" not in checkouts.checked("a", PATH=ENV["PATH"])
    refresh(asked, lambda: checkouts.now)  # 1020 s, as it is quiet
    checkouts.now += 1000
    assert "b" in checkouts.checked("a")
    assert checkouts.entry("b").due_at - checkouts.entry("b").fetched_at == 1020


@pytest.mark.parametrize("within_another", [False, True])
def test_a_checkout_that_is_gone_is_left_to_its_own_ticks(checkouts: Checkouts, *, within_another: bool) -> None:
    if within_another:
        git(checkouts.work.parent, "init", "-q")
    checkouts.now += 300
    for name in "bc":
        (checkouts.roots[name] / ".git").rename(checkouts.roots[name] / "gone")
    before = checkouts.entry("b")
    assert checkouts.checked("a") == "ad"
    (checkouts.roots["b"] / "gone").rename(checkouts.roots["b"] / ".git")
    after = checkouts.entry("b")
    assert (after.fetched_at, after.due_at, after.problem) == (before.fetched_at, before.due_at, None)
    checkouts.now += 100
    assert checkouts.checked("a") == "ad"
    checkouts.ask("b")
    checkouts.now += 100
    assert checkouts.checked("a") == "abd"


def test_a_checkout_that_hangs_is_tried_once(checkouts: Checkouts, monkeypatch: pytest.MonkeyPatch) -> None:
    class KilledError(BaseException):
        """Stands for the end of the process."""

    def hang(directory: str, read: Callable[[str], str]) -> Repository | None:
        if directory == str(checkouts.roots["b"]):
            raise KilledError
        return repository_of(directory, read)

    monkeypatch.setattr("cache.jobs.git.repository_of", hang)
    checkouts.now += 300
    with pytest.raises(KilledError):
        checkouts.checked("a")
    assert checkouts.checked("a") == "acd"


def test_a_checkout_that_another_process_has_checked_is_left_alone(checkouts: Checkouts) -> None:
    checkouts.now += 300
    found = other_checkouts(checkouts.request("a"), checkouts.now)
    (further,) = [each for each in found if each.options["root"].endswith("/b")]
    (checkouts.roots["b"] / "new").write_text("x")
    checkouts.ask("b")
    kept = further.entry_file.read_bytes()
    refresh(further, lambda: checkouts.now + 1)
    assert further.entry_file.read_bytes() == kept


def test_a_checkout_whose_own_check_has_failed_meanwhile_keeps_its_failure(checkouts: Checkouts) -> None:
    checkouts.now += 300
    found = other_checkouts(checkouts.request("a"), checkouts.now)
    (further,) = [each for each in found if each.options["root"].endswith("/b")]
    index = checkouts.roots["b"] / ".git" / "index"
    content = index.read_bytes()
    index.write_bytes(b"nonsense")
    assert refresh(checkouts.request("b", changed="yes"), lambda: checkouts.now).problem == "git_refused"
    index.write_bytes(content)
    refresh(further, lambda: checkouts.now + 1)
    assert (checkouts.entry("b").problem, checkouts.entry("b").failures) == ("git_refused", 1)


def test_after_a_failure_no_other_checkout_is_checked(checkouts: Checkouts) -> None:
    checkouts.now += 300
    (checkouts.roots["a"] / ".git" / "index").write_bytes(b"nonsense")
    assert checkouts.checked("a") == ""


def test_each_checkout_has_its_own_time_limit(checkouts: Checkouts, monkeypatch: pytest.MonkeyPatch) -> None:
    limits: list[float] = []
    monkeypatch.setattr("cache.refresh.runner.limit", limits.append)
    checkouts.now += 300
    assert checkouts.checked("a") == "abcd"
    assert limits == [LIMIT_S] * 3
    assert OTHERS_S + LIMIT_S < SLOT_S, "the slot is renewed before the first of them"


def test_a_slow_checkout_is_checked_together_with_others_no_sooner_than_by_itself(
    checkouts: Checkouts, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("cache.jobs.git.SHARE", 60)
    file = checkouts.request("b").entry_file
    for took_s, wait_s, checked in ((0.1, 200, "ab"), (3, 180, "ab"), (3, 181, "a"), (3, 200, "a"), (3, 400, "ab")):
        kept = json.loads(file.read_text())
        kept |= {"fetched_at": checkouts.now - 170 if wait_s < 400 else checkouts.now - 200}
        kept["due_at"], kept["value"]["took_s"] = kept["fetched_at"] + wait_s, took_s
        file.write_text(json.dumps(kept))
        assert set(checkouts.checked("a")) & set("ab") == set(checked), (took_s, wait_s)
        checkouts.now += 1


def test_checking_others_ends_when_time_is_up(checkouts: Checkouts, monkeypatch: pytest.MonkeyPatch) -> None:
    checkouts.now += 300
    monkeypatch.setattr("cache.refresh.runner.OTHERS_S", 0)
    assert checkouts.checked("a") == "a"


def test_a_checkout_with_an_odd_name_is_checked_like_any_other(work: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("cache.jobs.git.SHARE", 0)
    monkeypatch.setattr("cache.refresh.runner.limit", lambda _: None)
    names = ["a", "\n'$(x)", "äö", os.fsdecode(b"\xff") if sys.platform == "linux" else "x", "long" * 60]
    checkouts = Checkouts(work, names)
    checkouts.now += 300
    assert checkouts.checked("a") == "".join(names)


def test_the_entry_of_the_only_checkout_does_not_make_its_waits_longer(
    work: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("cache.jobs.git.SHARE", 0)
    folder = work.parent / "cache" / "git"
    folder.mkdir(parents=True)
    (folder / "work.json").touch()
    os.utime(folder / "work.json", (NOW, NOW))
    entry, now, waits = NOTHING_YET, int(NOW), []
    for _ in range(4):
        entry, _ = collect(request(work, every="10"), entry_from(entry.as_json()), now)
        waits.append(entry.due_at - now)
        now = entry.due_at
    assert waits == [10, 20, 40, 50], "five times as long at most"


def test_the_person_may_want_it_less_often(work: Path) -> None:
    entry, _ = collect(request(work, every="600"), NOTHING_YET, NOW)
    assert entry.due_at == NOW + 600
    entry, _ = collect(request(work, every="86400"), NOTHING_YET, NOW)
    assert not is_due(entry, NOW + 7000), "no appointment is so far ahead that it looks like a clock gone wrong"


def test_the_lines_of_the_last_sessions_are_remembered(work: Path) -> None:
    entry = NOTHING_YET
    for number in range(12):
        entry, _ = collect(request(work, session=f"s{number}", lines=str(number)), entry, NOW)
    entry, _ = collect(request(work, session="s7", lines="x"), entry, NOW)
    assert entry.value is not None
    assert entry.value["lines"] == {f"s{n}": n for n in (4, 5, 6, 8, 9, 10, 11)} | {"s7": 0}


def slow_git(folder: Path, *, only_untracked: bool = False) -> str:
    """Return a PATH whose git takes for ever, or only where it is to look for untracked files."""
    folder.mkdir()
    slow = 'case "$*" in *--untracked-files=no*) ;; *" status "*) sleep 60;; esac' if only_untracked else "sleep 60"
    (folder / "git").write_text(f'#!/bin/sh\n{slow}\nPATH={ENV["PATH"]}\nexec git "$@"\n')
    (folder / "git").chmod(0o755)
    return f"{folder}:{ENV['PATH']}"


def test_where_looking_for_new_files_takes_too_long_it_is_left_out_for_an_hour(work: Path) -> None:
    asked = request(work)
    asked = Request(
        asked.job,
        asked.cache,
        asked.config,
        {**asked.env, "PATH": slow_git(work.parent / "bin", only_untracked=True)},
        asked.options,
    )
    (work / "one").write_text("changed\n")
    entry, failure = collect(asked, NOTHING_YET, NOW)
    assert failure is not None
    assert (failure.name, entry.due_at) == ("overdue", NOW + 60)
    entry, failure = collect(asked, entry, NOW + 60)
    assert failure is None
    assert entry.value is not None
    assert (entry.value["modified"], entry.value["untracked"]) == (1, None)
    for at in (NOW + 3700, NOW - 90_000):  # an hour is over, or the clock was set back
        later, failure = collect(request(work), entry, at)
        assert later.value is not None
        assert (failure, later.value["untracked"]) == (None, 0)


def test_a_slow_checkout_is_remembered_and_asked_less_often(work: Path) -> None:
    asked = request(work)
    asked = Request(
        asked.job, asked.cache, asked.config, {**asked.env, "PATH": slow_git(work.parent / "bin")}, asked.options
    )
    known = Entry({"modified": 3, "untracked_again_at": int(NOW) + 3000}, int(NOW) - 100, 0)
    entry, failure = collect(asked, known, NOW)
    assert failure is not None
    assert (entry.problem, entry.failures, entry.fetched_at) == ("overdue", 1, NOW - 100)
    assert entry.due_at >= NOW + 300
    assert entry.value is not None
    assert (entry.value["modified"], entry.value["took_s"]) == (3, 5.0)


def test_what_git_refuses_is_settled_until_something_changes(work: Path) -> None:
    (work / ".git" / "index").write_bytes(b"nonsense")
    entry, failure = collect(request(work), NOTHING_YET, NOW)
    assert failure is not None
    assert (entry.problem, entry.due_at) == ("git_refused", NOW + 300)
    (work / ".git" / "index").unlink()
    assert has_changed(entry)
    entry, failure = collect(request(work, root=str(work.parent)), NOTHING_YET, NOW)
    assert failure is not None
    assert entry.problem == "git_refused"


@pytest.mark.parametrize("name", ["", "../usage", "a/b", ".hidden", "x" * 300, "a\nb"])
def test_an_entry_is_only_where_entries_are(work: Path, name: str) -> None:
    outcome = refresh(request(work, entry=name))
    assert (outcome.state, outcome.problem) == ("failed", "unwritable")
    assert not (work.parent / "cache").exists()


LOADED = """
import runpy, sys
sys.argv = sys.argv[1:]
import os
leave, os._exit = os._exit, lambda code: (print(code, *sorted(sys.modules)), sys.stdout.flush(), leave(0))
runpy.run_path(sys.argv[0], run_name="__main__")
"""


@pytest.mark.parametrize("job", ["git", "activity", "command"])
def test_these_jobs_load_no_libraries_of_other_jobs(work: Path, job: str) -> None:
    transcript = work / "transcript.jsonl"
    transcript.write_text('{"type":"user","message":{"content":"hello"}}\n')
    options = {"entry": "x", "root": str(work), "transcript": str(transcript), "cache": str(work.parent / "cache")}
    given: Any = json.dumps({"command": "echo said", "directory": str(work), "payload": {}, "environment": {}}).encode()
    done = subprocess.run(
        [sys.executable, "-I", "-c", LOADED, str(ROOT / "cache" / "__main__.py"), job]
        + [word for name, value in options.items() for word in (f"--{name}", value)],
        input=given,
        capture_output=True,
        env={"HOME": str(work), "PATH": ENV["PATH"]},
        check=True,
    )
    code, *loaded = done.stdout.decode().split()
    assert (code, done.stderr) == ("0", b"")
    assert "cache.refresh.runner" in loaded
    locks = [sys.executable, "-I", "-c", "import filelock, sys; print(*sys.modules)"]  # brings asyncio before 3.11
    known = set(subprocess.run(locks, capture_output=True, text=True, check=True).stdout.split())
    assert not {"httpx", "httpcore", "msgspec", "sqlite3", "ssl", "anyio"} & (set(loaded) - known)
