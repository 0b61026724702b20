"""The hot half stays light: what it imports, and that the merged module is the same program."""

from __future__ import annotations

import ast
import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from importlib.util import cache_from_source
from pathlib import Path
from typing import Any

import pytest

from cache.model.entry import Entry
from cache.model.windows import Window
from statusline.segments.registry import TABLE
from tests.support.kept_readings import hear_limits, keep_usage
from tests.support.package_layout import copy_layout, hot_builder
from tests.support.paths import PAYLOADS, ROOT
from tests.support.tick_world import World, payload, until

# `json` is what torn texts fall back to and has no place here.
ALLOWED = {"_imp", "gc", "sys", "posix", "time", "_json", "_signal", "__main__"}

LOADED = """
import posix, sys
def told(code, own=posix.getpid(), before=set(sys.modules), leave=posix._exit):
    posix.getpid() == own and posix.write(2, "\\n".join(sorted(set(sys.modules) - before)).encode())
    leave(code)
posix._exit = told
sys.argv[:] = sys.argv[1:]
__file__ = sys.argv[0]
__loader__ = sys.modules["_frozen_importlib_external"].SourceFileLoader("__main__", __file__)
exec(compile(open(__file__).read(), __file__, "exec"))
"""


@pytest.fixture(params=["merged", "readable"])
def world(request: pytest.FixtureRequest, doors: dict[str, Path], tmp_path: Path) -> World:
    return World(tmp_path, doors[request.param])


@pytest.mark.unmeasured
def test_a_tick_imports_nothing_beyond_the_list(world: World) -> None:
    now = int(time.time())
    world.cache.mkdir(parents=True)
    entry = Entry({}, now, now + 3600)
    entry.parts = {job: Entry({}, now, now + 3600).as_json() for job in ("sessions", "money")}  # nothing is due
    keep_usage(world.cache, [], entry)
    world.line(payload("oauth-01-startup"))  # a client's first tick has no limits
    given = payload("oauth-02-after-message-rate-limits", now=now)
    world.line(given)  # from now on this is no news
    world.extra["COLUMNS"] = "100"  # a wider terminal needs `wide.py`, too
    done = world.traced(LOADED, given)
    loaded = set(done.stderr.decode().split())
    foreign = {name for name in loaded if name.split(".")[0] not in {"statusline", "cache"}}
    assert foreign <= ALLOWED
    assert b"Opus" in done.stdout
    assert ("statusline.hot" in loaded) == (world.door.parent / "hot.py").exists()
    if "statusline.hot" in loaded:
        assert loaded - foreign == {"statusline.hot"}


def test_the_hot_files_import_only_hot_files_and_what_the_list_allows() -> None:
    builder = hot_builder()
    for module in builder.all_hot_modules(ROOT):
        path = ROOT.joinpath(*module.split("."))
        source = path / "__init__.py" if path.is_dir() else path.with_suffix(".py")
        for node in ast.parse(source.read_text()).body:
            if isinstance(node, ast.Import):
                assert {alias.name for alias in node.names} <= ALLOWED, source
            if isinstance(node, ast.ImportFrom):
                assert (node.module or "").split(".")[0] in {"statusline", "cache"}, source
                assert not {"commands", "sources", "jobs"} & set((node.module or "").split(".")), source


def test_two_hot_names_that_clash_are_refused(tmp_path: Path) -> None:
    for name in ("statusline/segments", "cache"):
        (tmp_path / name).mkdir(parents=True)
    (tmp_path / "cache" / "one.py").write_text("def same():\n    return 1\n")
    (tmp_path / "statusline" / "tick.py").write_text("from cache.one import same\n\n\ndef same():\n    return 2\n")
    with pytest.raises(ValueError, match=r"same is defined in cache\.one and in statusline\.tick"):
        hot_builder().merge(tmp_path)


def test_a_renamed_import_is_refused(tmp_path: Path) -> None:
    for name in ("statusline/segments", "cache"):
        (tmp_path / name).mkdir(parents=True)
    (tmp_path / "cache" / "one.py").write_text("def same():\n    return 1\n")
    (tmp_path / "statusline" / "tick.py").write_text("from cache.one import same as other\n")
    with pytest.raises(ValueError, match="renames"):
        hot_builder().merge(tmp_path)


ODD = """
A, B = C = (1, 2)
for (D,), (E, F) in []:
    G = lambda: [H for H, I in A]
J = f"{A['x'] or 'y'} " + f'{B!r:>{C}}"'
K = {"L": "͏\\U0001fadf'"}[L](lambda M, *N: (M, N))
O = (
    f"{P}"
    "q"
).join("R")
"""
PORTABLE = """\
(A, B,) = C = (1, 2)
for ((D,), (E, F,),) in []:
    G = (lambda: [H for (H, I,) in A])
J = f"{A['x'] or 'y'} " + f'{B!r:>{C}}"'
K = {'L': "\\u034f\\U0001fadf'"}[L](lambda M, *N: (M, N))
O = (f"{P}"
    "q").join('R')
"""


def test_every_python_merges_the_same_text_and_one_that_all_can_read(tmp_path: Path) -> None:
    """Where `ast.unparse` differs between 3.10 and 3.14: a wheel that one of them builds is for all."""
    (tmp_path / "statusline" / "segments").mkdir(parents=True)
    (tmp_path / "statusline" / "tick.py").write_text(ODD, encoding="utf-8")
    merged = hot_builder().merge(tmp_path)["hot.py"]
    assert PORTABLE in merged
    assert ast.dump(ast.parse(PORTABLE)) == ast.dump(ast.parse(ODD))


RECORD = """
class Record:
    __slots__ = ("one", "other")
    def __init__(self, one, *, other=2):
        self.one, self.other = one, other
class Both:
    def __init__(self):
        self.one = Record(1)
    def total(self):
        return self.one.one + self.one.other
main = Both
"""


def test_a_class_that_only_holds_values_becomes_a_function_and_another_stays_one(tmp_path: Path) -> None:
    (tmp_path / "statusline" / "segments").mkdir(parents=True)
    (tmp_path / "statusline" / "tick.py").write_text(RECORD, encoding="utf-8")
    made: dict[str, Any] = {}
    exec(hot_builder().merge(tmp_path)["hot.py"].partition("sys.modules[")[0], made)  # noqa: S102 - the text above
    assert (isinstance(made["Record"], type), isinstance(made["Both"], type)) == (False, True)
    assert vars(made["Record"](3)) == {"one": 3, "other": 2}
    assert made["main"]().total() == 3


def test_each_function_that_is_loaded_late_is_in_its_file() -> None:
    builder = hot_builder()
    listed = [line.split() for line in (ROOT / ".build" / "late.txt").read_text().splitlines()]
    groups = builder.merged_groups(ROOT)
    split = [module for name in builder.SPLIT for module in groups[name]]
    assert {group for group, *_ in listed} <= builder.ENDS.keys() - {"hot"}
    for _, module, *names in listed:
        found = builder.functions_of(ROOT, module) if module in split else []
        missing = set(names) - set(found)
        assert not missing, f"{module} has no {missing}: run `python .build/late.py`"


LATE = """
import sys
from cache.model.lazy import further_module

class Box:
    def __init__(self, *inner):
        self.inner = inner
    def __eq__(self, other):
        return isinstance(other, Box) and self.inner == other.inner
    def add(self, one, *, times=1):
        return Box(*self.inner, *[one] * times)
    def __iter__(self):
        yield from self.inner

SAID = []

def joined(box, between=", "):
    SAID.append(between)
    return between.join(box)

def main(argv):
    before = "statusline.seldom" in sys.modules
    box = Box().add("a").add("b", times=2)
    print(joined(box), joined(box, between="-"), box == Box("a", "b", "b"), SAID)
    print(before, "statusline.seldom" in sys.modules, file=sys.stdout, flush=True)
    sys.exit(argv[0])
"""


@pytest.fixture
def late_program(tmp_path: Path) -> Path:
    """Return the entry point of a small program with a function and three methods that are loaded late."""
    loading = [f"cache/model/{name}.py" for name in ("lazy", "files", "osapi")]
    for file in (*loading, "statusline/__main__.py", "statusline/readable.py"):
        (tmp_path / file).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / file, tmp_path / file)
    (tmp_path / "statusline" / "tick.py").write_text(LATE)
    (tmp_path / ".build").mkdir()
    listed = "seldom statusline.tick joined Box.add Box.__eq__ Box.__iter__ Gone.too\nnews statusline.other main\n"
    (tmp_path / ".build" / "late.txt").write_text(listed)
    for name, text in hot_builder().merge(tmp_path).items():
        (tmp_path / "statusline" / name).write_text(text)
    return tmp_path / "statusline" / "__main__.py"


@pytest.mark.parametrize("group", ["seldom", "wide"])
def test_a_module_of_late_functions_has_those_of_one_module(late_program: Path, group: str) -> None:
    root = late_program.parents[1]
    (root / "statusline" / "segments").mkdir()
    for name in "host", "other":
        (root / "statusline" / "segments" / f"{name}.py").write_text(f"def of_{name}():\n    return 1\n")
    listed = root / ".build" / "late.txt"
    listed.write_text(f"{listed.read_text()}{group} statusline.segments.other of_other\n")
    with pytest.raises(ValueError, match=rf"{group}\.py has functions of another module than full\.py"):
        hot_builder().merge(root)


def said(door: Path) -> str:
    words = [sys.executable, "-I", "-S", str(door), "it left by itself"]
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (1, "it left by itself\n")
    return done.stdout


def test_a_function_that_is_seldom_called_is_loaded_with_its_first_call(late_program: Path) -> None:
    seldom = late_program.with_name("seldom.py")
    assert "def joined(" in seldom.read_text()
    assert "def joined(" not in late_program.with_name("hot.py").read_text()
    row = "a, b, b a-b-b True [', ', '-']\n"
    assert said(late_program) == f"{row}False True\n"
    for text in "", "def joined(", "def joined(box):\n    return 'cut off here'\n":
        seldom.write_text(text)
        assert said(late_program) == f"{row}False False\n", "from the readable file"
    seldom.write_text("ends = True  # of another version, without the functions\n")
    assert said(late_program) == f"{row}False True\n"


@pytest.mark.parametrize("name", [path.stem for path in sorted(PAYLOADS.glob("*.json"))])
def test_the_merged_module_and_the_readable_files_print_the_same(
    doors: dict[str, Path], tmp_path: Path, name: str
) -> None:
    rows = []
    for kind, door in doors.items():
        (tmp_path / kind).mkdir()
        world = World(tmp_path / kind, door, extra={"FORCE_COLOR": "1", "COLUMNS": "90", "STATUSLINE_START": "off"})
        rows.append(world.line(payload(name, now=1e9 + 1e9)))
    assert rows[0] == rows[1]
    assert rows[0] != "hudline"


def talkative(now: float) -> dict[str, Any]:
    """Return a message in which many segments have something to say."""
    given = payload("oauth-02-after-message-rate-limits", now=now, session_name="fix")
    miss = {"last_miss_at": now - 10, "last_miss_cause": "tools_changed", "misses": 2, "miss_recache_tokens": 5000}
    given["prompt_cache"] = {**miss, "hit_ratio": 0.5, "caching_observed": True}
    given["workspace"]["repo"] = {"host": "", "owner": "ada", "name": "webshop"}
    given["workspace"]["added_dirs"] = ["/tmp/other"]
    given["context_window"]["remaining_percentage"] = 40
    given["cost"].update(total_api_duration_ms=90000, total_duration_ms=3600000, total_cost_usd=5)
    return given


ALL = sorted(TABLE)
LATE_PAIRS = [["version", "cost_per_hour"], ["context_left", "cache_miss"], ["binding", "api_time"], ["turns", "repo"]]


@pytest.mark.parametrize("names", [*([name] for name in ALL), *LATE_PAIRS, ALL, ALL[::-1]], ids=lambda names: names[0])
def test_a_row_of_any_segments_is_the_same_from_both(doors: dict[str, Path], tmp_path: Path, names: list[str]) -> None:
    """A merged module that misses a name of another one would cost the segment, and nobody would be told."""
    options = {"text": {"text": "hi"}, "command": {"name": "none"}}
    items = [{"segment": name, **options[name]} if name in options else name for name in ["model", *names]]
    for home in tmp_path / "home", tmp_path / "again":
        began, rows = time.time(), []
        for kind, door in doors.items():
            config = home / kind / ".config" / "hudline" / "config.json"
            config.parent.mkdir(parents=True)
            config.write_text(json.dumps({"rows": [items]}))
            extra = {"COLUMNS": "2000", "STATUSLINE_START": "off", "STATUSLINE_DEBUG": str(home / f"{kind}.log")}
            world = World(home / kind, door, extra=extra)
            rows.append([world.line(talkative(began)) for _ in range(2)])
            assert not (home / f"{kind}.log").exists()
        if began // 60 == time.time() // 60:  # else a clock may have moved between them
            break
    assert rows[0] == rows[1]


@pytest.mark.unmeasured
def test_a_full_row_without_anything_on_one_of_its_lines_loads_no_module_for_that(
    doors: dict[str, Path], tmp_path: Path
) -> None:
    world = World(tmp_path, doors["merged"], extra={"COLUMNS": "120", "STATUSLINE_START": "off"})
    config = tmp_path / ".config" / "hudline" / "config.json"
    config.parent.mkdir(parents=True)
    config.write_text('{"preset": "full"}')
    given = payload("oauth-02-after-message-rate-limits", now=time.time())
    del given["prompt_cache"]
    for _ in range(2):
        done = world.traced(OPENED, given)
    assert done.stdout.count(b"\n") == 2
    opened = {Path(line).name.partition(".")[0] for line in done.stderr.decode().split("\n") if line.endswith(".pyc")}
    assert "full" in opened
    assert opened.isdisjoint({"further", "seldom"})


def test_a_program_that_is_half_gone_still_says_something(doors: dict[str, Path], tmp_path: Path) -> None:
    door = copy_layout(doors["readable"], tmp_path / "package")
    (door.parent / "tick.py").unlink()
    home = tmp_path / "home"
    home.mkdir()
    assert "install" in World(home, door).line(payload("oauth-01-startup"))


def torn(file: Path) -> Iterator[None]:
    """Damage a file of the program in one way after the other; it is whole again at the end."""
    whole, compiled = file.read_bytes(), Path(cache_from_source(str(file)))
    bytecode = compiled.read_bytes()
    times = file.stat().st_atime_ns, file.stat().st_mtime_ns
    lines = whole.splitlines(keepends=True)
    definitions = [at for at, line in enumerate(lines) if line.startswith(b"def ")]
    for content in (whole[: len(whole) // 2] + b"(", b"".join(lines[: definitions[3]]), b"", whole + b"\0"):
        file.write_bytes(content)
        yield
    file.write_bytes(whole)
    os.utime(file, ns=times)
    compiled.write_bytes(bytecode[: len(bytecode) // 2])
    yield
    compiled.write_bytes(bytecode)


def test_where_a_merged_module_is_torn_the_readable_files_draw_the_line(doors: dict[str, Path], tmp_path: Path) -> None:
    world = World(tmp_path, copy_layout(doors["merged"], tmp_path / "package"), extra={"STATUSLINE_START": "off"})
    config = tmp_path / ".config" / "hudline" / "config.json"
    config.parent.mkdir(parents=True)
    config.write_text('{"rows": [["model", "effort", "version", "duration", "lines"]]}')
    given = payload("oauth-02-after-message-rate-limits")
    row = world.line(given)
    assert row.startswith("Opus 5.5 1M · medium │ v2.")
    world.extra["COLUMNS"] = "8"
    cut = world.line(given)
    assert cut.endswith("…")
    assert [world.line(given) for _ in torn(world.door.parent / "seldom.py")] == [cut] * 5
    del world.extra["COLUMNS"]
    for name in ("hot.py", "settings.py", "urgent.py", "wide.py", "special.py", "full.py", "further.py"):
        assert [world.line(given) for _ in torn(world.door.parent / name)] == [row] * 5


def test_a_program_that_is_torn_says_so(door: Path, tmp_path: Path) -> None:
    world = World(tmp_path, copy_layout(door, tmp_path / "package"), extra={"STATUSLINE_START": "off"})
    config = tmp_path / ".config" / "hudline" / "config.json"
    config.parent.mkdir(parents=True)
    config.write_text('{"rows": [["duration"]]}')
    for merged, readable in (("wide.py", "segments/spent.py"), ("hot.py", "readable.py"), ("hot.py", "tick.py")):
        (world.door.parent / merged).write_text("def")
        (world.door.parent / readable).write_text("def")
        assert world.line(payload("oauth-01-startup")) == "hudline is damaged: run its install.sh again"


def test_a_package_below_a_folder_with_a_backslash_draws_and_refreshes(door: Path, tmp_path: Path) -> None:
    world = World(tmp_path, copy_layout(door, tmp_path / "we\\ird"))
    assert world.line(payload("oauth-01-startup")).startswith("Opus")
    until(world.kept)


OPENED = """
import posix, sys
def noted(path, *rest, opened=[], real=posix.open):
    opened.append(path)
    return real(path, *rest)
def told(code, opened=noted.__kwdefaults__["opened"], own=posix.getpid(), leave=posix._exit):
    posix.getpid() == own and posix.write(2, "\\n".join(map(str, opened)).encode())
    leave(code)
posix.open, posix._exit = noted, told
sys.argv[:] = sys.argv[1:]
__file__ = sys.argv[0]
__loader__ = sys.modules["_frozen_importlib_external"].SourceFileLoader("__main__", __file__)
exec(compile(open(__file__).read(), __file__, "exec"))
"""


@pytest.mark.thorough
@pytest.mark.unmeasured
def test_a_tick_reads_the_same_few_files_however_many_sessions_are_known(world: World) -> None:
    now = int(time.time())
    world.cache.mkdir(parents=True)
    windows = [Window(id_, id_, 24.0, now + 7200, "oauth", now).as_json() for id_ in ("five_hour", "seven_day")]
    (world.cache / "usage.json").write_text(Entry({"windows": windows}, now, now + 3600).to_text())
    for number in range(80):
        limits = {"five_hour": (number / 10, now + 7200)}
        hear_limits(world.cache, limits, now - 900 + number, process=f"p{number + 100}", home=str(world.home))
    for number in range(500):
        (world.cache / f"session-{number}.json").write_text("{}")
    project = world.home / "project"
    (project / ".git").mkdir(parents=True)
    (project / ".git" / "HEAD").write_text("ref: refs/heads/main\n")
    given = payload("oauth-02-after-message-rate-limits", now=now)
    given["workspace"]["current_dir"] = str(project)
    for _ in range(2):
        done = world.traced(OPENED, given)
        assert "› main" in done.stdout.decode()
    paths = map(Path, done.stderr.decode().split("\n"))
    names = [path.name for path in paths if path.suffix != ".pyc"]  # besides modules
    of_checkout = [name for name in names if name.startswith("%2F")]
    assert sorted(set(names) - {*of_checkout}) == ["HEAD", "config.json", "readings.json", "usage.json"]
    assert len(names) == 5
    assert len(of_checkout) == 1, "what git found there"
