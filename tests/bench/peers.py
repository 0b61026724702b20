"""How long other status lines take, next to hudline: the same message, repository and transcripts for all.

    python tests/bench/peers.py [--rounds 60] [--folder DIR] [--files 100000] [--megabytes 60] [--write-readme]

Installs each from its published package into a folder, as its documentation says, with a home of its own there, and
hudline with its `install.sh`. Then it runs them without a network, as Claude Code does (by a shell, with the message on
standard input): first until each has had time to fill its caches, then in interleaved rounds. Small is a repository of
30 files and a transcript of 200 KB. Large has the sizes above.

Shows the row of each, then median, p95 and CPU (with that of the programs it waits for) and the median relative to
hudline. What cannot be installed is listed with the reason. With ``--write-readme`` the table replaces the one in the
README. A ``--folder`` is kept: a second run installs nothing. Judges nothing.
"""

from __future__ import annotations

import re
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))


README = ROOT / "README.md"
BEGIN, END = "<!-- tests/bench/peers.py -->\n", "<!-- end -->\n"
SESSION = "0b9c1f9e-3c1c-4f5e-9a53-0e3c4d3c2b1a"
OURS = "hudline"
WARM_S, WARM_RUNS = 6, 5  # the least time and number of runs before the first round
AT_MOST_S = 20  # for one run
INSTALL_S = 600
SYSTEM_PATH = "/usr/local/bin:/usr/bin:/bin"
FOR_INSTALLING = (
    "PIP_",
    "NPM_",
    "SSL_CERT_",
    "REQUESTS_CA_BUNDLE",
    "NODE_EXTRA_CA_CERTS",
    "HTTPS_PROXY",
    "HTTP_PROXY",
    "NO_PROXY",
)
COLORS = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]|\x1b\]8;[^\x1b\a]*(?:\x1b\\|\a)")


@dataclass(frozen=True)
class Peer:
    """Another status line: its package, what it is written in, and how it is set up after the installation.

    ``kind`` is ``npm``, ``pip``, or empty where its package is not to be had; then ``why`` says so. ``setup`` is its
    command that writes Claude Code's settings; without one, ``command`` is what its documentation puts there. In both
    ``~`` is the home, and a program is found in the package's own folder of programs.
    """

    name: str
    language: str
    package: str
    kind: str = ""
    setup: str = ""
    command: str = ""
    why: str = ""


PEERS = (
    Peer("ccstatusline", "Node", "ccstatusline", "npm", command="ccstatusline"),
    Peer("CCometixLine", "Rust", "@cometix/ccline", "npm", command="~/.claude/ccline/ccline"),
    Peer("claude-powerline", "Node", "@owloops/claude-powerline", "npm", command="claude-powerline --style=powerline"),
    Peer("ccusage", "Rust", "ccusage", "npm", command="ccusage statusline"),
    Peer("claude-statusbar", "Python", "claude-statusbar", "pip", setup="cs --setup"),
    Peer("claude-status", "Python", "claude-status", "pip", setup="claude-status --install"),
    Peer("agent-statusline", "Python", "agent-statusline", "pip", setup="agent-statusline install"),
    Peer("claude-hud", "Node", "claude-hud", why="a plugin of Claude Code's marketplace, in no package registry"),
    Peer("claudia-statusline", "Rust", "claudia-statusline", why="a crate; crates are not installed here"),
)


class Missing(Exception):
    """A status line cannot be installed or run here; the message says why."""


@dataclass
class Installed:
    """A status line that is installed: its command, the folder of its programs, its home, and what its runs took."""

    name: str
    language: str
    version: str
    command: str
    programs: Path
    home: Path
    rows: dict[str, str] = field(default_factory=dict)  # this and the following by world
    taken: dict[str, list[Times]] = field(default_factory=dict)
    asks_git: dict[str, bool] = field(default_factory=dict)
    reads: dict[str, bool] = field(default_factory=dict)  # the transcript
    trouble: str = ""

    def environment(self) -> dict[str, str]:
        """Return all that it gets; the proxies lead nowhere, should there be a network."""
        proxies = dict.fromkeys(("HTTPS_PROXY", "HTTP_PROXY", "https_proxy", "http_proxy"), "http://127.0.0.1:9")
        terminal = {"LANG": "C.UTF-8", "COLUMNS": "160", "TERM": "xterm-256color"}
        return {"HOME": str(self.home), "PATH": f"{self.programs}:{SYSTEM_PATH}", **terminal, **proxies}


def install(peer: Peer, folder: Path) -> Installed:
    """Install a peer below a folder, unless that has been done; raise Missing."""
    if not peer.kind:
        raise Missing(peer.why)
    place, home = folder / peer.name, folder / "homes" / peer.name
    programs, done = place / "bin", place / "done"
    environment = clean_environment(home) | {"PATH": f"{programs}:{SYSTEM_PATH}"}
    if not done.exists():
        home.mkdir(parents=True, exist_ok=True)
        for words in steps_of(peer, place):
            must_run(words, environment, home)
    command = peer.command.replace("~", str(home))
    if peer.setup:
        if not done.exists():
            must_run(shlex.split(peer.setup), environment, home)
        settings = json.loads((home / ".claude" / "settings.json").read_text())
        command = settings["statusLine"]["command"]
    done.touch()
    return Installed(peer.name, peer.language, version_of(peer, place), command, programs, home)


def steps_of(peer: Peer, place: Path) -> list[list[str]]:
    """Return the commands that install a package of a peer."""
    if peer.kind == "npm":
        allowed = f"--allow-scripts={peer.package}"  # newer clients run none of a package's scripts without it
        return [
            ["npm", "install", "--global", allowed, "--no-fund", "--no-audit", "--prefix", str(place), peer.package]
        ]
    python = str(place / "bin" / "python")
    base = getattr(sys, "_base_executable", sys.executable)
    return [[base, "-m", "venv", str(place)], [python, "-m", "pip", "install", "--quiet", peer.package]]


def clean_environment(home: Path) -> dict[str, str]:
    """Return the environment of an installation: a home of its own, and how this person reaches the registries."""
    kept = {name: value for name, value in os.environ.items() if name.upper().startswith(FOR_INSTALLING)}
    for name, file in (("NPM_CONFIG_USERCONFIG", ".npmrc"), ("PIP_CONFIG_FILE", ".config/pip/pip.conf")):
        if (Path.home() / file).exists():
            kept.setdefault(name, str(Path.home() / file))
    return {"HOME": str(home), "LANG": "C.UTF-8", **kept}


def must_run(words: Sequence[str], environment: dict[str, str], cwd: Path) -> None:
    """Run a command; raise Missing with what it complained about."""
    program = shutil.which(words[0], path=environment["PATH"])
    if program is None:
        raise Missing(f"there is no {words[0]} here")
    try:
        done = subprocess.run(
            [program, *words[1:]],
            env=environment,
            cwd=cwd,
            check=False,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=INSTALL_S,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise Missing(f"{words[0]}: {type(error).__name__}") from error
    if done.returncode:
        raise Missing(complaint(f"{words[0]} {words[1]}", done.stderr or done.stdout))


def complaint(what: str, text: str) -> str:
    """Return the first line of a program's errors, without addresses."""
    lines = [line.strip() for line in text.splitlines() if line.strip() and not line.startswith("WARNING")]
    first = re.sub(r"\S*(?://|/tmp/)\S*", "…", lines[0] if lines else "no output")
    return f"{what}: {first}"[:120]


def version_of(peer: Peer, place: Path) -> str:
    """Return the installed version of a package."""
    if peer.kind == "npm":
        return str(json.loads((place / "lib" / "node_modules" / peer.package / "package.json").read_text())["version"])
    name = peer.package.replace("-", "_")
    found = re.search(
        f"/{name}-([^/]+)[.]dist-info", " ".join(str(each) for each in place.glob("lib/*/site-packages/*"))
    )
    return found[1] if found else "?"


def install_ours(folder: Path) -> Installed:
    """Install hudline as a person does."""
    home = install_once(folder / OURS)
    return Installed(OURS, "Python", __version__, home.command, home.venv / "bin", home.home)


@dataclass
class World:
    """A repository and a transcript, the message about them, and a git that notes that it was called."""

    name: str
    work: Path
    log: Path
    given: bytes
    noting: Path

    def show_to(self, line: Installed) -> None:
        """Put the transcript where a status line looks for it, and nothing else."""
        projects = line.home / ".claude" / "projects"
        shutil.rmtree(projects, ignore_errors=True)
        place = projects / re.sub("[^A-Za-z0-9]", "-", str(self.work))
        place.mkdir(parents=True)
        (place / self.log.name).hardlink_to(self.log)


def make_world(folder: Path, name: str, files: int, size: int) -> World:
    """Make a repository with so many files and a transcript of so many bytes."""
    place = folder / name
    shutil.rmtree(place, ignore_errors=True)
    (place / "git").mkdir(parents=True)
    work, log = repository(place / "work", files), place / f"{SESSION}.jsonl"
    fill_transcript(log, SESSION, size, time.time())
    given = json.loads(payload(int(time.time()), limits=True, cwd=work))
    given |= {"session_id": SESSION, "transcript_path": str(log)}
    given["workspace"]["project_dir"] = str(work)
    noting = place / "git" / "git"
    noting.write_text(f'#!/bin/sh\necho "$HOME" >> {shlex.quote(str(place / "called"))}\nexec /usr/bin/git "$@"\n')
    noting.chmod(0o755)
    return World(name, work, log, json.dumps(given).encode() + b"\n", noting)


def run_once(line: Installed, world: World, output: int | None = None, *, noted: bool = False) -> Times:
    """Run a status line as Claude Code does."""
    environment = line.environment()
    if noted:
        environment["PATH"] = f"{world.noting.parent}:{environment['PATH']}"
    return run_timed(["/bin/sh", "-c", line.command], environment, world.work, world.given, output)


def warm_up(lines: Sequence[Installed], world: World) -> list[Installed]:
    """Run each until its caches are full, and keep its row and what it does; return those that print none."""
    until, number = time.monotonic() + WARM_S, 0
    for line in lines:
        world.show_to(line)
        os.utime(world.log, (0, world.log.stat().st_mtime))  # a read then changes the time of the last access
        for _ in range(2):
            run_once(line, world, noted=True)
        line.reads[world.name] = world.log.stat().st_atime > 0
    while number < WARM_RUNS or time.monotonic() < until:
        for line in lines:
            run_once(line, world, noted=True)
        number += 1
        time.sleep(0.3)
    called = (world.log.parent / "called").read_text().split() if (world.log.parent / "called").exists() else []
    for line in lines:
        line.asks_git[world.name] = str(line.home) in called
        with tempfile.TemporaryFile() as output:
            times = run_once(line, world, output.fileno())
            output.seek(0)
            line.rows[world.name] = output.read().decode("utf-8", "replace").rstrip()
        if times.code or not COLORS.sub("", line.rows[world.name]).strip():
            line.trouble = (
                f"ends with {times.code} and prints {COLORS.sub('', line.rows[world.name])[:60] or 'nothing'}"
            )
    return [line for line in lines if line.trouble]


def measure(lines: Sequence[Installed], world: World, rounds: int) -> None:
    """Measure in interleaved rounds."""
    for _ in range(rounds):
        for line in lines:
            line.taken.setdefault(world.name, []).append(run_once(line, world))


class Numbers(NamedTuple):
    """Milliseconds of one status line in one world, and its median against hudline's."""

    median: float
    p95: float
    cpu: float
    ratio: float


def numbers_of(line: Installed, ours: Installed, world: str) -> Numbers:
    """Return what a status line took in a world."""
    walls, cpus = zip(*((times.wall_s * 1e3, times.cpu_s * 1e3) for times in line.taken[world]), strict=True)
    base = statistics.median(times.wall_s * 1e3 for times in ours.taken[world])
    median = statistics.median(walls)
    return Numbers(median, percentile(walls), statistics.median(cpus), median / base)


def report(lines: Sequence[Installed], worlds: Sequence[str], missing: dict[str, str]) -> None:
    """Print the rows, the numbers, and what is missing."""
    ours = lines[0]
    for world in worlds:
        print(f"\n{world}")
        for line in lines:
            for row in line.rows[world].splitlines():
                print(f"  {line.name:18}{COLORS.sub('', row)}")
        print(f"{'':20}{'version':>10}{'median':>10}{'p95':>10}{'CPU':>10}{'ratio':>8}  in the foreground")
        for line in lines:
            median, p95, cpu, ratio = numbers_of(line, ours, world)
            does = [*["git"] * line.asks_git[world], *["transcript"] * line.reads[world]] if line is not ours else []
            times = "".join(f"{value:8.1f}ms" for value in (median, p95, cpu))
            print(f"{line.name:20}{line.version:>10}{times}{ratio:8.2f}  {', '.join(does)}")
        others = [numbers_of(line, ours, world).ratio for line in lines[1:]]
        at_work = [line for line in lines[1:] if line.asks_git[world] or line.reads[world]]
        working = [numbers_of(line, ours, world).ratio for line in at_work]
        if others:
            print(f"the quickest other one takes {min(others):.2f} times as long as hudline", end="")
            print(f", of those that run git or read the transcript {min(working):.2f} times" if working else "")
    for name, why in missing.items():
        print(f"{name}: not measured, {why}")


def table(lines: Sequence[Installed], sizes: dict[str, str], missing: dict[str, str], command: str) -> str:
    """Return the table for the README, with what it was measured on."""
    ours = lines[0]
    heads = [head for text in sizes.values() for head in (text, "relative", "CPU")]
    rows = [f"| status line | {' | '.join(heads)} |", "|---|" + "--:|" * len(heads)]
    for line in lines:
        cells = []
        for world in sizes:
            median, _, cpu, ratio = numbers_of(line, ours, world)
            cells += [f"{median:.0f} ms" if median >= 100 else f"{median:.1f} ms", f"{ratio:.2f}", f"{cpu:.0f} ms"]
        name = f"{line.name} {line.version} ({line.language})"
        bold = "**" if line is ours else ""
        rows.append("| " + " | ".join(f"{bold}{cell}{bold}" for cell in (name, *cells)) + " |")
    rows += ["", f"Medians of whole processes in interleaved runs, from `{command}` ({machine_class()})."]
    if missing:
        rows.append("Not measured: " + "; ".join(f"{name} ({why})" for name, why in missing.items()) + ".")
    return "\n".join(rows) + "\n"


def write_readme(text: str, readme: Path = README) -> None:
    """Replace what is between the markers."""
    before, begin, rest = readme.read_text(encoding="utf-8").partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end:
        raise SystemExit(f"{readme.name} has no {BEGIN.strip()} ... {END.strip()}")
    readme.write_text(f"{before}{begin}{text}{end}{after}", encoding="utf-8")


def install_all(folder: Path, peers: Sequence[Peer]) -> tuple[list[Installed], dict[str, str]]:
    """Install all that can be had; return these, and why others are missing."""
    found, missing = [], {}
    for peer in peers:
        print(f"installing {peer.name}", file=sys.stderr)
        try:
            found.append(install(peer, folder))
        except Missing as why:
            missing[peer.name] = str(why)
    stop_leftovers(folder)
    return found, missing


def stop_leftovers(folder: Path) -> None:
    """End what they have left running, such as a daemon."""
    for pid in running(folder):
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGTERM)


def without_network() -> list[str]:
    """Return the words before a command that give it no network, none where that is impossible."""
    for words in (["unshare", "--net"], ["unshare", "--net", "--map-root-user"]):
        program = shutil.which(words[0])
        if program and subprocess.run([program, *words[1:], "true"], check=False, capture_output=True).returncode == 0:
            return [program, *words[1:]]
    return []


def compare(lines: list[Installed], worlds: Sequence[World], rounds: int) -> dict[str, str]:
    """Measure in all worlds; take those that print nothing off the list, and return why."""
    trouble: dict[str, str] = {}
    for world in worlds:
        for line in warm_up(lines, world):
            trouble[line.name] = line.trouble
            lines.remove(line)
        measure(lines, world, rounds)
    return trouble


def measure_all(args: argparse.Namespace, folder: Path, peers: Sequence[Peer] = PEERS) -> None:
    """Measure what is installed in a folder, and print."""
    missing = json.loads((folder / "missing.json").read_text())
    lines = [install_ours(folder), *(install(peer, folder) for peer in peers if peer.name not in missing)]
    large = int(args.megabytes * 1e6)
    sizes = {
        "small": ("small", 30, 200_000),
        "large": (f"{args.files:,} files, {args.megabytes:g} MB", args.files, large),
    }
    worlds = [make_world(folder, name, files, size) for name, (_, files, size) in sizes.items()]
    try:
        missing |= compare(lines, worlds, args.rounds)
    finally:
        stop_leftovers(folder)
    report(lines, list(sizes), missing)
    if args.write_readme:
        heads = {name: head for name, (head, *_) in sizes.items()}
        write_readme(table(lines, heads, missing, "python tests/bench/peers.py"))


def run(args: argparse.Namespace, folder: Path) -> None:
    """Install, then measure in a process without a network."""
    folder.mkdir(parents=True, exist_ok=True)
    install_ours(folder)
    _, missing = install_all(folder, PEERS)
    (folder / "missing.json").write_text(json.dumps(missing))
    words = [*without_network(), sys.executable, __file__, *sys.argv[1:], "--folder", str(folder), "--installed"]
    subprocess.run(words, check=True)


def main() -> None:
    """Install, measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=60)
    parser.add_argument("--folder", type=Path, help="where to install; it is kept")
    parser.add_argument("--files", type=int, default=100_000, help="in the large repository")
    parser.add_argument("--megabytes", type=float, default=60, help="of the large transcript")
    parser.add_argument("--write-readme", action="store_true")
    parser.add_argument("--installed", action="store_true", help=argparse.SUPPRESS)
    args = parser.parse_args()
    if args.installed:
        measure_all(args, args.folder)
    elif args.folder:
        run(args, args.folder.absolute())
    else:
        with tempfile.TemporaryDirectory() as scratch:
            run(args, Path(scratch))


if __name__ == "__main__":
    main()
