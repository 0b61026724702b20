"""Answers /hudline:usage, :doctor, :setup and :uninstall by a hook, without a model: also at a limit, or offline.

Reads the event `UserPromptExpansion` on standard input and prints Claude Code's JSON, or nothing for any other event:
then the command's Markdown file does the work. The system's Python runs it if hudline is not installed yet.

    answer.py SCRIPT   the script that does the work; it gets the name of the command
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import unicodedata

AT_MOST = 1 << 20  # bytes of the event
SHOWN = 20000  # characters of the answer
INDENT = 10  # cells: Claude Code 2.1.332 wraps the text at 110 of 120, and at 70 of 80
DOES: dict[str, tuple[str, ...]] = {"usage": (), "doctor": (), "setup": ("yes",), "uninstall": ("yes", "yes purge")}
# What setup and uninstall hand on to pip and other programs.
PASSED_ON = (
    "HOME",
    "PATH",
    "TMPDIR",
    "USER",
    "LOGNAME",
    "SHELL",
    "LANG",
    "PYTHON",
    "CLAUDE_CONFIG_DIR",
    "CLAUDE_PROJECT_DIR",
)
PASSED_ON_ALL = ("LC_", "XDG_", "PIP_", "SSL_CERT_", "REQUESTS_", "HTTP_", "HTTPS_", "NO_PROXY", "http", "no_proxy")


def main(script: str) -> None:
    """Answer the event on standard input by running the script."""
    found = asked(sys.stdin.buffer.read(AT_MOST))
    if found is None:
        return
    name, words = found
    if words and words not in DOES[name]:
        text = f"/hudline:{name} does not know: {words}"
    else:
        text = output(script, name, words)
    reason = "\n" + cleaned(text).strip("\n")[:SHOWN]
    event = {"hookEventName": "UserPromptExpansion", "suppressOriginalPrompt": True}
    print(json.dumps({"decision": "block", "reason": reason, "hookSpecificOutput": event}))


def asked(data: bytes) -> tuple[str, str] | None:
    """Return the name and the words of a command of this plugin, None for any other event."""
    try:
        event = json.loads(data)
    except ValueError:
        return None
    if not isinstance(event, dict) or event.get("hook_event_name") != "UserPromptExpansion":
        return None
    if event.get("command_source") != "plugin":  # a repository can have a command of the same name
        return None
    plugin, _, name = str(event.get("command_name")).partition(":")
    words = event.get("command_args")
    if plugin != "hudline" or name not in DOES or not isinstance(words, str):
        return None
    return name, " ".join(words.lower().split())


def output(script: str, name: str, words: str) -> str:
    """Return what the script prints; setup and uninstall only say what they would do, without the word ``yes``."""
    env = dict(os.environ, COLUMNS=str(columns()))
    is_change = name in ("setup", "uninstall")
    if is_change:
        env = {key: value for key, value in env.items() if key in PASSED_ON or key.startswith(PASSED_ON_ALL)}
    options = ["--purge"] if words == "yes purge" else []
    if is_change and not words:
        options.append("--dry-run")
    done = subprocess.run(
        [script, name, *options],
        env=env,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        check=False,
    )
    text = done.stdout.decode("utf-8", "replace")
    if is_change and not words:
        text += f"\nNothing has changed yet. To do it: /hudline:{name} yes\n"
        if name == "uninstall":
            text += "To remove the cache and the configuration too: /hudline:uninstall yes purge\n"
    return text


def columns() -> int:
    """Return the cells of a row that Claude Code does not wrap."""
    try:
        return max(int(os.environ.get("COLUMNS", "")) - INDENT, 20)
    except ValueError:
        return 80 - INDENT


def cleaned(text: str) -> str:
    """Return a text without control, format and other characters that a terminal could act on."""
    return "".join(each for each in text if each == "\n" or unicodedata.category(each)[0] != "C")


if __name__ == "__main__":
    main(sys.argv[1])
