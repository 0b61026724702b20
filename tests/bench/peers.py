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

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))


README = ROOT / "README.md"
BEGIN, END = "<!-- tests/bench/peers.py -->\n", "<!-- end -->\n"
SESSION = "0b9c1f9e-3c1c-4f5e-9a53-0e3c4d3c2b1a"
OURS = "hudline"
WARM_S, WARM_RUNS = 6, 5  # the least time and number of runs before the first round
AT_MOST_S = 20  # for one run
INSTALL_S = 600
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
    Peer("ccusage", "Node", "ccusage", "npm", command="ccusage statusline"),
    Peer("claude-statusbar", "Python", "claude-statusbar", "pip", setup="cs --setup"),
    Peer("claude-status", "Python", "claude-status", "pip", setup="claude-status --install"),
    Peer("agent-statusline", "Python", "agent-statusline", "pip", setup="agent-statusline install"),
    Peer("claude-hud", "Node", "claude-hud", why="a plugin of Claude Code's marketplace, in no package registry"),
    Peer(
        "claudia-statusline", "Rust", "claudia-statusline", why="published as a crate and as binaries of its repository"
    ),
)
