"""Checks Claude Code's settings: which status line it runs, and how often."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from cache.model.jsonio import mapping, number
from statusline.commands.claude_settings.settings import KEY, REFRESH_S, settings_file
from statusline.commands.claude_settings.tick_command import is_ours
from statusline.commands.doctor_checks.result import Finding, failed, ok, skipped, warning
from statusline.commands.doctor_checks.settings_scopes import setting_of
from statusline.commands.doctor_checks.settings_values import how_to_correct, is_skipped
from statusline.commands.support.plain_text import short

if TYPE_CHECKING:
    from statusline.commands.doctor_checks.context import Context
    from statusline.commands.doctor_checks.settings_scopes import Scope

TRUE = {"1", "true", "yes", "on"}
ELSEWHERE = "any other invalid value in that file would hide it: `claude` names such values when it starts"
UNSEEN = "`claude --settings`, `--setting-sources` and `--safe-mode` can change that, and cannot be seen from here"


def settings(context: Context) -> Finding:
    """Check which status line Claude Code runs in this folder."""
    name, winner = "settings", context.line
    lost, beside = _skipped_with_our_line(context), _skipped_beside(context)
    if lost is not None and lost.name == "managed":
        text = f"Claude Code does not start with {lost.path}: {lost.trouble}"
        return failed(name, text, "Ask your administrator to correct that file.", blank=True)
    if lost is not None:
        return failed(name, is_skipped(lost.path, lost.trouble or ""), how_to_correct(lost.path), blank=True)
    if winner is None:
        path = settings_file("user", context.env, context.cwd)
        text = f"no {KEY} in {path}, nor in this folder's settings{f'; {beside}' if beside else ''}"
        return failed(name, text, "Run `statusline install`.", blank=True)
    if context.paths is None:
        return _another(context, winner)
    if winner.times > 1:
        step = f'Remove all but one "{KEY}" from {winner.path}.'
        return warning(name, f'{winner.path} has "{KEY}" {winner.times} times; the last one wins', step)
    if beside:
        step = "Correct that file; it does not hide the status line."
        return warning(name, f"hudline is the status line in {winner.path} ({winner.name}); {beside}", step)
    others = [each for each in context.scopes if each.line is not None and each is not winner]
    over = f"; it overrides {', '.join(str(each.path) for each in others)}" if others else ""
    hint = "" if winner.name == "managed" else f"; {ELSEWHERE}"
    more = f"; the command has other parts: {short(winner.command or '')}" if context.is_wrapped else ""
    return ok(name, f"hudline is the status line in {winner.path} ({winner.name}){over}{more}{hint}")


def _skipped_with_our_line(context: Context) -> Scope | None:
    """Return the file that Claude Code skips, so that our line in it is not shown, if any.

    A file that cannot be parsed may have our line; where there is no other line, it is taken to have it. With such a
    file of an administrator Claude Code does not even start.
    """
    managed = next((each for each in context.scopes if each.trouble and each.name == "managed"), None)
    if managed is not None:
        return managed
    if context.line is not None and is_ours(context.line.command):
        return None
    before = context.scopes[: context.scopes.index(context.line)] if context.line else context.scopes
    lost = [each for each in before if each.trouble]
    ours = [each for each in lost if is_ours(each.command)]
    if ours:
        return ours[0]
    by_name = {each.name: each for each in lost} if context.line is None else {}
    return by_name.get("user") or next(iter(by_name.values()), None)


def _skipped_beside(context: Context) -> str | None:
    """Return what Claude Code leaves out of the settings, though our line is shown."""
    for each in context.scopes:
        if each.trouble:
            return is_skipped(each.path, each.trouble)
        if each.ignored:
            return f"Claude Code ignores a value in {each.path}: {each.ignored}"
    return None


def _another(context: Context, winner: Scope) -> Finding:
    """Return a finding about a line that is not, or not certainly, ours; it is shown and never run."""
    written = short(winner.command or json.dumps(winner.line, ensure_ascii=False))
    shown = written if winner.command else f"without a command: {written}"
    if winner.trusted and is_ours(winner.command):
        text = f"hudline's part of the command in {winner.path} was edited, so it was not run: {shown}"
        step = f"Remove {KEY} from that file, but keep a copy of your edits, then run `statusline install`."
        return warning("settings", text, step, blank=True)
    text = f"{winner.path} ({winner.name}) has another status line, which was not run: {shown}"
    others = [each for each in context.scopes if each is not winner]
    if any(is_ours(each.command) for each in others):
        text = f"{text}; it overrides hudline's"
    steps = {
        "managed": "Ask your administrator: your settings cannot override this one.",
        "local": "Run `statusline install --scope local` here, or remove that line.",
        "project": "Run `statusline install --scope local` here: it overrides the project's line, only for you.",
        "user": "Run `statusline install`; it keeps a backup for `uninstall`.",
    }
    return failed("settings", text, steps[winner.name], blank=True)


def interval(context: Context) -> Finding:
    """Check the refresh interval and the padding."""
    name, chosen = "interval", mapping(context.line.line) if context.line and context.paths else {}
    if not context.line or not chosen:
        return skipped(name, "Claude Code's status line is not hudline's")
    seconds, path = number(chosen.get("refreshInterval")), context.line.path
    if seconds is None or seconds < 1:
        text = f"no valid refreshInterval in {KEY} in {path}: the line is not updated while idle"
        return warning(name, text, f'Add "refreshInterval": {REFRESH_S} to it (in seconds, at least 1).')
    padding = chosen.get("padding") or 0
    if padding != context.config.padding:
        text = f"padding is {padding} in {path}, and {context.config.padding} in the configuration: rows may be cut"
        return warning(name, text, f'Set "padding": {padding} in {context.config_path}.')
    return ok(name, f"updated at least every {seconds:g} s")


def hooks(context: Context) -> Finding:
    """Check that no setting turns off status lines."""
    name = "hooks"
    off, where = setting_of(context.scopes, "disableAllHooks")
    if off is True and where and where.name != "managed" and context.line and context.line.name == "managed":
        text = f"disableAllHooks in {where.path} does not turn off the status line of {context.line.path}"
        return warning(name, text, "Nothing to do for the status line: an administrator has set it.")
    if off is True and where:
        step = f'Remove "disableAllHooks" from {where.path}.'
        if where.name == "managed":
            step = "Ask your administrator: that is a managed setting."
        return failed(name, f"disableAllHooks in {where.path} also turns off the status line", step, blank=True)
    alone, where = setting_of([each for each in context.scopes if each.name == "managed"], "allowManagedHooksOnly")
    if alone is True and where and (context.line is None or context.line.name != "managed"):
        step = "Ask your administrator to allow it, or to set hudline's line there."
        return failed(name, f"allowManagedHooksOnly in {where.path}: only managed lines are run", step, blank=True)
    if context.env.get("CLAUDE_CODE_SAFE_MODE", "").lower() in TRUE:
        return failed(name, "CLAUDE_CODE_SAFE_MODE is set: no status line is run", "Unset it.", blank=True)
    return ok(name, f"no setting turns the status line off; {UNSEEN}")
