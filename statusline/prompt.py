"""The usage as a short text for a shell's prompt, escaped as that shell needs; standard input is not read."""

import time

from cache.model.billing import billing_of
from cache.model.entry import NOTHING_YET
from cache.model.lazy import further_module
from cache.model.osapi import setting, system
from cache.readings.snapshot import Snapshot, place_of, save_news, take_snapshot
from statusline.attempt import FAILURES, attempt, keep_failure
from statusline.config import Config, read_config
from statusline.due import log_failures, option, start_due, start_options
from statusline.payload import Session
from statusline.render.sanitize import sanitize
from statusline.render.theme import style_for
from statusline.segments.usage import five_hour, seven_day, spend

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from statusline.segments.segment import Segment

SHELLS = ("plain", "bash", "zsh", "fish", "tmux")  # the first for whatever is not named here
# `init bash` asks for ``readline``: a text for a variable that PS1 names, where nothing acts.

# Characters that a prompt acts on, and their escapes. Bash decodes backslashes, then expands as within quotes.
ESCAPES = {
    "bash": {"\\": "\\\\\\\\", "$": "\\\\$", "`": "\\\\`"},
    "zsh": {"%": "%%"},
    "tmux": {"#": "##"},
}
# What encloses a sequence that takes no cells, so that line editing does not count it.
AROUND = {"bash": ("\\[", "\\]"), "readline": ("\001", "\002"), "zsh": ("%{", "%}"), "fish": ("", "")}


def main(argv: "list[str]") -> "None":
    """Print the text, if there is any, and leave with exit code 0, whatever happens.

    ``argv`` holds ``prompt --shell NAME --cache DIR --config FILE`` as `init` wrote them; the environment wins.
    """
    text = ""
    try:
        text, finish = prompt(argv, time.time())
        finish()
    except BaseException as error:  # noqa: BLE001 - as in the tick: a prompt without us beats a broken one
        keep_failure(error)
    if FAILURES:
        attempt(log_failures)
    try:
        if text:
            system.write(1, text.encode("utf-8", "replace") + b"\n")
    except OSError:
        pass
    system._exit(0)  # noqa: SLF001 - the documented name


def prompt(argv: "list[str]", now: "float") -> "tuple[str, Callable[[], object]]":
    """Return the text, and what to do before it is written: save news, start the refresher if it is due."""
    cache = chosen_outside("STATUSLINE_CACHE_DIR") or option(argv, "--cache")
    config_path = chosen_outside("STATUSLINE_CONFIG") or option(argv, "--config")
    config, billing = attempt(read_config, config_path) or Config({"oauth": "unclear"}), billing_of()
    place = place_of(cache, setting("CLAUDE_CONFIG_DIR")) if cache else ""
    session = Session(None)
    snapshot = attempt(take_snapshot, cache, "", {}, now, of_plan=not billing) or Snapshot(NOTHING_YET, {})
    segments = usage_segments(session, snapshot, config, now)
    text = prompt_text(segments, config, option(argv, "--shell"), snapshot.theme)
    options = start_options(cache, config_path, config, billing)

    def finish() -> "None":
        if place:
            attempt(save_news, cache, snapshot, now)
            start_due(session, snapshot, place, options, now)

    return text, finish


def chosen_outside(name: "str") -> "str":
    """Return a path in the environment, empty if a shell of Claude Code has it in the session's project."""
    chosen, project = setting(name), setting("CLAUDE_PROJECT_DIR")
    home = setting("HOME") if name == "STATUSLINE_CACHE_DIR" else ""
    if chosen and project and further_module("cache.model.trust").is_of_project(chosen, project, "", home):
        return ""
    return chosen


def usage_segments(session: "Session", snapshot: "Snapshot", config: "Config", now: "float") -> "list[Segment]":
    """Return ``5h 42%`` and ``7d 61%``; where there are no windows, what is spent."""
    segments = [attempt(function, session, snapshot, now, config.options_for(name, {})) for name, function in _SHOWN]
    if not any(segments):
        segments = [attempt(spend, session, snapshot, now, config.options_for("spend", {}))]
    return [segment for segment in segments if segment is not None]


_SHOWN = (("five_hour", five_hour), ("seven_day", seven_day))


def prompt_text(segments: "list[Segment]", config: "Config", shell: "str", host_theme: "str" = "") -> "str":
    """Return the segments in their shortest form, in the colors of the theme, if the shell supports them."""
    style = style_for(config.theme, config.glyphs, None, colors=config.colors, host_theme=host_theme)
    text = ""
    for segment in segments:
        text += " " if text else ""
        pieces = [(role, piece) for role, piece in segment.pieces if role not in {"sign", "points"}]
        for role, piece in [*pieces, ("detail", f" {segment.age}")] if segment.age else pieces:
            text += color_for(shell, escape_for(shell, sanitize(piece)), style.code(role, segment.level))
    return text


def escape_for(shell: "str", text: "str") -> "str":
    """Return a text that the shell's prompt shows as it is."""
    escapes = ESCAPES.get(shell)
    return "".join([escapes.get(char, char) for char in text]) if escapes else text


def color_for(shell: "str", text: "str", code: "str") -> "str":
    """Return a text in the colors of SGR parameters, as the shell's prompt needs them."""
    if shell == "tmux" and code:
        return f"#[{tmux_style(code)}]{text}#[default]"
    if not code or shell not in AROUND:
        return text
    before, after = AROUND[shell]
    return f"{before}\x1b[{code}m{after}{text}{before}\x1b[0m{after}"


def tmux_style(code: "str") -> "str":
    """Return SGR parameters in tmux's words: ``1;31`` is ``bold,fg=colour1``."""
    numbers, words = [int(each) for each in code.split(";")], []
    while numbers:
        number = numbers.pop(0)
        words.append(_ATTRIBUTES.get(number) or f"fg={_extended(numbers) if number == 38 else _plain(number)}")
    return ",".join(words)


_ATTRIBUTES = {1: "bold", 2: "dim", 3: "italics", 4: "underscore", 7: "reverse"}


def _plain(number: "int") -> "str":
    return f"colour{number % 10 + (8 if number >= 90 else 0)}"


def _extended(numbers: "list[int]") -> "str":
    """Return the color after 38 and remove its numbers from the list."""
    if numbers.pop(0) == 5:
        return f"colour{numbers.pop(0)}"
    return "#" + "".join([f"{numbers.pop(0):02x}" for _ in range(3)])
