"""The scan of transcripts reads each byte once and counts each answer once, whatever happens to the files."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from itertools import count
from pathlib import Path

import pytest

from cache.sources.transcripts.index import open_index
from cache.sources.transcripts.line_reader import CHUNK, EDGE, LONGEST
from cache.sources.transcripts.scan import Scan, newest_first, roots_of, scan
from cache.sources.transcripts.totals import Totals, totals_between
from tests.bench.transcripts import all_slices, append_lines, disturb, totals_agree
from tests.support.paths import ROOT
from tests.support.transcript_writer import NOW, answer_line, line, naive_totals, user_line, write_transcripts
from tests.support.unprivileged import DROP

DAY = 86400


class Machine:
    """A projects folder and its index."""

    def __init__(self, folder: Path) -> None:
        self.projects, self.index = folder / "projects", folder / "transcripts.sqlite3"
        self.projects.mkdir()

    def write(self, name: str, *lines: bytes) -> Path:
        """Append to a transcript, making it and its folders."""
        path = self.projects / name
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("ab") as file:
            file.writelines(lines)
        return path

    def scan(self, looks: int | None = None, now: float = NOW) -> Scan:
        """Scan, to the end or until the clock has been looked at so many times."""
        ticks = count()
        with open_index(self.index) as store:
            return scan(store, [self.projects], now=now, budget_s=looks or 10**9, clock=lambda: next(ticks))

    def totals(self, start: float = 0, end: float = 1e12) -> Totals:
        """Return what the index adds up to."""
        with open_index(self.index) as store:
            return totals_between(store, start, end)

    def answers(self) -> int:
        """Scan to the end and return how many answers count."""
        assert self.scan().finished
        return self.totals().answers


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    return Machine(tmp_path)


def same(ours: Totals, naive: Totals) -> bool:
    return ours[:2] == naive[:2] and ours.dollars == pytest.approx(naive.dollars, rel=1e-9)


# --- which answers count -----------------------------------------------------------------------------------------


def test_an_answer_of_several_lines_counts_once_with_its_largest_usage(machine: Machine) -> None:
    machine.write("p/s.jsonl", *[answer_line("m1", "r1", NOW - 60, output=n) for n in (10, 400, 30)])
    assert machine.answers() == 1
    assert machine.totals().tokens == 100 + 25 + 1000 + 400


def test_an_answer_that_grows_in_a_later_refresh_counts_once(machine: Machine) -> None:
    machine.write("p/s.jsonl", answer_line("m1", "r1", NOW - 60, output=10))
    assert machine.answers() == 1
    machine.write("p/s.jsonl", answer_line("m1", "r1", NOW - 50, output=500))
    assert machine.answers() == 1
    assert machine.totals().tokens == 1625


@pytest.mark.parametrize("parent_first", [True, False])
def test_a_side_chain_replay_under_another_request_keeps_the_parents(machine: Machine, parent_first: bool) -> None:
    parent = answer_line("m1", "r1", NOW - 60, output=40)
    replay = answer_line("m1", "r2", NOW - 30, output=900, side=True)
    for number, each in enumerate((parent, replay) if parent_first else (replay, parent)):
        machine.write(f"p/s{number}.jsonl", each)
        machine.scan()
    assert (machine.answers(), machine.totals().tokens) == (1, 1165)


def test_side_chain_answers_without_a_parent_count_once_each(machine: Machine) -> None:
    machine.write("p/s1/subagents/agent-1.jsonl", answer_line("m1", "r1", NOW - 60, side=True, output=1))
    machine.write("p/s1/subagents/agent-2.jsonl", answer_line("m1", "r2", NOW - 60, side=True, output=2))
    machine.write("p/s1/subagents/agent-2.jsonl", answer_line("m2", "r3", NOW - 60, side=True, output=2))
    assert (machine.answers(), machine.totals().tokens) == (2, 2 * 1127)


def test_a_fork_that_repeats_lines_in_another_file_adds_nothing(machine: Machine) -> None:
    lines = [answer_line(f"m{n}", f"r{n}", NOW - 60) for n in range(5)]
    machine.write("p/s1.jsonl", *lines)
    assert machine.answers() == 5
    machine.write("p/s2.jsonl", *lines, answer_line("m9", "r9", NOW - 9))
    assert machine.answers() == 6


def test_two_requests_of_the_main_chain_count_as_two(machine: Machine) -> None:
    machine.write("p/s.jsonl", answer_line("m1", "r1", NOW - 60), answer_line("m1", "r2", NOW - 60))
    assert machine.answers() == 2


@pytest.mark.parametrize("one_file", [True, False])
@pytest.mark.parametrize("named_first", [True, False])
def test_an_answer_with_and_without_its_request_counts_once(
    machine: Machine, one_file: bool, named_first: bool
) -> None:
    lines = [answer_line("m1", "r1", NOW - 60, output=10), answer_line("m1", None, NOW - 60, output=40)]
    for number, each in enumerate(lines if named_first else lines[::-1]):
        machine.write("p/s.jsonl" if one_file else f"p/s{number}.jsonl", each)
        machine.scan()
    assert (machine.answers(), machine.totals().tokens) == (1, 1165)
    machine.write("p/t.jsonl", answer_line("m1", "r2", NOW - 60, output=20))
    assert (machine.answers(), machine.totals().tokens) == (2, 1165 + 1135), "it is the larger one of the two"


def test_a_replay_without_a_request_counts_neither_beside_its_parent_nor_instead(machine: Machine) -> None:
    machine.write("p/s.jsonl", answer_line("m1", "r1", NOW - 60, output=10))
    machine.write("p/s/subagents/a.jsonl", answer_line("m1", None, NOW - 60, output=90, side=True))
    machine.write("p/t.jsonl", answer_line("m2", None, NOW - 60, output=10))
    machine.write("p/t/subagents/a.jsonl", answer_line("m2", "r2", NOW - 60, output=90, side=True))
    assert (machine.answers(), machine.totals().tokens) == (2, 2 * 1135)


def test_made_up_answers_errors_fast_mode_and_tool_results_do_not_count(machine: Machine) -> None:
    fast: dict[str, object] = {"input_tokens": 5, "output_tokens": 5, "speed": "fast"}
    machine.write(
        "p/s.jsonl",
        answer_line("m1", "r1", NOW - 60, model="<synthetic>"),
        answer_line("m2", "r2", NOW - 60, error=True),
        answer_line("m3", "r3", NOW - 60, usage=fast),
        user_line(NOW - 60, "hello"),
        line({"type": "assistant", "timestamp": "now", "message": {"id": "m4", "model": "x", "usage": {}}}),
        answer_line("m5", "r5", NOW - 60),
    )
    assert machine.answers() == 1


def test_odd_numbers_and_shapes_are_skipped_or_count_as_zero(machine: Machine) -> None:
    odd: dict[str, object] = {"input_tokens": -5, "output_tokens": "many", "cache_creation": [], "a": 1e999}
    machine.write(
        "p/s.jsonl",
        b'\xff\xfe "usage":{ \xff\n',
        b"\n\n",
        b'{"type":"assistant","message":{"usage":{\n',
        b"[" * 100_000 + b'"usage":{\n',
        b'["usage",{"usage":{}}]\n',
        line({"type": "assistant", "message": None, "usage": {}}),
        answer_line("m1", "r1", NOW - 60, usage=odd),
        answer_line(None, None, NOW - 50, output=7),
        answer_line(None, None, NOW - 50, output=7),
    )
    assert (machine.answers(), machine.totals().tokens) == (2, 1132)


def test_cache_writes_of_unknown_lifetime_count_as_five_minute_ones(machine: Machine) -> None:
    usage: dict[str, object] = {"cache_creation_input_tokens": 1_000_000}
    machine.write("p/s.jsonl", answer_line("m1", "r1", NOW - 60, model="claude-opus-5-5", usage=usage))
    machine.scan()
    assert same(machine.totals(), Totals(1, 1_000_000, 5.0))


def test_answers_older_than_what_is_looked_at_are_left_out(machine: Machine) -> None:
    machine.write("p/s.jsonl", answer_line("m1", "r1", NOW - 40 * DAY), answer_line("m2", "r2", NOW - 20 * DAY))
    assert machine.answers() == 1
    assert machine.scan(now=NOW + 30 * DAY).finished
    assert machine.totals().answers == 0


def test_only_the_answers_of_a_stretch_of_time_and_a_family_are_added_up(machine: Machine) -> None:
    machine.write("p/s.jsonl", *[answer_line(f"m{n}", f"r{n}", NOW - n * 100) for n in range(1, 6)])
    machine.write("p/s.jsonl", answer_line("f", "f", NOW - 150, model="claude-fable-5-2"))
    machine.scan()
    assert machine.totals(NOW - 300, NOW - 100).answers == 3
    with open_index(machine.index) as store:
        assert totals_between(store, NOW - 300, NOW, "fable").answers == 1


# --- where they are ----------------------------------------------------------------------------------------------


def test_sessions_and_their_sub_agents_are_found_and_nothing_else(machine: Machine) -> None:
    wanted = ["p/s.jsonl", "p/agent-old.jsonl", "p/s/subagents/a.jsonl", "p/s/subagents/flows/w/b.jsonl"]
    for name in [*wanted, "stray.jsonl", "p/s/tool-results/c.jsonl", "p/s.jsonl.1", "p/notes.txt"]:
        machine.write(name, b"x\n")
    found = newest_first([machine.projects], NOW)
    assert sorted(os.path.relpath(each.path, machine.projects) for each in found) == sorted(wanted)


def test_the_default_config_directory_has_a_second_place(tmp_path: Path) -> None:
    second = tmp_path / ".config/claude/projects"
    assert roots_of(tmp_path / ".claude", tmp_path) == [tmp_path / ".claude/projects", second]
    assert roots_of(tmp_path / "work", tmp_path) == [tmp_path / "work/projects"]


def test_a_second_place_that_is_a_link_to_the_first_is_read_once(machine: Machine, tmp_path: Path) -> None:
    machine.write("p/s.jsonl", answer_line("m1", "r1", NOW - 60))
    (tmp_path / "again").symlink_to(machine.projects)
    assert len(newest_first([machine.projects, tmp_path / "again"], NOW)) == 1


def test_fifos_folders_dead_links_and_missing_folders_are_skipped(machine: Machine) -> None:
    machine.write("p/s.jsonl", answer_line("m1", "r1", NOW - 60))
    os.mkfifo(machine.projects / "p/fifo.jsonl")
    (machine.projects / "p/folder.jsonl").mkdir()
    (machine.projects / "p/dead.jsonl").symlink_to("nowhere")
    (machine.projects / "loop").symlink_to("loop")
    assert machine.answers() == 1


def test_an_unreadable_transcript_is_skipped(open_directory: Path) -> None:
    (open_directory / "projects/p").mkdir(parents=True)
    for name, mode in (("closed", 0), ("open", 0o644)):
        path = open_directory / f"projects/p/{name}.jsonl"
        path.write_bytes(answer_line(name, "r", NOW - 60))
        path.chmod(mode)
    code = (
        "import os, sys; from pathlib import Path\n"
        "from cache.sources.transcripts import index as store, scan as transcripts, totals\n"
        f"{DROP}"
        "with store.open_index(Path(sys.argv[1]) / 'i.sqlite3') as s:\n"
        "    done = transcripts.scan(s, [Path(sys.argv[1]) / 'projects'], now=float(sys.argv[2]))\n"
        "    print(done.finished, done.unreadable, totals.totals_between(s, 0, 1e12).answers)"
    )
    command = [sys.executable, "-c", code, str(open_directory), str(NOW)]
    done = subprocess.run(command, check=True, capture_output=True, text=True, cwd=ROOT)
    assert done.stdout.split() == ["True", "1", "1"]


# --- what becomes of files ---------------------------------------------------------------------------------------


def test_a_half_written_last_line_counts_once_it_is_whole(machine: Machine) -> None:
    whole = answer_line("m1", "r1", NOW - 60)
    machine.write("p/s.jsonl", whole[:-1])
    assert machine.answers() == 0
    assert machine.scan().bytes_read == 0
    machine.write("p/s.jsonl", b"\n")
    assert machine.answers() == 1


def test_a_file_cut_short_counts_as_what_is_left(machine: Machine) -> None:
    lines = [answer_line(f"m{n}", f"r{n}", NOW - 60) for n in range(10)]
    path = machine.write("p/s.jsonl", *lines)
    assert machine.answers() == 10
    os.truncate(path, len(lines[0]) * 3 + 20)
    assert machine.answers() == 3
    machine.write("p/s.jsonl", *[answer_line(f"n{n}", f"r{n}", NOW - 60) for n in range(10)])
    assert machine.answers() == 3 + 9  # the line that was cut has swallowed the one behind it


def test_a_rotated_file_counts_as_the_new_one(machine: Machine) -> None:
    path = machine.write("p/s.jsonl", *[answer_line(f"m{n}", f"r{n}", NOW - 60) for n in range(10)])
    assert machine.answers() == 10
    path.rename(path.with_suffix(".jsonl.1"))
    machine.write("p/s.jsonl", *[answer_line(f"n{n}", f"r{n}", NOW - 60) for n in range(30)])
    assert machine.answers() == 30


def test_a_file_rewritten_in_place_at_the_same_size_is_noticed(machine: Machine) -> None:
    path = machine.write("p/s.jsonl", *[answer_line(f"m{n}", "r", NOW - 60, output=10) for n in range(3)])
    assert machine.answers() == 3
    size, inode = path.stat().st_size, path.stat().st_ino
    path.write_bytes(path.read_bytes().replace(b'"output_tokens":10', b'"output_tokens":99').replace(b"-10", b"-99"))
    assert (path.stat().st_size, path.stat().st_ino) == (size, inode)
    assert machine.answers() == 3
    assert machine.totals().tokens == 3 * 1224


def test_a_deleted_transcript_does_not_give_its_tokens_back(machine: Machine) -> None:
    path = machine.write("p/s.jsonl", answer_line("m1", "r1", NOW - 60), answer_line("m2", "r2", NOW - 60))
    machine.write("p/t.jsonl", answer_line("m2", "r2", NOW - 60))
    assert machine.answers() == 2
    path.unlink()
    assert machine.answers() == 2
    machine.write("p/s.jsonl", answer_line("m3", "r3", NOW - 60))
    assert machine.answers() == 2  # the file is there again, as another


def test_a_renamed_transcript_counts_once(machine: Machine) -> None:
    path = machine.write("p/s.jsonl", answer_line("m1", "r1", NOW - 60))
    assert machine.answers() == 1
    path.rename(path.with_name("t.jsonl"))
    assert machine.answers() == 1


def test_a_parent_that_is_cut_away_leaves_the_replay_to_count(machine: Machine) -> None:
    path = machine.write("p/s.jsonl", answer_line("m1", "r1", NOW - 60))
    machine.write("p/t.jsonl", answer_line("m1", "r2", NOW - 60, side=True, output=7))
    assert machine.answers() == 1
    os.truncate(path, 0)
    assert (machine.answers(), machine.totals().tokens) == (1, 1132)


class Disorder:
    """Does to transcripts what can be done to them, and knows what a full reading would find."""

    def __init__(self, machine: Machine, seed: int) -> None:
        self.machine, self.rng, self.number = machine, random.Random(seed), 0
        self.seen: dict[Path, bytes] = {}

    def lines(self) -> list[bytes]:
        """Return some new lines, now and then of an answer that was there before."""
        found = []
        for _ in range(self.rng.randrange(1, 8)):
            self.number += 1
            n = self.number if self.rng.random() < 0.7 else self.rng.randrange(1, self.number + 1)
            request = self.rng.choice([f"r{n}"] * 8 + [f"r{self.number}", None])
            at = NOW - self.rng.randrange(1, 30 * DAY)
            model = self.rng.choice(["claude-opus-5-5", "claude-haiku-5-5", "<synthetic>", "claude-new-9"])
            side = self.rng.random() < 0.3
            found += [
                answer_line(f"m{n}", request, at, output=output, model=model, side=side)
                for output in self.rng.sample(range(1, 999), self.rng.randrange(1, 4))
            ]
            found.append(self.rng.choice([user_line(at, "x" * 50), b"\xff\xfe\n", b"\n", b"{}\n"]))
        return found

    def files(self) -> list[Path]:
        return sorted(self.machine.projects.rglob("*.jsonl"))

    def disturb(self) -> None:
        """Do one thing to one file."""
        files = self.files()
        if not files or self.rng.random() < 0.2:
            self.machine.write(
                self.rng.choice(["p/{}.jsonl", "q/s/subagents/{}.jsonl"]).format(self.number), *self.lines()
            )
            return
        path = self.rng.choice(files)
        acts = [self.append, self.append, self.append, self.cut, self.rewrite, self.rotate, self.fork, self.remove]
        self.rng.choice(acts)(path)

    def append(self, path: Path) -> None:
        data = b"".join(self.lines())
        if self.rng.random() < 0.3:
            data = data[: self.rng.randrange(len(data))]
        with path.open("ab") as file:
            file.write(data)

    def cut(self, path: Path) -> None:
        os.truncate(path, self.rng.randrange(path.stat().st_size + 1))

    def rewrite(self, path: Path) -> None:
        path.write_bytes(b"".join(self.lines() * self.rng.randrange(1, 4)))

    def rotate(self, path: Path) -> None:
        path.rename(path.with_suffix(self.rng.choice([".jsonl.1", f".{self.number}.jsonl"])))
        path.write_bytes(b"".join(self.lines()))

    def fork(self, path: Path) -> None:
        path.with_name(f"fork{self.number}.jsonl").write_bytes(path.read_bytes())

    def remove(self, path: Path) -> None:
        path.unlink()

    def truth(self) -> Totals:
        """Return what a naive full reading gives: of what is there, and of what vanished as it was last read."""
        self.seen |= {path: path.read_bytes() for path in self.files()}
        return naive_totals([content.splitlines(keepends=True) for content in self.seen.values()])


@pytest.mark.parametrize("seed", range(8))
def test_totals_are_those_of_a_full_reading_whatever_happened(machine: Machine, seed: int) -> None:
    disorder = Disorder(machine, seed)
    for _ in range(25):
        for _ in range(disorder.rng.randrange(1, 6)):
            disorder.disturb()
        scans = 1
        while not machine.scan(looks=disorder.rng.choice([1, 2, 8, None])).finished:
            scans += 1
            assert scans < 1000
        assert same(machine.totals(), disorder.truth())
    assert disorder.truth().answers > 50


# --- bounds ------------------------------------------------------------------------------------------------------


def test_a_scan_stops_when_its_time_is_up_and_the_next_one_goes_on(machine: Machine) -> None:
    for n in range(20):
        machine.write(f"p/s{n}.jsonl", answer_line(f"m{n}", "r", NOW - 60), user_line(NOW, "x" * 2000))
    scans = [machine.scan(looks=5)]
    while not scans[-1].finished:
        scans.append(machine.scan(looks=5))
    assert len(scans) > 3
    assert sum(each.files_read for each in scans) == 20
    assert machine.totals().answers == 20


def test_the_newest_transcripts_are_read_first(machine: Machine) -> None:
    for n in range(10):
        path = machine.write(f"p/s{n}.jsonl", answer_line(f"m{n}", "r", NOW - 60 - n))
        os.utime(path, (NOW - n * 1000, NOW - n * 1000))
    while machine.scan(looks=1).files_read < 1:
        pass
    found = machine.totals().answers
    assert 0 < found < 10
    assert machine.totals(NOW - 60 - found + 1).answers == found


def test_a_line_without_end_is_skipped_in_slices_and_what_follows_counts(machine: Machine) -> None:
    huge = b'{"usage":{' + b"x" * (LONGEST + 3 * CHUNK)
    machine.write("p/s.jsonl", answer_line("m1", "r1", NOW - 60), huge)
    scans = 0
    while not machine.scan(looks=1).finished:
        scans += 1
        assert scans < 50
    assert machine.totals().answers == 1
    machine.write("p/s.jsonl", huge, b"\n", answer_line("m2", "r2", NOW - 60))
    last = machine.scan()
    assert last.finished
    assert last.bytes_read < len(huge) + 5000  # the first part of the line is not read again
    assert machine.totals().answers == 2


def test_an_answer_in_a_line_of_almost_the_longest_length_counts(machine: Machine) -> None:
    machine.write("p/s.jsonl", answer_line("m1", "r1", NOW - 60, text="y" * (LONGEST - 2000)))
    machine.write("p/s.jsonl", answer_line("m2", "r2", NOW - 60, text="y" * LONGEST))
    assert machine.answers() == 1


def test_nothing_new_costs_no_byte_and_new_lines_little_more_than_themselves(machine: Machine) -> None:
    for n in range(30):
        machine.write(f"p/s{n}.jsonl", *[answer_line(f"m{n}.{k}", "r", NOW - 60) for k in range(50)])
    assert machine.answers() == 1500
    assert machine.scan().bytes_read == 0
    new = [answer_line(f"new{k}", "r", NOW - 9) for k in range(30)]
    for n, each in enumerate(new):
        machine.write(f"p/s{n}.jsonl", each)
    assert machine.scan().bytes_read <= sum(map(len, new)) + 30 * 6 * EDGE  # thrice looked whether it is the same file


def test_a_killed_scan_loses_nothing_and_what_it_did_is_not_done_again(machine: Machine) -> None:
    path = machine.write("p/s.jsonl", *[answer_line(f"m{n}", "r", NOW - 60) for n in range(9000)])
    code = (
        "import sys, time; from pathlib import Path\n"
        "from cache.sources.transcripts import index as store, scan as transcripts\n"
        "from itertools import count; ticks = count()\n"
        "def clock():\n"
        "    n = next(ticks); n == 12 and (print('here', flush=True), time.sleep(60)); return n / 10\n"
        "with store.open_index(Path(sys.argv[1])) as s:\n"
        "    transcripts.scan(s, [Path(sys.argv[2])], now=float(sys.argv[3]), budget_s=1e9, clock=clock)"
    )
    command = [sys.executable, "-c", code, str(machine.index), str(machine.projects), str(NOW)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, cwd=ROOT) as child:
        assert child.stdout is not None
        assert child.stdout.readline() == b"here\n"
        child.send_signal(signal.SIGKILL)
    some = machine.totals().answers
    assert 0 < some < 9000
    assert machine.scan().bytes_read < path.stat().st_size - CHUNK
    assert machine.answers() == 9000


@pytest.mark.thorough
def test_a_large_first_scan_proceeds_in_slices_in_little_memory_and_totals_agree(tmp_path: Path) -> None:
    """The acceptance run of `tests/bench/transcripts.py`, at 30 MB instead of 1 GB."""
    index, projects = tmp_path / "i.sqlite3", tmp_path / "projects"
    paths = write_transcripts(projects, 40, 30_000_000)
    slices = all_slices(index, projects, ticking=True)
    assert len(slices) >= 4
    assert max(each.peak_kib for each in slices) <= 80 * 1024
    agree, text = totals_agree(index, projects)
    assert agree, text
    for some in (paths[:1], paths):
        assert append_lines(some, 1_000_000, len(some)) > 900_000
        assert sum(each.bytes_read for each in all_slices(index, projects, ticking=True)) <= 1_100_000
        agree, text = totals_agree(index, projects)
        assert agree, text
    disturb(paths)
    all_slices(index, projects, ticking=True)
    agree, text = totals_agree(index, projects)
    assert agree, text


def test_a_scan_needs_neither_httpx_nor_msgspec(machine: Machine) -> None:
    code = (
        "import sys; from cache.sources.transcripts import estimate, index, scan\n"
        "print([m for m in ('httpx', 'msgspec', 'filelock', 'platformdirs') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True, cwd=ROOT)
    assert done.stdout.strip() == "[]"


def test_the_clock_that_is_used_by_default_bounds_a_scan(machine: Machine) -> None:
    machine.write("p/s.jsonl", *[user_line(NOW, "x" * CHUNK) for _ in range(8)])
    with open_index(machine.index) as store:
        done = scan(store, [machine.projects], now=time.time(), budget_s=0)
    assert not done.finished
