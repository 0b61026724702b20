"""The usage in a few words for a shell's prompt: what is kept, escaped as that shell needs; standard input stays."""

import time

from cache.model.billing import billing_of
from cache.model.entry import NOTHING_YET
from cache.model.osapi import setting, system
from cache.readings.snapshot import Snapshot, place_of, save_news, take_snapshot
from statusline.attempt import FAILURES, attempt, keep_failure, tell_of_failures
from statusline.config import Config, read_config
from statusline.due import option, start_due, start_options
from statusline.payload import Session
from statusline.render.sanitize import visible
from statusline.render.theme import style_for
from statusline.segments.usage import five_hour, seven_day, spend

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from statusline.segments.segment import Segment

SHELLS = ("plain", "bash", "zsh", "fish", "tmux")  # the first for whatever is not named here

# What a prompt would act upon, and how it is told not to. Bash decodes backslashes, then expands as within quotes.
SPOKEN_AS = {
    "bash": {"\\": "\\\\\\\\", "$": "\\\\$", "`": "\\\\`"},
    "zsh": {"%": "%%"},
    "tmux": {"#": "##"},
}
# What stands around a sequence that takes no cells, so that line editing does not count it.
AROUND = {"bash": ("\\[", "\\]"), "zsh": ("%{", "%}"), "fish": ("", "")}


def main(argv: "list[str]") -> "None":
    """Print the text, if there is any, and leave with exit code 0, whatever happens.

    ``argv`` holds ``prompt --shell NAME --cache DIR --config FILE`` as `init` wrote them; the environment wins.
    """
    text = ""
    try:
        text, finish = prompt(argv, time.time())
        finish()
    except BaseException as error:  # noqa: BLE001 - as in the tick: a prompt without us is better than a broken one
        keep_failure(error)
    if FAILURES:
        attempt(tell_of_failures)
    try:
        if text:
            system.write(1, text.encode("utf-8", "replace") + b"\n")
    except OSError:
        pass
    system._exit(0)  # noqa: SLF001 - the documented name


def prompt(argv: "list[str]", now: "float") -> "tuple[str, Callable[[], object]]":
    """Return the text, and what to do before it is written: save news, start the refresher if it is due."""
    cache = setting("STATUSLINE_CACHE_DIR") or option(argv, "--cache")
    config_path = setting("STATUSLINE_CONFIG") or option(argv, "--config")
    config, billing = attempt(read_config, config_path) or Config({"oauth": "unclear"}), billing_of()
    place = place_of(cache, setting("CLAUDE_CONFIG_DIR")) if cache else ""
    session = Session(None)
    snapshot = attempt(take_snapshot, cache, "", {}, now, of_plan=not billing) or Snapshot(NOTHING_YET, {})
    text = prompt_text(usage_segments(session, snapshot, config, now), config, option(argv, "--shell"))
    options = start_options(cache, config_path, config, billing)

    def finish() -> "None":
        if place:
            attempt(save_news, cache, snapshot, now)
            start_due(session, snapshot, place, options, now)

    return text, finish


def usage_segments(session: "Session", snapshot: "Snapshot", config: "Config", now: "float") -> "list[Segment]":
    """Return ``5h 42%`` and ``7d 61%``; where there are no windows, what is spent."""
    found = [attempt(function, session, snapshot, now, config.options_for(name, {})) for name, function in _SHOWN]
    if not any(found):
        found = [attempt(spend, session, snapshot, now, config.options_for("spend", {}))]
    return [each for each in found if each is not None]


_SHOWN = (("five_hour", five_hour), ("seven_day", seven_day))


def prompt_text(segments: "list[Segment]", config: "Config", shell: "str") -> "str":
    """Return the segments in their shortest form, in the colours of the theme as far as the shell takes any."""
    style = style_for(config.theme, config.glyphs, None)
    text = ""
    for segment in segments:
        text += " " if text else ""
        for role, piece in segment.forms[-1]:
            text += painted_for(shell, escaped_for(shell, visible(piece)), style.code(role, segment.level))
    return text


def escaped_for(shell: "str", text: "str") -> "str":
    """Return a text that the shell's prompt shows as it is."""
    spoken = SPOKEN_AS.get(shell)
    return "".join([spoken.get(char, char) for char in text]) if spoken else text


def painted_for(shell: "str", text: "str", code: "str") -> "str":
    """Return a text in the colours of SGR parameters, in the way that the shell's prompt takes colours."""
    if shell == "tmux" and code:
        return f"#[{tmux_style(code)}]{text}#[default]"
    if not code or shell not in AROUND:
        return text
    before, after = AROUND[shell]
    return f"{before}\x1b[{code}m{after}{text}{before}\x1b[0m{after}"


def tmux_style(code: "str") -> "str":
    """Return SGR parameters in tmux's words: ``1;31`` is ``bold,fg=colour1``."""
    numbers, said = [int(each) for each in code.split(";")], []
    while numbers:
        number = numbers.pop(0)
        said.append(_ATTRIBUTES.get(number) or f"fg={_extended(numbers) if number == 38 else _plain(number)}")
    return ",".join(said)


_ATTRIBUTES = {1: "bold", 2: "dim", 3: "italics", 4: "underscore", 7: "reverse"}


def _plain(number: "int") -> "str":
    return f"colour{number % 10 + (8 if number >= 90 else 0)}"


def _extended(numbers: "list[int]") -> "str":
    """Return the colour that stands behind 38, taking its numbers away."""
    if numbers.pop(0) == 5:
        return f"colour{numbers.pop(0)}"
    return "#" + "".join([f"{numbers.pop(0):02x}" for _ in range(3)])
